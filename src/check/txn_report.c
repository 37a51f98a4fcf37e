/* Evidence, in words and as JSON. Each kind of anomaly is told by who found it; here stand what
 * they share, and the telling of cycles, which goes round once:
 *
 *     T1 (process 0, 3 ms to 5 ms) read key 9 as [1], without the 2 that T2 (process 1, ...)
 *     appended; T2 was complete before T1 began
 *
 * Every edge is a sentence that one can check by hand in the transactions listed beside it. */
#include "txn_report.h"

#include "history.h"
#include "txn_cycle.h"
#include "verdict.h"

#include "../base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { STEPS_MAX = 16 }; /* of a cycle, in words and as JSON */

void txn_report_init(struct txn_report *r, const struct txn_history *t)
{
    *r = (struct txn_report){.t = t};
}

void txn_report_release(struct txn_report *r)
{
    size_t i;

    for (i = 0; i < TXN_FOUND_COUNT; i++)
        json_decref(r->lists[i]);
}

bool txn_report_wants(struct txn_report *r, enum txn_anomaly anomaly)
{
    r->counts[anomaly]++;
    return json_array_size(r->lists[anomaly]) < VERDICT_LIST_MAX;
}

static void add_evidence(struct txn_report *r, enum txn_anomaly anomaly, json_t *members,
                         const char *sentence)
{
    json_t *item = members != NULL ? members : json_object();

    json_object_set_new(item, "sentence", json_string(sentence));
    if (r->lists[anomaly] == NULL)
        r->lists[anomaly] = json_array();
    verdict_list_add(r->lists[anomaly], item);
}

void txn_report_add(struct txn_report *r, enum txn_anomaly anomaly, json_t *members,
                    const char *format, ...)
{
    char sentence[2048];
    va_list args;

    va_start(args, format);
    vsnprintf(sentence, sizeof(sentence), format, args);
    va_end(args);
    add_evidence(r, anomaly, members, sentence);
}

uint64_t txn_report_found(const struct txn_report *r)
{
    uint64_t found = 0;
    unsigned i;

    for (i = 0; i < TXN_FOUND_COUNT; i++)
        if (r->counts[i] > 0)
            found |= TXN_BIT(i);
    return found;
}

void txn_report_malformed(struct txn_report *r)
{
    uint32_t i;

    for (i = 0; i < r->t->malformed_count; i++)
        if (txn_report_wants(r, TXN_MALFORMED))
            txn_report_add(r, TXN_MALFORMED,
                           json_pack("{s:o}", "op", txn_json(r->t, r->t->malformed[i].txn)), "%s",
                           r->t->malformed[i].sentence);
}

/* Transactions. */

static int64_t time_of(const struct txn_history *t, uint32_t index)
{
    return history_at(t->h, index)->time_ns;
}

json_t *txn_json(const struct txn_history *t, uint32_t txn)
{
    const struct txn *x = &t->txns[txn];
    bool is_open = x->completion == HISTORY_NO_PAIR;
    const struct op *invoke = history_at(t->h, x->invoke);
    const struct op *last = is_open ? invoke : history_at(t->h, x->completion);

    return json_pack(
        "{s:I,s:s,s:s,s:o,s:I,s:I,s:s,s:I,s:I}", "process", (json_int_t)x->process, "type",
        op_type_text(last->type), "f", "txn", "value", verdict_value(last->value), "index",
        (json_int_t)(is_open ? x->invoke : x->completion), "time", (json_int_t)last->time_ns,
        "node", history_node_name(t->h, last->node), "invoke-index", (json_int_t)x->invoke,
        "invoke-time", (json_int_t)invoke->time_ns);
}

static void add_seen(const struct txn_history *t, const struct txn_mop *mop, struct buf *out)
{
    const struct txn_sequence *s;

    if (t->kind == TXN_REGISTERS) {
        buf_add_str(out, txn_value_text(t, mop->value));
        return;
    }
    if (mop->sequence == TXN_NONE) {
        buf_add_text(out, "null");
        return;
    }
    s = &t->sequences[mop->sequence];
    buf_add_str(out, (struct str){s->text.data, mop->len == 0 ? 1 : s->ends[mop->len - 1]});
    buf_add_char(out, ']');
}

json_t *txn_mop_json(const struct txn_history *t, uint32_t mop)
{
    const struct txn_mop *m = &t->mops[mop];
    struct buf seen = {0};
    const char *f = m->f == TXN_READ ? "r" : t->kind == TXN_LISTS ? "append" : "w";
    json_t *json;

    if (m->f == TXN_READ)
        add_seen(t, m, &seen);
    else
        buf_add_str(&seen, txn_value_text(t, m->value));
    json = json_pack("[s,o,o]", f, verdict_value(txn_key_text(t, m->key)),
                     verdict_value(buf_str(&seen)));
    buf_release(&seen);
    return json;
}

