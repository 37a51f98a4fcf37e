#include "candidate.h"

#include "../base/assert.h"
#include "../base/mem.h"
#include "run.h"

#include <stdio.h>
#include <string.h>

json_t *candidate_new(const char *const *node_names, uint32_t node_count, const json_t *decisions)
{
    json_t *names = json_array();
    uint32_t i;

    for (i = 0; i < node_count; i++)
        json_array_append_new(names, json_string(node_names[i]));
    return json_pack("{s:o, s:o}", "nodes", names, "decisions", json_deep_copy(decisions));
}

static json_t *decisions_of(const json_t *candidate)
{
    return json_object_get(candidate, "decisions");
}

const json_t *candidate_list(const json_t *candidate, const char *list)
{
    return json_object_get(decisions_of(candidate), list);
}

static uint32_t count_of(const json_t *candidate, const char *list)
{
    return (uint32_t)json_array_size(candidate_list(candidate, list));
}

void candidate_size(const json_t *candidate, struct candidate_size *ret_size)
{
    *ret_size = (struct candidate_size){
        .nodes = (uint32_t)json_array_size(json_object_get(candidate, "nodes")),
        .workers = count_of(candidate, "workers"),
        .operations = count_of(candidate, "operations"),
        .final = count_of(candidate, "final"),
        .faults = count_of(candidate, "faults"),
        .messages = count_of(candidate, "messages"),
    };
}

/* ---- as a run ---- */

void candidate_run_init(struct candidate_run *run, const struct run_config *base,
                        const json_t *candidate)
{
    const json_t *nodes = json_object_get(candidate, "nodes");
    size_t count = json_array_size(nodes);
    size_t i;

    run->config = mem_alloc(sizeof(*run->config));
    run->names = mem_alloc(count * sizeof(*run->names));
    run->options = json_copy((json_t *)base->options);
    for (i = 0; i < count; i++)
        run->names[i] = json_string_value(json_array_get(nodes, i));
    json_object_set_new(run->options, "concurrency",
                        json_integer((json_int_t)count_of(candidate, "workers")));
    *run->config = *base;
    run->config->node_names = run->names;
    run->config->node_count = (uint32_t)count;
    run->config->options = run->options;
    run->config->decisions = decisions_of(candidate);
    if (json_object_get(candidate, "seed") != NULL)
        run->config->seed = (uint64_t)json_integer_value(json_object_get(candidate, "seed"));
}

void candidate_run_release(struct candidate_run *run)
{
    json_decref(run->options);
    mem_free(run->names);
    mem_free(run->config);
}

/* ---- smaller ones ---- */

/* A copy whose decisions can be given other lists; the lists themselves are shared. */
static json_t *copy(const json_t *candidate)
{
    json_t *c = json_copy((json_t *)candidate);

    json_object_set_new(c, "decisions", json_copy(decisions_of(candidate)));
    return c;
}

json_t *candidate_set(const json_t *candidate, const char *list, json_t *items)
{
    json_t *c = copy(candidate);

    json_object_set_new(decisions_of(c), list, items);
    return c;
}

json_t *candidate_keep(const json_t *candidate, const char *list, const bool *keep)
{
    json_t *kept = json_array();
    json_t *item;
    size_t i;

    json_array_foreach(candidate_list(candidate, list), i, item)
    {
        if (keep[i])
            json_array_append(kept, item);
    }
    return candidate_set(candidate, list, kept);
}

json_t *candidate_with_seed(const json_t *candidate, uint64_t seed)
{
    json_t *c = copy(candidate);

    json_object_set_new(c, "seed", json_integer((json_int_t)seed));
    return c;
}

json_t *candidate_by_time(const json_t *candidate)
{
    json_t *c = copy(candidate);

    json_object_set_new(decisions_of(c), "by", json_string("time"));
    return c;
}

/* ---- nodes ---- */

