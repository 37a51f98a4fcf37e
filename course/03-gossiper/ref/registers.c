/* registers.c - a hash table from keys to numbers of facts (open addressing, never more than half
 * full; keys stay for ever, as their tombstones do). */
#include "registers.h"

#include "set.h"

#include <stdlib.h>

struct slot {
    struct json *key; /* kept; NULL: free */
    int number;
};

static struct slot *slots;
static size_t count, cap;

static size_t hash_of(const char *text)
{
    uint64_t h = 0xcbf29ce484222325;

    for (; *text != '\0'; text++)
        h = (h ^ (unsigned char)*text) * 0x100000001b3;
    return (size_t)(h ^ (h >> 32));
}

static struct slot *slot_of(const struct json *key)
{
    size_t i = hash_of(json_show(key)) & (cap - 1);

    while (slots[i].key != NULL && !json_equal(slots[i].key, key))
        i = (i + 1) & (cap - 1);
    return &slots[i];
}

static void grow(void)
{
    struct slot *old = slots;
    size_t old_cap = cap;

    cap = cap == 0 ? 64 : 2 * cap;
    slots = calloc(cap, sizeof(*slots));
    if (slots == NULL)
        abort();
    for (size_t i = 0; i < old_cap; i++) {
        if (old[i].key != NULL)
            *slot_of(old[i].key) = old[i];
    }
    free(old);
}

struct json *registers_get(const struct json *key)
{
    const struct slot *s = cap > 0 ? slot_of(key) : NULL;

    return s != NULL && s->key != NULL ? set_value(s->number) : NULL;
}

int registers_put(const struct json *key, const struct json *fact)
{
    struct slot *s;
    int number = set_add(fact);

    if (2 * (count + 1) > cap)
        grow();
    s = slot_of(key);
    if (s->key == NULL) {
        s->key = json_keep(key);
        count++;
    } else {
        set_drop(s->number);
    }
    s->number = number;
    return number;
}
