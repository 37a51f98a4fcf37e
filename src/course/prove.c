/* The pieces of work are numbered: first the tasks, each graded with the reference on all seeds,
 * then the mistakes. Each runs in a worker of a pool with no more than one run at a time inside, so
 * that as many go on as there are jobs, and long gradings begin first.
 *
 *     ref/ + kit  --copy--> DIR/ref --build--> node            once, before the pool
 *     ref/ + kit  --copy--> DIR/objects --build--> *.o         likewise
 *     DIR/objects --copy, patch--> DIR/NAME --build--> node    in each mistake's worker
 *
 * What an author got wrong (a patch that does not apply, a scenario that is broken) is a text in
 * the result, so that one fault does not hide the others. */
#include "prove.h"

#include "../base/clock.h"
#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../cage/cage.h"
#include "../run/pool.h"
#include "build.h"
#include "command.h"
#include "grade.h"
#include "language.h"
#include "mistake.h"
#include "plant.h"
#include "track.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { COPY_SECONDS_MAX = 60 };

struct proof {
    const struct prove_config *config;
    struct prove_result *result;
    uint32_t done_count;
    int status;
    struct err *err;
};

/* ---- building ---- */

/* Mistakes differ from the reference in a file or two, and compiling all others anew for each was a
 * fifth of all the time: so they begin as copies of a folder that has the objects, with their
 * times, and make compiles what the patch has touched. Without the optimiser, since a mistake runs
 * but a few times; the reference itself is built just as learners' programs are. */
static const char makefile[] =
    "CFLAGS := -std=c17 -g -Wall -Wextra -D_GNU_SOURCE -I. -Ikit -MMD\n"
    "node: $(patsubst %.c,%.o,$(wildcard *.c kit/*.c))\n"
    "\tcc -o $@ $^ -lm -lpthread -Wl,--as-needed -ljansson -lssl -lcrypto\n"
    "-include $(wildcard *.d kit/*.d)\n";

/* Builds DIR/NAME; *ret_text is why it does not build, or NULL. line: NULL for that of C. */
static int build(const struct prove_config *c, const char *dir, const char *line, char **ret_text,
                 struct err *err)
{
    const struct language *found = NULL;
    struct build_result result = {0};
    struct buf out = {0};
    int status = languages_find(c->languages, "c", &found, err);
    struct language language = status == 0 ? *found : (struct language){0};
    struct build b = {.language = &language, .dir = dir};

    buf_addf(&out, "%s/node", dir);
    b.out = out.data;
    if (status == 0 && line != NULL)
        language.build = (char *)line;
    if (status == 0)
        status = build_run(&b, &result, err);
    if (status == 0)
        *ret_text = result.built ? NULL : mem_strdup(result.text);
    build_result_release(&result);
    buf_release(&out);
    return status;
}

static int build_quickly(const struct prove_config *c, const char *dir, char **ret_text,
                         struct err *err)
{
    return build(c, dir, "make -s", ret_text, err);
}

/* The reference in DIR/ref, and the folder DIR/objects that mistakes are copies of. */
static int build_reference(const struct prove_config *c, char **ret_text, struct err *err)
{
    struct buf ref = {0}, dir = {0}, objects = {0}, rules = {0};
    int status;

    buf_addf(&ref, "%s/ref", c->track->dir);
    buf_addf(&dir, "%s/ref", c->dir);
    buf_addf(&objects, "%s/objects", c->dir);
    buf_addf(&rules, "%s/Makefile", objects.data);
    status = build_copy_reference(ref.data, c->languages, dir.data, err);
    if (status == 0)
        status = build(c, dir.data, NULL, ret_text, err);
    if (status == 0 && *ret_text == NULL && c->mistakes->count > 0) {
        status = build_copy_reference(ref.data, c->languages, objects.data, err);
        if (status == 0)
            status = file_write(rules.data, str_of(makefile), err);
        if (status == 0)
            status = build_quickly(c, objects.data, ret_text, err);
    }
    buf_release(&ref);
    buf_release(&dir);
    buf_release(&objects);
    buf_release(&rules);
    return status;
}

static int copy_objects(const struct prove_config *c, const char *name, struct err *err)
{
    struct command_result r = {0};
    struct buf shell = {0};
    struct command command = {
        .dir = c->dir, .limit_ns = COPY_SECONDS_MAX * (int64_t)1000000000, .output_max = 1000};
    int status;

    buf_addf(&shell, "cp -a objects '%s'", name);
    command.shell = shell.data;
    status = command_run(&command, &r, err);
    if (status == 0 && (r.code != 0 || r.timed_out))
        status = err_set(err, ERR_MACHINE, "%s: the reference's objects could not be copied: %.*s",
                         c->dir, STR_ARG(buf_str(&r.output)));
    command_result_release(&r);
    buf_release(&shell);
    return status;
}

