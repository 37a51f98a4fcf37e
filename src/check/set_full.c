/* The verdict on a growing set, from the facts of set_scan.
 *
 * Outcome of an element, as in Jepsen's set-full:
 *   stable      some read shows it, and every read that misses it was invoked earlier
 *   lost        known, and a read invoked after that and after the last read that shows it misses
 * it never-read  the rest: adds that never took effect, or that nobody looked for afterwards
 *
 * Those rules look at all nodes as one, so a single good read hides what any other node lost. Ours
 * hold each node to its own final reads, and judge what a read shows beside what it misses. Each
 * rule accuses only where no order of the events could excuse the program:
 *   lost on a node   the element was known before the node's last final read began, and no final
 *                    read of that node that was still open then, or came later, shows it
 *   phantom          the read was complete before any add of the element had begun
 *   resurrected      every add of the element failed definitely
 *   duplicated       one read shows it more than once */
#include "set_full.h"

#include "checker.h"
#include "history.h"
#include "plant.h"
#include "quantile.h"
#include "set_scan.h"
#include "verdict.h"

#include "../base/mem.h"

#include <string.h>

enum outcome { STABLE, LOST, NEVER_READ };

enum { WORST_STALE_MAX = 8 };

static const int64_t ns_per_ms = 1000000;

/* All that the judging functions share. */
struct judge {
    const struct history *h;
    const struct set_full_options *options;
    struct set_scan scan;
    struct verdict *v;
};

/* An element, in words and numbers. */
struct result {
    uint32_t element;
    enum outcome outcome;
    int64_t stable_ms; /* stable: from known to the last read that misses it */
    int64_t lost_ms;   /* lost: from known to the last read that shows it */
};

static int64_t time_of(const struct judge *j, uint32_t index)
{
    return history_at(j->h, index)->time_ns;
}

static const char *node_of(const struct judge *j, uint32_t index)
{
    return history_node_name(j->h, history_at(j->h, index)->node);
}

static int64_t latency_ms(const struct judge *j, uint32_t known, uint32_t last)
{
    int64_t end_ns = last == SET_NEVER ? 0 : time_of(j, last) + 1;
    int64_t latency_ns = end_ns - time_of(j, known);

    return latency_ns > 0 ? latency_ns / ns_per_ms : 0;
}

static struct result result_of(const struct judge *j, uint32_t i)
{
    struct result r = {i, NEVER_READ, 0, 0};
    uint32_t known = j->scan.elements[i].known;
    uint32_t present = j->scan.last_present[i];
    uint32_t absent = j->scan.last_absent[i];
    bool is_shown = present != SET_NEVER;
    bool is_missed = absent != SET_NEVER;

    if (is_shown && (!is_missed || absent < present)) {
        r.outcome = STABLE;
        r.stable_ms = latency_ms(j, known, absent);
    } else if (known != SET_NEVER && is_missed && (!is_shown || present < absent) &&
               (known < absent || PLANTED(6))) {
        r.outcome = LOST;
        r.lost_ms = latency_ms(j, known, present);
    }
    return r;
}

/* ---- sentences: who knew the element, and who should have shown it ---- */

/* "process 0 added it at n1, acknowledged at 1.2 s", or by which read it was known first. */
static void describe_known(const struct judge *j, uint32_t i, struct buf *out)
{
    const struct set_element *element = &j->scan.elements[i];
    const struct op *known = history_at(j->h, element->known);
    char time[DURATION_TEXT_MAX];

    duration_text(known->time_ns, time);
    if (element->known == element->acked)
        buf_addf(out, "process %d added it at %s, acknowledged at %s", known->process,
                 node_of(j, element->known), time);
    else
        buf_addf(out, "a read by process %d of %s had shown it by %s", known->process,
                 node_of(j, element->known), time);
}

/* "the read of n2 by process 3 from 1.3 s to 1.4 s"; index is its invocation. */
static void describe_read(const struct judge *j, uint32_t index, struct buf *out)
{
    const struct op *invoked = history_at(j->h, index);
    char from[DURATION_TEXT_MAX];
    char to[DURATION_TEXT_MAX];

    duration_text(invoked->time_ns, from);
    duration_text(history_completion(j->h, index)->time_ns, to);
    buf_addf(out, "the read of %s by process %d from %s to %s", node_of(j, invoked->pair),
             invoked->process, from, to);
}

static const char *word_of(const struct judge *j, uint32_t i, char into[VERDICT_WORD_SIZE])
{
    return verdict_word(set_elements_text(j->scan.names, i), into);
}

/* The add, what made the element known if that was a read, and the read that is wrong. */
static void explain(struct judge *j, uint32_t i, uint32_t read)
{
    const struct set_element *element = &j->scan.elements[i];
    uint32_t events[3], count = 0;

    if (element->acked != SET_NEVER)
        events[count++] = element->acked;
    if (element->known != element->acked)
        events[count++] = element->known;
    events[count++] = read;
    verdict_explain(j->v, j->h, events, count);
}

