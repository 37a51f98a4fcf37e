/* Dropping an operation from a history proves nothing: without its write any read looks wrong. So
 * we weaken instead. A weakened mutator may have happened at any time or never; a weakened
 * observer says nothing and is left out. Whatever is wrong with some operations weakened is wrong
 * with all of them in force, so a core that is wrong while the rest is weakened explains the
 * original.
 *
 * Only where the method of decision says that the operations it blames need no others are those
 * taken away. Else we guess a set of operations to keep in force: the last few before the point of
 * failure, then more. The first guess that is still wrong is thinned out: chunks of it are
 * weakened, halves first, single operations last, as long as it stays wrong (delta debugging,
 * Zeller and Hildebrandt 2002). The effort is bounded, since on a long history every trial walks
 * over all weakened operations.
 *
 * A search that looks ahead (texts and lists) is stuck as soon as it cannot come to a good end, at
 * an operation that may be fine. There we first look for the shortest beginning that is wrong, by
 * halving, and in the end ask once more without looking ahead where one is stuck. */
#include "lin_core.h"

#include "../base/mem.h"
#include "lin_decide.h"
#include "lin_plant.h"
#include "lin_space.h"

#include <string.h>

enum {
    TRIAL_BUDGET = 50000,
    REACH_BUDGET = 1000000,
    EFFORT_MAX = 3000000,
    GUESS_MAX = 2048,
    WEAKENED_MAX = 200,
};

struct finder {
    struct lin_space *space;
    const struct lin_part *part;
    uint32_t reached;
    uint32_t len;          /* operations invoked by then */
    bool *scope;           /* by operation: those outside have nothing to do with it */
    bool *kept;            /* by operation: in force, not weakened */
    struct lin_part trial; /* the weakened part */
    uint32_t *number_of;   /* by operation of trial: its number in part */
    uint32_t *place_of;    /* and back */
    uint64_t budget;       /* of one trial */
    uint64_t effort;
    struct lin_stuck stuck; /* of the last trial that was wrong */
};

/* Weakened mutators first, then what is kept, in order of invocation. */
static void lay_out(struct finder *f)
{
    struct lin_part *t = &f->trial;

    t->len = t->event_len = 0;
    for (uint32_t i = 0; i < f->len; i++) {
        if (f->kept[i] || lin_op_observes(&f->part->ops[i]) || !f->scope[i] || PLANTED_LIN(15))
            continue;
        f->number_of[t->len] = i;
        t->ops[t->len] = f->part->ops[i];
        t->ops[t->len].inv = 0;
        t->ops[t->len].ret = LIN_OPEN;
        t->events[t->event_len++] = 2 * t->len++;
    }
    for (uint32_t e = 0; e < f->part->event_len; e++) {
        uint32_t number = f->part->events[e] >> 1;
        const struct lin_op *op = &f->part->ops[number];
        bool open = op->ret == LIN_OPEN || op->ret > f->reached;
        if (number >= f->len || !f->kept[number] || !f->scope[number] ||
            (open && lin_op_observes(op)))
            continue;
        if ((f->part->events[e] & 1) == 0) {
            f->place_of[number] = t->len;
            f->number_of[t->len] = number;
            t->ops[t->len] = *op;
            if (open)
                t->ops[t->len].ret = LIN_OPEN;
            t->events[t->event_len++] = 2 * t->len++;
        } else if (!open) {
            t->events[t->event_len++] = 2 * f->place_of[number] + 1;
        }
    }
}

/* Is what is kept still wrong? */
static bool wrong(struct finder *f)
{
    struct lin_effort effort = {.budget = f->budget};
    struct lin_stuck stuck;
    struct lin_result res;

    lay_out(f);
    lin_jit(f->space, &f->trial, &effort, &res, &stuck);
    f->effort += f->part->event_len / 8 + f->trial.event_len + res.work;
    if (res.answer != LIN_INVALID)
        return false;
    stuck.op = f->number_of[stuck.op];
    for (uint32_t i = 0; i < stuck.open_count; i++)
        stuck.open[i] = f->number_of[stuck.open[i]];
    f->stuck = stuck;
    return true;
}

