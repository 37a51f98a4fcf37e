/* lin_story.h - random histories that happened: clients ask, an object in memory serves them at
 * some moment before they hear of it, answers get lost; and small changes, after which they may
 * not have happened. Part of tests/fuzz_lin_long.c. */
#ifndef TESTS_LIN_STORY_H
#define TESTS_LIN_STORY_H

#include "lin_exact.h"

#include "base/err.h"
#include "base/prng.h"
#include "base/str.h"
#include "check/history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLIENTS_MAX = 30, OPS_MAX = 5000, TEXTS_MAX = 600, CELLS_MAX = 40000 };

struct subject {
    const char *model;
    int what_count;
    enum what whats[5];
    const char *names[5];
};

static const struct subject subjects[] = {
    {"register", 3, {READ, WRITE, CAS}, {"read", "write", "cas"}},
    {"cas-register", 3, {READ, WRITE, CAS}, {"read", "write", "cas"}},
    {"kv", 4, {READ, WRITE, CAS, ERASE}, {"get", "put", "cas", "delete"}},
    {"append-kv", 3, {READ, WRITE, APPEND}, {"get", "put", "append"}},
    {"mutex", 2, {ACQUIRE, RELEASE}, {"acquire", "release"}},
    {"fenced-lock", 2, {GRANT, RETURN}, {"acquire", "release"}},
    {"queue", 2, {ENQUEUE, DEQUEUE}, {"enqueue", "dequeue"}},
    {"set", 4, {ADD, REMOVE, CONTAINS, READ}, {"add", "remove", "contains", "read"}},
    {"counter", 2, {COUNT, READ}, {"add", "read"}},
    {"list", 2, {APPEND, READ}, {"append", "read"}},
};

static enum object object_of(const struct subject *s)
{
    static const enum object objects[] = {VALUE, VALUE, VALUE, TEXT,   LOCK,
                                          FENCE, QUEUE, SET,   NUMBER, LIST};

    return objects[s - subjects];
}

/* ---- what happened ---- */

/* An event is a call's number times two, plus one where it returns. */
struct story {
    const struct subject *subject;
    bool keyed;
    int count, event_count;
    struct call calls[OPS_MAX];
    int events[2 * OPS_MAX];
    int got[1 << 21]; /* the answers */
    int got_len;
};

struct shape {
    int wanted, clients, keys, values;
    bool distinct;
    double lost, slow, failed;
    double aim;     /* probability that a cas expects what is there when it is invoked */
    int weights[5]; /* of the subject's functions */
};

struct client {
    int stage; /* 0 idle, 1 asked, 2 happened */
    int call, process, token;
    bool holds, slow;
};

struct world {
    struct prng *prng;
    struct story *story;
    struct shape shape;
    struct client clients[CLIENTS_MAX];
    struct row objects[KEYS_MAX];
    int ghosts[OPS_MAX], ghost_count; /* lost calls that may still happen */
    int fresh_value, fresh_process, tokens;
};

static int any(struct prng *p, int bound)
{
    return (int)prng_below(p, (uint64_t)bound);
}

static enum what choose(struct world *w, const struct client *c)
{
    const struct subject *s = w->story->subject;
    int total = 0, dice;

    if (object_of(s) == LOCK && any(w->prng, 20) > 0)
        return c->holds ? RELEASE : ACQUIRE;
    if (object_of(s) == FENCE && any(w->prng, 20) > 0)
        return c->token > 0 ? RETURN : GRANT;
    for (int i = 0; i < s->what_count; i++)
        total += w->shape.weights[i];
    dice = any(w->prng, total);
    for (int i = 0; i < s->what_count; i++) {
        dice -= w->shape.weights[i];
        if (dice < 0)
            return s->whats[i];
    }
    return s->whats[0];
}

static int value(struct world *w)
{
    return w->shape.distinct ? w->fresh_value++ : any(w->prng, w->shape.values);
}

static void draw_arguments(struct world *w, const struct client *cl, struct call *c)
{
    const struct row *o = &w->objects[c->key];

    c->x = value(w);
    if (c->what == CAS) {
        c->y = c->x;
        c->x = prng_chance(w->prng, w->shape.aim) ? o->cells[0] : value(w);
    } else if ((c->what == REMOVE || c->what == CONTAINS) && o->len > 0 && any(w->prng, 2)) {
        c->x = o->cells[any(w->prng, o->len)];
    } else if (c->what == COUNT) {
        c->x = any(w->prng, 8) - 2;
    } else if (c->what == RETURN) {
        c->x = cl->token > 0 && any(w->prng, 20) > 0 ? cl->token
               : any(w->prng, 3) > 0                 ? o->cells[1]
                                                     : 1 + any(w->prng, w->tokens + 1);
    }
}