/* "process 3 at n1, 1.2 s to 1.3 s" */
static void add_who(const struct txn_history *t, uint32_t txn, struct buf *out)
{
    const struct txn *x = &t->txns[txn];
    const struct op *invoke = history_at(t->h, x->invoke);
    char from[DURATION_TEXT_MAX], to[DURATION_TEXT_MAX];

    buf_addf(out, "process %d", (int)x->process);
    if (invoke->node != HISTORY_NO_NODE)
        buf_addf(out, " at %.32s", history_node_name(t->h, invoke->node));
    buf_addf(out, ", %s to ", duration_text(invoke->time_ns, from));
    if (x->status == TXN_OK || x->status == TXN_FAILED)
        buf_add_text(out, duration_text(time_of(t, x->completion), to));
    else
        buf_add_text(out, "an unknown end");
}

const char *txn_who(const struct txn_history *t, uint32_t txn, char into[TXN_WHO_SIZE])
{
    struct buf who = {0};

    add_who(t, txn, &who);
    snprintf(into, TXN_WHO_SIZE, "the transaction of %s", who.data);
    buf_release(&who);
    return into;
}

const char *txn_seen_word(const struct txn_history *t, const struct txn_mop *mop, char *into)
{
    struct buf seen = {0};

    add_seen(t, mop, &seen);
    verdict_word(buf_str(&seen), into);
    buf_release(&seen);
    return into;
}

const char *txn_value_word(const struct txn_history *t, uint32_t value, char *into)
{
    return verdict_word(txn_value_text(t, value), into);
}

const char *txn_key_word(const struct txn_history *t, uint32_t key, char *into)
{
    return verdict_word(txn_key_text(t, key), into);
}

/* Cycles. */

/* One that is being told: its edges, and how far names have been given. */
struct telling {
    const struct txn_history *t;
    const struct txn_edge *edges;
    uint32_t len;
    uint32_t introduced; /* transactions with a number up to this have been described */
    struct buf words;
};

/* "T2", the first time with who it is. The first transaction closes the cycle. */
static void name_txn(struct telling *c, uint32_t number)
{
    uint32_t shown = number == c->len ? 0 : number;

    buf_addf(&c->words, "T%u", shown + 1);
    if (shown < c->introduced)
        return;
    buf_add_text(&c->words, " (");
    add_who(c->t, c->edges[shown].from, &c->words);
    buf_add_text(&c->words, ")");
    c->introduced = shown + 1;
}

static bool list_holds(const struct txn_history *t, const struct txn_mop *read, uint32_t value)
{
    uint32_t i;

    for (i = 0; i < read->len; i++)
        if (t->sequences[read->sequence].elements[i] == value)
            return true;
    return false;
}

/* The read behind an edge: of the value's key, and for rw one that does not show it. */
static const struct txn_mop *read_behind(const struct txn_history *t, const struct txn_edge *edge)
{
    uint32_t reader = edge->kind == TXN_RW ? edge->from : edge->to;
    const struct txn *x = &t->txns[reader];
    uint32_t key = t->values.at[edge->value].key;
    const struct txn_mop *found = NULL;
    uint32_t i;

    for (i = x->mop_begin; i < x->mop_begin + x->mop_count; i++) {
        const struct txn_mop *mop = &t->mops[i];
        bool shows;
        if (mop->f != TXN_READ || mop->key != key)
            continue;
        if (t->kind == TXN_REGISTERS)
            shows = mop->value == edge->value;
        else if (edge->kind == TXN_RW)
            shows = list_holds(t, mop, edge->value);
        else
            shows =
                mop->len > 0 && t->sequences[mop->sequence].elements[mop->len - 1] == edge->value;
        if (shows == (edge->kind == TXN_WR))
            found = mop;
        if (found != NULL && edge->kind == TXN_WR)
            break;
    }
    return found;
}

static void tell_write(struct telling *c, const char *before, uint32_t number)
{
    buf_add_text(&c->words, before);
    name_txn(c, number);
    buf_add_text(&c->words, c->t->kind == TXN_LISTS ? " appended" : " wrote");
}

static void tell_rw(struct telling *c, const struct txn_edge *edge, uint32_t i)
{
    const struct txn_mop *read = read_behind(c->t, edge);
    char key[VERDICT_WORD_SIZE], value[VERDICT_WORD_SIZE], seen[VERDICT_WORD_SIZE];

    name_txn(c, i);
    buf_addf(&c->words, " read key %s as %s, %s",
             txn_key_word(c->t, c->t->values.at[edge->value].key, key),
             read != NULL ? txn_seen_word(c->t, read, seen) : "an older version",
             c->t->kind == TXN_LISTS ? "without the " : "which the ");
    buf_add_text(&c->words, txn_value_word(c->t, edge->value, value));
    tell_write(c, " that ", i + 1);
    if (c->t->kind == TXN_REGISTERS)
        buf_add_text(&c->words, " replaced");
}

