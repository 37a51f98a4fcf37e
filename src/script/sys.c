/* The table `sys`: the few things that Lua may ask of the world. prelude.lua builds everything that
 * scenario authors see on top of it and then hides it. Times are integers in ns, nodes are numbers
 * from 0, clients are endpoints; arguments are checked there, so a wrong one here is a Lua error.
 */
#include "script_parts.h"

#include "../base/embedded.h"
#include "../base/json.h"
#include "../base/mem.h"
#include "../base/prng.h"
#include "../check/history.h"
#include "../sim/partition.h"
#include "../sim/streams.h"
#include "../sim/topology.h"
#include "../sim/world.h"
#include "value.h"

#include <lauxlib.h>
#include <string.h>

uint32_t sys_node_arg(lua_State *lua, int arg)
{
    const struct world *w = script_of(lua)->world;
    struct str name;
    lua_Integer node;

    if (lua_type(lua, arg) == LUA_TSTRING) {
        name.data = lua_tolstring(lua, arg, &name.len);
        node = world_find(w, name);
    } else {
        node = luaL_checkinteger(lua, arg);
    }
    luaL_argcheck(lua, node >= 0 && node < world_node_count(w), arg, "no such node");
    return (uint32_t)node;
}

static uint32_t client_arg(lua_State *lua, int arg)
{
    struct script *s = script_of(lua);
    lua_Integer e = luaL_checkinteger(lua, arg);

    luaL_argcheck(lua, e >= s->first_client && e - s->first_client < (lua_Integer)s->client_len,
                  arg, "no such client");
    return (uint32_t)e;
}

/* A node's number or an endpoint's name. */
uint32_t sys_dest_arg(lua_State *lua, int arg)
{
    struct script *s = script_of(lua);
    struct str name;
    endpoint_t e;

    if (lua_type(lua, arg) != LUA_TSTRING)
        return sys_node_arg(lua, arg);
    name.data = lua_tolstring(lua, arg, &name.len);
    e = world_find(s->world, name);
    if (e == ENDPOINT_NONE)
        luaL_error(lua, "no node, service or client is called \"%s\"", name.data);
    return e;
}

void sys_need_strand(lua_State *lua)
{
    if (script_of(lua)->running == STRAND_NONE || !lua_isyieldable(lua))
        luaL_error(lua, "waiting is only possible while the scenario runs");
}

/* ---- time and strands ---- */

static int sys_now(lua_State *lua)
{
    lua_pushinteger(lua, world_now(script_of(lua)->world));
    return 1;
}

static int sys_sleep_until(lua_State *lua)
{
    int64_t due_ns = luaL_checkinteger(lua, 1);

    sys_need_strand(lua);
    strand_wait(script_of(lua), due_ns);
    return lua_yield(lua, 0);
}

static int sys_spawn(lua_State *lua)
{
    struct script *s = script_of(lua);
    int32_t strand;

    luaL_checktype(lua, 1, LUA_TFUNCTION);
    strand = strand_spawn(s, lua, lua_gettop(lua) - 1);
    lua_pushinteger(lua, (lua_Integer)strand_cookie(s, strand));
    return 1;
}

static int sys_self(lua_State *lua)
{
    struct script *s = script_of(lua);

    sys_need_strand(lua);
    lua_pushinteger(lua, (lua_Integer)strand_cookie(s, s->running));
    return 1;
}

/* sys.park([until_ns]): waits until another strand calls sys.wake(), and gives what that one
 * passes, or until that time, and gives nothing. */
static int sys_park(lua_State *lua)
{
    int64_t until_ns = luaL_optinteger(lua, 1, INT64_MAX);

    sys_need_strand(lua);
    strand_park(script_of(lua), until_ns);
    return lua_yield(lua, 0);
}

static int sys_wake(lua_State *lua)
{
    struct script *s = script_of(lua);
    int32_t strand = strand_from_cookie(s, (uint64_t)luaL_checkinteger(lua, 1));
    int nargs = lua_gettop(lua) - 1;

    if (strand == STRAND_NONE || !s->strands[strand].parked)
        return luaL_error(lua, "that strand is not parked");
    strand_unpark(s, strand);
    lua_xmove(lua, s->strands[strand].co, nargs);
    strand_resume(s, strand, nargs);
    return 0;
}

static int sys_done(lua_State *lua)
{
    script_of(lua)->done = true;
    return 0;
}

/* ---- chance ---- */

static struct prng *stream_arg(lua_State *lua, int arg)
{
    struct script *s = script_of(lua);
    const char *name = luaL_checkstring(lua, arg);

