/* The picture, top to bottom: heading, sentence, legend, one row for each kind of fault (bars that
 * say when), the data with the same faults shaded behind it, and the time axis. Faults stand in
 * rows of their own because faults of several kinds overlap, and names inside the data would hide
 * it. */
#include "plot.h"

#include "../base/str.h"
#include "story.h"
#include "svg.h"
#include "xml.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const char plot_style[] =
    ".f0{color:#0b6aa8}.f1{color:#b8520a}.f2{color:#0a7d5c}.f3{color:#a8437f}.f4{color:#7a6a00}"
    ".f5{color:#4b4fa8}.f6{color:#5a6675}"
    ".ok{fill:currentColor;fill-opacity:.5}.fail{stroke:currentColor;stroke-width:1.4;fill:none}"
    ".info{stroke:currentColor;stroke-width:1.2;fill:none}"
    ".name{fill:currentColor;font-weight:600}.line{stroke:currentColor;fill:none;stroke-width:1.6;"
    "stroke-linejoin:round}.line.failline{stroke-dasharray:6 4}.line.infoline{stroke-dasharray:1.5 "
    "3.5;stroke-linecap:round}.q{stroke:#1d2530;fill:none;stroke-width:1.4;stroke-linejoin:round}"
    ".q95{stroke-dasharray:7 3}.q99{stroke-dasharray:2 3}"
    "@media (prefers-color-scheme:dark){.f0{color:#62b4ef}.f1{color:#f09a55}.f2{color:#4fc79f}"
    ".f3{color:#e493c2}.f4{color:#d8c648}.f5{color:#a3a8f5}.f6{color:#9aa5b2}.ok{fill-opacity:.7}."
    "q{stroke:#e2e7ee}."
    "name{fill:currentColor}}";

#ifndef PLANT_REPORT
#define PLANT_REPORT 0 /* tests/planted/report.sh */
#endif

enum { ROW_PX = 17, LABEL_GAP_PX = 15 };

double nice_step(double span, double count_max)
{
    double least = span / count_max;
    double power = pow(10, floor(log10(least)));

    if (!(span > 0))
        return 1;
    if (power >= least * (1 - 1e-9))
        return power;
    if (2 * power >= least * (1 - 1e-9))
        return 2 * power;
    return 5 * power >= least * (1 - 1e-9) ? 5 * power : 10 * power;
}

double plot_x(const struct plot *p, int64_t t_ns)
{
    double share = (double)t_ns / (double)p->end_ns;

    return p->left + (p->right - p->left) * (share < 0 ? 0 : share > 1 ? 1 : share);
}

static uint32_t kind_row(const struct plot *p, struct str kind)
{
    uint32_t row = 0;

    while (row + 1 < p->kind_count && !str_eq(p->kinds[row], kind))
        row++;
    return row;
}

static void find_kinds(struct plot *p)
{
    for (uint32_t i = 0; i < p->story->band_count; i++) {
        struct str kind = p->story->bands[i].kind;
        uint32_t row = 0;

        while (row < p->kind_count && !str_eq(p->kinds[row], kind))
            row++;
        if (row < p->kind_count)
            continue;
        if (p->kind_count == PLOT_KINDS_MAX)
            p->kinds[PLOT_KINDS_MAX - 1] = STR_LIT("other faults");
        else
            p->kinds[p->kind_count++] = kind;
    }
}

/* One fault: a bar in the row of its kind, and its shade behind the data. */
static void draw_band(struct plot *p, const struct story_band *b, double rows_top)
{
    char from[TIME_TEXT_MAX], to[TIME_TEXT_MAX];
    double x = plot_x(p, b->start_ns);
    double width = fmax(plot_x(p, b->stop_ns) - x, 1);
    double y = rows_top + ROW_PX * kind_row(p, b->kind);

    buf_addf(p->out,
             "<g><rect class=\"shade\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>"
             "<rect class=\"fault\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"6\" rx=\"1\"/>",
             x, p->top, width, p->bottom - p->top, x, y + 4, width);
    buf_add_text(p->out, "<title>");
    xml_text(p->out, b->kind);
    buf_add_text(p->out, " ");
    xml_text(p->out, b->text);
    buf_addf(p->out, "\nfrom %s to %s</title></g>\n", time_text(b->start_ns, from),
             time_text(b->stop_ns, to));
}

static void draw_faults(struct plot *p, double rows_top)
{
    for (uint32_t i = 0; i < p->kind_count; i++)
        svg_text(p->out, "faultname end", p->left - 10, rows_top + ROW_PX * i + 11, p->kinds[i]);
    for (uint32_t i = PLANT_REPORT == 2 ? p->story->band_count : 0; i < p->story->band_count; i++)
        draw_band(p, &p->story->bands[i], rows_top);
}

