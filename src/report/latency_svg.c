/* Each operation is a mark at (when it began, how long it took); the shape says the outcome, the
 * colour the function. Latency has a logarithmic axis, because what takes a thousand times as long
 * must not flatten the rest. In virtual time an operation may take no time at all: whatever is
 * below the axis lies on its lowest line, which is labelled so.
 *
 * A run has up to some hundred thousand operations, the picture some thousand marks: operations
 * of one kind that fall into one cell of a grid share a mark, whose hover text counts them, and
 * the cells grow until MARKS_MAX suffices. Drawn this way the cloud looks the same; sampling was
 * no choice, as it loses just the outliers that one looks for. */
#include "../base/file.h"
#include "../base/mem.h"
#include "pictures.h"
#include "plot.h"
#include "story.h"
#include "svg.h"
#include "xml.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Windows hold ten operations or more on average, or their quantiles would all be the same. */
enum { MARKS_MAX = 3000, WINDOWS_MAX = 50 };

static const double least_ns = 1e3; /* the lowest line */

struct mark {
    uint64_t cell; /* outcome, series, column, row: sorts marks of one cell together */
    int64_t latency_ns;
    int64_t start_ns;
    enum op_type outcome;
    uint32_t series;
};

struct latency {
    struct plot plot;
    const struct series *series;
    struct mark *marks; /* one for each operation */
    uint32_t mark_count;
    double low, high; /* decades: log10 of ns */
};

static double y_of(const struct latency *l, int64_t latency_ns)
{
    double decade = log10(fmax((double)latency_ns, 1));
    double share = (fmax(decade, l->low) - l->low) / (l->high - l->low);

    return l->plot.bottom - share * (l->plot.bottom - l->plot.top);
}

static void collect(struct latency *l)
{
    struct span span;
    double low = 1e18, high = 0;

    l->marks = mem_alloc((l->series->span_count + 1) * sizeof(*l->marks));
    for (uint32_t i = 0; i < history_len(l->series->history); i++) {
        double latency;

        if (!span_at(l->series, i, &span))
            continue;
        l->marks[l->mark_count++] = (struct mark){.latency_ns = span.end_ns - span.start_ns,
                                                  .start_ns = span.start_ns,
                                                  .outcome = span.outcome,
                                                  .series = span.series};
        latency = (double)(span.end_ns - span.start_ns);
        low = fmin(low, fmax(latency, least_ns));
        high = fmax(high, latency);
    }
    l->low = low > 1e17 ? 6 : floor(log10(low));
    l->high = high < least_ns ? l->low + 2 : ceil(log10(high) + 0.02);
    if (l->high < l->low + 2)
        l->high = l->low + 2;
}

static void draw_levels(struct latency *l)
{
    char time[TIME_TEXT_MAX], label[TIME_TEXT_MAX + 8];

    for (double decade = l->low; decade <= l->high; decade++) {
        int64_t ns = (int64_t)llround(pow(10, decade));

        if (ns >= 1000000000)
            snprintf(time, sizeof(time), "%lld s", (long long)(ns / 1000000000));
        else
            time_text(ns, time);
        snprintf(label, sizeof(label), "%s%s", decade == l->low ? "≤ " : "", time);
        plot_level(&l->plot, y_of(l, ns), label);
    }
}

static int by_cell(const void *a, const void *b)
{
    const struct mark *left = a, *right = b;

    if (left->cell != right->cell)
        return left->cell < right->cell ? -1 : 1;
    if (left->start_ns != right->start_ns)
        return left->start_ns < right->start_ns ? -1 : 1;
    return (left->latency_ns > right->latency_ns) - (left->latency_ns < right->latency_ns);
}

/* Puts the marks into cells of this size and sorts them; gives the number of cells in use. */
static uint32_t sort_into_cells(struct latency *l, double cell_px)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < l->mark_count; i++) {
        struct mark *m = &l->marks[i];
        uint64_t column = (uint64_t)(plot_x(&l->plot, m->start_ns) / cell_px);
        uint64_t row = (uint64_t)(fmax(y_of(l, m->latency_ns), 0) / cell_px);

        m->cell = (uint64_t)m->outcome << 60 | (uint64_t)m->series << 56 | column << 24 | row;
    }
    qsort(l->marks, l->mark_count, sizeof(*l->marks), by_cell);
    for (uint32_t i = 0; i < l->mark_count; i++)
        count += i == 0 || l->marks[i].cell != l->marks[i - 1].cell;
    return count;
}

static void draw_glyph(struct buf *out, enum op_type outcome, double x, double y)
{
    if (outcome == OP_OK)
        buf_addf(out, "<circle class=\"ok\" cx=\"%.1f\" cy=\"%.1f\" r=\"2.6\"/>", x, y);
    else if (outcome == OP_FAIL)
        buf_addf(out, "<path class=\"fail\" d=\"M%.1f %.1fl6 6m0-6l-6 6\"/>", x - 3, y - 3);
    else
        buf_addf(out, "<path class=\"info\" d=\"M%.1f %.1fl4 7h-8z\"/>", x, y - 4);
}

static void draw_mark(struct latency *l, const struct mark *m, uint32_t count)
{
    struct buf *out = l->plot.out;
    char latency[TIME_TEXT_MAX], start[TIME_TEXT_MAX], number[COUNT_TEXT_MAX];

    buf_addf(out, "<g class=\"f%u\">", m->series);
    draw_glyph(out, m->outcome, plot_x(&l->plot, m->start_ns), y_of(l, m->latency_ns));
    buf_add_text(out, "<title>");
    xml_cut(out, series_name(l->series, m->series), 60);
    buf_addf(out, " %s: %s, begun at %s", op_type_text(m->outcome),
             time_text(m->latency_ns, latency), time_text(m->start_ns, start));
    if (count > 1)
        buf_addf(out, " (%s like this)", count_text(count, number));
    buf_add_text(out, "</title></g>\n");
}

