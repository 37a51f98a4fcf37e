/* Making small runs, with programs that are functions: what candidates fail is said here, and no
 * process is run. All of trials.h stands in this file for that. */
#include "shrink_scratch.h"

#include "../base/clock.h"
#include "../base/mem.h"
#include "../base/test.h"
#include "run.h"
#include "shrink_passes.h"
#include "trials.h"

#include <stdlib.h>
#include <string.h>

enum { MS = 1000000, SEEN_MAX = 4096 };

/* ---- trials that are a function ---- */

struct trials {
    bool (*fails)(const json_t *candidate);
    json_t *(*recorded)(const json_t *candidate); /* NULL: its own decisions, but noisy */
    json_t *seen[SEEN_MAX];
    struct trial outcomes[SEEN_MAX];
    uint32_t count;
    bool over;
};

static int place_of(const struct trials *t, const json_t *candidate)
{
    uint32_t i;

    for (i = 0; i < t->count && !json_equal(t->seen[i], candidate); i++)
        ;
    return i < t->count ? (int)i : -1;
}

static void run(struct trials *t, json_t *candidate)
{
    struct trial *trial = &t->outcomes[t->count];

    CHECK(t->count < SEEN_MAX);
    trial->same = t->fails(candidate);
    if (trial->same)
        trial->decisions = t->recorded != NULL
                               ? t->recorded(candidate)
                               : json_deep_copy(json_object_get(candidate, "decisions"));
    t->seen[t->count++] = json_deep_copy(candidate);
}

int trials_first(struct trials *t, json_t *const *candidates, uint32_t count)
{
    uint32_t i;

    for (i = 0; i < count && !t->over; i++) {
        if (place_of(t, candidates[i]) < 0)
            run(t, candidates[i]);
        if (trials_known(t, candidates[i])->same)
            return (int)i;
    }
    return -1;
}

const struct trial *trials_known(const struct trials *t, const json_t *candidate)
{
    int place = place_of(t, candidate);

    return place >= 0 ? &t->outcomes[place] : NULL;
}

bool trials_over(const struct trials *t)
{
    return t->over;
}

/* What shrink.c, which is linked in, calls besides. */
struct trials *trials_new(const struct trials_config *config)
{
    (void)config;
    return NULL;
}

void trials_free(struct trials *t)
{
    (void)t;
}

void trials_expect(struct trials *t, const char *kind)
{
    (void)t;
    (void)kind;
}

void trials_set_deadline(struct trials *t, int64_t deadline_ns)
{
    (void)t;
    (void)deadline_ns;
}

bool trials_all(struct trials *t, json_t *const *candidates, uint32_t count)
{
    (void)t;
    (void)candidates;
    (void)count;
    return false;
}

uint32_t trials_repeat(struct trials *t, json_t *candidate, uint32_t count, uint32_t *ret_ran)
{
    (void)t;
    (void)candidate;
    (void)count;
    *ret_ran = 0;
    return 0;
}

int trials_record(struct trials *t, struct trial *ret_trial, struct err *err)
{
    (void)t;
    (void)ret_trial;
    (void)err;
    return 0;
}

void trial_release(struct trial *trial)
{
    json_decref(trial->decisions);
    *trial = (struct trial){.same = false};
}

uint64_t trials_count(const struct trials *t)
{
    return t->count;
}

/* ---- the run that they come from ---- */

enum { OPERATIONS = 100, WORKERS = 3 };

/* 100 operations, 10 ms apart, the value of each its number; with these faults. */
static json_t *run_with(const char *faults)
{
    json_t *operations = json_array();
    json_t *windows = json_loads(faults, 0, NULL);
    int i;

    CHECK(windows != NULL);
    for (i = 0; i < OPERATIONS; i++)
        json_array_append_new(
            operations, json_pack("{s:I, s:i, s:s, s:i}", "at", (json_int_t)i * 10 * MS, "worker",
                                  i % WORKERS, "f", i % 10 == 0 ? "write" : "read", "value", i));
    return json_pack("{s:[s,s,s], s:{s:[s,s,s], s:o, s:[], s:o, s:i, s:[]}}", "nodes", "n0", "n1",
                     "n2", "decisions", "workers", "n0", "n1", "n2", "operations", operations,
                     "final", "faults", windows, "end", 1000 * MS, "messages");
}

#define KILL                                                                                       \
    "{\"kind\":\"kill\",\"start\":5,\"stop\":9,\"plan\":{\"how\":\"once\",\"nodes\":[\"n1\"]}}"
#define LOSS "{\"kind\":\"loss\",\"start\":1,\"stop\":2,\"plan\":{\"probability\":0.1}}"

static struct run_config run_config;
static struct shrink_config config = {.run = &run_config};

struct stage {
    struct trials trials;
    struct shrink shrink;
    json_t *recorded, *evidence;
    bool found;
};

