/* evidence.h - a verdict's details as lines for a person, whichever checker wrote them.
 *
 * Sentences come first, as a list; then operations, one a line; then the other members, a line
 * each, cut to what a terminal can show. Bounded: at most EVIDENCE_LINES_MAX lines. Control
 * characters of strangers' texts become '?'. */
#ifndef REPORT_EVIDENCE_H
#define REPORT_EVIDENCE_H

#include "../base/str.h"

#include <jansson.h>

enum { EVIDENCE_LINES_MAX = 48, EVIDENCE_WIDTH_MAX = 160 };

/* The last line, if there are more. */
#define EVIDENCE_CUT "  ... --json shows the rest"

/* Appends the lines, each with its newline. said is the verdict's own sentence, which is not said
 * again; NULL: none. */
void evidence_text(const json_t *details, const char *said, struct buf *out);

#endif
