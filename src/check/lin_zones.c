/* Gibbons and Korach, "Testing shared memories" (1997): a register whose writes are distinct.
 *
 * Each value has a cluster: its write and the reads that show it. In any legal order a cluster's
 * operations stand together, the write first. Let f be the earliest return in the cluster and s
 * the latest invocation. If f < s the value was certainly current from f to s: a forward zone
 * [f, s]. Otherwise all its operations overlap somewhere in [s, f], a backward zone, and one
 * moment in there is enough. The history is linearizable if and only if
 *
 *   1. every read shows a written value, and returned after that write was invoked;
 *   2. no two forward zones overlap;
 *   3. no backward zone lies inside a forward zone.
 *
 * The start value is a write that returned before the first event. An indeterminate write that
 * is read certainly happened, with an end that says nothing; an unread one is left out. Events
 * come sorted, so one walk over them meets the zones in order of their beginnings, and the
 * last forward zone that began is the only one that can contain what begins now. O(n). */
#include "lin_special.h"

#include "../base/mem.h"
#include "lin_plant.h"
#include "lin_space.h"

enum { NOBODY = UINT32_MAX };

/* Moments here are indexes in the history plus 1; the start value's write returned at 0. */
struct cluster {
    uint32_t write; /* numbers of operations, NOBODY if there is none */
    uint32_t first; /* that returns */
    uint32_t last;  /* that is invoked */
    uint32_t f, s;
    uint32_t written; /* when its write was invoked; LIN_OPEN: there is none */
    bool read, lost;  /* lost: its write is indeterminate */
};

void lin_blame(const struct lin_part *part, struct lin_result *res, const uint32_t *culprits,
               uint32_t count)
{
    *res = (struct lin_result){.answer = LIN_INVALID, .work = part->len};
    for (uint32_t i = 0; i < count; i++) {
        const struct lin_op *op;
        bool known = culprits[i] == NOBODY;
        uint32_t end;
        for (uint32_t k = 0; k < res->culprit_count; k++)
            known |= res->culprits[k] == culprits[i];
        if (known || res->culprit_count == LIN_CULPRITS_MAX)
            continue;
        op = &part->ops[culprits[i]];
        end = op->ret == LIN_OPEN ? op->inv : op->ret;
        if (end > res->reached)
            res->reached = end;
        res->culprits[res->culprit_count++] = culprits[i];
    }
}

void lin_praise(const struct lin_part *part, struct lin_result *res)
{
    *res = (struct lin_result){.answer = LIN_VALID, .work = part->len};
    if (part->event_len > 0) {
        uint32_t event = part->events[part->event_len - 1];
        const struct lin_op *op = &part->ops[event >> 1];
        res->reached = event & 1 ? op->ret : op->inv;
    }
}

static void note_write(struct cluster *c, uint32_t number, const struct lin_op *op)
{
    c->write = number;
    c->written = op->inv;
    c->lost = op->ret == LIN_OPEN;
}

/* Fills the clusters. False: this is no register of distinct writes, and they mean nothing. */
static bool gather(const struct lin_space *space, const struct lin_part *p, struct cluster *of)
{
    uint32_t start = lin_space_start(space);

    for (uint32_t i = 0; i < p->len; i++) {
        const struct lin_op *op = &p->ops[i];
        struct cluster *c;
        if (op->kind != LIN_READ && op->kind != LIN_WRITE)
            return false;
        c = &of[op->a];
        if (op->kind == LIN_READ)
            c->read = true;
        else if (op->a == start || c->write != NOBODY)
            return false;
        else
            note_write(c, i, op);
        if (op->ret != LIN_OPEN && op->ret + 1 < c->f) {
            c->f = op->ret + 1;
            c->first = i;
        }
        c->s = op->inv + 1; /* operations come by time of invocation */
        c->last = i;
    }
    of[start].f = 0;
    of[start].first = NOBODY;
    return true;
}

/* Law 1. */
static bool reads_have_writes(const struct lin_space *space, const struct lin_part *p,
                              const struct cluster *of, struct lin_result *res)
{
    uint32_t start = lin_space_start(space);

    for (uint32_t i = 0; i < p->len; i++) {
        const struct lin_op *op = &p->ops[i];
        if (op->kind == LIN_READ && of[op->a].written > op->ret && op->a != start) {
            lin_blame(p, res, (uint32_t[]){i, of[op->a].write}, 2);
            return false;
        }
    }
    return true;
}

static void blame_both(const struct lin_part *p, const struct cluster *a, const struct cluster *b,
                       struct lin_result *res)
{
    lin_blame(p, res, (uint32_t[]){a->write, a->first, a->last, b->write, b->first, b->last}, 6);
}

/* Laws 2 and 3, in one walk. */
static void sweep(const struct lin_space *space, const struct lin_part *p, const struct cluster *of,
                  struct lin_result *res)
{
    const struct cluster *zone = &of[lin_space_start(space)]; /* the last forward zone */

    for (uint32_t e = 0; e < p->event_len; e++) {
        uint32_t number = p->events[e] >> 1;
        const struct cluster *c = &of[p->ops[number].a];
        bool returns = p->events[e] & 1;
        if (number != (returns ? c->first : c->last) || (c->lost && !c->read))
            continue;
        if (returns && c->f < c->s) {
            if (c->f < zone->s && zone->f < zone->s && !PLANTED_LIN(1)) {
                blame_both(p, zone, c, res);
                return;
            }
            zone = c;
        } else if (!returns && c->s < c->f && zone->f < c->s && c->f < zone->s && !PLANTED_LIN(2)) {
            blame_both(p, zone, c, res);
            return;
        }
    }
    lin_praise(p, res);
}

bool lin_zones(const struct lin_space *space, const struct lin_part *part,
               struct lin_result *ret_result)
{
    uint32_t count = lin_space_value_count(space);
    struct cluster *of = mem_alloc(count * sizeof(*of));
    bool fits;

    for (uint32_t i = 0; i < count; i++)
        of[i] = (struct cluster){
            .write = NOBODY, .first = NOBODY, .last = NOBODY, .f = LIN_OPEN, .written = LIN_OPEN};
    fits = gather(space, part, of);
    if (fits) {
        if (reads_have_writes(space, part, of, ret_result))
            sweep(space, part, of, ret_result);
        ret_result->closed = ret_result->answer == LIN_INVALID; /* whole clusters */
    }
    mem_free(of);
    return fits;
}
