/* pictures.h - a run made visible: four files that open in any browser.
 *
 * messages.svg   who sent what to whom: one lane for each node, time runs downward
 * timeline.html  what each client process asked and got
 * latency.svg    how long each operation took, and quantiles
 * rate.svg       how many operations were completed per second
 *
 * All of them shade the faults. All are self-contained, follow the reader's light or dark scheme
 * and are bounded in size whatever the run did; what was left out is said in the picture. Equal
 * inputs give equal files. */
#ifndef REPORT_PICTURES_H
#define REPORT_PICTURES_H

#include <stdint.h>

struct err;
struct history;
struct story;

enum { PICTURE_BYTES_MAX = 24 << 20 }; /* no picture is larger */

struct run_view {
    const char *title;
    uint32_t node_count;
    const char *const *node_names;
    const struct history *history;
    const char *journal_path; /* NULL: none was kept; pictures then show the history only */
    int64_t end_ns;
};

/* Writes all four into folder, which must exist. Reads the journal once. */
int pictures_write(const struct run_view *view, const char *folder, struct err *err);

/* One of them each; story (story.h) is the journal of the same run, already read. */
int messages_svg_write(const struct run_view *view, const struct story *story, const char *path,
                       struct err *err);
int timeline_html_write(const struct run_view *view, const struct story *story, const char *path,
                        struct err *err);
int latency_svg_write(const struct run_view *view, const struct story *story, const char *path,
                      struct err *err);
int rate_svg_write(const struct run_view *view, const struct story *story, const char *path,
                   struct err *err);

#endif
