/* page_window.h - the stretch of time in which a run went wrong, as far as its evidence names it.
 */
#ifndef REPORT_PAGE_WINDOW_H
#define REPORT_PAGE_WINDOW_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* From the times of the operations that stand in the details of checkers that found the run
 * invalid. False if it was not invalid, or nothing there has a time. */
bool page_window(const json_t *results, int64_t *ret_from_ns, int64_t *ret_to_ns);

#endif
