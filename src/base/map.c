/* Open addressing with linear probing over slots that hold number + 1; the texts live in an
 * arena and keep their addresses. At most half the slots are in use. */
#include "map.h"

#include "assert.h"
#include "mem.h"

#include <string.h>

struct entry {
    struct str text;
    uint64_t hash;
};

struct map {
    struct arena *arena;
    struct entry *entries; /* by number */
    size_t entries_cap;
    uint32_t len;
    uint32_t *slots;   /* number + 1, 0 is empty */
    size_t slot_count; /* a power of two */
};

static uint64_t hash_of(struct str text)
{
    uint64_t h = 0x9e3779b97f4a7c15u ^ text.len;
    size_t i = 0;

    for (; i + 8 <= text.len; i += 8) {
        uint64_t word;
        memcpy(&word, text.data + i, 8);
        h = (h ^ word) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
    }
    for (; i < text.len; i++)
        h = (h ^ (unsigned char)text.data[i]) * 0x100000001b3u;
    h ^= h >> 29;
    return h * 0xbf58476d1ce4e5b9u ^ h >> 32;
}

struct map *map_new(void)
{
    struct map *m = mem_zalloc(sizeof(*m));

    m->arena = arena_new();
    m->slot_count = 16;
    m->slots = mem_zalloc(m->slot_count * sizeof(*m->slots));
    return m;
}

void map_free(struct map *m)
{
    if (m == NULL)
        return;
    arena_free(m->arena);
    mem_free(m->entries);
    mem_free(m->slots);
    mem_free(m);
}

uint32_t map_len(const struct map *m)
{
    return m->len;
}

/* The slot that holds text, or the empty one where it belongs. */
static size_t slot_of(const struct map *m, struct str text, uint64_t hash)
{
    size_t i = hash & (m->slot_count - 1);

    while (m->slots[i] != 0) {
        const struct entry *e = &m->entries[m->slots[i] - 1];
        if (e->hash == hash && str_eq(e->text, text))
            break;
        i = (i + 1) & (m->slot_count - 1);
    }
    return i;
}

static void double_slots(struct map *m)
{
    uint32_t number;

    mem_free(m->slots);
    m->slot_count *= 2;
    m->slots = mem_zalloc(m->slot_count * sizeof(*m->slots));
    for (number = 0; number < m->len; number++) {
        const struct entry *e = &m->entries[number];
        m->slots[slot_of(m, e->text, e->hash)] = number + 1;
    }
}

int64_t map_find(const struct map *m, struct str text)
{
    uint32_t held = m->slots[slot_of(m, text, hash_of(text))];

    return held == 0 ? MAP_NONE : (int64_t)held - 1;
}

uint32_t map_put(struct map *m, struct str text, bool *ret_new)
{
    uint64_t hash = hash_of(text);
    size_t slot = slot_of(m, text, hash);
    bool is_new = m->slots[slot] == 0;

    if (ret_new != NULL)
        *ret_new = is_new;
    if (!is_new)
        return m->slots[slot] - 1;

    ASSERT(m->len < UINT32_MAX - 1); /* numbers are 32 bits; callers cap what they put in */
    m->entries = mem_grow(m->entries, &m->entries_cap, (size_t)m->len + 1, sizeof(*m->entries));
    m->entries[m->len] =
        (struct entry){{arena_strndup(m->arena, text.data, text.len), text.len}, hash};
    m->slots[slot] = ++m->len;
    if ((size_t)m->len * 2 > m->slot_count)
        double_slots(m);
    return m->len - 1;
}

struct str map_text(const struct map *m, uint32_t number)
{
    ASSERT(number < m->len);
    return m->entries[number].text;
}
