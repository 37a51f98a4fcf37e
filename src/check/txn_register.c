/* A register forgets: a read tells which write it saw, but not which came before. What is certain:
 *
 *     wr   the writer of 5 comes before all readers of 5
 *     a transaction that read 5 and then wrote 8 put 8 on top of 5 (writes follow reads): 5 < 8
 *     null is what every key holds at first: null < 5, null < 8
 *     hence ww from the writer of 5 to the writer of 8, and rw from the readers of 5 to the latter
 *
 * Since a value is written by one transaction, which first read at most one other, every version
 * has at most one known predecessor; so versions form trees, or a cycle, which is an anomaly of its
 * own and then gives no edges. Only the last write of a transaction to a key is a version.
 *
 * Real time tells more (txn_stale.h), for models that know of it.
 *
 * Beyond Elle: a value read proves that a transaction without an answer has happened, so its
 * writes count too; and a read of what nobody wrote is an anomaly, not just a read without edge. */
#include "txn_register.h"

#include "txn_mops.h"
#include "txn_plant.h"
#include "txn_stale.h"
#include "verdict.h"

#include "../base/mem.h"

#include <string.h>

enum { MAX_SHOWN = 8 }; /* versions of a cycle, in a sentence */

/* Numbers by group: those of group g stand from begin[g] up to begin[g + 1]. */
struct groups {
    uint32_t *begin;
    uint32_t *members;
};

struct infer {
    const struct txn_history *t;
    struct txn_report *r;
    struct txn_graph *g;
    uint32_t *before;       /* by operation: the one before it on the same key, or TXN_NONE */
    uint32_t *final;        /* by value: 1 if it is its transaction's last write to the key */
    uint32_t *predecessor;  /* by value: the one it replaced, TXN_NONE if not known */
    uint32_t *updater;      /* by value: a read of it that was followed by a write */
    uint32_t *null_updater; /* by key: the same of null */
};

static bool has_place(const struct infer *in, uint32_t value)
{
    uint32_t writer = in->t->values.at[value].writer;

    return writer != TXN_NONE && in->t->txns[writer].status != TXN_FAILED;
}

/* Anomalies that are no cycles. */

static json_t *mop_evidence(const struct infer *in, uint32_t txn, uint32_t mop)
{
    return json_pack("{s:o,s:o}", "op", txn_json(in->t, txn), "mop", txn_mop_json(in->t, mop));
}

static json_t *writer_evidence(const struct infer *in, uint32_t txn, uint32_t mop)
{
    json_t *evidence = mop_evidence(in, txn, mop);

    json_object_set_new(evidence, "writer",
                        txn_json(in->t, in->t->values.at[in->t->mops[mop].value].writer));
    return evidence;
}

static void judge_internal(struct infer *in, uint32_t txn, uint32_t mop)
{
    const struct txn_mop *m = &in->t->mops[mop];
    uint32_t before = in->before[mop];
    char who[TXN_WHO_SIZE], key[TXN_WHO_SIZE], seen[TXN_WHO_SIZE], expected[TXN_WHO_SIZE];

    if (before == TXN_NONE || in->t->mops[before].value == m->value ||
        !txn_report_wants(in->r, TXN_INTERNAL))
        return;
    txn_report_add(in->r, TXN_INTERNAL, mop_evidence(in, txn, mop),
                   "%s read key %s as %s (operation %u), though it had %s %s there just before",
                   txn_who(in->t, txn, who), txn_key_word(in->t, m->key, key),
                   txn_value_word(in->t, m->value, seen), mop - in->t->txns[txn].mop_begin + 1,
                   in->t->mops[before].f == TXN_READ ? "read" : "written",
                   txn_value_word(in->t, in->t->mops[before].value, expected));
}

