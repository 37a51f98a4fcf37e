/* value.h - a stored piece of text, shared by counting references. */
#ifndef SIM_VALUE_H
#define SIM_VALUE_H

#include "../base/str.h"

struct value {
    uint32_t refs;
    uint32_t len;
    char data[];
};

struct value *value_new(struct str text); /* copies; one reference, the caller's */
struct value *value_hold(struct value *v);
void value_drop(struct value *v); /* NULL is fine */
struct str value_text(const struct value *v);

#endif