static void invoke(struct world *w, struct client *cl)
{
    struct story *st = w->story;
    struct call *c = &st->calls[st->count];

    *c = (struct call){.what = choose(w, cl), .process = cl->process, .lost = true};
    c->key = any(w->prng, w->shape.keys);
    draw_arguments(w, cl, c);
    cl->call = st->count++;
    cl->stage = 1;
    st->events[st->event_count++] = 2 * cl->call;
}

static void answer(struct world *w, struct call *c, const int *got, int len)
{
    struct story *st = w->story;

    if ((size_t)(st->got_len + len + 1) > sizeof(st->got) / sizeof(st->got[0])) {
        fprintf(stderr, "fuzz_lin_long: a history with too long answers\n");
        exit(3);
    }
    c->got = st->got + st->got_len;
    c->got_len = len;
    memcpy(c->got, got, (size_t)len * sizeof(*got));
    st->got_len += len + 1; /* room for one more when an answer is changed */
}

/* The call happens now, or turns out to be impossible. */
static void happen(struct world *w, struct call *c)
{
    struct row *o = &w->objects[c->key];
    enum object object = object_of(w->story->subject);
    int one;

    if (c->what == GRANT) {
        one = w->tokens + 1 + any(w->prng, 2);
        answer(w, c, &one, 1);
    } else if (c->what == READ) {
        answer(w, c, o->cells, object == NUMBER || object == VALUE ? 1 : o->len);
    } else if (c->what == DEQUEUE) {
        answer(w, c, o->cells, o->len > 0);
    } else if (c->what == CONTAINS) {
        one = row_find(o, c->x) >= 0;
        answer(w, c, &one, 1);
    }
    c->failed = !row_fits(object, o, c);
    if (c->failed)
        return;
    if (c->what == GRANT)
        w->tokens = c->got[0];
    row_apply(object, o, c);
}

static void leave(struct world *w, struct client *c)
{
    c->process = w->fresh_process++;
    c->stage = 0;
    c->holds = false;
    c->token = 0;
}

/* Asked: the call happens now, or its answer gets lost with or without it. */
static void serve(struct world *w, struct client *cl)
{
    struct call *c = &w->story->calls[cl->call];
    bool sticks = c->what == ACQUIRE && any(w->prng, 8) > 0; /* nobody could release it */

    if (prng_chance(w->prng, w->shape.lost)) {
        int fate = any(w->prng, 3);
        if (fate == 1 && !sticks)
            happen(w, c);
        else if (fate == 2 && !sticks)
            w->ghosts[w->ghost_count++] = cl->call;
        c->failed = false;
        leave(w, cl);
    } else if (prng_chance(w->prng, w->shape.failed)) {
        c->failed = true;
        cl->stage = 2;
    } else {
        happen(w, c);
        cl->stage = 2;
    }
}

static void come_back(struct world *w, struct client *cl)
{
    struct story *st = w->story;
    struct call *c = &st->calls[cl->call];

    c->lost = false;
    cl->stage = 0;
    st->events[st->event_count++] = 2 * cl->call + 1;
    if (c->failed)
        return;
    if (c->what == ACQUIRE || c->what == RELEASE)
        cl->holds = c->what == ACQUIRE;
    if (c->what == GRANT || c->what == RETURN)
        cl->token = c->what == GRANT ? c->got[0] : 0;
}

static void haunt(struct world *w)
{
    int i = any(w->prng, w->ghost_count);
    struct call *c = &w->story->calls[w->ghosts[i]];

    happen(w, c);
    c->failed = false;
    w->ghosts[i] = w->ghosts[--w->ghost_count];
}

/* Operations that nobody returned from by then stay open. */
static void tell(struct prng *p, const struct subject *s, const struct shape *shape,
                 struct story *st)
{
    static int cells[KEYS_MAX][CELLS_MAX];
    static struct world w;

