/* Session guarantees of a register whose writes are distinct, without search.
 *
 * In any order of a view each value's write and the reads that show it stand together, as in
 * lin_zones.c. So a demand that x come before y, of whatever sort x and y are, is a demand that the
 * whole block of x's value come before the block of y's, unless they are of the same block, where
 * the write stands first. A view can be ordered if and only if the demands between blocks have
 * no cycle. The first value's block comes before all others.
 *
 * "All that came so far" would be quadratically many demands; a helper node stands for it: each
 * new one comes after the one before it. */
#include "lin_weak.h"

#include "../base/mem.h"
#include "lin_plant.h"
#include "lin_space.h"

#include <string.h>

enum { NOBODY = UINT32_MAX, EDGES_MAX = 20000000 };

struct edge {
    uint32_t from, to;
};

struct blocks {
    const struct lin_part *part;
    uint32_t start;       /* the first value */
    uint32_t value_count; /* nodes below it are values, above it helpers */
    uint32_t *writer;     /* by value: number of the operation, or NOBODY */
    uint32_t *by_process; /* numbers of operations, process by process, in program order */
    uint32_t *first_of;   /* by process: where it begins; one more at the end */
    int32_t processes;
    uint32_t node_count;
    struct edge *edges;
    size_t edge_len, edge_cap;
    bool broken;   /* a contradiction that is no cycle */
    bool too_many; /* demands */
};

static bool applies(struct blocks *b)
{
    for (uint32_t i = 0; i < b->part->len; i++) {
        const struct lin_op *op = &b->part->ops[i];
        if (op->process >= b->processes)
            b->processes = op->process + 1;
        if (op->kind == LIN_READ)
            continue;
        if (op->kind != LIN_WRITE || op->a == b->start || b->writer[op->a] != NOBODY)
            return false;
        b->writer[op->a] = i;
    }
    return true;
}

/* Also finds reads of what nobody wrote. */
static void sort_by_process(struct blocks *b)
{
    uint32_t *at = b->first_of = mem_zalloc(((size_t)b->processes + 2) * sizeof(*at));

    b->by_process = mem_alloc(b->part->len * sizeof(*b->by_process));
    for (uint32_t i = 0; i < b->part->len; i++)
        at[b->part->ops[i].process + 2]++;
    for (int32_t p = 2; p < b->processes + 2; p++)
        at[p] += at[p - 1];
    for (uint32_t i = 0; i < b->part->len; i++) {
        const struct lin_op *op = &b->part->ops[i];
        b->by_process[at[op->process + 1]++] = i;
        b->broken |= op->a != b->start && b->writer[op->a] == NOBODY;
    }
}

static void before(struct blocks *b, uint32_t from, uint32_t to)
{
    if (to == b->start)
        b->broken = true;
    b->edges = mem_grow(b->edges, &b->edge_cap, b->edge_len + 1, sizeof(*b->edges));
    b->edges[b->edge_len++] = (struct edge){from, to};
}

/* A helper after another (NOBODY: none) and after a value's block. */
static uint32_t helper(struct blocks *b, uint32_t previous, uint32_t value)
{
    uint32_t node = b->node_count++;

    if (previous != NOBODY)
        before(b, previous, node);
    before(b, value, node);
    return node;
}

static const struct lin_op *op_of(const struct blocks *b, uint32_t i)
{
    return &b->part->ops[b->by_process[i]];
}

static void read_your_writes(struct blocks *b, int32_t p)
{
    uint32_t from = b->first_of[p], to = b->first_of[p + 1];
    uint32_t *so_far = mem_alloc((to - from + 1) * sizeof(*so_far)); /* helpers, by own write */
    uint32_t *written = mem_alloc((to - from + 1) * sizeof(*written));
    uint32_t count = 0;

    for (uint32_t i = from; i < to && !b->too_many; i++) {
        const struct lin_op *op = op_of(b, i);
        uint32_t own = count;
        if (op->kind == LIN_WRITE) {
            so_far[count] = helper(b, count > 0 ? so_far[count - 1] : NOBODY, op->a);
            written[count++] = op->a;
            continue;
        }
        while (own > 0 && written[own - 1] != op->a)
            own--;
        if (own == 0) { /* not one of its own: after all of them */
            if (count > 0)
                before(b, so_far[count - 1], op->a);
            continue;
        }
        if (own > 1)
            before(b, so_far[own - 2], op->a);
        for (uint32_t k = own; k < count; k++)
            before(b, written[k], op->a);
        b->too_many = b->edge_len > EDGES_MAX;
    }
    mem_free(so_far);
    mem_free(written);
}

