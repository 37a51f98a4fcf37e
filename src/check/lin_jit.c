/* Just-in-time linearization: Wing and Gong's question (1993) asked in order of time, after
 * Lowe's "Testing for linearizability" (2017).
 *
 * We walk the events and keep a set of configurations, each a way in which the operations so far
 * can have happened: the state it led to, and which of the open operations it has used. An
 * invocation adds nothing but a possibility. Only when an operation returns must it have
 * happened: each configuration that has not used it is extended by every sequence of open
 * operations that ends with it, and those that cannot be are dropped. When none is left the
 * history up to here has no linearization; when the events end with one left it has.
 *
 * Four observations keep the set small. Each is exact.
 * 1. An observer that fits the state is settled at once, wherever it is open: that changes no
 *    state, so whatever could follow still can.
 * 2. A total operation (write, append) that is open when a write happens may have happened just
 *    before the write, unseen; so may any operation in a state that it does not change. Its bit
 *    moves to "hidden": at its return the configuration may let it go for free, or still use it.
 *    Without this, n concurrent writes make 2^n configurations.
 * 3. A configuration covers another of equal state if every operation is either the same in both
 *    or hidden in the first, it settled at least as many observers and used no more of each class
 *    of indeterminate operations (which need never happen). Covered ones are not kept.
 * 4. Indeterminate operations of equal effect are interchangeable: counted, not named
 *    (lin_layout.c). One that would not change the state is not used.
 *
 * Still the set can explode, so it is held to a beam, in which the most hopeful survive. What
 * survives to the end proves that the history is fine. An empty set proves that it is not only if
 * nothing was dropped before it; otherwise we step back to a checkpoint and come again with a wider
 * beam, and at last to the base, the last event up to which nothing was dropped, until the beam has
 * no bound. So a rare hard stretch costs a few hundred events again, not the whole history.
 *
 * Tried and dropped: leaving out writes of values that nobody waits for. A write that changes
 * nothing hides those before it, so [x, a] in state a loses x; it took 100,000 operations to show.
 *
 * Invariants: 1. every row of current is a possible past (also after dropping). 2. while exact is
 * true, current holds or covers all of them. 3. bits of places that are not open are 0. */
#include "lin_jit.h"

#include "../base/mem.h"
#include "lin_configs.h"
#include "lin_layout.h"
#include "lin_live.h"
#include "lin_plant.h"
#include "lin_space.h"

#include <string.h>

enum {
    BEAM_PLAIN = 2048, /* without indeterminate operations */
    BEAM_LANES = 64,   /* with them */
    BEAM_FACTOR = 8,
    BEAM_LAST = 1 << 18,  /* beyond it there is no bound */
    VISIT_FACTOR = 16,    /* how many more rows than the beam one return may try */
    LEVELS = 3,           /* distances of checkpoints: 128, 1024, 8192 returns */
    CHECKPOINT_SHIFT = 7, /* log 2 of the smallest distance */
    LEVEL_SHIFT = 3,      /* log 2 of the ratio of distances */
    CONFIG_WORDS_MAX = 48 << 20,
};

struct checkpoint {
    void *block;
    uint64_t *rows;
    size_t row_cap;
    uint32_t len;
    uint32_t event;
    uint32_t returns;
    bool exact;
    bool valid;
};

struct jit {
    struct lin_space *space;
    const struct lin_part *part;
    struct lin_layout layout;
    struct lin_live live;
    struct lin_configs current, next, visit;
    uint64_t *row, *grown; /* rows being worked on */
    uint32_t *targets;     /* the state after each open mutator, by bit */
    uint32_t beam;         /* 0: no bound */
    uint32_t beam_first;
    bool haste;   /* use indeterminate operations only where nothing else helps */
    bool dropped; /* while dealing with the current event */
    bool dead;    /* after it: nothing is left */
    bool exact;
    uint64_t work, budget;
    uint32_t cost; /* of handling one row: 1 for the shortest */
    struct checkpoint base;
    struct checkpoint recent[LEVELS][2];
};

/* ---- lanes ---- */

static uint32_t *counts_of(const struct jit *j, uint64_t *row)
{
    return (uint32_t *)(row + 1 + 3 * j->layout.words);
}

static void expire_lanes(struct jit *j, uint32_t now)
{
    for (uint32_t lane = 0; lane < j->layout.lanes; lane++) {
        if (j->live.expire[lane] > now)
            continue;
        j->live.expire[lane] = LIN_OPEN;
        j->live.available[lane] = 0;
        for (uint32_t i = 0; i < j->current.len; i++)
            counts_of(j, lin_configs_at(&j->current, i))[lane] = 0;
    }
}

