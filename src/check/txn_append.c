/* A list that only grows tells its own history: whoever reads [17,4,8] proves that 17, 4 and 8 were
 * appended in this order. So the longest read of a key is the order of its versions, each shorter
 * read must be a beginning of it, and dependencies follow:
 *
 *     ww   the writer of 4 comes after the writer of 17
 *     wr   a reader of [17,4] comes after the writer of 4
 *     rw   a reader of [17,4] comes before the writer of 8
 *
 * Appends that no read shows come after all that some read shows, in an order nobody knows; so a
 * reader of the whole list comes before each of their writers. Failed transactions are no part of
 * this; those that may have happened are: their writes are edges' ends wherever they stand.
 *
 * Invariants: 1. Work and memory are linear in operations and distinct elements, never in the
 * lengths of the lists read: what holds for a sequence of reads is computed once for it.
 * 2. An anomaly is reported only where every explanation of the reply is anomalous. */
#include "txn_append.h"

#include "txn_mops.h"
#include "txn_own_order.h"
#include "txn_plant.h"
#include "verdict.h"

#include "../base/mem.h"

#include <string.h>

/* What holds for a sequence of reads; places are indices into its elements, TXN_NONE if none. */
struct facts {
    uint32_t common; /* that many elements it has in common with the key's order */
    uint32_t reader; /* the operation that read most of it, the first of these */
    uint32_t first_failed;
    uint32_t first_garbage;
    uint32_t slot; /* of its len 0 in updaters */
};

struct infer {
    const struct txn_history *t;
    struct txn_report *r;
    struct txn_graph *g;
    struct facts *facts;   /* by sequence */
    uint32_t *longest;     /* by key: the sequence that is the order, or TXN_NONE */
    uint32_t *order;       /* elements of all keys' orders, each once */
    uint32_t *order_begin; /* by key, and one more */
    uint32_t *position;    /* by value: its index in order, TXN_NONE */
    uint32_t *seen_in;     /* by value: the last sequence that held it, TXN_NONE */
    uint32_t *final;       /* by value: 1 if it is its transaction's last append to the key */
    uint32_t *before;      /* by operation: the one before it on the same key, or TXN_NONE */
    uint32_t *updaters;    /* by slot: the operation of a read that was then appended to */
    uint32_t slot_count;
};

static const struct txn *writer_of(const struct infer *in, uint32_t value)
{
    uint32_t writer = in->t->values.at[value].writer;

    return writer == TXN_NONE ? NULL : &in->t->txns[writer];
}

static bool is_failed(const struct infer *in, uint32_t value)
{
    const struct txn *writer = writer_of(in, value);

    return writer != NULL && writer->status == TXN_FAILED;
}

/* Whether edges may begin or end at the writer. */
static bool has_place(const struct infer *in, uint32_t value)
{
    const struct txn *writer = writer_of(in, value);

    return writer != NULL && writer->status != TXN_FAILED;
}

static uint32_t element_at(const struct infer *in, uint32_t sequence, uint32_t i)
{
    return in->t->sequences[sequence].elements[i];
}

/* Facts of sequences. */

static uint32_t common_len(const struct infer *in, uint32_t a, uint32_t b)
{
    const struct txn_sequence *x = &in->t->sequences[a];
    const struct txn_sequence *y = &in->t->sequences[b];
    uint32_t i = 0;

    if (a == b)
        return x->len;
    while (i < x->len && i < y->len && x->elements[i] == y->elements[i])
        i++;
    return i;
}

static void find_longest(struct infer *in)
{
    const struct txn_history *t = in->t;
    uint32_t i;

    memset(in->longest, 0xff, t->key_count * sizeof(*in->longest));
    for (i = 0; i < t->sequence_count; i++) {
        uint32_t *longest = &in->longest[t->sequences[i].key];
        if (*longest == TXN_NONE || t->sequences[i].len > t->sequences[*longest].len)
            *longest = i;
    }
}

