/* Differential fuzzing of the order checkers: fuzz_lin [histories a model] [seed] [model]
 *
 * Random histories of up to eight operations, most of them nearly right, go through the checkers
 * and through a brute force in the manner of Wing and Gong (1993) that knows nothing of them: its
 * own states, its own meanings, no pruning, no memory. Every second history is the last one with
 * one answer changed. A disagreement is printed as a history and ends the program with status 1. */
#include "base/err.h"
#include "base/mem.h"
#include "base/prng.h"
#include "base/str.h"
#include "check/history.h"
#include "check/lin_decide.h"
#include "check/lin_input.h"
#include "check/lin_jit.h"
#include "check/lin_model.h"
#include "check/lin_space.h"
#include "check/lin_weak.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPS_MAX = 8, CELLS_MAX = 32, PROCESSES = 4, BUDGET = 1 << 20, NEVER = INT32_MAX };

/* The weaker laws need five brute forces more, so they get a part of the histories. */
enum { WEAK_EVERY = 5 };

enum what {
    READ,
    WRITE,
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
    TXN,
};

enum { MOPS_MAX = 3, REGISTERS = 2, WRITTEN = -2 };

/* A read or a write in a transaction on several registers. */
struct mop {
    bool writes;
    int reg, value;
};

/* A value or a state: numbers in a row; of append-kv, characters. -1 alone is null. */
struct row {
    int len;
    int cells[CELLS_MAX];
};

struct call {
    enum what what;
    int x, x2;
    struct row got; /* of READ, DEQUEUE (len 0: empty), GRANT, CONTAINS; of TXN by mop */
    struct mop mops[MOPS_MAX];
    int mop_count;
    int process;
    int inv, ret; /* moments; NEVER: indeterminate */
    bool failed;  /* certainly did not happen */
    int key;
};

struct subject {
    const char *model;
    int what_count;
    enum what whats[5];
    const char *names[5];
};

static const struct subject subjects[] = {
    {"register", 4, {READ, READ, WRITE, CAS}, {"read", "read", "write", "cas"}},
    {"cas-register", 4, {READ, READ, WRITE, CAS}, {"read", "read", "write", "cas"}},
    {"kv", 4, {READ, READ, WRITE, CAS}, {"get", "get", "put", "cas"}},
    {"append-kv", 4, {READ, WRITE, APPEND, APPEND}, {"get", "put", "append", "append"}},
    {"mutex", 2, {ACQUIRE, RELEASE}, {"acquire", "release"}},
    {"fenced-lock", 2, {GRANT, RETURN}, {"acquire", "release"}},
    {"queue", 2, {ENQUEUE, DEQUEUE}, {"enqueue", "dequeue"}},
    {"set", 4, {ADD, REMOVE, CONTAINS, READ}, {"add", "remove", "contains", "read"}},
    {"counter", 2, {COUNT, READ}, {"add", "read"}},
    {"list", 2, {APPEND, READ}, {"append", "read"}},
    {"multi-register", 1, {TXN}, {"txn"}},
};

static bool is(const struct subject *s, const char *name)
{
    return strcmp(s->model, name) == 0;
}

static bool holds_row(const struct subject *s)
{
    return is(s, "queue") || is(s, "set") || is(s, "list") || is(s, "append-kv");
}

static void object_init(const struct subject *s, struct row *o)
{
    *o = (struct row){.len = 0};
    if (holds_row(s))
        return;
    o->len = is(s, "fenced-lock") ? 3 : 1;
    o->cells[0] = is(s, "counter") || is(s, "fenced-lock") ? 0 : -1;
    if (is(s, "multi-register"))
        *o = (struct row){REGISTERS, {-1, -1}};
}

static int find(const struct row *o, int element)
{
    for (int i = 0; i < o->len; i++)
        if (o->cells[i] == element)
            return i;
    return -1;
}