/* ---- steps ---- */

LIN_INLINE uint32_t step(struct jit *j, uint32_t state, const struct lin_op *op)
{
    if (op->kind == LIN_WRITE)
        return op->a;
    if (op->kind == LIN_CAS)
        return state == op->a ? op->b : LIN_REFUSED;
    return lin_step(j->space, state, op);
}

LIN_INLINE bool observes(struct jit *j, uint32_t state, const struct lin_op *op)
{
    return op->kind == LIN_READ ? state == op->a : lin_step(j->space, state, op) != LIN_REFUSED;
}

/* Observation 1. */
LIN_INLINE void settle(struct jit *j, uint64_t *row, uint32_t w)
{
    for (uint32_t i = 0; i < w; i++) {
        uint64_t *settled = &row[1 + 2 * w + i];
        for (uint64_t bits = j->live.observers[i] & ~*settled; bits != 0; bits &= bits - 1) {
            uint32_t place = 64 * i + (uint32_t)__builtin_ctzll(bits);
            if (observes(j, (uint32_t)row[0], &j->part->ops[j->live.observer_at[place]]))
                *settled |= bits & -bits;
        }
    }
}

/* The operation that returns. */
struct target {
    bool observes;
    uint32_t word;
    uint64_t bit;
};

/* Planted: a write of what no open operation waits for is not used before it returns; one that
 * returns and changes nothing hides those before it, others do not. */
static bool planted_idle(const struct jit *j, const struct lin_op *write)
{
    for (uint32_t i = 0; i < j->layout.words * 64; i++) {
        uint32_t word = i >> 6;
        if ((j->live.observers[word] >> (i & 63) & 1) &&
            j->part->ops[j->live.observer_at[i]].a == write->a)
            return false;
        if ((j->live.fixed[word] >> (i & 63) & 1) &&
            j->part->ops[j->live.mutator_at[i]].a == write->a)
            return false;
    }
    return write->kind == LIN_WRITE && j->layout.lanes == 0;
}

static void planted_hide(const struct jit *j, const struct target *t, uint64_t *row, uint32_t w)
{
    for (uint32_t i = 0; i < w && (j->live.total[t->word] & t->bit) != 0; i++)
        row[1 + w + i] |= j->live.total[i] & ~row[1 + i];
}

LIN_INLINE void keep(struct jit *j, const uint64_t *row, const struct target *t, uint32_t w,
                     uint32_t c)
{
    uint64_t *done = j->row;

    memcpy(done, row, (1 + 3 * w + c) * sizeof(*done));
    if (t->observes) {
        done[1 + 2 * w + t->word] &= ~t->bit;
    } else {
        done[1 + t->word] &= ~t->bit;
        done[1 + w + t->word] &= ~t->bit;
    }
    j->work += j->cost;
    lin_configs_insert(&j->next, done, w, c);
}

/* grown is a row to which an operation was just applied: settles it and files it. v: states are
 * values, and j->live.wanted is there. */
LIN_INLINE void file(struct jit *j, uint64_t *grown, const struct lin_op *op,
                     const struct target *t, uint32_t w, uint32_t c, bool v)
{
    bool reached;

    if (op->kind == LIN_WRITE)
        for (uint32_t i = 0; i < w; i++)
            grown[1 + w + i] |= j->live.mutators[i] & j->live.total[i] & ~grown[1 + i];
    if (v && !PLANTED_LIN(3))
        grown[3] |= j->live.wanted[(uint32_t)grown[0]].readers;
    else if (!PLANTED_LIN(3))
        settle(j, grown, w);
    reached = (grown[1 + (t->observes ? 2 * w : 0) + t->word] & t->bit) != 0;
    j->work += j->cost;
    if (reached)
        keep(j, grown, t, w, c);
    else
        lin_configs_insert(&j->visit, grown, w, c);
}

