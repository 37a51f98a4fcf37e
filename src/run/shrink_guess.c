/* The first candidates, boldest first. A checker mostly names the few operations that contradict
 * each other, so what brought them about may be all that it takes: those operations, the faults
 * around them, a calm network. If a guess fails in the same way, hundreds of runs are saved; if
 * none does, a dozen short runs are lost.
 *
 * What nodes draw (their patience before an election, for one) is another matter in a run that is
 * another anyway, so each guess is tried with a few seeds. */
#include "shrink_guess.h"

#include "../base/mem.h"
#include "shrink_passes.h"
#include "trials.h"

#include <string.h>

static const int64_t SECOND = 1000000000;
enum {
    BOLD_SEEDS = 12,
    NOISY_SEEDS = 6,
    CALM_SEEDS = 6,
    EXTREME = 4,
    OPERATIONS_FEW = 10,
    FAULTS_FEW = 2
};

static int64_t time_of(const json_t *item, const char *key)
{
    return json_integer_value(json_object_get(item, key));
}

/* ---- evidence ---- */

bool shrink_is_evidence(const json_t *evidence, const json_t *op, json_int_t workers)
{
    const json_t *e;
    size_t i;

    json_array_foreach(evidence, i, e)
    {
        if (json_integer_value(json_array_get(e, 0)) == time_of(op, "at") &&
            json_integer_value(json_array_get(e, 1)) % workers == time_of(op, "worker"))
            return true;
    }
    return false;
}

/* ---- parts of a run ---- */

static json_t *with_evidence(const json_t *candidate, const json_t *evidence)
{
    json_int_t workers = (json_int_t)json_array_size(candidate_list(candidate, "workers"));
    json_t *kept = json_array();
    json_t *op;
    size_t i;

    json_array_foreach(candidate_list(candidate, "operations"), i, op)
    {
        if (shrink_is_evidence(evidence, op, workers))
            json_array_append(kept, op);
    }
    return candidate_set(candidate, "operations", kept);
}

static json_t *with_recent(const json_t *candidate, int64_t from_ns)
{
    json_t *kept = json_array();
    json_t *op;
    size_t i;

    json_array_foreach(candidate_list(candidate, "operations"), i, op)
    {
        if (time_of(op, "at") >= from_ns)
            json_array_append(kept, op);
    }
    return candidate_set(candidate, "operations", kept);
}

/* Takes candidate. Without windows that were over by from_ns; the others begin there at the
 * earliest. */
static json_t *with_faults_since(json_t *candidate, int64_t from_ns)
{
    json_t *kept = json_array();
    json_t *window, *nearer;
    size_t i;

    json_array_foreach(candidate_list(candidate, "faults"), i, window)
    {
        const json_t *stop = json_object_get(window, "stop");
        json_t *late;
        if (json_is_integer(stop) && json_integer_value(stop) < from_ns)
            continue;
        late = json_copy(window);
        if (time_of(window, "start") < from_ns)
            json_object_set_new(late, "start", json_integer(from_ns));
        json_array_append_new(kept, late);
    }
    nearer = candidate_set(candidate, "faults", kept);
    json_decref(candidate);
    return nearer;
}

/* Takes candidate. Only messages that were sent since from_ns have a fate of their own; all of it
 * early_ns earlier. */
static json_t *by_time_since(json_t *candidate, int64_t from_ns, int64_t early_ns)
{
    json_t *kept = json_array();
    json_t *m, *near, *early;
    size_t i;

    json_array_foreach(candidate_list(candidate, "messages"), i, m)
    {
        if (time_of(m, "at") >= from_ns)
            json_array_append(kept, m);
    }
    near = candidate_set(candidate, "messages", kept);
    early = shrink_earlier(near, early_ns);
    json_decref(candidate);
    candidate = candidate_by_time(early);
    json_decref(early);
    return candidate;
}

/* ---- guesses ---- */

static int64_t first_evidence(const json_t *operations)
{
    return json_array_size(operations) > 0 ? time_of(json_array_get(operations, 0), "at") : -1;
}

/* With faults that turn to the node that is heard most when they begin (faults.lua): in another run
 * another node leads. */
