/* What only tasks ask of the world: raw bytes, ends of processes, links, and the messages there
 * were. */
#include "script_parts.h"

#include "../base/mem.h"
#include "../sim/world.h"
#include "observe.h"
#include "value.h"

#include <lauxlib.h>
#include <math.h>
#include <string.h>

enum { LOG_KEPT_MAX = 4 << 20 }; /* bytes of stderr that w:log() gives of one node */

/* ---- what happened ---- */

void script_saw_sent(struct script *s, const struct message *m)
{
    watch_saw(s, m, false);
    if (s->task == NULL)
        return;
    observe_sent(s->task->observe, (struct message *)(uintptr_t)m);
    member_event(s);
}

void script_saw_received(struct script *s, const struct message *m)
{
    watch_saw(s, m, true);
    if (s->task == NULL)
        return;
    observe_received(s->task->observe, m->id, world_now(s->world));
    member_event(s);
}

void script_saw_dropped(struct script *s, const struct message *m, const char *why)
{
    if (s->task == NULL)
        return;
    observe_dropped(s->task->observe, m->id, why);
    member_event(s);
}

void script_saw_log(struct script *s, uint32_t node, struct str line)
{
    struct buf *log;

    if (s->task == NULL)
        return;
    log = &s->task->logs[node];
    if (log->len + line.len < LOG_KEPT_MAX) {
        buf_add_str(log, line);
        buf_add_char(log, '\n');
    }
    member_event(s);
}

void script_saw_exit(struct script *s, uint32_t node, int code, int signal)
{
    if (s->task == NULL)
        return;
    s->task->exits[node] = (struct exit_seen){true, code, signal, world_now(s->world)};
    member_event(s);
}

/* ---- processes ---- */

static uint32_t process_arg(lua_State *lua, int arg)
{
    uint32_t node = sys_node_arg(lua, arg);

    luaL_argcheck(lua, node < script_of(lua)->process_count, arg,
                  "a peer is played by the scenario: it has no process");
    return node;
}

static int sys_process_count(lua_State *lua)
{
    lua_pushinteger(lua, script_of(lua)->process_count);
    return 1;
}

/* sys.node_number(name) */
static int sys_node_number(lua_State *lua)
{
    lua_pushinteger(lua, sys_node_arg(lua, 1));
    return 1;
}

/* sys.prepare_start(node, "same" | "empty" | "of", other node or nil): which folder it will have;
 * its last exit is forgotten. */
static int sys_prepare_start(lua_State *lua)
{
    static const char *const kinds[] = {"same", "empty", "of", NULL};
    struct script *s = script_of(lua);
    uint32_t node = process_arg(lua, 1);
    enum script_data what = (enum script_data)luaL_checkoption(lua, 2, "same", kinds);
    uint32_t of = what == SCRIPT_DATA_OF ? process_arg(lua, 3) : node;

    s->task->exits[node] = (struct exit_seen){0};
    s->host.node_data(s->host.owner, node, what, of);
    return 0;
}

/* sys.rename(node, name) -> false: the name cannot be had */
static int sys_rename(lua_State *lua)
{
    uint32_t node = process_arg(lua, 1);
    struct str name;

    name.data = luaL_checklstring(lua, 2, &name.len);
    lua_pushboolean(lua, world_rename(script_of(lua)->world, node, name));
    return 1;
}

static int sys_node_write(lua_State *lua)
{
    struct script *s = script_of(lua);
    uint32_t node = process_arg(lua, 1);
    struct str bytes;

    bytes.data = luaL_checklstring(lua, 2, &bytes.len);
    s->host.node_write(s->host.owner, node, bytes);
    return 0;
}

static int sys_node_end_input(lua_State *lua)
{
    struct script *s = script_of(lua);

    s->host.node_end_input(s->host.owner, process_arg(lua, 1));
    return 0;
}

static int sys_node_allow_exit(lua_State *lua)
{
    struct script *s = script_of(lua);

    s->host.node_allow_exit(s->host.owner, process_arg(lua, 1));
    return 0;
}

