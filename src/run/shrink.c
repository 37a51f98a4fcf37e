/* The order of passes is by what they save: a fault that can go takes its messages with it, and
 * every operation that is left out makes all further runs shorter. A run ends at the first certain
 * violation where its checker can tell (fail_fast), so what comes after it goes by itself.
 *
 *     as it was -> the boldest guess that still fails (shrink_guess.c)
 *        -> [faults -> operations -> last operations -> messages -> nodes -> clients -> time ->
 * values] until a round takes nothing away, or the time is over
 *        -> each remaining decision left out once more; 20 repetitions
 *
 * After each pass the candidate is replaced by what its run recorded: operations that never came
 * and messages that were never sent are gone then, and times are those at which things happened.
 * That is the same run under another name, but it is run to be sure.
 *
 * A run whose network is calm is far simpler than one in which each of a thousand messages had a
 * latency of its own, so it is worth a few tries with other seeds: what nodes draw, such as their
 * patience before an election, may bring the failure about as well.
 *
 * Loss, duplication, reordering and slowness are no windows here but single messages with a fate of
 * their own, so that most of them can go. Partitions, kills, pauses and wrong clocks stay windows:
 * a partition of a second cuts hundreds of messages, and is one thing to understand. */
#include "shrink.h"

#include "../base/clock.h"
#include "../base/err.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../cage/cage.h"
#include "ddmin.h"
#include "run.h"
#include "shrink_guess.h"
#include "shrink_passes.h"
#include "shrink_scratch.h"
#include "trials.h"

#include <string.h>
#include <sys/resource.h>
#include <time.h>

static const int64_t SECOND = 1000000000;
enum {
    ATTEMPTS = 10,     /* repetitions of a run that drifts */
    ATTEMPTS_SAME = 3, /* so many of them must fail in the same way */
    ROUNDS_MAX = 8,
    SCRATCH_PERCENT = 50, /* at most, of the budget */
    SEARCH_PERCENT = 82,  /* of the budget; the rest is for the tests of the result */
    WITHOUT_MAX = 40,
};

