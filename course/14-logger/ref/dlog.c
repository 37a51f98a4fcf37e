/* dlog.c - partitions as a service: send, poll, offset_for, metadata. */
#include "control.h"
#include "engine.h"
#include "offsets.h"
#include "rebalance.h"
#include "replica.h"
#include "reply.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POLL_BYTES = 16 << 10, TIDY_MS = 600 * 1000, CODE_CORRUPT = 1001 };

static void tidy_all(void *owner)
{
    (void)owner;
    for (int i = 0; topic_at(i) != NULL; i++)
        replica_tidy(topic_at(i));
    offsets_expire();
}

/* NULL, and the request has been refused. */
static struct topic *topic_of(const struct message *m)
{
    const char *key = json_text_of(json_get(m->body, "key"));
    struct topic *t = key == NULL ? NULL : topic_find(key);

    if (key == NULL)
        node_error(m, NODE_MALFORMED, "key must be a string");
    else if (t == NULL)
        node_error(m, NODE_NO_KEY, "no such partition");
    return t;
}

static void failed(const struct message *m, const struct topic *t, int status)
{
    if (status == -EBADMSG)
        node_reply(m, "error", "code", json_int(CODE_CORRUPT), "text", json_string("corrupt"),
                   "key", json_string(t->log->key), NULL);
    else
        node_error(m, NODE_UNAVAILABLE, strerror(-status));
}

static bool is_pair(const struct json *msg)
{
    return msg->type == JSON_ARRAY && msg->len == 2 && json_text_of(json_at(msg, 0)) != NULL;
}

/* A send that waits until its message is under the watermark. */
struct sending {
    struct message *request;
    struct item item;
};

static void send_is_over(void *owner, bool ok)
{
    struct sending *s = owner;

    if (ok)
        node_reply(s->request, "send_ok", "offset", json_int((int64_t)s->item.offset), "ms",
                   json_int((int64_t)s->item.ms), NULL);
    else
        node_error(s->request, NODE_CRASH, "the leader changed; it may have been stored");
    node_free(s->request);
    free(s);
}

static int acks_of(const struct message *m)
{
    return (int)json_int_of(json_get(m->body, "acks"), ACKS_ALL); /* "all" is no number */
}

static void on_send(const struct message *m)
{
    struct topic *t = topic_of(m);
    struct json *msg = json_get(m->body, "msg");
    struct sending s = {.request = NULL}, *kept;
    struct slice payload;
    enum node_code code;

    if (t == NULL)
        return;
    if (replica_leads(t) != NODE_OK) {
        replica_refuse(m, t);
        return;
    }
    if (msg == NULL || (t->log->config.compact && !is_pair(msg))) {
        node_error(m, NODE_MALFORMED, "msg must be there, and [k, v] if the log is compacted");
        return;
    }
    payload.data = json_show(msg);
    payload.len = strlen(payload.data);
    if (payload.len > ITEM_PAYLOAD_MAX) {
        node_error(m, NODE_MALFORMED, "msg is too long");
        return;
    }
    if (acks_of(m) == 0) { /* whatever becomes of it */
        node_reply(m, "send_ok", "offset", json_null(), "ms", json_null(), NULL);
        replica_append(t, (struct payloads){&payload, 1}, 0, &s.item);
        return;
    }
    code = replica_append(t, (struct payloads){&payload, 1}, acks_of(m), &s.item);
    if (code != NODE_OK) {
        node_error(m, code, "not stored");
        return;
    }
    kept = must_alloc(NULL, sizeof(*kept));
    *kept = s;
    kept->request = node_keep(m);
    if (acks_of(m) == ACKS_ALL)
        replica_wait(t, s.item.offset + 1, send_is_over, kept);
    else
        send_is_over(kept, true);
}

struct page {
    struct json *list;
    size_t bytes;
    uint64_t watermark;
};

static bool page_add(void *owner, const struct item *it)
{
    struct page *p = owner;
    struct json *pair = json_array();
    char *copy = json_scratch(it->payload.len + 1);

    if (it->offset >= p->watermark)
        return false;
    memcpy(copy, it->payload.data, it->payload.len);
    json_push(pair, json_int((int64_t)it->offset));
    json_push(pair, json_parse(copy, it->payload.len));
    json_push(p->list, pair);
    p->bytes += it->payload.len;
    return p->bytes < POLL_BYTES;
}