static void cut_out(struct row *o, int at)
{
    for (int i = at + 1; i < o->len; i++)
        o->cells[i - 1] = o->cells[i];
    o->len--;
}

/* Short texts of which some are beginnings or ends of others. */
static const char *token(int x)
{
    static const char *const tokens[] = {"x", "y", "xy", "yx", "z", "xyz"};

    return tokens[x % 6];
}

static void append(const struct subject *s, struct row *o, int x)
{
    if (!is(s, "append-kv"))
        o->cells[o->len++] = x;
    else
        for (const char *t = token(x); *t != 0; t++)
            o->cells[o->len++] = *t;
}

static void insert(struct row *o, int x)
{
    int at = o->len;

    if (find(o, x) >= 0)
        return;
    for (; at > 0 && o->cells[at - 1] > x; at--)
        o->cells[at] = o->cells[at - 1];
    o->cells[at] = x;
    o->len++;
}

static bool apply_lock(struct row *o, const struct call *c)
{
    switch (c->what) {
    case ACQUIRE:
        if (o->cells[0] != -1)
            return false;
        o->cells[0] = c->process;
        return true;
    case RELEASE:
        if (o->cells[0] != c->process)
            return false;
        o->cells[0] = -1;
        return true;
    case GRANT: /* cells: held, token, highest */
        if (o->cells[0] != 0 || c->got.cells[0] <= o->cells[2])
            return false;
        o->cells[0] = 1;
        o->cells[1] = o->cells[2] = c->got.cells[0];
        return true;
    default:
        if (o->cells[0] != 1 || o->cells[1] != c->x)
            return false;
        o->cells[0] = 0;
        return true;
    }
}

static void apply_txn(struct row *o, const struct call *c, struct row *ret)
{
    for (int i = 0; i < c->mop_count; i++) {
        const struct mop *m = &c->mops[i];
        ret->cells[ret->len++] = m->writes ? WRITTEN : o->cells[m->reg];
        if (m->writes)
            o->cells[m->reg] = m->value;
    }
}

/* Applies c to o and says what it answers; false if it cannot happen now. */
static bool apply(const struct subject *s, struct row *o, const struct call *c, struct row *ret)
{
    *ret = (struct row){.len = 0};
    switch (c->what) {
    case READ:
        *ret = *o;
        return true;
    case WRITE:
        o->len = 0;
        if (is(s, "append-kv"))
            append(s, o, c->x);
        else
            o->cells[o->len++] = c->x;
        return true;
    case CAS:
        if (o->cells[0] != c->x)
            return false;
        o->cells[0] = c->x2;
        return true;
    case APPEND:
    case ENQUEUE:
        append(s, o, c->x);
        return true;
    case DEQUEUE:
        if (o->len == 0)
            return true;
        *ret = (struct row){1, {o->cells[0]}};
        cut_out(o, 0);
        return true;
    case ADD:
        insert(o, c->x);
        return true;
    case REMOVE:
        if (find(o, c->x) >= 0)
            cut_out(o, find(o, c->x));
        return true;
    case CONTAINS:
        *ret = (struct row){1, {find(o, c->x) >= 0}};
        return true;
    case COUNT:
        o->cells[0] += c->x;
        return true;
    case TXN:
        apply_txn(o, c, ret);
        return true;
    default:
        *ret = c->got;
        return apply_lock(o, c);
    }
}

static bool same(const struct row *a, const struct row *b)
{
    for (int i = 0; i < a->len && i < b->len; i++)
        if (a->cells[i] != b->cells[i])
            return false;
    return a->len == b->len;
}

static bool answers(const struct call *c)
{
    return c->what == READ || c->what == TXN || c->what == DEQUEUE || c->what == GRANT ||
           c->what == CONTAINS;
}

/* ---- the brute force ---- */

