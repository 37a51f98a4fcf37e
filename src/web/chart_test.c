/* Goal: whatever tracks say they build on, the map keeps its promises. Method: courses of planned
 * tracks, among them one whose needs go round in a circle, and the law of each promise looked at
 * for every pair of tracks. */
#include "chart.h"

#include "web_story.h"

#include "../course/track.h"
#include "advance.h"

struct chart_story {
    struct story story;
    struct site *site;
    struct chart *chart;
};

static void open_course(struct chart_story *c, const char *planned)
{
    struct err err = {.text = ""};
    char *kits = realpath("kits", NULL);

    *c = (struct chart_story){0};
    story_open(&c->story);
    story_write(&c->story, "course/planned.txt", planned);
    CHECK(kits != NULL && symlink(kits, story_path(&c->story, "kits")) == 0);
    if (site_open(c->story.dir, NULL, &c->site, &err) < 0)
        fail_msg("%s", err.text);
    c->chart = chart_new(c->site);
    free(kits);
}

static void close_course(struct chart_story *c)
{
    chart_free(c->chart);
    site_close(c->site);
    story_close(&c->story);
}

static bool needs(const struct chart *c, uint32_t a, uint32_t b)
{
    return c->needs[a * c->count + b];
}

/* The way from b to a over lines. */
static bool leads(const struct chart *c, uint32_t a, uint32_t b)
{
    bool found = c->lines[a * c->count + b];
    uint32_t between;

    for (between = 0; !found && between < c->count; between++)
        found = c->lines[a * c->count + between] && leads(c, between, b);
    return found;
}

static void check_laws(const struct chart *c)
{
    uint32_t a, b;

    for (a = 0; a < c->count; a++)
        for (b = 0; b < c->count; b++) {
            const struct chart_place *x = &c->places[a], *y = &c->places[b];
            CHECK(x->column < c->column_count && x->row < c->row_count);
            CHECK(a == b || x->column != y->column || x->row != y->row);
            CHECK(!needs(c, a, b) || x->column > y->column);
            CHECK(needs(c, a, b) == leads(c, a, b));
        }
}

static const char diamond[] = "01 | a | A | One | 1\n02 | b | B | One | 1 | a\n"
                              "03 | c | C | Two | 1 | a\n04 | d | D | Two | 1 | b c a\n"
                              "05 | e | E | One | 1 | d a nobody e\n06 | f | F | | 2\n";

TEST(a_track_stands_to_the_right_of_those_it_builds_on)
{
    struct chart_story s;

    open_course(&s, diamond);
    check_laws(s.chart);
    CHECK_INT(s.chart->column_count, 4);
    CHECK_INT(s.chart->places[3].column, 2);
    CHECK_INT(s.chart->lane_count, 3);
    CHECK_INT(s.site->tracks[4].need_count, 2); /* nobody is no track, and none needs itself */
    close_course(&s);
}

TEST(only_lines_that_say_something_new_are_drawn)
{
    struct chart_story s;
    uint32_t n;

    open_course(&s, diamond);
    n = s.chart->count;
    CHECK(s.chart->lines[3 * n + 1] && s.chart->lines[3 * n + 2]);
    CHECK(!s.chart->lines[3 * n + 0] && s.chart->needs[3 * n + 0]);
    CHECK(s.chart->lines[4 * n + 3] && !s.chart->lines[4 * n + 0]);
    close_course(&s);
}

TEST(a_circle_is_cut_and_the_rest_drawn)
{
    struct chart_story s;

    open_course(&s, "01 | a | A | One | 1 | c\n02 | b | B | One | 1 | a\n03 | c | C | One | 1 | b\n"
                    "04 | d | D | One | 1 | c\n");
    check_laws(s.chart);
    CHECK(needs(s.chart, 3, 2));
    close_course(&s);
}

TEST(a_course_without_tracks_has_an_empty_map)
{
    struct chart_story s;
    struct buf out = {0};

    open_course(&s, "");
    CHECK_INT(s.chart->count, 0);
    chart_draw(s.chart, s.site, NULL, &out);
    CHECK_HAS(out.data, "</svg>");
    buf_release(&out);
    close_course(&s);
}

TEST(what_is_written_is_a_link_and_what_is_planned_is_none)
{
    struct web_story w;
    const char *page;

    web_open(&w);
    page = web_get(&w, "/");
    CHECK_HAS(page, "<a href=\"/tracks/messenger\" class=\"track\" data-track=\"messenger\" "
                    "aria-label=\"1 messenger: A node that talks. 1 of 2 tasks passed.\">");
    CHECK_HAS(page, "<g role=\"img\" class=\"track planned\" data-track=\"later\" "
                    "aria-label=\"2 later: Later &lt;b&gt;. Builds on messenger. Planned, 9 "
                    "tasks.\">");
    CHECK_HAS(page, "data-from=\"messenger\" data-to=\"later\"");
    CHECK_HAS(page, "<p class=\"needs\">Builds on <a href=\"/tracks/messenger\">messenger</a></p>");
    web_close(&w);
}
