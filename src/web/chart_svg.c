/* The map as SVG: bands of the categories, lines, and a box a track.
 *
 * A line never runs behind a box. It leaves its box to the right into the gap between two columns,
 * goes up or down there, along the free strip beside the row of its goal, and enters the goal from
 * the left. Tracks of one column leave by strips of their own (LANE_STEP apart), so that lines of
 * different tracks can be told apart; those that have the same goal come together before it, as
 * they should. Neighbouring columns need no strip.
 *
 * Colours and fonts are the style sheet's. Text stands in SVG's own units and is as large as the
 * picture; nothing here measures text, so names in boxes must be short: they are slugs. */
#include "chart.h"

#include "../base/str.h"
#include "../course/track.h"
#include "advance.h"
#include "html.h"
#include "site.h"

enum {
    BOX_WIDTH = 106,
    BOX_HEIGHT = 32,
    COLUMN = 134, /* from box to box */
    ROW = 44,
    LANE_GAP = 14, /* between two lanes */
    MARGIN = 10,
    LANE_STEP = 4, /* between the ways out of a column */
    LANE_STEPS = 5,
    ROUND = 6,
    IN = 5, /* the way into a box */
};

struct drawing {
    const struct chart *chart;
    const struct site *site;
    const struct site_progress *progress;
    struct buf *out;
};

static int lane_at(const struct chart *c, uint32_t row)
{
    int lane = 0;

    while ((uint32_t)lane + 1 < c->lane_count && c->lanes[lane + 1].first_row <= row)
        lane++;
    return lane;
}

static int left_of(const struct chart *c, uint32_t i)
{
    return MARGIN + (int)c->places[i].column * COLUMN;
}

/* The middle of a row. */
static int row_at(const struct chart *c, uint32_t row)
{
    return MARGIN + (int)row * ROW + ROW / 2 + lane_at(c, row) * LANE_GAP;
}

static int middle_of(const struct chart *c, uint32_t i)
{
    return row_at(c, c->places[i].row);
}

static int width_of(const struct chart *c)
{
    return 2 * MARGIN + ((int)c->column_count - 1) * COLUMN + BOX_WIDTH;
}

static int height_of(const struct chart *c)
{
    return c->row_count > 0 ? row_at(c, c->row_count - 1) + ROW / 2 + MARGIN : 2 * MARGIN;
}

/* ---- lines ---- */

/* Up or down at x from the height we are at to y, and on in the direction of x; with round corners.
 * Horizontal parts before and behind must be longer than ROUND. */
static void add_turn(struct buf *out, int x, int from, int y)
{
    int step = y > from ? ROUND : -ROUND;

    if ((y > from ? y - from : from - y) < 2 * ROUND)
        step = (y - from) / 2;
    buf_addf(out, "H%d Q%d %d %d %d V%d Q%d %d %d %d ", x - ROUND, x, from, x, from + step,
             y - step, x, y, x + ROUND, y);
}

/* Which of the ways out of its column a track takes: as many as stand above it. */
static int way_out(const struct chart *c, uint32_t i)
{
    int above = 0;
    uint32_t k;

    for (k = 0; k < c->count; k++)
        above += c->places[k].column == c->places[i].column && c->places[k].row < c->places[i].row;
    return left_of(c, i) + BOX_WIDTH + ROUND + 1 + above % LANE_STEPS * LANE_STEP;
}

static bool nothing_between(const struct chart *c, uint32_t from, uint32_t to)
{
    uint32_t k;

    for (k = 0; k < c->count; k++)
        if (c->places[k].row == c->places[to].row && c->places[k].column > c->places[from].column &&
            c->places[k].column < c->places[to].column)
            return false;
    return true;
}

static void add_line(const struct drawing *d, uint32_t from, uint32_t to)
{
    const struct chart *c = d->chart;
    int y1 = middle_of(c, from), y2 = middle_of(c, to), out = way_out(c, from);
    int strip = y1 < y2 ? y2 - ROW / 2 : y2 + ROW / 2;
    const struct track *tracks = d->site->course->tracks;

    html_addf(d->out, "<path data-from=\"%s\" data-to=\"%s\"", tracks[from].slug, tracks[to].slug);
    if (tracks[to].dir == NULL)
        buf_add_text(d->out, " class=\"planned\"");
    buf_addf(d->out, " d=\"M%d %d ", left_of(c, from) + BOX_WIDTH, y1);
    if (y1 == y2 && nothing_between(c, from, to)) {
        /* straight on */
    } else if (c->places[from].column + 1 == c->places[to].column || nothing_between(c, from, to)) {
        add_turn(d->out, out, y1, y2);
    } else {
        add_turn(d->out, out, y1, strip);
        add_turn(d->out, left_of(c, to) - ROUND - IN, strip, y2);
    }
    buf_addf(d->out, "H%d\"/>\n", left_of(c, to));
}

