/* jobs_parts.h - what jobs.c (who submits and watches) and jobs_take.c (who judges) share. Private
 * to them. */
#ifndef JUDGE_JOBS_PARTS_H
#define JUDGE_JOBS_PARTS_H

#include "../store/store.h"
#include "jobs.h"

struct jobs {
    struct store *store;
    bool own_store;            /* jobs_close() closes it */
    struct jobs_config config; /* no zeros left; texts owned */
    char *worker, *offers;     /* what config points to; offers with a comma at both ends, or "" */
};

/* Statements within a transaction that gave `status`: commits if it is 0 and up, else rolls back.
 */
int jobs_end(struct jobs *q, int status, struct err *err);

/* A hint that does not get through is no failure; a connection that broke shows at the next call.
 */
void jobs_hint_work(struct jobs *q);
void jobs_hint_cancel(struct jobs *q, int64_t id);
void jobs_hint_news(struct jobs *q, int64_t id);

/* How much of s, from its beginning, is UTF-8 without 0 bytes: what PostgreSQL takes. */
size_t jobs_text_len(struct str s);
bool jobs_is_text(struct str s); /* all of it */

#endif
