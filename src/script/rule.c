/* Each rule is a row here and a function in Lua (rule.lua), which is called for messages that pass
 * the row: so the many messages that no rule is for cost a few comparisons, and what a rule does,
 * with all its questions and counts, is written in Lua. The function gets the message's id and
 * says:
 *
 *   drop, delay_ns, copies, body, hold
 *
 * drop and hold are booleans, delay_ns is added to what the world drew, copies is a list of delays
 * of further copies beside the first, body replaces the body. A message with another body keeps its
 * id: it is one message that somebody tampered with.
 *
 * A message that is held back (the first of two that change places) is kept in the row; when the
 * next one passes, rule.lua lets it go, just behind that one. Letting go and setting out with
 * another body both happen by a timer that is due at once, since the world is in the middle of
 * sending when it asks. */
#include "rule.h"

#include "script_parts.h"

#include "../base/mem.h"
#include "../sim/world.h"
#include "observe.h"
#include "value.h"

#include <lauxlib.h>

#ifndef PLANT_SCRIPT /* tests/planted/scenario.sh: bugs that the tests must find */
#define PLANT_SCRIPT 0
#endif

enum { RULES_MAX = 1000 };

struct rule {
    endpoint_t from, to; /* ENDPOINT_NONE: anybody */
    char *type;          /* NULL: any */
    int act;             /* the function, in the registry */
    bool on;
    struct message *held; /* NULL: none */
};

/* What waits for its timer; m NULL: it has gone. */
struct leaving {
    struct message *m;
    int64_t delay_ns;
};

struct rules {
    struct rule *rows;
    size_t len, cap;
    size_t on_count;
    struct leaving *leaving;
    size_t leaving_len, leaving_cap;
    size_t leaving_gone; /* all of them: the list begins anew */
};

struct rules *rules_new(void)
{
    return mem_zalloc(sizeof(struct rules));
}

void rules_free(struct rules *r)
{
    size_t i;

    if (r == NULL)
        return;
    for (i = 0; i < r->len; i++) {
        mem_free(r->rows[i].type);
        message_drop(r->rows[i].held);
    }
    for (i = 0; i < r->leaving_len; i++)
        message_drop(r->leaving[i].m);
    mem_free(r->leaving);
    mem_free(r->rows);
    mem_free(r);
}

/* ---- a message sets out ---- */

static bool passes(struct script *s, const struct rule *rule, const struct message *m)
{
    struct observe *o = s->task->observe;

    return rule->on && (rule->from == ENDPOINT_NONE || rule->from == m->src) &&
           (rule->to == ENDPOINT_NONE || rule->to == m->dest || PLANT_SCRIPT == 1) &&
           (rule->type == NULL ||
            str_is(observe_type_text(o, observe_at(o, m->id)->type), rule->type));
}

static void on_leave(void *owner, uint64_t place)
{
    struct script *s = owner;
    struct rules *r = s->task->rules;
    struct leaving *l = &r->leaving[place];

    world_let_go(s->world, l->m, l->delay_ns);
    l->m = NULL;
    if (++r->leaving_gone == r->leaving_len)
        r->leaving_gone = r->leaving_len = 0;
}

/* Takes over one reference to m. */
static void leave_soon(struct script *s, struct message *m, int64_t delay_ns)
{
    struct rules *r = s->task->rules;

    r->leaving = mem_grow(r->leaving, &r->leaving_cap, r->leaving_len + 1, sizeof(*r->leaving));
    r->leaving[r->leaving_len] = (struct leaving){m, delay_ns};
    world_at(s->world, world_now(s->world), on_leave, s, r->leaving_len++);
}

struct asking {
    struct rule *rule;
    const struct message *m;
    struct message_fate *fate;
};

static void add_copies(lua_State *lua, int list, struct message_fate *fate)
{
    int64_t first_ns = fate->delay_ns[0];
    lua_Integer i;

    for (i = 1; lua_rawgeti(lua, list, i) != LUA_TNIL; i++) {
        if (fate->copies == MESSAGE_COPIES_MAX)
            luaL_error(lua, "a message has at most %d copies", MESSAGE_COPIES_MAX);
        fate->delay_ns[fate->copies++] = first_ns + lua_tointeger(lua, -1);
        lua_pop(lua, 1);
    }
    lua_pop(lua, 1);
}

