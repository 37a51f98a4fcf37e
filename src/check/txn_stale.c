/* The transactions that show a value form its cluster; f is when the first of them is complete, s
 * when the last begins. One of u's is complete before one of v's begins if and only if f(u) < s(v),
 * so u and v contradict each other if and only if f(u) < s(v) and f(v) < s(u) (Gibbons and Korach
 * 1997 decide registers by the same intervals). A cluster with f < s is in force from f to s: two
 * such may not overlap. One with s <= f is over in a moment that may be chosen between the two:
 * that moment may not have to be inside another's reign. Sorted by f, neighbours and one binary
 * search decide. */
#include "txn_stale.h"

#include "txn_mops.h"
#include "txn_plant.h"
#include "verdict.h"

#include "../base/mem.h"

#include <stdlib.h>

#define NEVER UINT32_MAX

struct cluster {
    uint32_t value;
    uint32_t f, s;          /* indexes in the history; f NEVER: nothing complete shows it */
    uint32_t f_mop, s_mop;  /* the operations that show it then */
    bool is_read, is_begun; /* an ok transaction read it; s is set */
};

struct finder {
    const struct txn_history *t;
    const struct txn_links *links;
    struct txn_report *r;
    struct cluster *of; /* by value */
    uint32_t *begin;    /* by key: where in sorted its clusters begin */
    struct cluster *sorted;
};

static void show(struct finder *k, uint32_t txn, uint32_t mop)
{
    const struct txn *x = &k->t->txns[txn];
    struct cluster *c = &k->of[k->t->mops[mop].value];

    if (x->status == TXN_OK && x->completion < c->f) {
        c->f = x->completion;
        c->f_mop = mop;
    }
    if (!c->is_begun || x->invoke > c->s) {
        c->is_begun = true;
        c->s = x->invoke;
        c->s_mop = mop;
    }
}

/* Is this a version of its key, as far as other transactions go? */
static bool is_version(const struct finder *k, uint32_t value)
{
    uint32_t writer = k->t->values.at[value].writer;

    return writer != TXN_NONE && k->t->txns[writer].status != TXN_FAILED && k->links->final[value];
}

static void show_txn(struct finder *k, uint32_t txn)
{
    const struct txn *x = &k->t->txns[txn];

    for (uint32_t mop = x->mop_begin; mop < x->mop_begin + x->mop_count; mop++) {
        const struct txn_mop *m = &k->t->mops[mop];
        if (m->value == TXN_NONE || !is_version(k, m->value))
            continue;
        if (m->f == TXN_WRITE) {
            if (x->status == TXN_OK)
                show(k, txn, mop);
        } else if (x->status == TXN_OK && k->links->before[mop] == TXN_NONE &&
                   k->t->values.at[m->value].writer != txn) {
            k->of[m->value].is_read = true;
            show(k, txn, mop);
        }
    }
}

/* A write without an answer counts from its begin on once somebody read it. */
static void show_lost_writes(struct finder *k)
{
    for (uint32_t i = 0; i < k->t->values.count; i++) {
        const struct txn_value *v = &k->t->values.at[i];
        if (k->of[i].is_read && k->t->txns[v->writer].status == TXN_INFO)
            show(k, v->writer, v->mop);
    }
}

static bool is_forward(const struct cluster *c)
{
    return c->f < c->s;
}

/* Those in force for a while first, by when that begins. */
static int by_begin(const void *x, const void *y)
{
    const struct cluster *a = x, *b = y;

    if (is_forward(a) != is_forward(b))
        return is_forward(a) ? -1 : 1;
    return (a->f > b->f) - (a->f < b->f);
}

static void sort_by_key(struct finder *k)
{
    const struct txn_history *t = k->t;
    uint32_t at = 0;

    k->begin = mem_zalloc((t->key_count + 1) * sizeof(*k->begin));
    k->sorted = mem_alloc((t->values.count + 1) * sizeof(*k->sorted));
    for (uint32_t i = 0; i < t->values.count; i++)
        k->begin[t->values.at[i].key] += k->of[i].f != NEVER;
    for (uint32_t i = 0; i <= t->key_count; i++) {
        uint32_t count = k->begin[i];
        k->begin[i] = at;
        at += count;
    }
    for (uint32_t i = 0; i < t->values.count; i++)
        if (k->of[i].f != NEVER)
            k->sorted[k->begin[t->values.at[i].key]++] = k->of[i];
    for (uint32_t i = t->key_count; i > 0; i--)
        k->begin[i] = k->begin[i - 1];
    k->begin[0] = 0;
    for (uint32_t i = 0; i < t->key_count; i++)
        if (k->begin[i + 1] - k->begin[i] > 1)
            qsort(k->sorted + k->begin[i], k->begin[i + 1] - k->begin[i], sizeof(*k->sorted),
                  by_begin);
}

