/* steps_text.h - the steps of a task for a terminal: a line each, and why one failed.
 *
 * Reads "steps" as results_json() wrote it. */
#ifndef REPORT_STEPS_TEXT_H
#define REPORT_STEPS_TEXT_H

#include "../base/str.h"

#include <jansson.h>

/* Appends "  ok  NAME  FROM" for each, and for a failed one what, expected, seen, when and the
 * messages that led there. */
void steps_text(const json_t *steps, struct buf *out);

#endif
