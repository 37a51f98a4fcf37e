/* Order of attack: what distinct values decide in linear time; then what can be cut into smaller
 * objects; then the search.
 *
 * A set that is never read whole is one boolean register an element: add writes "there", remove
 * "not there", contains reads. The part is cut by element and each is searched alone, which
 * turns the 2^n states of a set into n times two. */
#include "lin_decide.h"

#include "../base/map.h"
#include "../base/mem.h"
#include "lin_input.h"
#include "lin_jit.h"
#include "lin_model.h"
#include "lin_plant.h"
#include "lin_space.h"
#include "lin_special.h"

enum { ABSENT = 0, PRESENT = 1 };

/* Operations and events of one element after another, and where each begins. */
struct cut {
    struct lin_part *parts; /* by element, in order of first use */
    uint32_t count;
    struct lin_op *ops;
    uint32_t *events;
    uint32_t *number_of; /* by new operation: its number in the part */
};

static void cut_count(struct lin_input *in, const struct lin_part *p, struct cut *c,
                      uint32_t *element_of)
{
    size_t cap = 0;

    for (uint32_t i = 0; i < p->len; i++) {
        struct lin_renumber *r = &in->renumber[p->ops[i].a];
        if (r->part != p->key + 1) {
            *r = (struct lin_renumber){p->key + 1, c->count};
            c->parts = mem_grow(c->parts, &cap, c->count + 1, sizeof(*c->parts));
            c->parts[c->count++] = (struct lin_part){.key = p->key};
        }
        element_of[i] = r->local;
        c->parts[r->local].len++;
        c->parts[r->local].event_len += 1 + (p->ops[i].ret != LIN_OPEN);
    }
}

static struct lin_op as_register(const struct lin_op *op, uint32_t start)
{
    struct lin_op r = *op;

    r.kind = op->kind == LIN_CONTAINS ? LIN_READ : LIN_WRITE;
    r.a = start + (op->kind == LIN_INSERT || (PLANTED_LIN(16) && op->kind == LIN_REMOVE) ||
                           (op->kind == LIN_CONTAINS && op->b)
                       ? PRESENT
                       : ABSENT);
    return r;
}

static void cut_fill(const struct lin_part *p, struct cut *c, const uint32_t *element_of,
                     uint32_t start)
{
    uint32_t *place = mem_alloc(p->len * sizeof(*place));
    struct lin_op *ops = c->ops = mem_alloc(p->len * sizeof(*ops));
    uint32_t *events = c->events = mem_alloc(p->event_len * sizeof(*events));

    c->number_of = mem_alloc(p->len * sizeof(*c->number_of));
    for (uint32_t i = 0; i < c->count; i++) {
        c->parts[i].ops = ops;
        c->parts[i].events = events;
        ops += c->parts[i].len;
        events += c->parts[i].event_len;
        c->parts[i].len = c->parts[i].event_len = 0;
    }
    for (uint32_t e = 0; e < p->event_len; e++) {
        uint32_t number = p->events[e] >> 1;
        struct lin_part *to = &c->parts[element_of[number]];
        if ((p->events[e] & 1) == 0) {
            place[number] = to->len;
            c->number_of[to->ops - c->ops + to->len] = number;
            to->ops[to->len++] = as_register(&p->ops[number], start);
        }
        to->events[to->event_len++] = 2 * place[number] + (p->events[e] & 1);
    }
    mem_free(place);
}

static bool never_read_whole(const struct lin_part *p)
{
    for (uint32_t i = 0; i < p->len; i++)
        if (p->ops[i].kind == LIN_READ)
            return false;
    return true;
}

/* The first element that is wrong or undecided decides; its last operation is the culprit. */
static void decide_elements(struct lin_input *in, const struct lin_part *p, struct lin_space *space,
                            const struct lin_effort *effort, struct lin_result *res)
{
    uint32_t *element_of = mem_alloc(p->len * sizeof(*element_of));
    struct cut c = {0};
    uint64_t work = 0;

    cut_count(in, p, &c, element_of);
    cut_fill(p, &c, element_of, lin_space_start(space));
    lin_praise(p, res);
    for (uint32_t i = 0; i < c.count && res->answer != LIN_INVALID; i++) {
        struct lin_effort left = {effort->budget - work, effort->beam};
        struct lin_stuck stuck;
        struct lin_result one;
        lin_jit(space, &c.parts[i], &left, &one, &stuck);
        work += one.work < left.budget ? one.work : left.budget;
        if (one.answer == LIN_INVALID) {
            one.culprits[0] = c.number_of[c.parts[i].ops - c.ops + stuck.op];
            one.culprit_count = 1;
        }
        if (one.answer == LIN_INVALID || (one.answer == LIN_UNKNOWN && res->answer == LIN_VALID))
            *res = one;
    }
    res->work = work;
    mem_free(c.parts);
    mem_free(c.ops);
    mem_free(c.events);
    mem_free(c.number_of);
    mem_free(element_of);
}

void lin_decide(struct lin_input *in, struct lin_part *part, uint64_t budget,
                struct lin_space **ret_space, struct lin_result *ret_result,
                struct lin_stuck *ret_stuck)
{
    enum lin_family family = in->model->family;
    struct lin_effort effort = {.budget = budget};
    struct lin_space *space;

    if (ret_stuck != NULL)
        ret_stuck->op = LIN_NO_OP;
    if (family == LIN_QUEUE && lin_queue(in, part, ret_result)) {
        *ret_space = NULL;
        return;
    }
    space = *ret_space = lin_space_new(in, part);
    if (family == LIN_VALUES && lin_zones(space, part, ret_result))
        return;
    if (family == LIN_LIST && lin_chain_list(in, space, part, ret_result))
        return;
    if (family == LIN_SET && lin_chain_set(in, space, part, ret_result))
        return;
    if (family == LIN_SET && never_read_whole(part)) {
        decide_elements(in, part, space, &effort, ret_result);
        return;
    }
    lin_jit(space, part, &effort, ret_result, ret_stuck);
}
