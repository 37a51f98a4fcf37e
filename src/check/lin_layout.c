/* Bits and lanes are given out before the search starts, so that a configuration has a fixed
 * size and the search can be set back to any event.
 *
 * Operations that return get a bit while they are open; bits are reused. Observers and mutators
 * count separately. Operations that never return stay open for ever, and a history of a faulty
 * system has thousands of them. So they get no bit: those that do the same are one class, and a
 * configuration counts how many of the class it has used. Of registers we also know when a class
 * has lost its use: a write of v, or a cas to v, that may or may not have happened can be left
 * out of any order once all reads of v and all cas from v have returned, for the next operation
 * after it can only be a write, which does not care what it overwrites. Its lane is free then. */
#include "lin_layout.h"

#include "../base/map.h"
#include "../base/mem.h"
#include "lin_plant.h"
#include "lin_space.h"

#include <string.h>

/* Numbers from 0, the lowest free one first out of those given back. */
struct pool {
    uint32_t *free;
    size_t cap;
    uint32_t free_len;
    uint32_t used; /* numbers ever given out */
};

static uint32_t pool_get(struct pool *p)
{
    return p->free_len > 0 ? p->free[--p->free_len] : p->used++;
}

static void pool_put(struct pool *p, uint32_t number)
{
    p->free = mem_grow(p->free, &p->cap, p->free_len + 1, sizeof(*p->free));
    p->free[p->free_len++] = number;
}

/* By value: the last event that needs it, 0 for none. NULL where states are no values. */
static uint32_t *last_needs(const struct lin_space *space, const struct lin_part *p)
{
    uint32_t count = lin_space_value_count(space);
    uint32_t *need;
    bool changed = true;

    if (count == 0)
        return NULL;
    need = mem_zalloc(count * sizeof(*need));
    for (uint32_t i = 0; i < p->len; i++) {
        const struct lin_op *op = &p->ops[i];
        if (op->kind != LIN_WRITE && op->ret != LIN_OPEN && need[op->a] < op->ret)
            need[op->a] = op->ret;
    }
    while (changed) {
        changed = false;
        for (uint32_t i = p->len; i-- > 0;) {
            const struct lin_op *op = &p->ops[i];
            if (op->kind == LIN_CAS && op->ret == LIN_OPEN && need[op->a] < need[op->b]) {
                need[op->a] = need[op->b];
                changed = true;
            }
        }
    }
    return need;
}

struct class
{
    uint32_t lane;
    uint32_t expire;
};

struct planner {
    struct lin_layout *layout;
    struct pool mutators, observers, lanes;
    struct map *names; /* (kind, a, b) of indeterminate operations, to the class */
    struct class *classes;
    size_t class_cap;
    uint32_t *live; /* classes that will expire */
    size_t live_cap;
    uint32_t live_len;
    uint32_t first_expire; /* the earliest among them */
};

static void plan_open(struct planner *w, const struct lin_op *op, uint32_t number, uint32_t expire)
{
    uint32_t name[3] = {op->kind, op->a, op->b}, c;
    bool is_new;

    w->layout->place[number] = LIN_NO_PLACE;
    if (expire <= op->inv || (PLANTED_LIN(6) && expire != LIN_OPEN))
        return;
    c = map_put(w->names, (struct str){(char *)name, sizeof(name)}, &is_new);
    if (is_new) {
        w->classes = mem_grow(w->classes, &w->class_cap, c + 1, sizeof(*w->classes));
        w->classes[c] = (struct class){.lane = pool_get(&w->lanes), .expire = expire};
        if (expire != LIN_OPEN) {
            w->live = mem_grow(w->live, &w->live_cap, w->live_len + 1, sizeof(*w->live));
            w->live[w->live_len++] = c;
            if (expire < w->first_expire)
                w->first_expire = expire;
        }
    }
    w->layout->place[number] = w->classes[c].lane;
    w->layout->expire[number] = w->classes[c].expire;
}

static void plan_expire(struct planner *w, uint32_t now)
{
    uint32_t kept = 0;

    if (now < w->first_expire)
        return;
    w->first_expire = LIN_OPEN;
    for (uint32_t i = 0; i < w->live_len; i++) {
        const struct class *c = &w->classes[w->live[i]];
        if (c->expire <= now) {
            pool_put(&w->lanes, c->lane);
            continue;
        }
        if (c->expire < w->first_expire)
            w->first_expire = c->expire;
        w->live[kept++] = w->live[i];
    }
    w->live_len = kept;
}

static void plan_event(struct planner *w, const struct lin_part *p, uint32_t event,
                       const uint32_t *need)
{
    uint32_t number = event >> 1;
    const struct lin_op *op = &p->ops[number];
    struct pool *bits = lin_op_observes(op) ? &w->observers : &w->mutators;

    if (event & 1) {
        pool_put(bits, w->layout->place[number]);
        plan_expire(w, op->ret);
    } else if (op->ret != LIN_OPEN) {
        w->layout->place[number] = pool_get(bits);
    } else {
        uint32_t expire = LIN_OPEN;
        if (need != NULL)
            expire = need[op->kind == LIN_CAS ? op->b : op->a];
        plan_open(w, op, number, expire);
    }
}

void lin_layout_init(struct lin_layout *l, const struct lin_space *space,
                     const struct lin_part *part)
{
    struct planner w = {.layout = l, .first_expire = LIN_OPEN};
    uint32_t *need = last_needs(space, part);
    uint32_t bits;

    l->place = mem_alloc(part->len * sizeof(*l->place));
    l->expire = mem_alloc(part->len * sizeof(*l->expire));
    w.names = map_new();
    for (uint32_t i = 0; i < part->event_len; i++)
        plan_event(&w, part, part->events[i], need);
    bits = w.mutators.used > w.observers.used ? w.mutators.used : w.observers.used;
    l->words = bits == 0 ? 1 : (bits + 63) / 64;
    l->lanes = (w.lanes.used + 1) & ~1u;
    mem_free(w.mutators.free);
    mem_free(w.observers.free);
    mem_free(w.lanes.free);
    mem_free(w.classes);
    mem_free(w.live);
    map_free(w.names);
    mem_free(need);
}

void lin_layout_release(struct lin_layout *l)
{
    mem_free(l->place);
    mem_free(l->expire);
}