static int64_t cpu_now(void)
{
    static const int whose[] = {RUSAGE_SELF, RUSAGE_CHILDREN};
    int64_t sum_ns = 0;
    size_t i;

    for (i = 0; i < 2; i++) {
        struct rusage u;
        getrusage(whose[i], &u);
        sum_ns += (int64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * SECOND +
                  (int64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000;
    }
    return sum_ns;
}

static void on_tried(void *owner, uint64_t tried)
{
    const struct shrink *s = owner;
    struct shrink_progress p = {.pass = s->pass, .tried = tried};

    if (s->config->progress == NULL)
        return;
    if (s->best != NULL)
        candidate_size(s->best, &p.size);
    s->config->progress(s->config->owner, &p);
}

/* ---- the run as it was ---- */

static int refuse(const struct shrink_config *c, struct err *err)
{
    if (c->verdict == NULL)
        return err_set(err, ERR_INPUT, "the run was broken off before it had a verdict");
    if (strcmp(c->verdict, "valid") == 0)
        return err_set(err, ERR_INPUT, "the run is valid: nothing of it fails");
    if (strcmp(c->verdict, "invalid") != 0)
        return err_set(
            err, ERR_INPUT,
            "the run's verdict is \"%s\"; only a run that is invalid can be made smaller",
            c->verdict);
    if (c->run->clock != CAGE_CLOCK_VIRTUAL)
        return err_set(
            err, ERR_INPUT,
            "the run was made on the real clock, so it cannot be had again; make one that "
            "fails in virtual time (eddy test without --clock real)");
    return 0;
}

/* A run whose program draws on something besides its seed fails only now and then. */
static int find_again(struct shrink *s, struct trial *ret_trial, struct err *err)
{
    struct trial trials[ATTEMPTS] = {{.same = false}};
    uint32_t i, k, best = 0, best_count = 0;
    int status = 0;

    for (i = 0; i < ATTEMPTS && status == 0; i++)
        status = trials_record(s->trials, &trials[i], err);
    for (i = 0; i < ATTEMPTS && status == 0; i++) {
        uint32_t count = 0;
        for (k = 0; k < ATTEMPTS && trials[i].valid == VALID_FALSE; k++)
            count += trials[k].valid == VALID_FALSE && strcmp(trials[i].kind, trials[k].kind) == 0;
        if (count > best_count) {
            best = i;
            best_count = count;
        }
    }
    if (status == 0 && best_count < ATTEMPTS_SAME)
        status =
            err_set(err, ERR_INPUT,
                    "the run does not repeat: %u of %d repetitions failed%s. Its program draws "
                    "on something besides its seed, or is not the same any more; eddy replay "
                    "shows where it goes another way",
                    best_count, ATTEMPTS, best_count > 0 ? " in one way" : "");
    if (status == 0) {
        *ret_trial = trials[best];
        trials[best] = (struct trial){.same = false};
    }
    for (i = 0; i < ATTEMPTS; i++)
        trial_release(&trials[i]);
    return status;
}

static int record(struct shrink *s, struct trial *ret_trial, struct err *err)
{
    struct trial trial = {.same = false};
    int status = trials_record(s->trials, &trial, err);

    if (status < 0) {
        err_wrap(err, "the run cannot be repeated");
        return status;
    }
    if (trial.is_task) {
        trial_release(&trial);
        return err_set(
            err, ERR_INPUT,
            "the run is of a task: its steps say what clients do and when faults come, and "
            "without one of them it would be another task");
    }
    s->result->drifts = s->config->digest == NULL || strcmp(trial.digest, s->config->digest) != 0;
    if (s->result->drifts) {
        trial_release(&trial);
        status = find_again(s, &trial, err);
        if (status < 0)
            return status;
    }
    if (!trial.same) {
        trial_release(&trial);
        return err_set(err, ERR_INPUT, "the run's repetition is not invalid");
    }
    *ret_trial = trial;
    return 0;
}

/* From here on runs end at the first certain violation, if that gives the same kind. */
static void hurry(struct shrink *s, struct trial *trial)
{
    struct trial fast = {.same = false};
    struct err ignored;

    if (s->base.fail_fast)
        return;
    s->base.fail_fast = true;
    if (trials_record(s->trials, &fast, &ignored) == 0 && fast.same) {
        trial_release(trial);
        *trial = fast;
        return;
    }
    trial_release(&fast);
    s->base.fail_fast = false;
}

bool shrink_is_weather(const char *kind)
{
    static const char *const kinds[] = {"loss", "duplicate", "reorder", "slow"};
    size_t i;

    for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (kind != NULL && strcmp(kind, kinds[i]) == 0)
            return true;
    return false;
}

json_t *shrink_without_weather(const json_t *candidate)
{
    json_t *faults = json_array();
    json_t *window;
    size_t i;

    json_array_foreach(candidate_list(candidate, "faults"), i, window)
    {
        if (!shrink_is_weather(json_string_value(json_object_get(window, "kind"))))
            json_array_append(faults, window);
    }
    return candidate_set(candidate, "faults", faults);
}

static int decide(struct shrink *s, const struct trial *trial, struct err *err)
{
    const struct run_config *c = s->config->run;
    json_t *recorded = candidate_new(c->node_names, c->node_count, trial->decisions);
    json_t *noisy, *ways[GUESSES_MAX];
    uint32_t count, i;
    int found;

    candidate_size(recorded, &s->result->before);
    s->result->before_messages = trial->messages;
    s->result->before_end_ns = trial->end_ns;
    noisy = shrink_without_weather(recorded);
    s->origin = json_incref(noisy);
    count = shrink_guesses(s, noisy, trial->evidence, ways);
    ways[count++] = shrink_only_extremes(s, noisy);
    ways[count++] = json_incref(noisy);
    s->pass = "guesses";
    found = trials_first(s->trials, ways, count);
    if (found >= 0)
        shrink_adopt(s, ways[found]);
    for (i = 0; i < count; i++)
        json_decref(ways[i]);
    if (found >= 0 && !shrink_is_small(s->best)) {
        s->pass = "small runs";
        shrink_scratch(s, recorded, trial->evidence);
    }
    json_decref(recorded);
    json_decref(noisy);
    if (found >= 0)
        return 0;
    if (trials_over(s->trials))
        return err_set(err, cage_stop_asked() ? ERR_STOPPED : ERR_INPUT,
                       "there was no time to run it once more; give more with --budget");
    return err_set(err, ERR_INPUT,
                   "it does not fail in this way once its operations, faults and messages are "
                   "given instead of drawn: something else decides");
}

/* ---- passes ---- */

static const struct {
    const char *name;
    bool (*run)(struct shrink *s);
} passes[] = {
    {"faults", shrink_faults},         {"operations", shrink_operations},
    {"last operations", shrink_final}, {"guesses", shrink_guess},
    {"messages", shrink_messages},     {"nodes", shrink_nodes},
    {"clients", shrink_clients},       {"time", shrink_time},
    {"values", shrink_values},
};

static void search(struct shrink *s)
{
    uint32_t round;

    for (round = 0; round < ROUNDS_MAX; round++) {
        bool any = false;
        size_t i;

        for (i = 0; i < sizeof(passes) / sizeof(passes[0]); i++) {
            if (trials_over(s->trials))
                return;
            s->pass = passes[i].name;
            any = passes[i].run(s) || any;
        }
        if (!any)
            return;
    }
}

/* ---- tests of the result ---- */

static void add_without(struct shrink *s, json_t **candidates, const char *list)
{
    struct shrink_result *r = s->result;
    uint32_t count = (uint32_t)json_array_size(candidate_list(s->best, list));
    bool *keep = mem_alloc(count * sizeof(*keep));
    uint32_t i;

    for (i = 0; i < count; i++)
        keep[i] = true;
    for (i = 0; i < count && r->without_count < WITHOUT_MAX; i++) {
        keep[i] = false;
        candidates[r->without_count] = candidate_keep(s->best, list, keep);
        r->without[r->without_count++] = (struct shrink_without){.list = list, .place = i};
        keep[i] = true;
    }
    mem_free(keep);
}

static void test_without(struct shrink *s)
{
    struct shrink_result *r = s->result;
    json_t *candidates[WITHOUT_MAX];
    uint32_t i;

    r->without = mem_zalloc(WITHOUT_MAX * sizeof(*r->without));
    add_without(s, candidates, "faults");
    add_without(s, candidates, "operations");
    add_without(s, candidates, "messages");
    trials_all(s->trials, candidates, r->without_count);
    for (i = 0; i < r->without_count; i++) {
        const struct trial *t = trials_known(s->trials, candidates[i]);
        if (t != NULL) {
            r->without[i].ran = true;
            r->without[i].broken = t->broken;
            r->without[i].valid = t->valid;
            r->without[i].kind = t->kind != NULL ? mem_strdup(t->kind) : NULL;
        }
        json_decref(candidates[i]);
    }
}

static void test_result(struct shrink *s, int64_t deadline_ns)
{
    const struct trial *t = trials_known(s->trials, s->best);
    struct shrink_result *r = s->result;
    int64_t at_least = clock_real_ns() + s->config->budget_ns / 8;

    r->sentence = mem_strdup(t->sentence != NULL ? t->sentence : "");
    r->after_messages = t->messages;
    r->after_end_ns = t->end_ns;
    candidate_size(s->best, &r->after);
    r->calm = r->after.messages == 0;
    r->fail_fast = s->base.fail_fast;
    trials_set_deadline(s->trials, deadline_ns > at_least ? deadline_ns : at_least);
    s->pass = "what it takes";
    test_without(s);
    s->pass = "repetitions";
    r->reproduced = trials_repeat(s->trials, s->best, SHRINK_REPEATS, &r->repeats);
}

static void shrink_found(struct shrink *s, const struct trial *trial, int64_t deadline_ns)
{
    struct shrink_result *r = s->result;

    r->kind = mem_strdup(trial->kind);
    search(s);
    r->stopped = cage_stop_asked();
    r->late = !r->stopped && trials_over(s->trials);
    test_result(s, deadline_ns);
    r->tried = trials_count(s->trials);
    r->candidate = json_incref(s->best);
}

int shrink_run(const struct shrink_config *config, struct shrink_result *ret_result,
               struct err *err)
{
    struct shrink_result result = {.candidate = NULL};
    struct shrink s = {.config = config, .base = *config->run, .result = &result};
    int64_t began_ns = clock_real_ns(), cpu_ns = cpu_now();
    struct trials_config trials = {
        .base = &s.base,
        .jobs = config->jobs,
        .pin = true,
        .dir = config->dir,
        .owner = &s,
        .progress = on_tried,
    };
    struct trial trial = {.same = false};
    int status = refuse(config, err);

    if (status < 0)
        return status;
    s.pass = "the run as it was";
    s.trials = trials_new(&trials);
    status = record(&s, &trial, err);
    if (status == 0) {
        trials_expect(s.trials, trial.kind);
        hurry(&s, &trial);
        trials_set_deadline(s.trials, began_ns + config->budget_ns * SEARCH_PERCENT / 100);
        s.scratch_until_ns = began_ns + config->budget_ns * SCRATCH_PERCENT / 100;
        status = decide(&s, &trial, err);
    }
    if (status == 0)
        shrink_found(&s, &trial, began_ns + config->budget_ns);
    trial_release(&trial);
    json_decref(s.best);
    json_decref(s.origin);
    trials_free(s.trials);
    result.cpu_ns = cpu_now() - cpu_ns;
    if (status == 0)
        *ret_result = result;
    else
        shrink_result_release(&result);
    return status;
}

void shrink_result_release(struct shrink_result *r)
{
    uint32_t i;

    for (i = 0; i < r->without_count; i++)
        mem_free(r->without[i].kind);
    mem_free(r->without);
    mem_free(r->kind);
    mem_free(r->sentence);
    json_decref(r->candidate);
    *r = (struct shrink_result){.candidate = NULL};
}
