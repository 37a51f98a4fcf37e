#include "results.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../check/history.h"
#include "../check/perf.h"
#include "../run/run.h"

#include <stdlib.h>

/* Operations that clients began: what messages are divided by. */
static uint64_t invocations(const struct history *h)
{
    uint64_t count = 0;
    uint32_t i;

    for (i = 0; i < history_len(h); i++)
        count += history_at(h, i)->type == OP_INVOKE;
    return count;
}

static json_t *counts_json(const struct net_count *c)
{
    return json_pack("{s:I, s:I, s:I}", "send-count", (json_int_t)c->sent, "recv-count",
                     (json_int_t)c->received, "msg-count", (json_int_t)c->messages);
}

static void add_msgs_per_op(json_t *counts, const struct net_count *c, uint64_t ops)
{
    json_object_set_new(counts, "msgs-per-op",
                        ops > 0 ? json_real((double)c->messages / (double)ops) : json_null());
}

static json_t *net_json(const struct run_result *r)
{
    uint64_t ops = invocations(r->history);
    json_t *all = counts_json(&r->net.all);
    json_t *servers = counts_json(&r->net.servers);
    json_t *dropped = json_object();
    int reason;

    add_msgs_per_op(all, &r->net.all, ops);
    add_msgs_per_op(servers, &r->net.servers, ops);
    for (reason = 0; reason < DROP_REASON_COUNT; reason++)
        if (r->net.dropped[reason] > 0)
            json_object_set_new(dropped, drop_reason_text((enum drop_reason)reason),
                                json_integer((json_int_t)r->net.dropped[reason]));
    return json_pack("{s:o, s:o, s:o, s:o, s:b}", "all", all, "clients",
                     counts_json(&r->net.clients), "servers", servers, "dropped", dropped, "valid?",
                     1);
}

/* These judge nothing; programs that read Maelstrom's results look for them. */
static json_t *perf_results(const struct run_result *r)
{
    struct perf perf;
    json_t *all;

    perf_init(&perf, r->history);
    all = json_pack("{s:{s:b}, s:{s:b}, s:o, s:b}", "latency-graph", "valid?", 1, "rate-graph",
                    "valid?", 1, "latencies", perf_json(&perf, r->history), "valid?", 1);
    perf_release(&perf);
    return all;
}

/* The scenario's one checker as it is; several under their names; what ended the run early. */
static json_t *workload_json(const struct run_result *r)
{
    json_t *all;
    uint32_t i;

    if (r->check_count == 1)
        return json_incref(r->checks[0].verdict.details);
    all = json_pack("{s:o}", "valid?", valid_json(r->blame != NULL ? VALID_FALSE : VALID_UNKNOWN));
    if (r->blame != NULL)
        json_object_set_new(all, "error", json_string(r->blame));
    for (i = 0; i < r->check_count; i++)
        json_object_set(all, r->checks[i].name, r->checks[i].verdict.details);
    return all;
}

static json_t *cost_json(const struct run_cost *c)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "wall-ns", (json_int_t)c->wall_ns, "cpu-ns",
                     (json_int_t)c->cpu_ns, "system-ns", (json_int_t)c->system_ns,
                     "memory-peak-bytes", (json_int_t)c->memory_peak_bytes, "node-cpu-ns",
                     (json_int_t)c->node_cpu_ns, "stops", (json_int_t)c->stops);
}

/* Where --fail-fast ended the run: the check, and the event that made its violation certain. */
static json_t *early_json(const struct run_result *r)
{
    if (!r->failed_fast)
        return json_null();
    return json_pack("{s:s, s:I, s:I}", "checker", r->checks[0].name, "event",
                     (json_int_t)r->fatal_event, "time-ns",
                     (json_int_t)history_at(r->history, r->fatal_event)->time_ns);
}

