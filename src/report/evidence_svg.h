/* evidence_svg.h - why a verdict is invalid, as one small picture.
 *
 * Operations that contradict each other: a bar from call to return for each, a lane for each
 * process, the impossible one marked, what the object could have been below. Cycles of
 * transactions: a box for each, an arrow with its reason from each to the next, back to the first.
 * Columns are moments in their order, not to scale. Bounded: EVIDENCE_SVG_OPERATIONS_MAX bars or
 * boxes, texts cut (the whole of a cut label is its tooltip). Equal details give equal pictures. */
#ifndef REPORT_EVIDENCE_SVG_H
#define REPORT_EVIDENCE_SVG_H

#include "../base/str.h"

#include <jansson.h>
#include <stdbool.h>

enum { EVIDENCE_SVG_OPERATIONS_MAX = 32 };

/* details: of one checker, or of several by name; then the first that is invalid. Appends the
 * picture; false, and nothing appended: nothing is invalid, or no operation is named. */
bool evidence_svg(const json_t *details, struct buf *out);

#endif
