/* What can hold the machine up, and what ends it:
 *
 *     the compiler            the limits of the language's table (compile.c)
 *     memory of the nodes     PLAY_MEMORY_MIB over all, so much a node
 *     a node that hangs       the cage blames it
 *     a run that goes on and on   heard(): messages; asked after every round of the run's loop
 *     a run that takes its time   a timer, since the loop waits as long as a node computes
 *     the checkers            operations, by rate and time limit, before anything begins
 *     anything else           the worker's patience with a job
 *
 * Real time is no part of the run: it only decides whether there is more of it. A run that was
 * stopped so is not judged, since a faster machine might have seen its end. */
#include "playing.h"

#include "../base/clock.h"
#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"
#include "../base/version.h"
#include "../report/evidence.h"
#include "../report/run_files.h"
#include "../run/test_config.h"
#include "../run/test_words.h"
#include "compile.h"
#include "judging_parts.h"
#include "plant.h"
#include "play.h"
#include "workshop.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

enum { TELL_MS = 250 };

static const int64_t MS = 1000000, SECOND = 1000000000;

enum stopped { STOPPED_NOT, STOPPED_TIME, STOPPED_MESSAGES };

/* One run on its way. */
struct scene {
    const struct playing *playing;
    const struct bench *bench;
    struct play_setting setting;
    struct compile_result compiled;
    uint64_t seed;
    struct buf command;
    timer_t timer;
    enum stopped stopped;
    struct run_moment last;
    json_t *results; /* as `eddy test` writes them; NULL: it has not run */
    int64_t began_ns, cpu_began_ns;
    int64_t run_began_ns, told_ns; /* real time */
};

static void say(const struct scene *s, json_t *event)
{
    judging_say(s->playing->voice, s->playing->owner, event);
}

/* ---- the result ---- */

static json_t *options_json(const struct play *p)
{
    json_t *all = json_object();
    int i;

    for (i = 0; i < PLAY_OPTION_COUNT; i++)
        if (play_option_is_for(&play_options[i], p->workload))
            json_object_set_new(all, play_options[i].name, json_string(play_value(p, i)));
    return all;
}

static json_t *head(const struct play *p, const char *verdict, json_t *sentence)
{
    return json_pack("{s:s, s:o, s:s, s:s, s:o, s:s}", "verdict", verdict, "sentence", sentence,
                     "workload", p->workload, "language", p->program.language, "options",
                     options_json(p), "eddy", EDDY_VERSION);
}

static json_t *text_json(const struct buf *text)
{
    json_t *value = json_stringn(text->data != NULL ? text->data : "", text->len);

    return value != NULL ? value : json_string("");
}

static json_t *member(const json_t *of, const char *key)
{
    json_t *value = json_object_get(of, key);

    return value != NULL ? json_incref(value) : json_null();
}

static json_t *sentence_json(const struct scene *s)
{
    struct buf text = {0};
    json_t *value;

    if (s->results == NULL) {
        judging_build_sentence(&s->compiled, &text);
        value = text_json(&text);
        buf_release(&text);
        return value;
    }
    value = json_object_get(s->results, "sentence");
    return json_is_string(value) ? json_incref(value) : json_string("");
}

static json_t *evidence_json(const struct scene *s)
{
    const char *said = json_string_value(json_object_get(s->results, "sentence"));
    json_t *lines = json_array();
    struct buf text = {0};
    size_t at = 0;

    if (!json_is_true(json_object_get(s->results, "valid?")))
        evidence_text(json_object_get(s->results, "workload"), said, &text);
    while (at < text.len) {
        size_t len = strcspn(text.data + at, "\n");
        bool cut = strncmp(text.data + at, EVIDENCE_CUT, len) == 0 && len > 0;
        json_t *line =
            cut ? json_string("  ... the report has the rest") : json_stringn(text.data + at, len);
        if (line != NULL)
            json_array_append_new(lines, line);
        at += len + 1;
    }
    buf_release(&text);
    return lines;
}

static void add_run(const struct scene *s, json_t *all)
{
    const json_t *run = json_object_get(s->results, "run");
    struct buf folder = {0};

    buf_addf(&folder, "%s/run", s->playing->folder);
    json_object_set_new(all, "valid", member(s->results, "valid?"));
    json_object_set_new(all, "seed", json_integer((json_int_t)s->seed));
    json_object_set_new(all, "command", text_json(&s->command));
    json_object_set_new(all, "end-ns", member(run, "end-ns"));
    json_object_set_new(all, "notes", member(run, "notes"));
    json_object_set_new(all, "limit", member(run, "limit"));
    json_object_set_new(all, "statistics",
                        json_pack("{s:o, s:o, s:o, s:o}", "operations", member(s->results, "stats"),
                                  "availability", member(s->results, "availability"), "messages",
                                  member(s->results, "net"), "latencies",
                                  member(json_object_get(s->results, "perf"), "latencies")));
    json_object_set_new(all, "checks", member(s->results, "workload"));
    json_object_set_new(all, "evidence", evidence_json(s));
    json_object_set_new(all, "report", judging_report_json(folder.data));
    buf_release(&folder);
}

