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
#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"
#include "../check/history.h"
#include "../script/script.h"
#include "fates.h"
#include "journal.h"
#include "judge.h"
#include "pressure.h"
#include "program.h"
#include "protocol.h"
#include "record.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#ifndef PLANT_REPLAY
#define PLANT_REPLAY 0 /* tests/planted/replay.sh */
#endif

enum { EVENTS_A_ROUND = 100000, TAIL_LINES = 5, TAIL_LINE_MAX = 512 };

struct node {
    struct lines *log;      /* node-logs/NAME.log; NULL before the first line */
    char *tail[TAIL_LINES]; /* the last lines of stderr, for the sentence about a crash */
    uint32_t tail_next;
    uint32_t starts;
    struct protocol_clients clients; /* that it knows */
    bool inbox_was_full;
};

struct run {
    const struct run_config *config;
    struct run_result *result;
    struct world *world;
    struct cage *cage;
    struct script *script;
    struct journal *journal;
    struct lines *history_file;
    json_t *record; /* run.json; NULL: none can be made */
    struct node *nodes;
    struct buf line;     /* on its way to a node, or to history.jsonl */
    struct buf sentence; /* about a line that breaks the protocol */
    int64_t started_ns;  /* real time of run_execute() */
    bool blamed;
    bool in_world; /* the world is carrying out an event */
    struct pressure pressure;
    struct fates fates; /* rules of the scenario first, then decisions */
    bool clock_noted;   /* that clock faults have no effect, if so */
};

static int64_t real_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static struct str node_name(const struct run *r, uint32_t node)
{
    return world_name(r->world, node);
}

/* ---- blame and notes ---- */

static void note(void *owner, const char *text)
{
    struct run *r = owner;

    journal_note(r->journal, world_now(r->world), text);
    if (r->result->note_count++ < RUN_NOTES_MAX)
        json_array_append_new(r->result->notes, json_string(text));
}

/* The first blame counts: what follows a broken promise is no news. */
static void blame(void *owner, uint32_t node, const char *sentence)
{
    struct run *r = owner;

    if (r->blamed)
        return;
    r->blamed = true;
    r->result->blame = mem_strdup(sentence);
    journal_blame(r->journal, world_now(r->world), node_name(r, node), sentence);
    script_stop(r->script);
}

/* ---- what the world does ---- */

static void on_sent(void *owner, const struct message *m)
{
    struct run *r = owner;
    struct str src = world_name(r->world, m->src);
    struct str dest = world_name(r->world, m->dest);

    journal_send(r->journal, world_now(r->world), m, src, dest);
    if (r->config->log_net_send)
        fprintf(stderr, "send %.*s -> %.*s %.*s\n", STR_ARG(src), STR_ARG(dest), (int)m->body_len,
                m->body);
}

static void on_received(struct run *r, const struct message *m)
{
    struct str src = world_name(r->world, m->src);
    struct str dest = world_name(r->world, m->dest);

    journal_recv(r->journal, world_now(r->world), m->id);
    if (r->config->log_net_recv)
        fprintf(stderr, "recv %.*s -> %.*s %.*s\n", STR_ARG(src), STR_ARG(dest), (int)m->body_len,
                m->body);
}

static void on_dropped(void *owner, const struct message *m, enum drop_reason reason)
{
    struct run *r = owner;

    journal_drop(r->journal, world_now(r->world), m->id, drop_reason_text(reason));
    if (reason != DROP_GONE)
        return;
    protocol_unheard(r->world, m, &r->sentence);
    note(r, r->sentence.data);
}

/* {"id":5,"src":"c0","dest":"n0","body":{...}}, keys in the order that Maelstrom has them. */
static void deliver_to_node(void *owner, struct message *m)
{
    struct run *r = owner;
    struct buf *line = &r->line;
    char text[256];

    on_received(r, m);
    if (world_kind(r->world, m->src) == ENDPOINT_CLIENT)
        protocol_clients_add(&r->nodes[m->dest].clients, m->src);
    if (r->result->init_ns == 0)
        r->result->init_ns = real_now() - r->started_ns;
    buf_reset(line);
    buf_reserve(line, m->body_len + 64 + 2 * WORLD_NAME_MAX);
    buf_add(line, "{\"id\":", 6);
    buf_add_i64(line, (int64_t)m->id);
    buf_add(line, ",\"src\":\"", 8);
    buf_add_str(line, world_name(r->world, m->src));
    buf_add(line, "\",\"dest\":\"", 10);
    buf_add_str(line, world_name(r->world, m->dest));
    buf_add(line, "\",\"body\":", 9);
    buf_add(line, m->body, m->body_len);
    buf_add(line, "}\n", 2);
    if (cage_write(r->cage, m->dest, buf_str(line)) == 0)
        return;
    journal_drop(r->journal, world_now(r->world), m->id, drop_reason_text(DROP_FULL));
    if (!r->nodes[m->dest].inbox_was_full) {
        r->nodes[m->dest].inbox_was_full = true;
        snprintf(
            text, sizeof(text),
            "%.*s does not read its standard input: %d MiB wait there, and further messages to "
            "it are lost",
            STR_ARG(node_name(r, m->dest)), CAGE_INBOX_MAX >> 20);
        note(r, text);
    }
}