/* Applies every open operation that will return to row number at of visit. */
LIN_INLINE void extend(struct jit *j, uint32_t at, const struct target *t, uint32_t w, uint32_t c)
{
    size_t stride = 1 + 3 * w + c;
    uint64_t row[1 + 3], *from = w == 1 && c == 0 ? row : j->row + stride, *grown = j->grown;
    uint32_t state;
    bool target_hidden = false;

    memcpy(from, lin_configs_at(&j->visit, at), stride * sizeof(*from));
    state = (uint32_t)from[0];
    for (uint32_t i = 0; i < w; i++) { /* first those that hide in this state: observation 2 */
        for (uint64_t bits = j->live.mutators[i] & ~from[1 + i]; bits != 0; bits &= bits - 1) {
            uint32_t place = 64 * i + (uint32_t)__builtin_ctzll(bits);
            const struct lin_op *op = &j->part->ops[j->live.mutator_at[place]];
            j->targets[place] = step(j, state, op);
            if (j->targets[place] != state)
                continue;
            from[1 + w + i] |= bits & -bits;
            target_hidden |= !t->observes && i == t->word && (bits & -bits) == t->bit;
        }
    }
    if (c > 0) /* extend_lanes() will need them */
        memcpy(lin_configs_at(&j->visit, at) + 1 + w, from + 1 + w, w * sizeof(*from));
    if (PLANTED_LIN(17) && target_hidden)
        planted_hide(j, t, from, w);
    if (target_hidden)
        keep(j, from, t, w, c);
    for (uint32_t i = 0; i < w; i++) {
        uint64_t open = j->live.mutators[i] & ~from[1 + i];
        for (uint64_t bits = open; bits != 0; bits &= bits - 1) {
            uint32_t place = 64 * i + (uint32_t)__builtin_ctzll(bits);
            if (j->targets[place] == LIN_REFUSED || j->targets[place] == state)
                continue;
            if (PLANTED_LIN(17) && !(i == t->word && (bits & -bits) == t->bit) &&
                planted_idle(j, &j->part->ops[j->live.mutator_at[place]]))
                continue;
            memcpy(grown, from, stride * sizeof(*grown));
            grown[0] = j->targets[place];
            grown[1 + i] |= bits & -bits;
            grown[1 + w + i] &= ~(bits & -bits);
            file(j, grown, &j->part->ops[j->live.mutator_at[place]], t, w, c, false);
        }
    }
}

/* The same where states are values: only operations that do something are looked at. */
LIN_INLINE void extend_values(struct jit *j, uint32_t at, const struct target *t, uint32_t c)
{
    size_t stride = 4 + c;
    uint64_t row[4], *from = c == 0 ? row : j->row + stride, *grown = j->grown, open, idle;
    const struct lin_wanted *wanted;
    uint32_t state;

    memcpy(from, lin_configs_at(&j->visit, at), stride * sizeof(*from));
    state = (uint32_t)from[0];
    wanted = &j->live.wanted[state];
    open = j->live.mutators[0] & ~from[1];
    idle = open & wanted->idle;
    from[2] |= idle;
    if (c > 0)
        lin_configs_at(&j->visit, at)[2] = from[2];
    if (PLANTED_LIN(17) && !t->observes && (idle & t->bit) != 0)
        planted_hide(j, t, from, 1);
    if (!t->observes && (idle & t->bit) != 0)
        keep(j, from, t, 1, c);
    open &= ~idle & ~(j->live.fixed[0] & ~wanted->swappers);
    for (; open != 0; open &= open - 1) {
        uint64_t bit = open & -open;
        const struct lin_op *op = &j->part->ops[j->live.mutator_at[__builtin_ctzll(open)]];
        uint32_t to = step(j, state, op);
        if (to == LIN_REFUSED || to == state ||
            (PLANTED_LIN(17) && bit != t->bit && planted_idle(j, op)))
            continue;
        memcpy(grown, from, stride * sizeof(*grown));
        grown[0] = to;
        grown[1] |= bit;
        grown[2] &= ~bit;
        file(j, grown, op, t, 1, c, true);
    }
}

/* The same with one of each class of indeterminate operations: observation 4. */
LIN_INLINE void extend_lanes(struct jit *j, uint32_t at, const struct target *t, uint32_t w,
                             uint32_t c, bool v)
{
    size_t stride = 1 + 3 * w + c;
    uint64_t *from = j->row + stride, *grown = j->grown;
    const uint32_t *count = (const uint32_t *)(from + 1 + 3 * w);
    uint32_t state;

    memcpy(from, lin_configs_at(&j->visit, at), stride * sizeof(*from));
    state = (uint32_t)from[0];
    for (uint32_t lane = 0; lane < 2 * c; lane++) {
        const struct lin_op *op = &j->part->ops[j->live.class_at[lane]];
        uint32_t to;
        if (count[lane] >= j->live.available[lane])
            continue;
        to = step(j, state, op);
        if (to == LIN_REFUSED || to == state)
            continue;
        memcpy(grown, from, stride * sizeof(*grown));
        grown[0] = to;
        ((uint32_t *)(grown + 1 + 3 * w))[lane]++;
        file(j, grown, op, t, w, c, v);
    }
}