static const char *verdict_of(const struct scene *s)
{
    const json_t *valid = json_object_get(s->results, "valid?");

    if (s->results == NULL || json_is_false(valid))
        return "failed";
    return json_is_true(valid) ? "passed" : "not judged";
}

static json_t *result_of(const struct scene *s)
{
    json_t *all = head(s->playing->play, verdict_of(s), sentence_json(s));

    json_object_set_new(all, "tools", json_string(s->bench->toolchain.version));
    json_object_set_new(all, "sandbox",
                        json_string(sandbox_level_name(s->playing->workshop->level)));
    json_object_set_new(all, "build", judging_build_json(&s->compiled));
    if (s->compiled.stop.limit != SANDBOX_LIMIT_NONE)
        json_object_set_new(all, "limit", judging_limit_json(&s->compiled.stop));
    if (s->results != NULL)
        add_run(s, all);
    json_object_set_new(all, "cost", judging_cost_json(s->began_ns, s->cpu_began_ns));
    return all;
}

/* ---- the run ---- */

static void tell(struct scene *s, const struct run_moment *m)
{
    say(s, json_pack("{s:s, s:I, s:I, s:I, s:I}", "event", "running", "virtual-ns",
                     (json_int_t)m->now_ns, "of-ns",
                     (json_int_t)(s->setting.options.time_limit * (double)SECOND), "events",
                     (json_int_t)m->event_count, "messages", (json_int_t)m->message_count));
}

static bool heard(void *owner, const struct run_moment *m)
{
    struct scene *s = owner;
    uint64_t messages_max = s->playing->messages_max;
    int64_t now_ns = clock_real_ns();

    s->last = *m;
    if (now_ns - s->told_ns >= TELL_MS * MS) {
        s->told_ns = now_ns;
        tell(s, m);
    }
    if (m->message_count > (messages_max > 0 ? messages_max : PLAY_MESSAGES_MAX) && !PLANTED(9))
        s->stopped = STOPPED_MESSAGES;
    return s->stopped == STOPPED_NOT;
}

static int64_t real_ms_max(const struct scene *s)
{
    return s->playing->real_ms_max > 0 ? s->playing->real_ms_max : PLAY_REAL_SECONDS_MAX * 1000;
}

/* The handler of signals is cage's; it ends the run as Ctrl-C would. */
static int set_timer(struct scene *s, struct err *err)
{
    int64_t ms = real_ms_max(s);
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGTERM};
    struct itimerspec when = {.it_value = {ms / 1000, ms % 1000 * MS}};

    cage_stop_signals();
    if (timer_create(CLOCK_MONOTONIC, &event, &s->timer) < 0)
        return err_set_errno(err, ERR_MACHINE, "no timer for a run");
    if (!PLANTED(11))
        timer_settime(s->timer, 0, &when, NULL);
    return 0;
}

static char *stopped_text(const struct scene *s)
{
    struct buf text = {0};

    buf_addf(&text, "the run was stopped at %.1f s of its own time: ",
             (double)s->last.now_ns / (double)SECOND);
    if (s->stopped == STOPPED_TIME)
        buf_addf(&text, "it had taken %.3g s of real time", (double)real_ms_max(s) / 1000);
    else
        buf_addf(&text, "it had sent %llu messages", (unsigned long long)s->last.message_count);
    buf_add_text(&text, ", as much as a run may here. Fewer nodes, a smaller rate or less time "
                        "end sooner; at home nothing stops it");
    return buf_take(&text);
}

/* Nobody knows what a run that was stopped would have come to, unless a node had broken a promise
 * before. ERR_STOPPED: it was not we who stopped it. */
static int take_stop(struct scene *s, struct run_result *result, struct err *err)
{
    if (!result->stopped)
        return 0;
    if (s->stopped == STOPPED_NOT && clock_real_ns() - s->run_began_ns >= real_ms_max(s) * MS)
        s->stopped = STOPPED_TIME;
    if (s->stopped == STOPPED_NOT)
        return err_set(err, ERR_STOPPED, "the run was asked to end");
    if (result->blame == NULL && !PLANTED(10)) {
        mem_free(result->sentence);
        result->sentence = stopped_text(s);
        result->valid = VALID_UNKNOWN;
    }
    return 0;
}

