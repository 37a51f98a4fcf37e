/* lin_exact.h - is there an order that explains all answers? Slow, and right by being plain.
 *
 * Wing and Gong (1993): try every call that may be next, depth first, with Lowe's memory (2017) of
 * the pairs (calls that happened, states of the objects) from which nothing led on. No rule that
 * src/check uses to be fast is in here, and none of its code: the meanings of the operations are
 * written down once more. A law (linearizability, sequential consistency, a session guarantee) is
 * which calls must come before which. Part of tests/fuzz_lin_long.c. */
#ifndef TESTS_LIN_EXACT_H
#define TESTS_LIN_EXACT_H

#include "base/mem.h"
#include "check/lin_weak.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum what {
    READ,
    WRITE,
    ERASE,
    CAS,
    APPEND,
    ENQUEUE,
    DEQUEUE,
    ACQUIRE,
    RELEASE,
    GRANT,
    RETURN,
    ADD,
    REMOVE,
    CONTAINS,
    COUNT,
};

enum object { VALUE, TEXT, LOCK, FENCE, QUEUE, SET, NUMBER, LIST };

enum {
    KEYS_MAX = 3,
    EXACT_CALLS_MAX = 64,
    EXACT_CELLS = 512,
    EXACT_NODES = 1 << 15,
    TOKEN_MAX = 16
};

/* A state: of VALUE, LOCK (owner) and NUMBER one cell, -1 being null or free; of FENCE held, token,
 * highest; of the others their elements, of TEXT characters. */
struct row {
    int len;
    int *cells;
};

struct call {
    enum what what;
    int x, y;
    int *got; /* of READ, DEQUEUE (none: empty), GRANT, CONTAINS */
    int got_len;
    int process, key;
    bool lost;   /* no answer came: it may have happened at any time since, or never */
    bool failed; /* it certainly did not happen */
};

/* ---- objects ---- */

static void row_start(enum object object, struct row *o)
{
    o->len = object == VALUE || object == LOCK || object == NUMBER ? 1 : object == FENCE ? 3 : 0;
    o->cells[0] = object == NUMBER || object == FENCE ? 0 : -1;
    o->cells[1] = o->cells[2] = 0;
}

static int row_find(const struct row *o, int element)
{
    for (int i = 0; i < o->len; i++)
        if (o->cells[i] == element)
            return i;
    return -1;
}

static void row_cut(struct row *o, int at)
{
    memmove(o->cells + at, o->cells + at + 1, (size_t)(o->len - at - 1) * sizeof(*o->cells));
    o->len--;
}

/* A set's elements are sorted. */
static void row_insert(struct row *o, int element)
{
    int at = o->len;

    if (row_find(o, element) >= 0)
        return;
    for (; at > 0 && o->cells[at - 1] > element; at--)
        o->cells[at] = o->cells[at - 1];
    o->cells[at] = element;
    o->len++;
}

/* The text that x stands for; of the first ones some are beginnings or ends of others. */
static int row_token(int x, int *ret_cells)
{
    static const char *const some[] = {"a", "b", "ab", "ba", "c", "aab"};
    char text[TOKEN_MAX];
    int len = x < 6 ? snprintf(text, sizeof(text), "%s", some[x < 0 ? 0 : x])
                    : snprintf(text, sizeof(text), "%d,", x);

    for (int i = 0; i < len; i++)
        ret_cells[i] = text[i];
    return len;
}

/* Can c be next, with the answer that it got? The token of a lost GRANT is got too: a guess. */
static bool row_fits(enum object object, const struct row *o, const struct call *c)
{
    int shown = object == VALUE || object == NUMBER ? 1 : o->len;

    switch (c->what) {
    case READ:
        return c->lost ||
               (shown == c->got_len && memcmp(o->cells, c->got, (size_t)shown * sizeof(int)) == 0);
    case CAS:
        return o->cells[0] == c->x;
    case DEQUEUE:
        return c->lost || (c->got_len == 0 ? o->len == 0 : o->len > 0 && o->cells[0] == c->got[0]);
    case ACQUIRE:
        return o->cells[0] == -1;
    case RELEASE:
        return o->cells[0] == c->process;
    case GRANT:
        return o->cells[0] == 0 && c->got[0] > o->cells[2];
    case RETURN:
        return o->cells[0] == 1 && o->cells[1] == c->x;
    case CONTAINS:
        return c->lost || (row_find(o, c->x) >= 0) == (c->got[0] != 0);
    default:
        return true;
    }
}

