/* Sockets of a task: our ends of the connections of nodes (cage/cage_net.h), with latency.
 *
 * Each socket is two lines of things that happen, one each way, kept in order; what is put into a
 * line comes out of it after the socket's latency, by a timer of the world. Out of the line to the
 * node it goes to the cage; out of the line to us into Lua, to one function kept in the registry.
 */
#include "script_parts.h"

#include "../base/mem.h"
#include "../cage/cage_net.h"
#include "../sim/world.h"

#include <errno.h>
#include <lauxlib.h>
#include <string.h>

enum { WAY_OUT, WAY_IN };

enum what {
    SOCK_CONNECT, /* out: begin to */
    SOCK_CONNECTED,
    SOCK_ACCEPTED,
    SOCK_DATA,
    SOCK_END,    /* no more from this side */
    SOCK_BROKEN, /* in: reset, or refused, or over */
    SOCK_RESET,  /* out */
    SOCK_CLOSE,
};

static const char *const what_names[] = {"connect", "connected", "accepted", "data",
                                         "end",     "broken",    "reset",    "close"};

struct event {
    struct event *next;
    enum what what;
    int error;
    uint32_t socket; /* SOCK_ACCEPTED: the new one */
    struct cage_net_address address;
    char *bytes;
    size_t len;
};

struct line {
    struct event *head, *tail;
};

struct sock {
    uint32_t end;
    bool has_end;
    int64_t latency_ns;
    struct cage_net_address from, to;
    struct line lines[2];
};

struct socks {
    struct sock *list;
    size_t len, cap;
    uint32_t *by_end; /* socket by end */
    size_t end_len, end_cap;
};

static const char handler_key = 's'; /* its address is the key in the registry */

static void free_event(struct event *e)
{
    mem_free(e->bytes);
    mem_free(e);
}

void socks_free(struct socks *s)
{
    size_t i;
    int way;

    if (s == NULL)
        return;
    for (i = 0; i < s->len; i++)
        for (way = 0; way < 2; way++) {
            struct event *e = s->list[i].lines[way].head;
            while (e != NULL) {
                struct event *next = e->next;
                free_event(e);
                e = next;
            }
        }
    mem_free(s->list);
    mem_free(s->by_end);
    mem_free(s);
}

static struct sock *new_sock(struct script *s, int64_t latency_ns, uint32_t *ret_number)
{
    struct socks *socks = s->task->socks;
    struct sock *made;

    socks->list = mem_grow(socks->list, &socks->cap, socks->len + 1, sizeof(*socks->list));
    made = &socks->list[socks->len];
    *made = (struct sock){.latency_ns = latency_ns};
    *ret_number = (uint32_t)socks->len++;
    return made;
}

static void bind_end(struct script *s, uint32_t number, uint32_t end)
{
    struct socks *socks = s->task->socks;

    socks->by_end =
        mem_grow(socks->by_end, &socks->end_cap, (size_t)end + 1, sizeof(*socks->by_end));
    while (socks->end_len <= end)
        socks->by_end[socks->end_len++] = UINT32_MAX;
    socks->by_end[end] = number;
    socks->list[number].end = end;
    socks->list[number].has_end = true;
}

/* ---- the lines ---- */

static void tell(struct script *s, uint32_t number, const char *way, const struct event *e)
{
    if (s->host.net_told != NULL)
        s->host.net_told(s->host.owner, number, way, what_names[e->what],
                         (struct str){e->bytes, e->len});
}

static void on_due(void *owner, uint64_t cookie);

/* Takes e; it comes out after the socket's latency. */
static void enter(struct script *s, uint32_t number, int way, struct event *e)
{
    struct sock *k = &s->task->socks->list[number];
    struct line *line = &k->lines[way];

    if (line->tail == NULL)
        line->head = e;
    else
        line->tail->next = e;
    line->tail = e;
    world_at(s->world, world_now(s->world) + k->latency_ns, on_due, s,
             (uint64_t)number << 1 | (uint64_t)way);
}

static struct event *event_of(enum what what, struct str bytes)
{
    struct event *e = mem_zalloc(sizeof(*e));

    e->what = what;
    e->len = bytes.len;
    if (bytes.len > 0)
        e->bytes = mem_strndup(bytes.data, bytes.len);
    return e;
}

static const struct str NO_BYTES = {NULL, 0};

static void connect_end(struct script *s, uint32_t number)
{
    struct sock *k = &s->task->socks->list[number];
    struct err err = {.text = ""};
    uint32_t end;

    if (cage_net_connect(s->host.network, &k->from, &k->to, &end, &err) < 0)
        script_fail(s, err.text);
    else
        bind_end(s, number, end);
}

