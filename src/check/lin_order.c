/* Depth-first search for a legal order, after Wing and Gong, with Lowe's memory.
 *
 * Deciding this is NP-complete even for registers (Gibbons and Korach 1997), so all that can be
 * done is to search cleverly and to stop honestly. Three things make histories of working systems
 * easy: the caller lists operations in order of their returns, and since such systems are nearly
 * linearizable the first dive mostly ends well; an observer that may be next and fits is placed
 * at once and never taken back on its own, for that changes no state and can only make more
 * operations possible; and a set of placed operations with the same states that failed before is
 * not tried again. Only failures are remembered, so a dive that ends well stores nothing.
 *
 * ready bits: all that must come before is placed. trail: what is placed, in order, with the state
 * of its object before, so that everything can be undone. */
#include "lin_order.h"

#include "../base/map.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "lin_plant.h"
#include "lin_space.h"

#include <string.h>

enum { MEMORY_MAX = 256 << 20 };

struct placed {
    uint32_t op;
    uint32_t state_before;
};

struct frame {
    uint32_t trail_len;
    uint32_t cursor; /* the next operation to try */
};

struct search {
    const struct lin_view *view;
    uint32_t words;
    uint64_t *done; /* one block: done, then ready observers, then ready mutators */
    uint64_t *observers;
    uint64_t *mutators;
    uint32_t *missing; /* by operation: how many must still come before */
    uint32_t *states;  /* by object */
    struct placed *trail;
    uint32_t trail_len;
    struct frame *frames;
    size_t frame_cap;
    uint32_t depth;
    uint32_t left; /* operations that must still be placed */
    struct map *failed;
    size_t failed_bytes;
    struct buf key;
    struct lin_order_result *res;
};

static uint64_t *ready_bits(struct search *s, uint32_t op)
{
    return lin_op_observes(s->view->ops[op]) ? s->observers : s->mutators;
}

static void place(struct search *s, uint32_t op, uint32_t to)
{
    const struct lin_view *v = s->view;
    uint32_t *state = &s->states[v->object[op]];

    s->trail[s->trail_len++] = (struct placed){op, *state};
    *state = to;
    s->done[op >> 6] |= (uint64_t)1 << (op & 63);
    ready_bits(s, op)[op >> 6] &= ~((uint64_t)1 << (op & 63));
    s->left -= v->ops[op]->ret != LIN_OPEN;
    for (uint32_t i = v->after_at[op]; i < v->after_at[op + 1]; i++) {
        uint32_t next = v->after[i];
        if (--s->missing[next] == 0)
            ready_bits(s, next)[next >> 6] |= (uint64_t)1 << (next & 63);
    }
}

static void take_back(struct search *s)
{
    const struct lin_view *v = s->view;
    struct placed last = s->trail[--s->trail_len];
    uint32_t op = last.op;

    s->states[v->object[op]] = last.state_before;
    s->done[op >> 6] &= ~((uint64_t)1 << (op & 63));
    ready_bits(s, op)[op >> 6] |= (uint64_t)1 << (op & 63);
    s->left += v->ops[op]->ret != LIN_OPEN;
    for (uint32_t i = v->after_at[op]; i < v->after_at[op + 1]; i++) {
        uint32_t next = v->after[i];
        if (s->missing[next]++ == 0)
            ready_bits(s, next)[next >> 6] &= ~((uint64_t)1 << (next & 63));
    }
}

static uint32_t step(struct search *s, uint32_t op)
{
    uint32_t object = s->view->object[op];

    s->res->work++;
    return lin_step(s->view->spaces[object], s->states[object], s->view->ops[op]);
}

/* Places every observer that may be next and fits. */
static void settle(struct search *s)
{
    bool again = true;

    while (again) {
        again = false;
        for (uint32_t i = 0; i < s->words; i++) {
            for (uint64_t bits = s->observers[i]; bits != 0; bits &= bits - 1) {
                uint32_t op = 64 * i + (uint32_t)__builtin_ctzll(bits);
                uint32_t to = step(s, op);
                if (to == LIN_REFUSED)
                    continue;
                place(s, op, to);
                again = true;
            }
        }
    }
}

