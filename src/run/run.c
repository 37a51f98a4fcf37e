/* The loop. One round: the cage sends what waits for the nodes and hears what they say; each line
 * becomes a message in the world; the world carries out what is due by then: deliveries to nodes
 * go back to the cage, those to clients resume strands of the scenario.
 *
 *      lines           to_node                 The world's time is the cage's: it is moved
 *   cage ----> world ----------> cage          forward before a line enters, so that a
 *     ^          |  to_client                  message is never sent before it was heard.
 *     |          v
 *     +------ script (start, kill, pause)
 *
 * The run ends when the scenario's story does, when a node is blamed, or when a signal asks us to
 * stop. Whatever the end, history, journal and verdicts are written: a blame adds to them. */
#include "run.h"

#include "../base/assert.h"
#include "../base/clock.h"
#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"
#include "../check/history.h"
#include "../script/script.h"
#include "decisions.h"
#include "journal.h"
#include "judge.h"
#include "lookout.h"
#include "program.h"
#include "record.h"
#include "run_parts.h"

#include <sys/resource.h>
#include <time.h>

enum { EVENTS_A_ROUND = 100000 };

struct str run_node_name(const struct run *r, uint32_t node)
{
    return world_name(r->world, node);
}

/* ---- blame and notes ---- */

void run_note(void *owner, const char *text)
{
    struct run *r = owner;

    journal_note(r->journal, world_now(r->world), text);
    if (r->result->note_count++ < RUN_NOTES_MAX)
        json_array_append_new(r->result->notes, json_string(text));
}

void run_blame(void *owner, uint32_t node, const char *sentence)
{
    struct run *r = owner;

    if (r->blamed)
        return;
    r->blamed = true;
    r->result->blame = mem_strdup(sentence);
    journal_blame(r->journal, world_now(r->world), run_node_name(r, node), sentence);
    script_blamed(r->script, node, sentence);
    script_stop(r->script);
}

/* The script and its texts end before the result does. */
static void take_steps(struct run *r)
{
    struct run_result *result = r->result;
    const struct script_failure *f = script_failure(r->script);
    const struct script_step *steps = script_steps(r->script, &result->step_count);
    uint32_t i;

    result->is_task = script_is_task(r->script);
    result->steps = mem_zalloc(result->step_count * sizeof(*result->steps));
    for (i = 0; i < result->step_count; i++)
        result->steps[i] = (struct run_step){mem_strdup(steps[i].name), steps[i].from_ns,
                                             steps[i].to_ns, steps[i].passed};
    if (f == NULL)
        return;
    result->failure = mem_zalloc(sizeof(*result->failure));
    *result->failure = (struct run_failure){
        .step = f->step,
        .what = mem_strdup(f->what),
        .expected = mem_strdup(f->expected),
        .seen = mem_strdup(f->seen),
        .node = mem_strdup(f->node),
        .at_ns = f->at_ns,
        .messages = json_array(),
        .evidence = json_incref(f->evidence),
    };
    script_trail_json(r->script, result->failure->messages);
}

/* ---- opening ---- */

static struct world *make_world(struct run *r)
{
    const struct run_config *c = r->config;
    struct world_config config = {
        .seed = c->seed,
        .node_count = c->node_count,
        .node_names = c->node_names,
        .latency_ns = c->latency_ns,
        .latency_dist = c->latency_dist,
        .sink = run_world_sink(r),
    };

    return world_new(&config);
}

static char **data_dirs(const struct run *r)
{
    char **dirs = mem_alloc(r->config->node_count * sizeof(*dirs));
    uint32_t i;

    for (i = 0; i < r->config->node_count; i++) {
        struct buf path = {0};
        run_data_path(r, i, &path);
        dirs[i] = buf_take(&path);
    }
    return dirs;
}

static int open_cage(struct run *r, enum cage_clock clock, struct err *err)
{
    struct cage_config config = {
        .node_count = r->config->node_count,
        .clock = clock,
        .cpu_count = r->config->cpu_count,
        .seed = r->config->seed,
        .entropy_real = r->config->entropy_real,
        .schedule_seeded = r->config->schedule_seeded,
        .disk_latency_ns = r->config->disk_latency_ns,
        .network = r->config->network,
        .sandbox = r->config->sandbox != NULL ? &r->confine.spec : NULL,
        .events = run_cage_events(r),
    };
    char **dirs = r->config->follow_disks ? data_dirs(r) : NULL;
    int status;
    uint32_t i;

    config.disk_dirs = (const char *const *)dirs;
    r->result->clock = clock;
    status = cage_open(&config, &r->cage, err);
    for (i = 0; dirs != NULL && i < r->config->node_count; i++)
        mem_free(dirs[i]);
    mem_free(dirs);
    return status;
}