struct brute {
    const struct subject *subject;
    struct call calls[OPS_MAX];
    int count;
    bool (*before)(const struct brute *b, const struct call *x, const struct call *y);
    int viewer;               /* of a session's view */
    struct call all[OPS_MAX]; /* of its key, in the view or not */
    int all_count;
};

static bool real_time(const struct brute *b, const struct call *x, const struct call *y)
{
    (void)b;
    return x->ret < y->inv;
}

/* May call number c be next when those in done are behind us? */
static bool ready(const struct brute *b, unsigned done, int c)
{
    for (int d = 0; d < b->count; d++)
        if (!(done >> d & 1) && d != c && b->before(b, &b->calls[d], &b->calls[c]))
            return false;
    return true;
}

static bool search(const struct brute *b, unsigned done, const struct row *objects);

static bool try_call(const struct brute *b, unsigned done, const struct row *objects, int c)
{
    struct call call = b->calls[c];
    bool lost = call.ret == NEVER;
    bool guess = call.what == GRANT && lost; /* it got any token */

    for (int t = 1; t <= (guess ? 24 : 1); t++) {
        struct row next[2] = {objects[0], objects[1]}, got;
        if (guess)
            call.got = (struct row){1, {t}};
        if (!apply(b->subject, &next[call.key], &call, &got))
            continue;
        if (!lost && answers(&call) && !same(&got, &call.got))
            continue;
        if (search(b, done | 1u << c, next))
            return true;
    }
    return false;
}

static bool search(const struct brute *b, unsigned done, const struct row *objects)
{
    bool complete = true;

    for (int c = 0; c < b->count; c++)
        complete &= (done >> c & 1) || b->calls[c].ret == NEVER;
    if (complete)
        return true;
    for (int c = 0; c < b->count; c++)
        if (!(done >> c & 1) && ready(b, done, c) && try_call(b, done, objects, c))
            return true;
    return false;
}

static bool only_reads(const struct call *c)
{
    for (int i = 0; i < c->mop_count; i++)
        if (c->mops[i].writes)
            return false;
    return true;
}

/* Calls that are certain not to have happened, or show nothing, are no part of the question. */
static void brute_init(struct brute *b, const struct subject *s, const struct call *calls,
                       int count)
{
    *b = (struct brute){.subject = s, .before = real_time};
    for (int i = 0; i < count; i++) {
        bool blind = calls[i].ret == NEVER && (calls[i].what == READ || calls[i].what == CONTAINS ||
                                               (calls[i].what == TXN && only_reads(&calls[i])));
        if (!calls[i].failed && !blind)
            b->calls[b->count++] = calls[i];
    }
}

static bool brute_linearizable(const struct subject *s, const struct call *calls, int count)
{
    struct brute b;
    struct row objects[2];

    brute_init(&b, s, calls, count);
    object_init(s, &objects[0]);
    object_init(s, &objects[1]);
    return search(&b, 0, objects);
}

/* ---- weaker laws ---- */

static bool program_order(const struct brute *b, const struct call *x, const struct call *y)
{
    (void)b;
    return x->process == y->process && x->inv < y->inv;
}

static bool observer(const struct call *c)
{
    return c->what == READ || c->what == CONTAINS ||
           (c->what == DEQUEUE && c->ret != NEVER && c->got.len == 0);
}

static bool read_your_writes(const struct brute *b, const struct call *x, const struct call *y)
{
    return x->process == b->viewer && program_order(b, x, y) && !observer(x) && observer(y);
}

static bool monotonic_reads(const struct brute *b, const struct call *x, const struct call *y)
{
    return x->process == b->viewer && program_order(b, x, y) && observer(x) && observer(y);
}

static bool monotonic_writes(const struct brute *b, const struct call *x, const struct call *y)
{
    return program_order(b, x, y) && !observer(x) && !observer(y);
}

static int put_there(const struct call *c)
{
    if (c->what == CAS)
        return c->x2;
    return c->what == WRITE || c->what == APPEND || c->what == ADD ? c->x : -1;
}

