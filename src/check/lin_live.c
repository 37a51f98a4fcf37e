/* The bits of one value's readers, swappers and idle mutators follow from what is open, so a copy
 * of the block need not hold them: at a step back those of before are put out and those of then
 * lit. */
#include "lin_live.h"

#include "../base/mem.h"
#include "lin_plant.h"

#include <string.h>

enum { WANTED_MAX = 1 << 16 };

void lin_live_init(struct lin_live *v, const struct lin_op *ops, uint32_t words, uint32_t lanes,
                   uint32_t value_count)
{
    size_t bits = (size_t)words * 64;
    uint64_t *at;
    uint32_t *small;

    *v = (struct lin_live){.ops = ops};
    v->size = 4 * words * sizeof(*at) + (2 * bits + 3 * lanes) * sizeof(*small);
    v->block = mem_zalloc(v->size);
    at = v->block;
    v->mutators = at;
    v->observers = at + words;
    v->fixed = at + 2 * words;
    v->total = at + 3 * words;
    small = (uint32_t *)(at + 4 * words);
    v->mutator_at = small;
    v->observer_at = small + bits;
    v->class_at = small + 2 * bits;
    v->available = v->class_at + lanes;
    v->expire = v->available + lanes;
    for (uint32_t i = 0; i < lanes; i++)
        v->expire[i] = LIN_OPEN;
    if (words == 1 && value_count > 0 && value_count <= WANTED_MAX)
        v->wanted = mem_zalloc(value_count * sizeof(*v->wanted));
}

void lin_live_release(struct lin_live *v)
{
    mem_free(v->block);
    mem_free(v->wanted);
}

/* An operation opens, or closes: its bit is on or off. */
static void want(struct lin_live *v, const struct lin_op *op, uint64_t bit, bool on)
{
    struct lin_wanted *of_a;
    uint64_t *mask;

    if (v->wanted == NULL)
        return;
    of_a = &v->wanted[op->a];
    mask = lin_op_observes(op)                       ? &of_a->readers
           : op->kind == LIN_WRITE || op->a == op->b ? &of_a->idle
                                                     : &of_a->swappers;
    *mask = on ? *mask | bit : *mask & ~bit;
}

static void want_all(struct lin_live *v, bool on)
{
    if (v->wanted == NULL)
        return;
    for (uint64_t bits = v->mutators[0]; bits != 0; bits &= bits - 1)
        want(v, &v->ops[v->mutator_at[__builtin_ctzll(bits)]], bits & -bits, on);
    for (uint64_t bits = v->observers[0]; bits != 0; bits &= bits - 1)
        want(v, &v->ops[v->observer_at[__builtin_ctzll(bits)]], bits & -bits, on);
}

void lin_live_open_mutator(struct lin_live *v, uint32_t number, uint32_t place)
{
    const struct lin_op *op = &v->ops[number];
    uint64_t bit = (uint64_t)1 << (place & 63);
    bool total = op->kind == LIN_WRITE || op->kind == LIN_APPEND || PLANTED_LIN(4);

    v->mutators[place >> 6] |= bit;
    v->mutator_at[place] = number;
    if (total)
        v->total[place >> 6] |= bit;
    else if (op->kind != LIN_INSERT && op->kind != LIN_REMOVE)
        v->fixed[place >> 6] |= bit;
    want(v, op, bit, true);
}

void lin_live_open_observer(struct lin_live *v, uint32_t number, uint32_t place)
{
    uint64_t bit = (uint64_t)1 << (place & 63);

    v->observers[place >> 6] |= bit;
    v->observer_at[place] = number;
    want(v, &v->ops[number], bit, true);
}

void lin_live_open_class(struct lin_live *v, uint32_t number, uint32_t lane, uint32_t expire)
{
    v->class_at[lane] = number;
    v->available[lane]++;
    v->expire[lane] = expire;
}

void lin_live_close(struct lin_live *v, uint32_t number, uint32_t place)
{
    uint64_t bit = (uint64_t)1 << (place & 63);

    if (lin_op_observes(&v->ops[number])) {
        v->observers[place >> 6] &= ~bit;
    } else {
        v->mutators[place >> 6] &= ~bit;
        v->fixed[place >> 6] &= ~bit;
        v->total[place >> 6] &= ~bit;
    }
    want(v, &v->ops[number], bit, false);
}

void lin_live_load(struct lin_live *v, const void *block)
{
    want_all(v, false);
    memcpy(v->block, block, v->size);
    want_all(v, true);
}
