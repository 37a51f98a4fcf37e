/* admin.h - what the pages and the API of admins both show, as JSON in the shapes of
 * docs/openapi.json. Results are the caller's. Errors: ERR_AWAY, ERR_MACHINE. */
#ifndef WEB_ADMIN_H
#define WEB_ADMIN_H

#include "../judge/jobs.h"

#include <jansson.h>

struct err;
struct site;

int admin_workers(const struct site *s, json_t **ret_list, struct err *err);
/* The state of this word; false: there is none of it, and *ret_state is untouched. */
bool admin_find_state(const char *word, enum job_state *ret_state);
/* The counts, and the first jobs of a state. */
int admin_queue(const struct site *s, enum job_state state, json_t **ret_queue, struct err *err);
/* The level of this machine, and what is missing for a better one. */
json_t *admin_sandbox(void);
int admin_disk(const struct site *s, json_t **ret_list, struct err *err);

#endif
