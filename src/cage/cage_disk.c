/* The front of the disks: what may be asked when, and where it is written down. vt_disk.c acts on
 * it. */
#include "cage_disk.h"

#include "../base/assert.h"
#include "../base/err.h"
#include "../base/mem.h"
#include "cage_internal.h"
#include "vt_disk.h"

static struct vt_disk *disk_of(const struct cage *c, uint32_t node)
{
    struct vt_disk *d;

    ASSERT(cage_disk_followed(c, node));
    d = c->ops->disk(c, node);
    return d;
}

bool cage_disk_followed(const struct cage *c, uint32_t node)
{
    ASSERT(node < c->config.node_count);
    return c->ops->disk != NULL && c->ops->disk(c, node) != NULL;
}

void cage_disk_counts(const struct cage *c, uint32_t node, struct cage_disk_counts *ret_counts)
{
    *ret_counts = disk_of(c, node)->counts;
}

void cage_disk_trap(struct cage *c, uint32_t node, uint64_t nth)
{
    struct vt_disk *d = disk_of(c, node);

    d->trap_in = nth;
    if (d->trapped && nth > 0)
        d->trap_in++; /* the change that it stands before is judged once more */
    d->trapped = false;
    c->ops->untrap(c, node);
}

void cage_disk_fail(struct cage *c, uint32_t node, enum cage_disk_op op, uint64_t nth, int error)
{
    struct vt_disk *d = disk_of(c, node);

    d->fail[op].in = nth;
    d->fail[op].error = error;
}

void cage_disk_limit(struct cage *c, uint32_t node, uint64_t bytes)
{
    disk_of(c, node)->limit_bytes = bytes;
}

void cage_disk_cost(struct cage *c, uint32_t node, enum cage_disk_op op, int64_t ns)
{
    disk_of(c, node)->cost_ns[op] = ns;
}

int cage_disk_lose_power(struct cage *c, uint32_t node, struct err *err)
{
    ASSERT(!cage_running(c, node));
    return vt_disk_lose_power(disk_of(c, node), err);
}

int cage_disk_rot(struct cage *c, uint32_t node, const struct cage_disk_rot *rot, struct err *err)
{
    ASSERT(!cage_running(c, node));
    return vt_disk_rot(disk_of(c, node), rot, err);
}

void cage_disk_move(struct cage *c, uint32_t node, const char *dir)
{
    struct vt_disk *d = disk_of(c, node);

    ASSERT(!cage_running(c, node));
    vt_disk_forget(d);
    mem_free(d->dir);
    d->dir = mem_strdup(dir);
}

void cage_disk_forget(struct cage *c, uint32_t node)
{
    ASSERT(!cage_running(c, node));
    vt_disk_forget(disk_of(c, node));
}
