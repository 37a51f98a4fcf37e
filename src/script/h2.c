/* HTTP/2 as a client of a task speaks it: nghttp2 keeps the rules of frames, header compression and
 * flow control; here bytes go in and out, and what the server did comes out as a list of tables. It
 * reads no socket: http2.lua carries the bytes. A task that wants the rules broken writes frames of
 * its own beside it. */
#include "script_parts.h"

#include "../base/mem.h"

#include <lauxlib.h>
#include <nghttp2/nghttp2.h>
#include <string.h>

#define H2_TYPE "h2"

enum { HEADERS_MAX = 200 };

/* The body of one request. */
struct h2_body {
    int32_t stream;
    struct buf bytes;
    size_t sent;
    bool ended;
};

struct h2 {
    nghttp2_session *session;
    lua_State *lua; /* while events are collected, with the list on top; else NULL */
    struct h2_body *bodies;
    size_t body_len, body_cap;
};

static struct h2 *h2_arg(lua_State *lua)
{
    return luaL_checkudata(lua, 1, H2_TYPE);
}

static struct h2_body *body_of(struct h2 *h, int32_t stream)
{
    size_t i;

    for (i = 0; i < h->body_len; i++)
        if (h->bodies[i].stream == stream)
            return &h->bodies[i];
    return NULL;
}

static void drop_body(struct h2 *h, int32_t stream)
{
    struct h2_body *b = body_of(h, stream);

    if (b == NULL)
        return;
    buf_release(&b->bytes);
    *b = h->bodies[--h->body_len];
}

/* ---- events ---- */

/* A table on top of the stack, in the list below it. */
static void add_event(struct h2 *h, const char *what, int32_t stream)
{
    lua_createtable(h->lua, 0, 4);
    lua_pushstring(h->lua, what);
    lua_setfield(h->lua, -2, "what");
    lua_pushinteger(h->lua, stream);
    lua_setfield(h->lua, -2, "stream");
    lua_pushvalue(h->lua, -1);
    lua_rawseti(h->lua, -3, (lua_Integer)lua_rawlen(h->lua, -3) + 1);
}

static void set_bytes(struct h2 *h, const char *field, const uint8_t *bytes, size_t len)
{
    lua_pushlstring(h->lua, (const char *)bytes, len);
    lua_setfield(h->lua, -2, field);
}

static void set_number(struct h2 *h, const char *field, int64_t number)
{
    lua_pushinteger(h->lua, number);
    lua_setfield(h->lua, -2, field);
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                     size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags,
                     void *owner)
{
    struct h2 *h = owner;

    (void)session;
    (void)flags;
    add_event(h, "header", frame->hd.stream_id);
    set_bytes(h, "name", name, name_len);
    set_bytes(h, "value", value, value_len);
    lua_pop(h->lua, 1);
    return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *data,
                   size_t len, void *owner)
{
    struct h2 *h = owner;

    (void)session;
    (void)flags;
    add_event(h, "data", stream);
    set_bytes(h, "bytes", data, len);
    lua_pop(h->lua, 1);
    return 0;
}

static void add_goaway(struct h2 *h, const nghttp2_goaway *frame)
{
    add_event(h, "goaway", 0);
    set_number(h, "code", frame->error_code);
    set_number(h, "last", frame->last_stream_id);
    set_bytes(h, "text", frame->opaque_data, frame->opaque_data_len);
    lua_pop(h->lua, 1);
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *owner)
{
    struct h2 *h = owner;

    (void)session;
    switch (frame->hd.type) {
    case NGHTTP2_HEADERS:
        add_event(h, "headers", frame->hd.stream_id);
        lua_pop(h->lua, 1);
        break;
    case NGHTTP2_GOAWAY:
        add_goaway(h, &frame->goaway);
        break;
    case NGHTTP2_PING:
        add_event(h, frame->hd.flags & NGHTTP2_FLAG_ACK ? "pong" : "ping", 0);
        set_bytes(h, "bytes", frame->ping.opaque_data, sizeof(frame->ping.opaque_data));
        lua_pop(h->lua, 1);
        break;
    case NGHTTP2_SETTINGS:
        add_event(h, frame->hd.flags & NGHTTP2_FLAG_ACK ? "settings_ack" : "settings", 0);
        lua_pop(h->lua, 1);
        break;
    default:
        break;
    }
    if (frame->hd.flags & NGHTTP2_FLAG_END_STREAM &&
        (frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA)) {
        add_event(h, "end", frame->hd.stream_id);
        lua_pop(h->lua, 1);
    }
    return 0;
}

static int on_close(nghttp2_session *session, int32_t stream, uint32_t code, void *owner)
{
    struct h2 *h = owner;

    (void)session;
    drop_body(h, stream);
    if (h->lua == NULL) /* by our own reset, while we send */
        return 0;
    add_event(h, "closed", stream);
    set_number(h, "code", code);
    lua_pop(h->lua, 1);
    return 0;
}