static bool exhausted(const struct finder *f)
{
    return f->effort > EFFORT_MAX;
}

/* All that happened up to the event with that index, in force. */
static void take_beginning(struct finder *f, uint32_t reached)
{
    f->reached = reached;
    for (f->len = 0; f->len < f->part->len && f->part->ops[f->len].inv <= reached;)
        f->len++;
    memset(f->scope, true, f->part->len * sizeof(*f->scope));
    memset(f->kept, true, f->part->len * sizeof(*f->kept));
}

static uint32_t index_of(const struct lin_part *p, uint32_t event)
{
    const struct lin_op *op = &p->ops[p->events[event] >> 1];

    return p->events[event] & 1 ? op->ret : op->inv;
}

/* The end of the shortest beginning that can be shown to be wrong; not above what the search says
 * where that did not look ahead. */
static uint32_t find_reach(struct finder *f, const struct lin_result *res)
{
    uint32_t sound = 0, broken = f->part->event_len; /* lengths of beginnings, in events */

    if (!lin_space_looks_ahead(f->space) || res->culprit_count > 0 || PLANTED_LIN(18))
        return res->reached;
    f->budget = REACH_BUDGET;
    while (broken - sound > 1) {
        uint32_t middle = sound + (broken - sound) / 2;
        take_beginning(f, index_of(f->part, middle - 1));
        if (wrong(f))
            broken = middle;
        else
            sound = middle;
    }
    return index_of(f->part, broken - 1);
}

/* Where somebody is stuck who does not look ahead. */
static bool ask_patiently(struct finder *f)
{
    bool stuck;

    lin_space_be_patient(f->space, true);
    f->budget = TRIAL_BUDGET;
    stuck = wrong(f);
    lin_space_be_patient(f->space, false);
    return stuck;
}

/* Nothing but the culprits, which need no others. */
static bool guess_closed(struct finder *f, const struct lin_result *res)
{
    memset(f->scope, 0, f->len * sizeof(*f->scope));
    for (uint32_t i = 0; i < res->culprit_count; i++)
        f->scope[res->culprits[i]] = f->kept[res->culprits[i]] = true;
    if (wrong(f))
        return true;
    memset(f->scope, true, f->len * sizeof(*f->scope));
    return false;
}

/* Of a set that is never read whole only the element matters that is contradicted. */
static bool narrow(struct finder *f, const struct lin_result *res)
{
    const struct lin_op *culprit = &f->part->ops[res->culprits[0]];

    bool narrowed = res->culprit_count == 1 && culprit->kind == LIN_CONTAINS;

    for (uint32_t i = 0; i < f->len; i++)
        f->scope[i] = !narrowed || f->part->ops[i].a == culprit->a;
    return narrowed;
}

/* Weakened operations of other objects than registers make rows long and states many. */
static bool too_many(const struct finder *f)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < f->len; i++)
        count += f->scope[i] && !lin_op_observes(&f->part->ops[i]);
    return lin_space_value_count(f->space) == 0 && count > WEAKENED_MAX;
}

/* Leaves a first guess in kept that is wrong, or gives up. */
static bool guess(struct finder *f, const struct lin_result *res)
{
    bool narrowed = narrow(f, res);

    if (res->closed && guess_closed(f, res))
        return true;
    if (!narrowed && too_many(f))
        return false;
    for (uint32_t width = 16; !exhausted(f); width *= 4) {
        uint32_t from = f->len, inside = 0;
        while (from > 0 && inside < width)
            inside += f->scope[--from];
        for (uint32_t i = 0; i < f->len; i++)
            f->kept[i] = i >= from;
        if (wrong(f))
            return true;
        if (from == 0 || width >= GUESS_MAX)
            return false;
    }
    return false;
}

