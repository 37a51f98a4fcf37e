/* Faults that are bound to what happens: which types of messages processes send each other, and
 * strands that wait for the next of a type, or for
 * what a node says for the first time since the wait began. A scenario that never asks (sys.watch)
 * pays nothing; else the type of each such message is read.
 *
 *     await_message --> [waiting] --the nth that fits--> [caught] --a timer due at once--> resumed
 *                           +------------its time is up---------------------------------> resumed
 *
 * A strand is not resumed inside the sending, but in the same instant: the message is under way
 * then, and not there yet. What is waited for as received has been handed over, but the node has
 * not looked at it. */
#include "script_parts.h"

#include "../base/json.h"
#include "../base/map.h"
#include "../base/mem.h"
#include "../sim/world.h"

#include <lauxlib.h>

enum { TYPES_MAX = 64 }; /* what comes after so many is not told apart, and never caught */
#define TYPE_NONE UINT32_MAX

struct waiter {
    uint64_t cookie; /* of the strand */
    uint32_t type;
    int64_t left;      /* until it is caught */
    endpoint_t except; /* who does not count, as sender or, if received, as receiver; or NONE */
    bool received;     /* else: sent */
    enum { OF_TYPE, NEW_TALK, NEW_ANSWER } want;
    uint64_t *seen; /* of NEW_TALK, NEW_ANSWER: by node, a bit for each type that it said */
    bool caught;
    endpoint_t src, dest; /* of the message that was */
};

struct watch {
    struct map *types;
    uint64_t counts[TYPES_MAX]; /* of messages, by type */
    bool told[TYPES_MAX];       /* clients get such messages, too */
    uint32_t refusal;           /* the type that says no (docs/protocol.md): it promises nothing */
    struct waiter *waiters;
    size_t len, cap;
};

void watch_free(struct watch *w)
{
    size_t i;

    if (w == NULL)
        return;
    map_free(w->types);
    for (i = 0; i < w->len; i++)
        mem_free(w->waiters[i].seen);
    mem_free(w->waiters);
    mem_free(w);
}

/* ---- what happens ---- */

static uint32_t type_number(struct watch *watch, struct str type)
{
    int64_t known = map_find(watch->types, type);

    if (known != MAP_NONE)
        return (uint32_t)known;
    return map_len(watch->types) < TYPES_MAX ? map_put(watch->types, type, NULL) : TYPE_NONE;
}

/* What clients ask is no news of the nodes; what they are told is. */
static bool is_news(const struct script *s, const struct message *m)
{
    return m->src < s->process_count ||
           (m->dest < s->process_count && world_kind(s->world, m->src) != ENDPOINT_CLIENT);
}

static void tell(struct script *s, struct waiter *w, const struct message *m)
{
    int32_t strand = strand_from_cookie(s, w->cookie);

    w->caught = true;
    w->src = m->src;
    w->dest = m->dest;
    if (strand != STRAND_NONE)
        strand_wake_now(s, strand);
}

static bool fits(const struct waiter *w, uint32_t type, const struct message *m, bool received)
{
    endpoint_t whose = received ? m->dest : m->src;

    return w->type == type && w->received == received && w->except != whose;
}

/* A node says something that it has not said since the wait began, and another hears it. */
static bool is_new(const struct script *s, struct waiter *w, uint32_t type, const struct message *m)
{
    bool answer = world_kind(s->world, m->dest) == ENDPOINT_CLIENT;
    uint64_t bit = (uint64_t)1 << type;

    if (m->src >= s->process_count || m->src == w->except || answer != (w->want == NEW_ANSWER) ||
        (answer && type == s->watch->refusal) || (w->seen[m->src] & bit) != 0)
        return false;
    w->seen[m->src] |= bit;
    return true;
}

void watch_saw(struct script *s, const struct message *m, bool received)
{
    struct watch *watch = s->watch;
    uint32_t type;
    size_t i;

    if (watch == NULL || !is_news(s, m))
        return;
    type = type_number(watch, json_text_at((struct str){m->body, m->body_len}, "type"));
    if (type != TYPE_NONE && !received) {
        watch->counts[type]++;
        watch->told[type] |= world_kind(s->world, m->dest) == ENDPOINT_CLIENT;
    }
    for (i = 0; i < watch->len; i++) {
        struct waiter *w = &watch->waiters[i];
        if (w->caught || type == TYPE_NONE)
            continue;
        if (w->want == OF_TYPE ? fits(w, type, m, received) : received && is_new(s, w, type, m))
            w->left--;
        if (w->left == 0)
            tell(s, w, m);
    }
}

/* ---- what Lua asks ---- */