    w = (struct world){.prng = p, .story = st, .shape = *shape, .fresh_process = shape->clients};
    st->subject = s;
    st->count = st->event_count = st->got_len = 0;
    for (int k = 0; k < KEYS_MAX; k++) {
        w.objects[k].cells = cells[k];
        row_start(object_of(s), &w.objects[k]);
    }
    for (int i = 0; i < shape->clients; i++)
        w.clients[i] = (struct client){.process = i, .slow = prng_chance(p, shape->slow)};
    for (int idle = 0; idle < 4 * shape->clients;) {
        struct client *c = &w.clients[any(p, shape->clients)];
        idle = st->count == shape->wanted ? idle + 1 : 0;
        if (w.ghost_count > 0 && any(p, 50) == 0)
            haunt(&w);
        if (c->stage > 0 && c->slow && any(p, 20) > 0)
            continue;
        if (c->stage == 0 && st->count < shape->wanted)
            invoke(&w, c);
        else if (c->stage == 1)
            serve(&w, c);
        else if (c->stage == 2)
            come_back(&w, c);
    }
    for (int i = 0; i < st->count; i++) /* who was never told of a failure cannot report it */
        st->calls[i].failed &= !st->calls[i].lost;
}

static struct shape draw_shape(struct prng *p, const struct subject *s, int wanted, int clients)
{
    static const double lost[] = {0, 0, 0, 0.003, 0.02, 0.1};
    struct shape h = {
        .wanted = wanted, .clients = clients, .values = 2 + any(p, any(p, 2) ? 4 : 9)};

    h.distinct = any(p, 3) == 0;
    h.keys = 1;
    h.aim = any(p, 2) ? 0.75 : 0;
    h.lost = lost[any(p, 6)];
    h.slow = any(p, 2) ? 0 : 0.3;
    h.failed = any(p, 3) ? 0 : 0.05;
    for (int i = 0; i < s->what_count; i++)
        h.weights[i] = any(p, 5);
    h.weights[any(p, s->what_count)] += 2;
    return h;
}

/* ---- changes ---- */

static void change_answer(struct prng *p, struct story *st, struct call *c)
{
    enum object object = object_of(st->subject);
    int at = c->got_len > 0 ? any(p, c->got_len) : 0;

    if (c->what == CONTAINS) {
        c->got[0] = !c->got[0];
    } else if (c->what == DEQUEUE) {
        c->got_len = c->got_len == 0 || any(p, 2);
        c->got[0] = any(p, 12);
    } else if (c->what == READ && (object == LIST || object == TEXT || object == SET)) {
        struct row r = {c->got_len, c->got};
        if (r.len > 0 && any(p, 2))
            row_cut(&r, at);
        else if (r.len > 1 && object != SET)
            r.cells[at] = r.cells[any(p, r.len)];
        else if (object == SET)
            row_insert(&r, any(p, 12));
        else
            r.cells[r.len++] = object == TEXT ? 'a' + any(p, 3) : any(p, 12);
        c->got_len = r.len;
    } else {
        c->got[at] += any(p, 3) - 1;
        if (object == VALUE && c->got[at] < -1)
            c->got[at] = -1;
        if (object == FENCE && c->got[at] < 1)
            c->got[at] = 1;
    }
}

/* Makes an interval shorter: the return moves forward or the invocation back. */
static void shorten(struct prng *p, struct story *st)
{
    int from = any(p, st->event_count), to = from, step = st->events[from] & 1 ? -1 : 1;
    int event = st->events[from], distance = 1 + any(p, 8);

    while (distance-- > 0 && to + step >= 0 && to + step < st->event_count &&
           st->events[to + step] >> 1 != event >> 1) {
        st->events[to] = st->events[to + step];
        to += step;
    }
    st->events[to] = event;
}

static void exchange(struct prng *p, struct story *st)
{
    for (int tries = 0; tries < 20; tries++) {
        struct call *a = &st->calls[any(p, st->count)], *b = &st->calls[any(p, st->count)];
        int *got = a->got, len = a->got_len;
        if (a == b || a->what != b->what || a->got == NULL || b->got == NULL)
            continue;
        a->got = b->got;
        a->got_len = b->got_len;
        b->got = got;
        b->got_len = len;
        return;
    }
}

