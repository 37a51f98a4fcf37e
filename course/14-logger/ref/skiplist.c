#include "skiplist.h"

#include <stdlib.h>
#include <string.h>

enum { LEVELS = 16 };

struct skipnode {
    struct entry entry;
    struct skipnode *next[]; /* as many as its height */
};

struct skiplist {
    struct skipnode *heads[LEVELS];
    size_t count, bytes;
    uint32_t chance;
};

int entry_compare(const struct entry *a, const struct entry *b)
{
    int order = slice_compare(a->key, b->key);

    if (order != 0)
        return order;
    return a->seq > b->seq ? -1 : a->seq < b->seq;
}

struct skiplist *skiplist_new(void)
{
    struct skiplist *l = must_alloc(NULL, sizeof(*l));

    *l = (struct skiplist){.chance = 2463534242u};
    return l;
}

static void node_free_one(struct skipnode *n)
{
    free((void *)(uintptr_t)n->entry.key.data);
    free(n);
}

void skiplist_free(struct skiplist *l)
{
    struct skipnode *n = l == NULL ? NULL : l->heads[0];

    while (n != NULL) {
        struct skipnode *next = n->next[0];

        node_free_one(n);
        n = next;
    }
    free(l);
}

size_t skiplist_count(const struct skiplist *l)
{
    return l->count;
}

size_t skiplist_bytes(const struct skiplist *l)
{
    return l->bytes;
}

/* One in four goes up a level. */
static int height_draw(struct skiplist *l)
{
    int height = 1;

    do {
        l->chance ^= l->chance << 13;
        l->chance ^= l->chance >> 17;
        l->chance ^= l->chance << 5;
    } while (l->chance % 4 == 0 && ++height < LEVELS);
    return height;
}

/* The link on each level that leads past everything before e. */
static struct skipnode *find(const struct skiplist *l, const struct entry *e,
                             struct skipnode **links[LEVELS])
{
    struct skipnode *const *next = l->heads;

    for (int level = LEVELS - 1; level >= 0; level--) {
        while (next[level] != NULL && entry_compare(&next[level]->entry, e) < 0)
            next = next[level]->next;
        if (links != NULL)
            links[level] = (struct skipnode **)(uintptr_t)&next[level];
    }
    return next[0];
}

static struct entry entry_copy(const struct entry *e)
{
    struct entry copy = *e;
    char *data = must_alloc(NULL, e->key.len + e->value.len);

    if (e->key.len > 0)
        memcpy(data, e->key.data, e->key.len);
    if (e->value.len > 0)
        memcpy(data + e->key.len, e->value.data, e->value.len);
    copy.key.data = data;
    copy.value.data = data + e->key.len;
    return copy;
}

bool skiplist_remove(struct skiplist *l, const struct entry *e)
{
    struct skipnode **links[LEVELS];
    struct skipnode *n = find(l, e, links);

    if (n == NULL || entry_compare(&n->entry, e) != 0)
        return false;
    for (int level = 0; level < LEVELS && *links[level] == n; level++)
        *links[level] = n->next[level];
    l->count--;
    l->bytes -= n->entry.key.len + n->entry.value.len;
    node_free_one(n);
    return true;
}

void skiplist_put(struct skiplist *l, const struct entry *e)
{
    struct skipnode **links[LEVELS], *n;
    int height = height_draw(l);

    skiplist_remove(l, e);
    find(l, e, links);
    n = must_alloc(NULL, sizeof(*n) + (size_t)height * sizeof(n->next[0]));
    n->entry = entry_copy(e);
    for (int level = 0; level < height; level++) {
        n->next[level] = *links[level];
        *links[level] = n;
    }
    l->count++;
    l->bytes += e->key.len + e->value.len;
}

const struct skipnode *skiplist_seek(const struct skiplist *l, struct slice key, uint64_t seq)
{
    return find(l, &(struct entry){.key = key, .seq = seq}, NULL);
}

const struct skipnode *skiplist_next(const struct skipnode *n)
{
    return n->next[0];
}

const struct entry *skiplist_entry(const struct skipnode *n)
{
    return &n->entry;
}