static int on_invalid(nghttp2_session *session, const nghttp2_frame *frame, int error, void *owner)
{
    struct h2 *h = owner;

    (void)session;
    add_event(h, "invalid", frame->hd.stream_id);
    lua_pushstring(h->lua, nghttp2_strerror(error));
    lua_setfield(h->lua, -2, "text");
    lua_pop(h->lua, 1);
    return 0;
}

/* ---- opening ---- */

static bool bool_field(lua_State *lua, int arg, const char *field)
{
    bool set;

    lua_getfield(lua, arg, field);
    set = lua_toboolean(lua, -1);
    lua_pop(lua, 1);
    return set;
}

static void make_session(struct h2 *h, bool manual_windows)
{
    nghttp2_session_callbacks *callbacks;
    nghttp2_option *option;

    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks, on_invalid);
    nghttp2_option_new(&option);
    nghttp2_option_set_no_auto_window_update(option, manual_windows);
    nghttp2_session_client_new2(&h->session, callbacks, h, option);
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(callbacks);
}

/* sys.h2_open{ window =, header_table =, max_streams =, max_frame =, manual = } -> a session whose
 * preface waits to be taken
 */
static int sys_h2_open(lua_State *lua)
{
    nghttp2_settings_entry settings[4] = {
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, (uint32_t)sys_number_field(lua, 1, "window", 65535)},
        {NGHTTP2_SETTINGS_HEADER_TABLE_SIZE,
         (uint32_t)sys_number_field(lua, 1, "header_table", 4096)},
        {NGHTTP2_SETTINGS_MAX_FRAME_SIZE, (uint32_t)sys_number_field(lua, 1, "max_frame", 16384)},
        {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
    };
    struct h2 *h;

    luaL_checktype(lua, 1, LUA_TTABLE);
    h = lua_newuserdatauv(lua, sizeof(*h), 0);
    *h = (struct h2){0};
    luaL_setmetatable(lua, H2_TYPE);
    make_session(h, bool_field(lua, 1, "manual"));
    if (nghttp2_submit_settings(h->session, NGHTTP2_FLAG_NONE, settings, 4) != 0)
        return luaL_error(lua, "these settings of HTTP/2 are not allowed");
    return 1;
}

static int h2_collect(lua_State *lua)
{
    struct h2 *h = h2_arg(lua);
    size_t i;

    nghttp2_session_del(h->session);
    h->session = NULL;
    for (i = 0; i < h->body_len; i++)
        buf_release(&h->bodies[i].bytes);
    mem_free(h->bodies);
    h->bodies = NULL;
    return 0;
}

/* ---- bytes ---- */

/* sys.h2_feed(h, bytes) -> list of events; and a sentence if the server broke the rules past repair
 */
static int sys_h2_feed(lua_State *lua)
{
    struct h2 *h = h2_arg(lua);
    struct str bytes;
    ssize_t done;

    bytes.data = luaL_checklstring(lua, 2, &bytes.len);
    lua_newtable(lua);
    h->lua = lua;
    luaL_checkstack(lua, 16, NULL);
    done = nghttp2_session_mem_recv(h->session, (const uint8_t *)bytes.data, bytes.len);
    h->lua = NULL;
    if (done >= 0)
        return 1;
    lua_pushstring(lua, nghttp2_strerror((int)done));
    return 2;
}

/* sys.h2_take(h) -> bytes for the server, "" if there are none */
static int sys_h2_take(lua_State *lua)
{
    struct h2 *h = h2_arg(lua);
    struct buf all = {0};
    const uint8_t *bytes;
    ssize_t len;

    while ((len = nghttp2_session_mem_send(h->session, &bytes)) > 0)
        buf_add(&all, bytes, (size_t)len);
    lua_pushlstring(lua, all.data != NULL ? all.data : "", all.len);
    buf_release(&all);
    return 1;
}

/* ---- requests ---- */

static ssize_t read_body(nghttp2_session *session, int32_t stream, uint8_t *into, size_t max,
                         uint32_t *flags, nghttp2_data_source *source, void *owner)
{
    struct h2_body *b = body_of(owner, stream);
    size_t len;

    (void)session;
    (void)source;
    if (b == NULL)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    len = b->bytes.len - b->sent;
    if (len == 0 && !b->ended)
        return NGHTTP2_ERR_DEFERRED;
    if (len > max)
        len = max;
    if (len > 0)
        memcpy(into, b->bytes.data + b->sent, len);
    b->sent += len;
    if (b->sent == b->bytes.len && b->ended)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)len;
}

/* The list of {name, value} at arg; texts stay in Lua. */
static size_t take_headers(lua_State *lua, int arg, nghttp2_nv *headers)
{
    size_t count = lua_rawlen(lua, arg);
    size_t i;

    luaL_argcheck(lua, count <= HEADERS_MAX, arg, "too many headers");
    for (i = 0; i < count; i++) {
        nghttp2_nv *nv = &headers[i];
        *nv = (nghttp2_nv){0};
        lua_rawgeti(lua, arg, (lua_Integer)i + 1);
        luaL_checktype(lua, -1, LUA_TTABLE);
        lua_rawgeti(lua, -1, 1);
        nv->name = (uint8_t *)(uintptr_t)luaL_checklstring(lua, -1, &nv->namelen);
        lua_rawgeti(lua, -2, 2);
        nv->value = (uint8_t *)(uintptr_t)luaL_checklstring(lua, -1, &nv->valuelen);
        lua_pop(lua, 3);
    }
    return count;
}

