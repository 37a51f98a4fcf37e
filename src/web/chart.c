/* Where the tracks stand. The column of a track follows from what it needs; its row from its lane:
 * the first one that is free in this column. A lane's name stands in the first row at the left, so
 * tracks of column 0 begin one row lower.
 *
 * The relation has about ninety pairs, most of which say what others already say: who builds on the
 * elector builds on the messenger. Only those that do not follow from others are drawn (the
 * transitive reduction), or nobody could follow a line. chart_svg.c draws. */
#include "chart.h"

#include "../base/mem.h"
#include "../course/track.h"
#include "site.h"

#include <string.h>

enum state { NEW, AT_WORK, DONE };

struct placing {
    struct chart *chart;
    const struct site *site;
    enum state *states; /* of tracks */
};

/* ---- columns ---- */

/* What this track needs must be placed first; a need that is at work itself closes a circle. At
 * most as deep as there are tracks. */
static void place_column(struct placing *p, uint32_t i)
{
    const struct site_track *st = &p->site->tracks[i];
    struct chart *c = p->chart;
    uint32_t k, j;

    p->states[i] = AT_WORK;
    for (k = 0; k < st->need_count; k++) {
        uint32_t need = st->needs[k];
        if (p->states[need] == NEW)
            place_column(p, need);
        if (p->states[need] == AT_WORK)
            continue;
        if (c->places[need].column >= c->places[i].column)
            c->places[i].column = c->places[need].column + 1;
        c->needs[i * c->count + need] = true;
        for (j = 0; j < c->count; j++)
            c->needs[i * c->count + j] |= c->needs[need * c->count + j];
    }
    p->states[i] = DONE;
    if (c->places[i].column >= c->column_count)
        c->column_count = c->places[i].column + 1;
}

/* A line from b to a, unless a builds on something that builds on b. */
static void find_lines(struct chart *c)
{
    uint32_t a, b, between;

    for (a = 0; a < c->count; a++)
        for (b = 0; b < c->count; b++) {
            bool drawn = c->needs[a * c->count + b];
            for (between = 0; drawn && between < c->count; between++)
                drawn = !c->needs[a * c->count + between] || !c->needs[between * c->count + b];
            c->lines[a * c->count + b] = drawn;
        }
}

/* ---- rows ---- */

static bool is_free(const struct chart *c, const bool *placed, struct chart_place place)
{
    uint32_t i;

    for (i = 0; i < c->count; i++)
        if (placed[i] && c->places[i].column == place.column && c->places[i].row == place.row)
            return false;
    return true;
}

static struct chart_lane *lane_of(struct chart *c, const char *category)
{
    uint32_t i;

    for (i = 0; i < c->lane_count; i++)
        if (strcmp(c->lanes[i].category, category) == 0)
            return &c->lanes[i];
    c->lanes[c->lane_count] = (struct chart_lane){category, c->row_count, 1};
    return &c->lanes[c->lane_count++];
}

/* All tracks of a category; they need not stand together in the course. */
static void place_lane(struct chart *c, const struct site *s, const char *category, bool *placed)
{
    struct chart_lane *lane = lane_of(c, category);
    uint32_t i;

    for (i = 0; i < c->count; i++) {
        struct chart_place *place = &c->places[i];
        if (strcmp(s->course->tracks[i].category, category) != 0)
            continue;
        place->row = lane->first_row + (place->column == 0);
        while (!is_free(c, placed, *place))
            place->row++;
        placed[i] = true;
        if (place->row >= lane->first_row + lane->row_count)
            lane->row_count = place->row - lane->first_row + 1;
    }
    c->row_count = lane->first_row + lane->row_count;
}

struct chart *chart_new(const struct site *s)
{
    struct chart *c = mem_zalloc(sizeof(*c));
    uint32_t n = s->course->track_count, i;
    struct placing p = {c, s, mem_zalloc((n + 1) * sizeof(*p.states))};
    bool *placed = mem_zalloc(n + 1);

    c->count = n;
    c->places = mem_zalloc((n + 1) * sizeof(*c->places));
    c->lanes = mem_zalloc((n + 1) * sizeof(*c->lanes));
    c->needs = mem_zalloc(n * n + 1);
    c->lines = mem_zalloc(n * n + 1);
    for (i = 0; i < n; i++)
        if (p.states[i] == NEW)
            place_column(&p, i);
    find_lines(c);
    for (i = 0; i < n; i++)
        if (!placed[i])
            place_lane(c, s, s->course->tracks[i].category, placed);
    mem_free(p.states);
    mem_free(placed);
    return c;
}

void chart_free(struct chart *c)
{
    if (c == NULL)
        return;
    mem_free(c->places);
    mem_free(c->lanes);
    mem_free(c->needs);
    mem_free(c->lines);
    mem_free(c);
}
