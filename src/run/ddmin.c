#include "ddmin.h"

#include "../base/mem.h"

#include <string.h>

struct state {
    const struct ddmin *d;
    bool *keep;
    uint32_t *kept; /* places of what is kept, ascending */
    uint32_t kept_count;
    bool **attempts;
};

static void gather(struct state *s)
{
    uint32_t i;

    s->kept_count = 0;
    for (i = 0; i < s->d->count; i++)
        if (s->keep[i])
            s->kept[s->kept_count++] = i;
}

/* What is kept without size of them from at on. */
static void fill(const struct state *s, bool *attempt, uint32_t at, uint32_t size)
{
    uint32_t i;

    memcpy(attempt, s->keep, s->d->count * sizeof(*attempt));
    for (i = at; i < at + size && i < s->kept_count; i++)
        attempt[s->kept[i]] = false;
}

static bool enough(const struct state *s)
{
    return s->d->enough != NULL && s->d->enough(s->d->owner);
}

/* Takes out runs of size neighbours, one after the other; true if any could go. */
static bool sweep(struct state *s, uint32_t size)
{
    bool any = false;
    uint32_t at = 0;

    while (at < s->kept_count && !enough(s)) {
        uint32_t n = 0;
        int found;

        for (; n < s->d->width && at + n * size < s->kept_count; n++)
            fill(s, s->attempts[n], at + n * size, size);
        found = s->d->first(s->d->owner, s->attempts, n);
        if (found < 0) {
            at += n * size;
            continue;
        }
        any = true;
        memcpy(s->keep, s->attempts[found], s->d->count * sizeof(*s->keep));
        gather(s);
        at += (uint32_t)found * size;
    }
    return any;
}

bool ddmin_run(const struct ddmin *d, bool *keep)
{
    struct state s = {.d = d, .keep = keep};
    bool any = false;
    uint32_t i, size;

    s.kept = mem_alloc(d->count * sizeof(*s.kept));
    s.attempts = mem_alloc(d->width * sizeof(*s.attempts));
    for (i = 0; i < d->width; i++)
        s.attempts[i] = mem_alloc(d->count * sizeof(**s.attempts));
    gather(&s);
    size = s.kept_count;
    while (size > 0 && s.kept_count > 0 && !enough(&s)) {
        bool went = sweep(&s, size);

        any = any || went;
        if (size > 1)
            size = (size + 1) / 2;
        else if (!went)
            break;
        if (size > s.kept_count)
            size = s.kept_count;
    }
    for (i = 0; i < d->width; i++)
        mem_free(s.attempts[i]);
    mem_free(s.attempts);
    mem_free(s.kept);
    return any;
}