/* Did observer o certainly see what w, the only one to put it there, put there? */
static bool saw(const struct brute *b, const struct call *o, const struct call *w)
{
    int value = put_there(w), writers = 0;

    if (value < 0 || is(b->subject, "append-kv"))
        return false;
    for (int i = 0; i < b->all_count; i++)
        writers += b->all[i].key == w->key && put_there(&b->all[i]) == value;
    if (writers != 1)
        return false;
    if (o->what == CONTAINS)
        return o->got.cells[0] && o->x == value;
    return o->what == READ && find(&o->got, value) >= 0;
}

/* x was seen by an observer that its process issued before y. */
static bool writes_follow_reads(const struct brute *b, const struct call *x, const struct call *y)
{
    if (observer(y))
        return false;
    if (observer(x))
        return program_order(b, x, y);
    for (int i = 0; i < b->all_count; i++)
        if (observer(&b->all[i]) && b->all[i].ret != NEVER && program_order(b, &b->all[i], y) &&
            saw(b, &b->all[i], x))
            return true;
    return false;
}

/* Every process's view of every key: all mutators and its own observers. */
static bool brute_session(const struct subject *s, const struct call *calls, int count,
                          enum lin_guarantee guarantee)
{
    static bool (*const laws[])(const struct brute *, const struct call *, const struct call *) = {
        read_your_writes, monotonic_reads, monotonic_writes, writes_follow_reads};
    struct brute all;
    struct row objects[2];

    brute_init(&all, s, calls, count);
    object_init(s, &objects[0]);
    object_init(s, &objects[1]);
    for (int key = 0; key < 2; key++) {
        for (int p = 0; p < PROCESSES + OPS_MAX; p++) {
            struct brute b = {.subject = s, .before = laws[guarantee], .viewer = p};
            for (int i = 0; i < all.count; i++) {
                const struct call *c = &all.calls[i];
                if (c->key != key)
                    continue;
                b.all[b.all_count++] = *c;
                if (!observer(c) || c->process == p)
                    b.calls[b.count++] = *c;
            }
            /* Nothing may come before itself. */
            for (int i = 0; i < b.count; i++)
                if (b.before(&b, &b.calls[i], &b.calls[i]))
                    return false;
            if (!search(&b, 0, objects))
                return false;
        }
    }
    return true;
}

static bool brute_sequential(const struct subject *s, const struct call *calls, int count)
{
    struct brute b;
    struct row objects[2];

    brute_init(&b, s, calls, count);
    b.before = program_order;
    object_init(s, &objects[0]);
    object_init(s, &objects[1]);
    return search(&b, 0, objects);
}

/* ---- random histories ---- */

static int any(struct prng *p, int bound)
{
    return (int)prng_below(p, (uint64_t)bound);
}

/* Who calls what when: the processes take turns at random. */
static int draw_times(struct prng *p, struct call *calls, int wanted, double lost, double failed)
{
    int open[PROCESSES], process[PROCESSES], fresh = PROCESSES, count = 0, moment = 0, busy = 0;

    for (int i = 0; i < PROCESSES; i++) {
        open[i] = -1;
        process[i] = i;
    }
    while (count < wanted || busy > 0) {
        int i = any(p, PROCESSES);
        if (open[i] < 0 && count < wanted) {
            calls[count] = (struct call){.process = process[i], .inv = moment++, .ret = NEVER};
            open[i] = count++;
            busy++;
        } else if (open[i] >= 0) {
            struct call *c = &calls[open[i]];
            if (prng_chance(p, lost)) {
                process[i] = fresh++;
            } else {
                c->ret = moment++;
                c->failed = prng_chance(p, failed);
            }
            open[i] = -1;
            busy--;
        }
    }
    return count;
}

struct taste {
    bool keyed, distinct, grow_only, no_cas, no_reads;
};

