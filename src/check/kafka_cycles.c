/* A graph whose vertices are operations, wr edges from the send of a value to the poll that shows
 * it, and order in time: a comes before b if a was complete before b was invoked. All pairs of
 * that order would be quadratic. Instead each completion gets a moment, a vertex of its own, with
 * an edge to the next moment; an operation has an edge to its own moment, and the last moment
 * before an invocation has one to that operation. Reachability is the same, with three edges for
 * each operation.
 *
 * Two searches for strongly connected sets (Tarjan 1972, without recursion): over wr edges alone,
 * then over all; sets of moments and one operation are no cycles. */
#include "kafka_cycles.h"

#include "history.h"
#include "kafka_log.h"
#include "plant.h"

#include "../base/mem.h"

#include <string.h>

struct edge {
    uint32_t from, to;
};

/* Vertices: 2 * i is the operation whose event is i, 2 * i + 1 the moment of the completion i. */
struct graph {
    uint32_t vertex_count;
    struct edge *edges;
    size_t edge_count, edges_cap;
    size_t *start; /* of each vertex's edges in next; vertex_count + 1 */
    uint32_t *next;
};

static void add_edge(struct graph *g, uint32_t from, uint32_t to)
{
    g->edges = mem_grow(g->edges, &g->edges_cap, g->edge_count + 1, sizeof(*g->edges));
    g->edges[g->edge_count++] = (struct edge){from, to};
}

/* The vertex of the operation to which the event at i belongs. */
static uint32_t operation_of(const struct history *h, uint32_t i)
{
    const struct op *op = history_at(h, i);

    return 2 * (op->type == OP_INVOKE && op->pair != HISTORY_NO_PAIR ? op->pair : i);
}

/* The vertex of the operation that sent the value, or may have; KAFKA_NONE if none did. */
static uint32_t sender_of(const struct kafka_log *log, uint32_t value)
{
    const struct kafka_value *v = &log->values[value];
    uint32_t entry = v->sent != KAFKA_NONE ? v->sent : v->uncertain;

    return entry != KAFKA_NONE ? operation_of(log->h, log->entries[entry].event) : KAFKA_NONE;
}

static void add_wr_edges(struct graph *g, const struct kafka_log *log)
{
    uint32_t sender;
    size_t i;

    for (i = 0; i < log->entry_count; i++) {
        const struct kafka_entry *e = &log->entries[i];
        if (e->kind != KAFKA_POLLED)
            continue;
        sender = sender_of(log, e->value);
        if (sender != KAFKA_NONE && sender != 2 * e->event) /* its own: a precommitted read */
            add_edge(g, sender, 2 * e->event);
    }
}

static void add_time_edges(struct graph *g, const struct history *h)
{
    uint32_t moment = KAFKA_NONE;
    uint32_t i;

    for (i = 0; i < history_len(h); i++) {
        const struct op *op = history_at(h, i);
        if (op->process == HISTORY_NEMESIS)
            continue;
        if (op->type == OP_INVOKE && moment != KAFKA_NONE) {
            add_edge(g, moment, operation_of(h, i));
        } else if (op->type == OP_OK) {
            if (moment != KAFKA_NONE)
                add_edge(g, moment, 2 * i + 1);
            moment = 2 * i + 1;
            add_edge(g, 2 * i, moment);
        }
    }
}

/* Sorts the edges by where they start. */
static void arrange(struct graph *g)
{
    size_t i;

    g->start = mem_zalloc(((size_t)g->vertex_count + 2) * sizeof(*g->start));
    g->next = mem_alloc(g->edge_count * sizeof(*g->next));
    for (i = 0; i < g->edge_count; i++)
        g->start[g->edges[i].from + 2]++;
    for (i = 2; i <= (size_t)g->vertex_count + 1; i++)
        g->start[i] += g->start[i - 1];
    for (i = 0; i < g->edge_count; i++) /* start[v + 1] moves from v's first place to its end */
        g->next[g->start[g->edges[i].from + 1]++] = g->edges[i].to;
}

static void graph_release(struct graph *g)
{
    mem_free(g->edges);
    mem_free(g->start);
    mem_free(g->next);
}

