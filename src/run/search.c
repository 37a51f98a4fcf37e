/* Each seed is a piece of work of a pool (pool.h): its worker gives one JSON object, which says how
 * the run went; runs that a signal ended do not count.
 *
 * That no cas of a run met the value it expects is bad luck, or a program that cannot do it. One
 * run cannot tell, many can: such a run waits until all are done. If the functions that never
 * succeeded in it succeeded in others, it is valid; else it stays unknown. */
#include "search.h"

#include "../base/clock.h"
#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"
#include "../cage/cage.h"
#include "pool.h"
#include "run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef PLANT_SEARCH
#define PLANT_SEARCH 0 /* tests/planted/search.sh */
#endif

/* A run that only its statistics hold something against. */
struct waiting {
    struct failure failure; /* its texts are owned by what it was read from */
    json_t *outcome;
};

struct search {
    const struct search_config *config;
    struct search_result *result;
    json_t *worked; /* names of functions that succeeded in some run, each with true */
    struct waiting *waiting;
    size_t waiting_count, waiting_cap;
    int64_t began_ns;
    int status;
    struct err *err;
};

/* ---- in a worker ---- */

static bool only_luck(const struct run_result *r)
{
    bool luck = r->valid == VALID_UNKNOWN && r->stats.valid != VALID_TRUE && !r->stopped &&
                r->blame == NULL && r->availability.valid == VALID_TRUE;
    uint32_t i;

    for (i = 0; i < r->check_count; i++)
        luck = luck && r->checks[i].verdict.valid == VALID_TRUE;
    return luck;
}

/* Functions that succeeded in the run, and those that did not although they had to. */
static void add_functions(const struct run_result *r, json_t *outcome)
{
    json_t *worked = json_array(), *idle = json_array();
    const char *name;
    json_t *tally;

    json_object_foreach(json_object_get(r->stats.details, "by-f"), name, tally)
    {
        if (json_integer_value(json_object_get(tally, "ok-count")) > 0)
            json_array_append_new(worked, json_string(name));
        else if (!json_is_true(json_object_get(tally, "valid?")))
            json_array_append_new(idle, json_string(name));
    }
    json_object_set_new(outcome, "worked", worked);
    json_object_set_new(outcome, "idle", idle);
    json_object_set_new(outcome, "luck", json_boolean(only_luck(r)));
}

static char *outcome_text(int status, const struct run_result *r, const struct buf *kind,
                          const struct err *err)
{
    json_t *all;
    char *text;

    if (status < 0)
        all = json_pack("{s:i, s:s}", "status", status, "error", err->text);
    else
        all = json_pack("{s:i, s:i, s:b, s:s, s:s, s:I, s:I, s:s}", "status", 0, "valid",
                        (int)r->valid, "stopped", (int)r->stopped, "kind",
                        kind->len > 0 ? kind->data : "", "sentence",
                        r->sentence != NULL ? r->sentence : "", "end", (json_int_t)r->end_ns,
                        "messages", (json_int_t)r->net.all.messages, "digest", r->journal_digest);
    if (status == 0)
        add_functions(r, all);
    text = json_dumps(all, JSON_COMPACT); /* NULL: a text is not UTF-8 */
    json_decref(all);
    return text;
}

static void work(void *owner, uint64_t index, struct buf *out)
{
    const struct search *s = owner;
    const struct search_config *c = s->config;
    uint64_t seed = c->first_seed + index;
    struct run_result *result = NULL;
    struct buf dir = {0};
    struct buf kind = {0};
    struct err err = {.text = ""};
    struct err ignored;
    char *text;
    int status;

    buf_addf(&dir, "%s/%" PRIu64, c->dir, seed);
    status = file_mkdirs(dir.data, &err);
    if (status == 0)
        status = c->run(c->owner, seed, dir.data, &result, &kind, &err);
    text = outcome_text(status, result, &kind, &err);
    file_remove_tree(dir.data, &ignored);
    if (text != NULL)
        buf_add_text(out, text);
    free(text);
    run_result_free(result);
    buf_release(&dir);
    buf_release(&kind);
}

/* ---- what they found ---- */

static enum pool_next fail(struct search *s, int status, const char *format, uint64_t seed,
                           const char *what)
{
    if (s->status == 0)
        s->status = err_set(s->err, status, format, seed, what);
    return POOL_STOP;
}

static void wait_for_others(struct search *s, const struct failure *f, json_t *outcome)
{
    s->waiting = mem_grow(s->waiting, &s->waiting_cap, s->waiting_count + 1, sizeof(*s->waiting));
    s->waiting[s->waiting_count++] = (struct waiting){*f, json_incref(outcome)};
}