static enum what draw_what(struct prng *p, const struct subject *s, const struct taste *t)
{
    enum what w = s->whats[any(p, s->what_count)];

    if (t->grow_only && (w == REMOVE || w == CONTAINS))
        return ADD;
    if (t->grow_only && w == WRITE && is(s, "append-kv"))
        return APPEND;
    if (t->no_cas && w == CAS)
        return WRITE;
    if (t->no_reads && w == READ && is(s, "set"))
        return CONTAINS;
    return w;
}

/* Distinct values from first on; -1: any of a few. */
static void draw_mops(struct prng *p, struct call *c, int first)
{
    c->mop_count = 1 + any(p, MOPS_MAX);
    for (int i = 0; i < c->mop_count; i++)
        c->mops[i] =
            (struct mop){any(p, 2) > 0, any(p, REGISTERS), first < 0 ? any(p, 3) : first + i};
}

static void draw_arguments(struct prng *p, const struct subject *s, struct call *calls, int count,
                           const struct taste *t)
{
    for (int i = 0; i < count; i++) {
        struct call *c = &calls[i];
        c->what = draw_what(p, s, t);
        c->x = t->distinct ? i + 1 : any(p, 3);
        c->x2 = t->distinct ? i + 11 : any(p, 3);
        if (c->what == CONTAINS || c->what == REMOVE || c->what == CAS)
            c->x = any(p, t->distinct ? 5 : 3);
        if (c->what == RETURN)
            c->x = 1 + any(p, 4);
        if (c->what == COUNT)
            c->x = any(p, 6) - 1;
        if (is(s, "append-kv"))
            c->x = any(p, 6);
        c->key = t->keyed ? any(p, 2) : 0;
        if (c->what == TXN)
            draw_mops(p, c, t->distinct ? 10 * i : -1);
    }
}

/* One call happens at its random moment and gets its answer. */
static void happen(struct prng *p, const struct subject *s, struct call *c, struct row *o,
                   int *tokens)
{
    struct row got;

    if (c->what == GRANT)
        c->got = (struct row){1, { *tokens += 1 + any(p, 2)}};
    if (c->what == RETURN && o->cells[1] > 0 && any(p, 4) > 0)
        c->x = o->cells[1];
    if (c->what == CAS && any(p, 3) > 0)
        c->x = o->cells[0];
    if (c->ret == NEVER && any(p, 2))
        return;
    if (apply(s, o, c, &got))
        c->got = got;
    else if (any(p, 3) > 0)
        c->failed = c->ret != NEVER;
}

/* Answers as some order gives them. */
static void draw_answers(struct prng *p, const struct subject *s, struct call *calls, int count)
{
    struct row objects[2];
    bool done[OPS_MAX] = {false};
    int tokens = 0;

    object_init(s, &objects[0]);
    object_init(s, &objects[1]);
    for (int step = 0; step < count; step++) {
        int deadline = NEVER, c;
        for (int i = 0; i < count; i++)
            if (!done[i] && calls[i].ret < deadline)
                deadline = calls[i].ret;
        do
            c = any(p, count);
        while (done[c] || calls[c].inv > deadline);
        done[c] = true;
        if (!calls[c].failed)
            happen(p, s, &calls[c], &objects[calls[c].key], &tokens);
    }
}

static void mutate_txn(struct prng *p, struct call *c)
{
    int at = any(p, c->mop_count);

    if (c->mops[at].writes)
        c->mops[at].value = any(p, 4);
    else if (c->ret != NEVER && !c->failed)
        c->got.cells[at] = any(p, 4) - 1;
}