/* Looking along the chains of the sets is work too: where indeterminate operations abound, most. */
static uint64_t work_of(const struct jit *j)
{
    return j->work + (j->visit.walked + j->next.walked + j->current.walked) / 8;
}

static bool spent(const struct jit *j)
{
    return work_of(j) > j->budget || (size_t)j->visit.len * j->visit.stride > CONFIG_WORDS_MAX ||
           (size_t)j->next.len * j->next.stride > CONFIG_WORDS_MAX || lin_space_full(j->space);
}

/* Sorts the rows of current into those that are done with the target and those to extend. */
LIN_INLINE void divide(struct jit *j, const struct target *t, uint32_t w, uint32_t c)
{
    lin_configs_reset(&j->next);
    lin_configs_reset(&j->visit);
    for (uint32_t i = 0; i < j->current.len; i++) {
        const uint64_t *row = lin_configs_at(&j->current, i);
        if (row[1 + (t->observes ? 2 * w : 0) + t->word] & t->bit) {
            keep(j, row, t, w, c);
            continue;
        }
        if (!t->observes && (row[1 + w + t->word] & t->bit) != 0)
            keep(j, row, t, w, c);
        lin_configs_insert(&j->visit, row, w, c);
    }
}

/* The heart: fills next with all that can be once the target has returned. Rows are extended
 * level by level, a level having used one indeterminate operation more than the one before. In
 * haste we stop after the first level that leaves something. */
LIN_INLINE bool return_sized(struct jit *j, const struct target *t, uint32_t w, uint32_t c, bool v)
{
    uint32_t level_start = 0, plain = 0;

    divide(j, t, w, c);
    while (plain < j->visit.len) {
        for (; plain < j->visit.len; plain++) {
            if (j->beam != 0 && plain >= j->beam * VISIT_FACTOR) {
                j->dropped = true;
                return true;
            }
            if (v)
                extend_values(j, plain, t, c);
            else
                extend(j, plain, t, w, c);
            if (spent(j))
                return false;
        }
        if (c == 0)
            break;
        if (j->haste && j->next.len > 0) {
            j->dropped = true;
            break;
        }
        for (uint32_t end = plain; level_start < end; level_start++) {
            extend_lanes(j, level_start, t, w, c, v);
            if (spent(j))
                return false;
        }
    }
    return true;
}

static bool return_any(struct jit *j, const struct target *t)
{
    uint32_t lanes = j->layout.lanes / 2;

    if (j->live.wanted != NULL)
        return lanes == 0 ? return_sized(j, t, 1, 0, true) : return_sized(j, t, 1, lanes, true);
    return j->layout.words == 1 && lanes == 0 ? return_sized(j, t, 1, 0, false)
                                              : return_sized(j, t, j->layout.words, lanes, false);
}

/* ---- checkpoints ---- */

static void save(struct jit *j, struct checkpoint *p, uint32_t event, uint32_t returns)
{
    size_t words = (size_t)j->current.len * j->current.stride;

    if (p->block == NULL)
        p->block = mem_alloc(j->live.size);
    memcpy(p->block, j->live.block, j->live.size);
    p->rows = mem_grow(p->rows, &p->row_cap, words, sizeof(*p->rows));
    if (words > 0)
        memcpy(p->rows, j->current.rows, words * sizeof(*p->rows));
    p->len = j->current.len;
    p->event = event;
    p->returns = returns;
    p->exact = j->exact;
    p->valid = true;
}

static void load(struct jit *j, const struct checkpoint *p)
{
    lin_live_load(&j->live, p->block);
    lin_configs_load(&j->current, p->rows, p->len);
    j->exact = p->exact;
}

static void save_recent(struct jit *j, uint32_t event, uint32_t returns)
{
    for (int level = 0; level < LEVELS; level++) {
        uint32_t shift = CHECKPOINT_SHIFT + LEVEL_SHIFT * (uint32_t)level;
        if ((returns & ((1u << shift) - 1)) == 0)
            save(j, &j->recent[level][returns >> shift & 1], event, returns);
    }
}

static void checkpoint_release(struct checkpoint *p)
{
    mem_free(p->block);
    mem_free(p->rows);
}

