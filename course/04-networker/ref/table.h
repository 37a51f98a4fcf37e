/* table.h - keys and values, both any bytes. Never shrinks its list of chains; all zero is empty.
 */
#ifndef NETWORKER_TABLE_H
#define NETWORKER_TABLE_H

#include <stdbool.h>
#include <stddef.h>

struct bytes {
    const char *at;
    size_t len;
};

struct table {
    struct entry **chains;
    size_t chain_count, count;
};

bool table_get(const struct table *t, struct bytes key, struct bytes *ret_value); /* borrowed */
void table_set(struct table *t, struct bytes key, struct bytes value);            /* copies both */
bool table_remove(struct table *t, struct bytes key); /* false: it was not there */
void table_clear(struct table *t);

#endif