/* Changes one value. */
static void mutate(struct prng *p, const struct subject *s, struct call *calls, int count)
{
    struct call *c = &calls[any(p, count)];
    int at = c->got.len > 0 ? any(p, c->got.len) : 0;

    if (c->what == TXN) {
        mutate_txn(p, c);
        return;
    }
    if (!answers(c) || c->ret == NEVER || c->failed) {
        c->x = c->what == COUNT || c->what == CAS ? any(p, 6) - 1 : 1 + any(p, 6);
        return;
    }
    if (c->what == CONTAINS) {
        c->got.cells[0] = !c->got.cells[0];
    } else if (c->what == DEQUEUE) {
        c->got = c->got.len == 0 || any(p, 2) ? (struct row){1, {1 + any(p, OPS_MAX)}}
                                              : (struct row){.len = 0};
    } else if (c->what == READ && holds_row(s)) {
        if (c->got.len > 0 && any(p, 2))
            cut_out(&c->got, at);
        else if (c->got.len > 1 && !is(s, "set"))
            c->got.cells[at] = c->got.cells[any(p, c->got.len)];
        else if (is(s, "append-kv"))
            append(s, &c->got, any(p, 6));
        else
            insert(&c->got, 1 + any(p, OPS_MAX));
    } else {
        c->got.cells[at] = any(p, 2) ? c->got.cells[at] + 1 : 1 + any(p, OPS_MAX);
    }
}

/* ---- histories for the checkers ---- */

static void put_row(struct buf *b, const struct subject *s, const struct row *a)
{
    bool text = is(s, "append-kv");

    buf_add_char(b, text ? '"' : '[');
    for (int i = 0; i < a->len; i++) {
        if (text)
            buf_add_char(b, (char)a->cells[i]);
        else
            buf_addf(b, "%s%d", i > 0 ? "," : "", a->cells[i]);
    }
    buf_add_char(b, text ? '"' : ']');
}

static void put_one(struct buf *b, int value)
{
    if (value < 0)
        buf_add_text(b, "null");
    else
        buf_addf(b, "%d", value);
}

/* [["write","x",1],["read","y",null]]; got NULL: what was read is not known. */
static void put_txn(struct buf *b, const struct call *c, const struct row *got)
{
    buf_add_char(b, '[');
    for (int i = 0; i < c->mop_count; i++) {
        const struct mop *m = &c->mops[i];
        buf_addf(b, "%s[\"%s\",\"%c\",", i > 0 ? "," : "", m->writes ? "write" : "read",
                 'x' + m->reg);
        put_one(b, m->writes ? m->value : got != NULL ? got->cells[i] : -1);
        buf_add_char(b, ']');
    }
    buf_add_char(b, ']');
}

static void put_argument(struct buf *b, const struct subject *s, const struct call *c)
{
    switch (c->what) {
    case WRITE:
    case APPEND:
        if (is(s, "append-kv"))
            buf_addf(b, "\"%s\"", token(c->x));
        else
            put_one(b, c->x);
        break;
    case CAS:
        buf_add_char(b, '[');
        put_one(b, c->x);
        buf_add_char(b, ',');
        put_one(b, c->x2);
        buf_add_char(b, ']');
        break;
    case READ:
    case DEQUEUE:
    case GRANT:
    case ACQUIRE:
    case RELEASE:
        buf_add_text(b, "null");
        break;
    case TXN:
        put_txn(b, c, NULL);
        break;
    default:
        buf_addf(b, "%d", c->x);
    }
}

static void put_answer(struct buf *b, const struct subject *s, const struct call *c)
{
    if (c->what == TXN)
        put_txn(b, c, &c->got);
    else if (c->what == CONTAINS)
        buf_addf(b, "[%d,%s]", c->x, c->got.cells[0] ? "true" : "false");
    else if (c->what == READ && holds_row(s))
        put_row(b, s, &c->got);
    else if (c->what == READ && is(s, "counter"))
        buf_addf(b, "%d", c->got.cells[0]);
    else if (answers(c))
        put_one(b, c->got.len == 0 ? -1 : c->got.cells[0]);
    else
        put_argument(b, s, c);
}

