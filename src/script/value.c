#include "value.h"

#include "../base/assert.h"
#include "../base/json.h"
#include "../base/mem.h"

#include <lauxlib.h>
#include <lua.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char array_mt[] = "eddy.array";
static const char number_mt[] = "eddy.number";

/* ---- JSON to Lua ---- */

/* A number that Lua cannot hold: a table that keeps its text. */
static void push_text_number(lua_State *lua, struct str text)
{
    lua_createtable(lua, 1, 0);
    lua_pushlstring(lua, text.data, text.len);
    lua_rawseti(lua, -2, 1);
    luaL_setmetatable(lua, number_mt);
}

static bool is_whole(struct str text)
{
    return memchr(text.data, '.', text.len) == NULL && memchr(text.data, 'e', text.len) == NULL &&
           memchr(text.data, 'E', text.len) == NULL;
}

static void push_number(lua_State *lua, struct str text)
{
    int64_t integer;
    double real;

    if (json_to_i64(text, &integer)) {
        lua_pushinteger(lua, integer);
        return;
    }
    real = json_to_double(text);
    if (is_whole(text) || !isfinite(real))
        push_text_number(lua, text);
    else
        lua_pushnumber(lua, real);
}

static void push_string(lua_State *lua, struct str inside)
{
    struct buf out = {0};

    if (memchr(inside.data, '\\', inside.len) == NULL) {
        lua_pushlstring(lua, inside.data, inside.len);
        return;
    }
    json_unescape(&out, inside);
    lua_pushlstring(lua, out.data != NULL ? out.data : "", out.len);
    buf_release(&out);
}

/* Pushes the value whose first token the reader has just read. */
static bool push_value(lua_State *lua, struct json_reader *r)
{
    enum json_kind kind = r->kind;
    lua_Integer i = 0;

    if (!lua_checkstack(lua, 8))
        return false;
    switch (kind) {
    case JSON_AT_NULL:
        lua_pushlightuserdata(lua, NULL);
        return true;
    case JSON_AT_TRUE:
    case JSON_AT_FALSE:
        lua_pushboolean(lua, kind == JSON_AT_TRUE);
        return true;
    case JSON_AT_NUMBER:
        push_number(lua, r->text);
        return true;
    case JSON_AT_STRING:
        push_string(lua, r->text);
        return true;
    case JSON_AT_ARRAY:
        lua_createtable(lua, 4, 0);
        luaL_setmetatable(lua, array_mt);
        while (json_next(r) != JSON_AT_ARRAY_END) {
            if (r->kind == JSON_AT_ERROR || !push_value(lua, r))
                return false;
            lua_rawseti(lua, -2, ++i);
        }
        return true;
    case JSON_AT_OBJECT:
        lua_createtable(lua, 0, 4);
        while (json_next(r) == JSON_AT_KEY) {
            push_string(lua, r->text);
            json_next(r);
            if (!push_value(lua, r))
                return false;
            lua_rawset(lua, -3);
        }
        return r->kind == JSON_AT_OBJECT_END;
    default:
        return false;
    }
}

bool value_push_json(lua_State *lua, struct str text)
{
    struct json_reader r;
    int top = lua_gettop(lua);

    json_reader_init(&r, text);
    json_next(&r);
    if (push_value(lua, &r) && json_next(&r) == JSON_AT_END)
        return true;
    lua_settop(lua, top);
    return false;
}

/* ---- Lua to JSON ---- */

static void add_value(lua_State *lua, int index, struct buf *out, int depth);

static void add_double(lua_State *lua, double d, struct buf *out)
{
    char text[40];
    int precision = 15;

    if (!isfinite(d))
        luaL_error(lua, "%f cannot be written as JSON", d);
    do
        snprintf(text, sizeof(text), "%.*g", precision, d);
    while (strtod(text, NULL) != d && ++precision <= 17);
    buf_add_text(out, text);
    if (strpbrk(text, ".e") == NULL)
        buf_add_text(out, ".0");
}

static void add_array(lua_State *lua, int index, struct buf *out, int depth)
{
    lua_Integer len = (lua_Integer)lua_rawlen(lua, index);
    lua_Integer i;

    buf_add_char(out, '[');
    for (i = 1; i <= len; i++) {
        if (i > 1)
            buf_add_char(out, ',');
        lua_rawgeti(lua, index, i);
        add_value(lua, lua_gettop(lua), out, depth);
        lua_pop(lua, 1);
    }
    buf_add_char(out, ']');
}