/* Where to start again, and with what beam, after the attempt-th death in a row. */
static const struct checkpoint *step_back(struct jit *j, unsigned attempt)
{
    const struct checkpoint *best = &j->base;
    uint64_t beam = j->beam_first;

    for (unsigned i = 0; i <= attempt && beam <= BEAM_LAST; i++)
        beam *= BEAM_FACTOR;
    j->beam = beam <= BEAM_LAST ? (uint32_t)beam : 0;
    j->haste = false;
    if (attempt < LEVELS) {
        const struct checkpoint *a = &j->recent[attempt][0], *b = &j->recent[attempt][1];
        const struct checkpoint *older = a->valid && (!b->valid || a->event < b->event) ? a : b;
        if (older->valid && older->event > j->base.event)
            best = older;
    }
    return best;
}

/* ---- the walk ---- */

static void invoke(struct jit *j, uint32_t number)
{
    const struct lin_op *op = &j->part->ops[number];
    uint32_t place = j->layout.place[number], words = j->layout.words;

    if (op->ret == LIN_OPEN && place != LIN_NO_PLACE) {
        lin_live_open_class(&j->live, number, place, j->layout.expire[number]);
    } else if (op->ret != LIN_OPEN && !lin_op_observes(op)) {
        lin_live_open_mutator(&j->live, number, place);
    } else if (op->ret != LIN_OPEN) {
        lin_live_open_observer(&j->live, number, place);
        for (uint32_t i = 0; i < j->current.len; i++) {
            uint64_t *row = lin_configs_at(&j->current, i);
            if (observes(j, (uint32_t)row[0], op))
                row[1 + 2 * words + (place >> 6)] |= (uint64_t)1 << (place & 63);
        }
    }
}

/* Where every configuration has the operation behind it already, its return changes none of them:
 * two events in five of a busy register. */
static bool is_behind_all(struct jit *j, const struct target *t)
{
    uint32_t words = j->layout.words, word = 1 + (t->observes ? 2 * words : 0) + t->word;

    for (uint32_t i = 0; i < j->current.len; i++)
        if (!(lin_configs_at(&j->current, i)[word] & t->bit))
            return false;
    for (uint32_t i = 0; i < j->current.len; i++) {
        uint64_t *row = lin_configs_at(&j->current, i);
        row[word] &= ~t->bit;
        if (!t->observes)
            row[word + words] &= ~t->bit;
    }
    j->work += (uint64_t)j->current.len * j->cost;
    return true;
}

static void close_return(struct jit *j, uint32_t number)
{
    lin_live_close(&j->live, number, j->layout.place[number]);
    if (j->layout.lanes > 0)
        expire_lanes(j, j->part->ops[number].ret);
}

/* Deals with the return of an operation. False: the budget is spent; then nothing changed. */
static bool come_back(struct jit *j, uint32_t number, uint32_t event, uint32_t returns)
{
    const struct lin_op *op = &j->part->ops[number];
    uint32_t place = j->layout.place[number];
    struct target t = {lin_op_observes(op), place >> 6, (uint64_t)1 << (place & 63)};
    struct lin_configs old;

    j->dropped = j->dead = false;
    lin_space_now(j->space, op->ret);
    if (is_behind_all(j, &t)) {
        close_return(j, number);
        return true;
    }
    if (!return_any(j, &t))
        return false;
    if (j->beam != 0 && j->next.len > j->beam) {
        lin_configs_keep_best(&j->next, j->beam);
        j->dropped = true;
    }
    if (j->dropped && j->exact) {
        save(j, &j->base, event, returns);
        j->exact = false;
    }
    j->dead = j->next.len == 0;
    if (j->dead)
        return true;
    old = j->current;
    j->current = j->next;
    j->next = old;
    close_return(j, number);
    return true;
}

static void add_state(uint32_t *states, uint32_t *count, uint32_t state)
{
    uint32_t shown = *count < LIN_STUCK_STATES_MAX ? *count : LIN_STUCK_STATES_MAX;

    for (uint32_t i = 0; i < shown; i++)
        if (states[i] == state)
            return;
    if (*count < LIN_STUCK_STATES_MAX)
        states[*count] = state;
    ++*count;
}

