/* What the scenario asks for while it runs: processes to start, kill and hold, clocks to set wrong,
 * lines of the journal and the history. */
#include "run_parts.h"

#include "../base/assert.h"
#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"
#include "../cage/cage_disk.h"
#include "../check/history.h"
#include "../script/script.h"
#include "decisions.h"
#include "environment.h"
#include "journal.h"
#include "lookout.h"

#include <string.h>
#include <unistd.h>

#ifndef PLANT_REPLAY
#define PLANT_REPLAY 0 /* tests/planted/replay.sh */
#endif

/* The node's own folder, which survives kill and restart; or the one that the scenario gave it. */
static int make_data_dir(struct run *r, uint32_t node, struct buf *ret_env, struct err *err)
{
    struct buf path = {0};

    run_data_path(r, node, &path);
    environment_data(path.data, ret_env);
    buf_release(&path);
    return file_mkdirs(ret_env->data + strlen("EDDY_DATA="), err);
}

static int node_start(void *owner, uint32_t node, struct err *err)
{
    struct run *r = owner;
    struct buf data = {0};
    struct cage_program program = {.path = r->config->program, .argv = r->config->argv};
    const char *added[] = {NULL, NULL};
    const char **bare = NULL;
    char cwd[4096];
    int status;

    if (getcwd(cwd, sizeof(cwd)) == NULL)
        return err_set_errno(err, ERR_MACHINE, "the current folder cannot be found");
    status = make_data_dir(r, node, &data, err);
    if (status == 0) {
        added[0] = data.data;
        program.env = added;
        if (r->config->bare_environment) {
            bare = environment_bare((const char *const *)environ, data.data);
            program.env = bare;
            program.env_only = true;
        }
        program.cwd = cwd;
        if (r->config->sandbox != NULL) {
            program.cwd = r->confine.cwd;
            program.data = data.data + strlen("EDDY_DATA=");
        }
        status = cage_start(r->cage, node, &program, err);
    }
    mem_free(bare);
    buf_release(&data);
    if (status == 0) {
        world_set_down(r->world, node, false);
        r->nodes[node].exit_allowed = false;
        journal_node(r->journal, world_now(r->world), run_node_name(r, node),
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
    journal_node(r->journal, world_now(r->world), run_node_name(r, node), "kill", "");
}

static void node_pause(void *owner, uint32_t node, bool pause)
{
    struct run *r = owner;

    if (pause)
        cage_pause(r->cage, node);
    else
        cage_resume(r->cage, node);
    journal_node(r->journal, world_now(r->world), run_node_name(r, node),
                 pause ? "pause" : "resume", "");
}

static void node_clock(void *owner, uint32_t node, int64_t offset_ns, int32_t drift_ppm)
{
    struct run *r = owner;

    if (r->result->clock == CAGE_CLOCK_REAL && !r->clock_noted)
        run_note(
            r,
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

static void look_out(struct run *r)
{
    char *text;

    if (!lookout_sees(r->lookout, r->result, &text))
        return;
    run_note(r, text);
    mem_free(text);
    script_stop(r->script);
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
        name = run_node_name(r, (uint32_t)op->node);
    buf_reset(&r->line);
    history_line(h, history_len(h) - 1, name.data, &r->line);
    buf_add_char(&r->line, '\n');
    lines_add(r->history_file, r->line.data, r->line.len);
    if (r->lookout != NULL && !r->blamed && !r->result->failed_fast)
        look_out(r);
}

static void on_decided(void *owner, const char *what, uint32_t place, struct str json)
{
    struct run *r = owner;

    decisions_told(r->decisions, what, place, json);
}

/* ---- for tasks ---- */

static void node_data(void *owner, uint32_t node, enum script_data what, uint32_t of)
{
    struct run *r = owner;
    struct node *n = &r->nodes[node];
    const char *others = r->nodes[of].data;
    struct buf name = {0};

    if (what == SCRIPT_DATA_SAME)
        return;
    if (what == SCRIPT_DATA_EMPTY)
        buf_addf(&name, "%s.%u", r->config->node_names[node], ++n->data_count);
    else
        buf_add_text(&name, others != NULL ? others : r->config->node_names[of]);
    mem_free(n->data);
    n->data = buf_take(&name);
    if (cage_disk_followed(r->cage, node))
        run_disk_moved(r, node);
}

static void node_write(void *owner, uint32_t node, struct str bytes)
{
    struct run *r = owner;

    journal_input(r->journal, world_now(r->world), run_node_name(r, node), bytes);
    cage_write(r->cage, node, bytes);
}

static void node_allow_exit(void *owner, uint32_t node)
{
    struct run *r = owner;

    r->nodes[node].exit_allowed = true;
}

static void node_end_input(void *owner, uint32_t node)
{
    struct run *r = owner;

    node_allow_exit(owner, node);
    cage_end_input(r->cage, node);
    world_set_down(r->world, node, true);
    journal_node(r->journal, world_now(r->world), run_node_name(r, node), "end-input", "");
}

static void node_usage(void *owner, uint32_t node, int64_t *ret_cpu_ns, int64_t *ret_memory_bytes)
{
    struct run *r = owner;
    struct cage_usage used = {0};

    cage_usage(r->cage, node, &used);
    *ret_cpu_ns = used.cpu_ns;
    *ret_memory_bytes = used.memory_peak_bytes;
}

static void on_step(void *owner, const char *what, const char *text)
{
    struct run *r = owner;

    if (strcmp(what, "tell") == 0)
        journal_note(r->journal, world_now(r->world), text);
    else
        journal_step(r->journal, world_now(r->world), what, text);
}

static void catch_up(void *owner)
{
    run_catch_up(owner);
}

static void on_net(void *owner, uint32_t socket, const char *way, const char *what,
                   struct str bytes)
{
    struct run *r = owner;

    journal_net(r->journal, world_now(r->world), socket, way, what, bytes);
}

struct script_host run_script_host(struct run *r)
{
    return (struct script_host){
        .owner = r,
        .node_start = node_start,
        .node_kill = node_kill,
        .node_pause = node_pause,
        .node_clock = node_clock,
        .blame = run_blame,
        .note = run_note,
        .fault = on_fault,
        .record = on_record,
        .node_data = node_data,
        .node_write = node_write,
        .node_end_input = node_end_input,
        .node_allow_exit = node_allow_exit,
        .node_usage = node_usage,
        .step = on_step,
        .network = r->config->network && r->result->clock == CAGE_CLOCK_VIRTUAL ? r->cage : NULL,
        .catch_up = catch_up,
        .net_told = on_net,
        .disks = cage_disk_followed(r->cage, 0) ? &run_script_disks : NULL,
        .decided = r->decisions != NULL ? on_decided : NULL};
}
