/* txn.c - txn-list-append and txn-rw-register. Right: node n0 carries out every transaction, one
 * after the other; the others pass theirs on. What n0 has carried out is on disk before the answer
 * leaves. A transaction passed on carries a number of its own, so that a copy made by the network
 * is answered and not carried out again.
 *
 * The wrong modes fail at one level of isolation each, and pass the levels below:
 *   interleave   other transactions come between two operations: G0, G1b, G1c   (read-uncommitted)
 *   dirty-abort  a refused transaction leaves its writes behind: G1a            (read-committed)
 *   lost-update  reads at the beginning, writes at the end, no check            (snapshot
 * isolation) snapshot     likewise, but the first to change a key wins: write skew, G2
 * (serializable) stale-read   other nodes answer reads from a copy of up to 300 ms ago
 * (strict-serializable) local and forgets hold no level that has replicas or restarts in it. */
#include "disk.h"
#include "mode.h"
#include "node.h"
#include "table.h"

enum { CALL_MS = 1000, THINK_MS = 20, STEP_MS = 5, COPY_MS = 300, OPS_MAX = 64 };

static enum {
    RIGHT,
    INTERLEAVE,
    DIRTY_ABORT,
    LOST_UPDATE,
    SNAPSHOT,
    STALE_READ,
    LOCAL,
    FORGETS,
} mode;
static const char *const modes[] = {
    "right",      "interleave", "dirty-abort", "lost-update", "snapshot",
    "stale-read", "local",      "forgets",     NULL,
};

struct cell {
    struct json *value; /* kept; NULL: never written */
    uint64_t version;   /* number of changes */
};

/* A transaction under way: what it has read so far and what it wants to write. */
struct work {
    struct message *request;
    struct json *ops;    /* kept: the operations as asked */
    struct json *result; /* kept: the operations with what they read */
    size_t at;           /* interleave: the next operation */
    size_t write_count;
    struct {
        char *key;
        struct json *value; /* kept */
        uint64_t version;   /* of the cell when we first wrote to it */
    } writes[OPS_MAX];
};

static struct table cells;
static struct table done; /* number of a transaction to its kept result; under_way before that */
static struct json *under_way;
static uint64_t number_base, number_count, request_count;
static int64_t copy_version; /* stale-read: of the copy we send or have */

static struct cell *cell_of(const char *key)
{
    void **place = table_at(&cells, key);

    if (*place == NULL && (*place = calloc(1, sizeof(struct cell))) == NULL)
        abort();
    return *place;
}

static void cell_set(const char *key, const struct json *value)
{
    struct cell *c = cell_of(key);
    struct json *old = c->value;

    c->value = json_keep(value); /* before the old one goes: value may hold pieces of it */
    c->version++;
    json_free(old);
}

/* The value of a key after one more operation of type f. */
static struct json *changed(const struct json *old, const char *f, struct json *argument)
{
    struct json *list;

    if (strcmp(f, "append") != 0)
        return argument;
    list = json_array();
    for (size_t i = 0; i < json_len(old); i++)
        json_push(list, json_at(old, i));
    json_push(list, argument);
    return list;
}

static struct json *triple(const struct json *op, struct json *value)
{
    struct json *copy = json_array();

    json_push(copy, json_at(op, 0));
    json_push(copy, json_at(op, 1));
    json_push(copy, value);
    return copy;
}

static const char *f_of(const struct json *op)
{
    const char *f = json_text_of(json_at(op, 0));

    return f != NULL ? f : "r";
}

/* Carries out all operations against the cells, keeping the writes aside. */
static void work_think(struct work *w)
{
    struct json *result = json_array();

    for (size_t i = 0; i < json_len(w->ops); i++) {
        struct json *op = json_at(w->ops, i);
        const char *key = json_show(json_at(op, 1));
        struct json *value = cell_of(key)->value;
        size_t n = 0;

        while (n < w->write_count && strcmp(w->writes[n].key, key) != 0)
            n++;
        if (n < w->write_count)
            value = w->writes[n].value;
        if (strcmp(f_of(op), "r") == 0) {
            json_push(result, triple(op, value));
            continue;
        }
        value = changed(value, f_of(op), json_at(op, 2));
        if (n == w->write_count) {
            w->writes[n].key = strdup(key);
            w->writes[n].version = cell_of(key)->version;
            w->write_count++;
        }
        w->writes[n].value = value;
        json_push(result, op);
    }
    w->result = json_keep(result);
    for (size_t n = 0; n < w->write_count; n++)
        w->writes[n].value = json_keep(w->writes[n].value);
}

static void work_free(struct work *w)
{
    for (size_t i = 0; i < w->write_count; i++) {
        free(w->writes[i].key);
        json_free(w->writes[i].value);
    }
    json_free(w->ops);
    json_free(w->result);
    node_free(w->request);
    free(w);
}

/* For the request of a client or one passed on by another node: the reply has the same fields. */
static void answer(const struct message *request, const struct json *result)
{
    node_reply(request, "txn_ok", "txn", result, NULL);
}

static const char *number_of(const struct work *w)
{
    return json_text_of(json_get(w->request->body, "number"));
}

static void work_finish(struct work *w)
{
    answer(w->request, w->result);
    if (number_of(w) != NULL)
        *table_at(&done, number_of(w)) = json_keep(w->result);
    work_free(w);
}