/* At an exact death: current is what was possible before, visit what open operations made of it. */
static void describe(const struct jit *j, uint32_t number, struct lin_stuck *stuck)
{
    *stuck = (struct lin_stuck){.op = number};
    for (uint32_t i = 0; i < j->current.len; i++)
        add_state(stuck->before, &stuck->before_count, (uint32_t)lin_configs_at(&j->current, i)[0]);
    for (uint32_t i = 0; i < j->visit.len; i++) {
        uint32_t state = (uint32_t)lin_configs_at(&j->visit, i)[0];
        bool known = false;
        for (uint32_t k = 0; k < stuck->before_count && k < LIN_STUCK_STATES_MAX; k++)
            known |= stuck->before[k] == state;
        if (!known)
            add_state(stuck->after, &stuck->after_count, state);
    }
    for (uint32_t i = 0; i < j->layout.words * 64; i++)
        if ((j->live.mutators[i >> 6] >> (i & 63) & 1) && stuck->open_count < LIN_STUCK_OPS_MAX)
            stuck->open[stuck->open_count++] = j->live.mutator_at[i];
    for (uint32_t i = 0; i < j->layout.lanes; i++)
        if (j->live.available[i] > 0 && stuck->open_count < LIN_STUCK_OPS_MAX)
            stuck->open[stuck->open_count++] = j->live.class_at[i];
}

static void walk(struct jit *j, struct lin_result *res, struct lin_stuck *stuck)
{
    const struct lin_part *p = j->part;
    uint32_t event = 0, returns = 0, hard_until = 0;
    unsigned attempt = 0;

    save(j, &j->base, 0, 0);
    while (event < p->event_len) {
        uint32_t number = p->events[event] >> 1, at = p->ops[number].ret;
        if ((p->events[event] & 1) == 0) {
            invoke(j, number);
            event++;
            continue;
        }
        if (!come_back(j, number, event, returns)) {
            res->answer = LIN_UNKNOWN;
            return;
        }
        if (res->reached < at)
            res->reached = at;
        if (j->dead && j->exact) {
            res->answer = LIN_INVALID;
            if (stuck != NULL)
                describe(j, number, stuck);
            return;
        }
        if (j->dead) {
            const struct checkpoint *back = step_back(j, attempt++);
            if (hard_until < event + (2u << CHECKPOINT_SHIFT))
                hard_until = event + (2u << CHECKPOINT_SHIFT);
            load(j, back);
            event = back->event;
            returns = back->returns;
            continue;
        }
        event++;
        if (event > hard_until && attempt > 0) {
            attempt = 0;
            j->beam = j->beam_first;
            j->haste = true;
        }
        returns++;
        if (!j->exact)
            save_recent(j, event, returns);
    }
    res->answer = LIN_VALID;
}

void lin_jit(struct lin_space *space, const struct lin_part *part, const struct lin_effort *effort,
             struct lin_result *ret_result, struct lin_stuck *ret_stuck)
{
    struct jit j = {.space = space, .part = part, .budget = effort->budget, .haste = true};
    uint32_t words, lanes;

    lin_layout_init(&j.layout, space, part);
    words = j.layout.words;
    lanes = j.layout.lanes;
    lin_live_init(&j.live, part->ops, words, lanes, lin_space_value_count(space));
    lin_configs_init(&j.current, words, lanes, j.live.fixed);
    lin_configs_init(&j.next, words, lanes, j.live.fixed);
    lin_configs_init(&j.visit, words, lanes, j.live.fixed);
    j.row = mem_zalloc(3 * j.current.stride * sizeof(*j.row));
    j.grown = j.row + 2 * j.current.stride;
    j.targets = mem_alloc((size_t)words * 64 * sizeof(*j.targets));
    j.exact = true;
    j.cost = (j.current.stride + 3) / 4;
    j.beam_first = effort->beam != 0 ? effort->beam : lanes == 0 ? BEAM_PLAIN : BEAM_LANES;
    j.beam = j.beam_first;
    lin_space_begin(space, part, true);
    j.row[0] = lin_space_start(space);
    lin_configs_insert(&j.current, j.row, words, lanes / 2);

    *ret_result = (struct lin_result){.answer = LIN_VALID};
    walk(&j, ret_result, ret_stuck);
    ret_result->work = work_of(&j);

    lin_configs_release(&j.current);
    lin_configs_release(&j.next);
    lin_configs_release(&j.visit);
    mem_free(j.row);
    mem_free(j.targets);
    lin_live_release(&j.live);
    checkpoint_release(&j.base);
    for (int i = 0; i < LEVELS; i++) {
        checkpoint_release(&j.recent[i][0]);
        checkpoint_release(&j.recent[i][1]);
    }
    lin_layout_release(&j.layout);
}