static void monotonic_reads(struct blocks *b, int32_t p)
{
    uint32_t last = NOBODY;

    for (uint32_t i = b->first_of[p]; i < b->first_of[p + 1]; i++) {
        const struct lin_op *op = op_of(b, i);
        if (op->kind != LIN_READ)
            continue;
        if (last != NOBODY && last != op->a && !PLANTED_LIN(14))
            before(b, last, op->a);
        last = op->a;
    }
}

/* Of all processes at once: the demand is on every view. */
static void writes_follow_reads(struct blocks *b)
{
    for (int32_t p = 0; p < b->processes; p++) {
        uint32_t so_far = NOBODY;
        for (uint32_t i = b->first_of[p]; i < b->first_of[p + 1]; i++) {
            const struct lin_op *op = op_of(b, i);
            if (op->kind == LIN_READ)
                so_far = helper(b, so_far, op->a);
            else if (so_far != NOBODY)
                before(b, so_far, op->a);
        }
    }
}

/* Kahn's algorithm: true if all nodes can be put in order. */
static bool acyclic(const struct blocks *b)
{
    uint32_t *at = mem_zalloc((b->node_count + 2) * sizeof(*at));
    uint32_t *next = mem_alloc(b->edge_len * sizeof(*next));
    uint32_t *missing = mem_zalloc(b->node_count * sizeof(*missing));
    uint32_t *queue = mem_alloc(b->node_count * sizeof(*queue));
    uint32_t head = 0, tail = 0;

    for (size_t i = 0; i < b->edge_len; i++) {
        at[b->edges[i].from + 2]++;
        missing[b->edges[i].to]++;
    }
    for (uint32_t i = 2; i < b->node_count + 2; i++)
        at[i] += at[i - 1];
    for (size_t i = 0; i < b->edge_len; i++)
        next[at[b->edges[i].from + 1]++] = b->edges[i].to;
    for (uint32_t i = 0; i < b->node_count; i++)
        if (missing[i] == 0)
            queue[tail++] = i;
    while (head < tail) {
        uint32_t node = queue[head++];
        for (uint32_t i = at[node]; i < at[node + 1]; i++)
            if (--missing[next[i]] == 0)
                queue[tail++] = next[i];
    }
    mem_free(at);
    mem_free(next);
    mem_free(missing);
    mem_free(queue);
    return tail == b->node_count;
}

static void forget_edges(struct blocks *b)
{
    b->edge_len = 0;
    b->node_count = b->value_count;
}

/* Checks view by view; returns the process of the first that has no order, or -1. */
static int32_t find_broken(struct blocks *b, enum lin_guarantee guarantee)
{
    if (guarantee == LIN_WRITES_FOLLOW_READS) {
        writes_follow_reads(b);
        return b->broken || !acyclic(b) ? 0 : -1;
    }
    for (int32_t p = 0; p < b->processes && guarantee != LIN_MONOTONIC_WRITES; p++) {
        forget_edges(b);
        if (guarantee == LIN_READ_YOUR_WRITES)
            read_your_writes(b, p);
        else
            monotonic_reads(b, p);
        if (b->broken || (b->edge_len > 0 && !acyclic(b)))
            return p;
    }
    return b->broken ? 0 : -1;
}

bool lin_session_zones(struct lin_space *space, const struct lin_part *part,
                       enum lin_guarantee guarantee, struct lin_weak_result *ret_result)
{
    struct blocks b = {.part = part, .start = lin_space_start(space)};
    bool fits;

    b.node_count = b.value_count = lin_space_value_count(space);
    b.writer = mem_alloc(b.value_count * sizeof(*b.writer));
    memset(b.writer, 0xff, b.value_count * sizeof(*b.writer));
    fits = b.value_count > 0 && applies(&b);
    if (fits) {
        sort_by_process(&b);
        struct lin_weak_result res = {.work = part->len};
        res.process = find_broken(&b, guarantee);
        res.answer = res.process < 0 ? LIN_VALID : LIN_INVALID;
        fits = !b.too_many;
        if (fits)
            *ret_result = res;
    }
    mem_free(b.writer);
    mem_free(b.by_process);
    mem_free(b.first_of);
    mem_free(b.edges);
    return fits;
}
