/* Values are counted, not followed: a queue may deliver twice, so which dequeue got which enqueue
 * is no question. One walk, one counter a value.
 *
 * What a dequeue without an answer took nobody knows; so as many of the missing values are excused
 * as there are such dequeues, and any number if a drain has no answer. */
#include "total_queue.h"

#include "checker.h"
#include "history.h"
#include "plant.h"
#include "verdict.h"

#include "../base/json.h"
#include "../base/map.h"
#include "../base/mem.h"

#include <string.h>

struct item {
    uint32_t attempts, acked, failed, taken;
    uint32_t enqueue; /* the completion that acknowledged it last, or an invocation */
    uint32_t take;    /* the completion that took it first */
    uint32_t first;   /* the invocation that offered it first */
};

struct queue {
    const struct history *h;
    int64_t enqueue, dequeue, drain; /* numbers of functions or MAP_NONE */
    struct map *values;
    struct item *items;
    size_t cap;
    uint32_t attempts, acked, ok;
    uint32_t blind;      /* dequeues whose answer got lost */
    bool is_blind_drain; /* a drain whose answer got lost */
    bool was_empty;
    uint32_t empty_since; /* invocation of the last operation that found it empty */
    struct verdict *v;
};

static struct item *item_of(struct queue *q, struct str value)
{
    bool is_new;
    uint32_t number = map_put(q->values, value, &is_new);

    if (is_new) {
        q->items = mem_grow(q->items, &q->cap, number + 1, sizeof(*q->items));
        q->items[number] = (struct item){.attempts = 0};
    }
    return &q->items[number];
}

static void note_empty(struct queue *q, uint32_t completion)
{
    uint32_t since = history_at(q->h, completion)->pair;

    if (!q->was_empty || since > q->empty_since)
        q->empty_since = since;
    q->was_empty = true;
}

static bool says(struct str text, const char *word)
{
    size_t len = strlen(word);

    for (size_t i = 0; i + len <= text.len; i++)
        if (memcmp(text.data + i, word, len) == 0)
            return true;
    return false;
}

static void take(struct queue *q, struct str value, uint32_t completion)
{
    struct item *item = item_of(q, value);

    if (item->taken++ == 0 || completion < item->take)
        item->take = completion;
}

static void take_drained(struct queue *q, const struct op *op, uint32_t completion)
{
    struct json_reader r;
    struct str value;
    char word[VERDICT_WORD_SIZE];

    json_reader_init(&r, op->value);
    if (json_next(&r) != JSON_AT_ARRAY) {
        verdict_blame(q->v, VALID_UNKNOWN, "process %d drains %s, which is no list", op->process,
                      verdict_word(op->value, word));
        return;
    }
    while (json_next(&r) != JSON_AT_ARRAY_END && json_skip(&r, &value))
        take(q, value, completion);
    note_empty(q, completion);
}

static void note_enqueue(struct queue *q, uint32_t index)
{
    const struct op *op = history_at(q->h, index), *end = history_completion(q->h, index);
    struct item *item = item_of(q, op->value);

    if (item->attempts++ == 0)
        item->first = index;
    if (item->acked == 0)
        item->enqueue = index;
    q->attempts++;
    if (end != NULL && end->type == OP_OK) {
        item->acked++;
        item->enqueue = op->pair;
        q->acked++;
    }
    item->failed += end != NULL && end->type == OP_FAIL;
}

static void note_take(struct queue *q, uint32_t index)
{
    const struct op *op = history_at(q->h, index), *end = history_completion(q->h, index);

    if (end == NULL || end->type == OP_INFO) {
        q->blind += op->f == q->dequeue;
        q->is_blind_drain |= op->f == q->drain;
    } else if (end->type == OP_FAIL) {
        if (says(end->error, "empty") || says(end->error, "exhausted"))
            note_empty(q, op->pair);
    } else if (op->f == q->drain) {
        take_drained(q, end, op->pair);
    } else if (str_is(end->value, "null")) {
        note_empty(q, op->pair);
    } else {
        take(q, end->value, op->pair);
    }
}

/* ---- judgement ---- */

static uint32_t lost_of(const struct queue *q, const struct item *item)
{
    bool looked = q->was_empty && item->acked > 0 && item->enqueue < q->empty_since;

    return looked && item->acked > item->taken ? item->acked - item->taken : 0;
}

/* As Jepsen counts: acknowledged and never out, whether the queue was emptied or not. */
static uint32_t missing_of(const struct item *item)
{
    return item->acked > item->taken ? item->acked - item->taken : 0;
}

static bool is_unexpected(const struct item *item)
{
    if (item->taken == 0 || (PLANTED(31) && item->attempts > 0))
        return false;
    return item->attempts == 0 || item->failed == item->attempts || item->take < item->first;
}

static void blame_unexpected(struct queue *q, uint32_t number)
{
    const struct item *item = &q->items[number];
    const struct op *op = history_at(q->h, item->take);
    char word[VERDICT_WORD_SIZE], time[DURATION_TEXT_MAX];

    verdict_explain(q->v, q->h, (uint32_t[]){item->take, item->enqueue}, 1 + (item->attempts > 0));
    verdict_blame(q->v, VALID_FALSE, "process %d got %s from the queue at %s, %s", op->process,
                  verdict_word(map_text(q->values, number), word), duration_text(op->time_ns, time),
                  item->attempts == 0              ? "but nobody ever put it in"
                  : item->failed == item->attempts ? "but every enqueue of it had failed"
                                                   : "before anybody put it in");
}

