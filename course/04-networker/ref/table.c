/* table.c - a hash table with chains, twice as many when there are more entries than chains. */
#include "table.h"

#include "node.h"

#include <stdlib.h>
#include <string.h>

struct entry {
    struct entry *next;
    size_t key_len, value_len;
    char bytes[]; /* the key, then the value */
};

static void *must(void *memory)
{
    if (memory == NULL) {
        node_log("out of memory");
        exit(1);
    }
    return memory;
}

/* FNV-1a */
static size_t hash(const char *bytes, size_t len)
{
    uint64_t h = 14695981039346656037U;

    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)bytes[i]) * 1099511628211U;
    return (size_t)(h ^ h >> 32);
}

/* Where the entry hangs, or would. */
static struct entry **place(const struct table *t, struct bytes key)
{
    struct entry **at = &t->chains[hash(key.at, key.len) & (t->chain_count - 1)];

    while (*at != NULL && ((*at)->key_len != key.len || memcmp((*at)->bytes, key.at, key.len) != 0))
        at = &(*at)->next;
    return at;
}

static void grow(struct table *t)
{
    struct table wider = {.chain_count = t->chain_count == 0 ? 64 : 2 * t->chain_count,
                          .count = t->count};

    wider.chains = must(calloc(wider.chain_count, sizeof(*wider.chains)));
    for (size_t i = 0; i < t->chain_count; i++) {
        while (t->chains[i] != NULL) {
            struct entry *e = t->chains[i];
            struct entry **chain =
                &wider.chains[hash(e->bytes, e->key_len) & (wider.chain_count - 1)];

            t->chains[i] = e->next;
            e->next = *chain;
            *chain = e;
        }
    }
    free(t->chains);
    *t = wider;
}

bool table_get(const struct table *t, struct bytes key, struct bytes *ret_value)
{
    struct entry *e = t->chain_count == 0 ? NULL : *place(t, key);

    if (e == NULL)
        return false;
    *ret_value = (struct bytes){e->bytes + e->key_len, e->value_len};
    return true;
}

void table_set(struct table *t, struct bytes key, struct bytes value)
{
    struct entry *e = must(malloc(sizeof(*e) + key.len + value.len)), **at;

    e->key_len = key.len;
    e->value_len = value.len;
    memcpy(e->bytes, key.at, key.len);
    memcpy(e->bytes + key.len, value.at, value.len);
    table_remove(t, key);
    if (t->count >= t->chain_count)
        grow(t);
    at = place(t, key);
    e->next = NULL;
    *at = e;
    t->count++;
}

bool table_remove(struct table *t, struct bytes key)
{
    struct entry **at, *e;

    if (t->chain_count == 0)
        return false;
    at = place(t, key);
    e = *at;
    if (e == NULL)
        return false;
    *at = e->next;
    free(e);
    t->count--;
    return true;
}

void table_clear(struct table *t)
{
    for (size_t i = 0; i < t->chain_count; i++) {
        struct entry *e = t->chains[i], *next;

        for (; e != NULL; e = next) {
            next = e->next;
            free(e);
        }
    }
    free(t->chains);
    *t = (struct table){0};
}