/* In Lua: a struct asking; calls its rule's function and does what that says. */
static int ask(lua_State *lua)
{
    struct script *s = script_of(lua);
    struct asking *a = lua_touserdata(lua, 1);
    struct message_fate *fate = a->fate;
    uint32_t i;

    lua_rawgeti(lua, LUA_REGISTRYINDEX, a->rule->act);
    lua_pushinteger(lua, (lua_Integer)a->m->id);
    lua_call(lua, 1, 5); /* drop, delay_ns, copies, body, hold at 2 .. 6 */
    fate->drop = fate->drop || lua_toboolean(lua, 2);
    for (i = 0; i < fate->copies; i++)
        fate->delay_ns[i] += lua_tointeger(lua, 3);
    if (lua_istable(lua, 4))
        add_copies(lua, 4, fate);
    if (lua_istable(lua, 5) && !fate->drop) {
        buf_reset(&s->scratch_canonical);
        value_add_json(lua, 5, &s->scratch_canonical);
        for (i = 0; i < fate->copies; i++)
            leave_soon(s, message_with_body(a->m, buf_str(&s->scratch_canonical)),
                       fate->delay_ns[i]);
        fate->hold = true;
    }
    if (lua_toboolean(lua, 6) && !fate->drop) {
        a->rule->held = message_hold((struct message *)(uintptr_t)a->m);
        fate->hold = true;
    } else if (a->rule->held != NULL) {
        if (PLANT_SCRIPT != 2)
            leave_soon(s, a->rule->held, fate->delay_ns[0]);
        a->rule->held = NULL;
    }
    return 0;
}

void script_fate(void *script, const struct message *m, struct message_fate *fate)
{
    struct script *s = script;
    struct rules *r = s->task != NULL ? s->task->rules : NULL;
    size_t i;

    if (r == NULL || r->on_count == 0 || s->done || s->stopped)
        return;
    for (i = 0; i < r->len && !fate->drop && !fate->hold; i++) {
        struct asking a = {&r->rows[i], m, fate};

        if (!passes(s, &r->rows[i], m))
            continue;
        lua_pushcfunction(s->lua, ask);
        lua_pushlightuserdata(s->lua, &a);
        if (lua_pcall(s->lua, 1, 0, 0) != LUA_OK) {
            script_fail(s, lua_tostring(s->lua, -1));
            lua_pop(s->lua, 1);
            return;
        }
    }
}

/* ---- what Lua asks for ---- */

/* Where a name is that of somebody, it must be: a rule for nobody is a mistake. */
static endpoint_t end_arg(lua_State *lua, int arg)
{
    return lua_isnil(lua, arg) ? ENDPOINT_NONE : sys_dest_arg(lua, arg);
}

/* sys.rule(from or nil, to or nil, type or nil, function) -> its number */
static int sys_rule(lua_State *lua)
{
    struct rules *r = script_of(lua)->task->rules;
    struct rule rule = {.from = end_arg(lua, 1), .to = end_arg(lua, 2), .on = true};
    const char *type = luaL_optstring(lua, 3, NULL);

    luaL_checktype(lua, 4, LUA_TFUNCTION);
    if (r->len >= RULES_MAX)
        return luaL_error(lua, "more than %d rules", RULES_MAX);
    lua_settop(lua, 4);
    rule.act = luaL_ref(lua, LUA_REGISTRYINDEX);
    rule.type = type != NULL ? mem_strdup(type) : NULL;
    r->rows = mem_grow(r->rows, &r->cap, r->len + 1, sizeof(*r->rows));
    r->rows[r->len++] = rule;
    r->on_count++;
    lua_pushinteger(lua, (lua_Integer)r->len);
    return 1;
}

/* sys.rule_off(number): a message that it holds back goes on its way */
static int sys_rule_off(lua_State *lua)
{
    struct script *s = script_of(lua);
    struct rules *r = s->task->rules;
    lua_Integer number = luaL_checkinteger(lua, 1);
    struct rule *rule;

    luaL_argcheck(lua, number >= 1 && (size_t)number <= r->len, 1, "no such rule");
    rule = &r->rows[number - 1];
    if (!rule->on)
        return 0;
    rule->on = false;
    r->on_count--;
    if (rule->held != NULL)
        leave_soon(s, rule->held, 0);
    rule->held = NULL;
    return 0;
}

void rule_open(lua_State *lua)
{
    static const luaL_Reg functions[] = {
        {"rule", sys_rule},
        {"rule_off", sys_rule_off},
        {NULL, NULL},
    };

    luaL_setfuncs(lua, functions, 0);
}
