#include "value.h"

#include "../base/test.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <math.h>

static lua_State *open_state(void)
{
    lua_State *lua = luaL_newstate();

    luaL_openlibs(lua);
    value_open(lua);
    return lua;
}

static int write_it(lua_State *lua)
{
    value_add_json(lua, 1, lua_touserdata(lua, 2));
    return 0;
}

/* Writes the value on top and pops it; on failure the text is the error. */
static const char *written(lua_State *lua)
{
    static char said[4096];
    struct buf out = {0};

    lua_pushcfunction(lua, write_it);
    lua_insert(lua, -2);
    lua_pushlightuserdata(lua, &out);
    if (lua_pcall(lua, 2, 0, 0) != LUA_OK)
        snprintf(said, sizeof(said), "error: %s", lua_tostring(lua, -1));
    else
        snprintf(said, sizeof(said), "%s", out.data);
    lua_settop(lua, 0);
    buf_release(&out);
    return said;
}

static const char *round_trip(const char *json)
{
    static char said[4096];
    lua_State *lua = open_state();

    if (!value_push_json(lua, str_of(json))) {
        CHECK_INT(lua_gettop(lua), 0);
        lua_close(lua);
        return "refused";
    }
    CHECK_INT(lua_gettop(lua), 1);
    snprintf(said, sizeof(said), "%s", written(lua));
    lua_close(lua);
    return said;
}

/* What a Lua expression is as JSON. */
static const char *lua_as_json(const char *expression)
{
    static char said[4096];
    lua_State *lua = open_state();
    char chunk[1024];

    snprintf(chunk, sizeof(chunk), "return %s", expression);
    CHECK_INT(luaL_dostring(lua, chunk), LUA_OK);
    snprintf(said, sizeof(said), "%s", written(lua));
    lua_close(lua);
    return said;
}

TEST(what_json_says_comes_back_as_it_was)
{
    static const char *const texts[] = {
        "null",
        "true",
        "false",
        "0",
        "-17",
        "9223372036854775807",
        "-9223372036854775808",
        "1.5",
        "1.0",
        "\"\"",
        "\"a\\\"b\\\\c\"",
        "\"\xc3\xa4 \xf0\x9f\x98\x80\"",
        "[]",
        "{}",
        "[[],{},[null]]",
        "[1,null,2]",
        "[null,null]",
        "{\"a\":1,\"b\":[{\"c\":null}],\"z\":{}}",
    };
    size_t i;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        CHECK_TEXT(round_trip(texts[i]), texts[i]);
}

/* A double cannot hold them; as texts of digits they survive. */
TEST(whole_numbers_of_any_size_keep_their_digits)
{
    CHECK_TEXT(round_trip("9223372036854775808"), "9223372036854775808");
    CHECK_TEXT(round_trip("-9223372036854775809"), "-9223372036854775809");
    CHECK_TEXT(round_trip("[123456789012345678901234567890]"), "[123456789012345678901234567890]");
}

TEST(floats_keep_their_value_and_stay_floats)
{
    CHECK_TEXT(round_trip("0.1"), "0.1");
    CHECK_TEXT(round_trip("100000000000000000000.0"), "1e+20");
    CHECK_TEXT(round_trip("1e2"), "100.0");
    CHECK_TEXT(round_trip("0.30000000000000004"), "0.30000000000000004");
    CHECK_TEXT(round_trip("5e-324"), "4.94065645841247e-324");
}

/* Beyond the range of double; what a node answers must not become an error of the scenario. */
TEST(floats_beyond_double_keep_their_text)
{
    CHECK_TEXT(round_trip("1e400"), "1e400");
    CHECK_TEXT(round_trip("-1.5E999"), "-1.5E999");
}

TEST(keys_are_sorted_and_the_last_of_two_equal_ones_counts)
{
    CHECK_TEXT(round_trip("{\"b\":1,\"a\":2,\"b\":3}"), "{\"a\":2,\"b\":3}");
    CHECK_TEXT(round_trip("{\"\\u0061\":1}"), "{\"a\":1}");
    CHECK_TEXT(
        lua_as_json("{ z = 1, a = 2, m = 3, b = 4, c = 5, d = 6, e = 7, f = 8, g = 9, h = 10,"
                    "i = 11, j = 12, k = 13, l = 14, n = 15, o = 16, p = 17 }"),
        "{\"a\":2,\"b\":4,\"c\":5,\"d\":6,\"e\":7,\"f\":8,\"g\":9,\"h\":10,\"i\":11,\"j\":12,"
        "\"k\":13,\"l\":14,\"m\":3,\"n\":15,\"o\":16,\"p\":17,\"z\":1}");
}

TEST(what_is_not_json_is_refused_and_leaves_nothing)
{
    static const char *const texts[] = {"",    " ",       "{",        "[1,]", "nul",
                                        "1 2", "{\"a\"}", "\"\xff\"", "[1",   "{\"a\":1,}",
                                        "01",  "+1",      "NaN"};
    size_t i;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        CHECK_TEXT(round_trip(texts[i]), "refused");
}

TEST(depth_has_the_same_limit_in_and_out)
{
    char text[2 * VALUE_DEPTH_MAX + 8];
    int depth;

    for (depth = VALUE_DEPTH_MAX - 1; depth <= VALUE_DEPTH_MAX + 1; depth++) {
        memset(text, '[', (size_t)depth);
        memset(text + depth, ']', (size_t)depth);
        text[2 * depth] = '\0';
        CHECK_TEXT(round_trip(text), depth <= VALUE_DEPTH_MAX ? text : "refused");
    }
}

TEST(lua_tables_become_objects_and_lists)
{
    CHECK_TEXT(lua_as_json("{}"), "{}");
    CHECK_TEXT(lua_as_json("array {}"), "[]");
    CHECK_TEXT(lua_as_json("{ 1, 2 }"), "[1,2]");
    CHECK_TEXT(lua_as_json("array { null, 'x' }"), "[null,\"x\"]");
    CHECK_TEXT(lua_as_json("{ a = null }"), "{\"a\":null}");
    CHECK_TEXT(lua_as_json("1.0"), "1.0");
    CHECK_TEXT(lua_as_json("1 // 1"), "1");
    CHECK_TEXT(lua_as_json("-0.0"), "-0.0");
}

TEST(what_json_cannot_say_is_an_error_that_says_what)
{
    CHECK_HAS(lua_as_json("print"), "error: ");
    CHECK_HAS(lua_as_json("print"), "function");
    CHECK_HAS(lua_as_json("0/0"), "cannot be written as JSON");
    CHECK_HAS(lua_as_json("1/0"), "inf cannot be written as JSON");
    CHECK_HAS(lua_as_json("{ [true] = 1 }"),
              "only strings can be keys of a JSON object, not a boolean");
    CHECK_HAS(lua_as_json("(function() local t = {}; t.t = t; return t end)()"),
              "nested deeper than 64 cannot be written as JSON");
    CHECK_HAS(lua_as_json("coroutine.create(print)"), "error: ");
}

TEST(lists_and_null_are_known_in_lua)
{
    CHECK_TEXT(lua_as_json("{ is_array(array {}), is_array({}), is_array(null), null == null }"),
               "[true,false,false,true]");
    CHECK_TEXT(lua_as_json("json_text({ b = array { 1, 2.5 }, a = null })"),
               "\"{\\\"a\\\":null,\\\"b\\\":[1,2.5]}\"");
}
