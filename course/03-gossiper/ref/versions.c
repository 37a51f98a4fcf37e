/* versions.c - registers that keep what was written concurrently (Goncalves, Almeida, Baquero,
 * Fonte: Scalable and Accurate Causality Tracking for Eventually Consistent Stores, 2014).
 *
 *     [key, [[node, n], ...], [[node, n, value], ...]]
 *           what is known      what of it is still there: the siblings
 *
 * A write is named by a dot: the node that took it, and its number there. "Known" is a version
 * vector, with one entry a node: all dots up to n. A dot that is known and not there has been
 * overwritten or deleted, so deletions need no tombstones.
 *
 * The state of a key always travels as a whole. So the vector [n1, 5] is never anywhere without
 * what has become of n1's writes 1 to 4, and a client that has read here has seen everything that
 * its context covers.
 *
 * Two states are joined dot by dot: what both have stays; what one has and the other does not know
 * stays; what one has and the other knows but has no more is gone. */
#include "data.h"
#include "registers.h"
#include "spread.h"

#include <stdlib.h>
#include <string.h>

enum { KEY, KNOWN, SIBLINGS };
enum { NODE, NUMBER, VALUE }; /* of a dot or of an entry of the vector */

static int64_t number_of(const struct json *entry)
{
    return json_int_of(json_at(entry, NUMBER), 0);
}

static const char *name_of(const struct json *entry)
{
    const char *name = json_text_of(json_at(entry, NODE));

    return name != NULL ? name : "";
}

static int compare(const void *left, const void *right)
{
    const struct json *a = *(struct json *const *)left, *b = *(struct json *const *)right;
    int order = strcmp(name_of(a), name_of(b));

    return order != 0 ? order : (number_of(a) > number_of(b)) - (number_of(a) < number_of(b));
}

/* Equal states have equal text only if their parts have an order. */
static struct json *sorted(struct json *list)
{
    if (list->len > 1)
        qsort(list->items, list->len, sizeof(struct json *), compare);
    return list;
}

static struct json *entry(const char *name, int64_t number)
{
    struct json *e = json_array();

    json_push(e, json_string(name));
    json_push(e, json_int(number));
    return e;
}

/* How many dots of this node the vector covers. */
static int64_t covers(const struct json *vector, const char *name)
{
    for (size_t i = 0; i < json_len(vector); i++) {
        if (strcmp(name_of(json_at(vector, i)), name) == 0)
            return number_of(json_at(vector, i));
    }
    return 0;
}

static struct json *join_vectors(const struct json *a, const struct json *b)
{
    struct json *joined = json_array();

    for (size_t i = 0; i < json_len(a); i++) {
        const char *name = name_of(json_at(a, i));
        int64_t x = covers(a, name), y = covers(b, name);

        json_push(joined, entry(name, x > y ? x : y));
    }
    for (size_t i = 0; i < json_len(b); i++) {
        if (covers(a, name_of(json_at(b, i))) == 0)
            json_push(joined, json_at(b, i));
    }
    return sorted(joined);
}

static bool has_dot(const struct json *siblings, const struct json *dot)
{
    for (size_t i = 0; i < json_len(siblings); i++) {
        const struct json *other = json_at(siblings, i);

        if (number_of(other) == number_of(dot) && strcmp(name_of(other), name_of(dot)) == 0)
            return true;
    }
    return false;
}

/* Adds the siblings of a that b does not know, and with_common those that both have. */
static void add_surviving(struct json *out, const struct json *a, const struct json *b,
                          bool with_common)
{
    const struct json *siblings = json_at(a, SIBLINGS);

    for (size_t i = 0; i < json_len(siblings); i++) {
        struct json *dot = json_at(siblings, i);

        if (has_dot(json_at(b, SIBLINGS), dot)
                ? with_common
                : number_of(dot) > covers(json_at(b, KNOWN), name_of(dot)))
            json_push(out, dot);
    }
}

static struct json *state_of(const struct json *key, struct json *known, struct json *siblings)
{
    struct json *state = json_array();

    json_push(state, (struct json *)(uintptr_t)key);
    json_push(state, known);
    json_push(state, siblings);
    return state;
}

static struct json *join(const struct json *a, const struct json *b)
{
    struct json *siblings = json_array();

    add_surviving(siblings, a, b, true);
    add_surviving(siblings, b, a, false);
    return state_of(json_at(a, KEY), join_vectors(json_at(a, KNOWN), json_at(b, KNOWN)),
                    sorted(siblings));
}

static int record(const struct json *fact)
{
    const struct json *key = json_at(fact, KEY), *held = registers_get(key);
    struct json *joined = held != NULL ? join(held, fact) : NULL;

    if (held == NULL)
        return registers_put(key, fact);
    return json_equal(joined, held) ? -1 : registers_put(key, joined);
}

/* Clients. */

static struct json *vector_of(const struct json *context)
{
    struct json *vector = json_array();

    for (size_t i = 0; context != NULL && context->type == JSON_OBJECT && i < context->len; i++)
        json_push(vector,
                  entry(context->members[i].key, json_int_of(context->members[i].value, 0)));
    return sorted(vector);
}

static struct json *context_of(const struct json *vector)
{
    struct json *context = json_object();

    for (size_t i = 0; i < json_len(vector); i++)
        json_set(context, name_of(json_at(vector, i)), json_int(number_of(json_at(vector, i))));
    return context;
}

static void reply_with(const struct message *m, const char *type, const struct json *key)
{
    const struct json *held = registers_get(key), *siblings = json_at(held, SIBLINGS);
    struct json *values = json_array();

    for (size_t i = 0; i < json_len(siblings); i++)
        json_push(values, json_at(json_at(siblings, i), VALUE));
    node_reply(m, type, "values", values, "context", context_of(json_at(held, KNOWN)), NULL);
}

/* What the client has seen is replaced, by a new value if there is one. What it has not stays. */
static void replace(const struct message *m, struct json *value)
{
    const struct json *key = json_get(m->body, "key"), *held = registers_get(key);
    struct json *seen = vector_of(json_get(m->body, "context"));
    struct json *known = join_vectors(json_at(held, KNOWN), seen);
    struct json *siblings = json_array();

    add_surviving(siblings, held, state_of(key, seen, NULL), false);
    if (value != NULL) {
        struct json *dot = entry(node_id(), covers(known, node_id()) + 1), *alone = json_array();

        json_push(alone, dot);
        known = join_vectors(known, alone);
        dot = entry(node_id(), covers(known, node_id()));
        json_push(dot, value);
        json_push(siblings, dot);
    }
    spread_new(state_of(key, known, sorted(siblings)));
}

static void on_write(const struct message *m)
{
    replace(m, json_get(m->body, "value"));
    reply_with(m, "write_ok", json_get(m->body, "key"));
}

static void on_delete(const struct message *m)
{
    replace(m, NULL);
    node_reply(m, "delete_ok", NULL);
}

static void on_read(const struct message *m)
{
    reply_with(m, "read_ok", json_get(m->body, "key"));
}

const struct data data_versions = {
    .mode = "versions",
    .record = record,
    .read = on_read,
    .write = on_write,
    .erase = on_delete,
};
