/* plot.h - what latency.svg and rate.svg share: frame, time axis, faults, legend. */
#ifndef REPORT_PLOT_H
#define REPORT_PLOT_H

#include "spans.h"

struct story;
struct buf;

enum { PLOT_KINDS_MAX = 9 }; /* rows of faults above the plot; the last one is "other faults" */

struct plot {
    struct buf *out;
    const struct story *story;
    double left, right, top, bottom; /* of the area with the data, in px */
    double width, height;            /* of the whole picture */
    int64_t end_ns;                  /* the time at the right edge; above 0 */
    uint32_t kind_count;
    struct str kinds[PLOT_KINDS_MAX]; /* of faults, in order of first use */
};

struct plot_text {
    struct str title;     /* the run's */
    const char *heading;  /* what is measured */
    const char *sentence; /* how to read it */
};

/* Lays the picture out and draws everything but the data and the vertical axis. */
void plot_begin(struct plot *p, const struct series *series, const struct plot_text *text);
void plot_end(struct plot *p);

double plot_x(const struct plot *p, int64_t t_ns);

/* A horizontal grid line with its label. */
void plot_level(struct plot *p, double y, const char *label);

/* 1, 2 or 5 times a power of ten: the least one such that span / step is at most count_max. */
double nice_step(double span, double count_max);

/* Texts beside the ends of lines, moved apart so that they do not cover each other. */
struct plot_label {
    double y;
    const char *class;
    struct str text; /* borrowed */
};
void plot_labels(struct plot *p, struct plot_label *labels, uint32_t count);

#endif
