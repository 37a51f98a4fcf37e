/* A grading is a list of runs, numbered in the order that it is told in: part 1 with all seeds,
 * then part 2, or seed by seed. The pool begins them in this order and begins no more after a
 * failure; what has begun goes on to its end. So when the pool is done, all runs before the first
 * failure have been done, and which run that is does not depend on how many went on at once.
 *
 * What a worker gives is one JSON object. A worker also writes the report, since only it has the
 * history; the parent moves the one folder that is to stay. Which run that is is known only
 * afterwards, so each failure writes one: there are at most as many as jobs.
 *
 * A run in virtual time may take any real time: a node that computes without end, but answers now
 * and then, is not stuck. So each worker sets itself a timer of real time, which ends the run as
 * Ctrl-C would; the step at work has failed then. */
#include "grade.h"

#include "../base/clock.h"
#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../cage/cage.h"
#include "../report/results.h"
#include "../report/run_files.h"
#include "../run/model_shrink.h"
#include "../run/part.h"
#include "../run/pool.h"
#include "../run/run.h"
#include "../script/script.h"
#include "plant.h"
#include "track.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { SCENARIO_MAX = 4 << 20, LOG_MAX = 64 << 20, LOG_LINE_MAX = 200 };

static const int64_t MODEL_BUDGET_NS = 5000000000;

struct grading {
    const struct grade_config *config;
    struct buf scenario;
    struct buf common; /* data NULL: there is none */
    uint32_t part_count;
    uint32_t seeds;
    struct grade_result *result;
    json_t **outcomes; /* of each run; NULL: not done */
    uint32_t count;
    int64_t first_failure; /* its number, or -1 */
    int status;
    struct err *err;
};

uint64_t grade_seed(const struct task *task, uint64_t seed)
{
    return (uint64_t)task->number * 1000000 + seed;
}

static uint32_t part_of(const struct grading *g, uint64_t run)
{
    return (uint32_t)(g->config->order == GRADE_BY_PART ? run / g->seeds : run % g->part_count);
}

static uint64_t seed_of(const struct grading *g, uint64_t run)
{
    return g->config->first_seed +
           (g->config->order == GRADE_BY_PART ? run % g->seeds : run / g->part_count);
}

static bool is_shown_run(const struct grading *g, uint64_t run)
{
    return part_of(g, run) == g->part_count - 1 && seed_of(g, run) == g->config->first_seed;
}

static void run_dir(const struct grading *g, uint64_t run, struct buf *out)
{
    buf_addf(out, "%s/run-%" PRIu64, g->config->dir, run);
}

/* ---- the task's files ---- */

static int read_scenario(struct grading *g, struct err *err)
{
    const char *path = g->config->task->scenario;
    const char *slash = strrchr(path, '/');
    struct buf common = {0};
    int status = file_read(path, SCENARIO_MAX, &g->scenario, err);

    buf_addf(&common, "%.*scommon.lua", slash != NULL ? (int)(slash - path) + 1 : 0, path);
    if (status == 0 && access(common.data, F_OK) == 0) {
        status = file_read(common.data, SCENARIO_MAX, &g->common, err);
        buf_reserve(&g->common, 1); /* an empty file is one, too */
    }
    buf_release(&common);
    return status < 0 ? ERR_INPUT : 0;
}

static int plan(const struct grading *g, uint64_t seed, struct script_plan **ret_plan,
                struct err *err)
{
    struct script_plan_config config = {
        .path = g->config->task->scenario,
        .source = buf_str(&g->scenario),
        .common = buf_str(&g->common),
        .seed = grade_seed(g->config->task, seed),
    };

    return script_plan(&config, ret_plan, err);
}

/* ---- in a worker ---- */

/* The handler of signals is cage's; it ends the run. */
static void limit_real_time(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGTERM};
    struct itimerspec when = {.it_value.tv_sec = GRADE_RUN_SECONDS_MAX};
    timer_t timer;

    cage_stop_signals();
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) == 0)
        timer_settime(timer, 0, &when, NULL);
}

