/* Clients and peers of a task live in Lua (member.lua): what comes for them is read there, matched
 * to calls by table, and handed to strands. Here is the way in: one function of Lua, kept in the
 * registry, called for each message that arrives.
 *
 * Strands that await something look again after each event: a message sent, delivered or lost, an
 * exit, a line of stderr. They are woken together by one timer that is due at once, so an instant
 * in which thousands of messages arrive asks them once and not thousands of times. */
#include "script_parts.h"

#include "../base/mem.h"
#include "../sim/world.h"
#include "value.h"

#include <lauxlib.h>

static const char handler_key = 'm'; /* its address is the key in the registry */

/* In Lua: a message; calls handler(endpoint, body, id, from, sent_ns). */
static int deliver(lua_State *lua)
{
    struct script *s = script_of(lua);
    const struct message *m = lua_touserdata(lua, 1);
    struct str from = world_name(s->world, m->src);

    lua_rawgetp(lua, LUA_REGISTRYINDEX, &handler_key);
    lua_pushinteger(lua, m->dest);
    if (!value_push_json(lua, (struct str){m->body, m->body_len}))
        return luaL_error(lua, "message %d cannot be read", (int)m->id);
    lua_pushinteger(lua, (lua_Integer)m->id);
    lua_pushlstring(lua, from.data, from.len);
    lua_pushinteger(lua, m->sent_ns);
    lua_call(lua, 5, 0);
    return 0;
}

void member_deliver(struct script *s, const struct message *m)
{
    if (s->stopped || s->done)
        return;
    s->steps = 0;
    lua_pushcfunction(s->lua, deliver);
    lua_pushlightuserdata(s->lua, (void *)(uintptr_t)m);
    if (lua_pcall(s->lua, 1, 0, 0) != LUA_OK) {
        script_fail(s, lua_tostring(s->lua, -1));
        lua_pop(s->lua, 1);
    }
}

/* ---- awaiting ---- */

/* passes: how often it still goes behind what else is due in this instant, such as the arrival of
 * the message whose sending was the event. */
static void on_wake(void *owner, uint64_t passes)
{
    struct script *s = owner;
    struct task *t = s->task;
    uint64_t *woken = t->awaiting;
    size_t len = t->awaiting_len;
    size_t i;

    if (passes > 0) {
        world_at(s->world, world_now(s->world), on_wake, s, passes - 1);
        return;
    }
    t->awaiting = NULL;
    t->awaiting_len = t->awaiting_cap = 0;
    t->wake_due = false;
    for (i = 0; i < len; i++) {
        int32_t strand = strand_from_cookie(s, woken[i]);

        if (strand == STRAND_NONE)
            continue;
        s->strands[strand].listed = false;
        if (!s->strands[strand].awaiting || s->done || s->stopped)
            continue; /* its time was up before */
        strand_unpark(s, strand);
        lua_pushboolean(s->strands[strand].co, 1);
        strand_resume(s, strand, 1);
    }
    mem_free(woken);
}

void member_event(struct script *s)
{
    struct task *t = s->task;

    if (t == NULL || t->wake_due || t->awaiting_len == 0)
        return;
    t->wake_due = true;
    world_at(s->world, world_now(s->world), on_wake, s, 1);
}

/* sys.await_event(until_ns) -> true after an event, or nothing at that time */
static int sys_await_event(lua_State *lua)
{
    struct script *s = script_of(lua);
    struct task *t = s->task;
    int64_t until_ns = luaL_checkinteger(lua, 1);
    struct strand *strand;

    sys_need_strand(lua);
    strand = &s->strands[s->running];
    if (!strand->listed) {
        t->awaiting =
            mem_grow(t->awaiting, &t->awaiting_cap, t->awaiting_len + 1, sizeof(*t->awaiting));
        t->awaiting[t->awaiting_len++] = strand_cookie(s, s->running);
    }
    strand->listed = strand->awaiting = true;
    strand_park(s, until_ns);
    return lua_yield(lua, 0);
}

/* ---- what Lua asks for ---- */

/* sys.on_message(function): whom messages to clients and peers go to */
static int sys_on_message(lua_State *lua)
{
    luaL_checktype(lua, 1, LUA_TFUNCTION);
    lua_settop(lua, 1);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &handler_key);
    return 0;
}

/* sys.member_client() -> endpoint, name */
static int sys_member_client(lua_State *lua)
{
    struct script *s = script_of(lua);
    uint32_t e = client_new(s);
    struct str name = world_name(s->world, e);

    s->clients[s->client_len - 1].in_task = true;
    lua_pushinteger(lua, e);
    lua_pushlstring(lua, name.data, name.len);
    return 2;
}

/* sys.send_as(endpoint, dest, body) -> the message's id; the endpoint is a client or a peer */
static int sys_send_as(lua_State *lua)
{
    struct script *s = script_of(lua);
    uint32_t from = (uint32_t)luaL_checkinteger(lua, 1);
    uint32_t dest = sys_dest_arg(lua, 2);

    luaL_checktype(lua, 3, LUA_TTABLE);
    buf_reset(&s->scratch);
    value_add_json(lua, 3, &s->scratch);
    lua_pushinteger(lua, (lua_Integer)world_send(s->world, from, dest, buf_str(&s->scratch)));
    return 1;
}

void member_open(lua_State *lua)
{
    static const luaL_Reg functions[] = {
        {"await_event", sys_await_event},
        {"on_message", sys_on_message},
        {"member_client", sys_member_client},
        {"send_as", sys_send_as},
        {NULL, NULL},
    };

    luaL_setfuncs(lua, functions, 0);
}