static void tell_wr(struct telling *c, const struct txn_edge *edge, uint32_t i)
{
    char key[VERDICT_WORD_SIZE], value[VERDICT_WORD_SIZE];

    tell_write(c, "", i);
    buf_addf(&c->words, " %s to key %s, which ", txn_value_word(c->t, edge->value, value),
             txn_key_word(c->t, c->t->values.at[edge->value].key, key));
    name_txn(c, i + 1);
    buf_add_text(&c->words, " read");
}

static void tell_ww(struct telling *c, const struct txn_edge *edge, uint32_t i)
{
    char key[VERDICT_WORD_SIZE], value[VERDICT_WORD_SIZE];

    tell_write(c, "", i);
    buf_addf(&c->words, " to key %s before ",
             txn_key_word(c->t, c->t->values.at[edge->value].key, key));
    name_txn(c, i + 1);
    buf_addf(&c->words, " %s %s", c->t->kind == TXN_LISTS ? "appended" : "wrote",
             txn_value_word(c->t, edge->value, value));
}

static void tell_order(struct telling *c, const struct txn_edge *edge, uint32_t i)
{
    char done[DURATION_TEXT_MAX], begun[DURATION_TEXT_MAX];

    name_txn(c, i);
    buf_addf(&c->words, " was complete at %s before ",
             duration_text(time_of(c->t, c->t->txns[edge->from].completion), done));
    name_txn(c, i + 1);
    buf_addf(&c->words, " began at %s%s",
             duration_text(time_of(c->t, c->t->txns[edge->to].invoke), begun),
             edge->kind == TXN_BY_PROCESS ? " in the same process" : "");
}

static void tell_edge(struct telling *c, uint32_t i)
{
    const struct txn_edge *edge = &c->edges[i];

    if (edge->kind == TXN_RW)
        tell_rw(c, edge, i);
    else if (edge->kind == TXN_WR)
        tell_wr(c, edge, i);
    else if (edge->kind == TXN_WW)
        tell_ww(c, edge, i);
    else
        tell_order(c, edge, i);
}

static const char *kind_name(uint32_t kind)
{
    return kind == TXN_WW           ? "ww"
           : kind == TXN_WR         ? "wr"
           : kind == TXN_RW         ? "rw"
           : kind == TXN_BY_PROCESS ? "process"
                                    : "realtime";
}

/* An edge by itself: every transaction named shortly, since the list beside it describes them. */
static json_t *step_json(const struct telling *whole, uint32_t i)
{
    struct telling c = *whole;
    const struct txn_edge *edge = &c.edges[i];
    json_t *json;

    c.introduced = UINT32_MAX;
    c.words = (struct buf){0};
    tell_edge(&c, i);
    json = json_pack("{s:s,s:I,s:I,s:s}", "type", kind_name(edge->kind), "from", (json_int_t)i + 1,
                     "to", (json_int_t)((i + 1) % c.len) + 1, "sentence", c.words.data);
    if (edge->value != TXN_NONE) {
        json_object_set_new(json, "key",
                            verdict_value(txn_key_text(c.t, c.t->values.at[edge->value].key)));
        json_object_set_new(json, edge->kind == TXN_WR ? "value" : "value'",
                            verdict_value(txn_value_text(c.t, edge->value)));
        if (edge->kind == TXN_RW && read_behind(c.t, edge) != NULL) {
            json_t *mop = txn_mop_json(c.t, (uint32_t)(read_behind(c.t, edge) - c.t->mops));
            json_object_set(json, "value", json_array_get(mop, 2));
            json_decref(mop);
        }
    }
    buf_release(&c.words);
    return json;
}

static void report_cycle(struct txn_report *r, const struct txn_cycles *all,
                         const struct txn_cycle *cycle)
{
    struct telling c = {.t = r->t, .edges = all->edges + cycle->begin, .len = cycle->len};
    json_t *ops = json_array();
    json_t *steps = json_array();
    uint32_t i;

    for (i = 0; i < cycle->len && i < STEPS_MAX; i++) {
        if (i > 0)
            buf_add_text(&c.words, "; ");
        tell_edge(&c, i);
        json_array_append_new(ops, txn_json(r->t, c.edges[i].from));
        json_array_append_new(steps, step_json(&c, i));
    }
    if (cycle->len > STEPS_MAX)
        buf_addf(&c.words, "; and so on over %u transactions, back to T1", cycle->len);
    add_evidence(r, cycle->anomaly,
                 json_pack("{s:s,s:I,s:o,s:o}", "type", txn_anomaly_name(cycle->anomaly), "length",
                           (json_int_t)cycle->len, "cycle", ops, "steps", steps),
                 c.words.data);
    buf_release(&c.words);
}

void txn_report_cycles(struct txn_report *r, const struct txn_cycles *c)
{
    uint32_t i;

    for (i = 0; i < c->cycle_count; i++)
        if (json_array_size(r->lists[c->cycles[i].anomaly]) < VERDICT_LIST_MAX)
            report_cycle(r, c, &c->cycles[i]);
    for (i = 0; i < TXN_FOUND_COUNT; i++)
        r->counts[i] += c->counts[i];
}
