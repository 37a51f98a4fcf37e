/* Small runs made from scratch. A run of ten seconds that needs three things to come together is
 * dear to take apart: each candidate costs as much as the run, and most of them lose the one
 * coincidence that matters. A run of half a second costs a small part of that, so hundreds with a
 * handful of operations and one or two faults are tried instead, and one of them often fails in the
 * same way by a coincidence of its own. It has nothing to do with the run that it came from but the
 * program, the workload, the kinds of faults and the operations that it draws on.
 *
 *     operations   a few of those around the evidence, as often of each function, at new times; the
 *                  last one of the evidence (mostly a read) comes last, of several workers
 *     faults       new ones of the kinds that the run had or that its search might have drawn, as
 *                  the scenario draws them (decide.lua); or those of the run at new times. Half of
 *                  them last beyond the last operation, as hunts and rivals want
 *     nodes        three, mostly
 *     messages     calm; where the run had faults that are about messages, every third candidate
 *                  has them, and what became of messages is recorded from its run
 *
 * Tried and dropped: all operations around the evidence at their own distances. They are too many
 * for a verdict that looks at two.
 *
 * What needs three leaders in the right order hardly fits into this: of 1920 candidates for a Raft
 * that commits entries of old terms, and of 1920 for one that forgets its term, none failed in any
 * way but that nothing got done. Nor did any of 2304 with partition-news or cues, operations of one
 * key, or up to 6 s, each in some of them. What failed now and then was longer: 24 to 96 operations
 * in 3 to 6 s and one hunt from beginning to end, with moves of its own. 3 of 416 for the first
 * Raft; for the second 1 of 256, by a read where a cas was meant. Starting three nodes is most of a
 * small run (31 ms of CPU time for half a second, 74 for 5 s with 100 operations). As every second
 * candidate after 256 small ones, it made 9 operations and a fault of 75 and 20 in one try and
 * nothing in another with other draws, so it is not here: it is not known to be worth what others
 * lose by it. */
#include "shrink_scratch.h"

#include "../base/clock.h"
#include "../base/mem.h"
#include "../base/prng.h"
#include "shrink_guess.h"
#include "shrink_passes.h"
#include "trials.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const int64_t MS = 1000000;
static const double TO_THE_END = 0.5; /* of the faults */
static const double NEW_FAULT = 0.7;  /* of the faults: not one that the run had */
static const double TELLING = 0.35;   /* of the operations: of the evidence */
static const double FEW_NODES = 0.7;  /* of the candidates */
enum {
    BATCH = 16,
    BATCHES_MAX = 120,
    POOL_MAX = 60,      /* operations to draw from, before and after the evidence */
    OPERATIONS_MIN = 2, /* drawn; and the last ones */
    OPERATIONS_MAX = 7,
    LAST = 3,
    LAST_GAP_MS = 150,
    FAULTS_MAX = 2,
    NODES_FEW = 3, /* a majority is two of them, and starting five takes longer than running them */
    BEGIN_MS = 400, /* until nodes have found together */
    SPAN_MIN_MS = 100,
    SPAN_MAX_MS = 4000,
    FAULT_MIN_MS = 20,
    FAULT_MAX_MS = 1500,
};

struct scratch {
    struct shrink *s;
    const json_t *pool;    /* operations */
    const json_t *sorts;   /* places in pool, a list for each function */
    const json_t *telling; /* places in pool of those that are evidence; the last one is last */
    const json_t *last;    /* the operation that came last of the evidence */
    const json_t *faults;
    const json_t *kinds;   /* of faults that are no matter of messages */
    const json_t *weather; /* of those that are */
    struct prng prng;
};

static int64_t log_between(struct prng *p, int64_t min, int64_t max)
{
    return (int64_t)((double)min * pow((double)max / (double)min, prng_unit(p)));
}

static json_t *any_of(struct prng *p, const json_t *list)
{
    return json_array_get(list, (size_t)prng_below(p, json_array_size(list)));
}

/* ---- operations ---- */

static json_t *op_at(const json_t *op, int64_t at_ns, uint64_t worker)
{
    json_t *other = json_copy((json_t *)op);

    json_object_set_new(other, "at", json_integer(at_ns));
    json_object_set_new(other, "worker", json_integer((json_int_t)worker));
    return other;
}

static int ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static int64_t draw_place(struct scratch *c)
{
    if (json_array_size(c->telling) > 0 && prng_chance(&c->prng, TELLING))
        return json_integer_value(any_of(&c->prng, c->telling));
    return json_integer_value(any_of(&c->prng, any_of(&c->prng, c->sorts)));
}

