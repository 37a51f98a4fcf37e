/* lww.c - registers in which the last writer wins (Shapiro et al. 2011, 3.2.1).
 *
 *     [key, ms, count, node, value]      without the value: deleted
 *
 * Of two facts about a key the one with the larger stamp holds, and the other leaves the set. A
 * deletion is a fact as any other: without it, the value would come back from whoever has it.
 *
 * "Last" is decided by a hybrid logical clock (hlc.c). A write that comes after a read, even on a
 * node whose wall clock is behind, has a larger stamp than what was read, because that fact was
 * taken in here before it could be read. Between writes that do not know of each other wall clocks
 * decide, and at equal stamps names: arbitrary, but the same everywhere. */
#include "data.h"
#include "hlc.h"
#include "registers.h"
#include "spread.h"

#include <string.h>

enum { KEY, MS, COUNT, NODE, VALUE };

static struct stamp stamp_of(const struct json *fact)
{
    return (struct stamp){
        .ms = json_int_of(json_at(fact, MS), 0),
        .count = json_int_of(json_at(fact, COUNT), 0),
    };
}

static bool is_later(const struct json *a, const struct json *b)
{
    struct stamp x = stamp_of(a), y = stamp_of(b);

    if (x.ms != y.ms)
        return x.ms > y.ms;
    if (x.count != y.count)
        return x.count > y.count;
    return strcmp(json_text_of(json_at(a, NODE)), json_text_of(json_at(b, NODE))) > 0;
}

static int record(const struct json *fact)
{
    const struct json *key = json_at(fact, KEY), *held = registers_get(key);

    hlc_seen(stamp_of(fact));
    if (held != NULL && !is_later(fact, held))
        return -1;
    return registers_put(key, fact);
}

static struct json *stamped(const struct json *key)
{
    struct stamp now = hlc_now();
    struct json *fact = json_array();

    json_push(fact, (struct json *)(uintptr_t)key);
    json_push(fact, json_int(now.ms));
    json_push(fact, json_int(now.count));
    json_push(fact, json_string(node_id()));
    return fact;
}

static void on_write(const struct message *m)
{
    struct json *fact = stamped(json_get(m->body, "key"));

    json_push(fact, json_get(m->body, "value"));
    spread_new(fact);
    node_reply(m, "write_ok", NULL);
}

static void on_delete(const struct message *m)
{
    spread_new(stamped(json_get(m->body, "key")));
    node_reply(m, "delete_ok", NULL);
}

static void on_read(const struct message *m)
{
    const struct json *held = registers_get(json_get(m->body, "key"));

    if (held == NULL || json_len(held) <= VALUE)
        node_error(m, NODE_NO_KEY, "no value");
    else
        node_reply(m, "read_ok", "value", json_at(held, VALUE), NULL);
}

const struct data data_lww = {
    .mode = "lww",
    .record = record,
    .read = on_read,
    .write = on_write,
    .erase = on_delete,
};