static void blame_lost(struct judge *j, uint32_t i)
{
    struct buf known = {0};
    struct buf read = {0};
    char word[VERDICT_WORD_SIZE];

    describe_known(j, i, &known);
    describe_read(j, j->scan.last_absent[i], &read);
    verdict_blame(j->v, VALID_FALSE,
                  "element %s is lost: %s, but %s misses it, and no later read "
                  "shows it",
                  word_of(j, i, word), known.data, read.data);
    explain(j, i, j->scan.last_absent[i]);
    buf_release(&known);
    buf_release(&read);
}

static void blame_lost_on_node(struct judge *j, uint32_t i, uint32_t final_read)
{
    struct buf known = {0};
    struct buf read = {0};
    char word[VERDICT_WORD_SIZE];

    describe_known(j, i, &known);
    describe_read(j, final_read, &read);
    verdict_blame(j->v, VALID_FALSE,
                  "element %s is lost on %s: %s, but %s, its last of the final phase, misses it",
                  word_of(j, i, word), node_of(j, history_at(j->h, final_read)->pair), known.data,
                  read.data);
    explain(j, i, final_read);
    buf_release(&known);
    buf_release(&read);
}

static void blame_stale(struct judge *j, uint32_t i)
{
    struct buf known = {0};
    struct buf read = {0};
    char word[VERDICT_WORD_SIZE];

    describe_known(j, i, &known);
    describe_read(j, j->scan.last_absent[i], &read);
    verdict_blame(j->v, VALID_FALSE,
                  "a read misses element %s too late for a linearizable set: "
                  "%s, but %s does not show it",
                  word_of(j, i, word), known.data, read.data);
    explain(j, i, j->scan.last_absent[i]);
    buf_release(&known);
    buf_release(&read);
}

/* Ours, which maelstrom_verdict silences: what a read shows and should not. */
static void blame_shown(struct judge *j, uint32_t i, uint32_t read_index, const char *why)
{
    struct buf read = {0};
    char word[VERDICT_WORD_SIZE];

    if (j->options->maelstrom_verdict)
        return;
    describe_read(j, read_index, &read);
    verdict_blame(j->v, VALID_FALSE, "%s shows element %s%s", read.data, word_of(j, i, word), why);
    verdict_explain(j->v, j->h, &read_index, 1);
    buf_release(&read);
}

/* ---- Maelstrom's part ---- */

static json_t *element_json(const struct judge *j, uint32_t i)
{
    return verdict_value(set_elements_text(j->scan.names, i));
}

static json_t *event_json(const struct judge *j, uint32_t index)
{
    const struct op *op;

    if (index == SET_NEVER)
        return json_null();
    op = history_at(j->h, index);
    return json_pack("{s:I,s:I,s:i,s:s}", "index", (json_int_t)index, "time",
                     (json_int_t)op->time_ns, "process", op->process, "node",
                     history_node_name(j->h, op->node));
}

static json_t *stale_json(const struct judge *j, const struct result *r)
{
    return json_pack("{s:o,s:s,s:I,s:n,s:o,s:o}", "element", element_json(j, r->element), "outcome",
                     "stable", "stable-latency", (json_int_t)r->stable_ms, "lost-latency", "known",
                     event_json(j, j->scan.elements[r->element].known), "last-absent",
                     event_json(j, j->scan.last_absent[r->element]));
}

/* The elements of one outcome. */
struct group {
    json_t *list;
    uint32_t count;
};

static void group_add(struct group *g, const struct judge *j, uint32_t i)
{
    g->count++;
    if (g->count <= VERDICT_LIST_MAX)
        json_array_append_new(g->list, element_json(j, i));
}

/* Writes NAME and NAME-count. */
static void group_write(struct group *g, json_t *details, const char *name)
{
    struct buf key = {0};

    buf_addf(&key, "%s-count", name);
    json_object_set_new(details, key.data, json_integer(g->count));
    json_object_set_new(details, name, g->list);
    buf_release(&key);
}

/* Keeps the worst by latency, worst first; of equals the earlier added. */
static void worst_insert(struct result worst[WORST_STALE_MAX + 1], size_t *count, struct result r)
{
    size_t at = *count;

    while (at > 0 && worst[at - 1].stable_ms < r.stable_ms) {
        worst[at] = worst[at - 1];
        at--;
    }
    worst[at] = r;
    if (*count < WORST_STALE_MAX)
        ++*count;
}

static void write_worst(struct judge *j, const struct result *worst, size_t count)
{
    json_t *list = json_array();
    size_t i;

    for (i = 0; i < count; i++)
        json_array_append_new(list, stale_json(j, &worst[i]));
    json_object_set_new(j->v->details, "worst-stale", list);
}

