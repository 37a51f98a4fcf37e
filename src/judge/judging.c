#include "judging.h"

#include "../base/clock.h"
#include "../base/err.h"
#include "../base/file.h"
#include "../course/grade.h"
#include "../course/grade_json.h"
#include "../course/track.h"
#include "compile.h"
#include "judging_parts.h"
#include "plant.h"
#include "submission.h"
#include "workshop.h"

#include <inttypes.h>

/* One submission on its way. */
struct hearing {
    const struct judging *judging;
    const struct submission *submission;
    const struct bench *bench;
    const struct task *task;
    struct compile_result compiled;
    struct grade_result graded;
    bool was_graded;
    int64_t began_ns, cpu_began_ns;
    uint32_t told_done;
};

/* ---- events ---- */

/* Takes event. */
static void say(const struct hearing *c, json_t *event)
{
    judging_say(c->judging->voice, c->judging->owner, event);
}

static void heard_run(void *owner, uint64_t seed, const char *part, const json_t *steps)
{
    const struct hearing *c = owner;
    size_t i;

    for (i = 0; i < json_array_size(steps); i++) {
        const json_t *step = json_array_get(steps, i);
        say(c, json_pack("{s:s, s:I, s:s, s:s*, s:b}", "event", "step", "seed", (json_int_t)seed,
                         "part", part, "name", json_string_value(json_object_get(step, "name")),
                         "passed", json_is_true(json_object_get(step, "passed"))));
    }
}

static void heard_progress(void *owner, uint32_t done, uint32_t count)
{
    struct hearing *c = owner;

    if (done == c->told_done)
        return;
    c->told_done = done;
    say(c, json_pack("{s:s, s:i, s:i}", "event", "progress", "done", (int)done, "of", (int)count));
}

/* ---- the result ---- */

static json_t *head(const struct submission *s, const char *verdict, const char *sentence)
{
    bool named = s != NULL && s->track != NULL && s->task != NULL && s->language != NULL;

    return json_pack("{s:s, s:s, s:s, s:s, s:s}", "verdict", verdict, "sentence", sentence, "track",
                     named ? s->track : "", "task", named ? s->task : "", "language",
                     named ? s->language : "");
}

json_t *judging_refused(const struct submission *s, const char *why)
{
    return head(s, PLANTED(6) ? "failed" : "not judged", why);
}

static void sentence_of(const struct hearing *c, struct buf *out)
{
    buf_add_text(out, "");
    if (!c->compiled.built) {
        judging_build_sentence(&c->compiled, out);
    } else {
        grade_sentence(&c->graded, out);
    }
}

static json_t *result_of(const struct hearing *c)
{
    bool passed = c->was_graded && c->graded.passed;
    struct buf sentence = {0};
    json_t *all, *graded;

    sentence_of(c, &sentence);
    all = head(c->submission, passed ? "passed" : "failed",
               sentence.data != NULL ? sentence.data : "");
    buf_release(&sentence);
    json_object_set_new(all, "tools", json_string(c->bench->toolchain.version));
    json_object_set_new(all, "sandbox",
                        json_string(sandbox_level_name(c->judging->workshop->level)));
    json_object_set_new(all, "build", judging_build_json(&c->compiled));
    if (c->compiled.stop.limit != SANDBOX_LIMIT_NONE)
        json_object_set_new(all, "limit", judging_limit_json(&c->compiled.stop));
    if (c->was_graded) {
        graded = grade_json(&c->graded);
        json_object_del(graded, "passed");
        json_object_update_missing(all, graded);
        json_decref(graded);
    }
    if (json_object_get(all, "seed") == NULL) /* not the one that failed: the first */
        json_object_set_new(all, "seed", json_integer((json_int_t)c->submission->seed));
    if (c->graded.kept)
        json_object_set_new(all, "report", judging_report_json(c->judging->report));
    json_object_set_new(all, "cost", judging_cost_json(c->began_ns, c->cpu_began_ns));
    return all;
}

/* ---- grading ---- */

static void add_command(void *owner, uint64_t seed, struct buf *out)
{
    const struct hearing *c = owner;

    buf_addf(out, "eddy learn check %s --seed %" PRIu64 " --seeds 1", c->task->slug, seed);
}

static int grade(struct hearing *c, struct err *err)
{
    const struct judging *j = c->judging;
    struct sandbox_spec spec = judging_node_spec(j->workshop, c->bench);
    struct buf program = {0}, runs = {0};
    struct grade_config config = {
        .task = c->task,
        .first_seed = c->submission->seed,
        .seeds = c->submission->seeds,
        .jobs = j->jobs,
        .sandbox = spec.level == SANDBOX_OFF ? NULL : &spec,
        .keep = j->report,
        .owner = c,
        .command = add_command,
        .progress = heard_progress,
        .seen = heard_run,
    };
    int status;

    buf_addf(&program, "%s/out/node", j->folder);
    buf_addf(&runs, "%s/runs", j->folder);
    config.program = program.data;
    config.dir = runs.data;
    status = file_mkdirs(runs.data, err);
    if (status == 0)
        status = grade_run(&config, &c->graded, err);
    c->was_graded = status == 0;
    buf_release(&program);
    buf_release(&runs);
    return status;
}

/* ---- the way of a submission ---- */

/* What it is about. ERR_INPUT: there is no such thing, wherever it is judged. */
static int find(struct hearing *c, struct err *err)
{
    const struct workshop *w = c->judging->workshop;
    const struct submission *s = c->submission;
    const struct track *track = NULL;
    int status = course_find_track(w->course, s->track, &track, err);

    if (status == 0)
        status = track_find_task(track, s->task, &c->task, err);
    if (status == 0)
        status = workshop_bench(w, s->language, &c->bench, err);
    return status;
}

static int build(struct hearing *c, struct err *err)
{
    const struct judging *j = c->judging;
    int status;

    say(c, json_pack("{s:s}", "event", "building"));
    status = compile_submission(j->workshop, c->bench, c->submission, j->folder, &c->compiled, err);
    if (status == 0)
        say(c, json_pack("{s:s, s:b, s:b}", "event", "built", "built", (int)c->compiled.built,
                         "cached", (int)c->compiled.cached));
    return status;
}

/* A machine's refusal stays a status; what nobody can judge is a result. */
static int conclude(const struct hearing *c, int status, json_t **ret_result, struct err *err)
{
    json_t *result;

    if (status == ERR_MACHINE || status == ERR_STOPPED) {
        if (!PLANTED(6))
            return status;
    }
    result = status < 0 ? judging_refused(c->submission, err->text) : result_of(c);
    say(c,
        json_pack("{s:s, s:O}", "event", "verdict", "verdict", json_object_get(result, "verdict")));
    *ret_result = result;
    return 0;
}

int submission_judge(const struct judging *j, json_t **ret_result, struct err *err)
{
    struct hearing c = {
        .judging = j,
        .submission = j->submission,
        .began_ns = clock_real_ns(),
        .cpu_began_ns = judging_cpu_ns(),
    };
    int status = find(&c, err);

    if (status == 0)
        status = build(&c, err);
    if (status == 0 && c.compiled.built)
        status = grade(&c, err);
    status = conclude(&c, status, ret_result, err);
    compile_result_release(&c.compiled);
    grade_result_release(&c.graded);
    return status;
}
