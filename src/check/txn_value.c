/* Open addressing with linear probing, at most half full. base/map.h would do, but values are what
 * a history of transactions is made of: it would copy each text, and look at three far places for
 * each. Here the text stays in the history, and the values of a key stand side by side if their
 * texts differ in the last byte only, as 10 to 19 do: the hash leaves that byte out and adds it. */
#include "txn_value.h"

#include "../base/assert.h"
#include "../base/mem.h"

#include <string.h>

enum { SLOTS_MIN = 64 };

void txn_values_init(struct txn_values *v)
{
    *v = (struct txn_values){.slot_count = SLOTS_MIN};
    v->slots = mem_zalloc(v->slot_count * sizeof(*v->slots));
}

void txn_values_release(struct txn_values *v)
{
    mem_free(v->at);
    mem_free(v->slots);
}

static uint64_t hash_of(uint32_t key, struct str text)
{
    uint64_t h = (key + 1) * 0x9e3779b97f4a7c15u;
    size_t i;

    if (text.len == 0)
        return h;
    for (i = 0; i + 1 < text.len; i++)
        h = (h ^ (unsigned char)text.data[i]) * 0x100000001b3u;
    h ^= h >> 32;
    h *= 0xff51afd7ed558ccdu;
    return (h ^ h >> 29) + (unsigned char)text.data[text.len - 1];
}

static struct str text_of(const struct txn_value *value)
{
    return (struct str){value->text, value->text_len};
}

/* The slot of the value, or the empty one where it belongs. */
static size_t slot_of(const struct txn_values *v, uint32_t key, struct str text)
{
    size_t i = hash_of(key, text) & (v->slot_count - 1);

    while (v->slots[i] != 0) {
        const struct txn_value *held = &v->at[v->slots[i] - 1];
        if (held->key == key && str_eq(text_of(held), text))
            break;
        i = (i + 1) & (v->slot_count - 1);
    }
    return i;
}

static void double_slots(struct txn_values *v)
{
    uint32_t i;

    mem_free(v->slots);
    v->slot_count *= 2;
    v->slots = mem_zalloc(v->slot_count * sizeof(*v->slots));
    for (i = 0; i < v->count; i++)
        v->slots[slot_of(v, v->at[i].key, text_of(&v->at[i]))] = i + 1;
}

uint32_t txn_values_put(struct txn_values *v, uint32_t key, struct str text)
{
    size_t slot = slot_of(v, key, text);

    if (v->slots[slot] != 0)
        return v->slots[slot] - 1;
    ASSERT(v->count < UINT32_MAX / 2 && text.len < UINT32_MAX); /* texts of a history are shorter */
    v->at = mem_grow(v->at, &v->cap, (size_t)v->count + 1, sizeof(*v->at));
    v->at[v->count] = (struct txn_value){text.data, (uint32_t)text.len, key, TXN_NONE, TXN_NONE};
    v->slots[slot] = ++v->count;
    if ((size_t)v->count * 2 > v->slot_count)
        double_slots(v);
    return v->count - 1;
}
