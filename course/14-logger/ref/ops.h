/* ops.h - changes of a map, as they lie in the log and in snapshots: several in a row are one
 * record, so they happen all or not at all.
 *
 *     kind u8 | key_len u32 | value_len u32 | key | value */
#ifndef LOGGER_OPS_H
#define LOGGER_OPS_H

#include "bytes.h"

#include <stdbool.h>

struct op {
    bool is_delete;
    struct slice key, value;
};

void op_add(struct bytes *to, const struct op *op);
/* Takes the next one off the front; false: there is none, or the bytes are no op. */
bool op_next(struct slice *from, struct op *ret_op);

#endif