static void row_append(enum object object, struct row *o, int x)
{
    if (object == TEXT)
        o->len += row_token(x, o->cells + o->len);
    else
        o->cells[o->len++] = x;
}

static void row_grant(struct row *o, int token)
{
    o->cells[0] = 1;
    o->cells[1] = o->cells[2] = token;
}

/* Call c, which fits, happens. o has room for TOKEN_MAX more cells. */
static void row_apply(enum object object, struct row *o, const struct call *c)
{
    switch (c->what) {
    case WRITE:
        o->len = 0;
        row_append(object, o, c->x);
        break;
    case ERASE:
    case RELEASE:
        o->cells[0] = -1;
        break;
    case CAS:
        o->cells[0] = c->y;
        break;
    case APPEND:
    case ENQUEUE:
        row_append(object, o, c->x);
        break;
    case DEQUEUE:
        if (o->len > 0)
            row_cut(o, 0);
        break;
    case ACQUIRE:
        o->cells[0] = c->process;
        break;
    case GRANT:
        row_grant(o, c->got[0]);
        break;
    case RETURN:
        o->cells[0] = 0;
        break;
    case ADD:
        row_insert(o, c->x);
        break;
    case REMOVE:
        if (row_find(o, c->x) >= 0)
            row_cut(o, row_find(o, c->x));
        break;
    case COUNT:
        o->cells[0] += c->x;
        break;
    case READ:
    case CONTAINS:
        break;
    }
}

/* ---- the search ---- */

enum exact { EXACT_YES, EXACT_NO, EXACT_TOO_LONG };

/* Events as in fuzz_lin_long.c: a call's number times two, plus one where it returns. */
struct exact_question {
    enum object object;
    const struct call *calls;
    int count;
    const int *events;
    int event_count;
};

struct exact_search {
    enum object object;
    int count;
    struct call calls[EXACT_CALLS_MAX];
    int inv[EXACT_CALLS_MAX], ret[EXACT_CALLS_MAX]; /* places of events; INT32_MAX: none */
    uint64_t before[EXACT_CALLS_MAX];               /* what must have happened before it */
    uint64_t must;                                  /* what must happen */
    int token_max;
    int nodes;
    uint32_t table[2 * EXACT_NODES]; /* 1 + place in seen */
    int *seen;                       /* one after the other: length, then what node() writes */
    size_t seen_cap;
    uint32_t seen_len;
    int cells[EXACT_CALLS_MAX + 1][KEYS_MAX][EXACT_CELLS]; /* states by depth */
    int len[EXACT_CALLS_MAX + 1][KEYS_MAX];
};

static bool exact_observes(const struct call *c)
{
    return c->what == READ || c->what == CONTAINS ||
           (c->what == DEQUEUE && !c->lost && c->got_len == 0);
}

/* Takes the calls that are part of the question: of that key (-1: all). */
static void exact_init(struct exact_search *x, const struct exact_question *q, int key)
{
    int number[EXACT_CALLS_MAX];

    x->object = q->object;
    x->count = 0;
    x->must = 0;
    x->token_max = 0;
    for (int e = 0; e < q->event_count; e++) {
        int i = q->events[e] >> 1;
        const struct call *c = &q->calls[i];
        if (c->failed || (key >= 0 && c->key != key) ||
            (c->lost && (c->what == READ || c->what == CONTAINS)))
            continue;
        if (q->events[e] & 1) {
            x->ret[number[i]] = e;
            x->must |= (uint64_t)1 << number[i];
            continue;
        }
        number[i] = x->count;
        x->calls[x->count] = *c;
        x->inv[x->count] = e;
        x->ret[x->count] = INT32_MAX;
        x->before[x->count++] = 0;
        if (c->what == RETURN && c->x > x->token_max)
            x->token_max = c->x;
        if (c->what == GRANT && !c->lost && c->got[0] > x->token_max)
            x->token_max = c->got[0];
    }
}

