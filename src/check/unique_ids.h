/* unique_ids.h - no identifier is handed out twice.
 *
 * ok "generate" carries the id, any JSON; 1 and 1.0 are different ids. Details: "attempted-count",
 * "acknowledged-count", "duplicated-count", "duplicated" (the most frequent, id to how often) and
 * "range" (lowest and highest: numbers first by value, then the rest by text). */
#ifndef CHECK_UNIQUE_IDS_H
#define CHECK_UNIQUE_IDS_H

struct checker;
struct history;
struct verdict;

void unique_ids_check(const struct history *h, struct verdict *ret_verdict);

/* "unique-ids", no options. */
extern const struct checker unique_ids_checker;

#endif
