/* A batch of candidates is work for a pool. They begin in order, and when one has failed in
 * the same way those after it are of no interest: they are killed. Those before it are waited for,
 * so that the outcome does not depend on how many run at a time, or how fast.
 *
 *     batch   [c0][c1][c2][c3]        c1 is the same: c2 is killed, c3 never begins,
 *              ok  same run  -        c0 is waited for; if it is the same too, it is the first
 *
 * -DPLANT_SHRINK=1: any failure is taken for the same; 2: nothing is run, all are taken for the
 * same. tests/planted/shrink.sh must find both. */
#include "trials.h"

#include "../base/clock.h"
#include "../base/err.h"
#include "../base/file.h"
#include "../base/map.h"
#include "../base/mem.h"
#include "../cage/cage.h"
#include "candidate.h"
#include "failure.h"
#include "pool.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#ifndef PLANT_SHRINK
#define PLANT_SHRINK 0
#endif

static const int64_t SECOND = 1000000000;
enum { EVIDENCE_MAX = 40, SLOWNESS_MAX = 8 }; /* times the slowest recorded run */

struct job {
    json_t *candidate;   /* borrowed; NULL: the run as it was */
    struct trial *trial; /* where its outcome goes */
    bool ended;
};

struct trials {
    struct trials_config config;
    char *kind;           /* that counts as the same; NULL: none yet */
    struct map *names;    /* digests of candidates */
    struct trial **known; /* by number of its name */
    size_t known_cap;
    uint64_t count;
    int64_t patience_ns; /* for one run */
    struct job *batch;
    uint32_t batch_len;
    uint32_t *queue; /* places in batch that are to be run */
    uint32_t queue_len;
    uint64_t runs_before; /* this batch; for names of folders */
    bool first_only; /* of the batch, what is after the first that is the same is of no interest */
};

/* ---- in a worker ---- */

/* Operations that a verdict names, wherever they stand in its details: objects with a process and
 * the time of an invocation. */
static void add_evidence(const json_t *details, json_t *list)
{
    const json_t *process = json_object_get(details, "process");
    const json_t *at = json_object_get(details, "invoked");
    const char *key;
    const json_t *item;
    size_t i;

    if (json_is_integer(process) && json_is_integer(at) && json_array_size(list) < EVIDENCE_MAX)
        json_array_append_new(
            list, json_pack("[I, I]", json_integer_value(at), json_integer_value(process)));
    json_object_foreach((json_t *)details, key, item) add_evidence(item, list);
    json_array_foreach(details, i, item) add_evidence(item, list);
}

static json_t *evidence_json(const struct run_result *r)
{
    json_t *list = json_array();
    uint32_t i;

    for (i = 0; i < r->check_count; i++)
        if (r->checks[i].verdict.valid == VALID_FALSE)
            add_evidence(r->checks[i].verdict.details, list);
    return list;
}

static char *outcome_text(int status, const struct run_result *r, const struct buf *kind,
                          const struct err *err)
{
    json_t *all;
    char *text;

    if (status < 0) {
        all = json_pack("{s:i, s:s}", "status", status, "error", err->text);
    } else {
        all = json_pack("{s:i, s:i, s:b, s:s, s:s, s:I, s:I, s:s, s:O?}", "status", 0, "valid",
                        (int)r->valid, "stopped", (int)r->stopped, "kind",
                        kind->len > 0 ? kind->data : "", "sentence",
                        r->sentence != NULL ? r->sentence : "", "end", (json_int_t)r->end_ns,
                        "messages", (json_int_t)r->net.all.messages, "digest", r->journal_digest,
                        "decisions", r->valid == VALID_FALSE ? r->decisions : NULL);
        json_object_set_new(all, "evidence", evidence_json(r));
        json_object_set_new(all, "task", json_boolean(r->is_task));
    }
    text = json_dumps(all, JSON_COMPACT); /* NULL: a text is not UTF-8 */
    json_decref(all);
    return text;
}