/* One partition of a poll; false: the request has been refused. */
static bool poll_one(const struct message *m, const char *key, uint64_t offset, struct json *msgs)
{
    struct topic *t = topic_find(key);
    struct page page = {.list = json_array()};
    struct json *replica = json_get(m->body, "replica");
    bool is_copy = replica != NULL && replica->type == JSON_BOOL && replica->boolean;
    int status;

    if (t == NULL) {
        node_error(m, NODE_NO_KEY, "no such partition");
        return false;
    }
    if (is_copy ? t->part == NULL : replica_leads(t) != NODE_OK) {
        replica_refuse(m, t);
        return false;
    }
    page.watermark = t->watermark;
    if (offset < part_first(t->part)) {
        node_reply(m, "error", "code", json_int(NODE_PRECONDITION), "text",
                   json_string("the log begins later"), "key", json_string(key), "first",
                   json_int((int64_t)part_first(t->part)), NULL);
        return false;
    }
    status = part_read(t->part, offset, page_add, &page);
    if (status < 0 && json_len(page.list) == 0) {
        failed(m, t, status);
        return false;
    }
    json_set(msgs, key, page.list);
    return true;
}

static void on_poll(const struct message *m)
{
    const struct json *offsets = json_get(m->body, "offsets");
    struct json *msgs = json_object();

    if (offsets == NULL || offsets->type != JSON_OBJECT) {
        node_error(m, NODE_MALFORMED, "offsets must be an object");
        return;
    }
    for (uint32_t i = 0; i < offsets->len; i++) {
        int64_t offset = json_int_of(offsets->members[i].value, 0);

        if (!poll_one(m, offsets->members[i].key, offset < 0 ? 0 : (uint64_t)offset, msgs))
            return;
    }
    node_reply(m, "poll_ok", "msgs", msgs, NULL);
}

static void on_offset_for(const struct message *m)
{
    struct topic *t = topic_of(m);
    int64_t ms = json_int_of(json_get(m->body, "ms"), 0);
    uint64_t offset;
    int status;

    if (t == NULL)
        return;
    if (replica_leads(t) != NODE_OK) {
        replica_refuse(m, t);
        return;
    }
    status = part_offset_at(t->part, ms < 0 ? 0 : (uint64_t)ms, &offset);
    if (status < 0)
        failed(m, t, status);
    else
        node_reply(m, "offset_for_ok", "offset", json_int((int64_t)offset), NULL);
}

static struct json *names(uint32_t nodes)
{
    struct json *list = json_array();

    for (int i = 0; i < node_count(); i++) {
        if (nodes >> i & 1)
            json_push(list, json_string(node_name(i)));
    }
    return list;
}

static void on_metadata(const struct message *m)
{
    struct json *all = json_object();

    for (int i = 0; topic_at(i) != NULL; i++) {
        const struct topic *t = topic_at(i);
        struct json *one = json_object();
        uint32_t replicas = 0;

        for (int k = 0; k < t->log->replica_count; k++)
            replicas |= 1u << t->log->replicas[k];
        json_set(one, "leader",
                 t->log->leader < 0 ? json_null() : json_string(node_name(t->log->leader)));
        json_set(one, "epoch", json_int(t->log->epoch));
        json_set(one, "replicas", names(replicas));
        json_set(one, "isr", names(t->log->isr));
        json_set(one, "high_watermark",
                 t->part == NULL ? json_null() : json_int((int64_t)t->watermark));
        json_set(all, t->log->key, one);
    }
    node_reply(m, "metadata_ok", "partitions", all, NULL);
}

static void dlog_open(void)
{
    offsets_open();
    replica_open();
    control_open();
    node_every(TIDY_MS, tidy_all, NULL);
}

static void dlog_routes(void)
{
    engine_on("send", &engine_dlog, on_send);
    engine_on("poll", &engine_dlog, on_poll);
    engine_on("offset_for", &engine_dlog, on_offset_for);
    engine_on("metadata", &engine_dlog, on_metadata);
    control_routes();
    replica_routes();
    offsets_routes();
    rebalance_routes();
}

const struct engine engine_dlog = {.name = "log", .open = dlog_open, .routes = dlog_routes};
