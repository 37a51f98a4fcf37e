/* pressure.h - back pressure on the real clock: senders that outrun receivers are held.
 *
 * Never needed in virtual time: there the cage runs nodes one at a time. */
#ifndef RUN_PRESSURE_H
#define RUN_PRESSURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cage;

enum { PRESSURE_HIGH = 8 << 20 }; /* bytes on their way before fast senders are held */

/* All zero to begin with. */
struct pressure {
    bool holding; /* nobody's output is read */
    bool stuck;   /* holding did not help */
    int64_t since_ns;
    size_t backlog; /* when the hold began, or was last looked at */
};

/* Holds or releases the output of all nodes; when to look again, INT64_MAX if nothing is held. */
int64_t pressure_update(struct pressure *p, struct cage *c, uint32_t node_count);

#endif
