/* A queue of distinct values, by intervals instead of search.
 *
 * Bouajjani, Emmi, Enea and Hamza ("On reducing linearizability to state reachability", 2015, after
 * Henzinger, Sezgin and Vafeiadis 2013): with distinct values a history of a queue is
 * linearizable if and only if it shows none of these patterns:
 *
 *   1. a value comes out that never went in, or twice, or before its enqueue was invoked;
 *   2. a went in before b (enq(a) returned before enq(b) was invoked), but b came out before a
 *      (deq(b) returned before deq(a) was invoked, or a never came out);
 *   3. a dequeue found the queue empty, though all its time some value was certainly inside: the
 *      intervals [enq(x).ret, deq(x).inv] of some values together cover it.
 *
 * Pattern 2 needs no sorting and no tree: walking the events, what matters of all a whose enqueue
 * has returned is only the latest deq(a).inv among them. Pattern 3 keeps one running interval.
 *
 * An indeterminate enqueue counts if its value came out. Indeterminate dequeues took anything: a
 * value a that never came out violates pattern 2 unless such a dequeue took it, and it was in time
 * if it was invoked before the first deq(b) that needs a gone returned, a's deadline. Deadlines
 * and dequeues are matched in order, the earliest with the earliest, which succeeds if anything
 * does. With answers "empty" besides, the choice of what they took matters more; we leave that
 * to the search. */
#include "lin_special.h"

#include "../base/map.h"
#include "../base/mem.h"
#include "lin_input.h"
#include "lin_plant.h"

#include <stdlib.h>

enum { NOBODY = UINT32_MAX };

struct value {
    uint32_t in, out;  /* numbers of operations, NOBODY if there is none */
    uint32_t deadline; /* of one that must have been taken by an indeterminate dequeue */
    uint32_t rival;    /* whose coming out sets the deadline */
};

struct queue {
    const struct lin_part *part;
    struct value *values;
    size_t value_cap;
    uint32_t value_count;
    uint32_t *value_of; /* by operation */
    uint32_t *takers;   /* invocations of indeterminate dequeues, in order */
    uint32_t taker_count;
    bool has_empty;
};

static const struct lin_op *op_at(const struct queue *q, uint32_t number)
{
    return &q->part->ops[number];
}

static uint32_t number_value(struct queue *q, struct lin_input *in, uint32_t value)
{
    struct lin_renumber *r = &in->renumber[value];

    if (r->part != q->part->key + 1) {
        r->part = q->part->key + 1;
        r->local = q->value_count;
        q->values = mem_grow(q->values, &q->value_cap, q->value_count + 1, sizeof(*q->values));
        q->values[q->value_count++] =
            (struct value){.in = NOBODY, .out = NOBODY, .deadline = LIN_OPEN, .rival = NOBODY};
    }
    return r->local;
}

/* False: some value goes in twice. */
static bool gather(struct queue *q, struct lin_input *in, uint32_t *ret_twice)
{
    *ret_twice = NOBODY;
    for (uint32_t i = 0; i < q->part->len; i++) {
        const struct lin_op *op = op_at(q, i);
        struct value *v;
        if (op->kind == LIN_READ) {
            q->has_empty = true;
            continue;
        }
        if (op->kind == LIN_DEQUEUE_ANY) {
            q->takers[q->taker_count++] = op->inv;
            continue;
        }
        q->value_of[i] = number_value(q, in, op->a);
        v = &q->values[q->value_of[i]];
        if (op->kind == LIN_ENQUEUE) {
            if (v->in != NOBODY)
                return false;
            v->in = i;
        } else {
            if (v->out != NOBODY)
                *ret_twice = i;
            else
                v->out = i;
        }
    }
    return true;
}

/* Pattern 1. True: it occurs. */
static bool comes_from_nowhere(const struct queue *q, uint32_t twice, struct lin_result *res)
{
    if (twice != NOBODY) {
        const struct value *v = &q->values[q->value_of[twice]];
        lin_blame(q->part, res, (uint32_t[]){v->in, v->out, twice}, 3);
        return true;
    }
    for (uint32_t i = 0; i < q->value_count; i++) {
        const struct value *v = &q->values[i];
        if (v->out == NOBODY)
            continue;
        if (v->in == NOBODY || op_at(q, v->out)->ret < op_at(q, v->in)->inv) {
            lin_blame(q->part, res, (uint32_t[]){v->out, v->in}, 2);
            return true;
        }
    }
    return false;
}

static uint32_t out_inv(const struct queue *q, const struct value *v)
{
    return v->out == NOBODY ? LIN_OPEN : op_at(q, v->out)->inv;
}