static void add_event(struct history *h, const struct subject *s, const struct call *c,
                      enum op_type type, bool keyed)
{
    struct buf value = {0};
    struct err err = {.text = ""};
    struct op op = {.time_ns = history_len(h) * 1000000,
                    .process = c->process,
                    .node = HISTORY_NO_NODE,
                    .type = type};

    for (int i = 0; i < s->what_count; i++)
        if (s->whats[i] == c->what)
            op.f = history_f(h, s->names[i]);
    if (keyed)
        buf_addf(&value, "[%d,", c->key);
    if (type == OP_OK)
        put_answer(&value, s, c);
    else
        put_argument(&value, s, c);
    if (keyed)
        buf_add_char(&value, ']');
    op.value = buf_str(&value);
    if (history_add(h, &op, &err) < 0) {
        fprintf(stderr, "fuzz_lin: %s\n", err.text);
        exit(3);
    }
    buf_release(&value);
}

static struct history *make_history(const struct subject *s, const struct call *calls, int count,
                                    bool keyed)
{
    struct history *h = history_new();

    for (int moment = 0; moment < 2 * OPS_MAX; moment++)
        for (int i = 0; i < count; i++) {
            if (calls[i].inv == moment)
                add_event(h, s, &calls[i], OP_INVOKE, keyed);
            if (calls[i].ret == moment)
                add_event(h, s, &calls[i], calls[i].failed ? OP_FAIL : OP_OK, keyed);
        }
    return h;
}

static void print_history(const struct history *h)
{
    struct buf line = {0};

    for (uint32_t i = 0; i < history_len(h); i++) {
        buf_reset(&line);
        history_line(h, i, NULL, &line);
        printf("%.*s\n", (int)line.len, line.data);
    }
    buf_release(&line);
}

/* ---- the comparison ---- */

enum method { METHOD_JIT, METHOD_DECIDE };

static enum lin_answer ask_part(struct lin_input *in, struct lin_part *part, enum method method)
{
    struct lin_space *space = NULL;
    struct lin_result res;

    if (method == METHOD_JIT) {
        space = lin_space_new(in, part);
        lin_jit(space, part, &(struct lin_effort){.budget = BUDGET}, &res, NULL);
    } else {
        lin_decide(in, part, BUDGET, &space, &res, NULL);
    }
    lin_space_free(space);
    return res.answer;
}

static enum lin_answer ask(const struct history *h, const struct subject *s, bool keyed,
                           enum method method)
{
    struct lin_input *in = NULL;
    struct err err = {.text = ""};
    enum lin_answer worst = LIN_VALID;

    if (lin_input_new(h, history_len(h), lin_model_find(s->model), keyed, &in, &err) < 0) {
        fprintf(stderr, "fuzz_lin: %s\n", err.text);
        exit(3);
    }
    for (uint32_t i = 0; i < in->part_count; i++) {
        enum lin_answer answer = ask_part(in, &in->parts[i], method);
        if (answer == LIN_UNKNOWN || worst == LIN_VALID)
            worst = answer;
    }
    lin_input_free(in);
    return worst;
}

struct tally {
    long valid, invalid;
};

static const char *const answer_names[] = {"valid", "invalid", "unknown"};

static bool complain(const struct history *h, const struct subject *s, const char *who,
                     enum lin_answer wanted, enum lin_answer got)
{
    if (got == wanted)
        return true;
    printf("%s: brute force says %s, %s says %s:\n", s->model, answer_names[wanted], who,
           answer_names[got]);
    print_history(h);
    return false;
}

static enum lin_answer answer_of(bool valid)
{
    return valid ? LIN_VALID : LIN_INVALID;
}

