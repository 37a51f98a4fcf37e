#include "topology.h"

#include "../base/test.h"

enum { N_MAX = 30, COUNT = TOPOLOGY_TOTAL + 1 };

/* A text such as "1 3 4". */
static void neighbours_text(enum topology t, uint32_t n, uint32_t node, struct buf *out)
{
    uint32_t neighbours[N_MAX];
    uint32_t count = topology_neighbours(t, n, node, neighbours);
    uint32_t i;

    buf_reset(out);
    for (i = 0; i < count; i++)
        buf_addf(out, i > 0 ? " %u" : "%u", neighbours[i]);
}

static void check_neighbours(enum topology t, uint32_t n, uint32_t node, const char *wanted)
{
    struct buf text = {0};

    neighbours_text(t, n, node, &text);
    CHECK_TEXT(text.data != NULL ? text.data : "", wanted);
    buf_release(&text);
}

TEST(a_line_runs_through_all_nodes)
{
    check_neighbours(TOPOLOGY_LINE, 5, 0, "1");
    check_neighbours(TOPOLOGY_LINE, 5, 2, "1 3");
    check_neighbours(TOPOLOGY_LINE, 5, 4, "3");
    check_neighbours(TOPOLOGY_LINE, 1, 0, "");
}

/*  0 1 2
 *  3 4 5
 *  6 7     */
TEST(a_grid_is_filled_row_by_row)
{
    check_neighbours(TOPOLOGY_GRID, 8, 0, "1 3");
    check_neighbours(TOPOLOGY_GRID, 8, 2, "1 5");
    check_neighbours(TOPOLOGY_GRID, 8, 3, "0 4 6");
    check_neighbours(TOPOLOGY_GRID, 8, 4, "1 3 5 7");
    check_neighbours(TOPOLOGY_GRID, 8, 5, "2 4");
    check_neighbours(TOPOLOGY_GRID, 8, 7, "4 6");
    check_neighbours(TOPOLOGY_GRID, 2, 1, "0");
}

TEST(trees_have_two_three_or_four_children)
{
    check_neighbours(TOPOLOGY_TREE2, 7, 0, "1 2");
    check_neighbours(TOPOLOGY_TREE2, 7, 2, "0 5 6");
    check_neighbours(TOPOLOGY_TREE3, 7, 0, "1 2 3");
    check_neighbours(TOPOLOGY_TREE3, 7, 1, "0 4 5 6");
    check_neighbours(TOPOLOGY_TREE4, 7, 0, "1 2 3 4");
    check_neighbours(TOPOLOGY_TREE4, 7, 1, "0 5 6");
    check_neighbours(TOPOLOGY_TREE4, 7, 6, "1");
}

TEST(in_total_everybody_knows_everybody)
{
    check_neighbours(TOPOLOGY_TOTAL, 4, 2, "0 1 3");
}

static void check_symmetric(const bool *linked, uint32_t n)
{
    uint32_t a, b;

    for (a = 0; a < n; a++) {
        CHECK(!linked[a * n + a]);
        for (b = 0; b < n; b++)
            CHECK_INT(linked[a * n + b], linked[b * n + a]);
    }
}

static uint32_t count_reached(const bool *linked, uint32_t n)
{
    bool reached[N_MAX] = {true};
    uint32_t count = 0;
    uint32_t round, a, b;

    for (round = 0; round < n; round++)
        for (a = 0; a < n; a++)
            for (b = 0; b < n; b++)
                reached[b] |= reached[a] && linked[a * n + b];
    for (a = 0; a < n; a++)
        count += reached[a];
    return count;
}

TEST(neighbourhood_is_symmetric_and_connected)
{
    uint32_t t, n, node, i;

    for (t = 0; t < COUNT; t++) {
        for (n = 1; n <= N_MAX; n++) {
            bool linked[N_MAX * N_MAX] = {false};

            for (node = 0; node < n; node++) {
                uint32_t neighbours[N_MAX];
                uint32_t count = topology_neighbours(t, n, node, neighbours);
                for (i = 0; i < count; i++) {
                    CHECK(i == 0 || neighbours[i] > neighbours[i - 1]);
                    linked[node * n + neighbours[i]] = true;
                }
            }
            check_symmetric(linked, n);
            CHECK_INT(count_reached(linked, n), n);
        }
    }
}

TEST(names_are_read_as_they_are_written)
{
    enum topology read;
    uint32_t t;

    for (t = 0; t < COUNT; t++) {
        CHECK(topology_parse(str_of(topology_text(t)), &read));
        CHECK_INT(read, t);
    }
    CHECK(topology_parse(STR_LIT("tree"), &read));
    CHECK_INT(read, TOPOLOGY_TREE2);
    CHECK(!topology_parse(STR_LIT("ring"), &read));
}