static void deliver_to_client(void *owner, struct message *m)
{
    struct run *r = owner;

    on_received(r, m);
    script_deliver(r->script, m);
}

static void on_fate(void *owner, const struct message *m, struct message_fate *fate)
{
    struct run *r = owner;

    fates_decide(&r->fates, m, fate);
}

static void delivered_to_service(void *owner, const struct message *m)
{
    on_received(owner, m);
}

/* ---- what the processes do ---- */

static void advance(struct run *r, int64_t now_ns, uint64_t limit)
{
    r->in_world = true;
    world_advance(r->world, now_ns, limit);
    r->in_world = false;
}

/* Before something a process did enters the world. The cage may report from within an event of the
 * world (a kill drains the pipes first): then it is that event's time. */
static void catch_up(struct run *r)
{
    int64_t now = cage_now(r->cage);

    if (!r->in_world && now > world_now(r->world))
        advance(r, now, UINT64_MAX);
}

static void on_line(void *owner, uint32_t node, struct str line)
{
    struct run *r = owner;
    struct protocol_message m;

    if (r->blamed)
        return;
    catch_up(r);
    if (protocol_read(r->world, node, &r->nodes[node].clients, line, &m, &r->sentence))
        world_send(r->world, m.src, m.dest, m.body);
    else
        blame(r, node, r->sentence.data);
}

static void on_overlong(void *owner, uint32_t node, struct str head)
{
    struct run *r = owner;

    if (r->blamed)
        return;
    catch_up(r);
    buf_reset(&r->sentence);
    buf_addf(
        &r->sentence,
        "%.*s printed a line of more than %d MiB; the protocol allows no longer one. It begins: ",
        STR_ARG(node_name(r, node)), CAGE_LINE_MAX >> 20);
    protocol_add_excerpt(&r->sentence, head);
    blame(r, node, r->sentence.data);
}

static struct lines *log_of(struct run *r, uint32_t node)
{
    struct node *n = &r->nodes[node];
    struct buf path = {0};
    struct err err;

    if (n->log == NULL) {
        buf_addf(&path, "%s/node-logs/%.*s.log", r->config->dir, STR_ARG(node_name(r, node)));
        if (lines_create(path.data, &n->log, &err) < 0)
            n->log = NULL; /* the journal has the line all the same */
        buf_release(&path);
    }
    return n->log;
}

static void on_log(void *owner, uint32_t node, struct str line)
{
    struct run *r = owner;
    struct node *n = &r->nodes[node];
    struct lines *log = log_of(r, node);
    char **slot = &n->tail[n->tail_next++ % TAIL_LINES];

    if (log != NULL) {
        lines_add(log, line.data, line.len);
        lines_add(log, "\n", 1);
    }
    mem_free(*slot);
    *slot = mem_strndup(line.data, line.len < TAIL_LINE_MAX ? line.len : TAIL_LINE_MAX);
    journal_log(r->journal, cage_now(r->cage), node_name(r, node), line);
    if (r->config->log_stderr)
        fprintf(stderr, "%.*s: %.*s\n", STR_ARG(node_name(r, node)), STR_ARG(line));
}