static json_t *whole(int64_t ms)
{
    return json_integer(ms);
}

static void write_latencies(struct judge *j, const char *name, int64_t *values, size_t count)
{
    if (count == 0)
        return;
    quantile_sort(values, count);
    json_object_set_new(j->v->details, name, quantile_json(values, count, whole));
}

static void judge_stale(struct judge *j, const struct result *r)
{
    uint32_t known = j->scan.elements[r->element].known;
    uint32_t absent = j->scan.last_absent[r->element];
    bool is_stale =
        j->options->maelstrom_verdict ? r->stable_ms > 0 : absent != SET_NEVER && known < absent;

    if (j->options->linearizable && is_stale)
        blame_stale(j, r->element);
}

/* Outcomes of all elements, with Maelstrom's keys and rules. */
static void judge_outcomes(struct judge *j)
{
    uint32_t len = j->scan.len;
    int64_t *stable_ms = mem_alloc(len * sizeof(*stable_ms));
    int64_t *lost_ms = mem_alloc(len * sizeof(*lost_ms));
    struct group lost = {json_array(), 0}, never_read = {json_array(), 0};
    struct group stale = {json_array(), 0};
    struct result worst[WORST_STALE_MAX + 1];
    size_t worst_count = 0;
    uint32_t stable_count = 0;
    uint32_t i;

    for (i = 0; i < len; i++) {
        struct result r = result_of(j, i);
        if (r.outcome == NEVER_READ) {
            group_add(&never_read, j, i);
        } else if (r.outcome == LOST) {
            lost_ms[lost.count] = r.lost_ms;
            group_add(&lost, j, i);
            blame_lost(j, i);
        } else {
            stable_ms[stable_count++] = r.stable_ms;
            judge_stale(j, &r);
            if (r.stable_ms > 0) {
                group_add(&stale, j, i);
                worst_insert(worst, &worst_count, r);
            }
        }
    }
    if (stable_count == 0 && lost.count == 0)
        verdict_blame(j->v, VALID_UNKNOWN,
                      len == 0
                          ? "no element was added, so there is nothing to judge"
                          : "no read shows any of the %u elements that were added, and no read "
                            "began after one of them was known, so there is nothing to judge",
                      len);
    json_object_set_new(j->v->details, "attempt-count", json_integer(len));
    json_object_set_new(j->v->details, "stable-count", json_integer(stable_count));
    write_latencies(j, "stable-latencies", stable_ms, stable_count);
    write_latencies(j, "lost-latencies", lost_ms, lost.count);
    group_write(&lost, j->v->details, "lost");
    group_write(&never_read, j->v->details, "never-read");
    group_write(&stale, j->v->details, "stale");
    write_worst(j, worst, worst_count);
    mem_free(stable_ms);
    mem_free(lost_ms);
}

/* ---- our part ---- */

static void judge_final(struct judge *j, int32_t node, json_t *by_node, uint32_t *count)
{
    const struct set_final *final = &j->scan.finals[node];
    struct group missing = {json_array(), 0};
    uint32_t i;

    for (i = 0; i < j->scan.len; i++) {
        const struct set_element *element = &j->scan.elements[i];
        if (element->known >= final->read || element->failed || set_final_shows(final, i))
            continue;
        group_add(&missing, j, i);
        if (!j->options->maelstrom_verdict && !PLANTED(7))
            blame_lost_on_node(j, i, final->read);
    }
    *count += missing.count;
    if (missing.count > 0 && json_object_size(by_node) < VERDICT_LIST_MAX)
        json_object_set_new(by_node, history_node_name(j->h, node), missing.list);
    else
        json_decref(missing.list);
}

static void judge_finals(struct judge *j)
{
    json_t *by_node = json_object();
    uint32_t count = 0;
    size_t node;

    for (node = 0; node < j->scan.final_count; node++)
        if (j->scan.finals[node].read != SET_NEVER)
            judge_final(j, (int32_t)node, by_node, &count);
    json_object_set_new(j->v->details, "lost-on-node", by_node);
    json_object_set_new(j->v->details, "lost-on-node-count", json_integer(count));
}

static void judge_phantoms(struct judge *j)
{
    struct group phantom = {json_array(), 0};
    uint32_t i;

    for (i = 0; i < j->scan.len; i++) {
        if (j->scan.elements[i].premature == SET_NEVER || PLANTED(8))
            continue;
        group_add(&phantom, j, i);
        blame_shown(j, i, j->scan.elements[i].premature,
                    ", which no client had asked to add by then");
    }
    for (i = 0; i < j->scan.stranger_count; i++) {
        group_add(&phantom, j, j->scan.len + i);
        blame_shown(j, j->scan.len + i, j->scan.stranger_read[i],
                    ", which no client ever asked to add");
    }
    group_write(&phantom, j->v->details, "phantom");
}