/* As submissions have it, but all nodes together have no more than PLAY_MEMORY_MIB. */
static struct sandbox_spec node_spec(const struct scene *s)
{
    struct sandbox_spec spec = judging_node_spec(s->playing->workshop, s->bench);
    int64_t share = ((int64_t)PLAY_MEMORY_MIB << 20) / s->setting.options.node_count;

    if (spec.limits.memory_bytes > share)
        spec.limits.memory_bytes = share;
    return spec;
}

static int execute(struct scene *s, const struct play_workload *w, const char *program,
                   const char *dir, struct err *err)
{
    struct sandbox_spec spec = node_spec(s);
    struct test_subject subject = {
        .name = s->playing->play->workload,
        .scenario_path = w->path,
        .scenario = w->text,
        .program = program,
    };
    struct run_result *result = NULL;
    struct test_config config;
    int status;

    test_config_init(&config, &s->setting.options, &subject, s->seed);
    config.run.clock_fallback = false;
    config.run.bare_environment = true;
    config.run.sandbox = spec.level == SANDBOX_OFF ? NULL : &spec;
    config.run.dir = dir;
    config.run.watch = heard;
    config.run.watch_owner = s;
    s->run_began_ns = s->told_ns = clock_real_ns();
    tell(s, &s->last);
    status = set_timer(s, err);
    if (status == 0) {
        status = run_execute(&config.run, &result, err);
        timer_delete(s->timer);
    }
    if (status == 0)
        status = take_stop(s, result, err);
    if (status == 0)
        status = run_files_write(&config.run, result, s->command.data, &s->results, err);
    run_result_free(result);
    test_config_release(&config);
    return status;
}

static uint64_t draw_seed(void)
{
    uint32_t seed = 0; /* short enough to be typed again */

    if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
        seed = (uint32_t)clock_real_ns();
    return seed;
}

static int run(struct scene *s, struct err *err)
{
    const struct test_options *o = &s->setting.options;
    struct buf program = {0}, dir = {0};
    struct play_workload w;
    int status;

    if (!play_workload_find(str_of(s->playing->play->workload), &w))
        return err_set(err, ERR_INPUT, "there is no workload \"%s\"", s->playing->play->workload);
    s->seed = o->seed_given ? o->seed : draw_seed();
    test_words(o, s->seed, &s->command);
    buf_addf(&program, "%s/out/node", s->playing->folder);
    buf_addf(&dir, "%s/run", s->playing->folder);
    status = file_mkdirs(dir.data, err);
    if (status == 0)
        status = execute(s, &w, program.data, dir.data, err);
    buf_release(&program);
    buf_release(&dir);
    return status;
}

/* ---- from start to end ---- */

static int build(struct scene *s, struct err *err)
{
    const struct playing *p = s->playing;
    int status;

    say(s, json_pack("{s:s}", "event", "building"));
    status =
        compile_submission(p->workshop, s->bench, &p->play->program, p->folder, &s->compiled, err);
    if (status == 0)
        say(s, json_pack("{s:s, s:b, s:b}", "event", "built", "built", (int)s->compiled.built,
                         "cached", (int)s->compiled.cached));
    return status;
}

/* A machine's refusal stays a status; what nobody can run is a result. */
static int conclude(const struct scene *s, int status, json_t **ret_result, struct err *err)
{
    json_t *result;

    if (status == ERR_MACHINE || status == ERR_STOPPED)
        return status;
    if (status < 0) {
        json_t *why = json_string(err->text);
        result = head(s->playing->play, "not judged", why != NULL ? why : json_string(""));
    } else {
        result = result_of(s);
    }
    say(s,
        json_pack("{s:s, s:O}", "event", "verdict", "verdict", json_object_get(result, "verdict")));
    *ret_result = result;
    return 0;
}

int play_judge(const struct playing *p, json_t **ret_result, struct err *err)
{
    struct scene s = {
        .playing = p,
        .began_ns = clock_real_ns(),
        .cpu_began_ns = judging_cpu_ns(),
    };
    int status = play_setting_init(&s.setting, p->play, err);
    bool set = status == 0;

    if (status == 0)
        status = workshop_bench(p->workshop, p->play->program.language, &s.bench, err);
    if (status == 0)
        status = build(&s, err);
    if (status == 0 && s.compiled.built)
        status = run(&s, err);
    status = conclude(&s, status, ret_result, err);
    if (set)
        play_setting_release(&s.setting);
    compile_result_release(&s.compiled);
    buf_release(&s.command);
    json_decref(s.results);
    return status;
}
