/* wire.c - Raft's messages as JSON. There is no log yet, so all that would say how long it is says
 * 0. */
#include "wire.h"

#include "node.h"

#include <string.h>

static const char *const names[] = {
    [RAFT_REQUEST_VOTE] = "request_vote",     [RAFT_REQUEST_VOTE_OK] = "request_vote_ok",
    [RAFT_APPEND_ENTRIES] = "append_entries", [RAFT_APPEND_ENTRIES_OK] = "append_entries_ok",
    [RAFT_TIMEOUT_NOW] = "timeout_now",
};

static bool is_true(const struct json *v)
{
    return v != NULL && v->type == JSON_BOOL && v->boolean;
}

bool wire_read(const struct message *m, struct raft_message *ret_m)
{
    struct raft_message read = {
        .peer = node_find(m->src),
        .term = json_int_of(json_get(m->body, "term"), -1),
        .pre = is_true(json_get(m->body, "pre")),
        .yes = is_true(json_get(m->body, "granted")) || is_true(json_get(m->body, "ok")),
    };
    int type = 0;

    while (type <= RAFT_TIMEOUT_NOW && strcmp(names[type], m->type) != 0)
        type++;
    if (type > RAFT_TIMEOUT_NOW || read.peer < 0 || read.peer == node_self() || read.term < 0) {
        node_log("left out: %s from %s", m->type, m->src);
        return false;
    }
    read.type = (enum raft_type)type;
    *ret_m = read;
    return true;
}

void wire_send(const struct raft_message *m, const struct message *request)
{
    const char *type = names[m->type], *peer = node_name(m->peer);
    struct json *term = json_int(m->term), *zero = json_int(0);
    struct json *me = json_string(node_id()), *yes = json_bool(m->yes);
    bool reply = request != NULL && request->msg_id != NODE_NO_ID;

    switch (m->type) {
    case RAFT_REQUEST_VOTE:
        node_send(peer, type, "term", term, "candidate", me, "last_index", zero, "last_term", zero,
                  m->pre ? "pre" : NULL, json_bool(true), NULL);
        break;
    case RAFT_REQUEST_VOTE_OK:
        if (reply)
            node_reply(request, type, "term", term, "granted", yes, m->pre ? "pre" : NULL,
                       json_bool(true), NULL);
        else
            node_send(peer, type, "term", term, "granted", yes, m->pre ? "pre" : NULL,
                      json_bool(true), NULL);
        break;
    case RAFT_APPEND_ENTRIES:
        node_send(peer, type, "term", term, "leader", me, "prev_index", zero, "prev_term", zero,
                  "entries", json_array(), "commit", zero, NULL);
        break;
    case RAFT_APPEND_ENTRIES_OK:
        if (reply)
            node_reply(request, type, "term", term, "ok", yes, "match", zero, NULL);
        else
            node_send(peer, type, "term", term, "ok", yes, "match", zero, NULL);
        break;
    case RAFT_TIMEOUT_NOW:
        node_send(peer, type, "term", term, NULL);
        break;
    }
}