static void play(struct stage *s, bool (*fails)(const json_t *), const char *faults)
{
    s->trials.fails = fails;
    s->recorded = run_with(faults);
    /* of worker 2, the 30th operation; [time of invocation, process] */
    s->evidence = json_pack("[[I, i]]", (json_int_t)290 * MS, 2);
    s->shrink = (struct shrink){
        .config = &config,
        .base = {.seed = 7, .latency_ns = 1 * MS},
        .trials = &s->trials,
        .origin = shrink_without_weather(s->recorded),
        .scratch_until_ns = clock_real_ns() + (int64_t)3600 * 1000 * MS,
    };
    s->found = shrink_scratch(&s->shrink, s->recorded, s->evidence);
}

static void end(struct stage *s)
{
    uint32_t i;

    for (i = 0; i < s->trials.count; i++) {
        json_decref(s->trials.seen[i]);
        trial_release(&s->trials.outcomes[i]);
    }
    json_decref(s->recorded);
    json_decref(s->evidence);
    json_decref(s->shrink.origin);
    json_decref(s->shrink.best);
}

static uint32_t size_of(const json_t *candidate, const char *list)
{
    return (uint32_t)json_array_size(candidate_list(candidate, list));
}

static int64_t number_of(const json_t *item, const char *key)
{
    return json_integer_value(json_object_get(item, key));
}

static bool never(const json_t *candidate)
{
    (void)candidate;
    return false;
}

static bool dies_twice(const json_t *candidate)
{
    return size_of(candidate, "faults") == 2 && size_of(candidate, "operations") <= 5;
}

/* ---- what candidates are ---- */

static void check_operations(const json_t *candidate)
{
    const json_t *operations = candidate_list(candidate, "operations");
    int64_t time = 400 * MS, value = -1;
    const json_t *op;
    size_t i;

    CHECK(size_of(candidate, "operations") >= 4 && size_of(candidate, "operations") <= 10);
    json_array_foreach(operations, i, op)
    {
        CHECK(number_of(op, "at") >= time);
        CHECK(number_of(op, "value") >= value && number_of(op, "value") <= 29);
        CHECK(number_of(op, "worker") >= 0 && number_of(op, "worker") < WORKERS);
        time = number_of(op, "at");
        value = number_of(op, "value");
    }
    CHECK_INT(value, 29); /* what the evidence has last comes last */
}

TEST(small_runs_draw_on_what_led_to_the_evidence)
{
    static struct stage s;
    uint32_t i;

    play(&s, never, "[" KILL "]");
    CHECK(!s.found && s.shrink.best == NULL);
    CHECK(s.trials.count >= 1900 && s.trials.count <= 2000); /* then it gives up */
    for (i = 0; i < s.trials.count; i++)
        check_operations(s.trials.seen[i]);
    end(&s);
}

TEST(faults_are_of_the_runs_kinds_old_or_new)
{
    static struct stage s;
    uint32_t i, old = 0, fresh = 0, aimed = 0;

    play(&s, never, "[" KILL "]");
    for (i = 0; i < s.trials.count; i++) {
        const json_t *window;
        size_t k;

        CHECK(size_of(s.trials.seen[i], "faults") >= 1);
        CHECK(size_of(s.trials.seen[i], "faults") <= 2);
        json_array_foreach(candidate_list(s.trials.seen[i], "faults"), k, window)
        {
            const json_t *plan = json_object_get(window, "plan");
            CHECK_TEXT(json_string_value(json_object_get(window, "kind")), "kill");
            CHECK(number_of(window, "stop") > number_of(window, "start"));
            CHECK(number_of(window, "stop") - number_of(window, "start") <= (int64_t)4900 * MS);
            fresh += json_is_null(plan);
            old += json_is_object(plan);
            aimed += json_is_true(json_object_get(plan, "aim"));
        }
    }
    CHECK(fresh > 300 && old > 300 && aimed > 150);
    end(&s);
}

/* The search that found the run might have cut its network, too. */
TEST(faults_that_the_program_was_asked_to_bear_are_drawn_as_well)
{
    static struct stage s;
    uint32_t i, cuts = 0, kills = 0;

    run_config.options = json_pack("{s:[s,s,s]}", "faults_asked", "partition", "kill", "loss");
    play(&s, never, "[" KILL "]");
    for (i = 0; i < s.trials.count; i++) {
        const json_t *window;
        size_t k;

        json_array_foreach(candidate_list(s.trials.seen[i], "faults"), k, window)
        {
            const char *kind = json_string_value(json_object_get(window, "kind"));
            cuts += strcmp(kind, "partition") == 0;
            kills += strcmp(kind, "kill") == 0;
            CHECK(!shrink_is_weather(kind)); /* the run had none */
        }
    }
    CHECK(cuts > 600 && kills > 600);
    json_decref((json_t *)run_config.options);
    run_config.options = NULL;
    end(&s);
}

/* One operation in ten of the run writes, and more of those that are drawn do. */
TEST(rare_functions_are_drawn_as_often_as_common_ones)
{
    static struct stage s;
    uint32_t i, writes = 0, all = 0;

    play(&s, never, "[" KILL "]");
    for (i = 0; i < s.trials.count; i++) {
        const json_t *op;
        size_t k;

        json_array_foreach(candidate_list(s.trials.seen[i], "operations"), k, op)
        {
            writes += strcmp(json_string_value(json_object_get(op, "f")), "write") == 0;
            all++;
        }
    }
    CHECK(writes * 6 > all);
    end(&s);
}