/* The operations of ok transactions, each with its transaction. */
#define EACH_OK_MOP(in, txn, mop)                                                                  \
    for (txn = 0; txn < (in)->t->txn_count; txn++)                                                 \
        if (txn_is_ok((in)->t, txn))                                                               \
            for (mop = (in)->t->txns[txn].mop_begin;                                               \
                 mop < (in)->t->txns[txn].mop_begin + (in)->t->txns[txn].mop_count; mop++)

static void find_readers(struct infer *in)
{
    const struct txn_mop *mops = in->t->mops;
    uint32_t txn, mop;

    EACH_OK_MOP(in, txn, mop)
    {
        if (mops[mop].f != TXN_READ)
            continue;
        uint32_t *reader = &in->facts[mops[mop].sequence].reader;
        if (*reader == TXN_NONE || mops[mop].len > mops[*reader].len)
            *reader = mop;
    }
}

static void report_duplicate(struct infer *in, uint32_t sequence, uint32_t value)
{
    uint32_t mop = in->facts[sequence].reader;
    char who[TXN_WHO_SIZE], key[TXN_WHO_SIZE], element[TXN_WHO_SIZE];

    if (mop == TXN_NONE || !txn_report_wants(in->r, TXN_DUPLICATE_ELEMENTS))
        return;
    txn_report_add(
        in->r, TXN_DUPLICATE_ELEMENTS,
        json_pack("{s:o,s:o}", "op", txn_json(in->t, txn_of_mop(in->t, mop)), "mop",
                  txn_mop_json(in->t, mop)),
        "%s read the list at key %s and saw the element %s twice, though it was appended "
        "once",
        txn_who(in->t, txn_of_mop(in->t, mop), who), txn_key_word(in->t, in->t->mops[mop].key, key),
        txn_value_word(in->t, value, element));
}

static void find_facts(struct infer *in, uint32_t sequence)
{
    const struct txn_sequence *s = &in->t->sequences[sequence];
    struct facts *facts = &in->facts[sequence];
    uint32_t i;

    facts->common = common_len(in, sequence, in->longest[s->key]);
    for (i = 0; i < s->len; i++) {
        uint32_t value = s->elements[i];
        if (in->seen_in[value] == sequence && !TXN_PLANTED(2))
            report_duplicate(in, sequence, value);
        in->seen_in[value] = sequence;
        if (facts->first_failed == TXN_NONE && is_failed(in, value))
            facts->first_failed = i;
        if (facts->first_garbage == TXN_NONE && writer_of(in, value) == NULL)
            facts->first_garbage = i;
    }
    facts->slot = in->slot_count;
    in->slot_count += s->len + 1;
}

static void find_orders(struct infer *in)
{
    uint32_t key, i, len = 0;

    for (key = 0; key < in->t->key_count; key++) {
        uint32_t longest = in->longest[key];
        in->order_begin[key] = len;
        for (i = 0; longest != TXN_NONE && i < in->t->sequences[longest].len; i++) {
            uint32_t value = element_at(in, longest, i);
            if (in->position[value] != TXN_NONE)
                continue;
            in->position[value] = len;
            in->order[len++] = value;
        }
    }
    in->order_begin[key] = len;
}

/* Facts of transactions. */

static bool same_lists(const struct infer *in, const struct txn_mop *a, const struct txn_mop *b)
{
    if (a->len != b->len)
        return false;
    return a->sequence == b->sequence ||
           memcmp(in->t->sequences[a->sequence].elements, in->t->sequences[b->sequence].elements,
                  a->len * sizeof(uint32_t)) == 0;
}