/* The invocation of the read that shows the element first. */
static uint32_t first_read_of(const struct judge *j, uint32_t i)
{
    return history_at(j->h, j->scan.first_seen[i])->pair;
}

static void judge_resurrected(struct judge *j)
{
    struct group resurrected = {json_array(), 0};
    uint32_t i;

    for (i = 0; i < j->scan.len; i++) {
        if (!j->scan.elements[i].failed || j->scan.first_seen[i] == SET_NEVER || PLANTED(9))
            continue;
        group_add(&resurrected, j, i);
        blame_shown(j, i, first_read_of(j, i),
                    ", although every add of it failed with an error that means it did not happen");
    }
    group_write(&resurrected, j->v->details, "resurrected");
}

static void judge_duplicates(struct judge *j)
{
    json_t *repeats = json_object();
    uint32_t count = 0;
    uint32_t i;

    for (i = 0; i < j->scan.len; i++) {
        const struct set_element *element = &j->scan.elements[i];
        struct buf key = {0};
        if (element->repeats_max == 0 || PLANTED(10))
            continue;
        blame_shown(j, i, element->repeats_read, " more than once");
        if (count++ >= VERDICT_LIST_MAX)
            continue;
        verdict_key(set_elements_text(j->scan.names, i), &key);
        json_object_set_new(repeats, key.data, json_integer(element->repeats_max));
        buf_release(&key);
    }
    json_object_set_new(j->v->details, "duplicated", repeats);
    json_object_set_new(j->v->details, "duplicated-count", json_integer(count));
}

static void judge_malformed(struct judge *j)
{
    const struct op *op;
    char time[DURATION_TEXT_MAX];
    char word[VERDICT_WORD_SIZE];

    json_object_set_new(j->v->details, "malformed-reads-count",
                        json_integer(j->scan.malformed_count));
    if (j->scan.malformed_count == 0 || j->options->maelstrom_verdict)
        return;
    op = history_at(j->h, j->scan.malformed_read);
    verdict_blame(j->v, VALID_FALSE,
                  "a read must show a list, but the one of %s by process %d at %s shows %s",
                  history_node_name(j->h, op->node), op->process, duration_text(op->time_ns, time),
                  verdict_word(op->value, word));
}

static void check(const struct history *h, const struct set_full_options *options, bool goes_on,
                  struct verdict *ret_verdict)
{
    struct judge j = {.h = h, .options = options, .v = ret_verdict};

    verdict_init(ret_verdict);
    set_scan_init(&j.scan, h, options->add != NULL ? options->add : "add",
                  options->read != NULL ? options->read : "read");
    if (!goes_on) {
        judge_outcomes(&j);
        judge_finals(&j);
        judge_resurrected(&j);
    }
    judge_phantoms(&j);
    judge_duplicates(&j);
    judge_malformed(&j);
    verdict_finish(ret_verdict);
    set_scan_release(&j.scan);
}

void set_full_check(const struct history *h, const struct set_full_options *options,
                    struct verdict *ret_verdict)
{
    check(h, options, false, ret_verdict);
}

static const struct checker_option set_full_option_list[] = {
    {"add", OPTION_TEXT, "the function that adds an element (without it: add)"},
    {"read", OPTION_TEXT, "the function that reads all elements (without it: read)"},
    {"linearizable", OPTION_FLAG,
     "a read that misses a known element is an error (without it: no)"},
    {"maelstrom_verdict", OPTION_FLAG, "judge by Maelstrom's rules alone (without it: no)"},
    {NULL, 0, NULL},
};

static struct set_full_options options_from(const json_t *options)
{
    return (struct set_full_options){
        .add = option_text(options, "add", NULL),
        .read = option_text(options, "read", NULL),
        .linearizable = option_flag(options, "linearizable", false),
        .maelstrom_verdict = option_flag(options, "maelstrom_verdict", false),
    };
}

static int run(const struct history *h, const json_t *options, struct verdict *ret_verdict,
               struct err *err)
{
    struct set_full_options chosen = options_from(options);

    (void)err;
    check(h, &chosen, false, ret_verdict);
    return 0;
}

/* What is missing may be shown yet, and an add that failed may be tried again; what was shown too
 * early or twice stays so. */
static int broken(const struct history *h, const json_t *options, struct verdict *ret_verdict,
                  struct err *err)
{
    struct set_full_options chosen = options_from(options);

    (void)err;
    check(h, &chosen, true, ret_verdict);
    return 0;
}

const struct checker set_full_checker = {
    "set-full",
    "Every element that was added and known stays visible: broadcast and g-set.",
    set_full_option_list,
    run,
    broken,
};