/* The last lines of a node's log, as a list. */
static json_t *log_end(const char *dir, const char *node)
{
    json_t *lines = json_array();
    struct buf path = {0};
    struct buf text = {0};
    struct err ignored;
    const char *at, *end;

    buf_addf(&path, "%s/node-logs/%s.log", dir, node);
    if (file_read(path.data, LOG_MAX, &text, &ignored) == 0 && text.len > 0) {
        end = text.data + text.len;
        end -= end[-1] == '\n';
        while (end > text.data && json_array_size(lines) < GRADE_LOG_LINES_MAX) {
            size_t len;
            for (at = end; at > text.data && at[-1] != '\n'; at--)
                ;
            len = (size_t)(end - at) < LOG_LINE_MAX ? (size_t)(end - at) : LOG_LINE_MAX;
            json_array_insert_new(lines, 0, json_stringn(at, len));
            end = at > text.data ? at - 1 : at;
        }
    }
    buf_release(&path);
    buf_release(&text);
    return lines;
}

/* A run that was ended by the timer: the step at work has failed. */
static void add_slow(json_t *steps)
{
    json_t *last;

    if (json_array_size(steps) == 0)
        json_array_append_new(steps, json_pack("{s:s, s:i, s:i, s:b}", "name", "the nodes start",
                                               "from-ns", 0, "to-ns", 0, "passed", 0));
    last = json_array_get(steps, json_array_size(steps) - 1);
    json_object_set_new(last, "passed", json_false());
    json_object_set_new(last, "failure",
                        json_pack("{s:s, s:s, s:s, s:O, s:[]}", "what", "how long the run takes",
                                  "expected", "a run that is over within a minute of real time",
                                  "seen", "the program was still computing and was ended", "at-ns",
                                  json_object_get(last, "to-ns"), "messages"));
}

/* The failure among the steps, or NULL. */
static json_t *failure_of(const json_t *steps, const char **ret_name)
{
    size_t i;

    for (i = 0; i < json_array_size(steps); i++) {
        const json_t *step = json_array_get(steps, i);
        json_t *failure = json_object_get(step, "failure");
        if (failure != NULL) {
            *ret_name = json_string_value(json_object_get(step, "name"));
            return failure;
        }
    }
    return NULL;
}

static json_t *outcome(const struct run_config *config, const struct run_result *r, bool slow)
{
    json_t *steps = results_steps(r);
    const char *step = NULL, *node;
    const json_t *failure;
    json_t *all;

    if (slow)
        add_slow(steps);
    failure = failure_of(steps, &step);
    node = json_string_value(json_object_get(failure, "node"));
    if (node == NULL && config->node_count > 0)
        node = config->node_names[0];
    all =
        json_pack("{s:b, s:b, s:I, s:I, s:s, s:o, s:o, s:o}", "passed",
                  r->valid == VALID_TRUE && failure == NULL, "stopped", (int)(r->stopped && !slow),
                  "end", (json_int_t)r->end_ns, "messages", (json_int_t)r->net.all.messages, "node",
                  node != NULL ? node : "", "steps", steps, "log",
                  failure != NULL && node != NULL ? log_end(config->dir, node) : json_array(),
                  "limit", results_limit(r));
    return all;
}

static int write_files(const struct grading *g, uint64_t run, const struct run_config *config,
                       const struct run_result *result, struct err *err)
{
    const struct grade_config *c = g->config;
    struct buf command = {0};
    json_t *results = NULL;
    int status;

    if (c->command != NULL)
        c->command(c->owner, seed_of(g, run), &command);
    status = run_files_write(config, result, command.len > 0 ? command.data : "", &results, err);
    json_decref(results);
    buf_release(&command);
    return status;
}

