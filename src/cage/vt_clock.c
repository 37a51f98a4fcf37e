/* The clocks of a node.
 *
 * elapsed(w) = anchor_elapsed + (w - anchor_world) * (1 + drift_ppm / 10^6), rounded down
 * clock(w)   = zero + elapsed(w) (+ wall_offset for the wall clock)
 *
 * Law: for every due, clock(when(due)) >= due and clock(when(due) - 1) < due. Rounding the other
 * way makes endless loops: a program that waits 1 ns is woken at once, finds its clock unmoved and
 * waits 1 ns again.
 *
 * Nodes start with different clocks. Java seeds Random from nanoTime; with equal clocks the five
 * nodes of a Raft cluster draw equal election timeouts and split the vote for ever. So the
 * monotonic clocks begin 1,000 to 2,000 s after their zero, like machines that booted at different
 * times, and the wall clocks are up to 100 us off, like machines that a good time server keeps. */
#include "vt_clock.h"

#include "../base/prng.h"
#include "cage.h"

#include <stdio.h>

#ifndef PLANT_VT
#define PLANT_VT 0
#endif

enum { SECOND_NS = 1000000000, MILLION = 1000000, WALL_SKEW_NS = 100000 };

/* 2025-01-01T00:00:00Z: a fixed date, since a run may not depend on the day. */
static const int64_t WALL_START_NS = (int64_t)CAGE_WALL_START_S * SECOND_NS;
static const int64_t BOOTED_NS = 1000ll * SECOND_NS;

void vt_clock_init(struct vt_clock *c, uint64_t seed, uint32_t node)
{
    char name[32];
    struct prng p;

    snprintf(name, sizeof(name), "clock of node %u", node);
    prng_init(&p, seed, name);
    *c = (struct vt_clock){0};
    c->monotonic_zero_ns = BOOTED_NS + (int64_t)prng_below(&p, (uint64_t)BOOTED_NS);
    c->wall_zero_ns = WALL_START_NS + prng_between(&p, -WALL_SKEW_NS, WALL_SKEW_NS);
}

static int64_t elapsed(const struct vt_clock *c, int64_t world_ns)
{
    int64_t d = world_ns - c->anchor_world_ns;

    if (c->drift_ppm == 0)
        return c->anchor_elapsed_ns + d;
    return c->anchor_elapsed_ns + (int64_t)((__int128)d * (MILLION + c->drift_ppm) / MILLION);
}

static int64_t zero(const struct vt_clock *c, enum vt_clock_kind kind)
{
    if (PLANT_VT == 9) /* the offset is forgotten */
        return kind == VT_WALL ? c->wall_zero_ns : c->monotonic_zero_ns;
    return kind == VT_WALL ? c->wall_zero_ns + c->wall_offset_ns : c->monotonic_zero_ns;
}

int64_t vt_clock_read(const struct vt_clock *c, enum vt_clock_kind kind, int64_t world_ns)
{
    return zero(c, kind) + elapsed(c, world_ns);
}

int64_t vt_clock_when(const struct vt_clock *c, struct vt_due due)
{
    int64_t d; /* the crystal has to count so much since the anchor */
    __int128 w;

    if (due.at_ns == VT_NEVER)
        return VT_NEVER;
    if (__builtin_sub_overflow(due.at_ns, zero(c, due.kind) + c->anchor_elapsed_ns, &d))
        return VT_NEVER;
    if (d < 0)
        return c->anchor_world_ns;
    w = ((__int128)d * MILLION + (PLANT_VT == 14 ? 0 : MILLION + c->drift_ppm - 1)) /
        (MILLION + c->drift_ppm);
    w += c->anchor_world_ns;
    return w < VT_NEVER ? (int64_t)w : VT_NEVER;
}

void vt_clock_set(struct vt_clock *c, int64_t world_ns, int64_t wall_offset_ns, int32_t drift_ppm)
{
    c->anchor_elapsed_ns = elapsed(c, world_ns);
    c->anchor_world_ns = world_ns;
    c->wall_offset_ns = wall_offset_ns;
    c->drift_ppm = drift_ppm < -VT_DRIFT_PPM_MAX  ? -VT_DRIFT_PPM_MAX
                   : drift_ppm > VT_DRIFT_PPM_MAX ? VT_DRIFT_PPM_MAX
                                                  : drift_ppm;
}

int64_t vt_time_add(int64_t at_ns, int64_t ns)
{
    int64_t sum;

    if (ns < 0)
        ns = 0;
    return __builtin_add_overflow(at_ns, ns, &sum) ? VT_NEVER : sum;
}

int64_t vt_time_of(int64_t seconds, int64_t nanoseconds)
{
    int64_t ns;

    if (__builtin_mul_overflow(seconds, (int64_t)SECOND_NS, &ns) ||
        __builtin_add_overflow(ns, nanoseconds, &ns))
        return seconds < 0 ? INT64_MIN : VT_NEVER;
    return ns;
}