json_t *results_limit(const struct run_result *r)
{
    if (r->stopped_node == NULL)
        return json_null();
    return json_pack("{s:s, s:s, s:I, s:I, s:I}", "node", r->stopped_node, "name",
                     sandbox_limit_name(r->stop.limit), "figure", (json_int_t)r->stop.figure,
                     "bound", (json_int_t)r->stop.bound, "after-ns", (json_int_t)r->stop.after_ns);
}

static json_t *run_json(const struct run_config *c, const struct run_result *r)
{
    json_t *nodes = json_array();
    uint32_t i;

    for (i = 0; i < c->node_count; i++)
        json_array_append_new(nodes, json_string(c->node_names[i]));
    return json_pack("{s:s, s:I, s:s, s:o, s:I, s:I, s:O, s:I, s:b, s:o, s:o, s:s, s:o}", "name",
                     r->workload, "seed", (json_int_t)c->seed, "clock",
                     r->clock == CAGE_CLOCK_VIRTUAL ? "virtual" : "real", "nodes", nodes, "end-ns",
                     (json_int_t)r->end_ns, "first-init-ns", (json_int_t)r->init_ns, "notes",
                     r->notes, "note-count", (json_int_t)r->note_count, "stopped", (int)r->stopped,
                     "cost", cost_json(&r->cost), "fail-fast", early_json(r), "sandbox",
                     sandbox_level_name(r->sandbox), "limit", results_limit(r));
}

static json_t *failure_json(const struct run_failure *f)
{
    json_t *failure =
        json_pack("{s:s, s:s, s:s, s:I, s:O}", "what", f->what, "expected", f->expected, "seen",
                  f->seen, "at-ns", (json_int_t)f->at_ns, "messages", f->messages);

    if (f->node[0] != '\0')
        json_object_set_new(failure, "node", json_string(f->node));
    if (f->evidence != NULL)
        json_object_set(failure, "evidence", f->evidence);
    if (f->shortest != NULL)
        json_object_set_new(failure, "shortest", failure_json(f->shortest));
    if (f->shortest_tried > 0)
        json_object_set_new(failure, "shortest-tried", json_integer(f->shortest_tried));
    return failure;
}

json_t *results_steps(const struct run_result *r)
{
    json_t *steps = json_array();
    uint32_t i;

    for (i = 0; i < r->step_count; i++) {
        const struct run_step *s = &r->steps[i];
        json_t *step =
            json_pack("{s:s, s:I, s:I, s:b}", "name", s->name, "from-ns", (json_int_t)s->from_ns,
                      "to-ns", (json_int_t)s->to_ns, "passed", (int)s->passed);

        if (r->failure != NULL && r->failure->step == i)
            json_object_set_new(step, "failure", failure_json(r->failure));
        json_array_append_new(steps, step);
    }
    return steps;
}

json_t *results_json(const struct run_config *config, const struct run_result *result)
{
    json_t *all = json_object();

    json_object_set_new(all, "valid?", valid_json(result->valid));
    if (result->sentence != NULL)
        json_object_set_new(all, "sentence", json_string(result->sentence));
    json_object_set_new(all, "workload", workload_json(result));
    json_object_set(all, "stats", result->stats.details);
    json_object_set(all, "availability", result->availability.details);
    json_object_set_new(all, "net", net_json(result));
    json_object_set_new(all, "perf", perf_results(result));
    json_object_set_new(all, "timeline", json_pack("{s:b}", "valid?", 1));
    json_object_set_new(all, "exceptions", json_pack("{s:b}", "valid?", 1));
    if (result->is_task)
        json_object_set_new(all, "steps", results_steps(result));
    json_object_set_new(all, "run", run_json(config, result));
    return all;
}

int results_write(const json_t *results, const char *path, struct err *err)
{
    char *text = json_dumps(results, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
    int status;

    if (text == NULL)
        return err_set(err, ERR_MACHINE, "the results cannot be written as JSON");
    status = file_write(path, str_of(text), err);
    free(text);
    return status;
}
