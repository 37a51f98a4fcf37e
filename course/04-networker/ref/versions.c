/* versions.c - the protocol "ver": two versions of one service, agreed on by each connection.
 *
 *     client {versions: [1, 2]}    server {version: 2}      the highest that both know
 *     v1     {op, key, value}      {value} {ok}             sees the space "main" and no other
 *     v2     {op, key, val, space?, expect?}    {val, space} {ok, space}
 *
 * Inside there is one version only, the newest: a request of version 1 is brought up to it when it
 * is read (upgrade()), and the answer is told in the client's words when it is written. In between
 * nobody asks who speaks what. */
#include "conn.h"
#include "frames.h"
#include "listener.h"
#include "pack_map.h"
#include "protos.h"
#include "spaces.h"

#include <string.h>

enum { NEWEST = 2 };

struct ver {
    int version; /* 0: not agreed yet */
};

struct request {
    bool is_set, has_expect;
    struct bytes space, key, value;
    struct pack_value expect; /* PACK_NIL: only if there is no value */
};

static void send_error(struct conn *c, const char *error)
{
    struct buffer out = {0};

    pack_put_map(&out, 1);
    pack_put_name(&out, "error");
    pack_put_name(&out, error);
    frame_put(c, buffer_bytes(&out), out.len);
    buffer_release(&out);
}

static void send_version(struct conn *c, int version)
{
    struct buffer out = {0};

    pack_put_map(&out, 1);
    pack_put_name(&out, "version");
    pack_put_small(&out, version);
    frame_put(c, buffer_bytes(&out), out.len);
    buffer_release(&out);
}

static void agree(struct conn *c, struct pack_value message)
{
    struct pack_value list = pack_get(message, "versions"), v;
    int highest = c->listener->version_max < NEWEST ? c->listener->version_max : NEWEST;
    int64_t best = 0;

    while ((v = pack_take(&list)).kind != PACK_NONE) {
        if (v.kind == PACK_INT && v.number <= highest && v.number > best)
            best = v.number;
    }
    if (best == 0) {
        send_error(c, "version");
        conn_finish(c);
        return;
    }
    ((struct ver *)c->state)->version = (int)best;
    send_version(c, (int)best);
}

/* A request of either version as one of the newest; false: it is none. What is not looked for here
 * is not seen, so a field that we do not know changes nothing. */
static bool upgrade(struct pack_value message, int version, struct request *ret_request)
{
    struct pack_value op = pack_get(message, "op"), key = pack_get(message, "key");
    struct pack_value value = pack_get(message, version == 1 ? "value" : "val");
    struct pack_value space = pack_get(message, "space"), expect = pack_get(message, "expect");
    struct request r = {.space = {"main", 4}, .key = key.text, .value = value.text};

    r.is_set = pack_is_text(op, "set");
    if (key.kind != PACK_TEXT || (r.is_set ? value.kind != PACK_TEXT : !pack_is_text(op, "get")))
        return false;
    if (version >= 2) {
        if (space.kind == PACK_TEXT)
            r.space = space.text;
        else if (space.kind != PACK_NONE)
            return false;
        if (expect.kind != PACK_NONE && expect.kind != PACK_NIL && expect.kind != PACK_TEXT)
            return false;
        r.has_expect = expect.kind != PACK_NONE;
        r.expect = expect;
    }
    *ret_request = r;
    return true;
}

static bool is_expected(const struct request *r, bool found, struct bytes current)
{
    if (r->expect.kind == PACK_NIL)
        return !found;
    return found && current.len == r->expect.text.len &&
           memcmp(current.at, r->expect.text.at, current.len) == 0;
}

static void send_answer(struct conn *c, int version, const struct request *r, struct bytes value)
{
    struct buffer out = {0};

    pack_put_map(&out, version == 1 ? 1 : 2);
    if (r->is_set) {
        pack_put_name(&out, "ok");
        pack_put_true(&out);
    } else {
        pack_put_name(&out, version == 1 ? "value" : "val");
        pack_put_text(&out, value);
    }
    if (version >= 2) {
        pack_put_name(&out, "space");
        pack_put_text(&out, r->space);
    }
    frame_put(c, buffer_bytes(&out), out.len);
    buffer_release(&out);
}

static void serve(struct conn *c, int version, struct pack_value message)
{
    struct bytes current = {0};
    struct request r;
    bool found;

    if (!upgrade(message, version, &r)) {
        send_error(c, "request");
        return;
    }
    found = spaces_get(r.space, r.key, &current);
    if (r.is_set && r.has_expect && !is_expected(&r, found, current)) {
        send_error(c, "expect");
    } else if (!r.is_set && !found) {
        send_error(c, "missing");
    } else {
        if (r.is_set)
            spaces_set(r.space, r.key, r.value);
        send_answer(c, version, &r, current);
    }
}

static void opened(struct conn *c)
{
    (void)c;
    spaces_open();
}

static bool step(struct conn *c)
{
    struct ver *v = c->state;
    struct buffer memory = {0};
    const unsigned char *payload;
    struct pack_value message;
    size_t len;

    if (!frame_first(c, &payload, &len))
        return false;
    message = pack_open(payload, len, &memory);
    if (v->version == 0)
        agree(c, message);
    else
        serve(c, v->version, message);
    buffer_release(&memory);
    buffer_take(&c->in, FRAME_HEADER + len);
    return true;
}

const struct proto ver_proto = {
    .name = "ver", .state_size = sizeof(struct ver), .opened = opened, .step = step};
