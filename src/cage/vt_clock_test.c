/* Laws of the clocks of a node. */
#include "vt_clock.h"

#include "../base/prng.h"
#include "../base/test.h"

static const int64_t SECOND = 1000000000;

TEST(without_drift_both_clocks_run_with_the_world)
{
    struct vt_clock c;
    int64_t mono, wall;

    vt_clock_init(&c, 1, 0);
    mono = vt_clock_read(&c, VT_MONOTONIC, 0);
    wall = vt_clock_read(&c, VT_WALL, 0);
    CHECK(mono >= 1000 * SECOND && mono < 2000 * SECOND);
    CHECK_INT(vt_clock_read(&c, VT_MONOTONIC, 7 * SECOND) - mono, 7 * SECOND);
    CHECK_INT(vt_clock_read(&c, VT_WALL, 7 * SECOND) - wall, 7 * SECOND);
    CHECK_INT(vt_clock_when(&c, (struct vt_due){VT_MONOTONIC, mono + 5}), 5);
    CHECK_INT(vt_clock_when(&c, (struct vt_due){VT_WALL, wall + 5}), 5);
}

TEST(nodes_start_with_clocks_of_their_own)
{
    struct vt_clock a, b;

    vt_clock_init(&a, 1, 0);
    vt_clock_init(&b, 1, 1);
    CHECK(vt_clock_read(&a, VT_MONOTONIC, 0) != vt_clock_read(&b, VT_MONOTONIC, 0));
    CHECK(vt_clock_read(&a, VT_WALL, 0) != vt_clock_read(&b, VT_WALL, 0));
    vt_clock_init(&b, 1, 0);
    CHECK(vt_clock_read(&a, VT_MONOTONIC, 0) == vt_clock_read(&b, VT_MONOTONIC, 0));
}

/* Goal: a wait is never over before its moment, and never later than the first nanosecond at which
 * it is over, whatever the drift. */
TEST(a_moment_is_the_first_at_which_the_clock_shows_it)
{
    struct prng p;
    int i;

    prng_init(&p, 5, "test");
    for (i = 0; i < 20000; i++) {
        struct vt_clock c;
        int64_t world = prng_between(&p, 0, 100 * SECOND);
        enum vt_clock_kind kind = prng_below(&p, 2) == 0 ? VT_MONOTONIC : VT_WALL;
        struct vt_due due;
        int64_t when;

        vt_clock_init(&c, (uint64_t)i, 0);
        vt_clock_set(&c, world, prng_between(&p, -SECOND, SECOND),
                     (int32_t)prng_between(&p, -VT_DRIFT_PPM_MAX, VT_DRIFT_PPM_MAX));
        due.kind = kind;
        due.at_ns = vt_clock_read(&c, kind, world) + prng_between(&p, 1, 10 * SECOND);
        when = vt_clock_when(&c, due);
        CHECK(vt_clock_read(&c, kind, when) >= due.at_ns);
        CHECK(vt_clock_read(&c, kind, when - 1) < due.at_ns);
    }
}

TEST(a_change_of_drift_does_not_make_the_clock_jump)
{
    struct vt_clock c;
    int64_t before, wall;

    vt_clock_init(&c, 3, 0);
    vt_clock_set(&c, 0, 0, 1000);
    before = vt_clock_read(&c, VT_MONOTONIC, 50 * SECOND);
    wall = vt_clock_read(&c, VT_WALL, 50 * SECOND);
    vt_clock_set(&c, 50 * SECOND, -3 * SECOND, -1000);
    CHECK_INT(vt_clock_read(&c, VT_MONOTONIC, 50 * SECOND), before);
    CHECK_INT(vt_clock_read(&c, VT_WALL, 50 * SECOND), wall - 3 * SECOND);
    CHECK_INT(vt_clock_read(&c, VT_MONOTONIC, 51 * SECOND) - before, SECOND - SECOND / 1000);
}

TEST(sums_stay_at_never)
{
    struct vt_clock c;

    vt_clock_init(&c, 3, 0);
    CHECK(vt_time_add(5, INT64_MAX) == VT_NEVER);
    CHECK_INT(vt_time_add(5, -7), 5);
    CHECK(vt_time_of(INT64_MAX, 0) == VT_NEVER);
    CHECK(vt_clock_when(&c, VT_DUE_NEVER) == VT_NEVER);
    vt_clock_set(&c, 0, 0, 400000);
    CHECK(vt_clock_when(&c, (struct vt_due){VT_WALL, INT64_MAX - 1}) > INT64_MAX / 2);
}