struct search {
    const struct graph *g;
    uint32_t *order; /* of first visit, from 1; 0: not visited */
    uint32_t *low;   /* least order reached on the stack */
    size_t *edge;    /* the next edge to follow */
    bool *is_on_stack;
    uint32_t *stack; /* vertices of unfinished sets */
    uint32_t *path;  /* the depth-first path, in place of recursion */
    size_t stack_len, path_len;
    uint32_t visits;
    bool is_realtime;
    struct kafka_cycle **cycles;
    size_t *count, *cap;
};

static void enter(struct search *s, uint32_t v)
{
    s->order[v] = s->low[v] = ++s->visits;
    s->edge[v] = s->g->start[v];
    s->is_on_stack[v] = true;
    s->stack[s->stack_len++] = v;
    s->path[s->path_len++] = v;
}

/* The set above and with v is complete: keeps it if two operations are in it. */
static void close_set(struct search *s, uint32_t v)
{
    size_t bottom = s->stack_len;
    size_t operations = 0;
    size_t i;

    do {
        bottom--;
        s->is_on_stack[s->stack[bottom]] = false;
        operations += s->stack[bottom] % 2 == 0;
    } while (s->stack[bottom] != v);

    if (operations > 1 && !PLANTED(16)) {
        struct kafka_cycle cycle = {mem_alloc(operations * sizeof(*cycle.events)), 0,
                                    s->is_realtime};
        for (i = bottom; i < s->stack_len; i++)
            if (s->stack[i] % 2 == 0)
                cycle.events[cycle.len++] = s->stack[i] / 2;
        *s->cycles = mem_grow(*s->cycles, s->cap, *s->count + 1, sizeof(**s->cycles));
        (*s->cycles)[(*s->count)++] = cycle;
    }
    s->stack_len = bottom;
}

static void search_from(struct search *s, uint32_t root)
{
    enter(s, root);
    while (s->path_len > 0) {
        uint32_t v = s->path[s->path_len - 1];
        if (s->edge[v] < s->g->start[v + 1]) {
            uint32_t to = s->g->next[s->edge[v]++];
            if (s->order[to] == 0)
                enter(s, to);
            else if (s->is_on_stack[to] && s->order[to] < s->low[v])
                s->low[v] = s->order[to];
            continue;
        }
        s->path_len--;
        if (s->low[v] == s->order[v])
            close_set(s, v);
        if (s->path_len > 0) {
            uint32_t parent = s->path[s->path_len - 1];
            if (s->low[v] < s->low[parent])
                s->low[parent] = s->low[v];
        }
    }
}

static void search_all(struct search *s)
{
    uint32_t n = s->g->vertex_count;
    uint32_t v;

    s->order = mem_zalloc(n * sizeof(*s->order));
    s->low = mem_alloc(n * sizeof(*s->low));
    s->edge = mem_alloc(n * sizeof(*s->edge));
    s->is_on_stack = mem_zalloc(n);
    s->stack = mem_alloc(n * sizeof(*s->stack));
    s->path = mem_alloc(n * sizeof(*s->path));
    for (v = 0; v < n; v++)
        if (s->order[v] == 0)
            search_from(s, v);
    mem_free(s->order);
    mem_free(s->low);
    mem_free(s->edge);
    mem_free(s->is_on_stack);
    mem_free(s->stack);
    mem_free(s->path);
}

static void find_in(const struct kafka_log *log, bool is_realtime, struct kafka_cycle **cycles,
                    size_t *count, size_t *cap)
{
    struct graph g = {.vertex_count = 2 * history_len(log->h)};
    struct search s = {
        .g = &g,
        .is_realtime = is_realtime,
        .cycles = cycles,
        .count = count,
        .cap = cap,
    };

    add_wr_edges(&g, log);
    if (is_realtime)
        add_time_edges(&g, log->h);
    arrange(&g);
    search_all(&s);
    graph_release(&g);
}

size_t kafka_cycles_find(const struct kafka_log *log, struct kafka_cycle **ret_cycles)
{
    size_t count = 0;
    size_t cap = 0;

    *ret_cycles = NULL;
    find_in(log, false, ret_cycles, &count, &cap);
    if (count == 0) /* else the realtime ones are the same, or grown from them */
        find_in(log, true, ret_cycles, &count, &cap);
    return count;
}

void kafka_cycles_free(struct kafka_cycle *cycles, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++)
        mem_free(cycles[i].events);
    mem_free(cycles);
}
