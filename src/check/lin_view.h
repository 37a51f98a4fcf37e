/* lin_view.h - building what lin_order_search() takes: operations, and who must come first. */
#ifndef CHECK_LIN_VIEW_H
#define CHECK_LIN_VIEW_H

#include "lin_order.h"

struct lin_input;

struct lin_edge {
    uint32_t from, to; /* places in the view */
};

struct lin_view_builder {
    struct lin_view view; /* filled by lin_view_finish() */
    size_t op_cap, object_cap, edge_cap;
    struct lin_edge *edges;
    size_t edge_len;
};

/* Operations must be added in order of their returns. Returns the place. */
uint32_t lin_view_add(struct lin_view_builder *b, const struct lin_op *op, uint32_t object);
void lin_view_before(struct lin_view_builder *b, uint32_t from, uint32_t to);
/* spaces is borrowed. */
void lin_view_finish(struct lin_view_builder *b, struct lin_space **spaces, uint32_t count);
void lin_view_release(struct lin_view_builder *b);

/* All operations of an input in order of their returns, open ones last; object is the part. */
struct lin_listed {
    const struct lin_op *op;
    uint32_t object;
};
/* mem_free; parts is the input's or copies of it. */
struct lin_listed *lin_list_ops(const struct lin_part *parts, uint32_t part_count,
                                uint32_t *ret_count);

#endif