    return s->world != NULL ? world_prng(s->world, name) : streams_get(s->streams, name);
}

static int sys_below(lua_State *lua)
{
    lua_Integer bound = luaL_checkinteger(lua, 2);

    luaL_argcheck(lua, bound > 0, 2, "must be above 0");
    lua_pushinteger(lua, (lua_Integer)prng_below(stream_arg(lua, 1), (uint64_t)bound));
    return 1;
}

static int sys_unit(lua_State *lua)
{
    lua_pushnumber(lua, prng_unit(stream_arg(lua, 1)));
    return 1;
}

int64_t sys_number_field(lua_State *lua, int arg, const char *field, int64_t otherwise)
{
    int64_t number = otherwise;

    if (lua_getfield(lua, arg, field) != LUA_TNIL)
        number = luaL_checkinteger(lua, -1);
    lua_pop(lua, 1);
    return number;
}

/* ---- clients ---- */

static int sys_client(lua_State *lua)
{
    struct script *s = script_of(lua);
    uint32_t e = client_new(s);
    struct str name = world_name(s->world, e);

    lua_pushinteger(lua, e);
    lua_pushlstring(lua, name.data, name.len);
    return 2;
}

static int sys_client_gone(lua_State *lua)
{
    world_client_gone(script_of(lua)->world, client_arg(lua, 1));
    return 0;
}

/* sys.rpc(client, dest, body, timeout_ns) -> the reply's body, or nothing after the timeout */
static int sys_rpc(lua_State *lua)
{
    uint32_t client = client_arg(lua, 1);
    uint32_t dest = sys_dest_arg(lua, 2);

    luaL_checktype(lua, 3, LUA_TTABLE);
    sys_need_strand(lua);
    client_request(script_of(lua), client, dest, 3, luaL_checkinteger(lua, 4));
    return lua_yield(lua, 0);
}

static int sys_send(lua_State *lua)
{
    uint32_t client = client_arg(lua, 1);
    uint32_t dest = sys_dest_arg(lua, 2);

    luaL_checktype(lua, 3, LUA_TTABLE);
    sys_need_strand(lua);
    client_send(script_of(lua), client, dest, 3);
    return 0;
}

/* ---- history ---- */

static struct str json_arg(struct script *s, lua_State *lua, int arg, struct buf *out)
{
    size_t at = out->len;

    buf_reset(&s->scratch);
    value_add_json(lua, arg, &s->scratch);
    if (!json_canonical(out, buf_str(&s->scratch)))
        luaL_argerror(lua, arg, "nested too deep");
    return (struct str){out->data + at, out->len - at};
}

/* sys.record(type, process, node or nil, f, value, error or nil, final) */
static int sys_record(lua_State *lua)
{
    static const char *const types[] = {"invoke", "ok", "fail", "info", NULL};
    struct script *s = script_of(lua);
    struct op op = {.time_ns = world_now(s->world), .pair = HISTORY_NO_PAIR};
    size_t value_len;

    op.type = (enum op_type)luaL_checkoption(lua, 1, NULL, types);
    op.process = (int32_t)luaL_checkinteger(lua, 2);
    op.node = lua_isnil(lua, 3) ? HISTORY_NO_NODE : (int32_t)sys_node_arg(lua, 3);
    op.f = history_f(s->history, luaL_checkstring(lua, 4));
    op.final = lua_toboolean(lua, 7);
    buf_reset(&s->scratch_canonical);
    value_len = json_arg(s, lua, 5, &s->scratch_canonical).len;
    if (!lua_isnil(lua, 6))
        json_arg(s, lua, 6, &s->scratch_canonical);
    op.value = (struct str){s->scratch_canonical.data, value_len};
    op.error =
        (struct str){s->scratch_canonical.data + value_len, s->scratch_canonical.len - value_len};
    s->host.record(s->host.owner, &op);
    return 0;
}

static int sys_check(lua_State *lua)
{
    struct script *s = script_of(lua);
    const char *name = luaL_checkstring(lua, 1);
    struct buf text = {0};
    json_t *options;

    luaL_checktype(lua, 2, LUA_TTABLE);
    buf_reset(&s->scratch);
    value_add_json(lua, 2, &s->scratch);
    buf_add_str(&text, buf_str(&s->scratch));
    options = json_loadb(text.data, text.len, 0, NULL);
    buf_release(&text);
    luaL_argcheck(lua, options != NULL, 2, "options must be an object");
    s->checks = mem_grow(s->checks, &s->check_cap, s->check_len + 1, sizeof(*s->checks));
    s->checks[s->check_len++] = (struct script_check){mem_strdup(name), options};
    return 0;
}