/* sys.node_exit(node) -> code, signal, at_ns, or nothing while it runs; code or signal is nil */
static int sys_node_exit(lua_State *lua)
{
    const struct exit_seen *e = &script_of(lua)->task->exits[process_arg(lua, 1)];

    if (!e->over)
        return 0;
    if (e->signal != 0)
        lua_pushnil(lua);
    else
        lua_pushinteger(lua, e->code);
    if (e->signal != 0)
        lua_pushinteger(lua, e->signal);
    else
        lua_pushnil(lua);
    lua_pushinteger(lua, e->at_ns);
    return 3;
}

/* sys.node_usage(node) -> CPU ns, bytes of memory at most */
static int sys_node_usage(lua_State *lua)
{
    struct script *s = script_of(lua);
    int64_t cpu_ns = 0;
    int64_t bytes = 0;

    s->host.node_usage(s->host.owner, process_arg(lua, 1), &cpu_ns, &bytes);
    lua_pushinteger(lua, cpu_ns);
    lua_pushinteger(lua, bytes);
    return 2;
}

static int sys_node_log(lua_State *lua)
{
    const struct buf *log = &script_of(lua)->task->logs[process_arg(lua, 1)];

    lua_pushlstring(lua, log->data != NULL ? log->data : "", log->len);
    return 1;
}

/* sys.link(from, to, latency_ns or nil, loss or nil) */
static int sys_link(lua_State *lua)
{
    struct script *s = script_of(lua);
    double loss = luaL_optnumber(lua, 4, -1);

    luaL_argcheck(lua, loss <= 1, 4, "a probability is between 0 and 1");
    world_set_link(s->world, sys_node_arg(lua, 1), sys_node_arg(lua, 2),
                   luaL_optinteger(lua, 3, -1), loss);
    return 0;
}

/* ---- the messages there were ---- */

static int kind_field(lua_State *lua, const char *field)
{
    static const char *const kinds[] = {"node", "service", "client", NULL};
    int kind = -1;

    if (lua_getfield(lua, 1, field) != LUA_TNIL)
        kind = luaL_checkoption(lua, -1, NULL, kinds);
    lua_pop(lua, 1);
    return kind;
}

static endpoint_t end_field(lua_State *lua, const char *field)
{
    endpoint_t e = ENDPOINT_NONE;

    if (lua_getfield(lua, 1, field) != LUA_TNIL)
        e = sys_dest_arg(lua, -1);
    lua_pop(lua, 1);
    return e;
}

/* The filter in the table at 1: {from=, to=, type=, from_kind=, to_kind=, since_ns=, until_ns=}. */
static struct observe_filter filter_arg(lua_State *lua)
{
    struct observe *o = script_of(lua)->task->observe;
    struct observe_filter f = OBSERVE_ANY;
    struct str type;

    luaL_checktype(lua, 1, LUA_TTABLE);
    f.from = end_field(lua, "from");
    f.to = end_field(lua, "to");
    f.from_kind = kind_field(lua, "from_kind");
    f.to_kind = kind_field(lua, "to_kind");
    if (lua_getfield(lua, 1, "type") != LUA_TNIL) {
        type.data = luaL_checklstring(lua, -1, &type.len);
        f.type = observe_type(o, type);
    }
    if (lua_getfield(lua, 1, "since_ns") != LUA_TNIL)
        f.since_ns = luaL_checkinteger(lua, -1);
    if (lua_getfield(lua, 1, "until_ns") != LUA_TNIL)
        f.until_ns = luaL_checkinteger(lua, -1);
    lua_pop(lua, 3);
    return f;
}

/* sys.count(filter) -> messages, bytes of their bodies */
static int sys_count(lua_State *lua)
{
    struct observe_filter f = filter_arg(lua);
    struct observe_counts counts = observe_count(script_of(lua)->task->observe, &f);

    lua_pushinteger(lua, (lua_Integer)counts.count);
    lua_pushinteger(lua, (lua_Integer)counts.bytes);
    return 2;
}

/* sys.find(filter, id) -> the id of the first such message with this id or a later one, or nothing
 */
static int sys_find(lua_State *lua)
{
    struct observe *o = script_of(lua)->task->observe;
    struct observe_filter f = filter_arg(lua);
    uint64_t id = observe_next(o, &f, (uint64_t)luaL_checkinteger(lua, 2));

    if (id == observe_len(o))
        return 0;
    lua_pushinteger(lua, (lua_Integer)id);
    return 1;
}