/* Whether a read fits what the transaction had read and appended before. */
static bool is_consistent(const struct infer *in, uint32_t mop)
{
    const struct txn_mop *mops = in->t->mops;
    struct txn_mop rest = mops[mop]; /* of the list, without the transaction's own appends */
    uint32_t before;

    for (before = in->before[mop]; before != TXN_NONE; before = in->before[before]) {
        if (mops[before].f == TXN_READ)
            return same_lists(in, &rest, &mops[before]);
        if (rest.len == 0 || element_at(in, rest.sequence, rest.len - 1) != mops[before].value)
            return false;
        rest.len--;
    }
    return true;
}

/* The list shown by this read holds value. Mostly the value's place lies behind the read's. */
static bool shows(const struct infer *in, const struct txn_mop *read, uint32_t value)
{
    uint32_t i;

    if (in->seen_in[value] == TXN_NONE ||
        (in->position[value] != TXN_NONE && read->len <= in->facts[read->sequence].common &&
         read->len <= in->position[value] - in->order_begin[read->key]))
        return false;
    for (i = 0; i < read->len; i++)
        if (element_at(in, read->sequence, i) == value)
            return true;
    return false;
}

static json_t *mop_evidence(const struct infer *in, uint32_t txn, uint32_t mop)
{
    return json_pack("{s:o,s:o}", "op", txn_json(in->t, txn), "mop", txn_mop_json(in->t, mop));
}

static json_t *writer_evidence(const struct infer *in, uint32_t txn, uint32_t mop, uint32_t value)
{
    json_t *evidence = mop_evidence(in, txn, mop);

    json_object_set_new(evidence, "writer", txn_json(in->t, in->t->values.at[value].writer));
    json_object_set_new(evidence, "element", verdict_value(txn_value_text(in->t, value)));
    return evidence;
}

static void judge_internal(struct infer *in, uint32_t txn, uint32_t mop)
{
    const struct txn_mop *m = &in->t->mops[mop];
    char who[TXN_WHO_SIZE], key[TXN_WHO_SIZE], seen[TXN_WHO_SIZE];

    if (is_consistent(in, mop) || !txn_report_wants(in->r, TXN_INTERNAL))
        return;
    txn_report_add(in->r, TXN_INTERNAL, mop_evidence(in, txn, mop),
                   "%s read key %s as %s (operation %u), which contradicts what it had read or "
                   "appended there itself before",
                   txn_who(in->t, txn, who), txn_key_word(in->t, m->key, key),
                   txn_seen_word(in->t, m, seen), mop - in->t->txns[txn].mop_begin + 1);
}

/* An append, held against the reads that came before it in the same transaction. */
static void judge_future_read(struct infer *in, uint32_t txn, uint32_t append)
{
    uint32_t value = in->t->mops[append].value;
    char who[TXN_WHO_SIZE], key[TXN_WHO_SIZE], element[TXN_WHO_SIZE];
    uint32_t mop;

    if (in->seen_in[value] == TXN_NONE)
        return;
    for (mop = in->before[append]; mop != TXN_NONE; mop = in->before[mop]) {
        if (in->t->mops[mop].f != TXN_READ || !shows(in, &in->t->mops[mop], value))
            continue;
        if (!txn_report_wants(in->r, TXN_FUTURE_READ))
            return;
        txn_report_add(in->r, TXN_FUTURE_READ, mop_evidence(in, txn, mop),
                       "%s read %s at key %s before it appended it", txn_who(in->t, txn, who),
                       txn_value_word(in->t, value, element),
                       txn_key_word(in->t, in->t->mops[mop].key, key));
        return;
    }
}