/* Pattern 2. Values that never came out are left to overdue() while there are takers. */
static bool overtakes(const struct queue *q, struct lin_result *res)
{
    const struct value *late = NULL; /* of those that are in, the one that comes out last */

    for (uint32_t e = 0; e < q->part->event_len; e++) {
        uint32_t number = q->part->events[e] >> 1;
        const struct lin_op *op = op_at(q, number);
        const struct value *v;
        if (op->kind != LIN_ENQUEUE)
            continue;
        v = &q->values[q->value_of[number]];
        if (q->part->events[e] & 1) {
            if ((v->out != NOBODY || q->taker_count == 0) &&
                (late == NULL || out_inv(q, v) > out_inv(q, late)))
                late = v;
        } else if (late != NULL && v->out != NOBODY && op_at(q, v->out)->ret < out_inv(q, late)) {
            lin_blame(q->part, res, (uint32_t[]){late->in, v->in, v->out, late->out}, 4);
            return true;
        }
    }
    return false;
}

static int compare_deadlines(const void *x, const void *y)
{
    const struct value *a = *(const struct value *const *)x, *b = *(const struct value *const *)y;

    return (a->deadline > b->deadline) - (a->deadline < b->deadline);
}

/* Pattern 2 for values that never came out, with takers. Walks back in time, so that best is the
 * first to come out of all that went in later. */
static bool overdue(const struct queue *q, struct lin_result *res)
{
    const struct value *best = NULL;
    struct value **needy = mem_alloc(q->value_count * sizeof(struct value *));
    uint32_t count = 0;
    bool found = false;

    for (uint32_t e = q->part->event_len; e-- > 0;) {
        uint32_t number = q->part->events[e] >> 1;
        struct value *v;
        if (op_at(q, number)->kind != LIN_ENQUEUE)
            continue;
        v = &q->values[q->value_of[number]];
        if ((q->part->events[e] & 1) && v->out == NOBODY && best != NULL) {
            v->deadline = op_at(q, best->out)->ret;
            v->rival = (uint32_t)(best - q->values);
            needy[count++] = v;
        } else if (!(q->part->events[e] & 1) && v->out != NOBODY &&
                   (best == NULL || op_at(q, v->out)->ret < op_at(q, best->out)->ret)) {
            best = v;
        }
    }
    if (count > 0)
        qsort(needy, count, sizeof(struct value *), compare_deadlines);
    for (uint32_t i = 0; i < count && !found; i++) {
        if (i < q->taker_count && q->takers[i] < needy[i]->deadline)
            continue;
        const struct value *b = &q->values[needy[i]->rival];
        lin_blame(q->part, res, (uint32_t[]){needy[i]->in, b->in, b->out}, 3);
        found = true;
    }
    mem_free(needy);
    return found;
}

/* Pattern 3. A chain is a time without gap in which some value is certainly inside. */
static bool covers_empty(const struct queue *q, struct lin_result *res)
{
    uint32_t *chain_at = mem_alloc(q->part->len * sizeof(*chain_at)); /* by empty dequeue */
    uint32_t chain = 0, until = 0;
    const struct value *first = NULL, *last = NULL;
    bool found = false;

    for (uint32_t e = 0; e < q->part->event_len && !found; e++) {
        uint32_t number = q->part->events[e] >> 1;
        const struct lin_op *op = op_at(q, number);
        bool returns = q->part->events[e] & 1;
        uint32_t now = returns ? op->ret : op->inv;
        if (op->kind == LIN_ENQUEUE && returns) {
            const struct value *v = &q->values[q->value_of[number]];
            if (now >= until) {
                chain++;
                first = v;
                until = now;
            }
            if (out_inv(q, v) > until) {
                until = out_inv(q, v);
                last = v;
            }
        } else if (op->kind == LIN_READ && !returns) {
            chain_at[number] = now < until ? chain : 0;
        } else if (op->kind == LIN_READ && chain_at[number] == chain && chain > 0 && now < until) {
            lin_blame(q->part, res,
                      (uint32_t[]){number, first->in, first->out, last->in, last->out}, 5);
            found = true;
        }
    }
    mem_free(chain_at);
    return found;
}

bool lin_queue(struct lin_input *in, const struct lin_part *part, struct lin_result *ret_result)
{
    struct queue q = {.part = part};
    uint32_t twice;
    bool fits;

    q.value_of = mem_alloc(part->len * sizeof(*q.value_of));
    q.takers = mem_alloc(part->len * sizeof(*q.takers));
    fits = gather(&q, in, &twice) && (q.taker_count == 0 || !q.has_empty);
    if (fits && !comes_from_nowhere(&q, twice, ret_result) &&
        !(overtakes(&q, ret_result) && !PLANTED_LIN(8)) &&
        !(q.taker_count > 0 && overdue(&q, ret_result)) &&
        !(q.has_empty && !PLANTED_LIN(7) && covers_empty(&q, ret_result)))
        lin_praise(part, ret_result);
    if (fits) /* without takers, whole values: what others did cannot help */
        ret_result->closed = ret_result->answer == LIN_INVALID && q.taker_count == 0;
    mem_free(q.values);
    mem_free(q.value_of);
    mem_free(q.takers);
    return fits;
}