static int run_part(const struct grading *g, uint64_t run, const struct script_part *part,
                    const char *dir, json_t **ret_outcome, struct err *err)
{
    const struct grade_config *c = g->config;
    const char *argv[] = {c->program, NULL};
    json_t *options = json_object();
    struct run_result *result = NULL;
    int64_t began = clock_real_ns();
    struct run_config config = {
        .seed = grade_seed(c->task, seed_of(g, run)),
        .follow_disks = part->disk,
        .network = part->network,
        .bare_environment = true,
        .program = c->program,
        .argv = argv,
        .scenario_path = c->task->scenario,
        .scenario = buf_str(&g->scenario),
        .common = buf_str(&g->common),
        .options = options,
        .clock = CAGE_CLOCK_VIRTUAL,
        .sandbox = c->sandbox,
        .dir = dir,
        .availability_min = -1,
    };
    int status;

    part_config(part, &config);
    status = run_execute(&config, &result, err);
    if (status == 0) {
        int64_t took = clock_real_ns() - began;
        bool slow = result->stopped && took >= (int64_t)GRADE_RUN_SECONDS_MAX * 1000000000;
        if (slow && result->cost.cpu_ns + result->cost.node_cpu_ns < took / 2)
            status =
                err_set(err, ERR_MACHINE,
                        "seed %" PRIu64 ": this machine is too busy: in %d s the run had %.0f s"
                        " of a processor",
                        seed_of(g, run), GRADE_RUN_SECONDS_MAX,
                        (double)(result->cost.cpu_ns + result->cost.node_cpu_ns) / 1e9);
        if (c->keep != NULL) /* for somebody who reads it */
            model_shrink_add(&config, result, dir, MODEL_BUDGET_NS);
        *ret_outcome = outcome(&config, result, slow);
        if (status == 0 && c->keep != NULL &&
            !json_is_true(json_object_get(*ret_outcome, "stopped")) &&
            (!json_is_true(json_object_get(*ret_outcome, "passed")) || is_shown_run(g, run)))
            status = write_files(g, run, &config, result, err);
    }
    run_result_free(result);
    json_decref(options);
    return status;
}

static void work(void *owner, uint64_t run, struct buf *out)
{
    const struct grading *g = owner;
    struct script_plan *p = NULL;
    struct err err = {.text = ""};
    struct buf dir = {0};
    json_t *all = NULL;
    char *text;
    int status;

    limit_real_time();
    run_dir(g, run, &dir);
    status = file_mkdirs(dir.data, &err);
    if (status == 0)
        status = plan(g, seed_of(g, run), &p, &err);
    if (status == 0 && part_of(g, run) >= p->part_count)
        status = err_set(&err, ERR_INPUT, "%s: the number of parts depends on the seed",
                         g->config->task->scenario);
    if (status == 0)
        status = run_part(g, run, &p->parts[part_of(g, run)], dir.data, &all, &err);
    if (status < 0) {
        json_decref(all);
        all = json_pack("{s:i, s:s}", "status", status, "error", err.text);
    }
    if (p != NULL && part_of(g, run) < p->part_count && p->part_count > 1)
        json_object_set_new(all, "part", json_string(p->parts[part_of(g, run)].name));
    text = json_dumps(all, JSON_COMPACT);
    if (text != NULL)
        buf_add_text(out, text);
    free(text);
    json_decref(all);
    script_plan_free(p);
    buf_release(&dir);
}

/* ---- what they found ---- */

static const char *text_of(const json_t *o, const char *key)
{
    const char *text = json_string_value(json_object_get(o, key));

    return text != NULL ? text : "";
}

static void clear(const struct grading *g, uint64_t run)
{
    struct buf dir = {0};
    struct err ignored;

    run_dir(g, run, &dir);
    file_remove_tree(dir.data, &ignored);
    buf_release(&dir);
}

static enum pool_next fail(struct grading *g, int status, const char *sentence)
{
    if (g->status == 0)
        g->status = err_set(g->err, status, "%s", sentence);
    return POOL_STOP;
}

static enum pool_next done(void *owner, uint64_t run, struct str text, const char *how)
{
    struct grading *g = owner;
    json_t *o = json_loadb(text.len > 0 ? text.data : "", text.len, JSON_ALLOW_NUL, NULL);
    enum pool_next next = POOL_GO_ON;
    bool keep = false;

