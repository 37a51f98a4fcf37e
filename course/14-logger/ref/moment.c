/* moment.c - of each key a reader sees the newest entry that is not newer than his moment.
 *
 *     entries of one key, newest first:   90   70d   40   10       (d: a delete)
 *     moments:                       now  |         |55  |20
 *
 * 90 is needed now; 70d by nobody; 40 by moment 55; 10 by moment 20. An entry is needed if a moment
 * lies between it and the next newer one. */
#include "moment.h"

#include <stdlib.h>

static struct moment {
    int64_t name;
    uint64_t seq;
} * moments;
static size_t moment_count;
static int64_t last_name;

int64_t moment_open(uint64_t seq)
{
    moments = must_alloc(moments, (moment_count + 1) * sizeof(*moments));
    moments[moment_count++] = (struct moment){.name = ++last_name, .seq = seq};
    return last_name;
}

static struct moment *find(int64_t name)
{
    for (size_t i = 0; i < moment_count; i++) {
        if (moments[i].name == name)
            return &moments[i];
    }
    return NULL;
}

bool moment_find(int64_t name, uint64_t *ret_seq)
{
    const struct moment *m = find(name);

    if (m != NULL)
        *ret_seq = m->seq;
    return m != NULL;
}

bool moment_close(int64_t name)
{
    struct moment *m = find(name);

    if (m != NULL)
        *m = moments[--moment_count];
    return m != NULL;
}

/* Whether a moment shows something of at least seq and before `before`. */
static bool is_seen(uint64_t seq, uint64_t before)
{
    for (size_t i = 0; i < moment_count; i++) {
        if (moments[i].seq >= seq && moments[i].seq < before)
            return true;
    }
    return false;
}

bool keeper_keeps(struct keeper *k, const struct entry *e, bool is_bottom)
{
    bool is_same =
        k->has_key && slice_compare((struct slice){k->key.data, k->key.len}, e->key) == 0;
    bool is_needed = !is_same || is_seen(e->seq, k->newer);

    if (!is_same) {
        k->key.len = 0;
        bytes_add(&k->key, e->key.data, e->key.len);
        k->has_key = true;
    }
    k->newer = e->seq;
    if (e->is_delete && is_bottom && !is_seen(0, e->seq))
        return false; /* nobody looks past it, and there is nothing behind it */
    return is_needed;
}

void keeper_release(struct keeper *k)
{
    free(k->key.data);
}
