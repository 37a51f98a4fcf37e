/* kafka.c - the first node keeps all logs; the others pass on what they are asked. */
#include "node.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOGS_MAX = 256, LOG_MAX = 1 << 14, POLL_MAX = 20 };

struct log {
    char key[64];
    struct json **msgs; /* kept; the offset is the place */
    int count;
    int64_t committed; /* -1: nothing is */
};

static struct log logs[LOGS_MAX];
static int log_count;

static struct log *log_of(const char *key)
{
    struct log *log;

    if (key == NULL)
        key = "";
    for (int i = 0; i < log_count; i++) {
        if (strcmp(logs[i].key, key) == 0)
            return &logs[i];
    }
    log = &logs[log_count];
    if (log_count == LOGS_MAX || strlen(key) >= sizeof(log->key)) {
        node_log("too many keys, or too long ones");
        exit(1);
    }
    log->msgs = calloc(LOG_MAX, sizeof(*log->msgs));
    if (log->msgs == NULL)
        exit(1);
    snprintf(log->key, sizeof(log->key), "%s", key);
    log->committed = -1;
    log_count++;
    return log;
}

static struct json *do_send(const struct json *body)
{
    struct log *log = log_of(json_text_of(json_get(body, "key")));

    if (log->count == LOG_MAX) {
        node_log("more than %d messages in a log", LOG_MAX);
        exit(1);
    }
    log->msgs[log->count] = json_keep(json_get(body, "msg"));
    return json_int(log->count++);
}

static struct json *do_poll(const struct json *body)
{
    struct json *offsets = json_get(body, "offsets"), *msgs = json_object();

    for (size_t i = 0; i < json_len(offsets); i++) {
        const struct json_member *asked = &offsets->members[i];
        struct log *log = log_of(asked->key);
        struct json *list = json_array();
        int64_t first = json_int_of(asked->value, 0);
        for (int64_t at = first; at < log->count && at < first + POLL_MAX; at++) {
            struct json *pair = json_array();
            json_push(pair, json_int(at));
            json_push(pair, log->msgs[at]);
            json_push(list, pair);
        }
        json_set(msgs, asked->key, list);
    }
    return msgs;
}

static struct json *do_commit(const struct json *body)
{
    struct json *offsets = json_get(body, "offsets");

    for (size_t i = 0; i < json_len(offsets); i++) {
        struct log *log = log_of(offsets->members[i].key);
        int64_t offset = json_int_of(offsets->members[i].value, 0);
        if (offset > log->committed)
            log->committed = offset;
    }
    return json_null();
}

static struct json *do_list(const struct json *body)
{
    struct json *keys = json_get(body, "keys"), *offsets = json_object();

    for (size_t i = 0; i < json_len(keys); i++) {
        struct log *log = log_of(json_text_of(json_at(keys, i)));
        if (log->committed >= 0)
            json_set(offsets, log->key, json_int(log->committed));
    }
    return offsets;
}

/* How each type of request is answered: with one field, or none (NULL). */
static const struct work {
    const char *type, *answer, *field;
    struct json *(*work)(const struct json *body);
} works[] = {
    {"send", "send_ok", "offset", do_send},
    {"poll", "poll_ok", "msgs", do_poll},
    {"commit_offsets", "commit_offsets_ok", NULL, do_commit},
    {"list_committed_offsets", "list_committed_offsets_ok", "offsets", do_list},
};
enum { WORK_COUNT = sizeof(works) / sizeof(works[0]) };

static const struct work *work_of(const struct message *m)
{
    const struct work *w = works;

    while (w < works + WORK_COUNT - 1 && strcmp(w->type, m->type) != 0)
        w++;
    return w;
}

static void answered(void *owner, const struct message *m)
{
    struct message *request = owner;
    const struct work *w = work_of(request);

    if (node_code_of(m) == NODE_OK)
        node_reply(request, w->answer, w->field,
                   w->field != NULL ? json_get(m->body, w->field) : NULL, NULL);
    else
        node_error(request, node_code_of(m), "the first node did not do it");
    node_free(request);
}

static void on_request(const struct message *m)
{
    const struct work *w = work_of(m);
    struct json *b = m->body;

    if (node_self() == 0)
        node_reply(m, w->answer, w->field, w->work(b), NULL);
    else
        node_call(node_name(0), 1000, answered, node_keep(m), w->type, "key", json_get(b, "key"),
                  "msg", json_get(b, "msg"), "offsets", json_get(b, "offsets"), "keys",
                  json_get(b, "keys"), NULL);
}

int main(void)
{
    for (int i = 0; i < WORK_COUNT; i++)
        node_on(works[i].type, on_request);
    return node_run();
}