static void change(struct prng *p, struct story *st)
{
    struct call *c = &st->calls[any(p, st->count)];
    int dice = any(p, 4);

    if (dice == 0)
        shorten(p, st);
    else if (dice == 1)
        exchange(p, st);
    else if (!c->lost &&
             (c->what == ACQUIRE || c->what == RELEASE || (c->what == CAS && dice == 2)))
        c->failed = !c->failed;
    else if (c->got != NULL && !c->lost && !c->failed)
        change_answer(p, st, c);
    else if (c->what == CAS && any(p, 2))
        c->y = any(p, 12);
    else
        c->x = (c->what == RETURN) + any(p, 12); /* tokens begin at 1 */
}

/* A moved invocation may come before an earlier return of its own process. */
static bool makes_sense(const struct story *st)
{
    int open[OPS_MAX] = {0};

    for (int i = 0; i < st->event_count; i++) {
        int process = st->calls[st->events[i] >> 1].process;
        open[process] += st->events[i] & 1 ? -1 : 1;
        if (open[process] < 0 || open[process] > 1)
            return false;
    }
    return true;
}

/* ---- histories for the checkers ---- */

static void put_value(struct buf *b, int v)
{
    if (v < 0)
        buf_add_text(b, "null");
    else
        buf_addf(b, "%d", v);
}

static void put_text(struct buf *b, const int *cells, int len)
{
    buf_add_char(b, '"');
    for (int i = 0; i < len; i++)
        buf_add_char(b, (char)cells[i]);
    buf_add_char(b, '"');
}

static void put_argument(struct buf *b, enum object object, const struct call *c)
{
    int cells[TOKEN_MAX];

    if (object == TEXT && (c->what == WRITE || c->what == APPEND)) {
        put_text(b, cells, row_token(c->x, cells));
    } else if (c->what == CAS) {
        buf_add_char(b, '[');
        put_value(b, c->x);
        buf_add_char(b, ',');
        put_value(b, c->y);
        buf_add_char(b, ']');
    } else if (c->what == COUNT) {
        buf_addf(b, "%d", c->x);
    } else if (c->what == READ || c->what == DEQUEUE || c->what == GRANT || c->what == ACQUIRE ||
               c->what == RELEASE || c->what == ERASE) {
        buf_add_text(b, "null");
    } else {
        put_value(b, c->x);
    }
}

static void put_answer(struct buf *b, enum object object, const struct call *c)
{
    if (c->got == NULL) {
        put_argument(b, object, c);
    } else if (c->what == CONTAINS) {
        buf_addf(b, "[%d,%s]", c->x, c->got[0] ? "true" : "false");
    } else if (c->what != READ) {
        put_value(b, c->got_len > 0 ? c->got[0] : -1);
    } else if (object == TEXT) {
        put_text(b, c->got, c->got_len);
    } else if (object == NUMBER) {
        buf_addf(b, "%d", c->got[0]);
    } else if (object == VALUE) {
        put_value(b, c->got[0]);
    } else {
        buf_add_char(b, '[');
        for (int i = 0; i < c->got_len; i++) /* a set's elements may come in any order */
            buf_addf(b, "%s%d", i > 0 ? "," : "",
                     c->got[object == SET && c->process % 2 ? c->got_len - 1 - i : i]);
        buf_add_char(b, ']');
    }
}

static void add_event(struct history *h, const struct story *st, const struct call *c,
                      enum op_type type)
{
    const struct subject *s = st->subject;
    struct buf text = {0};
    struct err err = {.text = ""};
    struct op op = {.time_ns = history_len(h) * 1000000,
                    .process = c->process,
                    .node = HISTORY_NO_NODE,
                    .type = type};

    for (int i = 0; i < s->what_count; i++)
        if (s->whats[i] == c->what)
            op.f = history_f(h, s->names[i]);
    if (st->keyed)
        buf_addf(&text, "[%d,", c->key);
    if (type == OP_OK)
        put_answer(&text, object_of(s), c);
    else
        put_argument(&text, object_of(s), c);
    if (st->keyed)
        buf_add_char(&text, ']');
    op.value = buf_str(&text);
    if (history_add(h, &op, &err) < 0) {
        fprintf(stderr, "fuzz_lin_long: %s\n", err.text);
        exit(3);
    }
    buf_release(&text);
}

static struct history *write_down(const struct story *st)
{
    struct history *h = history_new();

    for (int i = 0; i < st->event_count; i++) {
        const struct call *c = &st->calls[st->events[i] >> 1];
        add_event(h, st, c, !(st->events[i] & 1) ? OP_INVOKE : c->failed ? OP_FAIL : OP_OK);
    }
    return h;
}

#endif
