#include "prng.h"
#include "test.h"

#include <math.h>

TEST(a_stream_is_told_by_seed_and_name)
{
    struct prng a, b, c, d;

    prng_init(&a, 1, "link");
    prng_init(&b, 1, "link");
    prng_init(&c, 1, "disk");
    prng_init(&d, 2, "link");
    CHECK_INT(prng_next(&a), prng_next(&b));
    CHECK(prng_next(&a) != prng_next(&c));
    CHECK(prng_next(&b) != prng_next(&d));
}

/* As the authors' reference program gives them for this state; the first is rotl(2 * 5, 7) * 9. */
TEST(the_generator_is_xoshiro256starstar)
{
    struct prng p = {{1, 2, 3, 4}};

    CHECK_INT(prng_next(&p), 11520);
    CHECK_INT(prng_next(&p), 0);
    CHECK_INT(prng_next(&p), 1509978240);
    CHECK_INT(prng_next(&p), 1215971899390074240);
}

TEST(bounds_hold_and_are_reached)
{
    struct prng p;
    int seen[7] = {0};
    int i;

    prng_init(&p, 3, "bounds");
    for (i = 0; i < 7000; i++)
        seen[prng_below(&p, 7)]++;
    for (i = 0; i < 7; i++)
        CHECK(seen[i] > 800 && seen[i] < 1200);
    for (i = 0; i < 1000; i++) {
        int64_t x = prng_between(&p, -2, 1);
        CHECK(x >= -2 && x <= 1);
        CHECK_INT(prng_below(&p, 1), 0);
        CHECK_INT(prng_between(&p, INT64_MAX, INT64_MAX), INT64_MAX);
        prng_between(&p, INT64_MIN, INT64_MAX);
        CHECK(prng_below(&p, ((uint64_t)1 << 63) + 1) <= (uint64_t)1 << 63);
    }
}

TEST(fractions_chances_and_gaps_have_their_means)
{
    enum { COUNT = 20000 };
    struct prng p;
    double unit = 0;
    double gap = 0;
    int hits = 0;
    int i;

    prng_init(&p, 4, "means");
    for (i = 0; i < COUNT; i++) {
        double x = prng_unit(&p);
        double y = prng_exponential(&p, 50.0);
        CHECK(x >= 0.0 && x < 1.0);
        CHECK(y >= 0.0 && isfinite(y));
        unit += x;
        gap += y;
        hits += prng_chance(&p, 0.25);
        CHECK(!prng_chance(&p, 0.0));
        CHECK(prng_chance(&p, 1.0));
    }
    CHECK(fabs(unit / COUNT - 0.5) < 0.02);
    CHECK(fabs(gap / COUNT - 50.0) < 2.0);
    CHECK(fabs((double)hits / COUNT - 0.25) < 0.02);
}

TEST(bytes_are_filled_exactly)
{
    struct prng p, same;
    unsigned char bytes[16];
    uint64_t word;

    prng_init(&p, 5, "fill");
    same = p;
    memset(bytes, 0xaa, sizeof(bytes));
    prng_fill(&p, bytes, 13);
    CHECK(bytes[13] == 0xaa && bytes[14] == 0xaa && bytes[15] == 0xaa);
    word = prng_next(&same);
    CHECK(memcmp(bytes, &word, 8) == 0);
    prng_fill(&p, bytes, 0);
    prng_next(&same);
    CHECK_INT(prng_next(&p), prng_next(&same));
}
