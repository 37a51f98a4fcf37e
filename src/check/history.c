/* Storage of a history.
 *
 * A run of a million operations is two million events, so an event is one flat record in one
 * array, and its texts lie in one arena. Three things keep the arena small: "null" is stored
 * nowhere, a completion that repeats its invocation's value (every add) borrows it, and so does a
 * value equal to the last one of its process (reads of a set at rest).
 *
 * Invariants: 1. pairs point at each other, invocation first. 2. open[p].state says what the last
 * event of process p left behind. 3. every node number that occurs has a name. */
#include "history.h"

#include "plant.h"

#include "../base/assert.h"
#include "../base/err.h"
#include "../base/map.h"
#include "../base/mem.h"

#include <stdio.h>
#include <string.h>

enum process_state { PROCESS_IDLE, PROCESS_OPEN, PROCESS_RETIRED };

struct process {
    enum process_state state;
    uint32_t invocation;   /* the open one */
    struct str last_value; /* of its last event; data NULL before the first */
};

struct history {
    struct op *ops;
    size_t ops_cap;
    uint32_t len;
    uint32_t len_max;
    struct process *processes; /* by number */
    size_t process_count;
    size_t process_cap;
    char **node_names; /* by number; NULL where the number has not occurred */
    size_t node_count;
    size_t node_cap;
    struct map *functions;
    struct arena *texts;
};

const char *op_type_text(enum op_type type)
{
    static const char *const names[] = {"invoke", "ok", "fail", "info"};

    return names[type];
}

struct history *history_new(void)
{
    struct history *h = mem_zalloc(sizeof(*h));

    h->len_max = HISTORY_LEN_MAX;
    h->functions = map_new();
    h->texts = arena_new();
    return h;
}

void history_free(struct history *h)
{
    if (h == NULL)
        return;
    mem_free(h->ops);
    mem_free(h->processes);
    mem_free(h->node_names);
    map_free(h->functions);
    arena_free(h->texts);
    mem_free(h);
}

void history_limit(struct history *h, uint32_t len_max)
{
    ASSERT(len_max <= HISTORY_LEN_MAX);
    h->len_max = len_max;
}

static struct process *process_of(struct history *h, int32_t number)
{
    size_t i = (size_t)number;

    if (i >= h->process_count) {
        h->processes = mem_grow(h->processes, &h->process_cap, i + 1, sizeof(*h->processes));
        memset(h->processes + h->process_count, 0,
               (i + 1 - h->process_count) * sizeof(*h->processes));
        h->process_count = i + 1;
    }
    return &h->processes[i];
}

void history_name_node(struct history *h, int32_t node, struct str name)
{
    size_t i = (size_t)node;

    ASSERT(node >= 0 && node < HISTORY_NODE_MAX);
    if (i >= h->node_count) {
        h->node_names = mem_grow(h->node_names, &h->node_cap, i + 1, sizeof(*h->node_names));
        memset(h->node_names + h->node_count, 0, (i + 1 - h->node_count) * sizeof(*h->node_names));
        h->node_count = i + 1;
    }
    h->node_names[i] = arena_strndup(h->texts, name.data, name.len);
}

/* Invariant 3. */
static void name_node_by_number(struct history *h, int32_t node)
{
    char name[16];

    if (node < 0 || ((size_t)node < h->node_count && h->node_names[node] != NULL))
        return;
    snprintf(name, sizeof(name), "n%d", node);
    history_name_node(h, node, str_of(name));
}

const char *history_node_name(const struct history *h, int32_t node)
{
    if (node < 0)
        return "no node";
    ASSERT((size_t)node < h->node_count && h->node_names[node] != NULL);
    return h->node_names[node];
}

static int check_numbers(const struct history *h, const struct op *op, struct err *err)
{
    if (h->len >= h->len_max)
        return err_set(err, ERR_FULL, "the history is full: it holds %u events", h->len_max);
    if (op->process < HISTORY_NEMESIS || op->process >= HISTORY_PROCESS_MAX)
        return err_set(err, ERR_FULL, "process %d is not between 0 and %d", op->process,
                       HISTORY_PROCESS_MAX - 1);
    if (op->node < HISTORY_NO_NODE || op->node >= HISTORY_NODE_MAX)
        return err_set(err, ERR_FULL, "node number %d is not between 0 and %d", op->node,
                       HISTORY_NODE_MAX - 1);
    return 0;
}

/* What the process may do next, by its state. */
static int check_turn(const struct history *h, const struct op *op, const struct process *p,
                      struct err *err)
{
    const char *type = op_type_text(op->type);