static void report_source(struct infer *in, uint32_t txn, uint32_t mop, enum txn_anomaly anomaly,
                          uint32_t value)
{
    char who[TXN_WHO_SIZE], key[TXN_WHO_SIZE], element[TXN_WHO_SIZE], writer[TXN_WHO_SIZE];

    txn_who(in->t, txn, who);
    txn_key_word(in->t, in->t->mops[mop].key, key);
    txn_value_word(in->t, value, element);
    if (anomaly == TXN_GARBAGE_READ) {
        txn_report_add(in->r, anomaly, mop_evidence(in, txn, mop),
                       "%s read %s at key %s, which nobody ever appended there", who, element, key);
        return;
    }
    txn_who(in->t, in->t->values.at[value].writer, writer);
    if (anomaly == TXN_G1A)
        txn_report_add(in->r, anomaly, writer_evidence(in, txn, mop, value),
                       "%s read %s at key %s, though %s, which appended it, had failed", who,
                       element, key, writer);
    else
        txn_report_add(in->r, anomaly, writer_evidence(in, txn, mop, value),
                       "%s read key %s up to %s, which is in the middle of %s: that appended more "
                       "to the key",
                       who, key, element, writer);
}

/* A read of a failed append, of one that nobody asked for, or of the middle of a transaction. */
static void judge_read(struct infer *in, uint32_t txn, uint32_t mop)
{
    const struct txn_mop *m = &in->t->mops[mop];
    const struct facts *facts = &in->facts[m->sequence];
    uint32_t value;

    if (facts->first_garbage < m->len && txn_report_wants(in->r, TXN_GARBAGE_READ))
        report_source(in, txn, mop, TXN_GARBAGE_READ,
                      element_at(in, m->sequence, facts->first_garbage));
    if (facts->first_failed < m->len && !TXN_PLANTED(3) && txn_report_wants(in->r, TXN_G1A))
        report_source(in, txn, mop, TXN_G1A, element_at(in, m->sequence, facts->first_failed));
    if (m->len == 0)
        return;
    value = element_at(in, m->sequence, m->len - 1);
    if (in->t->values.at[value].writer == TXN_NONE || in->t->values.at[value].writer == txn ||
        in->final[value] || TXN_PLANTED(4) || !txn_report_wants(in->r, TXN_G1B))
        return;
    report_source(in, txn, mop, TXN_G1B, value);
}

/* The slot of the list that a read saw; reads that saw the same share it. */
static uint32_t slot_of(const struct infer *in, const struct txn_mop *read)
{
    const struct facts *facts = &in->facts[read->sequence];

    if (read->len <= facts->common)
        facts = &in->facts[in->longest[read->key]];
    return facts->slot + read->len;
}

/* A transaction's first append to a key, after it had read it first of all. */
static void judge_update(struct infer *in, uint32_t txn, uint32_t append)
{
    const struct txn_mop *mops = in->t->mops;
    char who[TXN_WHO_SIZE], other[TXN_WHO_SIZE], key[TXN_WHO_SIZE], seen[TXN_WHO_SIZE];
    uint32_t mop = append;
    uint32_t *updater;
    uint32_t other_txn;

    while (in->before[mop] != TXN_NONE) {
        mop = in->before[mop];
        if (mops[mop].f == TXN_WRITE)
            return;
    }
    if (mop == append)
        return;
    updater = &in->updaters[slot_of(in, &mops[mop])];
    if (*updater == TXN_NONE) {
        *updater = mop;
        return;
    }
    if (TXN_PLANTED(5) || !txn_report_wants(in->r, TXN_LOST_UPDATE))
        return;
    other_txn = txn_of_mop(in->t, *updater);
    txn_report_add(
        in->r, TXN_LOST_UPDATE,
        json_pack("{s:o,s:o,s:[o,o]}", "key", verdict_value(txn_key_text(in->t, mops[mop].key)),
                  "mop", txn_mop_json(in->t, mop), "txns", txn_json(in->t, other_txn),
                  txn_json(in->t, txn)),
        "%s and %s both read key %s as %s and then appended to it, so one did not see the "
        "other's update",
        txn_who(in->t, other_txn, other), txn_who(in->t, txn, who),
        txn_key_word(in->t, mops[mop].key, key), txn_seen_word(in->t, &mops[mop], seen));
}