/* ---- nodes and faults ---- */

static int sys_node_names(lua_State *lua)
{
    struct script *s = script_of(lua);
    uint32_t i;

    lua_createtable(lua, (int)world_node_count(s->world), 0);
    for (i = 0; i < world_node_count(s->world); i++) {
        struct str name = world_name(s->world, i);
        lua_pushlstring(lua, name.data, name.len);
        lua_rawseti(lua, -2, i + 1);
    }
    return 1;
}

/* -> true, or false: the story ends there. That a program cannot be started is no deed of the
 * program, so nobody is blamed. */
static int sys_node_start(lua_State *lua)
{
    struct script *s = script_of(lua);
    struct err err = {.text = ""};
    int status = s->host.node_start(s->host.owner, sys_node_arg(lua, 1), &err);

    if (status < 0 && !s->done) {
        s->status = status == ERR_INPUT ? ERR_INPUT : ERR_MACHINE;
        s->err = err;
        s->done = true;
    }
    lua_pushboolean(lua, status == 0);
    return 1;
}

static int sys_node_kill(lua_State *lua)
{
    struct script *s = script_of(lua);

    s->host.node_kill(s->host.owner, sys_node_arg(lua, 1));
    return 0;
}

static int sys_node_pause(lua_State *lua)
{
    struct script *s = script_of(lua);

    s->host.node_pause(s->host.owner, sys_node_arg(lua, 1), lua_toboolean(lua, 2));
    return 0;
}

/* sys.clock(node, offset_ns of its wall clock, drift_ppm of both) */
static int sys_clock(lua_State *lua)
{
    struct script *s = script_of(lua);
    lua_Integer drift_ppm = luaL_checkinteger(lua, 3);

    luaL_argcheck(lua, drift_ppm >= INT32_MIN && drift_ppm <= INT32_MAX, 3, "out of range");
    s->host.node_clock(s->host.owner, sys_node_arg(lua, 1), luaL_checkinteger(lua, 2),
                       (int32_t)drift_ppm);
    return 0;
}

static int sys_blame(lua_State *lua)
{
    struct script *s = script_of(lua);

    s->host.blame(s->host.owner, sys_node_arg(lua, 1), luaL_checkstring(lua, 2));
    return 0;
}

static int sys_note(lua_State *lua)
{
    struct script *s = script_of(lua);

    s->host.note(s->host.owner, luaL_checkstring(lua, 1));
    return 0;
}

static int sys_fault(lua_State *lua)
{
    struct script *s = script_of(lua);

    s->host.fault(s->host.owner, luaL_checkstring(lua, 1), luaL_checkstring(lua, 2),
                  luaL_checkstring(lua, 3));
    return 0;
}

/* sys.decided(what, place, table); see struct script_host */
static int sys_decided(lua_State *lua)
{
    struct script *s = script_of(lua);
    const char *what = luaL_checkstring(lua, 1);
    lua_Integer place = luaL_checkinteger(lua, 2);

    luaL_argcheck(lua, place >= 0 && place <= UINT32_MAX, 2, "out of range");
    if (s->host.decided == NULL)
        return 0;
    buf_reset(&s->scratch);
    value_add_json(lua, 3, &s->scratch);
    s->host.decided(s->host.owner, what, (uint32_t)place, buf_str(&s->scratch));
    return 0;
}

/* sys.partition_plan(kind) -> list of {from, to}, numbers of nodes */
static int sys_partition_plan(lua_State *lua)
{
    struct script *s = script_of(lua);
    uint32_t n = world_node_count(s->world);
    enum partition_kind kind;
    bool *cut;
    uint32_t i;
    lua_Integer count = 0;

    luaL_argcheck(lua, partition_kind_parse(str_of(luaL_checkstring(lua, 1)), &kind), 1,
                  "no such kind of partition");
    cut = lua_newuserdatauv(lua, (size_t)n * n * sizeof(*cut), 0);
    partition_plan(kind, n, world_prng(s->world, "partition"), cut);
    lua_newtable(lua);
    for (i = 0; i < n * n; i++) {
        if (!cut[i])
            continue;
        lua_createtable(lua, 2, 0);
        lua_pushinteger(lua, i / n);
        lua_rawseti(lua, -2, 1);
        lua_pushinteger(lua, i % n);
        lua_rawseti(lua, -2, 2);
        lua_rawseti(lua, -2, ++count);
    }
    return 1;
}

