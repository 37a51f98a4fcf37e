/* Senders that outrun receivers would make the inboxes grow without bound. Above PRESSURE_HIGH
 * bytes nobody's output is read, until the backlog has shrunk by half; if nothing shrinks for
 * HOLD_NS, the receivers do not read at all, and holding would only spread the blockage: then we
 * read on, and inboxes that are full lose messages (DROP_FULL). Tried and dropped: holding only the
 * senders to a full inbox; two nodes that flood each other and read only between writes then block
 * for ever. */
#include "pressure.h"

#include "../cage/cage.h"

enum { HOLD_NS = 50000000 };

static size_t backlog(const struct cage *c, uint32_t node_count)
{
    size_t bytes = 0;
    uint32_t i;

    for (i = 0; i < node_count; i++)
        bytes += cage_inbox_bytes(c, i);
    return bytes;
}

static void set(struct pressure *p, struct cage *c, bool hold)
{
    p->holding = hold;
    cage_hold_output(c, hold);
}

int64_t pressure_update(struct pressure *p, struct cage *c, uint32_t node_count)
{
    size_t bytes = backlog(c, node_count);
    int64_t now = cage_now(c);

    if (bytes < PRESSURE_HIGH / 2) {
        p->stuck = false;
        if (p->holding)
            set(p, c, false);
    } else if (bytes >= PRESSURE_HIGH && !p->holding && !p->stuck) {
        set(p, c, true);
        p->since_ns = now;
        p->backlog = bytes;
    } else if (p->holding && now - p->since_ns >= HOLD_NS) {
        p->stuck = bytes >= p->backlog;
        if (p->stuck)
            set(p, c, false);
        p->since_ns = now;
        p->backlog = bytes;
    }
    return p->holding ? now + HOLD_NS : INT64_MAX;
}
