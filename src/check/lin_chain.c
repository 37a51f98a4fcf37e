/* Objects that only grow: a list that is appended to, a set that is added to.
 *
 * What reads show must lie on one chain: each list a beginning of the longest, each set inside
 * every bigger one. The chain orders blocks of operations: the additions that lead to the next
 * shown state, the reads of that state, and so on; behind all reads stand the additions that none
 * shows. Within a block any order will do. The history is linearizable if and only if no operation
 * of a later block returned before one of an earlier block was invoked: then each can be given a
 * moment in order of blocks, none before its invocation. One walk over the events finds that
 * out: at an invocation, no operation of a later block may have returned.
 *
 * Needs distinct additions, since of two equal ones the walk would not know whose block it is.
 * That reads must form a chain holds without that too. */
#include "lin_special.h"

#include "../base/map.h"
#include "../base/mem.h"
#include "lin_input.h"
#include "lin_plant.h"
#include "lin_space.h"

#include <stdlib.h>

enum { NOBODY = UINT32_MAX, NO_BLOCK = UINT32_MAX };

/* Who added each value (number in the input); entries of another part's key are stale. */
struct adders {
    uint32_t *by_value;
    uint32_t count;
};

/* False: two additions are equal. */
static bool gather(struct lin_input *in, const struct lin_part *p, uint8_t kind, struct adders *a)
{
    a->count = map_len(in->values);
    a->by_value = mem_alloc(a->count * sizeof(*a->by_value));
    for (uint32_t i = 0; i < a->count; i++)
        a->by_value[i] = NOBODY;
    for (uint32_t i = 0; i < p->len; i++) {
        if (p->ops[i].kind != kind)
            continue;
        if (a->by_value[p->ops[i].a] != NOBODY)
            return false;
        a->by_value[p->ops[i].a] = i;
    }
    return true;
}

/* The walk. block: by operation, NO_BLOCK for what is left out. */
static void walk(const struct lin_part *p, const uint32_t *block, struct lin_result *res)
{
    uint32_t latest = NOBODY; /* of those that returned, the one of the latest block */

    for (uint32_t e = 0; e < p->event_len; e++) {
        uint32_t number = p->events[e] >> 1;
        if (block[number] == NO_BLOCK)
            continue;
        if (p->events[e] & 1) {
            if (latest == NOBODY || block[number] > block[latest])
                latest = number;
        } else if (latest != NOBODY && block[latest] > block[number] && !PLANTED_LIN(9)) {
            lin_blame(p, res, (uint32_t[]){latest, number}, 2);
            return;
        }
    }
    lin_praise(p, res);
}

/* What was added and never shown stands last, or is left out if it need not have happened. */
static void place_unseen(const struct lin_part *p, uint32_t *block, uint32_t last)
{
    for (uint32_t i = 0; i < p->len; i++)
        if (block[i] == NO_BLOCK && p->ops[i].ret != LIN_OPEN)
            block[i] = last;
}

static bool place_list(const struct lin_space *space, const struct lin_part *p,
                       const struct adders *a, uint32_t *block, struct lin_result *res)
{
    int64_t len = lin_space_path(space);
    uint32_t longest = NOBODY;

    for (uint32_t i = 0; i < p->len; i++) {
        if (p->ops[i].kind != LIN_READ)
            continue;
        block[i] = 2 * lin_space_depth(space, p->ops[i].a);
        if (longest == NOBODY || block[i] > block[longest])
            longest = i;
    }
    for (uint32_t place = 0; place < len; place++) {
        uint32_t value = lin_space_path_at(space, place);
        uint32_t adder = value < a->count ? a->by_value[value] : NOBODY;
        if (adder == NOBODY || block[adder] != NO_BLOCK) { /* from nowhere, or shown twice */
            lin_blame(p, res, (uint32_t[]){longest, adder}, 2);
            return false;
        }
        block[adder] = 2 * place + 1;
    }
    place_unseen(p, block, 2 * (uint32_t)len + 1);
    return true;
}

/* Some two reads of which none is a beginning of the other, or that cannot be at all. */
static void blame_fork(const struct lin_part *p, struct lin_result *res)
{
    *res = (struct lin_result){.answer = LIN_INVALID, .work = p->len};
    for (uint32_t i = 0; i < p->len; i++)
        if (p->ops[i].kind == LIN_READ && p->ops[i].ret > res->reached)
            res->reached = p->ops[i].ret;
}