static void blame_lost(struct queue *q, uint32_t number, uint32_t count)
{
    const struct item *item = &q->items[number];
    const struct op *op = history_at(q->h, item->enqueue);
    char word[VERDICT_WORD_SIZE], at[DURATION_TEXT_MAX], until[DURATION_TEXT_MAX];

    verdict_explain(q->v, q->h, (uint32_t[]){item->enqueue, q->empty_since}, 2);
    verdict_blame(
        q->v, VALID_FALSE,
        "%u values were acknowledged and never came out, though the queue was found empty "
        "by an operation that began at %s; the first is %s, put in by process %d at %s",
        count, duration_text(history_at(q->h, q->empty_since)->time_ns, until),
        verdict_word(map_text(q->values, number), word), op->process,
        duration_text(op->time_ns, at));
}

static void judge_lost(struct queue *q)
{
    uint32_t lost = 0, missing = 0, first = 0;

    for (uint32_t i = 0; i < map_len(q->values); i++) {
        uint32_t count = lost_of(q, &q->items[i]);
        if (count > 0 && lost == 0)
            first = i;
        lost += count;
        missing += missing_of(&q->items[i]);
    }
    if (lost > q->blind && !q->is_blind_drain && !PLANTED(32))
        blame_lost(q, first, lost);
    else if (lost > 0)
        verdict_blame(
            q->v, VALID_UNKNOWN,
            "%u acknowledged values never came out, but the answers of %u operations that "
            "may have taken them got lost",
            lost, q->blind + q->is_blind_drain);
    else if (missing > 0)
        verdict_blame(q->v, VALID_UNKNOWN,
                      "%u acknowledged values did not come out, but nobody found the queue empty "
                      "after they went in: end with a drain, or dequeue until it is empty",
                      missing);
}

/* One of the lists of details; of chosen says how often each value counts in it. */
struct list {
    json_t *shown;
    uint32_t count;
};

static void list_add(struct list *l, const struct queue *q, uint32_t number, uint32_t times)
{
    if (times == 0)
        return;
    l->count += times;
    verdict_list_add(l->shown, verdict_value(map_text(q->values, number)));
}

static void list_finish(struct list *l, json_t *details, const char *name)
{
    struct buf count_name = {0};

    buf_addf(&count_name, "%s-count", name);
    json_object_set_new(details, count_name.data, json_integer(l->count));
    json_object_set_new(details, name, l->shown);
    buf_release(&count_name);
}

static void write_details(struct queue *q)
{
    struct list unexpected = {json_array(), 0}, lost = {json_array(), 0};
    struct list duplicated = {json_array(), 0}, recovered = {json_array(), 0};
    json_t *details = q->v->details;

    for (uint32_t i = 0; i < map_len(q->values); i++) {
        const struct item *item = &q->items[i];
        uint32_t in = item->attempts - item->failed, out = item->taken;
        uint32_t fresh = out < in ? out : in;
        q->ok += fresh;
        list_add(&unexpected, q, i, is_unexpected(item) ? out : 0);
        list_add(&lost, q, i, missing_of(item));
        list_add(&duplicated, q, i, in > 0 && out > in ? out - in : 0);
        list_add(&recovered, q, i, fresh > item->acked ? fresh - item->acked : 0);
    }
    json_object_set_new(details, "attempt-count", json_integer(q->attempts));
    json_object_set_new(details, "acknowledged-count", json_integer(q->acked));
    json_object_set_new(details, "ok-count", json_integer(q->ok));
    list_finish(&unexpected, details, "unexpected");
    list_finish(&lost, details, "lost");
    list_finish(&duplicated, details, "duplicated");
    list_finish(&recovered, details, "recovered");
}

static void judge(struct queue *q)
{
    for (uint32_t i = 0; i < map_len(q->values); i++)
        if (is_unexpected(&q->items[i]))
            blame_unexpected(q, i);
    judge_lost(q);
}

static int run(const struct history *h, const json_t *options, struct verdict *ret_verdict,
               struct err *err)
{
    struct queue q = {
        .h = h,
        .enqueue = history_find_f(h, "enqueue"),
        .dequeue = history_find_f(h, "dequeue"),
        .drain = history_find_f(h, "drain"),
        .v = ret_verdict,
    };

    (void)options;
    (void)err;
    verdict_init(ret_verdict);
    q.values = map_new();
    for (uint32_t i = 0; i < history_len(h); i++) {
        const struct op *op = history_at(h, i);
        if (op->type != OP_INVOKE || op->process < 0)
            continue;
        if (op->f == q.enqueue)
            note_enqueue(&q, i);
        else if (op->f == q.dequeue || op->f == q.drain)
            note_take(&q, i);
    }
    judge(&q);
    write_details(&q);
    verdict_finish(ret_verdict);
    map_free(q.values);
    mem_free(q.items);
    return 0;
}

const struct checker total_queue_checker = {
    "total-queue", "What goes into a queue comes out of it, in any order.", NULL, run, NULL,
};