static void on_exited(void *owner, uint32_t node, struct cage_exit how)
{
    struct run *r = owner;
    struct node *n = &r->nodes[node];
    char text[128];
    uint32_t i;

    catch_up(r);
    world_set_down(r->world, node, true);
    if (how.signal != 0)
        snprintf(text, sizeof(text), "was ended by signal %d (%s)", how.signal,
                 strsignal(how.signal));
    else
        snprintf(text, sizeof(text), "exited with status %d", how.code);
    journal_node(r->journal, world_now(r->world), node_name(r, node), "exit", text);
    if (r->blamed)
        return;
    buf_reset(&r->sentence);
    buf_addf(&r->sentence,
             "%.*s %s while the run was going on; a node must run until it is stopped",
             STR_ARG(node_name(r, node)), text);
    buf_addf(&r->sentence,
             n->tail_next == 0 ? ". It wrote nothing to stderr" : ". The end of its stderr:");
    for (i = n->tail_next < TAIL_LINES ? 0 : n->tail_next - TAIL_LINES; i < n->tail_next; i++) {
        buf_add_text(&r->sentence, "\n    ");
        buf_add_text(&r->sentence, n->tail[i % TAIL_LINES]);
    }
    blame(r, node, r->sentence.data);
}

static void on_stuck(void *owner, uint32_t node, struct str sentence)
{
    struct run *r = owner;
    char *text = mem_strndup(sentence.data, sentence.len);

    catch_up(r);
    blame(r, node, text);
    mem_free(text);
}

static void on_node_note(void *owner, uint32_t node __attribute__((unused)), struct str sentence)
{
    char *text = mem_strndup(sentence.data, sentence.len);

    note(owner, text);
    mem_free(text);
}

/* ---- what the scenario asks for ---- */

/* The node's own folder, which survives kill and restart. */
static int make_data_dir(struct run *r, uint32_t node, struct buf *ret_env, struct err *err)
{
    buf_addf(ret_env, "EDDY_DATA=%s/data/%.*s", r->config->dir, STR_ARG(node_name(r, node)));
    return file_mkdirs(ret_env->data + strlen("EDDY_DATA="), err);
}

static int node_start(void *owner, uint32_t node, struct err *err)
{
    struct run *r = owner;
    struct buf data = {0};
    struct cage_program program = {.path = r->config->program, .argv = r->config->argv};
    const char *env[2];
    char cwd[4096];
    int status;

    if (getcwd(cwd, sizeof(cwd)) == NULL)
        return err_set_errno(err, ERR_MACHINE, "the current folder cannot be found");
    status = make_data_dir(r, node, &data, err);
    if (status == 0) {
        env[0] = data.data;
        env[1] = NULL;
        program.env = env;
        program.cwd = cwd;
        status = cage_start(r->cage, node, &program, err);
    }
    buf_release(&data);
    if (status == 0) {
        world_set_down(r->world, node, false);
        journal_node(r->journal, world_now(r->world), node_name(r, node),
                     r->nodes[node].starts++ == 0 ? "start" : "restart", "");
    }
    return status;
}

static void node_kill(void *owner, uint32_t node)
{
    struct run *r = owner;

    cage_kill(r->cage, node);
    world_set_down(r->world, node, true);
    r->nodes[node].inbox_was_full = false;
    journal_node(r->journal, world_now(r->world), node_name(r, node), "kill", "");
}

static void node_pause(void *owner, uint32_t node, bool pause)
{
    struct run *r = owner;

    if (pause)
        cage_pause(r->cage, node);
    else
        cage_resume(r->cage, node);
    journal_node(r->journal, world_now(r->world), node_name(r, node), pause ? "pause" : "resume",
                 "");
}

static void node_clock(void *owner, uint32_t node, int64_t offset_ns, int32_t drift_ppm)
{
    struct run *r = owner;

    if (r->result->clock == CAGE_CLOCK_REAL && !r->clock_noted)
        note(r,
             "the clocks of nodes cannot be set wrong on the real clock: faults of the kind clock "
             "have no effect in this run");
    r->clock_noted = true;
    if (PLANT_REPLAY != 2)
        cage_clock_set(r->cage, node, offset_ns, drift_ppm);
}

static void on_fault(void *owner, const char *kind, const char *what, const char *text)
{
    struct run *r = owner;

    journal_fault(r->journal, world_now(r->world), kind, what, text);
}