    if (op->type == OP_INVOKE && p->state == PROCESS_OPEN)
        return err_set(err, ERR_INPUT,
                       "process %d invokes an operation although event %u, its last invocation, "
                       "has no completion yet",
                       op->process, p->invocation);
    if (op->type == OP_INVOKE && p->state == PROCESS_RETIRED && !PLANTED(24))
        return err_set(err, ERR_INPUT,
                       "process %d invokes an operation after an info event; a new process must "
                       "take its place",
                       op->process);
    if (op->type != OP_INVOKE && p->state != PROCESS_OPEN)
        return err_set(err, ERR_INPUT, "process %d has an %s event without an open invocation",
                       op->process, type);
    if (op->type != OP_INVOKE && h->ops[p->invocation].f != op->f)
        return err_set(err, ERR_INPUT,
                       "process %d completes the function %.*s, but its open invocation, event "
                       "%u, is of %.*s",
                       op->process, STR_ARG(history_f_name(h, op->f)), p->invocation,
                       STR_ARG(history_f_name(h, h->ops[p->invocation].f)));
    return 0;
}

/* Text kept for as long as the history, borrowed where it is there already. */
static struct str keep_value(struct history *h, struct str text, const struct process *p)
{
    if (text.len == 0 || str_is(text, "null"))
        return STR_LIT("null");
    if (p != NULL && p->last_value.data != NULL && str_eq(p->last_value, text))
        return p->last_value;
    return (struct str){arena_strndup(h->texts, text.data, text.len), text.len};
}

/* Which values a process repeats: its invocation's, or the one before a "null". */
static void remember_value(struct process *p, struct str value)
{
    if (!str_is(value, "null"))
        p->last_value = value;
}

static void pair_up(struct history *h, struct op *op, struct process *p)
{
    if (op->type == OP_INVOKE) {
        p->state = PROCESS_OPEN;
        p->invocation = h->len;
        return;
    }
    struct op *invocation = &h->ops[p->invocation];
    op->pair = p->invocation;
    invocation->pair = h->len;
    if (op->node == HISTORY_NO_NODE)
        op->node = invocation->node;
    p->state = op->type == OP_INFO ? PROCESS_RETIRED : PROCESS_IDLE;
}

int history_add(struct history *h, const struct op *op, struct err *err)
{
    struct op kept = *op;
    struct process *p = NULL;
    int status = check_numbers(h, op, err);

    if (status < 0)
        return status;
    ASSERT(op->f < map_len(h->functions));
    if (op->process == HISTORY_NEMESIS && op->type != OP_INFO)
        return err_set(err, ERR_INPUT, "the nemesis has an %s event; all of its events are info",
                       op_type_text(op->type));
    if (op->process != HISTORY_NEMESIS) {
        p = process_of(h, op->process);
        status = check_turn(h, op, p, err);
        if (status < 0)
            return status;
    }

    kept.pair = HISTORY_NO_PAIR;
    kept.value = keep_value(h, op->value, p);
    if (op->error.len > 0)
        kept.error.data = arena_strndup(h->texts, op->error.data, op->error.len);
    else
        kept.error = STR_LIT("");
    if (p != NULL) {
        remember_value(p, kept.value);
        pair_up(h, &kept, p);
    }
    name_node_by_number(h, kept.node);
    h->ops = mem_grow(h->ops, &h->ops_cap, (size_t)h->len + 1, sizeof(*h->ops));
    h->ops[h->len++] = kept;
    return 0;
}

struct history *history_beginning(const struct history *h, uint32_t len)
{
    struct history *copy = history_new();
    struct err err;

    for (uint32_t f = 0; f < history_f_count(h); f++)
        map_put(copy->functions, history_f_name(h, f), NULL);
    for (size_t i = 0; i < h->node_count; i++)
        if (h->node_names[i] != NULL)
            history_name_node(copy, (int32_t)i, str_of(h->node_names[i]));
    for (uint32_t i = 0; i < len; i++) {
        int status = history_add(copy, history_at(h, i), &err);
        ASSERT(status == 0); /* they stood in this order once */
    }
    return copy;
}

uint32_t history_len(const struct history *h)
{
    return h->len;
}

const struct op *history_at(const struct history *h, uint32_t index)
{
    ASSERT(index < h->len);
    return &h->ops[index];
}

const struct op *history_completion(const struct history *h, uint32_t index)
{
    const struct op *op = history_at(h, index);

    ASSERT(op->type == OP_INVOKE);
    return op->pair == HISTORY_NO_PAIR ? NULL : &h->ops[op->pair];
}

uint32_t history_f(struct history *h, const char *name)
{
    return map_put(h->functions, str_of(name), NULL);
}

int64_t history_find_f(const struct history *h, const char *name)
{
    return map_find(h->functions, str_of(name));
}

uint32_t history_f_count(const struct history *h)
{
    return map_len(h->functions);
}

struct str history_f_name(const struct history *h, uint32_t f)
{
    return map_text(h->functions, f);
}