static void report_source(struct infer *in, uint32_t txn, uint32_t mop, enum txn_anomaly anomaly)
{
    const struct txn_mop *m = &in->t->mops[mop];
    uint32_t writer_txn = in->t->values.at[m->value].writer;
    char who[TXN_WHO_SIZE], key[TXN_WHO_SIZE], seen[TXN_WHO_SIZE], writer[TXN_WHO_SIZE];

    txn_who(in->t, txn, who);
    txn_key_word(in->t, m->key, key);
    txn_value_word(in->t, m->value, seen);
    if (anomaly == TXN_GARBAGE_READ)
        txn_report_add(in->r, anomaly, mop_evidence(in, txn, mop),
                       "%s read key %s as %s, which nobody ever wrote there", who, key, seen);
    else if (anomaly == TXN_FUTURE_READ)
        txn_report_add(in->r, anomaly, mop_evidence(in, txn, mop),
                       "%s read key %s as %s before it wrote that itself", who, key, seen);
    else if (anomaly == TXN_G1A)
        txn_report_add(in->r, anomaly, writer_evidence(in, txn, mop),
                       "%s read key %s as %s, though %s, which wrote that, had failed", who, key,
                       seen, txn_who(in->t, writer_txn, writer));
    else
        txn_report_add(in->r, anomaly, writer_evidence(in, txn, mop),
                       "%s read key %s as %s, which is from the middle of %s: that wrote the key "
                       "again",
                       who, key, seen, txn_who(in->t, writer_txn, writer));
}

/* A read of a value: who wrote it, and may it be seen? */
static void judge_source(struct infer *in, uint32_t txn, uint32_t mop)
{
    uint32_t number = in->t->mops[mop].value;
    const struct txn_value *value = &in->t->values.at[number];
    enum txn_anomaly anomaly;

    if (value->writer == TXN_NONE && !TXN_PLANTED(10))
        anomaly = TXN_GARBAGE_READ;
    else if (value->writer == TXN_NONE)
        return;
    else if (in->t->txns[value->writer].status == TXN_FAILED && !TXN_PLANTED(11))
        anomaly = TXN_G1A;
    else if (value->writer == txn && value->mop > mop)
        anomaly = TXN_FUTURE_READ;
    else if (value->writer != txn && !in->final[number] && !TXN_PLANTED(12))
        anomaly = TXN_G1B;
    else
        return;
    if (txn_report_wants(in->r, anomaly))
        report_source(in, txn, mop, anomaly);
}

/* A transaction's first write to a key, which it had read first of all: mop is that read. */
static void judge_update(struct infer *in, uint32_t txn, uint32_t mop)
{
    const struct txn_mop *m = &in->t->mops[mop];
    uint32_t *updater = m->value == TXN_NONE ? &in->null_updater[m->key] : &in->updater[m->value];
    char who[TXN_WHO_SIZE], other[TXN_WHO_SIZE], key[TXN_WHO_SIZE], seen[TXN_WHO_SIZE];
    uint32_t other_txn;

    if (*updater == TXN_NONE) {
        *updater = mop;
        return;
    }
    if (!txn_report_wants(in->r, TXN_LOST_UPDATE))
        return;
    other_txn = txn_of_mop(in->t, *updater);
    txn_report_add(in->r, TXN_LOST_UPDATE,
                   json_pack("{s:o,s:o,s:[o,o]}", "key", verdict_value(txn_key_text(in->t, m->key)),
                             "mop", txn_mop_json(in->t, mop), "txns", txn_json(in->t, other_txn),
                             txn_json(in->t, txn)),
                   "%s and %s both read key %s as %s and then wrote to it, so one did not see the "
                   "other's update",
                   txn_who(in->t, other_txn, other), txn_who(in->t, txn, who),
                   txn_key_word(in->t, m->key, key), txn_value_word(in->t, m->value, seen));
}

/* The read with which the transaction of this write first touched the key; TXN_NONE if it wrote
 * first, or if it wrote between that read and this write and wants_first. */
static uint32_t external_read(const struct infer *in, uint32_t write, bool wants_first)
{
    uint32_t mop = write;

    while (in->before[mop] != TXN_NONE) {
        mop = in->before[mop];
        if (wants_first && in->t->mops[mop].f == TXN_WRITE)
            return TXN_NONE;
    }
    return mop != write && in->t->mops[mop].f == TXN_READ ? mop : TXN_NONE;
}

static void judge_write(struct infer *in, uint32_t txn, uint32_t mop)
{
    uint32_t value = in->t->mops[mop].value;
    uint32_t read = external_read(in, mop, true);
    uint32_t seen;

    if (read != TXN_NONE)
        judge_update(in, txn, read);
    if (!in->final[value])
        return;
    read = external_read(in, mop, false);
    if (read == TXN_NONE)
        return;
    seen = in->t->mops[read].value;
    if (seen != TXN_NONE && in->t->values.at[seen].writer != txn)
        in->predecessor[value] = seen;
}

