#include "ddmin.h"

#include "../base/mem.h"
#include "../base/prng.h"
#include "../base/test.h"

enum { ITEMS_MAX = 64 };

struct puzzle {
    uint32_t count;
    bool needed[ITEMS_MAX];
    bool either[2]; /* of items 0 and 1 one is enough, if set */
    uint32_t asked, patience;
};

static bool fails(const struct puzzle *p, const bool *attempt)
{
    uint32_t i;

    for (i = 0; i < p->count; i++)
        if (p->needed[i] && !attempt[i])
            return false;
    return !p->either[0] || attempt[0] || attempt[1];
}

static int first(void *owner, bool *const *attempts, uint32_t attempt_count)
{
    struct puzzle *p = owner;
    uint32_t i;

    for (i = 0; i < attempt_count; i++) {
        p->asked++;
        if (fails(p, attempts[i]))
            return (int)i;
    }
    return -1;
}

static bool enough(void *owner)
{
    const struct puzzle *p = owner;

    return p->patience > 0 && p->asked >= p->patience;
}

static uint32_t solve(struct puzzle *p, uint32_t width, bool *keep)
{
    struct ddmin d = {p->count, width, p, first, enough};
    uint32_t i, left = 0;

    for (i = 0; i < p->count; i++)
        keep[i] = true;
    ddmin_run(&d, keep);
    for (i = 0; i < p->count; i++)
        left += keep[i];
    return left;
}

TEST(what_is_needed_stays_and_nothing_else)
{
    bool keep[ITEMS_MAX];
    struct prng chance;
    uint32_t round, i;

    prng_init(&chance, 1, "ddmin");
    for (round = 0; round < 200; round++) {
        struct puzzle p = {.count = 1 + (uint32_t)prng_below(&chance, ITEMS_MAX)};
        uint32_t needed = 0;

        for (i = 0; i < p.count; i++)
            needed += p.needed[i] = prng_chance(&chance, 0.1);
        CHECK_INT(solve(&p, 1 + round % 5, keep), needed);
        for (i = 0; i < p.count; i++)
            CHECK(keep[i] == p.needed[i]);
    }
}

TEST(the_width_does_not_change_the_outcome)
{
    bool narrow[ITEMS_MAX], wide[ITEMS_MAX];
    struct puzzle p = {.count = 40, .either = {true}, .needed = {[17] = true, [30] = true}};
    uint32_t i;

    CHECK_INT(solve(&p, 1, narrow), 3);
    CHECK_INT(solve(&p, 4, wide), 3);
    for (i = 0; i < p.count; i++)
        CHECK(narrow[i] == wide[i]);
}

TEST(nothing_needed_takes_one_attempt)
{
    bool keep[ITEMS_MAX];
    struct puzzle p = {.count = 50};

    CHECK_INT(solve(&p, 3, keep), 0);
    CHECK_INT(p.asked, 1);
    p = (struct puzzle){.count = 0};
    CHECK_INT(solve(&p, 3, keep), 0);
    CHECK_INT(p.asked, 0);
}

TEST(one_of_many_takes_few_attempts)
{
    bool keep[ITEMS_MAX];
    struct puzzle p = {.count = 64, .needed = {[40] = true}};

    CHECK_INT(solve(&p, 1, keep), 1);
    CHECK(p.asked < 30);
}

TEST(enough_is_enough)
{
    bool keep[ITEMS_MAX];
    struct puzzle p = {.count = 64, .needed = {[40] = true, [3] = true}, .patience = 4};

    CHECK(solve(&p, 1, keep) >= 2);
    CHECK(p.asked <= 4 && keep[40] && keep[3]);
}