static void on_record(void *owner, const struct op *op)
{
    struct run *r = owner;
    struct history *h = r->result->history;
    struct err err;
    int status = history_add(h, op, &err);
    struct str name = {0};

    ASSERT(status == 0); /* the prelude keeps processes in order */
    if (op->node != HISTORY_NO_NODE)
        name = node_name(r, (uint32_t)op->node);
    buf_reset(&r->line);
    history_line(h, history_len(h) - 1, name.data, &r->line);
    buf_add_char(&r->line, '\n');
    lines_add(r->history_file, r->line.data, r->line.len);
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
        .sink = {.owner = r,
                 .sent = on_sent,
                 .dropped = on_dropped,
                 .to_node = deliver_to_node,
                 .to_client = deliver_to_client,
                 .to_service = delivered_to_service,
                 .fate = on_fate},
    };

    return world_new(&config);
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
        .events = {.owner = r,
                   .line = on_line,
                   .overlong = on_overlong,
                   .log = on_log,
                   .exited = on_exited,
                   .stuck = on_stuck,
                   .note = on_node_note},
    };

    r->result->clock = clock;
    return cage_open(&config, &r->cage, err);
}

/* Opens the cage with the clock asked for, or with the real one where that may be. */
static int open_some_cage(struct run *r, struct err *err)
{
    int status = open_cage(r, r->config->clock, err);
    struct buf text = {0};

    if (status == 0 || !r->config->clock_fallback || r->config->clock == CAGE_CLOCK_REAL)
        return status;
    buf_addf(&text, "this run is on the real clock: %s", err->text);
    note(r, text.data);
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

static int open_script(struct run *r, struct err *err)
{
    struct script_config config = {
        .world = r->world,
        .history = r->result->history,
        .path = r->config->scenario_path,
        .source = r->config->scenario,
        .options = r->config->options,
        .host = {.owner = r,
                 .node_start = node_start,
                 .node_kill = node_kill,
                 .node_pause = node_pause,
                 .node_clock = node_clock,
                 .blame = blame,
                 .note = note,
                 .fault = on_fault,
                 .record = on_record},
    };
    int status = script_open(&config, &r->script, err);

    if (status < 0)
        return status;
    r->result->workload = mem_strdup(script_name(r->script));
    return judge_prepare(r->config, r->script, err);
}

/* Before the first node starts, so that a run that breaks off can be repeated, too. */
static int open_record(struct run *r, struct err *err)
{
    char caution[256];

    r->record = record_json(r->config, r->result->clock);
    if (r->record == NULL) {
        note(r, "this run cannot be repeated by eddy replay: its program or an argument has a name "
                "that is not UTF-8");
        return 0;
    }
    if (program_caution(json_object_get(r->record, "program"), caution, sizeof(caution)) != NULL)
        note(r, caution);
    return record_write(r->record, r->config->dir, err);
}

/* ---- the loop ---- */

static int loop(struct run *r, struct err *err)
{
    int64_t limit = r->config->until_ns;
    int status;

    script_start(r->script);
    for (;;) {
        int64_t until;
        int64_t look_again;

        advance(r, cage_now(r->cage), EVENTS_A_ROUND);
        if (r->blamed || script_done(r->script))
            return script_status(r->script, err);
        if (limit > 0 && cage_now(r->cage) >= limit) {
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

static void count_cost(struct run *r)
{
    struct run_cost *cost = &r->result->cost;
    struct rusage used;
    uint32_t i;

    getrusage(RUSAGE_SELF, &used);
    cost->wall_ns = real_now() - r->started_ns;
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
        for (t = 0; t < TAIL_LINES; t++)
            mem_free(r->nodes[i].tail[t]);
    }
    return status;
}

int run_execute(const struct run_config *config, struct run_result **ret_result, struct err *err)
{
    struct run r = {.config = config, .started_ns = real_now()};
    struct err close_err;
    int status;

    r.result = mem_zalloc(sizeof(*r.result));
    r.result->history = history_new();
    r.result->notes = json_array();
    r.nodes = mem_zalloc(config->node_count * sizeof(*r.nodes));
    r.world = make_world(&r);
    status = open_files(&r, err);
    if (status == 0)
        status = open_some_cage(&r, err);
    if (status == 0 && r.result->clock == CAGE_CLOCK_VIRTUAL)
        world_set_carried(r.world, RUN_CARRIED_PER_S);
    if (status == 0)
        status = open_script(&r, err);
    if (status == 0)
        status = open_record(&r, err);
    if (status == 0)
        status = loop(&r, err);
    if (status == 0) {
        count_cost(&r);
        world_net(r.world, &r.result->net);
        r.result->end_ns = world_now(r.world);
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
    script_close(r.script);
    world_free(r.world);
    mem_free(r.nodes);
    buf_release(&r.line);
    buf_release(&r.sentence);
    if (status < 0) {
        run_result_free(r.result);
        return status;
    }
    *ret_result = r.result;
    return 0;
}