static void judge_incompatible(struct infer *in, uint32_t sequence)
{
    const struct facts *facts = &in->facts[sequence];
    uint32_t key = in->t->sequences[sequence].key;
    uint32_t other = in->facts[in->longest[key]].reader;
    char who[TXN_WHO_SIZE], other_who[TXN_WHO_SIZE], word[TXN_WHO_SIZE], seen[TXN_WHO_SIZE],
        other_seen[TXN_WHO_SIZE];
    uint32_t mop = facts->reader;

    if (mop == TXN_NONE || other == TXN_NONE || in->t->mops[mop].len <= facts->common ||
        !txn_report_wants(in->r, TXN_INCOMPATIBLE_ORDER))
        return;
    txn_report_add(in->r, TXN_INCOMPATIBLE_ORDER,
                   json_pack("{s:o,s:[o,o],s:[o,o]}", "key",
                             verdict_value(txn_key_text(in->t, key)), "mops",
                             txn_mop_json(in->t, mop), txn_mop_json(in->t, other), "txns",
                             txn_json(in->t, txn_of_mop(in->t, mop)),
                             txn_json(in->t, txn_of_mop(in->t, other))),
                   "%s read key %s as %s, but %s as %s: neither is the beginning of the other, so "
                   "they cannot be the same list at two times",
                   txn_who(in->t, txn_of_mop(in->t, mop), who), txn_key_word(in->t, key, word),
                   txn_seen_word(in->t, &in->t->mops[mop], seen),
                   txn_who(in->t, txn_of_mop(in->t, other), other_who),
                   txn_seen_word(in->t, &in->t->mops[other], other_seen));
}

static void judge_dirty_update(struct infer *in, uint32_t key)
{
    uint32_t failed = TXN_NONE;
    char who[TXN_WHO_SIZE], other[TXN_WHO_SIZE], word[TXN_WHO_SIZE], element[TXN_WHO_SIZE];
    uint32_t i;

    for (i = in->order_begin[key]; i < in->order_begin[key + 1]; i++) {
        uint32_t value = in->order[i];
        const struct txn *writer = writer_of(in, value);
        if (writer == NULL || writer->status == TXN_INFO)
            continue;
        if (writer->status == TXN_FAILED) {
            failed = value;
            continue;
        }
        if (failed != TXN_NONE && txn_report_wants(in->r, TXN_DIRTY_UPDATE))
            txn_report_add(
                in->r, TXN_DIRTY_UPDATE,
                json_pack("{s:o,s:[o,o]}", "key", verdict_value(txn_key_text(in->t, key)), "txns",
                          txn_json(in->t, in->t->values.at[failed].writer),
                          txn_json(in->t, in->t->values.at[value].writer)),
                "%s succeeded in appending to key %s on top of %s, which %s had appended "
                "in vain: it failed",
                txn_who(in->t, in->t->values.at[value].writer, who), txn_key_word(in->t, key, word),
                txn_value_word(in->t, failed, element),
                txn_who(in->t, in->t->values.at[failed].writer, other));
        failed = TXN_NONE;
    }
}

static void judge_mops(struct infer *in)
{
    uint32_t txn, mop;

    EACH_OK_MOP(in, txn, mop)
    {
        if (in->t->mops[mop].f == TXN_WRITE) {
            judge_future_read(in, txn, mop);
            judge_update(in, txn, mop);
        } else {
            judge_read(in, txn, mop);
            judge_internal(in, txn, mop);
        }
    }
}

static void judge_own_order(struct infer *in)
{
    uint32_t *witness = mem_alloc(in->t->key_count * sizeof(*witness) + 1);
    uint32_t key;

    for (key = 0; key < in->t->key_count; key++)
        witness[key] = in->longest[key] == TXN_NONE ? TXN_NONE : in->facts[in->longest[key]].reader;
    txn_own_order(in->t, in->r, in->position, witness);
    mem_free(witness);
}

/* Edges. */

static void add_edge(struct infer *in, uint32_t from, uint32_t to, uint32_t value,
                     enum txn_edge_kind kind)
{
    txn_graph_add(in->g, (struct txn_edge){from, to, value, kind});
}

