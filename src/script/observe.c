/* A task may send a million messages and ask a thousand times how many there were, so two things
 * are kept apart: a record of each message, 80 bytes, in the order of ids; and a counter for each
 * combination of sender, receiver and type, of which there are few. What a body says (type, ids)
 * is read only once somebody asks: `digested` says how far that has come. A task that never asks
 * pays for the records alone.
 *
 * Invariants: 1. records[id] is the message id. 2. The counters add up to the first `digested`
 * records. */
#include "observe.h"

#include "../base/assert.h"
#include "../base/json.h"
#include "../base/map.h"
#include "../base/mem.h"

#include <string.h>

#ifndef PLANT_SCRIPT /* tests/planted/scenario.sh: bugs that the tests must find */
#define PLANT_SCRIPT 0
#endif

struct counter {
    endpoint_t from, to;
    uint32_t type;
    struct observe_counts counts;
};

struct observe {
    const struct world *world;
    struct observed *records;
    size_t len, cap;
    size_t digested;
    uint64_t kept_bytes;
    struct map *types;
    struct counter *counters;
    size_t counter_len, counter_cap;
    uint32_t *slots; /* hash table of numbers in counters, plus one; 0 is free */
    size_t slot_count;
};

struct observe *observe_new(const struct world *w)
{
    struct observe *o = mem_zalloc(sizeof(*o));

    o->world = w;
    o->types = map_new();
    map_put(o->types, STR_LIT(""), NULL); /* OBSERVE_NO_TYPE */
    return o;
}

void observe_free(struct observe *o)
{
    size_t i;

    if (o == NULL)
        return;
    for (i = 0; i < o->len; i++)
        message_drop(o->records[i].m);
    map_free(o->types);
    mem_free(o->records);
    mem_free(o->counters);
    mem_free(o->slots);
    mem_free(o);
}

/* ---- what happens ---- */

void observe_sent(struct observe *o, struct message *m)
{
    struct observed *r;

    ASSERT(m->id == o->len);
    o->records = mem_grow(o->records, &o->cap, o->len + 1, sizeof(*o->records));
    r = &o->records[o->len++];
    *r = (struct observed){
        .sent_ns = m->sent_ns,
        .received_ns = -1,
        .from = m->src,
        .to = m->dest,
        .bytes = m->body_len,
        .msg_id = OBSERVE_NO_ID,
        .in_reply_to = OBSERVE_NO_ID,
    };
    if (o->kept_bytes + m->body_len > OBSERVE_BYTES_MAX)
        return;
    o->kept_bytes += m->body_len;
    r->m = message_hold(m);
}

void observe_received(struct observe *o, uint64_t id, int64_t now_ns)
{
    if (o->records[id].received_ns < 0)
        o->records[id].received_ns = now_ns;
    o->records[id].dropped = NULL;
}

void observe_dropped(struct observe *o, uint64_t id, const char *why)
{
    if (o->records[id].received_ns < 0 || PLANT_SCRIPT == 4)
        o->records[id].dropped = why;
}

/* ---- reading bodies ---- */

static int64_t id_of(enum json_kind kind, struct str text)
{
    int64_t id;

    return kind == JSON_AT_NUMBER && json_to_i64(text, &id) ? id : OBSERVE_NO_ID;
}

static uint32_t type_of(struct observe *o, struct str inside)
{
    struct buf plain = {0};
    uint32_t type;

    if (memchr(inside.data, '\\', inside.len) == NULL)
        return map_put(o->types, inside, NULL);
    json_unescape(&plain, inside);
    type = map_put(o->types, buf_str(&plain), NULL);
    buf_release(&plain);
    return type;
}

static void read_body(struct observe *o, struct observed *r)
{
    struct json_reader in;
    struct str whole;

    json_reader_init(&in, (struct str){r->m->body, r->m->body_len});
    json_next(&in);
    while (json_next(&in) == JSON_AT_KEY) {
        struct str key = in.text;
        enum json_kind kind = json_next(&in);
        struct str text = in.text;

        if (!json_skip(&in, &whole))
            return;
        if (json_string_is(key, "type") && kind == JSON_AT_STRING)
            r->type = type_of(o, text);
        else if (json_string_is(key, "msg_id"))
            r->msg_id = id_of(kind, text);
        else if (json_string_is(key, "in_reply_to"))
            r->in_reply_to = id_of(kind, text);
    }
}

/* ---- counters ---- */

static size_t hash(endpoint_t from, endpoint_t to, uint32_t type)
{
    uint64_t h = (uint64_t)from << 40 ^ (uint64_t)to << 16 ^ type;

    h *= UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(h >> 20);
}