/* Opens the cage with the clock asked for, or with the real one where that may be. */
static int open_some_cage(struct run *r, struct err *err)
{
    int status = open_cage(r, r->config->clock, err);
    struct buf text = {0};

    if (status == 0 || !r->config->clock_fallback || r->config->clock == CAGE_CLOCK_REAL)
        return status;
    buf_addf(&text, "this run is on the real clock: %s", err->text);
    run_note(r, text.data);
    buf_release(&text);
    return open_cage(r, CAGE_CLOCK_REAL, err);
}

static int open_files(struct run *r, struct err *err)
{
    struct buf path = {0};
    int status;

    buf_addf(&path, "%s/node-logs", r->config->dir);
    status = file_mkdirs(path.data, err);
    buf_reset(&path);
    buf_addf(&path, "%s/journal.jsonl.zst", r->config->dir);
    if (status == 0)
        status = journal_create(path.data, &r->journal, err);
    buf_reset(&path);
    buf_addf(&path, "%s/history.jsonl", r->config->dir);
    if (status == 0)
        status = lines_create(path.data, &r->history_file, err);
    buf_release(&path);
    return status;
}

static int open_decisions(struct run *r, struct err *err)
{
    struct decisions_config config = {
        .world = r->world,
        .latency_ns = r->config->latency_ns,
        .given = r->config->decisions,
        .record = r->config->record_decisions,
    };

    if (config.given == NULL && !config.record)
        return 0;
    return decisions_new(&config, &r->decisions, err);
}

static uint32_t concurrency(const struct run_config *c)
{
    return (uint32_t)json_integer_value(json_object_get(c->options, "concurrency"));
}

static int open_script(struct run *r, struct err *err)
{
    struct script_config config = {
        .world = r->world,
        .history = r->result->history,
        .path = r->config->scenario_path,
        .source = r->config->scenario,
        .options = r->config->options,
        .decisions = r->config->decisions,
        .part = r->config->part,
        .common = r->config->common,
        .process_count = r->config->process_count,
        .host = run_script_host(r),
    };
    int status;

    if (r->decisions != NULL)
        decisions_add_calm(r->decisions, &r->fates);
    status = script_open(&config, &r->script, err);
    if (status < 0)
        return status;
    if (script_is_task(r->script))
        fates_add(&r->fates, script_fate, r->script);
    if (r->decisions != NULL)
        decisions_add_fates(r->decisions, &r->fates);
    r->result->workload = mem_strdup(script_name(r->script));
    status = judge_prepare(r->config, r->script, err);
    if (status == 0 && r->config->fail_fast)
        r->lookout = lookout_new(r->script);
    return status;
}

/* Before the first node starts, so that a run that breaks off can be repeated, too. */
static int open_record(struct run *r, struct err *err)
{
    char caution[256];

    r->record = record_json(r->config, r->result->clock);
    if (r->record == NULL) {
        run_note(
            r, "this run cannot be repeated by eddy replay: its program or an argument has a name "
               "that is not UTF-8");
        return 0;
    }
    if (program_caution(json_object_get(r->record, "program"), caution, sizeof(caution)) != NULL)
        run_note(r, caution);
    return record_write(r->record, r->config->dir, err);
}

/* ---- the loop ---- */

static void attach(struct run *r)
{
    const struct run_config *c = r->config;
    endpoint_t node;
    int pid = 0;

    if (c->attach == NULL)
        return;
    node = world_find(r->world, str_of(c->attach));
    ASSERT(node < c->node_count); /* the caller has looked */
    if (cage_running(r->cage, node)) {
        pid = (int)cage_pid(r->cage, node);
        cage_release(r->cage, node);
    }
    c->attached(c->attached_owner, c->attach, pid);
}

static bool may_go_on(const struct run *r)
{
    const struct run_config *c = r->config;
    struct run_moment m = {.now_ns = world_now(r->world)};
    struct net_counts net;

    if (c->watch == NULL)
        return true;
    world_net(r->world, &net);
    m.message_count = net.all.messages;
    m.event_count = history_len(r->result->history);
    return c->watch(c->watch_owner, &m);
}

static int loop(struct run *r, struct err *err)
{
    int64_t limit = r->config->until_ns;
    int status;

    script_start(r->script);
    for (;;) {
        int64_t until;
        int64_t look_again;

        run_advance(r, cage_now(r->cage), EVENTS_A_ROUND);
        if (r->blamed || r->result->failed_fast || script_done(r->script))
            return script_status(r->script, err);
        if (limit > 0 && cage_now(r->cage) >= limit) {
            attach(r);
            r->result->stopped = true;
            return 0;
        }
        if (!may_go_on(r)) {
            r->result->stopped = true;
            return 0;
        }
        look_again = r->result->clock == CAGE_CLOCK_VIRTUAL
                         ? INT64_MAX
                         : pressure_update(&r->pressure, r->cage, r->config->node_count);
        until = world_next_ns(r->world);
        if (limit > 0 && until > limit)
            until = limit;
        status = cage_wait(r->cage, until < look_again ? until : look_again, err);
        if (status == ERR_STOPPED) {
            r->result->stopped = true;
            return 0;
        }
        if (status == CAGE_ASLEEP)
            return err_set(
                err, ERR_INPUT,
                "the scenario is broken: it waits, and so does every node, for something "
                "that can never happen");
        if (status < 0)
            return status;
    }
}