static void draw_marks(struct latency *l)
{
    double cell_px = 1.5;

    while (sort_into_cells(l, cell_px) > MARKS_MAX)
        cell_px *= 1.3;
    for (uint32_t i = 0, next; i < l->mark_count; i = next) {
        for (next = i + 1; next < l->mark_count && l->marks[next].cell == l->marks[i].cell;)
            next++;
        draw_mark(l, &l->marks[i], next - i);
    }
}

struct sample {
    uint32_t window;
    int64_t latency_ns;
};

static int by_window(const void *a, const void *b)
{
    const struct sample *left = a, *right = b;

    if (left->window != right->window)
        return left->window < right->window ? -1 : 1;
    return (left->latency_ns > right->latency_ns) - (left->latency_ns < right->latency_ns);
}

/* The least latency that at least share of the count sorted samples do not exceed. */
static int64_t quantile(const struct sample *samples, uint32_t count, double share)
{
    uint32_t rank = (uint32_t)ceil(share * count);

    return samples[rank == 0 ? 0 : rank - 1].latency_ns;
}

/* Draws the line of one quantile through the windows; gives its last height, or a negative number.
 */
static double draw_quantile(struct latency *l, const struct sample *samples, uint32_t count,
                            const double *window_x, double share, const char *class)
{
    struct buf *out = l->plot.out;
    uint32_t previous = UINT32_MAX - 1;
    double y = -1;

    buf_addf(out, "<path class=\"%s\" d=\"", class);
    for (uint32_t i = 0, next; i < count; i = next) {
        uint32_t window = samples[i].window;

        for (next = i + 1; next < count && samples[next].window == window;)
            next++;
        y = y_of(l, quantile(samples + i, next - i, share));
        buf_addf(out, "%c%.1f %.1f", window == previous + 1 ? 'L' : 'M', window_x[window], y);
        if (window != previous + 1)
            buf_add_text(out, "h.1"); /* a window alone still leaves a dot */
        previous = window;
    }
    buf_add_text(out, "\"/>\n");
    return y;
}

/* Quantiles of the operations that came out ok, in windows of equal length. */
static void draw_quantiles(struct latency *l)
{
    static const struct {
        double share;
        const char *class, *name;
    } lines[] = {{0.5, "q", "median"}, {0.95, "q q95", "95 %"}, {0.99, "q q99", "99 %"}};
    double step =
        nice_step((double)l->plot.end_ns, fmin(WINDOWS_MAX, fmax(1, l->mark_count / 10.0)));
    double window_x[WINDOWS_MAX + 2];
    struct sample *samples = mem_alloc((l->mark_count + 1) * sizeof(*samples));
    struct plot_label labels[3];
    /* A last window of less than half the length joins the one before. */
    uint32_t window_count = (uint32_t)fmax(1, floor((double)l->plot.end_ns / step + 0.5));
    uint32_t count = 0, label_count = 0;

    for (uint32_t i = 0; i < WINDOWS_MAX + 2; i++)
        window_x[i] = plot_x(&l->plot, (int64_t)fmin((i + 0.5) * step, (double)l->plot.end_ns));
    for (uint32_t i = 0; i < l->mark_count; i++) {
        double window = fmin((double)l->marks[i].start_ns / step, window_count - 1);

        if (l->marks[i].outcome == OP_OK)
            samples[count++] = (struct sample){(uint32_t)window, l->marks[i].latency_ns};
    }
    qsort(samples, count, sizeof(*samples), by_window);
    for (size_t i = 0; count > 0 && i < 3; i++) {
        double y = draw_quantile(l, samples, count, window_x, lines[i].share, lines[i].class);

        if (i == 2 && fabs(labels[1].y - y) < 1) /* few operations: the two are one */
            labels[1].text = STR_LIT("95 % and 99 %");
        else
            labels[label_count++] = (struct plot_label){y, "small", str_of(lines[i].name)};
    }
    plot_labels(&l->plot, labels, label_count);
    mem_free(samples);
}

static void draw_legend(struct latency *l)
{
    static const struct {
        enum op_type outcome;
        const char *name;
    } shapes[] = {{OP_OK, "ok"}, {OP_FAIL, "fail"}, {OP_INFO, "info: may have happened"}};
    double x = l->plot.width - 300;

    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        buf_add_text(l->plot.out, "<g class=\"f6\">");
        draw_glyph(l->plot.out, shapes[i].outcome, x, 80);
        buf_add_text(l->plot.out, "</g>");
        svg_text(l->plot.out, "small dim", x + 10, 84, str_of(shapes[i].name));
        x += 62;
    }
}

int latency_svg_write(const struct run_view *view, const struct story *story, const char *path,
                      struct err *err)
{
    struct buf out = {0};
    struct series series;
    struct latency l = {.plot = {.out = &out, .story = story}, .series = &series};
    int status;

    series_init(&series, view->history, view->end_ns);
    plot_begin(&l.plot, &series,
               &(struct plot_text){str_of(view->title), "Latency of each operation",
                                   "A mark is an operation: when it began and how long it took. "
                                   "Lines are quantiles of those that came out ok."});
    collect(&l);
    draw_legend(&l);
    draw_levels(&l);
    draw_marks(&l);
    draw_quantiles(&l);
    plot_end(&l.plot);
    status = file_write(path, buf_str(&out), err);
    mem_free(l.marks);
    buf_release(&out);
    return status;
}