    if (o == NULL && !cage_stop_asked()) {
        char sentence[128];
        snprintf(sentence, sizeof(sentence), "seed %" PRIu64 ": the run's process ended by %s",
                 seed_of(g, run), how != NULL ? how : "giving no result");
        next = fail(g, ERR_MACHINE, sentence);
    } else if (o != NULL && json_object_get(o, "status") != NULL) {
        next = fail(g, (int)json_integer_value(json_object_get(o, "status")),
                    json_string_value(json_object_get(o, "error")));
    } else if (o != NULL && !json_is_true(json_object_get(o, "stopped"))) {
        bool passed = json_is_true(json_object_get(o, "passed")) || PLANTED(1);
        g->outcomes[run] = json_incref(o);
        if (!passed && (g->first_failure < 0 || (int64_t)run < g->first_failure || PLANTED(2)))
            g->first_failure = (int64_t)run;
        next = passed ? POOL_GO_ON : POOL_NO_MORE;
        keep = g->config->keep != NULL && (!passed || is_shown_run(g, run));
        g->result->run_count++;
        if (g->config->seen != NULL)
            g->config->seen(g->config->owner, seed_of(g, run), text_of(o, "part"),
                            json_object_get(o, "steps"));
    }
    if (!keep)
        clear(g, run);
    json_decref(o);
    return next;
}

static void tick(void *owner)
{
    const struct grading *g = owner;

    if (g->config->progress != NULL)
        g->config->progress(g->config->owner, g->result->run_count, g->count);
}

/* ---- the result ---- */

static struct grade_step *step_of(struct grade_result *r, const char *part, const char *name)
{
    uint32_t i;

    for (i = 0; i < r->step_count; i++)
        if (strcmp(r->steps[i].part, part) == 0 && strcmp(r->steps[i].name, name) == 0)
            return &r->steps[i];
    r->steps = mem_grow(r->steps, &r->step_cap, r->step_count + 1, sizeof(*r->steps));
    r->steps[r->step_count] =
        (struct grade_step){.part = mem_strdup(part), .name = mem_strdup(name), .from_ns = -1};
    return &r->steps[r->step_count++];
}

static void take_steps(struct grade_result *r, const json_t *o)
{
    const json_t *steps = json_object_get(o, "steps");
    size_t i;

    for (i = 0; i < json_array_size(steps); i++) {
        const json_t *from = json_array_get(steps, i);
        struct grade_step *step = step_of(r, text_of(o, "part"), text_of(from, "name"));
        step->passed += json_is_true(json_object_get(from, "passed"));
        if (step->from_ns < 0) {
            step->from_ns = json_integer_value(json_object_get(from, "from-ns"));
            step->to_ns = json_integer_value(json_object_get(from, "to-ns"));
        }
    }
    r->virtual_ns += json_integer_value(json_object_get(o, "end"));
    r->message_count += (uint64_t)json_integer_value(json_object_get(o, "messages"));
}

static void take_failure(const struct grading *g, const json_t *o)
{
    struct grade_failure *f = &g->result->failure;
    const char *step = "";
    json_t *failure = failure_of(json_object_get(o, "steps"), &step);

    f->seed = seed_of(g, (uint64_t)g->first_failure);
    f->part = mem_strdup(text_of(o, "part"));
    f->step = mem_strdup(step);
    f->failure = json_incref(failure);
    f->log = json_incref(json_object_get(o, "log"));
    f->limit = json_incref(json_object_get(o, "limit"));
    f->node = mem_strdup(text_of(o, "node"));
}

/* A seed has passed if all of its parts have. */
static uint32_t seeds_passed(const struct grading *g)
{
    uint32_t seed, part, count = 0;

    for (seed = 0; seed < g->seeds; seed++) {
        bool passed = true;
        for (part = 0; part < g->part_count && passed; part++) {
            uint32_t run = g->config->order == GRADE_BY_PART ? part * g->seeds + seed
                                                             : seed * g->part_count + part;
            passed = json_is_true(json_object_get(g->outcomes[run], "passed"));
        }
        count += passed;
    }
    return count;
}