static void judge_txn(struct infer *in, uint32_t txn)
{
    const struct txn *x = &in->t->txns[txn];
    uint32_t mop;

    for (mop = x->mop_begin; mop < x->mop_begin + x->mop_count; mop++) {
        if (in->t->mops[mop].f == TXN_WRITE) {
            judge_write(in, txn, mop);
            continue;
        }
        judge_internal(in, txn, mop);
        if (in->t->mops[mop].value != TXN_NONE)
            judge_source(in, txn, mop);
    }
}

/* Cyclic versions. */

static void report_cyclic(struct infer *in, uint32_t start)
{
    struct buf words = {0};
    json_t *versions = json_array();
    char word[TXN_WHO_SIZE];
    uint32_t value = start;
    uint32_t count = 0;

    do {
        if (count < MAX_SHOWN)
            buf_addf(&words, "%s%s", count > 0 ? ", which replaced " : "",
                     txn_value_word(in->t, value, word));
        verdict_list_add(versions, verdict_value(txn_value_text(in->t, value)));
        value = in->predecessor[value];
        count++;
    } while (value != start);
    buf_addf(&words, "%s which replaced %s", count > MAX_SHOWN ? ", and so on," : ",",
             txn_value_word(in->t, start, word));
    txn_report_add(in->r, TXN_CYCLIC_VERSIONS,
                   json_pack("{s:o,s:o}", "key",
                             verdict_value(txn_key_text(in->t, in->t->values.at[start].key)), "scc",
                             versions),
                   "the values of key %s go round in a circle: %s",
                   txn_key_word(in->t, in->t->values.at[start].key, word), words.data);
    buf_release(&words);
}

/* Takes the cycle through start apart, so that it gives no edges. */
static void forget_cycle(struct infer *in, uint32_t start)
{
    uint32_t value = start;

    while (value != TXN_NONE) {
        uint32_t next = in->predecessor[value];
        in->predecessor[value] = TXN_NONE;
        value = next;
    }
}

/* Walks back from each value; a walk that meets itself has found a cycle. */
static void judge_versions(struct infer *in)
{
    uint32_t *walked = mem_zalloc(in->t->values.count * sizeof(*walked) + 1);
    uint32_t start, value;

    for (start = 0; start < in->t->values.count; start++) {
        for (value = start; value != TXN_NONE && walked[value] == 0; value = in->predecessor[value])
            walked[value] = start + 1;
        if (value == TXN_NONE || walked[value] != start + 1 || TXN_PLANTED(13))
            continue;
        if (txn_report_wants(in->r, TXN_CYCLIC_VERSIONS))
            report_cyclic(in, value);
        forget_cycle(in, value);
    }
    mem_free(walked);
}

/* Edges. */

/* Groups the numbers of 0..count-1 for which group_of gives no TXN_NONE. */
static void group(struct groups *ret, uint32_t group_count, uint32_t count,
                  uint32_t (*group_of)(const struct infer *in, uint32_t i), const struct infer *in)
{
    uint32_t i, k;

    ret->begin = mem_zalloc(((size_t)group_count + 2) * sizeof(uint32_t));
    for (i = 0; i < count; i++)
        if ((k = group_of(in, i)) != TXN_NONE)
            ret->begin[k + 2]++;
    for (i = 2; i < group_count + 2; i++)
        ret->begin[i] += ret->begin[i - 1];
    ret->members = mem_alloc(ret->begin[group_count + 1] * sizeof(uint32_t) + 1);
    for (i = 0; i < count; i++)
        if ((k = group_of(in, i)) != TXN_NONE)
            ret->members[ret->begin[k + 1]++] = i;
}

static void groups_release(struct groups *groups)
{
    mem_free(groups->begin);
    mem_free(groups->members);
}

static uint32_t value_read(const struct infer *in, uint32_t mop)
{
    return in->t->mops[mop].f == TXN_READ ? in->t->mops[mop].value : TXN_NONE;
}

static uint32_t key_read_as_null(const struct infer *in, uint32_t mop)
{
    const struct txn_mop *m = &in->t->mops[mop];

    return m->f == TXN_READ && m->value == TXN_NONE ? m->key : TXN_NONE;
}

static uint32_t predecessor_of(const struct infer *in, uint32_t value)
{
    return has_place(in, value) ? in->predecessor[value] : TXN_NONE;
}

static uint32_t key_of_version(const struct infer *in, uint32_t value)
{
    return has_place(in, value) && in->final[value] ? in->t->values.at[value].key : TXN_NONE;
}

