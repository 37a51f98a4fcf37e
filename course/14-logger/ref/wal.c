/* wal.c - the log itself as a service: append, read_from, log_info. */
#include "commit.h"
#include "engine.h"
#include "log.h"
#include "reply.h"

enum { REPLY_BYTES = 64 << 10 }; /* data in one reply, and one record beyond it */

static enum node_code apply(uint64_t lsn, struct slice payload)
{
    (void)lsn;
    (void)payload;
    return NODE_OK; /* the log is all the state there is */
}

static void on_append(const struct message *m)
{
    struct json *data = json_get(m->body, "data");

    if (json_text_of(data) == NULL || data->len > RECORD_DATA_MAX) {
        node_error(m, NODE_MALFORMED, "data must be a string");
        return;
    }
    commit(m, (struct slice){.data = data->string, .len = data->len});
}

struct page {
    struct json *records;
    int64_t max;
    size_t bytes;
    uint64_t next, visible;
};

static bool page_add(void *owner, const struct record *r)
{
    struct page *p = owner;
    struct json *pair = json_array();

    if (r->lsn > p->visible || p->max <= 0)
        return false;
    json_push(pair, json_int((int64_t)r->lsn));
    json_push(pair, reply_text(r->data));
    json_push(p->records, pair);
    p->bytes += r->data.len;
    p->next = r->lsn + 1;
    return --p->max > 0 && p->bytes < REPLY_BYTES;
}

static void on_read_from(const struct message *m)
{
    struct page p = {
        .records = json_array(),
        .max = json_int_of(json_get(m->body, "max"), 100),
        .next = (uint64_t)json_int_of(json_get(m->body, "lsn"), 1),
        .visible = commit_visible(),
    };
    int status = log_read(p.next, page_add, &p);

    if (status < 0 && json_len(p.records) == 0)
        reply_failed(m, status);
    else
        node_reply(m, "read_from_ok", "records", p.records, "next", json_int((int64_t)p.next),
                   NULL);
}

static void on_log_info(const struct message *m)
{
    uint64_t at = log_corrupt_at();

    node_reply(m, "log_info_ok", "first", json_int((int64_t)log_first()), "last",
               json_int((int64_t)log_last()), "corrupt_at",
               at == 0 ? json_null() : json_int((int64_t)at), NULL);
}

static void wal_open(void)
{
    engine_open_log(1);
    commit_open(apply);
}

static void wal_routes(void)
{
    engine_on("append", &engine_wal, on_append);
    engine_on("read_from", &engine_wal, on_read_from);
    engine_on("log_info", &engine_wal, on_log_info);
}

const struct engine engine_wal = {.name = "wal", .open = wal_open, .routes = wal_routes};
