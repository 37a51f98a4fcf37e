/* txn_value.h - the values of keys as numbers: who wrote each. A value belongs to its key, so 5 of
 * one key is not 5 of another. Borrows the texts. */
#ifndef CHECK_TXN_VALUE_H
#define CHECK_TXN_VALUE_H

#include "../base/str.h"

#include <stdint.h>

#define TXN_NONE UINT32_MAX

struct txn_value {
    const char *text; /* JSON, of text_len bytes */
    uint32_t text_len;
    uint32_t key;
    uint32_t writer; /* the transaction, TXN_NONE: nobody asked to write it */
    uint32_t mop;    /* index of the write among all operations */
};

struct txn_values {
    struct txn_value *at; /* by number, in order of entry */
    uint32_t count;
    /* Private. */
    uint32_t *slots; /* number + 1, 0 is empty */
    size_t slot_count;
    size_t cap;
};

void txn_values_init(struct txn_values *v);
void txn_values_release(struct txn_values *v);
/* The number of the value that text is for this key; new ones enter without a writer. */
uint32_t txn_values_put(struct txn_values *v, uint32_t key, struct str text);

#endif
