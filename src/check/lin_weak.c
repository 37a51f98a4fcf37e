/* Views and precedences for lin_order_search(). */
#include "lin_weak.h"

#include "../base/mem.h"
#include "lin_plant.h"
#include "lin_space.h"
#include "lin_view.h"

#include <string.h>

enum { NOBODY = UINT32_MAX, MANY = UINT32_MAX - 1, EDGES_MAX = 20000000 };

/* ---- sequential consistency ---- */

static int32_t process_count(const struct lin_listed *list, uint32_t count)
{
    int32_t max = -1;

    for (uint32_t i = 0; i < count; i++)
        if (list[i].op->process > max)
            max = list[i].op->process;
    return max + 1;
}

static uint32_t *nobodies(size_t count)
{
    uint32_t *array = mem_alloc(count * sizeof(*array));

    for (size_t i = 0; i < count; i++)
        array[i] = NOBODY;
    return array;
}

static void take_over(const struct lin_view *view, const struct lin_order_result *order,
                      int32_t process, struct lin_weak_result *res)
{
    res->answer = order->answer;
    res->work += order->work;
    res->process = process;
    res->placed = order->placed;
    res->len = view->len;
    res->stuck_count = order->stuck_count;
    for (uint32_t i = 0; i < order->stuck_count; i++)
        res->stuck[i] = view->ops[order->stuck[i]];
}

void lin_sequential(struct lin_space **spaces, const struct lin_part *parts, uint32_t part_count,
                    uint64_t budget, struct lin_weak_result *ret_result)
{
    struct lin_view_builder b = {0};
    struct lin_order_result order;
    uint32_t count;
    struct lin_listed *list = lin_list_ops(parts, part_count, &count);
    uint32_t *last = nobodies((size_t)process_count(list, count));

    *ret_result = (struct lin_weak_result){.answer = LIN_VALID};
    for (uint32_t i = 0; i < part_count; i++)
        lin_space_begin(spaces[i], &parts[i], false);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t *before = &last[list[i].op->process];
        uint32_t place = lin_view_add(&b, list[i].op, list[i].object);
        if (*before != NOBODY)
            lin_view_before(&b, *before, place);
        *before = place;
    }
    lin_view_finish(&b, spaces, part_count);
    lin_order_search(&b.view, budget, &order);
    take_over(&b.view, &order, -1, ret_result);
    lin_view_release(&b);
    mem_free(last);
    mem_free(list);
}

/* ---- session guarantees ---- */

struct session {
    struct lin_space *space;
    enum lin_guarantee guarantee;
    struct lin_listed *list;
    uint32_t count;
    int32_t processes;
    uint32_t *writer; /* by value: place in list of the only mutator that puts it there, or MANY */
    uint32_t value_count;
};

static void note_writer(struct session *s, uint32_t value, uint32_t at)
{
    s->writer[value] = s->writer[value] == NOBODY ? at : MANY;
}

/* The value that a mutator puts there; NOBODY if it is none of that sort. */
static uint32_t value_put(const struct lin_op *op)
{
    switch (op->kind) {
    case LIN_WRITE:
    case LIN_APPEND:
    case LIN_INSERT:
        return op->a;
    case LIN_CAS:
        return op->b;
    default:
        return NOBODY;
    }
}

static void find_writers(struct session *s)
{
    for (uint32_t i = 0; i < s->count; i++) {
        uint32_t value = value_put(s->list[i].op);
        if (value < LIN_DEAD && value >= s->value_count)
            s->value_count = value + 1;
    }
    s->writer = nobodies(s->value_count);
    for (uint32_t i = 0; i < s->count; i++) {
        uint32_t value = value_put(s->list[i].op);
        if (value < s->value_count)
            note_writer(s, value, i);
    }
}

/* Places in one process's view. */
struct viewer {
    struct session *s;
    int32_t process;
    struct lin_view_builder b;
    uint32_t *place; /* by place in list; NOBODY: not in the view */
};

static void before(struct viewer *v, uint32_t from, uint32_t to)
{
    if (v->place[from] != NOBODY && v->place[to] != NOBODY)
        lin_view_before(&v->b, v->place[from], v->place[to]);
}