/* Sequential consistency and the session guarantees. */
static bool compare_weak(const struct history *h, const struct subject *s, const struct call *calls,
                         int count, bool keyed)
{
    static const char *const names[] = {"read your writes", "monotonic reads", "monotonic writes",
                                        "writes follow reads"};
    struct lin_input *in = NULL;
    struct lin_space *spaces[2];
    struct lin_weak_result res;
    struct err err = {.text = ""};
    bool ok;

    if (lin_input_new(h, history_len(h), lin_model_find(s->model), keyed, &in, &err) < 0)
        return false;
    for (uint32_t i = 0; i < in->part_count; i++)
        spaces[i] = lin_space_new(in, &in->parts[i]);
    lin_sequential(spaces, in->parts, in->part_count, BUDGET, &res);
    ok = complain(h, s, "lin_sequential", answer_of(brute_sequential(s, calls, count)), res.answer);
    for (enum lin_guarantee g = 0; g < LIN_GUARANTEE_COUNT && ok && !is(s, "multi-register"); g++) {
        enum lin_answer wanted = answer_of(brute_session(s, calls, count, g));
        enum lin_answer worst = LIN_VALID, worst_zones = LIN_VALID;
        for (uint32_t i = 0; i < in->part_count; i++) {
            lin_session(spaces[i], &in->parts[i], g, BUDGET, &res);
            if (worst == LIN_VALID)
                worst = res.answer;
            lin_session_zones(spaces[i], &in->parts[i], g, &res); /* res stays if it is no such */
            if (worst_zones == LIN_VALID)
                worst_zones = res.answer;
        }
        ok = complain(h, s, names[g], wanted, worst) &&
             complain(h, s, "lin_session_zones", wanted, worst_zones);
    }
    for (uint32_t i = 0; i < in->part_count; i++)
        lin_space_free(spaces[i]);
    lin_input_free(in);
    return ok;
}

static bool compare(const struct subject *s, const struct call *calls, int count, bool keyed,
                    struct tally *tally)
{
    struct history *h = make_history(s, calls, count, keyed);
    enum lin_answer wanted = answer_of(brute_linearizable(s, calls, count));
    bool ok;

    tally->valid += wanted == LIN_VALID;
    tally->invalid += wanted == LIN_INVALID;
    ok = complain(h, s, "lin_jit", wanted, ask(h, s, keyed, METHOD_JIT)) &&
         complain(h, s, "lin_decide", wanted, ask(h, s, keyed, METHOD_DECIDE));
    if (ok && (tally->valid + tally->invalid) % WEAK_EVERY == 0)
        ok = compare_weak(h, s, calls, count, keyed);
    history_free(h);
    return ok;
}

static bool fuzz(const struct subject *s, long histories, uint64_t seed)
{
    struct prng p;
    struct tally tally = {0, 0};
    bool always_keyed = is(s, "cas-register") || is(s, "kv") || is(s, "append-kv");

    prng_init(&p, seed, s->model);
    for (long i = 0; i < histories; i += 2) {
        struct call calls[OPS_MAX];
        bool keyed = always_keyed || any(&p, 10) == 0;
        struct taste taste = {keyed && any(&p, 2), any(&p, 2), any(&p, 2), any(&p, 2), any(&p, 2)};
        int count = draw_times(&p, calls, 1 + any(&p, OPS_MAX), any(&p, 3) ? 0.1 : 0.35,
                               any(&p, 2) ? 0 : 0.1);
        draw_arguments(&p, s, calls, count, &taste);
        draw_answers(&p, s, calls, count);
        if (!compare(s, calls, count, keyed, &tally))
            return false;
        mutate(&p, s, calls, count);
        if (!compare(s, calls, count, keyed, &tally))
            return false;
    }
    printf("%-13s %8ld valid %8ld invalid, all as the brute force says\n", s->model, tally.valid,
           tally.invalid);
    return tally.valid > 0 && tally.invalid > 0;
}

int main(int argc, char **argv)
{
    long histories = argc > 1 ? atol(argv[1]) : 2000;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    bool ok = true;

    for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++)
        if (argc <= 3 || is(&subjects[i], argv[3]))
            ok &= fuzz(&subjects[i], histories, seed);
    return ok ? 0 : 1;
}