static int sys_watch(lua_State *lua)
{
    struct script *s = script_of(lua);

    if (s->watch == NULL) {
        s->watch = mem_zalloc(sizeof(*s->watch));
        s->watch->types = map_new();
        s->watch->refusal = type_number(s->watch, STR_LIT("error"));
    }
    return 0;
}

/* sys.watched(told) -> the types of messages that there were, rare ones first: those that clients
 * get, or the others */
static int sys_watched(lua_State *lua)
{
    const struct watch *watch = script_of(lua)->watch;
    uint32_t count = watch != NULL ? map_len(watch->types) : 0;
    uint32_t order[TYPES_MAX];
    bool told = lua_toboolean(lua, 1);
    lua_Integer given = 0;
    uint32_t i, at;

    lua_newtable(lua);
    for (i = 0; i < count; i++) {
        for (at = i; at > 0 && watch->counts[order[at - 1]] > watch->counts[i]; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    for (i = 0; i < count; i++) {
        struct str type = map_text(watch->types, order[i]);
        if (watch->told[order[i]] != told || watch->counts[order[i]] == 0)
            continue;
        lua_pushlstring(lua, type.data, type.len);
        lua_rawseti(lua, -2, ++given);
    }
    return 1;
}

/* Gives sender and receiver, or nothing if the time was up first. */
static int after_await(lua_State *lua, int status, lua_KContext cookie)
{
    struct watch *watch = script_of(lua)->watch;
    struct waiter w = {.caught = false};
    size_t i;

    (void)status;
    for (i = 0; i < watch->len && watch->waiters[i].cookie != (uint64_t)cookie; i++)
        ;
    w = watch->waiters[i];
    watch->waiters[i] = watch->waiters[--watch->len];
    mem_free(w.seen);
    if (!w.caught)
        return 0;
    lua_pushinteger(lua, w.src);
    lua_pushinteger(lua, w.dest);
    return 2;
}

static endpoint_t node_or_none(lua_State *lua, int place)
{
    return lua_isnoneornil(lua, place) ? ENDPOINT_NONE : sys_node_arg(lua, place);
}

static int await(lua_State *lua, struct waiter *w, int64_t until_ns)
{
    struct script *s = script_of(lua);
    struct watch *watch = s->watch;

    sys_need_strand(lua);
    w->cookie = strand_cookie(s, s->running);
    watch->waiters = mem_grow(watch->waiters, &watch->cap, watch->len + 1, sizeof(*w));
    watch->waiters[watch->len++] = *w;
    strand_wait(s, until_ns);
    return lua_yieldk(lua, 0, (lua_KContext)w->cookie, after_await);
}

/* sys.await_news(answers, nth, until_ns, except or nil): the nth time that a node says what it has
 * not said since, to other nodes or, with answers, to clients. After sys.watch(). */
static int sys_await_news(lua_State *lua)
{
    struct script *s = script_of(lua);
    struct waiter w = {.want = lua_toboolean(lua, 1) ? NEW_ANSWER : NEW_TALK,
                       .left = luaL_checkinteger(lua, 2)};
    int64_t until_ns = luaL_checkinteger(lua, 3);

    luaL_argcheck(lua, w.left >= 1, 2, "from 1");
    luaL_argcheck(lua, until_ns < INT64_MAX, 3, "a time");
    if (s->watch == NULL)
        return luaL_error(lua, "nothing is watched");
    w.except = node_or_none(lua, 4);
    w.seen = mem_zalloc(s->process_count * sizeof(*w.seen));
    return await(lua, &w, until_ns);
}

/* sys.await_message(type, received, nth, until_ns, except or nil); after sys.watch() */
static int sys_await_message(lua_State *lua)
{
    struct script *s = script_of(lua);
    struct watch *watch = s->watch;
    struct waiter w = {.received = lua_toboolean(lua, 2), .left = luaL_checkinteger(lua, 3)};
    int64_t until_ns = luaL_checkinteger(lua, 4);

    luaL_argcheck(lua, w.left >= 1, 3, "from 1");
    luaL_argcheck(lua, until_ns < INT64_MAX, 4, "a time");
    if (watch == NULL)
        return luaL_error(lua, "nothing is watched");
    w.type = type_number(watch, str_of(luaL_checkstring(lua, 1)));
    w.except = node_or_none(lua, 5);
    return await(lua, &w, until_ns);
}

void watch_open(lua_State *lua)
{
    static const luaL_Reg functions[] = {
        {"watch", sys_watch},
        {"watched", sys_watched},
        {"await_message", sys_await_message},
        {"await_news", sys_await_news},
        {NULL, NULL},
    };

    luaL_setfuncs(lua, functions, 0);
}