static bool has(const json_t *names, const json_t *name)
{
    const json_t *item;
    size_t i;

    json_array_foreach(names, i, item)
    {
        if (json_equal(item, name))
            return true;
    }
    return false;
}

static json_t *common(const json_t *of, const json_t *names)
{
    json_t *kept = json_array();
    json_t *item;
    size_t i;

    json_array_foreach(of, i, item)
    {
        if (has(names, item))
            json_array_append(kept, item);
    }
    return kept;
}

/* The plan for these nodes only; NULL if nothing is left of it. Plans name nodes in "nodes" and in
 * pairs in "links" (faults.lua). */
static json_t *plan_with(const json_t *plan, const json_t *names)
{
    const json_t *nodes = json_object_get(plan, "nodes");
    const json_t *links = json_object_get(plan, "links");
    json_t *kept = json_copy((json_t *)plan);
    bool empty = false;
    json_t *link;
    size_t i;

    if (nodes != NULL) {
        json_t *left = common(nodes, names);
        empty = json_array_size(left) == 0;
        json_object_set_new(kept, "nodes", left);
    }
    if (links != NULL) {
        json_t *left = json_array();
        json_array_foreach(links, i, link)
        {
            if (has(names, json_array_get(link, 0)) && has(names, json_array_get(link, 1)))
                json_array_append(left, link);
        }
        empty = json_array_size(left) == 0;
        json_object_set_new(kept, "links", left);
    }
    if (!empty)
        return kept;
    json_decref(kept);
    return NULL;
}

static json_t *faults_with(const json_t *faults, const json_t *names)
{
    json_t *kept = json_array();
    json_t *window;
    size_t i;

    json_array_foreach(faults, i, window)
    {
        json_t *plan = plan_with(json_object_get(window, "plan"), names);
        json_t *smaller;

        if (plan == NULL)
            continue;
        smaller = json_copy(window);
        json_object_set_new(smaller, "plan", plan);
        json_array_append_new(kept, smaller);
    }
    return kept;
}

/* Services stay: they are no nodes of the run before either. */
static json_t *messages_with(const json_t *messages, const json_t *gone)
{
    json_t *kept = json_array();
    json_t *m;
    size_t i;

    json_array_foreach(messages, i, m)
    {
        if (!has(gone, json_object_get(m, "src")) && !has(gone, json_object_get(m, "dest")))
            json_array_append(kept, m);
    }
    return kept;
}

static json_t *workers_with(const json_t *workers, const json_t *names)
{
    json_t *moved = json_array();
    json_t *name;
    size_t i;

    json_array_foreach(workers, i, name)
    {
        json_array_append(
            moved, has(names, name) ? name : json_array_get(names, i % json_array_size(names)));
    }
    return moved;
}

json_t *candidate_with_nodes(const json_t *candidate, uint32_t keep)
{
    const json_t *d = decisions_of(candidate);
    json_t *c = copy(candidate);
    json_t *smaller = decisions_of(c);
    json_t *names = json_array();
    json_t *gone = json_array();
    json_t *name;
    size_t i;

    json_array_foreach(json_object_get(candidate, "nodes"), i, name)
    {
        json_array_append(i < 32 && (keep >> i & 1) == 0 ? gone : names, name);
    }
    ASSERT(json_array_size(names) > 0);
    json_object_set_new(smaller, "workers", workers_with(json_object_get(d, "workers"), names));
    json_object_set_new(smaller, "faults", faults_with(json_object_get(d, "faults"), names));
    json_object_set_new(smaller, "messages", messages_with(json_object_get(d, "messages"), gone));
    json_object_set_new(c, "nodes", names);
    json_decref(gone);
    return c;
}

/* ---- workers ---- */

static json_int_t worker_of(const json_t *item)
{
    return json_is_object(item) ? json_integer_value(json_object_get(item, "worker"))
                                : json_integer_value(item);
}