/* Transactions by key, to be linked with one another. */
struct members {
    uint32_t *begin; /* by key, and one more */
    uint32_t *readers;
    struct txn_end *writers;
};

static void add_ww(struct infer *in)
{
    uint32_t key, i;

    for (key = 0; key < in->t->key_count; key++)
        for (i = in->order_begin[key] + 1; i < in->order_begin[key + 1]; i++)
            if (has_place(in, in->order[i - 1]) && has_place(in, in->order[i]) && !TXN_PLANTED(6))
                add_edge(in, in->t->values.at[in->order[i - 1]].writer,
                         in->t->values.at[in->order[i]].writer, in->order[i], TXN_WW);
}

/* The element that follows the list that a read saw; TXN_NONE: none known, and *ret_is_whole if
 * that is since it saw the whole list. */
static uint32_t element_after(const struct infer *in, const struct txn_mop *read,
                              bool *ret_is_whole)
{
    uint32_t next = in->order_begin[read->key];

    *ret_is_whole = false;
    if (read->len > 0) {
        uint32_t last = in->position[element_at(in, read->sequence, read->len - 1)];
        if (last == TXN_NONE)
            return TXN_NONE; /* of another branch of the list */
        next = last + 1;
    }
    *ret_is_whole = next == in->order_begin[read->key + 1];
    return *ret_is_whole ? TXN_NONE : in->order[next];
}

/* Adds what a read proves; true if it saw the whole list. */
static bool add_read(struct infer *in, uint32_t txn, const struct txn_mop *read)
{
    bool is_whole;
    uint32_t next = element_after(in, read, &is_whole);

    if (read->len > 0) {
        uint32_t last = element_at(in, read->sequence, read->len - 1);
        if (has_place(in, last) && !TXN_PLANTED(7))
            add_edge(in, in->t->values.at[last].writer, txn, last, TXN_WR);
    }
    if (next != TXN_NONE && has_place(in, next) && !TXN_PLANTED(8))
        add_edge(in, txn, in->t->values.at[next].writer, next, TXN_RW);
    return is_whole;
}

static bool is_unread(const struct infer *in, uint32_t value)
{
    return in->seen_in[value] == TXN_NONE && has_place(in, value);
}

/* The writers of unread appends, by key. */
static void find_unread(struct infer *in, struct members *unread)
{
    const struct txn_history *t = in->t;
    uint32_t i, count = 0;

    unread->begin = mem_zalloc(((size_t)t->key_count + 2) * sizeof(uint32_t));
    for (i = 0; i < t->values.count; i++)
        if (is_unread(in, i)) {
            unread->begin[t->values.at[i].key + 2]++;
            count++;
        }
    for (i = 2; i < t->key_count + 2; i++)
        unread->begin[i] += unread->begin[i - 1];
    unread->writers = mem_alloc(count * sizeof(*unread->writers) + 1);
    for (i = 0; i < t->values.count; i++)
        if (is_unread(in, i))
            unread->writers[unread->begin[t->values.at[i].key + 1]++] =
                (struct txn_end){t->values.at[i].writer, i};
}

/* Adds what all reads prove, and finds the readers of whole lists where something is unread. */
static void add_reads(struct infer *in, const struct members *unread, struct members *whole)
{
    const struct txn_history *t = in->t;
    uint32_t *whole_of = NULL; /* pairs of key and transaction */
    size_t cap = 0, len = 0, i;
    uint32_t txn, mop;

    EACH_OK_MOP(in, txn, mop)
    {
        uint32_t key = t->mops[mop].key;
        if (t->mops[mop].f != TXN_READ || !add_read(in, txn, &t->mops[mop]) ||
            unread->begin[key] == unread->begin[key + 1])
            continue;
        whole_of = mem_grow(whole_of, &cap, len + 2, sizeof(*whole_of));
        whole_of[len++] = key;
        whole_of[len++] = txn;
    }
    whole->begin = mem_zalloc(((size_t)t->key_count + 2) * sizeof(uint32_t));
    whole->readers = mem_alloc(len * sizeof(uint32_t) + 1);
    for (i = 0; i < len; i += 2)
        whole->begin[whole_of[i] + 2]++;
    for (i = 2; i < (size_t)t->key_count + 2; i++)
        whole->begin[i] += whole->begin[i - 1];
    for (i = 0; i < len; i += 2)
        whole->readers[whole->begin[whole_of[i] + 1]++] = whole_of[i + 1];
    mem_free(whole_of);
}

