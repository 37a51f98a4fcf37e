/* Operations completed per second, one line for each function and outcome, counted in windows of
 * equal length, long enough that one operation more or less does not make a spike, and drawn as
 * steps: a window has one rate. What never completed counts nowhere: it shows as the gap that it
 * is. The colour says the function, the dashes the outcome; the name stands at the line's end. */
#include "../base/file.h"
#include "../base/mem.h"
#include "pictures.h"
#include "plot.h"
#include "story.h"
#include "svg.h"
#include "xml.h"

#include <math.h>
#include <stdio.h>

enum { BINS_MAX = 80, OUTCOMES = 3 };

static const enum op_type outcomes[OUTCOMES] = {OP_OK, OP_FAIL, OP_INFO};

struct rate {
    struct plot plot;
    const struct series *series;
    double step_ns;
    uint32_t bin_count;
    uint32_t counts[SERIES_MAX][OUTCOMES][BINS_MAX + 1];
    uint32_t totals[SERIES_MAX][OUTCOMES];
    double high; /* operations per second at the top */
};

static double y_of(const struct rate *r, double per_second)
{
    return r->plot.bottom - per_second / r->high * (r->plot.bottom - r->plot.top);
}

static double bin_begin(const struct rate *r, uint32_t bin)
{
    return bin < r->bin_count ? bin * r->step_ns : (double)r->plot.end_ns;
}

/* The last bin reaches to the run's end: it may be shorter or a little longer than the others. */
static double rate_of(const struct rate *r, uint32_t count, uint32_t bin)
{
    return count / ((bin_begin(r, bin + 1) - bin_begin(r, bin)) / 1e9);
}

static void count_all(struct rate *r)
{
    struct span span;

    r->step_ns =
        nice_step((double)r->plot.end_ns, fmin(BINS_MAX, fmax(5, r->series->span_count / 5.0)));
    /* A rest of less than a quarter joins the last bin. */
    r->bin_count = (uint32_t)fmax(1, ceil((double)r->plot.end_ns / r->step_ns - 0.25));
    for (uint32_t i = 0; i < history_len(r->series->history); i++) {
        uint32_t bin;

        if (!span_at(r->series, i, &span) || span.completion == NULL)
            continue;
        bin = (uint32_t)fmin((double)span.end_ns / r->step_ns, r->bin_count - 1);
        r->counts[span.series][span.outcome - OP_OK][bin]++;
        r->totals[span.series][span.outcome - OP_OK]++;
    }
}

static void find_high(struct rate *r)
{
    double high = 0;

    for (uint32_t s = 0; s < r->series->count; s++)
        for (uint32_t o = 0; o < OUTCOMES; o++)
            for (uint32_t bin = 0; bin < r->bin_count; bin++)
                high = fmax(high, rate_of(r, r->counts[s][o][bin], bin));
    r->high = high > 0 ? high * 1.06 : 1;
}

static void draw_levels(struct rate *r)
{
    double step = nice_step(r->high, 7);

    for (double level = 0; level <= r->high; level += step) {
        char label[32];

        snprintf(label, sizeof(label), "%.6g%s", level, level == 0 ? "" : "/s");
        plot_level(&r->plot, y_of(r, level), label);
    }
}

static double draw_line(struct rate *r, uint32_t s, uint32_t o)
{
    static const char *const classes[OUTCOMES] = {"line", "line failline", "line infoline"};
    struct buf *out = r->plot.out;
    char count[COUNT_TEXT_MAX];
    double y = 0;

    buf_addf(out, "<path class=\"f%u %s\" d=\"", s, classes[o]);
    for (uint32_t bin = 0; bin < r->bin_count; bin++) {
        y = y_of(r, rate_of(r, r->counts[s][o][bin], bin));
        buf_addf(out, bin == 0 ? "M%.1f %.1f" : "H%.1fV%.1f",
                 plot_x(&r->plot, (int64_t)bin_begin(r, bin)), y);
    }
    buf_addf(out, "H%.1f", r->plot.right);
    buf_add_text(out, "\"><title>");
    xml_cut(out, series_name(r->series, s), 60);
    buf_addf(out, " %s: %s in all</title></path>\n", op_type_text(outcomes[o]),
             count_text(r->totals[s][o], count));
    return y;
}

static void draw_lines(struct rate *r)
{
    static const char *const classes[SERIES_MAX] = {
        "f0 name small", "f1 name small", "f2 name small", "f3 name small",
        "f4 name small", "f5 name small", "f6 name small",
    };
    struct plot_label labels[SERIES_MAX * OUTCOMES];
    struct buf texts[SERIES_MAX * OUTCOMES] = {0};
    uint32_t count = 0;

    for (uint32_t s = 0; s < r->series->count; s++)
        for (uint32_t o = 0; o < OUTCOMES; o++) {
            struct str name = series_name(r->series, s);

            if (r->totals[s][o] == 0)
                continue;
            if (name.len > 14)
                name.len = 14;
            buf_addf(&texts[count], "%.*s %s", STR_ARG(name), op_type_text(outcomes[o]));
            labels[count] = (struct plot_label){draw_line(r, s, o), classes[s], {0}};
            labels[count].text = buf_str(&texts[count]);
            count++;
        }
    plot_labels(&r->plot, labels, count);
    for (uint32_t i = 0; i < count; i++)
        buf_release(&texts[i]);
}

static void draw_legend(struct rate *r)
{
    static const char *const names[OUTCOMES] = {"ok", "fail", "info: may have happened"};
    static const char *const classes[OUTCOMES] = {"line", "line failline", "line infoline"};
    double x = r->plot.width - 366;

    for (uint32_t o = 0; o < OUTCOMES; o++) {
        buf_add_text(r->plot.out, "<g class=\"f6\">");
        svg_line(r->plot.out, classes[o], x, 80, x + 26, 80);
        buf_add_text(r->plot.out, "</g>");
        svg_text(r->plot.out, "small dim", x + 33, 84, str_of(names[o]));
        x += 82;
    }
}

int rate_svg_write(const struct run_view *view, const struct story *story, const char *path,
                   struct err *err)
{
    struct buf out = {0}, sentence = {0};
    struct series series;
    struct rate *r = mem_zalloc(sizeof(*r));
    char step[DURATION_TEXT_MAX];
    int status;

    r->plot = (struct plot){.out = &out, .story = story};
    r->series = &series;
    series_init(&series, view->history, view->end_ns);
    r->plot.end_ns = view->end_ns > 0 ? view->end_ns : 1;
    count_all(r);
    buf_addf(&sentence, "Operations completed per second, counted in windows of %s.",
             duration_text((int64_t)r->step_ns, step));
    plot_begin(&r->plot, &series,
               &(struct plot_text){str_of(view->title), "Rate of operations", sentence.data});
    find_high(r);
    draw_legend(r);
    draw_levels(r);
    draw_lines(r);
    plot_end(&r->plot);
    status = file_write(path, buf_str(&out), err);
    buf_release(&sentence);
    buf_release(&out);
    mem_free(r);
    return status;
}
