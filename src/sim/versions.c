/* Not keep copies of a map but, for each key, the values it had and since which state:
 *
 *     "x":  since 3: 1   since 7: 2   since 8: 5         newest 40, keep 32: oldest 9
 *     "y":  since 39: 0                                  so x needs only its last one
 *
 *  1. A key's versions ascend by since; the value in state s is the last with since <= s.
 *  2. Only a key's first version may be older than the oldest state that can be read.
 *
 * A put moves the oldest state on by one at most, and then only the key that changed in the new
 * oldest state can have a version too many. A ring of the last keep changes says which key that
 * is, so a put costs the same however many keys there are. */
#include "versions.h"

#include "value.h"

#include "../base/assert.h"
#include "../base/map.h"
#include "../base/mem.h"

#include <string.h>

struct version {
    uint64_t since; /* the state that brought it */
    struct value *value;
};

struct key_versions {
    struct version *all; /* ascending by since */
    size_t len, cap;
};

struct versions {
    uint32_t keep;
    uint64_t newest;
    uint64_t bytes;
    struct map *keys;
    struct key_versions *by_key; /* by number in keys */
    size_t by_key_cap;
    uint32_t *changed; /* [state % keep]: number of the key that changed in that state */
};

struct versions *versions_new(uint32_t keep)
{
    struct versions *v = mem_zalloc(sizeof(*v));

    ASSERT(keep > 0);
    v->keep = keep;
    v->keys = map_new();
    v->changed = mem_zalloc(keep * sizeof(*v->changed));
    return v;
}

void versions_free(struct versions *v)
{
    uint32_t number;
    size_t i;

    if (v == NULL)
        return;
    for (number = 0; number < map_len(v->keys); number++) {
        for (i = 0; i < v->by_key[number].len; i++)
            value_drop(v->by_key[number].all[i].value);
        mem_free(v->by_key[number].all);
    }
    mem_free(v->by_key);
    mem_free(v->changed);
    map_free(v->keys);
    mem_free(v);
}

uint64_t versions_newest(const struct versions *v)
{
    return v->newest;
}

uint64_t versions_oldest(const struct versions *v)
{
    return v->newest < v->keep ? 0 : v->newest - v->keep + 1;
}

uint32_t versions_keys(const struct versions *v)
{
    return map_len(v->keys);
}

uint64_t versions_bytes(const struct versions *v)
{
    return v->bytes;
}

/* Drops the versions of a key that no state within reach shows. */
static void forget_old(struct versions *v, struct key_versions *k)
{
    size_t n = 0;

    while (n + 1 < k->len && k->all[n + 1].since <= versions_oldest(v)) {
        v->bytes -= k->all[n].value->len;
        value_drop(k->all[n].value);
        n++;
    }
    k->len -= n;
    if (n > 0)
        memmove(k->all, k->all + n, k->len * sizeof(*k->all));
}

static struct key_versions *of_key(struct versions *v, struct str key, uint32_t *ret_number)
{
    bool is_new;
    uint32_t number = map_put(v->keys, key, &is_new);

    if (is_new) {
        v->by_key = mem_grow(v->by_key, &v->by_key_cap, (size_t)number + 1, sizeof(*v->by_key));
        v->by_key[number] = (struct key_versions){0};
        v->bytes += key.len;
    }
    *ret_number = number;
    return &v->by_key[number];
}

void versions_put(struct versions *v, struct str key, struct str value)
{
    uint32_t number;
    struct key_versions *k = of_key(v, key, &number);

    v->newest++;
    k->all = mem_grow(k->all, &k->cap, k->len + 1, sizeof(*k->all));
    k->all[k->len++] = (struct version){v->newest, value_new(value)};
    v->bytes += value.len;
    v->changed[v->newest % v->keep] = number;
    if (versions_oldest(v) > 0)
        forget_old(v, &v->by_key[v->changed[versions_oldest(v) % v->keep]]);
}

struct str versions_get(const struct versions *v, uint64_t state, struct str key)
{
    int64_t number = map_find(v->keys, key);
    const struct key_versions *k;
    size_t i;

    ASSERT(state >= versions_oldest(v) && state <= v->newest);
    if (number == MAP_NONE)
        return (struct str){NULL, 0};
    k = &v->by_key[number];
    for (i = k->len; i-- > 0;)
        if (k->all[i].since <= state)
            return value_text(k->all[i].value);
    return (struct str){NULL, 0};
}