static int run_job(const struct trials *t, const struct job *job, const char *dir,
                   struct run_result **ret_result, struct buf *kind, struct err *err)
{
    struct run_config config = *t->config.base;
    struct candidate_run run;
    int status;

    if (job->candidate != NULL) {
        candidate_run_init(&run, t->config.base, job->candidate);
        config = *run.config;
    }
    config.dir = dir;
    config.record_decisions = true;
    status = run_execute(&config, ret_result, err);
    if (status == 0 && (*ret_result)->valid != VALID_TRUE)
        failure_kind(&config, *ret_result, kind);
    if (job->candidate != NULL)
        candidate_run_release(&run);
    return status;
}

static void work(void *owner, uint64_t index, struct buf *out)
{
    const struct trials *t = owner;
    const struct job *job = &t->batch[t->queue[index]];
    struct run_result *result = NULL;
    struct buf dir = {0};
    struct buf kind = {0};
    struct err err = {.text = ""};
    struct err ignored;
    char *text;
    int status;

    buf_addf(&dir, "%s/%" PRIu64, t->config.dir, t->runs_before + t->queue[index]);
    status = file_mkdirs(dir.data, &err);
    if (status == 0)
        status = run_job(t, job, dir.data, &result, &kind, &err);
    text = outcome_text(status, result, &kind, &err);
    file_remove_tree(dir.data, &ignored);
    if (text != NULL)
        buf_add_text(out, text);
    free(text);
    run_result_free(result);
    buf_release(&dir);
    buf_release(&kind);
}

/* ---- outcomes ---- */

static const char *text_of(const json_t *o, const char *key)
{
    const char *text = json_string_value(json_object_get(o, key));

    return text != NULL ? text : "";
}

static bool is_same(const struct trials *t, const struct trial *trial)
{
    if (trial->valid != VALID_FALSE)
        return false;
    return PLANT_SHRINK == 1 || t->kind == NULL || strcmp(trial->kind, t->kind) == 0;
}

/* A candidate that ends its worker, or cannot be run, is broken. */
static void take(struct trials *t, struct trial *trial, const json_t *o)
{
    const json_t *status = json_object_get(o, "status");

    trial->broken =
        o == NULL || json_integer_value(status) < 0 || json_is_true(json_object_get(o, "stopped"));
    if (o != NULL && json_integer_value(status) < 0)
        trial->sentence = mem_strdup(text_of(o, "error"));
    if (trial->broken)
        return;
    trial->valid = (enum valid)json_integer_value(json_object_get(o, "valid"));
    trial->kind = mem_strdup(text_of(o, "kind"));
    trial->sentence = mem_strdup(text_of(o, "sentence"));
    trial->end_ns = json_integer_value(json_object_get(o, "end"));
    trial->messages = (uint64_t)json_integer_value(json_object_get(o, "messages"));
    strncpy(trial->digest, text_of(o, "digest"), sizeof(trial->digest) - 1);
    trial->is_task = json_is_true(json_object_get(o, "task"));
    trial->same = is_same(t, trial);
    if (trial->same)
        trial->decisions = json_incref(json_object_get(o, "decisions"));
    trial->evidence = json_incref(json_object_get(o, "evidence"));
}

static enum pool_next done(void *owner, uint64_t index, struct str text, const char *how)
{
    struct trials *t = owner;
    struct job *job = &t->batch[t->queue[index]];
    json_t *o = how == NULL ? json_loadb(text.data, text.len, 0, NULL) : NULL;

    t->count++;
    job->ended = true;
    take(t, job->trial, o);
    json_decref(o);
    return t->first_only && job->trial->same ? POOL_NO_LATER : POOL_GO_ON;
}

void trial_release(struct trial *trial)
{
    mem_free(trial->kind);
    mem_free(trial->sentence);
    json_decref(trial->decisions);
    json_decref(trial->evidence);
    *trial = (struct trial){.same = false};
}