static int build_mistake(const struct prove_config *c, const char *name,
                         const struct mistake *mistake, char **ret_text, struct err *err)
{
    struct buf dir = {0};
    int status = copy_objects(c, name, err);

    buf_addf(&dir, "%s/%s", c->dir, name);
    if (status == 0 && !PLANTED(5))
        status = mistake_apply(mistake, dir.data, err);
    if (status == 0)
        status = build_quickly(c, dir.data, ret_text, err);
    buf_release(&dir);
    return status;
}

/* ---- in a worker ---- */

static int grade(const struct prove_config *c, const char *name, const struct task *task,
                 enum grade_order order, struct grade_result *ret_result, struct err *err)
{
    struct buf program = {0};
    struct buf dir = {0};
    struct grade_config config = {
        .task = task,
        .seeds = c->seeds,
        .jobs = 1,
        .order = order,
    };
    int status;

    buf_addf(&program, "%s/%s/node", c->dir, name);
    buf_addf(&dir, "%s/runs-%s-%s", c->dir, task->name, name);
    config.program = program.data;
    config.dir = dir.data;
    status = file_mkdirs(dir.data, err);
    if (status == 0)
        status = grade_run(&config, ret_result, err);
    buf_release(&program);
    buf_release(&dir);
    return status;
}

static const char *text_at(const json_t *o, const char *key)
{
    const char *text = json_string_value(json_object_get(o, key));

    return text != NULL ? text : "";
}

/* A failure in one line. */
static json_t *failure_text(const struct grade_failure *f)
{
    return json_sprintf("seed %" PRIu64 ": failed in the step \"%s\"%s%s: %s: expected %s, saw %s",
                        f->seed, f->step, f->part[0] != '\0' ? " of the part " : "", f->part,
                        text_at(f->failure, "what"), text_at(f->failure, "expected"),
                        text_at(f->failure, "seen"));
}

static int prove_task(const struct proof *p, const struct task *task, json_t *out, struct err *err)
{
    struct grade_result r = {0};
    int status = grade(p->config, "ref", task, GRADE_BY_PART, &r, err);

    if (status < 0)
        return status;
    json_object_set_new(out, "seeds", json_integer(r.seeds_passed));
    if (!r.passed)
        json_object_set_new(out, "text", failure_text(&r.failure));
    grade_result_release(&r);
    return 0;
}

/* Whether it failed where it should, in words if not. */
static void judge(const struct prove_config *c, const struct mistake *m,
                  const struct grade_result *r, json_t *out)
{
    json_t *why;

    if (!r->passed && (strcmp(r->failure.step, m->step) == 0 || PLANTED(3))) {
        json_object_set_new(out, "seed", json_integer((json_int_t)r->failure.seed));
        return;
    }
    why = r->passed ? json_sprintf("it passes all steps on %u seeds, and should fail in \"%s\"",
                                   c->seeds, m->step)
                    : failure_text(&r->failure);
    if (!r->passed)
        json_object_set_new(
            out, "text",
            json_sprintf("it should fail in \"%s\"; %s", m->step, json_string_value(why)));
    else
        json_object_set(out, "text", why);
    json_decref(why);
}

static int prove_mistake(const struct proof *p, const struct mistake *m, json_t *out,
                         struct err *err)
{
    const struct prove_config *c = p->config;
    struct grade_result r = {0};
    struct buf name = {0};
    char *text = NULL;
    int status;

    buf_addf(&name, "mistake-%s", m->name);
    status = build_mistake(c, name.data, m, &text, err);
    if (status == 0 && text != NULL) {
        json_object_set_new(out, "text",
                            json_sprintf("the patched reference does not build:\n%s", text));
    } else if (status == 0) {
        status = grade(c, name.data, track_task(c->track, m->task), GRADE_BY_SEED, &r, err);
        if (status == 0)
            judge(c, m, &r, out);
        grade_result_release(&r);
    }
    mem_free(text);
    buf_release(&name);
    return status;
}

static void work(void *owner, uint64_t index, struct buf *out)
{
    const struct proof *p = owner;
    json_t *all = json_object();
    struct err err = {.text = ""};
    int64_t began = clock_real_ns();
    char *text;
    int status;

    if (index < p->result->reference_count)
        status = prove_task(p, p->result->references[index].task, all, &err);
    else
        status = prove_mistake(p, p->result->mistakes[index - p->result->reference_count].mistake,
                               all, &err);
    if (status == ERR_INPUT) /* the author's: a text like any other */
        json_object_set_new(all, "text", json_string(err.text));
    else if (status < 0) {
        json_object_set_new(all, "status", json_integer(status));
        json_object_set_new(all, "error", json_string(err.text));
    }
    json_object_set_new(all, "took", json_integer(clock_real_ns() - began));
    text = json_dumps(all, JSON_COMPACT);
    if (text != NULL)
        buf_add_text(out, text);
    free(text);
    json_decref(all);
}