static bool reads_possible(const struct lin_part *p, struct lin_result *res)
{
    for (uint32_t i = 0; i < p->len; i++)
        if (p->ops[i].kind == LIN_READ && p->ops[i].a == LIN_IMPOSSIBLE) {
            lin_blame(p, res, &i, 1);
            return false;
        }
    return true;
}

static uint32_t *new_blocks(const struct lin_part *p)
{
    uint32_t *block = mem_alloc(p->len * sizeof(*block));

    for (uint32_t i = 0; i < p->len; i++)
        block[i] = NO_BLOCK;
    return block;
}

bool lin_chain_list(struct lin_input *in, const struct lin_space *space,
                    const struct lin_part *part, struct lin_result *ret_result)
{
    struct adders adders;
    uint32_t *block = new_blocks(part);
    bool fits = gather(in, part, LIN_APPEND, &adders);

    if (fits && reads_possible(part, ret_result)) {
        if (lin_space_path(space) < 0)
            blame_fork(part, ret_result);
        else if (place_list(space, part, &adders, block, ret_result))
            walk(part, block, ret_result);
    }
    mem_free(adders.by_value);
    mem_free(block);
    return fits;
}

/* ---- sets ---- */

struct shown {
    const int64_t *elements;
    size_t count;
    uint32_t read; /* number of the operation */
};

static int compare_shown(const void *x, const void *y)
{
    const struct shown *a = x, *b = y;

    if (a->count != b->count)
        return a->count < b->count ? -1 : 1;
    return (a->read > b->read) - (a->read < b->read);
}

/* Gives the additions between two sets their block; false if small is not inside big, or an
 * element came from nowhere. */
static bool place_growth(const struct shown *small, const struct shown *big, const struct adders *a,
                         uint32_t *block, uint32_t at)
{
    size_t i = 0;

    for (size_t k = 0; k < big->count; k++) {
        if (i < small->count && small->elements[i] == big->elements[k]) {
            i++;
            continue;
        }
        uint32_t value = (uint32_t)big->elements[k];
        if (value >= a->count || a->by_value[value] == NOBODY)
            return false;
        block[a->by_value[value]] = at;
    }
    return i == small->count;
}

static bool place_set(const struct lin_space *space, const struct lin_part *p,
                      const struct adders *a, uint32_t *block, struct lin_result *res)
{
    struct shown *sets = mem_alloc((p->len + 1) * sizeof(*sets));
    uint32_t count = 1, at = 0;
    bool ok = true;

    sets[0] = (struct shown){.read = NOBODY}; /* empty, at the start */
    for (uint32_t i = 0; i < p->len; i++) {
        if (p->ops[i].kind != LIN_READ)
            continue;
        sets[count] = (struct shown){.read = i};
        sets[count].elements = lin_space_elements(space, p->ops[i].a, &sets[count].count);
        count++;
    }
    qsort(sets + 1, count - 1, sizeof(*sets), compare_shown);
    for (uint32_t i = 1; i < count && ok; i++) {
        bool same = sets[i].count == sets[i - 1].count && sets[i].elements == sets[i - 1].elements;
        if (!same && sets[i].count > 0) {
            at += 2;
            ok = place_growth(&sets[i - 1], &sets[i], a, block, at - 1);
        }
        block[sets[i].read] = at;
        if (!ok)
            lin_blame(p, res, (uint32_t[]){sets[i - 1].read, sets[i].read}, 2);
    }
    mem_free(sets);
    place_unseen(p, block, at + 1);
    return ok;
}

bool lin_chain_set(struct lin_input *in, const struct lin_space *space, const struct lin_part *part,
                   struct lin_result *ret_result)
{
    struct adders adders = {NULL, 0};
    uint32_t *block = new_blocks(part);
    bool fits = true;

    for (uint32_t i = 0; i < part->len; i++)
        fits &= part->ops[i].kind == LIN_INSERT || part->ops[i].kind == LIN_READ;
    fits = fits && gather(in, part, LIN_INSERT, &adders);
    if (fits && reads_possible(part, ret_result) &&
        place_set(space, part, &adders, block, ret_result))
        walk(part, block, ret_result);
    mem_free(adders.by_value);
    mem_free(block);
    return fits;
}
