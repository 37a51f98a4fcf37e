#include "value.h"

#include "../base/assert.h"
#include "../base/mem.h"

#include <string.h>

struct value *value_new(struct str text)
{
    struct value *v = mem_alloc(sizeof(*v) + text.len);

    ASSERT(text.len < UINT32_MAX);
    v->refs = 1;
    v->len = (uint32_t)text.len;
    if (text.len > 0)
        memcpy(v->data, text.data, text.len);
    return v;
}

struct value *value_hold(struct value *v)
{
    v->refs++;
    return v;
}

void value_drop(struct value *v)
{
    if (v != NULL && --v->refs == 0)
        mem_free(v);
}

struct str value_text(const struct value *v)
{
    return (struct str){v->data, v->len};
}
