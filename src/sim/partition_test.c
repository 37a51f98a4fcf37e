#include "partition.h"

#include "../base/prng.h"
#include "../base/test.h"

enum { N_MAX = 9, ROUNDS = 200 };

/* One plan and what the tests ask of it. */
struct plan {
    uint32_t n;
    bool cut[N_MAX * N_MAX];
};

static bool hears(const struct plan *p, uint32_t to, uint32_t from)
{
    return !p->cut[from * p->n + to];
}

/* The nodes that node hears, itself too, as bits. */
static unsigned heard_by(const struct plan *p, uint32_t node)
{
    unsigned set = 0;
    uint32_t from;

    for (from = 0; from < p->n; from++)
        set |= (unsigned)hears(p, node, from) << from;
    return set;
}

static uint32_t size_of(unsigned set)
{
    return (uint32_t)__builtin_popcount(set);
}

static bool is_symmetric(const struct plan *p)
{
    uint32_t a, b;

    for (a = 0; a < p->n; a++)
        for (b = 0; b < a; b++)
            if (hears(p, a, b) != hears(p, b, a))
                return false;
    return true;
}

/* Are the nodes in two groups of these sizes, each whole and cut off from the other? */
static bool is_two_groups(const struct plan *p, uint32_t size_a, uint32_t size_b)
{
    unsigned all = (1u << p->n) - 1;
    unsigned first = heard_by(p, 0);
    uint32_t size = size_of(first);
    uint32_t node;

    for (node = 0; node < p->n; node++)
        if (heard_by(p, node) != (first >> node & 1 ? first : all & ~first))
            return false;
    return (size == size_a && p->n - size == size_b) || (size == size_b && p->n - size == size_a);
}

static bool is_one_way(const struct plan *p)
{
    unsigned all = (1u << p->n) - 1;
    unsigned deaf = 0;
    uint32_t node;

    for (node = 0; node < p->n; node++)
        if (heard_by(p, node) != all)
            deaf |= 1u << node;
    for (node = 0; node < p->n; node++)
        if (deaf >> node & 1 && heard_by(p, node) != deaf)
            return false;
    return deaf != 0 && deaf != all && !is_symmetric(p);
}

/* One node hears all and is heard by all; without it, two halves. */
static bool is_bridge(const struct plan *p)
{
    unsigned all = (1u << p->n) - 1;
    unsigned bridge = 0, a = 0, b = 0;
    uint32_t node;

    for (node = 0; node < p->n; node++)
        if (heard_by(p, node) == all)
            bridge |= 1u << node;
    for (node = 0; node < p->n; node++) {
        unsigned half = heard_by(p, node) & ~bridge;
        if (bridge >> node & 1)
            continue;
        if ((heard_by(p, node) & bridge) != bridge)
            return false;
        if (a == 0 || half == a)
            a = half;
        else if (b == 0 || half == b)
            b = half;
        else
            return false;
    }
    return size_of(bridge) == 1 && (a & b) == 0 && (a | b | bridge) == all &&
           size_of(a) - size_of(b) + 1 <= 2 && is_symmetric(p);
}

static bool is_majorities_ring(const struct plan *p)
{
    uint32_t a, b;

    for (a = 0; a < p->n; a++) {
        if (size_of(heard_by(p, a)) <= p->n / 2)
            return false;
        for (b = 0; b < a; b++)
            if (heard_by(p, a) == heard_by(p, b))
                return false;
    }
    return is_symmetric(p);
}

static bool is_as_promised(enum partition_kind kind, const struct plan *p)
{
    uint32_t n = p->n;

    switch (kind) {
    case PARTITION_HALVES:
        return is_two_groups(p, n / 2, n - n / 2);
    case PARTITION_MAJORITY:
        if (n >= 3)
            return is_two_groups(p, n / 2 + 1, n - n / 2 - 1);
        break;
    case PARTITION_MINORITY_THIRD:
        if (n >= 4)
            return is_two_groups(p, (n - 1) / 3, n - (n - 1) / 3);
        break;
    case PARTITION_ONE_WAY:
        return is_one_way(p);
    case PARTITION_BRIDGE:
        if (n >= 3)
            return is_bridge(p);
        break;
    case PARTITION_RING:
        if (n >= 3)
            return is_majorities_ring(p);
        break;
    default:
        break;
    }
    return is_two_groups(p, 1, n - 1);
}