static int sys_cut(lua_State *lua)
{
    world_cut(script_of(lua)->world, sys_node_arg(lua, 1), sys_node_arg(lua, 2),
              lua_toboolean(lua, 3));
    return 0;
}

static int sys_heard(lua_State *lua)
{
    lua_pushinteger(lua, (lua_Integer)world_heard(script_of(lua)->world, sys_node_arg(lua, 1)));
    return 1;
}

static int sys_heal(lua_State *lua)
{
    world_heal(script_of(lua)->world);
    return 0;
}

static double probability_arg(lua_State *lua, int arg)
{
    double p = luaL_checknumber(lua, arg);

    luaL_argcheck(lua, p >= 0 && p <= 1, arg, "a probability is between 0 and 1");
    return p;
}

static int sys_loss(lua_State *lua)
{
    world_set_loss(script_of(lua)->world, probability_arg(lua, 1));
    return 0;
}

static int sys_duplication(lua_State *lua)
{
    world_set_duplication(script_of(lua)->world, probability_arg(lua, 1));
    return 0;
}

static int sys_reorder(lua_State *lua)
{
    int64_t extra_ns = luaL_checkinteger(lua, 2);

    luaL_argcheck(lua, extra_ns >= 0, 2, "must not be negative");
    world_set_reorder(script_of(lua)->world, probability_arg(lua, 1), extra_ns);
    return 0;
}

static int sys_slow(lua_State *lua)
{
    double factor = luaL_checknumber(lua, 1);

    luaL_argcheck(lua, factor > 0 && factor < 1e9, 1, "must be above 0");
    world_set_slow(script_of(lua)->world, factor);
    return 0;
}

static int sys_net_reset(lua_State *lua)
{
    world_net_reset(script_of(lua)->world);
    return 0;
}

/* sys.neighbours(topology, node) -> numbers of nodes */
static int sys_neighbours(lua_State *lua)
{
    struct script *s = script_of(lua);
    uint32_t n = world_node_count(s->world);
    enum topology t;
    uint32_t *found;
    uint32_t count;
    uint32_t i;

    luaL_argcheck(lua, topology_parse(str_of(luaL_checkstring(lua, 1)), &t), 1, "no such topology");
    found = lua_newuserdatauv(lua, n * sizeof(*found), 0);
    count = topology_neighbours(t, n, sys_node_arg(lua, 2), found);
    lua_createtable(lua, (int)count, 0);
    for (i = 0; i < count; i++) {
        lua_pushinteger(lua, found[i]);
        lua_rawseti(lua, -2, i + 1);
    }
    return 1;
}

/* sys.part(name) -> src/script/NAME.lua as a function: a part of the prelude in a file of its own
 */
static int sys_part(lua_State *lua)
{
    const struct embedded *e;

    lua_pushfstring(lua, "src/script/%s.lua", luaL_checkstring(lua, 1));
    e = embedded_find(lua_tostring(lua, -1));
    luaL_argcheck(lua, e != NULL, 1, "the prelude has no such part");
    if (luaL_loadbufferx(lua, e->text, e->len, lua_pushfstring(lua, "@%s", e->path), "t") != LUA_OK)
        return lua_error(lua);
    return 1;
}

void sys_open(struct script *s)
{
    static const luaL_Reg functions[] = {
        {"part", sys_part},
        {"now", sys_now},
        {"sleep_until", sys_sleep_until},
        {"spawn", sys_spawn},
        {"self", sys_self},
        {"park", sys_park},
        {"wake", sys_wake},
        {"done", sys_done},
        {"below", sys_below},
        {"unit", sys_unit},
        {"client", sys_client},
        {"client_gone", sys_client_gone},
        {"rpc", sys_rpc},
        {"send", sys_send},
        {"record", sys_record},
        {"check", sys_check},
        {"node_names", sys_node_names},
        {"node_start", sys_node_start},
        {"node_kill", sys_node_kill},
        {"node_pause", sys_node_pause},
        {"clock", sys_clock},
        {"blame", sys_blame},
        {"note", sys_note},
        {"fault", sys_fault},
        {"decided", sys_decided},
        {"partition_plan", sys_partition_plan},
        {"cut", sys_cut},
        {"heal", sys_heal},
        {"heard", sys_heard},
        {"loss", sys_loss},
        {"duplication", sys_duplication},
        {"reorder", sys_reorder},
        {"slow", sys_slow},
        {"net_reset", sys_net_reset},
        {"neighbours", sys_neighbours},
        {NULL, NULL},
    };

    luaL_newlib(s->lua, functions);
    watch_open(s->lua);
    sys_task_open(s->lua);
    lua_setglobal(s->lua, "sys");
}