TEST(no_fault_comes_to_a_run_that_had_none)
{
    static struct stage s;
    uint32_t i;

    play(&s, never, "[]");
    for (i = 0; i < s.trials.count; i++)
        CHECK_INT(size_of(s.trials.seen[i], "faults"), 0);
    end(&s);
}

TEST(each_small_run_is_another)
{
    static struct stage s;
    uint32_t i, k, alike = 0;

    play(&s, never, "[" KILL "]");
    for (i = 0; i < 100; i++)
        for (k = 0; k < i; k++)
            alike += json_equal(candidate_list(s.trials.seen[i], "operations"),
                                candidate_list(s.trials.seen[k], "operations"));
    CHECK_INT(alike, 0);
    CHECK(number_of(s.trials.seen[0], "seed") != number_of(s.trials.seen[1], "seed"));
    end(&s);
}

TEST(the_same_run_leads_to_the_same_small_ones)
{
    static struct stage a, b;
    uint32_t i;

    play(&a, never, "[" KILL "," LOSS "]");
    play(&b, never, "[" KILL "," LOSS "]");
    CHECK_INT(a.trials.count, b.trials.count);
    for (i = 0; i < a.trials.count; i++)
        CHECK(json_equal(a.trials.seen[i], b.trials.seen[i]));
    end(&a);
    end(&b);
}

/* ---- what becomes of one that fails ---- */

TEST(the_first_that_fails_is_adopted_and_ends_it)
{
    static struct stage s;

    play(&s, dies_twice, "[" KILL "]");
    CHECK(s.found && dies_twice(s.shrink.best));
    CHECK(s.trials.count < 200);
    CHECK(dies_twice(s.trials.seen[s.trials.count - 1]));
    end(&s);
}

static bool is_noisy(const json_t *candidate)
{
    return json_is_true(candidate_list(candidate, "noisy"));
}

/* It fails if message "vote" is lost, by chance or by decision. */
static bool loses_a_vote(const json_t *candidate)
{
    const json_t *m;
    size_t i;

    json_array_foreach(candidate_list(candidate, "messages"), i, m)
    {
        if (strcmp(json_string_value(json_object_get(m, "type")), "vote") == 0)
            return true;
    }
    return is_noisy(candidate);
}

/* Chance lost it, and kept another message back for a little while. */
static json_t *as_chance_had_it(const json_t *candidate)
{
    json_t *decisions = json_deep_copy(json_object_get(candidate, "decisions"));
    json_t *messages;

    if (!is_noisy(candidate))
        return decisions;
    messages =
        json_pack("[{s:s, s:s, s:s, s:i, s:i, s:b}, {s:s, s:s, s:s, s:i, s:i, s:[i]}]", "src", "n0",
                  "dest", "n1", "type", "vote", "nth", 1, "at", 40, "lost", 1, "src", "n1", "dest",
                  "n0", "type", "word", "nth", 1, "at", 50, "delays", 2 * MS);
    json_object_set_new(decisions, "messages", messages);
    json_object_del(decisions, "noisy");
    return decisions;
}

TEST(chance_becomes_the_fates_of_messages_as_few_as_may_be)
{
    static struct stage s;

    s.trials.recorded = as_chance_had_it;
    play(&s, loses_a_vote, "[" LOSS "]");
    CHECK(s.found && s.shrink.best != NULL);
    CHECK(!is_noisy(s.shrink.best));
    CHECK_INT(size_of(s.shrink.best, "faults"), 0); /* the storm is told message by message */
    CHECK_INT(size_of(s.shrink.best, "messages"), 1);
    CHECK(loses_a_vote(s.shrink.best));
    end(&s);
}

/* Only chance itself brings it about: what it decided, given back, does not. */
static bool only_noisy(const json_t *candidate)
{
    return is_noisy(candidate);
}

TEST(what_does_not_fail_as_it_was_recorded_is_not_adopted)
{
    static struct stage s;

    s.trials.recorded = as_chance_had_it;
    play(&s, only_noisy, "[" LOSS "]");
    CHECK(!s.found && s.shrink.best == NULL);
    end(&s);
}

/* ---- when it does not begin, or ends ---- */

TEST(a_run_without_operations_has_no_smaller_one)
{
    static struct stage s;

    s.trials.fails = never;
    s.recorded = run_with("[" KILL "]");
    s.evidence = json_array();
    s.shrink = (struct shrink){.config = &config, .trials = &s.trials};
    s.shrink.origin = candidate_set(s.recorded, "operations", json_array());
    CHECK(!shrink_scratch(&s.shrink, s.recorded, s.evidence));
    CHECK_INT(s.trials.count, 0);
    end(&s);
}

TEST(nothing_is_tried_once_the_time_is_over)
{
    static struct stage s;

    s.trials.over = true;
    play(&s, dies_twice, "[" KILL "]");
    CHECK(!s.found);
    CHECK_INT(s.trials.count, 0);
    end(&s);
}