/* The ok transactions of the reads in one group, but for those of the value's own writer. */
static uint32_t find_readers(const struct infer *in, const struct groups *reads, uint32_t group,
                             uint32_t writer, uint32_t *into)
{
    uint32_t count = 0;
    uint32_t i;

    for (i = reads->begin[group]; i < reads->begin[group + 1]; i++) {
        uint32_t txn = txn_of_mop(in->t, reads->members[i]);
        if (txn_is_ok(in->t, txn) && txn != writer && (count == 0 || into[count - 1] != txn))
            into[count++] = txn;
    }
    return count;
}

static uint32_t find_writers(const struct infer *in, const struct groups *values, uint32_t group,
                             struct txn_end *into)
{
    uint32_t i;

    for (i = values->begin[group]; i < values->begin[group + 1]; i++)
        into[i - values->begin[group]] =
            (struct txn_end){in->t->values.at[values->members[i]].writer, values->members[i]};
    return values->begin[group + 1] - values->begin[group];
}

/* What is known about one value: its readers, and those that replaced it. */
static void add_value(struct infer *in, uint32_t value, const uint32_t *readers,
                      uint32_t reader_count, const struct txn_end *next, uint32_t next_count)
{
    uint32_t writer = in->t->values.at[value].writer;
    uint32_t i;

    if (has_place(in, value)) {
        for (i = 0; i < reader_count; i++)
            txn_graph_add(in->g, (struct txn_edge){writer, readers[i], value, TXN_WR});
        for (i = 0; i < next_count && !TXN_PLANTED(14); i++)
            txn_graph_add(in->g, (struct txn_edge){writer, next[i].txn, next[i].value, TXN_WW});
    }
    if (!TXN_PLANTED(15))
        txn_graph_add_all(in->g, readers, reader_count, next, next_count);
}

static void add_edges(struct infer *in)
{
    const struct txn_history *t = in->t;
    uint32_t *readers = mem_alloc(t->mop_count * sizeof(*readers) + 1);
    struct txn_end *writers = mem_alloc(t->values.count * sizeof(*writers) + 1);
    struct groups reads, nexts;
    uint32_t i;

    group(&reads, t->values.count, t->mop_count, value_read, in);
    group(&nexts, t->values.count, t->values.count, predecessor_of, in);
    for (i = 0; i < t->values.count; i++)
        add_value(in, i, readers, find_readers(in, &reads, i, t->values.at[i].writer, readers),
                  writers, find_writers(in, &nexts, i, writers));
    groups_release(&reads);
    groups_release(&nexts);

    group(&reads, t->key_count, t->mop_count, key_read_as_null, in);
    group(&nexts, t->key_count, t->values.count, key_of_version, in);
    for (i = 0; i < t->key_count && !TXN_PLANTED(16); i++)
        txn_graph_add_all(in->g, readers, find_readers(in, &reads, i, TXN_NONE, readers), writers,
                          find_writers(in, &nexts, i, writers));
    groups_release(&reads);
    groups_release(&nexts);
    mem_free(readers);
    mem_free(writers);
}

static uint32_t *new_numbers(uint32_t count, int byte)
{
    uint32_t *numbers = mem_alloc(count * sizeof(*numbers) + 1);

    memset(numbers, byte, count * sizeof(*numbers));
    return numbers;
}

void txn_register_infer(const struct txn_history *t, struct txn_report *r, struct txn_graph *g,
                        bool by_time)
{
    struct infer in = {
        .t = t,
        .r = r,
        .g = g,
        .before = new_numbers(t->mop_count, 0xff),
        .final = new_numbers(t->values.count, 0),
        .predecessor = new_numbers(t->values.count, 0xff),
        .updater = new_numbers(t->values.count, 0xff),
        .null_updater = new_numbers(t->key_count, 0xff),
    };
    uint32_t txn;

    txn_link_mops(t, in.before, in.final);
    for (txn = 0; txn < t->txn_count; txn++)
        if (txn_is_ok(t, txn))
            judge_txn(&in, txn);
    judge_versions(&in);
    add_edges(&in);
    if (by_time)
        txn_stale_find(t, &(struct txn_links){in.before, in.final}, r);
    mem_free(in.before);
    mem_free(in.final);
    mem_free(in.predecessor);
    mem_free(in.updater);
    mem_free(in.null_updater);
}
