/* txn-list-append.c - the first node carries out every transaction; the others pass theirs on.
 * Knows appends to lists and writes to registers, so it does for both workloads of transactions. */
#include "node.h"

#include <stdlib.h>
#include <string.h>

enum { KEYS_MAX = 1 << 16 };

static struct json *store[KEYS_MAX]; /* kept; NULL: nothing was written */

/* Replaces what a key holds. What is made from the old value is kept before that is freed. */
static void put(int64_t key, const struct json *value)
{
    struct json *old = store[key];

    store[key] = json_keep(value);
    json_free(old);
}

static void append(int64_t key, struct json *value)
{
    struct json *list = json_array();

    for (size_t i = 0; i < json_len(store[key]); i++)
        json_push(list, json_at(store[key], i));
    json_push(list, value);
    put(key, list);
}

/* What a key holds, as it is now: a copy. All values are whole numbers. */
static struct json *shown(int64_t key)
{
    struct json *list = json_array();

    if (store[key] == NULL)
        return json_null();
    if (store[key]->type != JSON_ARRAY)
        return json_int(json_int_of(store[key], 0));
    for (size_t i = 0; i < json_len(store[key]); i++)
        json_push(list, json_int(json_int_of(json_at(store[key], i), 0)));
    return list;
}

static struct json *carry_out(struct json *operation)
{
    const char *kind = json_text_of(json_at(operation, 0));
    int64_t key = json_int_of(json_at(operation, 1), -1);
    struct json *value = json_at(operation, 2), *done = json_array();

    if (kind == NULL || key < 0 || key >= KEYS_MAX) {
        node_log("an operation that cannot be carried out: %s", json_show(operation));
        exit(1);
    }
    if (strcmp(kind, "append") == 0)
        append(key, value);
    else if (strcmp(kind, "w") == 0)
        put(key, value);
    else
        value = shown(key);
    json_push(done, json_string(kind));
    json_push(done, json_int(key));
    json_push(done, value);
    return done;
}

static void answered(void *owner, const struct message *m)
{
    struct message *request = owner;

    if (node_code_of(m) == NODE_OK)
        node_reply(request, "txn_ok", "txn", json_get(m->body, "txn"), NULL);
    else
        node_error(request, node_code_of(m), "the first node did not do it");
    node_free(request);
}

static void on_txn(const struct message *m)
{
    struct json *operations = json_get(m->body, "txn"), *done = json_array();

    if (node_self() != 0) {
        node_call(node_name(0), 1000, answered, node_keep(m), "txn", "txn", operations, NULL);
        return;
    }
    for (size_t i = 0; i < json_len(operations); i++)
        json_push(done, carry_out(json_at(operations, i)));
    node_reply(m, "txn_ok", "txn", done, NULL);
}

int main(void)
{
    node_on("txn", on_txn);
    return node_run();
}