/* What leaves the line to the node happens to the socket itself. */
static void carry_out(struct script *s, uint32_t number, const struct event *e)
{
    const struct sock *k = &s->task->socks->list[number];
    struct cage *c = s->host.network;

    tell(s, number, "out", e);
    if (e->what == SOCK_CONNECT)
        connect_end(s, number);
    else if (!k->has_end)
        return;
    else if (e->what == SOCK_DATA && e->address.host[0] != '\0')
        cage_net_send_to(c, k->end, &e->address, (struct str){e->bytes, e->len});
    else if (e->what == SOCK_DATA && cage_net_send(c, k->end, (struct str){e->bytes, e->len}) < 0)
        script_fail(s, "a socket keeps more than 1 GiB for a node that does not read");
    else if (e->what == SOCK_END)
        cage_net_finish(c, k->end);
    else if (e->what == SOCK_RESET)
        cage_net_reset(c, k->end);
    else if (e->what == SOCK_CLOSE)
        cage_net_close(c, k->end);
}

struct arrival {
    uint32_t number;
    const struct event *event;
};

/* In Lua: handler(socket, what, bytes, error name, accepted socket, host, port) */
static int arrive(lua_State *lua)
{
    const struct arrival *a = lua_touserdata(lua, 1);
    const struct event *e = a->event;

    lua_rawgetp(lua, LUA_REGISTRYINDEX, &handler_key);
    lua_pushinteger(lua, a->number);
    lua_pushstring(lua, what_names[e->what]);
    lua_pushlstring(lua, e->bytes != NULL ? e->bytes : "", e->len);
    lua_pushstring(lua, e->error == 0              ? ""
                        : e->error == ECONNREFUSED ? "refused"
                        : e->error == ECONNRESET   ? "reset"
                                                   : strerror(e->error));
    lua_pushinteger(lua, e->socket);
    lua_pushstring(lua, e->address.host);
    lua_pushinteger(lua, e->address.port);
    lua_call(lua, 7, 0);
    return 0;
}

static void bring_in(struct script *s, uint32_t number, const struct event *e)
{
    struct arrival a = {number, e};

    tell(s, number, "in", e);
    s->steps = 0;
    lua_pushcfunction(s->lua, arrive);
    lua_pushlightuserdata(s->lua, &a);
    if (lua_pcall(s->lua, 1, 0, 0) != LUA_OK) {
        script_fail(s, lua_tostring(s->lua, -1));
        lua_pop(s->lua, 1);
    }
}

static void on_due(void *owner, uint64_t cookie)
{
    struct script *s = owner;
    uint32_t number = (uint32_t)(cookie >> 1);
    int way = (int)(cookie & 1);
    struct line *line = &s->task->socks->list[number].lines[way];
    struct event *e = line->head;

    line->head = e->next;
    if (line->head == NULL)
        line->tail = NULL;
    if (!s->stopped && !s->done) {
        if (way == WAY_OUT)
            carry_out(s, number, e);
        else
            bring_in(s, number, e);
        member_event(s);
    }
    free_event(e);
}

/* ---- what the nodes do ---- */

static void came(struct script *s, uint32_t end, struct event *e)
{
    s->host.catch_up(s->host.owner);
    enter(s, s->task->socks->by_end[end], WAY_IN, e);
}

static void on_connected(void *owner, uint32_t end, int error)
{
    struct event *e = event_of(error == 0 ? SOCK_CONNECTED : SOCK_BROKEN, NO_BYTES);

    e->error = error;
    came(owner, end, e);
}

static void on_accepted(void *owner, uint32_t listener, uint32_t end,
                        const struct cage_net_address *from)
{
    struct script *s = owner;
    uint32_t at = s->task->socks->by_end[listener];
    struct event *e = event_of(SOCK_ACCEPTED, NO_BYTES);
    uint32_t number;

    new_sock(s, s->task->socks->list[at].latency_ns, &number);
    bind_end(s, number, end);
    e->socket = number;
    e->address = *from;
    came(s, listener, e);
}

static void on_data(void *owner, uint32_t end, struct str bytes,
                    const struct cage_net_address *from)
{
    struct event *e = event_of(SOCK_DATA, bytes);

    if (from != NULL)
        e->address = *from;
    came(owner, end, e);
}

static void on_ended(void *owner, uint32_t end)
{
    came(owner, end, event_of(SOCK_END, NO_BYTES));
}

static void on_broken(void *owner, uint32_t end, int error)
{
    struct event *e = event_of(SOCK_BROKEN, NO_BYTES);

    e->error = error;
    came(owner, end, e);
}

/* ---- what Lua asks for ---- */

static struct cage *network_of(lua_State *lua)
{
    struct cage *c = script_of(lua)->host.network;

    if (c == NULL)
        luaL_error(lua,
                   "this part has no network: it needs `network = true`, and the virtual clock");
    return c;
}

static struct sock *sock_arg(lua_State *lua, int arg)
{
    struct socks *socks = script_of(lua)->task->socks;
    lua_Integer number = luaL_checkinteger(lua, arg);

    luaL_argcheck(lua, number >= 0 && (size_t)number < socks->len, arg, "no such socket");
    return &socks->list[number];
}

/* host at arg, port behind it */
static struct cage_net_address address_arg(lua_State *lua, int arg)
{
    struct cage_net_address a = {.host = ""};
    const char *host = luaL_optstring(lua, arg, "");
    lua_Integer port = luaL_optinteger(lua, arg + 1, 0);

