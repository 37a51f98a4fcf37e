/* lookout.h - the scenario's checks look on while a run goes on, so that it can stop at the first
 * certain violation (--fail-fast). Which checks can: broken() in check/checker.h. */
#ifndef RUN_LOOKOUT_H
#define RUN_LOOKOUT_H

#include <stdbool.h>

struct lookout;
struct run_result;
struct script;

/* Borrows the script's checks. */
struct lookout *lookout_new(const struct script *script);
void lookout_free(struct lookout *l); /* NULL is fine */

/* To be called after each event of result->history. True: it is invalid for good; result has the
 * check, failed_fast and fatal_event, and a sentence for a note is in *ret_note (mem_free). */
bool lookout_sees(struct lookout *l, struct run_result *result, char **ret_note);

#endif
