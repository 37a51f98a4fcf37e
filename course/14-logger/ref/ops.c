#include "ops.h"

enum { OP_HEAD = 9 };

void op_add(struct bytes *to, const struct op *op)
{
    char kind = op->is_delete ? 'd' : 'p';

    bytes_add(to, &kind, 1);
    bytes_add_u32(to, (uint32_t)op->key.len);
    bytes_add_u32(to, (uint32_t)op->value.len);
    bytes_add(to, op->key.data, op->key.len);
    bytes_add(to, op->value.data, op->value.len);
}

bool op_next(struct slice *from, struct op *ret_op)
{
    uint64_t key_len, value_len;

    if (from->len < OP_HEAD)
        return false;
    key_len = get_u32(from->data + 1);
    value_len = get_u32(from->data + 5);
    if (key_len + value_len > from->len - OP_HEAD)
        return false;
    ret_op->is_delete = from->data[0] == 'd';
    ret_op->key = (struct slice){from->data + OP_HEAD, key_len};
    ret_op->value = (struct slice){from->data + OP_HEAD + key_len, value_len};
    from->data += OP_HEAD + key_len + value_len;
    from->len -= OP_HEAD + key_len + value_len;
    return true;
}