/* ---- making ---- */

struct trials *trials_new(const struct trials_config *config)
{
    struct trials *t = mem_zalloc(sizeof(*t));

    t->config = *config;
    t->names = map_new();
    t->patience_ns = 600 * SECOND;
    return t;
}

void trials_free(struct trials *t)
{
    uint32_t i;

    if (t == NULL)
        return;
    for (i = 0; i < map_len(t->names); i++) {
        trial_release(t->known[i]);
        mem_free(t->known[i]);
    }
    mem_free(t->known);
    map_free(t->names);
    mem_free(t->kind);
    mem_free(t);
}

void trials_expect(struct trials *t, const char *kind)
{
    mem_free(t->kind);
    t->kind = mem_strdup(kind);
}

void trials_set_deadline(struct trials *t, int64_t deadline_ns)
{
    t->config.deadline_ns = deadline_ns;
}

uint64_t trials_count(const struct trials *t)
{
    return t->count;
}

bool trials_over(const struct trials *t)
{
    return cage_stop_asked() ||
           (t->config.deadline_ns > 0 && clock_real_ns() >= t->config.deadline_ns);
}

/* ---- a batch ---- */

/* The place of the first that is known to be the same, or the batch's length. */
static uint32_t first_same(const struct trials *t)
{
    uint32_t i;

    for (i = 0; i < t->batch_len && !(t->batch[i].ended && t->batch[i].trial->same); i++)
        ;
    return i;
}

static bool over(void *owner)
{
    return trials_over(owner);
}

static void tick(void *owner)
{
    struct trials *t = owner;

    if (t->config.progress != NULL)
        t->config.progress(t->config.owner, t->count);
}

/* Runs what is not known; with first_only, no further than to the first that is the same. False:
 * the time was over before. */
static bool run_batch(struct trials *t, bool first_only)
{
    struct pool_config pool = {
        .jobs = t->config.jobs,
        .pin = t->config.pin,
        .owner = t,
        .patience_ns = t->patience_ns,
        .work = work,
        .done = done,
        .tick = tick,
        .over = over,
    };
    struct err ignored; /* the machine has no process left: what has no outcome is not remembered */
    bool stopped = false;
    uint32_t i;

    t->first_only = first_only;
    t->queue_len = 0;
    for (i = 0; i < t->batch_len && !(first_only && first_same(t) < i); i++)
        if (!t->batch[i].ended)
            t->queue[t->queue_len++] = i;
    pool.count = t->queue_len;
    if (trials_over(t))
        return t->queue_len == 0;
    return pool_run(&pool, &stopped, &ignored) == 0 && !stopped && !trials_over(t);
}

static void open_batch(struct trials *t, uint32_t count)
{
    t->batch = mem_zalloc(count * sizeof(*t->batch));
    t->queue = mem_zalloc(count * sizeof(*t->queue));
    t->batch_len = count;
}

static void close_batch(struct trials *t)
{
    t->runs_before += t->batch_len;
    mem_free(t->batch);
    mem_free(t->queue);
    t->batch = NULL;
    t->queue = NULL;
    t->batch_len = 0;
}

/* ---- memory ---- */

static void name_of(const json_t *candidate, char into[DIGEST_TEXT_SIZE])
{
    char *text = json_dumps(candidate, JSON_COMPACT | JSON_SORT_KEYS);
    struct digest d = {0};

    digest_add(&d, text, strlen(text));
    digest_text(&d, into);
    free(text);
}

const struct trial *trials_known(const struct trials *t, const json_t *candidate)
{
    char name[DIGEST_TEXT_SIZE];
    int64_t number;

    name_of(candidate, name);
    number = map_find(t->names, str_of(name));
    return number == MAP_NONE ? NULL : t->known[number];
}

