/* summary.h - a run's result in a few lines, for the person at the terminal.
 *
 * The verdict comes first, with its reason in one sentence; then operations, availability, messages
 * and the figures of the workload; last, where the files lie. Reads what results_json() wrote and
 * judges nothing; parts that are absent are left out. Texts of programs under test lose their
 * control characters, so that they cannot command the terminal. */
#ifndef REPORT_SUMMARY_H
#define REPORT_SUMMARY_H

#include "../base/str.h"

#include <jansson.h>

struct summary_view {
    const json_t *results; /* borrowed */
    const char *folder;    /* of the run's files; NULL: not said */
    bool has_pictures;     /* messages.svg and the others lie there too */
    bool is_terminal;      /* colours */
};

/* Appends a text of strangers without its control characters, at most so many bytes of it. */
void summary_add_safe(struct buf *out, const char *text, size_t bytes_max);

/* Appends the lines, each with its newline. */
void summary_text(const struct summary_view *view, struct buf *out);

#endif
