/* handin_json.h - a submission as the API says it. */
#ifndef WEB_HANDIN_JSON_H
#define WEB_HANDIN_JSON_H

#include <jansson.h>
#include <stdbool.h>

struct err;
struct handin;
struct jobs;
struct person;
struct request;
struct response;
struct site;
struct str;
struct submission;

/* {"id", "track", "task", "language", "kind", "state", "place", "put_ms", "over_ms", "verdict",
 * "sentence", "report"}: all but its files and its result. */
json_t *handin_json(const struct handin *h);
/* Adds "result": what the judge wrote, or null. */
int handin_json_result(struct jobs *q, const struct handin *h, json_t *into, struct err *err);
/* Adds "files". */
int handin_json_files(struct jobs *q, const struct handin *h, json_t *into, struct err *err);
/* [{"name", "text"}], in the order of their names. */
json_t *handin_json_list(const struct submission *s);

/* The one of this number, if it is there for who asks: his own; of one whom he teaches; any, for an
 * admin. 1; 0: r says that there is none, the same whether it is somebody else's or nobody's.
 * Negative. */
int handin_for(const struct site *s, const struct request *q, struct str id,
               struct handin *ret_handin, struct response *r, struct err *err);

/* False: r says why nothing can be handed in here. */
bool handin_is_open(const struct site *s, struct response *r);

#endif
