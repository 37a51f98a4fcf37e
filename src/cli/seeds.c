/* From options to limits, from a draw back to options; the search itself is search.c's.
 *
 * Every drawn value is an ordinary option, so a run that failed is repeated by an ordinary command,
 * which is printed. That is also how its folder is made: the search keeps no files, and the first
 * failure of each kind is run once more, with pictures; that its journal is the same proves the
 * command.
 *
 * Which faults a run may have without a word about it: those that every program must bear. kill
 * needs a disk, duplicate a memory of what was seen, clock is nobody's business who does not look
 * at one; they must be asked for. So a right program is not accused of what its author never
 * promised. */
#include "seeds.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"
#include "../cage/cage.h"
#include "../report/run_files.h"
#include "../run/search.h"
#include "../run/swarm.h"
#include "../run/test_config.h"
#include "../run/test_words.h"
#include "../script/script.h"
#include "commands.h"
#include "outcome.h"
#include "run_dir.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RATE_USUAL = 100, CLIENTS_USUAL = 4, REPEATS_MAX = 8, RIVALS_AND_ONE = 3, MS = 1000000 };

static const char *const usual_faults[] = {"partition", "loss", "reorder", "slow", "pause"};
/* What "partition" may be in a run: another shape each time, or always the same one. */
static const char *const partitions[] = {
    "partition",         "partition",        "partition",        "partition-leader",
    "partition-leader",  "partition-one",    "partition-halves", "partition-majority",
    "partition-one-way", "partition-bridge", "partition-ring",
};
/* What comes instead if the run has cues; some partitions stay, or are rivals. */
static const char *const cued[][2] = {{"kill", "kill-cue"}, {"pause", "pause-cue"}};
static const char *const topologies[] = {"line", "grid", "tree2", "tree3", "tree4", "total"};

/* ---- the setting of a seed ---- */

static int64_t at_least(int64_t value, int64_t least)
{
    return value > least ? value : least;
}

static bool rate_is_drawn(const struct test_options *o)
{
    return !(o->given & GIVEN_RATE) || (isfinite(o->rate) && o->rate >= 1 && o->rate < 1e9);
}

/* How long a fault lasts on average: short enough for some to come and go in each run, long enough
 * for a program to get something done in between. */
static struct swarm_range interval_limits(const struct test_options *o)
{
    int64_t most = llround(o->nemesis_interval * 1e9);
    int64_t least = 500 * MS;

    if (!(o->given & GIVEN_NEMESIS_INTERVAL))
        most = at_least(llround(o->time_limit * 1e9 / 8), 1000 * MS);
    return (struct swarm_range){at_least(most / 8, least < most ? least : most), most};
}

static struct swarm_range latency_limits(const struct test_options *o)
{
    int64_t most = o->latency_ns;

    if (!(o->given & GIVEN_LATENCY)) {
        most = llround(o->recovery * 1e9 / 100); /* a line of many nodes must settle in time */
        most = most > 20 * MS ? 20 * MS : most;  /* elections of 150 ms and up must end */
    }
    return most < 1000 ? (struct swarm_range){most, most} : (struct swarm_range){most / 100, most};
}

static void limits_of(const struct test_options *o, struct swarm_limits *l)
{
    int64_t rate = o->given & GIVEN_RATE ? (int64_t)fmin(o->rate, 1e9) : RATE_USUAL;

    *l = (struct swarm_limits){
        .node_count = {1, o->node_count},
        .clients_a_node = {1, CLIENTS_USUAL},
        .rate = {at_least(rate / 10, 1), at_least(rate, 1)},
        .latency_ns = latency_limits(o),
        .interval_ns = interval_limits(o),
        .fault_count = o->nemesis_count,
        .dist_count = o->given & GIVEN_LATENCY_DIST ? 0 : 3,
        .topology_count = o->given & GIVEN_TOPOLOGY ? 0 : 6,
        .partition_count = sizeof(partitions) / sizeof(partitions[0]),
        .schedule = !(o->given & GIVEN_SCHEDULE) && o->clock == CAGE_CLOCK_VIRTUAL,
    };
    if (o->given & GIVEN_CONCURRENCY)
        l->clients_a_node.max = at_least(o->concurrency / o->node_count, 1);
    if (!(o->given & GIVEN_NEMESIS)) /* a paused node answers nobody: no sign of unavailability */
        l->fault_count = o->availability >= 0 ? 4 : 5;
}