static int compare_keys(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

enum { KEYS_INLINE = 16 };

/* The keys of the table at index, sorted; they stay valid while the table holds them. The array is
 * inline_keys or, for larger tables, a userdata left on top of the stack (else nil is). */
static struct str *sorted_keys(lua_State *lua, int index, struct str *inline_keys,
                               size_t *ret_count)
{
    struct str *keys = inline_keys;
    size_t count = 0;

    for (lua_pushnil(lua); lua_next(lua, index); lua_pop(lua, 1)) {
        if (lua_type(lua, -2) != LUA_TSTRING)
            luaL_error(lua, "only strings can be keys of a JSON object, not a %s",
                       luaL_typename(lua, -2));
        count++;
    }
    if (count > KEYS_INLINE)
        keys = lua_newuserdatauv(lua, count * sizeof(*keys), 0);
    else
        lua_pushnil(lua);
    count = 0;
    for (lua_pushnil(lua); lua_next(lua, index); lua_pop(lua, 1)) {
        struct str *key = &keys[count++];
        key->data = lua_tolstring(lua, -2, &key->len);
    }
    qsort(keys, count, sizeof(*keys), compare_keys);
    *ret_count = count;
    return keys;
}

static void add_object(lua_State *lua, int index, struct buf *out, int depth)
{
    struct str inline_keys[KEYS_INLINE];
    size_t count;
    size_t i;
    struct str *keys = sorted_keys(lua, index, inline_keys, &count);

    buf_add_char(out, '{');
    for (i = 0; i < count; i++) {
        if (i > 0)
            buf_add_char(out, ',');
        json_quote(out, keys[i]);
        buf_add_char(out, ':');
        lua_pushlstring(lua, keys[i].data, keys[i].len);
        lua_rawget(lua, index);
        add_value(lua, lua_gettop(lua), out, depth);
        lua_pop(lua, 1);
    }
    buf_add_char(out, '}');
    lua_pop(lua, 1);
}

/* Whether the table at index is marked with the metatable called name. */
static bool has_metatable(lua_State *lua, int index, const char *name)
{
    bool same;

    if (!lua_getmetatable(lua, index))
        return false;
    luaL_getmetatable(lua, name);
    same = lua_rawequal(lua, -1, -2);
    lua_pop(lua, 2);
    return same;
}

static void add_table(lua_State *lua, int index, struct buf *out, int depth)
{
    if (depth > VALUE_DEPTH_MAX)
        luaL_error(lua, "a value nested deeper than %d cannot be written as JSON", VALUE_DEPTH_MAX);
    luaL_checkstack(lua, 8, "nested value");
    if (has_metatable(lua, index, number_mt)) {
        size_t len;
        const char *digits;
        lua_rawgeti(lua, index, 1);
        digits = lua_tolstring(lua, -1, &len);
        buf_add(out, digits, len);
        lua_pop(lua, 1);
    } else if (lua_rawlen(lua, index) > 0 || has_metatable(lua, index, array_mt)) {
        add_array(lua, index, out, depth + 1);
    } else {
        add_object(lua, index, out, depth + 1);
    }
}

static void add_value(lua_State *lua, int index, struct buf *out, int depth)
{
    struct str text;

    switch (lua_type(lua, index)) {
    case LUA_TNIL:
        buf_add_text(out, "null");
        break;
    case LUA_TLIGHTUSERDATA:
        buf_add_text(out, "null");
        break;
    case LUA_TBOOLEAN:
        buf_add_text(out, lua_toboolean(lua, index) ? "true" : "false");
        break;
    case LUA_TNUMBER:
        if (lua_isinteger(lua, index))
            buf_add_i64(out, lua_tointeger(lua, index));
        else
            add_double(lua, lua_tonumber(lua, index), out);
        break;
    case LUA_TSTRING:
        text.data = lua_tolstring(lua, index, &text.len);
        json_quote(out, text);
        break;
    case LUA_TTABLE:
        add_table(lua, index, out, depth);
        break;
    default:
        luaL_error(lua, "a %s cannot be written as JSON", luaL_typename(lua, index));
    }
}

void value_add_json(lua_State *lua, int index, struct buf *out)
{
    add_value(lua, lua_absindex(lua, index), out, 0);
}

/* ---- globals ---- */

static int lua_array(lua_State *lua)
{
    if (lua_isnoneornil(lua, 1)) {
        lua_settop(lua, 0);
        lua_newtable(lua);
    }
    luaL_checktype(lua, 1, LUA_TTABLE);
    luaL_setmetatable(lua, array_mt);
    return 1;
}

static int lua_is_array(lua_State *lua)
{
    lua_pushboolean(lua, lua_istable(lua, 1) && has_metatable(lua, 1, array_mt));
    return 1;
}

/* A userdata with __gc holds the buffer, so that an error while writing does not leak it. */
static int buf_gc(lua_State *lua)
{
    buf_release(lua_touserdata(lua, 1));
    return 0;
}

static int lua_json_text(lua_State *lua)
{
    struct buf *text = lua_newuserdatauv(lua, sizeof(*text), 0);
    struct buf canonical = {0};
    bool fine;

    *text = (struct buf){0};
    luaL_setmetatable(lua, "eddy.buf");
    value_add_json(lua, 1, text);
    fine = json_canonical(&canonical, buf_str(text));
    ASSERT(fine); /* we have just written it */
    lua_pushlstring(lua, canonical.data, canonical.len);
    buf_release(&canonical);
    return 1;
}

/* The JSON spelling of a whole number too large for Lua. */
static int number_tostring(lua_State *lua)
{
    lua_rawgeti(lua, 1, 1);
    return 1;
}

void value_open(lua_State *lua)
{
    luaL_newmetatable(lua, array_mt);
    lua_pushliteral(lua, "array");
    lua_setfield(lua, -2, "__metatable");
    luaL_newmetatable(lua, number_mt);
    lua_pushcfunction(lua, number_tostring);
    lua_setfield(lua, -2, "__tostring");
    lua_pushliteral(lua, "number");
    lua_setfield(lua, -2, "__metatable");
    luaL_newmetatable(lua, "eddy.buf");
    lua_pushcfunction(lua, buf_gc);
    lua_setfield(lua, -2, "__gc");
    lua_pop(lua, 3);

    lua_pushlightuserdata(lua, NULL);
    lua_setglobal(lua, "null");
    lua_register(lua, "array", lua_array);
    lua_register(lua, "is_array", lua_is_array);
    lua_register(lua, "json_text", lua_json_text);
}