/* The one folder that stays; the others of this grading go. */
static int keep_files(const struct grading *g, struct err *err)
{
    uint64_t run, kept = g->first_failure >= 0 ? (uint64_t)g->first_failure : 0;
    struct buf dir = {0};
    int status = 0;

    for (run = 0; run < g->count; run++)
        if (g->first_failure < 0 && is_shown_run(g, run))
            kept = run;
    for (run = 0; run < g->count; run++)
        if (run != kept && g->outcomes[run] != NULL)
            clear(g, run);
    run_dir(g, kept, &dir);
    status = file_remove_tree(g->config->keep, err);
    if (status == 0 && rename(dir.data, g->config->keep) < 0)
        status = err_set_errno(err, ERR_MACHINE, "cannot move %s to %s", dir.data, g->config->keep);
    buf_release(&dir);
    g->result->kept = status == 0;
    return status;
}

static int conclude(struct grading *g, struct err *err)
{
    struct grade_result *r = g->result;
    uint32_t i, end = g->first_failure >= 0 ? (uint32_t)g->first_failure + 1 : g->count;

    for (i = 0; i < end; i++)
        take_steps(r, g->outcomes[i]);
    r->seeds_passed = seeds_passed(g);
    r->passed = g->first_failure < 0;
    if (!r->passed)
        take_failure(g, g->outcomes[g->first_failure]);
    return g->config->keep != NULL ? keep_files(g, err) : 0;
}

static int run_all(struct grading *g, struct err *err)
{
    struct pool_config pool = {
        .count = g->count,
        .jobs = g->config->jobs,
        .pin = g->config->jobs > 1,
        .owner = g,
        .work = work,
        .done = done,
        .tick = tick,
    };
    bool stopped = false;
    int status;

    g->outcomes = mem_zalloc(g->count * sizeof(struct json_t *));
    status = pool_run(&pool, &stopped, err);
    if (status == 0)
        status = g->status;
    if (status == 0 && stopped)
        status = err_set(err, ERR_STOPPED, "stopped by a signal");
    return status < 0 ? status : conclude(g, err);
}

static void grading_release(struct grading *g)
{
    uint32_t i;

    for (i = 0; g->outcomes != NULL && i < g->count; i++)
        json_decref(g->outcomes[i]);
    mem_free(g->outcomes);
    buf_release(&g->scenario);
    buf_release(&g->common);
}

int grade_run(const struct grade_config *config, struct grade_result *ret_result, struct err *err)
{
    struct grade_result result = {0};
    struct grading g = {.config = config, .result = &result, .first_failure = -1, .err = err};
    struct script_plan *p = NULL;
    int64_t began = clock_real_ns();
    int status = read_scenario(&g, err);

    if (status == 0)
        status = plan(&g, config->first_seed, &p, err);
    if (status == 0) {
        g.part_count = result.part_count = p->part_count;
        g.seeds = result.seeds = config->seeds > 0 ? config->seeds : p->seeds;
        g.count = g.seeds * g.part_count;
        status = run_all(&g, err);
    }
    script_plan_free(p);
    grading_release(&g);
    result.took_ns = clock_real_ns() - began;
    if (status < 0)
        grade_result_release(&result);
    else
        *ret_result = result;
    return status;
}

void grade_result_release(struct grade_result *r)
{
    uint32_t i;

    for (i = 0; i < r->step_count; i++) {
        mem_free(r->steps[i].part);
        mem_free(r->steps[i].name);
    }
    mem_free(r->steps);
    mem_free(r->failure.part);
    mem_free(r->failure.step);
    mem_free(r->failure.node);
    json_decref(r->failure.failure);
    json_decref(r->failure.log);
    json_decref(r->failure.limit);
    *r = (struct grade_result){0};
}
