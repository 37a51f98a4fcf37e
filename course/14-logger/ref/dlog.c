/* dlog.c - partitions as a service: create_log, send, poll, offset_for. */
#include "catalog.h"
#include "engine.h"
#include "offsets.h"
#include "reply.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POLL_BYTES = 16 << 10, TIDY_MS = 600 * 1000, CODE_CORRUPT = 1001 };

static void tidy(struct topic *t)
{
    int status = part_tidy(t->part, part_end(t->part));

    if (status < 0)
        node_log("tidying %s: %s", t->key, strerror(-status)); /* all stays; it is tried again */
}

static void tidy_all(void *owner)
{
    (void)owner;
    for (size_t i = 0; catalog_at(i) != NULL; i++)
        tidy(catalog_at(i));
    offsets_expire();
}

/* NULL, and the request has been refused. */
static struct topic *topic_of(const struct message *m)
{
    const char *key = json_text_of(json_get(m->body, "key"));
    struct topic *t = key == NULL ? NULL : catalog_find(key);

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
                   "key", json_string(t->key), NULL);
    else
        node_error(m, NODE_UNAVAILABLE, strerror(-status));
}

static void on_create_log(const struct message *m)
{
    const char *key = json_text_of(json_get(m->body, "key"));
    struct json *fields = json_object();
    int status;

    if (key == NULL) {
        node_error(m, NODE_MALFORMED, "key must be a string");
        return;
    }
    for (uint32_t i = 0; i < m->body->len; i++) {
        if (strcmp(m->body->members[i].key, "msg_id") != 0)
            json_set(fields, m->body->members[i].key, m->body->members[i].value);
    }
    status = catalog_create(key, fields);
    if (status == -EEXIST)
        node_error(m, NODE_KEY_EXISTS, "there is such a partition");
    else if (status < 0)
        node_error(m, NODE_UNAVAILABLE, strerror(-status));
    else
        node_reply(m, "create_log_ok", NULL);
}

static bool is_pair(const struct json *msg)
{
    return msg->type == JSON_ARRAY && msg->len == 2 && json_text_of(json_at(msg, 0)) != NULL;
}

static void on_send(const struct message *m)
{
    struct topic *t = topic_of(m);
    struct json *msg = json_get(m->body, "msg");
    struct item it;
    int status;

    if (t == NULL)
        return;
    if (msg == NULL || (t->part->config.compact && !is_pair(msg))) {
        node_error(m, NODE_MALFORMED, "msg must be there, and [k, v] if the log is compacted");
        return;
    }
    it = (struct item){.offset = part_end(t->part), .ms = part_now(t->part)};
    it.payload.data = json_show(msg);
    it.payload.len = strlen(it.payload.data);
    if (it.payload.len > ITEM_PAYLOAD_MAX) {
        node_error(m, NODE_MALFORMED, "msg is too long");
        return;
    }
    status = part_append(t->part, &it, 1);
    if (status < 0) {
        failed(m, t, status);
        return;
    }
    node_reply(m, "send_ok", "offset", json_int((int64_t)it.offset), "ms", json_int((int64_t)it.ms),
               NULL);
    tidy(t);
}

struct page {
    struct json *list;
    size_t bytes;
};

static bool page_add(void *owner, const struct item *it)
{
    struct page *p = owner;
    struct json *pair = json_array();
    char *copy = json_scratch(it->payload.len + 1);

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
    struct topic *t = catalog_find(key);
    struct page page = {.list = json_array()};
    int status;

    if (t == NULL) {
        node_error(m, NODE_NO_KEY, "no such partition");
        return false;
    }
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
    status = part_offset_at(t->part, ms < 0 ? 0 : (uint64_t)ms, &offset);
    if (status < 0)
        failed(m, t, status);
    else
        node_reply(m, "offset_for_ok", "offset", json_int((int64_t)offset), NULL);
}

static void dlog_open(void)
{
    catalog_open();
    offsets_open();
    node_every(TIDY_MS, tidy_all, NULL);
}

static void dlog_routes(void)
{
    engine_on("create_log", &engine_dlog, on_create_log);
    engine_on("send", &engine_dlog, on_send);
    engine_on("poll", &engine_dlog, on_poll);
    engine_on("offset_for", &engine_dlog, on_offset_for);
    offsets_routes();
}

const struct engine engine_dlog = {.name = "log", .open = dlog_open, .routes = dlog_routes};
