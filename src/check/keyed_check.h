/* keyed_check.h - any checker, key by key: for histories whose values are [key, x], as Jepsen's
 * "independent" makes them, and checkers that know of no keys.
 *
 * Details: "key-count"; "failures" (keys, bounded) and "failure-count" where a key is not valid;
 * "results", the details of the first keys that are not, by key. The sentence is that of the
 * worst key, with the key in front. Indexes in it count the events of that key. */
#ifndef CHECK_KEYED_CHECK_H
#define CHECK_KEYED_CHECK_H

#include <jansson.h>

struct checker;
struct err;
struct history;
struct verdict;

/* As checker_run(). Events of clients without a key (no array of two, and no invocation that is
 * one) belong to no part. */
int keyed_check(const struct checker *c, const struct history *h, const json_t *options,
                struct verdict *ret_verdict, struct err *err);

#endif