static uint32_t list_kept(const struct finder *f, uint32_t *into)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < f->len; i++)
        if (f->kept[i] && f->scope[i])
            into[count++] = i;
    return count;
}

/* Weakens one chunk of the list after the other where that leaves something wrong. True if it
 * did so at least once. */
static bool thin_pass(struct finder *f, uint32_t *list, uint32_t *count, uint32_t chunk)
{
    bool shrunk = false;

    for (uint32_t at = 0; at < *count && !exhausted(f);) {
        uint32_t end = at + chunk < *count ? at + chunk : *count;
        for (uint32_t i = at; i < end; i++)
            f->kept[list[i]] = false;
        if (wrong(f)) {
            *count = list_kept(f, list);
            shrunk = true;
            continue;
        }
        for (uint32_t i = at; i < end; i++)
            f->kept[list[i]] = true;
        at = end;
    }
    return shrunk;
}

/* True if it came to its end: nothing more can be weakened. */
static bool thin_out(struct finder *f)
{
    uint32_t *list = mem_alloc(f->len * sizeof(*list));
    uint32_t count = list_kept(f, list), chunk = count;
    bool shrunk = true;

    while ((chunk > 1 || shrunk) && !exhausted(f)) {
        chunk = (chunk + 1) / 2;
        shrunk = thin_pass(f, list, &count, chunk);
    }
    mem_free(list);
    return !exhausted(f);
}

static void finder_init(struct finder *f, struct lin_space *space, const struct lin_part *part)
{
    *f = (struct finder){.space = space, .part = part};
    f->scope = mem_zalloc(part->len * sizeof(*f->scope));
    f->kept = mem_zalloc(part->len * sizeof(*f->kept));
    f->trial.ops = mem_alloc(part->len * sizeof(*f->trial.ops));
    f->trial.events = mem_alloc(2 * part->len * sizeof(*f->trial.events));
    f->number_of = mem_alloc(part->len * sizeof(*f->number_of));
    f->place_of = mem_alloc(part->len * sizeof(*f->place_of));
}

static void finder_release(struct finder *f)
{
    mem_free(f->scope);
    mem_free(f->kept);
    mem_free(f->trial.ops);
    mem_free(f->trial.events);
    mem_free(f->number_of);
    mem_free(f->place_of);
}

/* The finder's guess was wrong: makes it small. False: it stays too large. */
static bool take_core(struct finder *f, struct lin_core *core)
{
    core->minimal = thin_out(f);
    if (!lin_space_looks_ahead(f->space) || !ask_patiently(f))
        wrong(f); /* once more, so that stuck is about the final set */
    core->ops = mem_alloc(f->len * sizeof(*core->ops));
    core->len = list_kept(f, core->ops);
    core->stuck = f->stuck;
    core->is_stuck = true;
    if (core->len > LIN_CORE_MAX)
        lin_core_release(core);
    return core->ops != NULL;
}

bool lin_core_find(struct lin_space *space, const struct lin_part *part,
                   const struct lin_result *res, const struct lin_stuck *stuck,
                   struct lin_core *ret_core)
{
    struct finder f;
    struct lin_result at = *res;
    bool found;

    finder_init(&f, space, part);
    at.reached = find_reach(&f, res);
    take_beginning(&f, at.reached);
    memset(f.kept, 0, part->len * sizeof(*f.kept));
    f.budget = TRIAL_BUDGET;
    f.effort = 0;
    *ret_core = (struct lin_core){.reached = at.reached, .stuck = *stuck};
    ret_core->is_stuck = stuck->op != LIN_NO_OP;

    found = guess(&f, &at) && take_core(&f, ret_core);
    if (!found && ret_core->is_stuck && lin_space_looks_ahead(space)) {
        take_beginning(&f, at.reached);
        ret_core->is_stuck = ask_patiently(&f);
        ret_core->stuck = f.stuck;
    }
    finder_release(&f);
    return found;
}

void lin_core_release(struct lin_core *c)
{
    mem_free(c->ops);
    c->ops = NULL;
    c->len = 0;
}