    luaL_argcheck(lua, strlen(host) < sizeof(a.host), arg, "no address of the kind 127.0.0.1");
    luaL_argcheck(lua, port >= 0 && port <= UINT16_MAX, arg + 1, "a port is 0 to 65535");
    memcpy(a.host, host, strlen(host) + 1);
    a.port = (uint16_t)port;
    return a;
}

static int push_address(lua_State *lua, const struct cage_net_address *a)
{
    lua_pushstring(lua, a->host);
    lua_pushinteger(lua, a->port);
    return 2;
}

/* sys.net_address(node) -> host, port: where it may listen */
static int sys_net_address(lua_State *lua)
{
    uint32_t node = sys_node_arg(lua, 1);
    struct cage_net_address a = cage_net_address(network_of(lua), node);

    return push_address(lua, &a);
}

/* sys.net_connect(host, port, from host, from port, latency_ns) -> socket */
static int sys_net_connect(lua_State *lua)
{
    struct script *s = script_of(lua);
    uint32_t number;
    struct sock *k;

    network_of(lua);
    k = new_sock(s, luaL_checkinteger(lua, 5), &number);
    k->to = address_arg(lua, 1);
    k->from = address_arg(lua, 3);
    enter(s, number, WAY_OUT, event_of(SOCK_CONNECT, NO_BYTES));
    lua_pushinteger(lua, number);
    return 1;
}

/* sys.net_listen("tcp" | "udp", host, port, latency_ns) -> socket, host, port */
static int sys_net_listen(lua_State *lua)
{
    static const char *const kinds[] = {"tcp", "udp", NULL};
    struct script *s = script_of(lua);
    struct cage *c = network_of(lua);
    struct cage_net_address at = address_arg(lua, 2);
    struct err err = {.text = ""};
    uint32_t number;
    uint32_t end;
    int status = luaL_checkoption(lua, 1, NULL, kinds) == 0 ? cage_net_listen(c, &at, &end, &err)
                                                            : cage_net_udp(c, &at, &end, &err);

    if (status < 0)
        return luaL_error(lua, "%s", err.text);
    new_sock(s, luaL_checkinteger(lua, 4), &number);
    bind_end(s, number, end);
    at = cage_net_own_address(c, end);
    lua_pushinteger(lua, number);
    return 1 + push_address(lua, &at);
}

/* sys.net_send(socket, bytes, to host or nil, to port) */
static int sys_net_send(lua_State *lua)
{
    struct event *e;
    struct str bytes;

    sock_arg(lua, 1);
    bytes.data = luaL_checklstring(lua, 2, &bytes.len);
    e = event_of(SOCK_DATA, bytes);
    e->address = address_arg(lua, 3);
    enter(script_of(lua), (uint32_t)lua_tointeger(lua, 1), WAY_OUT, e);
    return 0;
}

/* sys.net_do(socket, "end" | "reset" | "close") */
static int sys_net_do(lua_State *lua)
{
    static const char *const names[] = {"end", "reset", "close", NULL};
    static const enum what whats[] = {SOCK_END, SOCK_RESET, SOCK_CLOSE};

    sock_arg(lua, 1);
    enter(script_of(lua), (uint32_t)lua_tointeger(lua, 1), WAY_OUT,
          event_of(whats[luaL_checkoption(lua, 2, NULL, names)], NO_BYTES));
    return 0;
}

/* sys.net_hold(socket, hold): at once */
static int sys_net_hold(lua_State *lua)
{
    const struct sock *k = sock_arg(lua, 1);

    if (k->has_end)
        cage_net_hold(network_of(lua), k->end, lua_toboolean(lua, 2));
    return 0;
}

/* sys.net_unsent(socket) -> bytes for which the node's side has no room */
static int sys_net_unsent(lua_State *lua)
{
    const struct sock *k = sock_arg(lua, 1);

    lua_pushinteger(lua, k->has_end ? (lua_Integer)cage_net_unsent(network_of(lua), k->end) : 0);
    return 1;
}

/* sys.on_net(function): whom what the nodes do is told to */
static int sys_on_net(lua_State *lua)
{
    luaL_checktype(lua, 1, LUA_TFUNCTION);
    lua_settop(lua, 1);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &handler_key);
    return 0;
}

void socks_listen(struct script *s)
{
    struct cage_net_events events = {s, on_connected, on_accepted, on_data, on_ended, on_broken};

    if (s->host.network != NULL)
        cage_net_listen_to(s->host.network, &events);
}

void sys_net_open(lua_State *lua)
{
    static const luaL_Reg functions[] = {
        {"net_address", sys_net_address},
        {"net_connect", sys_net_connect},
        {"net_listen", sys_net_listen},
        {"net_send", sys_net_send},
        {"net_do", sys_net_do},
        {"net_hold", sys_net_hold},
        {"net_unsent", sys_net_unsent},
        {"on_net", sys_on_net},
        {NULL, NULL},
    };

    luaL_setfuncs(lua, functions, 0);
}

struct socks *socks_new(void)
{
    return mem_zalloc(sizeof(struct socks));
}