static char **copy_names(char *const *names, uint32_t count)
{
    char **copy = mem_zalloc((count + 1) * sizeof(*copy));
    uint32_t i;

    for (i = 0; i < count; i++)
        copy[i] = mem_strdup(names[i]);
    return copy;
}

/* What o owns, for itself. */
static void own(const struct test_options *o, struct test_options *copy)
{
    *copy = *o;
    copy->node_names = copy_names(o->node_names, o->node_count);
    copy->nemesis = copy_names(o->nemesis, o->nemesis_count);
    copy->words = mem_zalloc((o->word_count + 1) * sizeof(*copy->words));
    if (o->word_count > 0)
        memcpy(copy->words, o->words, o->word_count * sizeof(*copy->words));
    json_incref(copy->consistency_models);
    copy->faults_asked = NULL;
    copy->seeds = 0;
    copy->jobs = 0;
    copy->swarm_off = copy->keep_going = false;
}

static bool has(const char *const *names, uint32_t count, const char *name)
{
    uint32_t i;

    for (i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static bool may_be_rivals(const char *const *faults, uint32_t count, int64_t nodes)
{
    return nodes >= RIVALS_AND_ONE && has(faults, count, "partition") && has(faults, count, "kill");
}

static const char *const *faults_to_choose(const struct test_options *o)
{
    return o->given & GIVEN_NEMESIS ? (const char *const *)o->nemesis : usual_faults;
}

/* The faults that the run may have and that were drawn, as they were named. */
static void choose_faults(const struct test_options *o, const struct swarm_limits *l,
                          const struct swarm_draw *d, struct test_options *copy)
{
    const char *const *from = faults_to_choose(o);
    uint32_t i;

    for (i = 0; i < copy->nemesis_count; i++)
        mem_free(copy->nemesis[i]);
    mem_free(copy->nemesis);
    copy->nemesis = mem_zalloc((l->fault_count + 1) * sizeof(*copy->nemesis));
    copy->nemesis_count = 0;
    for (i = 0; i < l->fault_count; i++)
        if (d->faults >> i & 1)
            copy->nemesis[copy->nemesis_count++] = mem_strdup(from[i]);
}

/* The fault that the run gets in the place of one of these. NULL: none, another stands for it. */
static const char *fault_of(const char *name, const struct swarm_draw *d, bool rivals)
{
    size_t i;

    if (rivals && strcmp(name, "kill") == 0)
        return NULL;
    if (rivals && strcmp(name, "partition") == 0)
        return "rivals";
    if (d->news && d->node_count >= RIVALS_AND_ONE && strcmp(name, "partition") == 0)
        return "partition-news";
    if (strcmp(name, "partition") == 0)
        return d->cues && d->partition % 5 < 3 ? "partition-cue" : partitions[d->partition];
    for (i = 0; i < sizeof(cued) / sizeof(cued[0]); i++)
        if (d->cues && strcmp(name, cued[i][0]) == 0)
            return cued[i][1];
    return name;
}

static void set_faults(const struct swarm_draw *d, struct test_options *copy)
{
    bool rivals = d->rivals && may_be_rivals((const char *const *)copy->nemesis,
                                             copy->nemesis_count, d->node_count);
    uint32_t i, count = 0;

    for (i = 0; i < copy->nemesis_count; i++) {
        const char *fault = fault_of(copy->nemesis[i], d, rivals);
        char *old = copy->nemesis[i];
        copy->nemesis[i] = NULL;
        if (fault != NULL)
            copy->nemesis[count++] = mem_strdup(fault);
        mem_free(old);
    }
    copy->nemesis_count = count;
}

/* All that any seed may have: what the program is asked to bear. */
static json_t *faults_asked(const struct test_options *o, const struct swarm_limits *l)
{
    const char *const *from = faults_to_choose(o);
    json_t *all = json_array();
    uint32_t i;

    for (i = 0; i < l->fault_count; i++)
        json_array_append_new(all, json_string(from[i]));
    if (may_be_rivals(from, l->fault_count, l->node_count.max))
        json_array_append_new(all, json_string("rivals"));
    return all;
}

static void set_size(const struct test_options *o, const struct swarm_draw *d,
                     struct test_options *copy)
{
    uint32_t i;

    for (i = (uint32_t)d->node_count; i < copy->node_count; i++)
        mem_free(copy->node_names[i]);
    copy->node_count = (uint32_t)d->node_count;
    /* Fewer clients than nodes were asked for: so many, whatever the nodes. */
    if (!(o->given & GIVEN_CONCURRENCY) || o->concurrency >= o->node_count)
        copy->concurrency = (uint32_t)(d->clients_a_node * d->node_count);
}

void seeds_options(const struct test_options *o, uint64_t seed, struct test_options *ret_options)
{
    struct swarm_limits limits;
    struct swarm_draw d;

    own(o, ret_options);
    if (o->swarm_off)
        return;
    limits_of(o, &limits);
    swarm_draw(&limits, seed, &d);
    set_size(o, &d, ret_options);
    choose_faults(o, &limits, &d, ret_options);
    set_faults(&d, ret_options);
    ret_options->faults_asked = faults_asked(o, &limits);
    if (rate_is_drawn(o))
        ret_options->rate = (double)d.rate;
    ret_options->latency_ns = d.latency_ns;
    ret_options->nemesis_interval = (double)d.interval_ns / 1e9;
    if (limits.dist_count > 0)
        ret_options->latency_dist = (enum latency_dist)d.dist;
    if (limits.topology_count > 0)
        ret_options->topology = topologies[d.topology];
    if (limits.schedule)
        ret_options->schedule_seeded = d.schedule_seeded;
}

/* ---- the search ---- */

/* What became of the second run of a group's first seed. */
struct repeat {
    struct buf command;
    struct buf dir; /* empty: there was none */
    bool identical;
    enum valid valid;
};

struct seeds {
    const struct test_options *options;
    const struct test_subject *subject;
    uint64_t first_seed;
    uint32_t jobs;
    struct search_result result;
    struct repeat repeats[FAILURE_GROUPS_MAX];
};

/* That an operation never succeeded is held against a program by itself, but not where we chose the
 * faults or how slow the network is: a right one may get nothing done while it waits for a leader.
 * Some runs have neither, so a program that never works is found out all the same. */
static void excuse(const struct test_options *drawn, struct run_result *r)
{
    bool wrong = r->blame != NULL || r->availability.valid == VALID_FALSE;
    uint32_t i;

    for (i = 0; i < r->check_count; i++)
        wrong = wrong || r->checks[i].verdict.valid == VALID_FALSE;
    if (r->valid == VALID_FALSE && !wrong && (drawn->nemesis_count > 0 || drawn->latency_ns > 0))
        r->valid = VALID_UNKNOWN;
}

static int run_one(void *owner, uint64_t seed, const char *dir, struct run_result **ret_result,
                   struct buf *kind, struct err *err)
{
    const struct seeds *s = owner;
    struct test_options o;
    struct test_config config;
    int status;

    seeds_options(s->options, seed, &o);
    test_config_init(&config, &o, s->subject, seed);
    config.run.dir = dir;
    status = run_execute(&config.run, ret_result, err);
    if (status == 0 && !s->options->swarm_off)
        excuse(&o, *ret_result);
    if (status == 0 && (*ret_result)->valid != VALID_TRUE)
        failure_kind(&config.run, *ret_result, kind);
    test_config_release(&config);
    test_options_release(&o);
    return status;
}

static double rate_of(const struct search_progress *p)
{
    return p->elapsed_ns > 0 ? (double)p->done * 1e9 / (double)p->elapsed_ns : 0;
}

static void show_progress(void *owner, const struct search_progress *p)
{
    double rate = rate_of(p);
    char left[DURATION_TEXT_MAX];

    (void)owner;
    fprintf(stderr, "\r\033[K%" PRIu64 " of %" PRIu64 " seeds", p->done, p->count);
    if (p->invalid > 0)
        fprintf(stderr, ", %" PRIu64 " failed", p->invalid);
    if (p->done > 0)
        fprintf(stderr, ", %.1f a second, %s left", rate,
                duration_text(llround((double)(p->count - p->done) / rate) * 1000000000, left));
    fflush(stderr);
}

static int search(struct seeds *s, struct err *err)
{
    bool terminal = isatty(STDERR_FILENO);
    struct buf dir = {0};
    struct err ignored;
    struct search_config config = {
        .first_seed = s->first_seed,
        .count = s->options->seeds,
        .jobs = s->jobs,
        .pin = s->options->clock == CAGE_CLOCK_VIRTUAL,
        .keep_going = s->options->keep_going,
        .owner = s,
        .run = run_one,
        .progress = terminal ? show_progress : NULL,
    };
    int status;

    status = run_dir_for_many("seeds", &dir, err);
    if (status < 0)
        goto out;
    config.dir = dir.data;
    status = search_run(&config, &s->result, err);
    file_remove_tree(dir.data, &ignored);
    if (terminal)
        fprintf(stderr, "\r\033[K");
out:
    buf_release(&dir);
    return status;
}

/* ---- the failures once more ---- */

static int repeat_run(struct seeds *s, const struct failure *f, struct repeat *again,
                      struct err *err)
{
    struct test_options o;
    struct test_config config;
    struct run_result *result = NULL;
    json_t *results = NULL;
    int status;

    seeds_options(s->options, f->seed, &o);
    test_config_init(&config, &o, s->subject, f->seed);
    status = run_dir_make(o.store, s->subject->name, true, &again->dir, err);
    config.run.dir = again->dir.data;
    if (status == 0)
        status = run_execute(&config.run, &result, err);
    if (status == 0)
        status = run_files_write(&config.run, result, again->command.data, &results, err);
    if (status == 0) {
        again->identical = strcmp(result->journal_digest, f->digest) == 0;
        again->valid = result->valid;
    }
    json_decref(results);
    run_result_free(result);
    test_config_release(&config);
    test_options_release(&o);
    return status;
}

/* From the last to the first, so that store/latest is the first. */
static int repeat_all(struct seeds *s, struct err *err)
{
    const struct failure_groups *g = &s->result.failures;
    uint32_t i;

    for (i = g->count; i-- > 0;) {
        const struct failure *f = &g->groups[i].first;
        struct test_options o;
        int status = 0;

        seeds_options(s->options, f->seed, &o);
        test_words(&o, f->seed, &s->repeats[i].command);
        test_options_release(&o);
        if (f->valid == VALID_FALSE && i < REPEATS_MAX && !cage_stop_asked())
            status = repeat_run(s, f, &s->repeats[i], err);
        if (status < 0)
            return status;
    }
    return 0;
}

/* ---- telling ---- */

static void print_seeds(const struct failure_group *g)
{
    uint32_t i;

    printf(" (%" PRIu64 " %s:", g->count, g->count == 1 ? "seed" : "seeds");
    for (i = 0; i < g->seed_count; i++)
        printf(" %" PRIu64, g->seeds[i]);
    printf("%s)\n", g->count > g->seed_count ? " ..." : "");
}

static const char *valid_word(enum valid v)
{
    return v == VALID_TRUE ? "valid" : v == VALID_FALSE ? "invalid" : "unknown";
}

static void print_group(const struct seeds *s, uint32_t i)
{
    const struct failure_group *g = &s->result.failures.groups[i];
    const struct repeat *again = &s->repeats[i];

    printf("\n%s, %s", valid_word(g->first.valid), g->first.kind);
    print_seeds(g);
    printf("  seed %" PRIu64 ": %s\n", g->first.seed, g->first.sentence);
    printf("  repeat  %s\n", again->command.data);
    if (again->dir.len > 0 && again->valid == VALID_FALSE)
        printf("  shrink  eddy shrink %s\n", again->dir.data);
    if (again->dir.len > 0)
        printf("  files   %s\n", again->dir.data);
    if (again->dir.len > 0 && !again->identical)
        printf("  note    that is a second run, it was %s, and not the same as the first: the "
               "program draws on something besides its seed; eddy replay shows where\n",
               valid_word(again->valid));
}

static void print_words(const struct seeds *s)
{
    const struct search_progress *p = &s->result.progress;
    const struct failure_groups *g = &s->result.failures;
    char time[DURATION_TEXT_MAX], length[DURATION_TEXT_MAX];
    uint32_t i;

    printf("%" PRIu64 " of %" PRIu64 " seeds, from %" PRIu64 " on: %" PRIu64 " valid, %" PRIu64
           " invalid, %" PRIu64 " unknown\n",
           p->done, p->count, s->first_seed, p->valid, p->invalid, p->unknown);
    printf("  took %s, %.1f seeds a second, %u at a time; %s of the nodes' time, %" PRIu64
           " messages\n",
           duration_text(p->elapsed_ns, time), rate_of(p), s->jobs,
           duration_text(p->virtual_ns, length), p->message_count);
    if (s->result.stopped)
        printf("  stopped by a signal\n");
    else if (p->done < p->count)
        printf("  stopped at the first failure; --keep-going goes on\n");
    for (i = 0; i < g->count; i++)
        print_group(s, i);
    if (g->others > 0)
        printf("\n%" PRIu64 " failures of more kinds are not listed\n", g->others);
}

static json_t *group_json(const struct failure_group *g, const struct repeat *again)
{
    json_t *seeds = json_array();
    bool repeated = again->dir.len > 0;
    uint32_t i;

    for (i = 0; i < g->seed_count; i++)
        json_array_append_new(seeds, json_integer((json_int_t)g->seeds[i]));
    return json_pack("{s:o, s:s, s:I, s:o, s:I, s:s, s:s, s:o, s:o}", "valid?",
                     valid_json(g->first.valid), "kind", g->first.kind, "count",
                     (json_int_t)g->count, "seeds", seeds, "seed", (json_int_t)g->first.seed,
                     "sentence", g->first.sentence, "command", again->command.data, "folder",
                     repeated ? json_string(again->dir.data) : json_null(), "identical",
                     repeated ? json_boolean(again->identical) : json_null());
}

static enum valid verdict(const struct seeds *s)
{
    const struct search_progress *p = &s->result.progress;

    return p->invalid > 0                        ? VALID_FALSE
           : p->unknown > 0 || s->result.stopped ? VALID_UNKNOWN
                                                 : VALID_TRUE;
}

static void print_json(const struct seeds *s)
{
    const struct search_progress *p = &s->result.progress;
    json_t *groups = json_array();
    json_t *all;
    uint32_t i;

    for (i = 0; i < s->result.failures.count; i++)
        json_array_append_new(groups, group_json(&s->result.failures.groups[i], &s->repeats[i]));
    all = json_pack("{s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:f, s:f, s:I, s:I, s:I, s:o}",
                    "valid?", valid_json(verdict(s)), "first-seed", (json_int_t)s->first_seed,
                    "seeds", (json_int_t)p->count, "done", (json_int_t)p->done, "valid",
                    (json_int_t)p->valid, "failed", (json_int_t)p->invalid, "unknown",
                    (json_int_t)p->unknown, "stopped", (int)s->result.stopped, "seconds",
                    (double)p->elapsed_ns / 1e9, "rate", rate_of(p), "jobs", (json_int_t)s->jobs,
                    "virtual-ns", (json_int_t)p->virtual_ns, "unlisted",
                    (json_int_t)s->result.failures.others, "groups", groups);
    json_object_set_new(all, "messages", json_integer((json_int_t)p->message_count));
    json_dumpf(all, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    printf("\n");
    json_decref(all);
}

/* What the workload's file says about faults counts as if it had been asked for. */
static int limit_faults(const struct test_options *o, const struct test_subject *subject,
                        struct test_options *limited, struct err *err)
{
    json_t *list = NULL, *name;
    size_t i;
    int status = 0;

    *limited = *o;
    limited->nemesis = copy_names(o->nemesis, o->nemesis_count);
    if (!(o->given & GIVEN_NEMESIS) && !o->swarm_off)
        status = script_faults(subject->scenario_path, subject->scenario, &list, err);
    if (list == NULL)
        return status;
    mem_free(limited->nemesis);
    limited->given |= GIVEN_NEMESIS;
    limited->nemesis = mem_zalloc((json_array_size(list) + 1) * sizeof(*limited->nemesis));
    limited->nemesis_count = 0;
    json_array_foreach(list, i, name)
    {
        if (limited->nemesis_count < OPTIONS_NEMESIS_MAX)
            limited->nemesis[limited->nemesis_count++] = mem_strdup(json_string_value(name));
    }
    json_decref(list);
    return 0;
}

static void limit_release(struct test_options *limited)
{
    uint32_t i;

    for (i = 0; i < limited->nemesis_count; i++)
        mem_free(limited->nemesis[i]);
    mem_free(limited->nemesis);
}

int seeds_search(const struct test_options *options, const struct test_subject *subject,
                 uint64_t seed, struct err *err)
{
    struct test_options limited;
    const struct test_options *o = &limited;
    int status = limit_faults(options, subject, &limited, err);
    struct seeds s = {
        .options = o,
        .subject = subject,
        .first_seed = seed,
        .jobs = o->jobs > 0 ? o->jobs : search_processors(),
    };
    uint32_t i;

    if (status == 0)
        status = search(&s, err);
    if (status == 0) {
        status = repeat_all(&s, err);
        if (status == 0 && o->json)
            print_json(&s);
        else if (status == 0)
            print_words(&s);
        if (status == 0)
            status = outcome_exit_status(verdict(&s));
        search_result_release(&s.result);
    }
    for (i = 0; i < FAILURE_GROUPS_MAX; i++) {
        buf_release(&s.repeats[i].command);
        buf_release(&s.repeats[i].dir);
    }
    limit_release(&limited);
    return status;
}