/* "T (process 1, 2 ms to 3 ms), which wrote 5, was complete before U, which read 6, began" */
static void tell_order(const struct finder *k, uint32_t first, uint32_t then, struct buf *out)
{
    const struct txn_history *t = k->t;
    char who[TXN_WHO_SIZE], other[TXN_WHO_SIZE], a[TXN_WHO_SIZE], b[TXN_WHO_SIZE];

    buf_addf(out, "%s, which %s %s, was complete before %s, which %s %s, began",
             txn_who(t, txn_of_mop(t, first), who), t->mops[first].f == TXN_READ ? "read" : "wrote",
             txn_value_word(t, t->mops[first].value, a), txn_who(t, txn_of_mop(t, then), other),
             t->mops[then].f == TXN_READ ? "read" : "wrote",
             txn_value_word(t, t->mops[then].value, b));
}

static void report(struct finder *k, const struct cluster *u, const struct cluster *v)
{
    const struct txn_history *t = k->t;
    uint32_t mops[4] = {u->f_mop, v->s_mop, v->f_mop, u->s_mop};
    uint32_t key = t->values.at[u->value].key;
    char word[TXN_WHO_SIZE];
    struct buf one = {0}, other = {0};
    json_t *txns;

    if (!txn_report_wants(k->r, TXN_G_SINGLE_ITEM + TXN_REALTIME))
        return;
    txns = json_array();
    for (size_t i = 0; i < sizeof(mops) / sizeof(mops[0]); i++)
        json_array_append_new(txns, txn_json(t, txn_of_mop(t, mops[i])));
    tell_order(k, mops[0], mops[1], &one);
    tell_order(k, mops[2], mops[3], &other);
    txn_report_add(k->r, TXN_G_SINGLE_ITEM + TXN_REALTIME,
                   json_pack("{s:o,s:o}", "key", verdict_value(txn_key_text(t, key)), "txns", txns),
                   "key %s held two values each before the other: %s; %s",
                   txn_key_word(t, key, word), one.data, other.data);
    buf_release(&one);
    buf_release(&other);
}

/* The last of the forward ones that begins before event; NULL if none does. */
static const struct cluster *last_before(const struct cluster *list, uint32_t count, uint32_t event)
{
    uint32_t low = 0, high = count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (list[middle].f < event)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? &list[low - 1] : NULL;
}

static void judge_key(struct finder *k, const struct cluster *list, uint32_t count)
{
    uint32_t forward = 0;

    while (forward < count && is_forward(&list[forward]))
        forward++;
    for (uint32_t i = 1; i < forward; i++)
        if (list[i].f < list[i - 1].s && !TXN_PLANTED(28)) {
            report(k, &list[i - 1], &list[i]);
            return;
        }
    for (uint32_t i = forward; i < count; i++) {
        const struct cluster *u = last_before(list, forward, list[i].s);
        if (u != NULL && list[i].f < u->s && !TXN_PLANTED(29)) {
            report(k, u, &list[i]);
            return;
        }
    }
}

void txn_stale_find(const struct txn_history *t, const struct txn_links *links,
                    struct txn_report *r)
{
    struct finder k = {.t = t, .links = links, .r = r};

    k.of = mem_zalloc((t->values.count + 1) * sizeof(*k.of));
    for (uint32_t i = 0; i < t->values.count; i++) {
        k.of[i].value = i;
        k.of[i].f = NEVER;
    }
    for (uint32_t i = 0; i < t->txn_count; i++)
        show_txn(&k, i);
    show_lost_writes(&k);
    sort_by_key(&k);
    for (uint32_t i = 0; i < t->key_count; i++)
        judge_key(&k, k.sorted + k.begin[i], k.begin[i + 1] - k.begin[i]);
    mem_free(k.of);
    mem_free(k.begin);
    mem_free(k.sorted);
}