static void set_name(lua_State *lua, const char *field, endpoint_t e)
{
    struct str name = world_name(script_of(lua)->world, e);

    lua_pushlstring(lua, name.data, name.len);
    lua_setfield(lua, -2, field);
}

static void set_time(lua_State *lua, const char *field, int64_t ns)
{
    lua_pushnumber(lua, (double)ns / 1e9);
    lua_setfield(lua, -2, field);
}

/* sys.message(id) -> { id =, from =, to =, type =, body =, bytes =, sent_at =, received_at =,
 * dropped = } */
static int sys_message(lua_State *lua)
{
    struct observe *o = script_of(lua)->task->observe;
    lua_Integer id = luaL_checkinteger(lua, 1);
    const struct observed *r;
    struct str type;

    luaL_argcheck(lua, id >= 0 && (uint64_t)id < observe_len(o), 1, "no such message");
    r = observe_at(o, (uint64_t)id);
    if (r->m == NULL)
        return luaL_error(lua,
                          "more than %d MiB of messages were sent; of the later ones only "
                          "w:count and w:bytes know",
                          OBSERVE_BYTES_MAX >> 20);
    lua_createtable(lua, 0, 9);
    lua_pushinteger(lua, id);
    lua_setfield(lua, -2, "id");
    set_name(lua, "from", r->from);
    set_name(lua, "to", r->to);
    if (r->type != OBSERVE_NO_TYPE) {
        type = observe_type_text(o, r->type);
        lua_pushlstring(lua, type.data, type.len);
        lua_setfield(lua, -2, "type");
    }
    if (value_push_json(lua, (struct str){r->m->body, r->m->body_len}))
        lua_setfield(lua, -2, "body");
    lua_pushinteger(lua, r->bytes);
    lua_setfield(lua, -2, "bytes");
    set_time(lua, "sent_at", r->sent_ns);
    if (r->received_ns >= 0)
        set_time(lua, "received_at", r->received_ns);
    if (r->dropped != NULL) {
        lua_pushstring(lua, r->dropped);
        lua_setfield(lua, -2, "dropped");
    }
    return 1;
}

/* ---- the rest ---- */

/* sys.yieldable() -> whether a strand runs that may wait here */
static int sys_yieldable(lua_State *lua)
{
    lua_pushboolean(lua, script_of(lua)->running != STRAND_NONE && lua_isyieldable(lua));
    return 1;
}

/* sys.where() -> "file:line: " of the innermost function that the scenario's author wrote */
static int sys_where(lua_State *lua)
{
    char place[SCRIPT_PLACE_MAX];

    lua_pushstring(lua, script_place(lua, place));
    return 1;
}

/* sys.common() -> the folder's common.lua as a function; an error if there is none */
static int sys_common(lua_State *lua)
{
    struct script *s = script_of(lua);
    struct buf name = {0};
    int failed;

    if (s->common.data == NULL)
        return luaL_error(lua, "there is no %s", s->common_path);
    buf_addf(&name, "@%s", s->common_path);
    failed = luaL_loadbufferx(lua, s->common.data, s->common.len, name.data, "t") != LUA_OK;
    buf_release(&name);
    return failed ? lua_error(lua) : 1;
}

void sys_task_open(lua_State *lua)
{
    static const luaL_Reg functions[] = {
        {"process_count", sys_process_count},
        {"node_number", sys_node_number},
        {"prepare_start", sys_prepare_start},
        {"rename", sys_rename},
        {"node_write", sys_node_write},
        {"node_end_input", sys_node_end_input},
        {"node_allow_exit", sys_node_allow_exit},
        {"node_exit", sys_node_exit},
        {"node_usage", sys_node_usage},
        {"node_log", sys_node_log},
        {"link", sys_link},
        {"count", sys_count},
        {"find", sys_find},
        {"message", sys_message},
        {"yieldable", sys_yieldable},
        {"where", sys_where},
        {"common", sys_common},
        {NULL, NULL},
    };

    luaL_setfuncs(lua, functions, 0);
    sys_disk_open(lua);
    sys_net_open(lua);
    h2_open(lua);
    tls_open(lua);
    member_open(lua);
    step_open(lua);
    rule_open(lua);
}