static void add_lines(const struct drawing *d)
{
    const struct chart *c = d->chart;
    uint32_t from, to;

    buf_add_text(d->out, "<g class=\"lines\" aria-hidden=\"true\">\n");
    for (to = 0; to < c->count; to++)
        for (from = 0; from < c->count; from++)
            if (c->lines[to * c->count + from])
                add_line(d, from, to);
    buf_add_text(d->out, "</g>\n");
}

/* ---- lanes and tracks ---- */

static void add_lanes(const struct drawing *d)
{
    const struct chart *c = d->chart;
    uint32_t i;

    buf_add_text(d->out, "<g class=\"lanes\" aria-hidden=\"true\">\n");
    for (i = 0; i < c->lane_count; i++) {
        int top = row_at(c, c->lanes[i].first_row) - ROW / 2 - LANE_GAP / 2 + 1;
        int bottom = row_at(c, c->lanes[i].first_row + c->lanes[i].row_count - 1) + ROW / 2 +
                     LANE_GAP / 2 - 1;
        buf_addf(d->out, "<rect x=\"0\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"8\"/>", top,
                 width_of(c), bottom - top);
        html_addf(d->out, "<text x=\"%d\" y=\"%d\">%s</text>\n", MARGIN + 4,
                  row_at(c, c->lanes[i].first_row) + 5,
                  c->lanes[i].category[0] != '\0' ? c->lanes[i].category : "Others");
    }
    buf_add_text(d->out, "</g>\n");
}

static void add_words(const struct drawing *d, uint32_t i, uint32_t passed)
{
    const struct track *t = &d->site->course->tracks[i];
    const struct site_track *st = &d->site->tracks[i];
    uint32_t k;

    html_addf(d->out, "%u %s: %s. ", t->number, t->slug, t->title);
    for (k = 0; k < st->need_count; k++)
        html_addf(d->out, "%s%s", k == 0 ? "Builds on " : ", ",
                  d->site->course->tracks[st->needs[k]].slug);
    if (st->need_count > 0)
        buf_add_text(d->out, ". ");
    if (t->dir != NULL)
        html_addf(d->out, "%u of %u tasks passed.", passed, t->task_count);
    else
        html_addf(d->out, "Planned, %u tasks.", t->planned_count);
}

static void add_box(const struct drawing *d, uint32_t i)
{
    const struct track *t = &d->site->course->tracks[i];
    int x = left_of(d->chart, i), y = middle_of(d->chart, i) - BOX_HEIGHT / 2;
    uint32_t passed = advance_passed(d->progress, t);
    bool written = t->dir != NULL;

    if (written)
        html_addf(d->out, "<a href=\"/tracks/%s\" class=\"track%s\"", t->slug,
                  t->task_count > 0 && passed == t->task_count ? " complete" : "");
    else
        buf_add_text(d->out, "<g role=\"img\" class=\"track planned\"");
    html_addf(d->out, " data-track=\"%s\" aria-label=\"", t->slug);
    add_words(d, i, passed);
    buf_addf(d->out, "\"><rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"7\"/>", x, y,
             BOX_WIDTH, BOX_HEIGHT);
    if (passed > 0)
        buf_addf(d->out,
                 "<rect class=\"passed\" x=\"%d\" y=\"%d\" width=\"%u\" height=\"3\" rx=\"1.5\"/>",
                 x + 7, y + BOX_HEIGHT - 6, (BOX_WIDTH - 14) * passed / t->task_count);
    html_addf(d->out, "<text x=\"%d\" y=\"%d\">%s</text>", x + BOX_WIDTH / 2, y + 20, t->slug);
    buf_add_text(d->out, written ? "</a>\n" : "</g>\n");
}

void chart_draw(const struct chart *c, const struct site *s, const struct site_progress *p,
                struct buf *out)
{
    struct drawing d = {c, s, p, out};
    uint32_t i;

    buf_addf(out,
             "<svg class=\"chart\" viewBox=\"0 0 %d %d\" role=\"group\" aria-label=\"Map of the "
             "tracks: each stands to the right of those it builds on\">\n",
             width_of(c), height_of(c));
    add_lanes(&d);
    add_lines(&d);
    for (i = 0; i < c->count; i++)
        add_box(&d, i);
    buf_add_text(out, "</svg>\n");
}