/* What observer o saw comes before place to of the list. */
static void seen_before(struct viewer *v, uint32_t o, uint32_t to)
{
    uint32_t *seen = NULL, len = 0;
    size_t cap = 0;

    lin_space_seen(v->s->space, v->s->list[o].op, &seen, &cap, &len);
    for (uint32_t i = 0; i < len; i++) {
        uint32_t w = seen[i] < v->s->value_count ? v->s->writer[seen[i]] : NOBODY;
        if (w < MANY)
            before(v, w, to);
    }
    mem_free(seen);
}

/* Demands between two operations of one process, a issued before b. */
static void demand(struct viewer *v, uint32_t a, uint32_t b)
{
    const struct lin_op *x = v->s->list[a].op, *y = v->s->list[b].op;
    bool own = x->process == v->process, x_sees = lin_op_observes(x), y_sees = lin_op_observes(y);

    switch (v->s->guarantee) {
    case LIN_READ_YOUR_WRITES:
        if (own && !x_sees && y_sees)
            before(v, a, b);
        break;
    case LIN_MONOTONIC_READS:
        if (own && x_sees && y_sees)
            before(v, a, b);
        break;
    case LIN_MONOTONIC_WRITES:
        if (!x_sees && !y_sees && !PLANTED_LIN(13))
            before(v, a, b);
        break;
    default:
        if (x_sees && !y_sees) {
            before(v, a, b);
            seen_before(v, a, b);
        }
    }
}

/* All pairs of each process; false: there are too many. */
static bool demand_all(struct viewer *v)
{
    struct session *s = v->s;
    uint32_t *previous = mem_alloc(s->count * sizeof(*previous)); /* of the same process */
    uint32_t *last = nobodies((size_t)s->processes);
    bool fits = true;

    for (uint32_t i = 0; i < s->count && fits; i++) {
        int32_t process = s->list[i].op->process;
        previous[i] = last[process];
        last[process] = i;
        for (uint32_t a = previous[i]; a != NOBODY; a = previous[a])
            demand(v, a, i);
        fits = v->b.edge_len <= EDGES_MAX;
    }
    mem_free(previous);
    mem_free(last);
    return fits;
}

static void check_view(struct session *s, int32_t process, uint64_t budget,
                       struct lin_weak_result *res)
{
    struct viewer v = {.s = s, .process = process};
    struct lin_order_result order;

    v.place = nobodies(s->count);
    for (uint32_t i = 0; i < s->count; i++)
        if (!lin_op_observes(s->list[i].op) || s->list[i].op->process == process)
            v.place[i] = lin_view_add(&v.b, s->list[i].op, 0);
    if (demand_all(&v)) {
        lin_view_finish(&v.b, &s->space, 1);
        lin_order_search(&v.b.view, budget - res->work, &order);
        take_over(&v.b.view, &order, process, res);
    } else {
        res->answer = LIN_UNKNOWN;
    }
    lin_view_release(&v.b);
    mem_free(v.place);
}

void lin_session(struct lin_space *space, const struct lin_part *part, enum lin_guarantee guarantee,
                 uint64_t budget, struct lin_weak_result *ret_result)
{
    struct session s = {.space = space, .guarantee = guarantee};
    bool *has_view, any = false;

    *ret_result = (struct lin_weak_result){.answer = LIN_VALID, .process = -1};
    lin_space_begin(space, part, false);
    s.list = lin_list_ops(part, 1, &s.count);
    s.processes = process_count(s.list, s.count);
    find_writers(&s);
    has_view = mem_zalloc((size_t)s.processes + 1);
    for (uint32_t i = 0; i < s.count; i++)
        if (lin_op_observes(s.list[i].op))
            any = has_view[s.list[i].op->process] = true;
    if (!any) /* then all views are the same */
        has_view[0] = true;
    for (int32_t p = 0; p < s.processes && ret_result->answer == LIN_VALID; p++)
        if (has_view[p])
            check_view(&s, p, budget, ret_result);
    mem_free(has_view);
    mem_free(s.list);
    mem_free(s.writer);
}