static void note_depth(struct search *s)
{
    struct lin_order_result *res = s->res;

    if (s->trail_len < res->placed || (s->trail_len == res->placed && res->stuck_count > 0))
        return;
    res->placed = s->trail_len;
    res->stuck_count = 0;
    for (uint32_t i = 0; i < s->words; i++)
        for (uint64_t bits = s->observers[i] | s->mutators[i]; bits != 0; bits &= bits - 1) {
            uint32_t op = 64 * i + (uint32_t)__builtin_ctzll(bits);
            if (s->view->ops[op]->ret != LIN_OPEN && res->stuck_count < LIN_ORDER_STUCK_MAX)
                res->stuck[res->stuck_count++] = op;
        }
}

/* What is placed and what it led to. */
static struct str key_of(struct search *s)
{
    buf_reset(&s->key);
    buf_add(&s->key, s->done, s->words * sizeof(*s->done));
    if (PLANTED_LIN(12))
        return buf_str(&s->key);
    buf_add(&s->key, s->states, s->view->object_count * sizeof(*s->states));
    return buf_str(&s->key);
}

/* Tries the next mutator of the top frame; false if there is none left. */
static bool advance(struct search *s)
{
    struct frame *f = &s->frames[s->depth - 1];

    for (uint32_t i = f->cursor >> 6; i < s->words; i++) {
        uint64_t bits = s->mutators[i];
        if (i == f->cursor >> 6)
            bits &= ~(uint64_t)0 << (f->cursor & 63);
        for (; bits != 0; bits &= bits - 1) {
            uint32_t op = 64 * i + (uint32_t)__builtin_ctzll(bits), to = step(s, op);
            bool idle = s->view->ops[op]->ret == LIN_OPEN && to == s->states[s->view->object[op]];
            if (to == LIN_REFUSED || idle)
                continue;
            f->cursor = op + 1;
            place(s, op, to);
            return true;
        }
    }
    return false;
}

static bool spent(const struct search *s, uint64_t budget)
{
    if (s->res->work > budget || s->failed_bytes > MEMORY_MAX)
        return true;
    for (uint32_t i = 0; i < s->view->object_count && (s->res->work & 1023) == 0; i++)
        if (lin_space_full(s->view->spaces[i]))
            return true;
    return false;
}

static enum lin_answer dive(struct search *s, uint64_t budget)
{
    for (;;) {
        settle(s);
        note_depth(s);
        if (s->left == 0)
            return LIN_VALID;
        if (map_len(s->failed) == 0 || map_find(s->failed, key_of(s)) == MAP_NONE) {
            s->frames = mem_grow(s->frames, &s->frame_cap, s->depth + 1, sizeof(*s->frames));
            s->frames[s->depth++] = (struct frame){s->trail_len, 0};
        } else if (s->depth > 0) {
            while (s->trail_len > s->frames[s->depth - 1].trail_len)
                take_back(s);
        }
        while (s->depth > 0 && !advance(s)) {
            struct str key = key_of(s);
            map_put(s->failed, key, NULL);
            s->failed_bytes += key.len + 48;
            s->depth--;
            while (s->depth > 0 && s->trail_len > s->frames[s->depth - 1].trail_len)
                take_back(s);
        }
        if (s->depth == 0)
            return LIN_INVALID;
        if (spent(s, budget))
            return LIN_UNKNOWN;
    }
}

void lin_order_search(const struct lin_view *view, uint64_t budget,
                      struct lin_order_result *ret_result)
{
    struct search s = {.view = view, .words = view->len / 64 + 1, .res = ret_result};

    *ret_result = (struct lin_order_result){.answer = LIN_VALID};
    s.done = mem_zalloc(3 * s.words * sizeof(*s.done));
    s.observers = s.done + s.words;
    s.mutators = s.done + 2 * s.words;
    s.missing = mem_zalloc(view->len * sizeof(*s.missing));
    s.states = mem_alloc(view->object_count * sizeof(*s.states));
    s.trail = mem_alloc(view->len * sizeof(*s.trail));
    s.failed = map_new();
    for (uint32_t i = 0; i < view->object_count; i++)
        s.states[i] = lin_space_start(view->spaces[i]);
    for (uint32_t i = 0; i < view->after_at[view->len]; i++)
        s.missing[view->after[i]]++;
    for (uint32_t i = 0; i < view->len; i++) {
        if (s.missing[i] == 0)
            ready_bits(&s, i)[i >> 6] |= (uint64_t)1 << (i & 63);
        s.left += view->ops[i]->ret != LIN_OPEN;
    }
    ret_result->answer = dive(&s, budget);
    mem_free(s.done);
    mem_free(s.missing);
    mem_free(s.states);
    mem_free(s.trail);
    mem_free(s.frames);
    map_free(s.failed);
    buf_release(&s.key);
}