/* After the last run. */
static void settle(struct search *s)
{
    struct search_progress *p = &s->result->progress;
    size_t i, k;

    for (i = 0; i < s->waiting_count; i++) {
        const struct waiting *w = &s->waiting[i];
        const json_t *idle = json_object_get(w->outcome, "idle");
        bool excused = true;
        const json_t *name;

        json_array_foreach(idle, k, name) excused =
            excused && json_object_get(s->worked, json_string_value(name)) != NULL;
        p->unknown -= excused;
        p->valid += excused;
        if (!excused)
            failure_groups_add(&s->result->failures, &w->failure);
    }
}

static void release_waiting(struct search *s)
{
    size_t i;

    for (i = 0; i < s->waiting_count; i++)
        json_decref(s->waiting[i].outcome);
    mem_free(s->waiting);
    json_decref(s->worked);
}

static enum pool_next count_run(struct search *s, uint64_t seed, json_t *o)
{
    struct search_progress *p = &s->result->progress;
    enum valid valid = (enum valid)json_integer_value(json_object_get(o, "valid"));
    struct failure f = {
        .seed = PLANT_SEARCH == 3 ? seed + 1 : seed,
        .valid = valid,
        .kind = json_string_value(json_object_get(o, "kind")),
        .sentence = json_string_value(json_object_get(o, "sentence")),
    };
    const json_t *name;
    size_t i;

    json_array_foreach(json_object_get(o, "worked"), i, name)
        json_object_set_new(s->worked, json_string_value(name), json_true());
    p->done++;
    p->valid += valid == VALID_TRUE;
    p->invalid += valid == VALID_FALSE;
    p->unknown += valid == VALID_UNKNOWN;
    p->virtual_ns += json_integer_value(json_object_get(o, "end"));
    p->message_count += (uint64_t)json_integer_value(json_object_get(o, "messages"));
    if (valid == VALID_TRUE)
        return POOL_GO_ON;
    snprintf(f.digest, sizeof(f.digest), "%s", json_string_value(json_object_get(o, "digest")));
    if (json_is_true(json_object_get(o, "luck")))
        wait_for_others(s, &f, o);
    else
        failure_groups_add(&s->result->failures, &f);
    return !s->config->keep_going && valid == VALID_FALSE ? POOL_NO_MORE : POOL_GO_ON;
}

/* A worker that gave nothing after a Ctrl-C was cut short by it, and is no failure. */
static enum pool_next done(void *owner, uint64_t index, struct str text, const char *how)
{
    struct search *s = owner;
    uint64_t seed = s->config->first_seed + index;
    json_t *o = json_loadb(text.len > 0 ? text.data : "", text.len, 0, NULL);
    enum pool_next next = POOL_GO_ON;

    if (o == NULL && !cage_stop_asked())
        next = fail(s, ERR_MACHINE, "seed %" PRIu64 ": its process ended without a result, by %s",
                    seed, how != NULL ? how : "a broken text");
    else if (o != NULL && json_integer_value(json_object_get(o, "status")) < 0)
        next = fail(s, (int)json_integer_value(json_object_get(o, "status")),
                    "seed %" PRIu64 ": %s", seed, json_string_value(json_object_get(o, "error")));
    else if (o != NULL && !json_is_true(json_object_get(o, "stopped")))
        next = count_run(s, seed, o);
    json_decref(o);
    return next;
}

static void tell(void *owner)
{
    struct search *s = owner;
    struct search_progress *p = &s->result->progress;

    p->elapsed_ns = clock_real_ns() - s->began_ns;
    if (s->config->progress != NULL)
        s->config->progress(s->config->owner, p);
}

uint32_t search_processors(void)
{
    return pool_processors();
}

int search_run(const struct search_config *config, struct search_result *ret_result,
               struct err *err)
{
    struct search_result result = {.progress = {.count = config->count}};
    struct search s = {
        .config = config,
        .result = &result,
        .worked = json_object(),
        .began_ns = clock_real_ns(),
        .err = err,
    };
    struct pool_config pool = {
        .count = config->count,
        .jobs = config->jobs,
        .pin = config->pin,
        .owner = &s,
        .work = work,
        .done = done,
        .tick = tell,
    };
    int status = pool_run(&pool, &result.stopped, err);

    if (status == 0)
        status = s.status;
    settle(&s);
    release_waiting(&s);
    if (status < 0)
        search_result_release(&result);
    else
        *ret_result = result;
    return status;
}

void search_result_release(struct search_result *r)
{
    failure_groups_release(&r->failures);
}
