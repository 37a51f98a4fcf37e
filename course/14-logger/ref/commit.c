/* commit.c - four answers to "when is it stored?".
 *
 *     each      log, sync, reply
 *     batch     log; at the end of batch_ms one sync; then the replies of all that came meanwhile
 *     interval  log, reply; a sync at most interval_ms after the first record that has none
 *     none      log, reply; a segment is synced when it is full, and that is all
 *
 * The timer of batch and interval starts with the first record that waits and is not touched by
 * later ones: else it would never fire under load. */
#include "commit.h"

#include "config.h"
#include "log.h"
#include "reply.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct pending {
    struct message *message;
    uint64_t lsn;
    struct bytes payload;
};

static enum { EACH, BATCH, INTERVAL, NONE } policy;
static commit_apply apply;
static struct pending *pending;
static size_t pending_count, pending_cap;
static bool is_timer_set;

static void finish(const struct message *m, uint64_t lsn, struct slice payload)
{
    enum node_code code = apply(lsn, payload);

    if (code == NODE_OK)
        reply_ok(m, "lsn", json_int((int64_t)lsn));
    else
        node_error(m, code, "no such key");
}

static void batch_end(void *owner)
{
    int status = log_sync();

    (void)owner;
    is_timer_set = false;
    for (size_t i = 0; i < pending_count; i++) {
        struct pending *p = &pending[i];

        if (p->lsn <= log_durable())
            finish(p->message, p->lsn, (struct slice){p->payload.data, p->payload.len});
        else
            reply_failed(p->message, status < 0 ? status : -EIO);
        node_free(p->message);
        free(p->payload.data);
    }
    pending_count = 0;
}

static void batch_add(const struct message *m, uint64_t lsn, struct slice payload)
{
    if (pending_count == pending_cap) {
        pending_cap = 2 * pending_cap + 64;
        pending = must_alloc(pending, pending_cap * sizeof(*pending));
    }
    pending[pending_count] = (struct pending){.message = node_keep(m), .lsn = lsn};
    bytes_add(&pending[pending_count++].payload, payload.data, payload.len);
    if (!is_timer_set)
        node_after((int)config_int("batch_ms", 10), batch_end, NULL);
    is_timer_set = true;
}

static void interval_end(void *owner)
{
    (void)owner;
    is_timer_set = false;
    if (log_sync_keeping() < 0) {
        node_after((int)config_int("interval_ms", 1000), interval_end, NULL);
        is_timer_set = true;
    }
}

void commit(const struct message *m, struct slice payload)
{
    uint64_t lsn;
    int status = log_append(payload, &lsn);

    if (status == 0 && policy == EACH)
        status = log_sync();
    if (status < 0) {
        reply_failed(m, status);
        return;
    }
    if (policy == BATCH) {
        batch_add(m, lsn, payload);
        return;
    }
    if (policy == INTERVAL && !is_timer_set) {
        node_after((int)config_int("interval_ms", 1000), interval_end, NULL);
        is_timer_set = true;
    }
    finish(m, lsn, payload);
}

uint64_t commit_visible(void)
{
    return policy == EACH || policy == BATCH ? log_durable() : log_last();
}

void commit_open(commit_apply fn)
{
    static const char *const names[] = {"each", "batch", "interval", "none"};
    const char *name = config_text("sync", "each");

    apply = fn;
    for (int i = 0; i < 4; i++) {
        if (strcmp(name, names[i]) == 0)
            policy = i;
    }
}