/* Each worker of a list of operations, or of numbers, becomes another; numbers are given once. */
static json_t *with_workers(const json_t *list, const uint32_t *becomes)
{
    json_t *moved = json_array();
    json_t *item;
    size_t i;

    json_array_foreach(list, i, item)
    {
        json_t *number = json_integer(becomes[worker_of(item)]);
        json_t *op;

        if (!json_is_object(item)) {
            if (!has(moved, number))
                json_array_append(moved, number);
            json_decref(number);
            continue;
        }
        op = json_copy(item);
        json_object_set_new(op, "worker", number);
        json_array_append_new(moved, op);
    }
    return moved;
}

static json_t *become(const json_t *candidate, const uint32_t *becomes, json_t *workers)
{
    json_t *c = copy(candidate);
    json_t *d = decisions_of(c);

    json_object_set_new(d, "operations",
                        with_workers(candidate_list(candidate, "operations"), becomes));
    json_object_set_new(d, "final", with_workers(candidate_list(candidate, "final"), becomes));
    json_object_set_new(d, "workers", workers);
    return c;
}

static void mark_busy(const json_t *list, bool *busy)
{
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item) busy[worker_of(item)] = true;
}

json_t *candidate_without_idle(const json_t *candidate)
{
    const json_t *workers = candidate_list(candidate, "workers");
    uint32_t count = count_of(candidate, "workers");
    bool *busy = mem_zalloc(count * sizeof(*busy));
    uint32_t *becomes = mem_zalloc(count * sizeof(*becomes));
    json_t *left = json_array();
    json_t *c;
    uint32_t i;

    mark_busy(candidate_list(candidate, "operations"), busy);
    mark_busy(candidate_list(candidate, "final"), busy);
    for (i = 0; i < count; i++) {
        becomes[i] = (uint32_t)json_array_size(left);
        if (busy[i])
            json_array_append(left, json_array_get(workers, i));
    }
    if (json_array_size(left) == 0 && count > 0)
        json_array_append(left, json_array_get(workers, 0)); /* a run has a worker */
    c = become(candidate, becomes, left);
    mem_free(busy);
    mem_free(becomes);
    return c;
}

json_t *candidate_merge_workers(const json_t *candidate, uint32_t from, uint32_t to)
{
    uint32_t count = count_of(candidate, "workers");
    uint32_t *becomes = mem_zalloc(count * sizeof(*becomes));
    json_t *c;
    uint32_t i;

    for (i = 0; i < count; i++)
        becomes[i] = i == from ? to : i;
    c = become(candidate, becomes, json_incref((json_t *)candidate_list(candidate, "workers")));
    mem_free(becomes);
    return c;
}

/* ---- values ---- */

static json_t *renumbered(const json_t *value, json_t *known)
{
    char old[32];
    const char *key;
    json_t *item, *copy_of_it;
    size_t i;

    if (json_is_integer(value)) {
        snprintf(old, sizeof(old), "%lld", (long long)json_integer_value(value));
        if (json_object_get(known, old) == NULL)
            json_object_set_new(known, old, json_integer((json_int_t)json_object_size(known)));
        return json_incref(json_object_get(known, old));
    }
    if (json_is_array(value)) {
        copy_of_it = json_array();
        json_array_foreach(value, i, item)
            json_array_append_new(copy_of_it, renumbered(item, known));
        return copy_of_it;
    }
    if (json_is_object(value)) {
        copy_of_it = json_object();
        json_object_foreach((json_t *)value, key, item)
            json_object_set_new(copy_of_it, key, renumbered(item, known));
        return copy_of_it;
    }
    return json_incref((json_t *)value);
}

json_t *candidate_renumber(const json_t *candidate)
{
    json_t *operations = json_array();
    json_t *known = json_object();
    json_t *op;
    size_t i;

    json_array_foreach(candidate_list(candidate, "operations"), i, op)
    {
        json_t *other = json_copy(op);
        json_object_set_new(other, "value", renumbered(json_object_get(op, "value"), known));
        json_array_append_new(operations, other);
    }
    json_decref(known);
    return candidate_set(candidate, "operations", operations);
}