static void remember(struct trials *t, const json_t *candidate, struct trial *trial)
{
    char name[DIGEST_TEXT_SIZE];
    uint32_t number;
    bool is_new;

    name_of(candidate, name);
    number = map_put(t->names, str_of(name), &is_new);
    t->known = mem_grow(t->known, &t->known_cap, (size_t)number + 1, sizeof(*t->known));
    if (!is_new) { /* twice in one batch */
        trial_release(t->known[number]);
        mem_free(t->known[number]);
    }
    t->known[number] = trial;
}

static bool run_candidates(struct trials *t, json_t *const *candidates, uint32_t count,
                           bool first_only)
{
    bool *fresh = mem_zalloc(count * sizeof(*fresh));
    bool in_time;
    uint32_t i, first;

    open_batch(t, count);
    for (i = 0; i < count; i++) {
        const struct trial *known = trials_known(t, candidates[i]);
        fresh[i] = known == NULL;
        t->batch[i] = (struct job){
            .candidate = candidates[i],
            .trial = fresh[i] ? mem_zalloc(sizeof(struct trial)) : (struct trial *)known,
            .ended = !fresh[i],
        };
        if (PLANT_SHRINK == 2 && fresh[i]) {
            t->batch[i].ended = t->batch[i].trial->same = true;
            t->batch[i].trial->decisions = json_incref(json_object_get(candidates[i], "decisions"));
        }
    }
    in_time = run_batch(t, first_only);
    first = first_same(t); /* before twins replace each other in memory */
    for (i = 0; i < count; i++) {
        bool whole = t->batch[i].ended && !(t->batch[i].trial->broken && trials_over(t)) &&
                     !(first_only && i > first);
        if (fresh[i] && whole) {
            remember(t, candidates[i], t->batch[i].trial);
        } else if (fresh[i]) {
            trial_release(t->batch[i].trial);
            mem_free(t->batch[i].trial);
        }
    }
    mem_free(fresh);
    close_batch(t);
    return in_time;
}

int trials_first(struct trials *t, json_t *const *candidates, uint32_t count)
{
    uint32_t i;

    run_candidates(t, candidates, count, true);
    for (i = 0; i < count; i++) {
        const struct trial *known = trials_known(t, candidates[i]);
        if (known == NULL)
            return -1;
        if (known->same)
            return (int)i;
    }
    return -1;
}

bool trials_all(struct trials *t, json_t *const *candidates, uint32_t count)
{
    return run_candidates(t, candidates, count, false);
}

uint32_t trials_repeat(struct trials *t, json_t *candidate, uint32_t count, uint32_t *ret_ran)
{
    struct trial *trials = mem_zalloc(count * sizeof(*trials));
    uint32_t same = 0;
    uint32_t i;

    open_batch(t, count);
    for (i = 0; i < count; i++)
        t->batch[i] = (struct job){.candidate = candidate, .trial = &trials[i]};
    run_batch(t, false);
    *ret_ran = 0;
    for (i = 0; i < count; i++) {
        *ret_ran += t->batch[i].ended && !trials[i].broken;
        same += trials[i].same;
        trial_release(&trials[i]);
    }
    close_batch(t);
    mem_free(trials);
    return same;
}

int trials_record(struct trials *t, struct trial *ret_trial, struct err *err)
{
    struct trial trial = {.same = false};
    int64_t began_ns = clock_real_ns();
    int64_t took_ns;

    open_batch(t, 1);
    t->batch[0] = (struct job){.trial = &trial};
    run_batch(t, false);
    close_batch(t);
    took_ns = clock_real_ns() - began_ns;
    t->patience_ns = SLOWNESS_MAX * took_ns > 5 * SECOND ? SLOWNESS_MAX * took_ns : 5 * SECOND;
    if (!trial.broken) {
        *ret_trial = trial;
        return 0;
    }
    err_set(err, ERR_INPUT, "%s",
            trial.sentence != NULL ? trial.sentence : "it was stopped before it had a verdict");
    trial_release(&trial);
    return trials_over(t) ? ERR_STOPPED : ERR_INPUT;
}