static void draw_time_axis(struct plot *p)
{
    static const double steps[] = {60e9, 120e9, 300e9, 600e9, 1800e9, 3600e9};
    double step = nice_step((double)p->end_ns, 10);
    char text[TIME_TEXT_MAX];

    for (size_t i = 0; step > 50e9 && i < sizeof(steps) / sizeof(steps[0]); i++)
        if ((double)p->end_ns / steps[i] <= 10) {
            step = steps[i];
            break;
        }
    for (double t = 0; t <= (double)p->end_ns * 1.0001; t += step) {
        double x = plot_x(p, (int64_t)t);

        if (t > 0)
            svg_line(p->out, "grid", x, p->top, x, p->bottom);
        svg_line(p->out, "axis", x, p->bottom, x, p->bottom + 4);
        if (p->end_ns >= 1000000000 && t > 0)
            snprintf(text, sizeof(text), "%.4g s", t / 1e9);
        else
            time_text((int64_t)t, text);
        svg_text(p->out, "dim small num mid", x, p->bottom + 18, str_of(text));
    }
    svg_text(p->out, "dim small mid", (p->left + p->right) / 2, p->bottom + 38,
             STR_LIT("time since the run's start"));
}

static double legend_name(struct plot *p, const struct series *s, uint32_t i, double x, double y)
{
    struct buf class = {0};
    struct str name = series_name(s, i);

    if (name.len > 40)
        name.len = 40;
    buf_addf(&class, "f%u name", i);
    buf_addf(p->out,
             "<rect class=\"f%u\" fill=\"currentColor\" x=\"%.1f\" y=\"%.1f\" width=\"10\" "
             "height=\"10\" rx=\"2\"/>",
             i, x, y - 9.5);
    svg_text(p->out, class.data, x + 15, y, name);
    buf_release(&class);
    return x + 15 + svg_text_width(name, 12.6) + 22;
}

void plot_begin(struct plot *p, const struct series *series, const struct plot_text *text)
{
    struct buf heading = {0};
    double x, rows_top = 104;

    p->width = 1100;
    p->left = 92;
    p->right = p->width - 118;
    p->kind_count = 0;
    find_kinds(p);
    p->top = rows_top + ROW_PX * p->kind_count + 6;
    p->bottom = p->top + 400;
    p->height = p->bottom + 54;
    p->end_ns = series->end_ns > 0 ? series->end_ns : 1;

    buf_add_text(&heading, text->heading);
    if (text->title.len > 0) {
        buf_add_text(&heading, ": ");
        buf_add(&heading, text->title.data, text->title.len < 90 ? text->title.len : 90);
    }
    svg_begin(p->out, &(struct svg_frame){.width = p->width,
                                          .height = p->height,
                                          .title = buf_str(&heading),
                                          .description = text->sentence,
                                          .style = plot_style});
    svg_text(p->out, "h", 24, 34, buf_str(&heading));
    svg_text(p->out, "dim", 24, 56, str_of(text->sentence));
    x = 24;
    for (uint32_t i = 0; i < series->count; i++)
        x = legend_name(p, series, i, x, 84);
    draw_faults(p, rows_top);
    draw_time_axis(p);
    buf_release(&heading);
}

void plot_end(struct plot *p)
{
    svg_line(p->out, "axis", p->left, p->bottom, p->right, p->bottom);
    if (p->story->bands_left_out > 0) {
        char count[COUNT_TEXT_MAX];
        struct buf text = {0};

        buf_addf(&text, "%s more faults are not drawn.",
                 count_text(p->story->bands_left_out, count));
        svg_text(p->out, "dim small", 24, p->height - 8, buf_str(&text));
        buf_release(&text);
    }
    svg_end(p->out);
}

void plot_level(struct plot *p, double y, const char *label)
{
    svg_line(p->out, "grid", p->left, y, p->right, y);
    svg_text(p->out, "dim small num end", p->left - 10, y + 4, str_of(label));
}

static int by_y(const void *a, const void *b)
{
    double left = ((const struct plot_label *)a)->y, right = ((const struct plot_label *)b)->y;

    return left < right ? -1 : left > right;
}

void plot_labels(struct plot *p, struct plot_label *labels, uint32_t count)
{
    double floor_y = p->bottom + 4;

    if (count == 0)
        return;
    qsort(labels, count, sizeof(*labels), by_y);
    for (uint32_t i = 1; i < count; i++)
        labels[i].y = fmax(labels[i].y, labels[i - 1].y + LABEL_GAP_PX);
    for (uint32_t i = count; i-- > 0;) { /* back up what ran out below */
        labels[i].y = fmin(labels[i].y, floor_y);
        floor_y = labels[i].y - LABEL_GAP_PX;
    }
    for (uint32_t i = 0; i < count; i++)
        svg_text(p->out, labels[i].class, p->right + 8, labels[i].y + 4, labels[i].text);
}
