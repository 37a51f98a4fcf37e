/* report_html.h - report.html: one page that tells the whole of a run.
 *
 * The verdict and its sentence on top, the space-time diagram that one can zoom, filter and step
 * through, latencies and rates on the same time axis, the checker's evidence, notes, the
 * command that repeats the run, and links to the other files of the folder. One self-contained file
 * that needs no network; at most PICTURE_BYTES_MAX whatever the run did, and what was left out
 * is said in it. Equal inputs give equal files.
 *
 * The data of each run is embedded as columns of numbers with texts beside them (page_data.h); the
 * page itself is src/report/page/. */
#ifndef REPORT_REPORT_HTML_H
#define REPORT_REPORT_HTML_H

#include <jansson.h>
#include <stdint.h>

struct err;
struct run_view;

enum { REPORT_RUNS_MAX = 4 };

struct report_run {
    const struct run_view *view; /* pictures.h */
    const json_t *results;       /* results_json() of that run; NULL: no verdict is shown */
    const char *label;           /* what run this is, where there are several: "the shrunk run" */
    const char *command;         /* repeats the run; NULL: not said */
    int64_t from_ns, to_ns;      /* of the window with the failure; to_ns 0: taken from results */
};

/* runs[0] is shown first: for a failure with a shrunk run, that one, then the whole run. There
 * must be 1 to REPORT_RUNS_MAX. Reads each journal. */
int report_html_write(const struct report_run *runs, uint32_t run_count, const char *path,
                      struct err *err);

#endif