/* In the order that they had, at new times, by any workers. */
static json_t *draw_operations(struct scratch *c, int64_t span_ns, uint64_t workers)
{
    uint32_t count = (uint32_t)prng_between(&c->prng, OPERATIONS_MIN, OPERATIONS_MAX);
    int64_t times[OPERATIONS_MAX], places[OPERATIONS_MAX];
    json_t *list = json_array();
    uint64_t first;
    uint32_t i;

    for (i = 0; i < count; i++) {
        times[i] = BEGIN_MS * MS + prng_between(&c->prng, 0, span_ns);
        places[i] = draw_place(c);
    }
    qsort(times, count, sizeof(*times), ascending);
    qsort(places, count, sizeof(*places), ascending);
    for (i = 0; i < count; i++)
        if (i == 0 || places[i] != places[i - 1])
            json_array_append_new(list, op_at(json_array_get(c->pool, (size_t)places[i]), times[i],
                                              prng_below(&c->prng, workers)));
    first = prng_below(&c->prng, workers); /* its neighbours talk to other nodes */
    for (i = 0; i < LAST; i++)
        json_array_append_new(list, op_at(c->last, BEGIN_MS * MS + span_ns + i * LAST_GAP_MS * MS,
                                          (first + i) % workers));
    return list;
}

/* ---- faults ---- */

static json_t *window_at(const char *kind, json_t *plan, int64_t start_ns, int64_t stop_ns)
{
    return json_pack("{s:s, s:I, s:I, s:I, s:o}", "kind", kind, "armed", (json_int_t)start_ns,
                     "start", (json_int_t)start_ns, "stop", (json_int_t)stop_ns, "plan", plan);
}

static json_t *draw_fault(struct scratch *c, int64_t span_ns)
{
    int64_t start_ns = prng_between(&c->prng, BEGIN_MS * MS / 2, BEGIN_MS * MS + span_ns);
    int64_t stop_ns = start_ns + log_between(&c->prng, FAULT_MIN_MS * MS, FAULT_MAX_MS * MS);
    int64_t end_ns = BEGIN_MS * MS + span_ns + LAST * LAST_GAP_MS * MS;
    const json_t *old;
    json_t *plan;

    if (stop_ns < end_ns && prng_chance(&c->prng, TO_THE_END))
        stop_ns = end_ns;

    if (prng_chance(&c->prng, NEW_FAULT))
        return window_at(json_string_value(any_of(&c->prng, c->kinds)), json_null(), start_ns,
                         stop_ns);
    old = any_of(&c->prng, c->faults);
    plan = json_copy(json_object_get(old, "plan"));
    if (prng_chance(&c->prng, 0.5))
        json_object_set_new(plan, "aim", json_true());
    return window_at(json_string_value(json_object_get(old, "kind")), plan, start_ns, stop_ns);
}

static json_t *draw_faults(struct scratch *c, int64_t span_ns, bool noisy)
{
    json_t *list = json_array();
    uint64_t count = 0;

    if (json_array_size(c->faults) > 0)
        count = noisy ? prng_below(&c->prng, FAULTS_MAX + 1) : 1 + prng_below(&c->prng, FAULTS_MAX);
    while (count-- > 0)
        json_array_append_new(list, draw_fault(c, span_ns));
    if (noisy)
        json_array_append_new(list,
                              window_at(json_string_value(any_of(&c->prng, c->weather)),
                                        json_null(), BEGIN_MS * MS / 2, BEGIN_MS * MS + span_ns));
    return list;
}

/* ---- candidates ---- */

/* Takes candidate. With any few of its nodes. */
static json_t *with_few_nodes(struct scratch *c, json_t *candidate, uint32_t nodes)
{
    uint32_t keep = 0;
    json_t *few;

    while (__builtin_popcount(keep) < NODES_FEW)
        keep |= 1u << prng_below(&c->prng, nodes < 32 ? nodes : 32);
    few = candidate_with_nodes(candidate, keep);
    json_decref(candidate);
    return few;
}

static json_t *set(json_t *candidate, const char *list, json_t *items)
{
    json_t *next = candidate_set(candidate, list, items);

    json_decref(candidate);
    return next;
}

static json_t *draw_candidate(struct scratch *c, uint64_t number)
{
    struct shrink *s = c->s;
    bool noisy = json_array_size(c->weather) > 0 && number % 3 == 1;
    int64_t span_ns = log_between(&c->prng, SPAN_MIN_MS * MS, SPAN_MAX_MS * MS);
    struct candidate_size size;
    json_t *candidate = candidate_with_seed(s->origin, s->base.seed + number);

    candidate_size(s->origin, &size);
    candidate = set(candidate, "operations", draw_operations(c, span_ns, size.workers));
    candidate = set(candidate, "faults", draw_faults(c, span_ns, noisy));
    candidate = set(candidate, "messages", json_array());
    candidate = set(candidate, "end", json_integer(BEGIN_MS * MS + span_ns));
    if (size.nodes > NODES_FEW && prng_chance(&c->prng, FEW_NODES))
        candidate = with_few_nodes(c, candidate, size.nodes);
    return noisy ? set(candidate, "noisy", json_true()) : candidate;
}

/* What a noisy candidate's run recorded: its windows about messages become the fates of messages,
 * and then as few of these as may be. */
