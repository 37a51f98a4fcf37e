#include "fates.h"

#include "../base/assert.h"

void fates_add(struct fates *f, fates_fn fn, void *owner)
{
    ASSERT(f->count < FATES_MAX);
    f->links[f->count].owner = owner;
    f->links[f->count].fn = fn;
    f->count++;
}

void fates_decide(const struct fates *f, const struct message *m, struct message_fate *fate)
{
    uint32_t i;

    for (i = 0; i < f->count; i++)
        f->links[i].fn(f->links[i].owner, m, fate);
}
