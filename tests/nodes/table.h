/* table.h - a hash table from texts to pointers, for test nodes. Entries are never removed.
 * Start with all zero. Keys are copied; values are the caller's. */
#ifndef NODES_TABLE_H
#define NODES_TABLE_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct table_slot {
    char *key; /* NULL: free */
    void *value;
};

struct table {
    struct table_slot *slots;
    size_t len, cap; /* cap is a power of two */
};

static inline struct table_slot *table_slot(const struct table *t, const char *key)
{
    uint64_t hash = 14695981039346656037u;
    size_t i;

    for (const char *c = key; *c != '\0'; c++)
        hash = (hash ^ (unsigned char)*c) * 1099511628211u;
    for (i = (hash ^ hash >> 32) & (t->cap - 1); t->slots[i].key != NULL;
         i = (i + 1) & (t->cap - 1)) {
        if (strcmp(t->slots[i].key, key) == 0)
            break;
    }
    return &t->slots[i];
}

/* NULL: not there, or there without a value. */
static inline void *table_get(const struct table *t, const char *key)
{
    return t->cap == 0 ? NULL : table_slot(t, key)->value;
}

/* Where the value of key stands; NULL there if the key is new. */
static inline void **table_at(struct table *t, const char *key)
{
    struct table_slot *slot;

    if (2 * t->len >= t->cap) {
        struct table bigger = {.cap = t->cap == 0 ? 16 : 2 * t->cap, .len = t->len};

        bigger.slots = calloc(bigger.cap, sizeof(*bigger.slots));
        if (bigger.slots == NULL)
            abort();
        for (size_t i = 0; i < t->cap; i++) {
            if (t->slots[i].key != NULL)
                *table_slot(&bigger, t->slots[i].key) = t->slots[i];
        }
        free(t->slots);
        *t = bigger;
    }
    slot = table_slot(t, key);
    if (slot->key == NULL) {
        slot->key = strdup(key);
        if (slot->key == NULL)
            abort();
        t->len++;
    }
    return &slot->value;
}

#endif