static bool settle(struct shrink *s, const json_t *candidate)
{
    const struct trial *t = trials_known(s->trials, candidate);
    json_t *whole = json_copy((json_t *)candidate);
    json_t *ways[3];

    json_object_set(whole, "decisions", t->decisions);
    ways[2] = shrink_without_weather(whole);
    ways[0] = candidate_set(ways[2], "messages", json_array());
    ways[1] = shrink_only_extremes(s, ways[2]);
    json_decref(whole);
    return shrink_try(s, ways, 3);
}

static bool adopt(struct shrink *s, json_t *candidate)
{
    if (json_array_size(candidate_list(candidate, "messages")) == 0 &&
        candidate_list(candidate, "noisy") == NULL) {
        shrink_adopt(s, candidate);
        return true;
    }
    return settle(s, candidate);
}

static bool try_batch(struct scratch *c, uint64_t *number)
{
    struct shrink *s = c->s;
    json_t *candidates[BATCH];
    bool found = false;
    uint32_t i;
    int place;

    for (i = 0; i < BATCH; i++)
        candidates[i] = draw_candidate(c, ++*number);
    place = trials_first(s->trials, candidates, BATCH);
    if (place >= 0)
        found = adopt(s, candidates[place]);
    for (i = 0; i < BATCH; i++)
        json_decref(candidates[i]);
    return found;
}

/* ---- what it draws on ---- */

/* Places by what the operation does: a workload that mostly reads has few writes, and nothing goes
 * wrong without them. */
static json_t *sorts_of(const json_t *pool)
{
    json_t *by_function = json_object();
    json_t *sorts = json_array();
    json_t *op, *places;
    const char *function;
    size_t i;

    json_array_foreach(pool, i, op)
    {
        function = json_string_value(json_object_get(op, "f"));
        function = function != NULL ? function : "";
        places = json_object_get(by_function, function);
        if (places == NULL) {
            places = json_array();
            json_object_set_new(by_function, function, places);
            json_array_append(sorts, places);
        }
        json_array_append_new(places, json_integer((json_int_t)i));
    }
    json_decref(by_function);
    return sorts;
}

static json_t *pool_around(const json_t *run, const json_t *evidence, const json_t **ret_last,
                           json_t **ret_telling)
{
    const json_t *operations = candidate_list(run, "operations");
    json_int_t workers = (json_int_t)json_array_size(candidate_list(run, "workers"));
    size_t count = json_array_size(operations);
    size_t first = count, last = 0, i;
    json_t *pool = json_array();

    for (i = 0; i < count; i++) {
        if (!shrink_is_evidence(evidence, json_array_get(operations, i), workers))
            continue;
        first = i < first ? i : first;
        last = i;
    }
    if (first == count)
        first = last = count - 1;
    *ret_last = json_array_get(operations, last);
    *ret_telling = json_array();
    for (i = first > POOL_MAX ? first - POOL_MAX : 0; i <= last; i++) {
        if (i < last && shrink_is_evidence(evidence, json_array_get(operations, i), workers))
            json_array_append_new(*ret_telling, json_integer((json_int_t)json_array_size(pool)));
        json_array_append(pool, json_array_get(operations, i));
    }
    return pool;
}

static void add_kind(json_t *kinds, json_t *kind)
{
    const json_t *known;
    size_t i;

    json_array_foreach(kinds, i, known)
    {
        if (json_equal(known, kind))
            return;
    }
    json_array_append(kinds, kind);
}

/* Of the run; and without weather also what the search that found it might have drawn instead,
 * which the program is asked to bear as well. */
static json_t *kinds_of(const struct shrink *s, const json_t *faults, bool weather)
{
    json_t *kinds = json_array();
    json_t *window, *kind;
    size_t i;

    json_array_foreach(faults, i, window)
    {
        kind = json_object_get(window, "kind");
        if (shrink_is_weather(json_string_value(kind)) == weather)
            add_kind(kinds, kind);
    }
    json_array_foreach(json_object_get(s->config->run->options, "faults_asked"), i, kind)
    {
        if (!weather && !shrink_is_weather(json_string_value(kind)))
            add_kind(kinds, kind);
    }
    return kinds;
}

bool shrink_scratch(struct shrink *s, const json_t *recorded, const json_t *evidence)
{
    struct scratch c = {.s = s, .faults = candidate_list(s->origin, "faults")};
    json_t *pool, *sorts, *telling, *kinds, *weather;
    uint64_t number = 0;
    uint32_t i;
    bool found = false;

    if (json_array_size(candidate_list(s->origin, "operations")) == 0)
        return false;
    c.pool = pool = pool_around(s->origin, evidence, &c.last, &telling);
    c.telling = telling;
    c.sorts = sorts = sorts_of(pool);
    c.kinds = kinds = kinds_of(s, candidate_list(recorded, "faults"), false);
    c.weather = weather = kinds_of(s, candidate_list(recorded, "faults"), true);
    prng_init(&c.prng, s->base.seed, "scratch");
    for (i = 0; i < BATCHES_MAX && !found && !trials_over(s->trials) &&
                clock_real_ns() < s->scratch_until_ns;
         i++)
        found = try_batch(&c, &number);
    json_decref(pool);
    json_decref(telling);
    json_decref(sorts);
    json_decref(kinds);
    json_decref(weather);
    return found;
}
