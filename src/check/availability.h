/* availability.h - what part of the operations succeeded. Details: "ok-fraction". */
#ifndef CHECK_AVAILABILITY_H
#define CHECK_AVAILABILITY_H

struct checker;
struct history;
struct verdict;

/* Invalid if fewer than this part of the invocations ended ok; 1: every one must have (and then
 * the fraction is 1 exactly, with no invocation at all too). Negative: nothing is asked. */
void availability_check(const struct history *h, double fraction_min, struct verdict *ret_verdict);

/* "availability", option require: "total", "none" or a fraction from 0 to 1; "none" without it. */
extern const struct checker availability_checker;

#endif