static uint64_t exact_hash(const int *cells, int len)
{
    uint64_t h = 14695981039346656037u;

    for (int i = 0; i < len; i++)
        h = (h ^ (uint32_t)cells[i]) * 0x9e3779b97f4a7c15u ^ h >> 29;
    return h ^ h >> 32;
}

/* Was this node met before? Remembers it. */
static bool exact_met(struct exact_search *x, uint64_t done, int depth)
{
    uint32_t at = x->seen_len + 1, len = 2, slot;
    int *node;

    x->seen =
        mem_grow(x->seen, &x->seen_cap, at + 2 + KEYS_MAX * (EXACT_CELLS + 1), sizeof(*x->seen));
    node = x->seen + at;
    node[0] = (int)(uint32_t)done;
    node[1] = (int)(uint32_t)(done >> 32);
    for (int k = 0; k < KEYS_MAX; k++) {
        node[len++] = x->len[depth][k];
        memcpy(node + len, x->cells[depth][k], (size_t)x->len[depth][k] * sizeof(*node));
        len += (uint32_t)x->len[depth][k];
    }
    slot = (uint32_t)exact_hash(node, (int)len) & (2 * EXACT_NODES - 1);
    for (; x->table[slot] != 0; slot = (slot + 1) & (2 * EXACT_NODES - 1)) {
        const int *old = x->seen + x->table[slot];
        if (old[-1] == (int)len && memcmp(old, node, len * sizeof(*node)) == 0)
            return true;
    }
    node[-1] = (int)len;
    x->table[slot] = at;
    x->seen_len = at + len;
    return false;
}

static enum exact exact_search(struct exact_search *x, uint64_t done, int depth);

static enum exact exact_try(struct exact_search *x, uint64_t done, int depth, int number)
{
    struct call c = x->calls[number];
    bool guess = c.what == GRANT && c.lost; /* any token: one that is named, or another */

    for (int token = 1; token <= (guess ? x->token_max + 1 : 1); token++) {
        struct row o = {x->len[depth][c.key], x->cells[depth + 1][c.key]};
        enum exact result;
        if (guess) {
            c.got = &token;
            c.got_len = 1;
        }
        for (int k = 0; k < KEYS_MAX; k++) {
            x->len[depth + 1][k] = x->len[depth][k];
            memcpy(x->cells[depth + 1][k], x->cells[depth][k],
                   (size_t)x->len[depth][k] * sizeof(int));
        }
        if (!row_fits(x->object, &o, &c))
            continue;
        row_apply(x->object, &o, &c);
        x->len[depth + 1][c.key] = o.len;
        result = exact_search(x, done | (uint64_t)1 << number, depth + 1);
        if (result != EXACT_NO)
            return result;
    }
    return EXACT_NO;
}

static enum exact exact_search(struct exact_search *x, uint64_t done, int depth)
{
    if ((x->must & ~done) == 0)
        return EXACT_YES;
    if (exact_met(x, done, depth))
        return EXACT_NO;
    if (++x->nodes == EXACT_NODES)
        return EXACT_TOO_LONG;
    for (int i = 0; i < x->count; i++) {
        enum exact result;
        if ((done >> i & 1) || (x->before[i] & ~done) != 0)
            continue;
        result = exact_try(x, done, depth, i);
        if (result != EXACT_NO)
            return result;
    }
    return EXACT_NO;
}

static enum exact exact_run(struct exact_search *x)
{
    struct row o;

    x->nodes = 0;
    x->seen_len = 0;
    memset(x->table, 0, sizeof(x->table));
    for (int k = 0; k < KEYS_MAX; k++) {
        o.cells = x->cells[0][k];
        row_start(x->object, &o);
        x->len[0][k] = o.len;
    }
    return exact_search(x, 0, 0);
}

/* ---- laws ---- */

static struct exact_search exact_memory;

static enum exact exact_linearizable(const struct exact_question *q)
{
    struct exact_search *x = &exact_memory;
    enum exact result = EXACT_YES;

