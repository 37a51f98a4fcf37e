#include "lin_view.h"

#include "../base/mem.h"
#include "lin_input.h"

#include <stdlib.h>

uint32_t lin_view_add(struct lin_view_builder *b, const struct lin_op *op, uint32_t object)
{
    struct lin_view *v = &b->view;

    v->ops = mem_grow(v->ops, &b->op_cap, v->len + 1, sizeof(*v->ops));
    v->object = mem_grow(v->object, &b->object_cap, v->len + 1, sizeof(*v->object));
    v->ops[v->len] = op;
    v->object[v->len] = object;
    return v->len++;
}

void lin_view_before(struct lin_view_builder *b, uint32_t from, uint32_t to)
{
    b->edges = mem_grow(b->edges, &b->edge_cap, b->edge_len + 1, sizeof(*b->edges));
    b->edges[b->edge_len++] = (struct lin_edge){from, to};
}

void lin_view_finish(struct lin_view_builder *b, struct lin_space **spaces, uint32_t count)
{
    struct lin_view *v = &b->view;
    uint32_t *at = v->after_at = mem_zalloc((v->len + 2) * sizeof(*v->after_at));

    v->spaces = spaces;
    v->object_count = count;
    v->after = mem_alloc(b->edge_len * sizeof(*v->after));
    for (size_t i = 0; i < b->edge_len; i++)
        at[b->edges[i].from + 2]++;
    for (uint32_t i = 2; i < v->len + 2; i++)
        at[i] += at[i - 1];
    for (size_t i = 0; i < b->edge_len; i++) /* at[from + 1] is where its next one goes */
        v->after[at[b->edges[i].from + 1]++] = b->edges[i].to;
}

void lin_view_release(struct lin_view_builder *b)
{
    mem_free(b->view.ops);
    mem_free(b->view.object);
    mem_free(b->view.after_at);
    mem_free(b->view.after);
    mem_free(b->edges);
    *b = (struct lin_view_builder){0};
}

static int compare_listed(const void *x, const void *y)
{
    const struct lin_op *a = ((const struct lin_listed *)x)->op;
    const struct lin_op *b = ((const struct lin_listed *)y)->op;

    if (a->ret != b->ret)
        return a->ret < b->ret ? -1 : 1;
    return (a->inv > b->inv) - (a->inv < b->inv);
}

struct lin_listed *lin_list_ops(const struct lin_part *parts, uint32_t part_count,
                                uint32_t *ret_count)
{
    struct lin_listed *list;
    uint32_t count = 0;

    for (uint32_t i = 0; i < part_count; i++)
        count += parts[i].len;
    list = mem_alloc(count * sizeof(*list));
    count = 0;
    for (uint32_t i = 0; i < part_count; i++)
        for (uint32_t k = 0; k < parts[i].len; k++)
            list[count++] = (struct lin_listed){&parts[i].ops[k], i};
    if (count > 0)
        qsort(list, count, sizeof(*list), compare_listed);
    *ret_count = count;
    return list;
}
