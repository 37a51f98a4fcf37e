/* vt_clock.h - what the clocks of one node show at a moment of world time.
 *
 * World time is the run's: nanoseconds since the cage was opened. A node sees two clocks, a
 * monotonic one and the wall clock. Both run off the same crystal, which may drift; the wall clock
 * may also be set wrong. Pure arithmetic; reads no clock itself. */
#ifndef CAGE_VT_CLOCK_H
#define CAGE_VT_CLOCK_H

#include <stdint.h>

enum vt_clock_kind { VT_MONOTONIC, VT_WALL };

#define VT_NEVER INT64_MAX

enum { VT_DRIFT_PPM_MAX = 500000 };

struct vt_clock {
    int64_t anchor_world_ns;   /* since then the drift is as below ... */
    int64_t anchor_elapsed_ns; /* ... and then the crystal had counted this much */
    int32_t drift_ppm;         /* at most VT_DRIFT_PPM_MAX either way */
    int64_t monotonic_zero_ns; /* what the clocks showed when the crystal stood at 0 */
    int64_t wall_zero_ns;
    int64_t wall_offset_ns; /* set wrong by so much */
};

/* A moment on one of the node's clocks. Kept in the node's own time, so that nothing has to be
 * corrected when the drift or the offset changes. */
struct vt_due {
    enum vt_clock_kind kind;
    int64_t at_ns; /* VT_NEVER: no moment */
};

#define VT_DUE_NEVER ((struct vt_due){VT_MONOTONIC, VT_NEVER})

/* The run's seed decides where the clocks of each node start: see vt_clock.c. */
void vt_clock_init(struct vt_clock *c, uint64_t seed, uint32_t node);
int64_t vt_clock_read(const struct vt_clock *c, enum vt_clock_kind kind, int64_t world_ns);
/* The first world time at which the clock shows due.at_ns or more; VT_NEVER for no moment. May lie
 * in the past. */
int64_t vt_clock_when(const struct vt_clock *c, struct vt_due due);
/* From world_ns on. */
void vt_clock_set(struct vt_clock *c, int64_t world_ns, int64_t wall_offset_ns, int32_t drift_ppm);

/* Sums that stay at VT_NEVER instead of overflowing. ns may be anything; negative is 0. */
int64_t vt_time_add(int64_t at_ns, int64_t ns);
int64_t vt_time_of(int64_t seconds, int64_t nanoseconds);

#endif