    for (int key = 0; key < KEYS_MAX && result == EXACT_YES; key++) {
        exact_init(x, q, key);
        for (int i = 0; i < x->count; i++)
            for (int j = 0; j < x->count; j++)
                if (x->ret[i] < x->inv[j])
                    x->before[j] |= (uint64_t)1 << i;
        result = exact_run(x);
    }
    return result;
}

static bool exact_earlier(const struct exact_search *x, int i, int j)
{
    return x->calls[i].process == x->calls[j].process && x->inv[i] < x->inv[j];
}

/* All keys in one order. */
static enum exact exact_sequential(const struct exact_question *q)
{
    struct exact_search *x = &exact_memory;

    exact_init(x, q, -1);
    for (int i = 0; i < x->count; i++)
        for (int j = 0; j < x->count; j++)
            if (exact_earlier(x, i, j))
                x->before[j] |= (uint64_t)1 << i;
    return exact_run(x);
}

/* The value that c puts where a reader can tell that it was there; -1: none. */
static int exact_puts(const struct exact_search *x, const struct call *c)
{
    if (x->object == TEXT)
        return -1;
    if (c->what == CAS)
        return c->y;
    return c->what == WRITE || c->what == APPEND || c->what == ADD ? c->x : -1;
}

/* Did observer o see what mutator m, and no other, put there? */
static bool exact_saw(const struct exact_search *x, int o, int m)
{
    const struct call *c = &x->calls[o];
    int value = exact_puts(x, &x->calls[m]), writers = 0;
    struct row seen = {c->got_len, c->got};

    for (int i = 0; i < x->count && value >= 0; i++)
        writers += exact_puts(x, &x->calls[i]) == value;
    if (writers != 1)
        return false;
    return c->what == CONTAINS ? c->got[0] && c->x == value
                               : c->what == READ && row_find(&seen, value) >= 0;
}

/* Must call i come before call j in the view of that process? */
static bool exact_demands(const struct exact_search *x, enum lin_guarantee g, int viewer, int i,
                          int j)
{
    bool i_observes = exact_observes(&x->calls[i]), j_observes = exact_observes(&x->calls[j]);

    switch (g) {
    case LIN_READ_YOUR_WRITES:
        return !i_observes && j_observes && x->calls[i].process == viewer && exact_earlier(x, i, j);
    case LIN_MONOTONIC_READS:
        return i_observes && j_observes && exact_earlier(x, i, j);
    case LIN_MONOTONIC_WRITES:
        return !i_observes && !j_observes && exact_earlier(x, i, j);
    default:
        if (j_observes)
            return false;
        if (i_observes)
            return exact_earlier(x, i, j);
        for (int o = 0; o < x->count; o++)
            if (exact_observes(&x->calls[o]) && exact_earlier(x, o, j) && exact_saw(x, o, i))
                return true;
        return false;
    }
}

static enum exact exact_view(struct exact_search *x, enum lin_guarantee g, int viewer)
{
    uint64_t in_view = 0;

    for (int i = 0; i < x->count; i++)
        if (!exact_observes(&x->calls[i]) || x->calls[i].process == viewer)
            in_view |= (uint64_t)1 << i;
    for (int j = 0; j < x->count; j++) {
        x->before[j] = 0;
        for (int i = 0; i < x->count; i++)
            if ((in_view >> i & 1) && exact_demands(x, g, viewer, i, j))
                x->before[j] |= (uint64_t)1 << i;
        if (!(in_view >> j & 1)) /* it waits for itself: it is not there */
            x->before[j] |= (uint64_t)1 << j;
    }
    x->must &= in_view;
    return exact_run(x);
}

static enum exact exact_session(const struct exact_question *q, enum lin_guarantee g)
{
    struct exact_search *x = &exact_memory;
    enum exact result = EXACT_YES;

    for (int key = 0; key < KEYS_MAX && result == EXACT_YES; key++) {
        exact_init(x, q, key);
        for (int i = 0; i < x->count && result == EXACT_YES; i++) {
            exact_init(x, q, key);
            result = exact_view(x, g, x->calls[i].process);
        }
    }
    return result;
}

#endif
