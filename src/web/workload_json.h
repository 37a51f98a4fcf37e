/* workload_json.h - what the playground offers, as JSON for its form. */
#ifndef WEB_WORKLOAD_JSON_H
#define WEB_WORKLOAD_JSON_H

#include <jansson.h>

struct site;

/* {"workloads": [{"name", "summary", "options": [name], "languages": [name]}],
 *  "options": [{"name", "label", "kind", "unit", "value", "smallest", "largest", "choices",
 *  "sentence"}], "languages": [{"name", "title"}], "limits": {...}}. A workload's languages are
 * those that have a program for it. The caller's. */
json_t *workload_json(const struct site *s);

#endif
