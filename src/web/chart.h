/* chart.h - the map of the tracks: where each stands, and which lines are drawn between them.
 *
 * From left to right one builds on what stands before; each category has a lane of its own. The
 * layout is a function of the course alone. */
#ifndef WEB_CHART_H
#define WEB_CHART_H

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct site;
struct site_progress;

struct chart_place {
    uint32_t column; /* one more than the highest of those it needs; from 0 */
    uint32_t row;    /* from 0, over all lanes */
};

struct chart_lane {
    const char *category; /* borrowed from the course */
    uint32_t first_row, row_count;
};

struct chart {
    uint32_t count; /* of tracks, as in the course */
    uint32_t column_count, row_count;
    struct chart_place *places;
    struct chart_lane *lanes; /* in the order of the course */
    uint32_t lane_count;
    bool *needs; /* [a * count + b]: a builds on b, directly or not */
    bool *lines; /* likewise: a line is drawn from b to a, for no way over others leads there */
};

/* Pages whose prerequisites go round in a circle are no reason to fail: one of the needs is then
 * left out. */
struct chart *chart_new(const struct site *s);
void chart_free(struct chart *c); /* NULL is fine */

/* As SVG. Tracks that are written are links, and each says in words what it is, what it builds on
 * and how far one is. */
void chart_draw(const struct chart *c, const struct site *s, const struct site_progress *p,
                struct buf *out);

#endif