/* sys.h2_request(h, headers, body or nil, ended) -> stream; body nil: there is none */
static int sys_h2_request(lua_State *lua)
{
    struct h2 *h = h2_arg(lua);
    nghttp2_nv headers[HEADERS_MAX];
    nghttp2_data_provider provider = {.read_callback = read_body};
    size_t count = take_headers(lua, 2, headers);
    bool has_body = !lua_isnil(lua, 3);
    int32_t stream =
        nghttp2_submit_request(h->session, NULL, headers, count, has_body ? &provider : NULL, NULL);
    struct h2_body *b;
    struct str bytes;

    if (stream < 0)
        return luaL_error(lua, "the request cannot be made: %s", nghttp2_strerror(stream));
    if (has_body) {
        bytes.data = luaL_checklstring(lua, 3, &bytes.len);
        h->bodies = mem_grow(h->bodies, &h->body_cap, h->body_len + 1, sizeof(*h->bodies));
        b = &h->bodies[h->body_len++];
        *b = (struct h2_body){.stream = stream, .ended = lua_toboolean(lua, 4)};
        buf_add_str(&b->bytes, bytes);
    }
    lua_pushinteger(lua, stream);
    return 1;
}

/* sys.h2_send(h, stream, bytes, ended) */
static int sys_h2_send(lua_State *lua)
{
    struct h2 *h = h2_arg(lua);
    int32_t stream = (int32_t)luaL_checkinteger(lua, 2);
    struct h2_body *b = body_of(h, stream);
    struct str bytes;

    bytes.data = luaL_checklstring(lua, 3, &bytes.len);
    if (b == NULL)
        return 0; /* the stream is closed */
    buf_add_str(&b->bytes, bytes);
    b->ended = b->ended || lua_toboolean(lua, 4);
    nghttp2_session_resume_data(h->session, stream);
    return 0;
}

/* sys.h2_reset(h, stream, code) */
static int sys_h2_reset(lua_State *lua)
{
    nghttp2_submit_rst_stream(h2_arg(lua)->session, NGHTTP2_FLAG_NONE,
                              (int32_t)luaL_checkinteger(lua, 2),
                              (uint32_t)luaL_checkinteger(lua, 3));
    return 0;
}

/* sys.h2_window(h, stream or 0, bytes): the server may send so many more */
static int sys_h2_window(lua_State *lua)
{
    nghttp2_submit_window_update(h2_arg(lua)->session, NGHTTP2_FLAG_NONE,
                                 (int32_t)luaL_checkinteger(lua, 2),
                                 (int32_t)luaL_checkinteger(lua, 3));
    return 0;
}

/* sys.h2_ping(h, eight bytes) */
static int sys_h2_ping(lua_State *lua)
{
    size_t len;
    const char *bytes = luaL_checklstring(lua, 2, &len);

    luaL_argcheck(lua, len == 8, 2, "a ping has eight bytes");
    nghttp2_submit_ping(h2_arg(lua)->session, NGHTTP2_FLAG_NONE, (const uint8_t *)bytes);
    return 0;
}

/* sys.h2_settings(h, {window =, header_table =, max_frame =}): new ones */
static int sys_h2_settings(lua_State *lua)
{
    static const struct {
        const char *name;
        int32_t id;
    } known[] = {{"window", NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE},
                 {"header_table", NGHTTP2_SETTINGS_HEADER_TABLE_SIZE},
                 {"max_frame", NGHTTP2_SETTINGS_MAX_FRAME_SIZE}};
    nghttp2_settings_entry settings[3];
    size_t count = 0;
    size_t i;

    luaL_checktype(lua, 2, LUA_TTABLE);
    for (i = 0; i < 3; i++) {
        int64_t value = sys_number_field(lua, 2, known[i].name, -1);
        if (value >= 0)
            settings[count++] = (nghttp2_settings_entry){known[i].id, (uint32_t)value};
    }
    if (nghttp2_submit_settings(h2_arg(lua)->session, NGHTTP2_FLAG_NONE, settings, count) != 0)
        return luaL_error(lua, "these settings of HTTP/2 are not allowed");
    return 0;
}

void h2_open(lua_State *lua)
{
    static const luaL_Reg functions[] = {
        {"h2_open", sys_h2_open},         {"h2_feed", sys_h2_feed},
        {"h2_take", sys_h2_take},         {"h2_request", sys_h2_request},
        {"h2_send", sys_h2_send},         {"h2_reset", sys_h2_reset},
        {"h2_window", sys_h2_window},     {"h2_ping", sys_h2_ping},
        {"h2_settings", sys_h2_settings}, {NULL, NULL},
    };

    luaL_newmetatable(lua, H2_TYPE);
    lua_pushcfunction(lua, h2_collect);
    lua_setfield(lua, -2, "__gc");
    lua_pop(lua, 1);
    luaL_setfuncs(lua, functions, 0);
}