/* ---- closing ---- */

/* A program that was refused a thread goes on, somehow; whoever reads the verdict should know. */
static void note_refusals(struct run *r)
{
    uint32_t i;

    for (i = 0; i < r->config->node_count; i++) {
        struct sandbox_stop stop;
        struct buf text = {0};

        if (!cage_tasks_refused(r->cage, i, &stop))
            continue;
        buf_addf(&text,
                 "%s asked for more processes and threads than the %lld that its sandbox "
                 "has, and was refused",
                 r->config->node_names[i], (long long)stop.bound);
        run_note(r, text.data);
        buf_release(&text);
    }
}

static void count_cost(struct run *r)
{
    struct run_cost *cost = &r->result->cost;
    struct rusage used;
    uint32_t i;

    getrusage(RUSAGE_SELF, &used);
    cost->wall_ns = clock_real_ns() - r->started_ns;
    cost->cpu_ns = ((int64_t)used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000000 +
                   ((int64_t)used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1000;
    cost->system_ns = (int64_t)used.ru_stime.tv_sec * 1000000000 + used.ru_stime.tv_usec * 1000;
    cost->stops = cage_stops(r->cage);
    cost->memory_peak_bytes = (int64_t)used.ru_maxrss * 1024;
    for (i = 0; i < r->config->node_count; i++) {
        struct cage_usage node = {0};
        cage_usage(r->cage, i, &node);
        cost->node_cpu_ns += node.cpu_ns;
    }
}

static int close_files(struct run *r, struct err *err)
{
    struct err ignored;
    uint32_t i;
    int status;

    if (r->journal != NULL)
        journal_digest(r->journal, r->result->journal_digest, &r->result->journal_line_count);
    status = journal_close(r->journal, err);
    if (lines_close(r->history_file, status == 0 ? err : &ignored) < 0 && status == 0)
        status = ERR_MACHINE;
    for (i = 0; i < r->config->node_count; i++) {
        uint32_t t;
        lines_close(r->nodes[i].log, &ignored);
        protocol_clients_release(&r->nodes[i].clients);
        mem_free(r->nodes[i].data);
        for (t = 0; t < TAIL_LINES; t++)
            mem_free(r->nodes[i].tail[t]);
    }
    return status;
}

int run_execute(const struct run_config *config, struct run_result **ret_result, struct err *err)
{
    struct run r = {.config = config, .started_ns = clock_real_ns()};
    struct err close_err;
    int status;

    r.process_count = config->process_count > 0 ? config->process_count : config->node_count;
    r.result = mem_zalloc(sizeof(*r.result));
    r.result->history = history_new();
    for (uint32_t i = 0; i < config->node_count; i++)
        history_name_node(r.result->history, (int32_t)i, str_of(config->node_names[i]));
    r.result->notes = json_array();
    r.nodes = mem_zalloc(config->node_count * sizeof(*r.nodes));
    r.world = make_world(&r);
    if (config->sandbox != NULL) {
        confine_init(&r.confine, config->sandbox, config->program, config->argv);
        r.result->sandbox = config->sandbox->level;
    }
    status = open_files(&r, err);
    if (status == 0)
        status = open_some_cage(&r, err);
    if (status == 0 && r.result->clock == CAGE_CLOCK_VIRTUAL)
        world_set_carried(r.world, RUN_CARRIED_PER_S);
    if (status == 0)
        status = open_decisions(&r, err);
    if (status == 0)
        status = open_script(&r, err);
    if (status == 0)
        status = open_record(&r, err);
    if (status == 0)
        status = loop(&r, err);
    if (status == 0) {
        count_cost(&r);
        note_refusals(&r);
        world_net(r.world, &r.result->net);
        r.result->end_ns = world_now(r.world);
        if (config->record_decisions)
            r.result->decisions = decisions_json(r.decisions, r.result->history,
                                                 concurrency(config), r.result->end_ns);
        take_steps(&r);
        status = judge_run(config, r.script, r.result, err);
    }

    cage_close(r.cage);
    if (close_files(&r, &close_err) < 0 && status == 0) {
        status = ERR_MACHINE;
        *err = close_err;
    }
    if (status == 0 && r.record != NULL) {
        record_set_end(r.record, r.result);
        status = record_write(r.record, config->dir, err);
    }
    json_decref(r.record);
    lookout_free(r.lookout);
    script_close(r.script);
    decisions_free(r.decisions);
    world_free(r.world);
    mem_free(r.nodes);
    confine_release(&r.confine);
    buf_release(&r.line);
    buf_release(&r.sentence);
    if (status < 0) {
        run_result_free(r.result);
        return status;
    }
    *ret_result = r.result;
    return 0;
}