/* ---- what they found ---- */

static void take_reference(const struct prove_config *c, struct prove_reference *r, const json_t *o)
{
    const json_t *text = json_object_get(o, "text");

    r->done = json_object_get(o, "seeds") != NULL;
    r->seeds_passed = (uint32_t)json_integer_value(json_object_get(o, "seeds"));
    if ((text != NULL || r->seeds_passed != c->seeds) && !PLANTED(6))
        r->text = mem_strdup(text != NULL ? json_string_value(text) : "not all seeds were graded");
    r->took_ns = json_integer_value(json_object_get(o, "took"));
}

static void take_mistake(struct prove_mistake *m, const json_t *o)
{
    const json_t *seed = json_object_get(o, "seed");

    m->caught = seed != NULL || PLANTED(4);
    m->seed = (uint64_t)json_integer_value(seed);
    if (!m->caught)
        m->text = mem_strdup(text_at(o, "text"));
    m->took_ns = json_integer_value(json_object_get(o, "took"));
}

static enum pool_next done(void *owner, uint64_t index, struct str text, const char *how)
{
    struct proof *p = owner;
    struct prove_result *r = p->result;
    json_t *o = json_loadb(text.len > 0 ? text.data : "", text.len, JSON_ALLOW_NUL, NULL);
    enum pool_next next = POOL_GO_ON;

    p->done_count++;
    if (o == NULL && !cage_stop_asked()) {
        next = POOL_STOP;
        if (p->status == 0)
            p->status = err_set(p->err, ERR_MACHINE, "a process ended by %s",
                                how != NULL ? how : "giving no result");
    } else if (o != NULL && json_object_get(o, "status") != NULL) {
        next = POOL_STOP;
        if (p->status == 0)
            p->status = err_set(p->err, (int)json_integer_value(json_object_get(o, "status")), "%s",
                                text_at(o, "error"));
    } else if (o != NULL && index < r->reference_count) {
        take_reference(p->config, &r->references[index], o);
    } else if (o != NULL) {
        take_mistake(&r->mistakes[index - r->reference_count], o);
    }
    json_decref(o);
    return next;
}

static void tick(void *owner)
{
    const struct proof *p = owner;
    const struct prove_result *r = p->result;

    if (p->config->progress != NULL)
        p->config->progress(p->config->owner, p->done_count, r->reference_count + r->mistake_count);
}

/* ---- the whole ---- */

static void list_work(const struct prove_config *c, struct prove_result *r)
{
    const struct track *t = c->track;
    uint32_t i;

    r->references = mem_zalloc(t->task_count * sizeof(*r->references));
    r->mistakes = mem_zalloc(c->mistakes->count * sizeof(*r->mistakes));
    for (i = 0; i < t->task_count; i++)
        if (c->only == NULL || c->only == &t->tasks[i])
            r->references[r->reference_count++].task = &t->tasks[i];
    for (i = 0; i < c->mistakes->count; i++) {
        const struct task *task = track_task(t, c->mistakes->list[i].task);
        if (task != NULL && (c->only == NULL || c->only == task))
            r->mistakes[r->mistake_count++].mistake = &c->mistakes->list[i];
    }
}

static int run_all(struct proof *p, struct err *err)
{
    const struct prove_result *r = p->result;
    struct pool_config pool = {
        .count = r->reference_count + r->mistake_count,
        .jobs = p->config->jobs,
        .pin = p->config->jobs > 1,
        .owner = p,
        .work = work,
        .done = done,
        .tick = tick,
    };
    bool stopped = false;
    int status = pool_run(&pool, &stopped, err);

    if (status == 0)
        status = p->status;
    if (status == 0 && stopped)
        status = err_set(err, ERR_STOPPED, "stopped by a signal");
    return status;
}

int prove_run(const struct prove_config *config, struct prove_result *ret_result, struct err *err)
{
    struct prove_result result = {0};
    struct proof p = {.config = config, .result = &result, .err = err};
    int64_t began = clock_real_ns();
    int status = build_reference(config, &result.build_text, err);

    if (status == ERR_INPUT) { /* no reference, or a kit file that is not there */
        result.build_text = mem_strdup(err->text);
        status = 0;
    }
    if (status == 0 && result.build_text == NULL) {
        list_work(config, &result);
        status = run_all(&p, err);
    }
    result.took_ns = clock_real_ns() - began;
    if (status < 0)
        prove_result_release(&result);
    else
        *ret_result = result;
    return status;
}

void prove_result_release(struct prove_result *r)
{
    uint32_t i;

    for (i = 0; i < r->reference_count; i++)
        mem_free(r->references[i].text);
    for (i = 0; i < r->mistake_count; i++)
        mem_free(r->mistakes[i].text);
    mem_free(r->references);
    mem_free(r->mistakes);
    mem_free(r->build_text);
    *r = (struct prove_result){0};
}