static json_t *with_aim(const json_t *candidate)
{
    json_t *faults = json_array();
    json_t *window;
    size_t i;

    json_array_foreach(candidate_list(candidate, "faults"), i, window)
    {
        json_t *aimed = json_copy(window);
        json_t *plan = json_copy(json_object_get(window, "plan"));
        json_object_set_new(plan, "aim", json_true());
        json_object_set_new(aimed, "plan", plan);
        json_array_append_new(faults, aimed);
    }
    return candidate_set(candidate, "faults", faults);
}

/* The guess with so many seeds, in the first round its own and those after it; every second one
 * takes aim. Takes guess. */
static uint32_t add_seeds(const struct shrink *s, json_t *guess, uint32_t count, json_t **ways)
{
    json_t *aimed = with_aim(guess);
    uint32_t i;

    for (i = 0; i < count; i++) {
        uint32_t other = s->guess_rounds * count + i;
        const json_t *way = i % 2 == 0 ? guess : aimed;
        ways[i] = candidate_with_seed(way, s->base.seed + other);
    }
    json_decref(guess);
    json_decref(aimed);
    return count;
}

json_t *shrink_only_extremes(const struct shrink *s, const json_t *candidate)
{
    json_t *kept = json_array();
    json_t *m;
    size_t i;

    json_array_foreach(candidate_list(candidate, "messages"), i, m)
    {
        const json_t *delays = json_object_get(m, "delays");
        if (json_array_size(delays) != 1 ||
            json_integer_value(json_array_get(delays, 0)) > EXTREME * s->base.latency_ns)
            json_array_append(kept, m);
    }
    return candidate_set(candidate, "messages", kept);
}

/* The operations of the evidence alone; all since the first of these; the same with the fates of
 * messages. Two seconds before the evidence are enough for a fault to do its work, one more for
 * nodes to find together. */
static uint32_t add_bold(const struct shrink *s, const json_t *noisy, const json_t *evidence,
                         json_t **ways)
{
    json_t *calm = candidate_set(noisy, "messages", json_array());
    json_t *few = with_evidence(calm, evidence);
    int64_t first_ns = first_evidence(candidate_list(few, "operations"));
    int64_t from_ns = first_ns > 2 * SECOND ? first_ns - 2 * SECOND : 0;
    int64_t early_ns = from_ns > SECOND ? from_ns - SECOND : 0;
    json_t *recent = with_recent(calm, first_ns);
    json_t *noise = with_recent(noisy, first_ns);
    uint32_t count = 0;

    json_decref(calm);
    if (first_ns < 0) {
        json_decref(few);
        json_decref(recent);
        json_decref(noise);
        return 0;
    }
    few = shrink_earlier(with_faults_since(few, from_ns), early_ns);
    recent = shrink_earlier(with_faults_since(recent, from_ns), early_ns);
    noise = by_time_since(with_faults_since(noise, from_ns), from_ns, early_ns);
    count += add_seeds(s, few, BOLD_SEEDS, ways);
    count += add_seeds(s, recent, BOLD_SEEDS, ways + count);
    count += add_seeds(s, noise, NOISY_SEEDS, ways + count);
    return count;
}

uint32_t shrink_guesses(const struct shrink *s, const json_t *noisy, const json_t *evidence,
                        json_t *ret_ways[GUESSES_MAX])
{
    uint32_t count = add_bold(s, noisy, evidence, ret_ways);

    return count + add_seeds(s, candidate_set(noisy, "messages", json_array()), CALM_SEEDS,
                             ret_ways + count);
}

bool shrink_is_small(const json_t *candidate)
{
    struct candidate_size size;

    candidate_size(candidate, &size);
    return size.operations <= OPERATIONS_FEW && size.faults <= FAULTS_FEW;
}

/* Once more, for a run that is still large, with other seeds. */
bool shrink_guess(struct shrink *s)
{
    const struct trial *t = trials_known(s->trials, s->best);
    json_t *ways[GUESSES_MAX];

    s->guess_rounds++;
    if (shrink_is_small(s->best) && json_array_size(candidate_list(s->best, "messages")) == 0)
        return false;
    return shrink_try(s, ways, shrink_guesses(s, s->best, t->evidence, ways));
}