/* Edges to the writers of unread appends to a key. */
static void add_unread(struct infer *in, uint32_t key, const struct members *unread,
                       const struct members *whole)
{
    const struct txn_end *writers = unread->writers + unread->begin[key];
    uint32_t writer_count = unread->begin[key + 1] - unread->begin[key];
    uint32_t order_end = in->order_begin[key + 1];
    uint32_t i;

    if (writer_count == 0)
        return;
    if (order_end > in->order_begin[key] && has_place(in, in->order[order_end - 1]))
        for (i = 0; i < writer_count; i++)
            add_edge(in, in->t->values.at[in->order[order_end - 1]].writer, writers[i].txn,
                     writers[i].value, TXN_WW);
    if (!TXN_PLANTED(9))
        txn_graph_add_all(in->g, whole->readers + whole->begin[key],
                          whole->begin[key + 1] - whole->begin[key], writers, writer_count);
}

static void add_edges(struct infer *in)
{
    struct members unread = {0}, whole = {0};
    uint32_t key;

    add_ww(in);
    find_unread(in, &unread);
    add_reads(in, &unread, &whole);
    for (key = 0; key < in->t->key_count; key++)
        add_unread(in, key, &unread, &whole);
    mem_free(unread.begin);
    mem_free(unread.writers);
    mem_free(whole.begin);
    mem_free(whole.readers);
}

static uint32_t *new_numbers(uint32_t count, int byte)
{
    uint32_t *numbers = mem_alloc(count * sizeof(*numbers) + 1);

    memset(numbers, byte, count * sizeof(*numbers));
    return numbers;
}

void txn_append_infer(const struct txn_history *t, struct txn_report *r, struct txn_graph *g)
{
    struct infer in = {
        .t = t,
        .r = r,
        .g = g,
        .facts = mem_alloc(t->sequence_count * sizeof(struct facts) + 1),
        .longest = new_numbers(t->key_count, 0xff),
        .order = new_numbers(t->values.count, 0xff),
        .order_begin = new_numbers(t->key_count + 1, 0),
        .position = new_numbers(t->values.count, 0xff),
        .seen_in = new_numbers(t->values.count, 0xff),
        .final = new_numbers(t->values.count, 0),
        .before = new_numbers(t->mop_count, 0xff),
    };
    uint32_t i;

    memset(in.facts, 0xff, t->sequence_count * sizeof(struct facts));
    find_longest(&in);
    find_readers(&in);
    for (i = 0; i < t->sequence_count; i++)
        find_facts(&in, i);
    in.updaters = new_numbers(in.slot_count, 0xff);
    find_orders(&in);
    txn_link_mops(t, in.before, in.final);
    for (i = 0; i < t->sequence_count; i++)
        judge_incompatible(&in, i);
    for (i = 0; i < t->key_count; i++)
        judge_dirty_update(&in, i);
    judge_own_order(&in);
    judge_mops(&in);
    add_edges(&in);
    mem_free(in.facts);
    mem_free(in.longest);
    mem_free(in.order);
    mem_free(in.order_begin);
    mem_free(in.position);
    mem_free(in.seen_in);
    mem_free(in.final);
    mem_free(in.before);
    mem_free(in.updaters);
}