static void work_commit(void *owner)
{
    struct work *w = owner;

    for (size_t i = 0; i < w->write_count && mode == SNAPSHOT; i++) {
        if (cell_of(w->writes[i].key)->version != w->writes[i].version) {
            node_error(w->request, NODE_CONFLICT, "another transaction changed this key first");
            work_free(w);
            return;
        }
    }
    for (size_t i = 0; i < w->write_count; i++)
        cell_set(w->writes[i].key, w->writes[i].value);
    if (w->write_count > 0) {
        struct json *record = json_array();

        json_push(record, json_get(w->request->body, "number"));
        json_push(record, w->result);
        disk_append(record);
    }
    if (mode == DIRTY_ABORT && w->write_count > 0 && ++request_count % 5 == 0) {
        node_error(w->request, NODE_CONFLICT, "refused");
        work_free(w);
        return;
    }
    work_finish(w);
}

/* interleave: one operation now, the next one later. */
static void work_step(void *owner)
{
    struct work *w = owner;
    struct json *op = json_at(w->ops, w->at++), *result = json_array();
    const char *key = json_show(json_at(op, 1));

    for (size_t i = 0; i < json_len(w->result); i++)
        json_push(result, json_at(w->result, i));
    if (strcmp(f_of(op), "r") == 0) {
        json_push(result, triple(op, cell_of(key)->value));
    } else {
        cell_set(key, changed(cell_of(key)->value, f_of(op), json_at(op, 2)));
        json_push(result, op);
    }
    result = json_keep(result);
    json_free(w->result);
    w->result = result;
    if (w->at < json_len(w->ops))
        node_after(STEP_MS, work_step, w);
    else
        work_finish(w);
}

static void replay(const struct json *record)
{
    struct json *ops = json_at(record, 1);
    const char *number = json_text_of(json_at(record, 0));

    for (size_t i = 0; i < json_len(ops); i++) {
        struct json *op = json_at(ops, i);
        const char *key = json_show(json_at(op, 1));

        if (strcmp(f_of(op), "r") != 0)
            cell_set(key, changed(cell_of(key)->value, f_of(op), json_at(op, 2)));
    }
    if (number != NULL)
        *table_at(&done, number) = json_keep(ops);
}

/* A transaction that is ours to carry out. */
static void on_run(const struct message *m)
{
    const char *number = json_text_of(json_get(m->body, "number"));
    struct json *ops = json_get(m->body, "txn");
    struct json *before = number == NULL ? NULL : table_get(&done, number);
    struct work *w;

    if (before != NULL) {
        if (before != under_way)
            answer(m, before);
        return;
    }
    if (json_len(ops) > OPS_MAX) {
        node_error(m, NODE_NOT_SUPPORTED, "too many operations in one transaction");
        return;
    }
    if (number != NULL)
        *table_at(&done, number) = under_way;
    w = calloc(1, sizeof(*w));
    if (w == NULL)
        abort();
    w->request = node_keep(m);
    w->ops = json_keep(ops);
    if (mode == INTERLEAVE && json_len(ops) > 0) {
        work_step(w);
        return;
    }
    work_think(w);
    if (mode == LOST_UPDATE || mode == SNAPSHOT)
        node_after(THINK_MS, work_commit, w);
    else
        work_commit(w);
}

static void passed(void *owner, const struct message *m)
{
    enum node_code code = node_code_of(m);

    if (code == NODE_OK)
        answer(owner, json_get(m->body, "txn"));
    else
        node_error(owner, code, "n0 refused or did not answer in time");
    node_free(owner);
}

/* stale-read: from the copy. */
static bool read_only(const struct json *ops)
{
    for (size_t i = 0; i < json_len(ops); i++) {
        if (strcmp(f_of(json_at(ops, i)), "r") != 0)
            return false;
    }
    return true;
}

static void copy_send(void *owner)
{
    struct json *all = json_object();

    (void)owner;
    copy_version++;
    for (size_t i = 0; i < cells.cap; i++) {
        struct cell *c = cells.slots[i].value;

        if (c != NULL)
            json_set(all, cells.slots[i].key, c->value);
    }
    for (int i = 1; i < node_count(); i++)
        node_send(node_name(i), "copy", "version", json_int(copy_version), "cells", all, NULL);
}

static void on_copy(const struct message *m)
{
    struct json *all = json_get(m->body, "cells");
    int64_t version = json_int_of(json_get(m->body, "version"), 0);

    if (version <= copy_version)
        return;
    copy_version = version;
    for (size_t i = 0; i < json_len(all); i++)
        cell_set(all->members[i].key, all->members[i].value);
}

static void on_txn(const struct message *m)
{
    struct json *ops = json_get(m->body, "txn");
    char number[128];

    if (node_self() == 0 || mode == LOCAL || (mode == STALE_READ && read_only(ops))) {
        on_run(m);
        return;
    }
    snprintf(number, sizeof(number), "%s-%llx-%llu", node_id(), (unsigned long long)number_base,
             (unsigned long long)++number_count);
    node_call(node_name(0), CALL_MS, passed, node_keep(m), "run", "txn", ops, "number",
              json_string(number), NULL);
}

static void on_start(void)
{
    number_base = node_random();
    under_way = json_keep(NULL);
    if (mode != FORGETS)
        disk_open(replay);
    if (mode == STALE_READ && node_self() == 0)
        node_every(COPY_MS, copy_send, NULL);
}

int main(int argc, char **argv)
{
    mode = mode_parse(argc, argv, modes);
    node_on_start(on_start);
    node_on("txn", on_txn);
    node_on("run", on_run);
    node_on("copy", on_copy);
    return node_run();
}