static void grow_slots(struct observe *o)
{
    size_t i;

    mem_free(o->slots);
    o->slot_count = o->slot_count == 0 ? 256 : 2 * o->slot_count;
    o->slots = mem_zalloc(o->slot_count * sizeof(*o->slots));
    for (i = 0; i < o->counter_len; i++) {
        const struct counter *c = &o->counters[i];
        size_t at = hash(c->from, c->to, c->type) % o->slot_count;

        while (o->slots[at] != 0)
            at = (at + 1) % o->slot_count;
        o->slots[at] = (uint32_t)i + 1;
    }
}

static struct counter *counter_of(struct observe *o, const struct observed *r)
{
    size_t at;

    if (2 * o->counter_len >= o->slot_count)
        grow_slots(o);
    at = hash(r->from, r->to, r->type) % o->slot_count;
    for (; o->slots[at] != 0; at = (at + 1) % o->slot_count) {
        struct counter *c = &o->counters[o->slots[at] - 1];

        if (c->from == r->from && c->to == r->to && c->type == r->type)
            return c;
    }
    o->counters = mem_grow(o->counters, &o->counter_cap, o->counter_len + 1, sizeof(*o->counters));
    o->counters[o->counter_len++] = (struct counter){.from = r->from, .to = r->to, .type = r->type};
    o->slots[at] = (uint32_t)o->counter_len;
    return &o->counters[o->counter_len - 1];
}

static void digest(struct observe *o)
{
    for (; o->digested < o->len; o->digested++) {
        struct observed *r = &o->records[o->digested];
        struct counter *c;

        if (r->m != NULL)
            read_body(o, r);
        c = counter_of(o, r);
        c->counts.count++;
        c->counts.bytes += PLANT_SCRIPT == 3 ? 1 : r->bytes;
    }
}

/* ---- questions ---- */

uint64_t observe_len(const struct observe *o)
{
    return o->len;
}

const struct observed *observe_at(struct observe *o, uint64_t id)
{
    ASSERT(id < o->len);
    digest(o);
    return &o->records[id];
}

int64_t observe_type(struct observe *o, struct str type)
{
    int64_t found;

    digest(o);
    found = map_find(o->types, type);
    return found == MAP_NONE ? -2 : found;
}

struct str observe_type_text(const struct observe *o, uint32_t type)
{
    return map_text(o->types, type);
}

static bool leaves(const struct observe *o, const struct observe_filter *f, endpoint_t from,
                   endpoint_t to, uint32_t type)
{
    return (f->from == ENDPOINT_NONE || f->from == from) &&
           (f->to == ENDPOINT_NONE || f->to == to) && (f->type == -1 || f->type == (int64_t)type) &&
           (f->from_kind < 0 || (int)world_kind(o->world, from) == f->from_kind) &&
           (f->to_kind < 0 || (int)world_kind(o->world, to) == f->to_kind);
}

/* The first message sent at since_ns or later. */
static uint64_t first_since(const struct observe *o, int64_t since_ns)
{
    size_t low = 0;
    size_t high = o->len;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (o->records[middle].sent_ns < since_ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint64_t observe_next(struct observe *o, const struct observe_filter *f, uint64_t id)
{
    digest(o);
    if (id == 0 && f->since_ns > 0)
        id = first_since(o, f->since_ns);
    for (; id < o->len; id++) {
        const struct observed *r = &o->records[id];

        if (r->sent_ns > f->until_ns)
            return o->len;
        if (r->sent_ns >= f->since_ns && leaves(o, f, r->from, r->to, r->type))
            return id;
    }
    return o->len;
}

static struct observe_counts count_by_walking(struct observe *o, const struct observe_filter *f)
{
    struct observe_counts sum = {0};
    uint64_t id;

    for (id = observe_next(o, f, 0); id < o->len; id = observe_next(o, f, id + 1)) {
        sum.count++;
        sum.bytes += o->records[id].bytes;
    }
    return sum;
}

struct observe_counts observe_count(struct observe *o, const struct observe_filter *f)
{
    struct observe_counts sum = {0};
    size_t i;

    if (f->since_ns > 0 || f->until_ns < INT64_MAX)
        return count_by_walking(o, f);
    digest(o);
    for (i = 0; i < o->counter_len; i++) {
        const struct counter *c = &o->counters[i];

        if (!leaves(o, f, c->from, c->to, c->type))
            continue;
        sum.count += c->counts.count;
        sum.bytes += c->counts.bytes;
    }
    return sum;
}
