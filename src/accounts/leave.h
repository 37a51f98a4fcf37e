/* leave.h - what somebody may ask of his own data: all of it, or its end.
 * Answers are as accounts.h says. */
#ifndef ACCOUNTS_LEAVE_H
#define ACCOUNTS_LEAVE_H

#include <jansson.h>
#include <stdint.h>

struct accounts;
struct err;

/* Everything that the database has of a person, for himself: {"eddy": 1, "exported_ms", "account",
 * "identities", "sessions", "classes", "progress", "drafts", "submissions"}. Without hashes. The
 * caller's. */
int person_export(struct accounts *a, int64_t person, json_t **ret_export, struct err *err);

/* He is gone, with all that he wrote and handed in, from the queue as well. What remains is a sum
 * a task that names nobody (task_of_the_gone). 0: nobody of this number, or the last admin. */
int person_delete(struct accounts *a, int64_t person, struct err *err);

#endif