/* Goal: every kind keeps its promise with 1 to 9 nodes, whatever the chance.
 * Method: many plans of each kind and size; the promises above speak of who hears whom only. */
TEST(every_kind_cuts_what_it_promises)
{
    struct prng prng;
    uint32_t kind, n, round, node;

    prng_init(&prng, 7, "test");
    for (kind = 0; kind < PARTITION_KIND_COUNT; kind++) {
        for (n = 1; n <= N_MAX; n++) {
            for (round = 0; round < ROUNDS; round++) {
                struct plan p = {.n = n};

                memset(p.cut, 1, sizeof(p.cut)); /* what was there must not matter */
                partition_plan(kind, n, &prng, p.cut);
                for (node = 0; node < n; node++)
                    CHECK(hears(&p, node, node));
                CHECK(n == 1 || is_as_promised(kind, &p));
            }
        }
    }
}

TEST(fewer_than_a_third_are_cut_off_by_minority_third)
{
    struct prng prng;
    uint32_t n;

    prng_init(&prng, 7, "test");
    for (n = 4; n <= N_MAX; n++) {
        struct plan p = {.n = n};
        uint32_t a;

        partition_plan(PARTITION_MINORITY_THIRD, n, &prng, p.cut);
        a = size_of(heard_by(&p, 0));
        CHECK((a < n - a ? a : n - a) * 3 < n);
    }
}

/* Goal: the tests above can fail. Method: plans with one link wrong. */
TEST(a_plan_with_one_wrong_link_breaks_its_promise)
{
    struct prng prng;
    uint32_t kind, n;

    prng_init(&prng, 7, "test");
    for (kind = 0; kind < PARTITION_KIND_COUNT; kind++) {
        for (n = 3; n <= N_MAX; n++) {
            struct plan p = {.n = n};
            uint32_t link = (uint32_t)prng_below(&prng, n) * n;

            link += (link / n + 1 + (uint32_t)prng_below(&prng, n - 1)) % n;
            partition_plan(kind, n, &prng, p.cut);
            p.cut[link] = !p.cut[link];
            CHECK(!is_as_promised(kind, &p));
        }
    }
}

TEST(every_node_gets_its_turn)
{
    struct prng prng;
    unsigned cut_off = 0;
    uint32_t round, node;

    prng_init(&prng, 7, "test");
    for (round = 0; round < ROUNDS; round++) {
        struct plan p = {.n = 5};

        partition_plan(PARTITION_ONE, 5, &prng, p.cut);
        for (node = 0; node < 5; node++)
            if (size_of(heard_by(&p, node)) == 1)
                cut_off |= 1u << node;
    }
    CHECK_INT(cut_off, 31);
}

TEST(equal_seeds_give_equal_plans)
{
    uint32_t kind;

    for (kind = 0; kind < PARTITION_KIND_COUNT; kind++) {
        struct plan a = {.n = 9}, b = {.n = 9};
        struct prng prng;

        prng_init(&prng, 3, "test");
        partition_plan(kind, 9, &prng, a.cut);
        prng_init(&prng, 3, "test");
        partition_plan(kind, 9, &prng, b.cut);
        CHECK(memcmp(a.cut, b.cut, sizeof(a.cut)) == 0);
    }
}

TEST(names_are_read_as_they_are_written)
{
    enum partition_kind kind, read;

    for (kind = 0; kind < PARTITION_KIND_COUNT; kind++) {
        CHECK(partition_kind_parse(str_of(partition_kind_text(kind)), &read));
        CHECK_INT(read, kind);
    }
    CHECK(!partition_kind_parse(STR_LIT("two"), &read));
    CHECK(!partition_kind_parse(STR_LIT(""), &read));
}
