/* starter.h - the files that somebody begins with: of a task, or of a workload in the playground.
 */
#ifndef WEB_STARTER_H
#define WEB_STARTER_H

#include <jansson.h>
#include <stdbool.h>

struct err;
struct language;
struct site;

/* {"files": [{"name", "text"}], "kit": the same, "main": the file to open first}; the caller's.
 * workload: a program that does it takes the place of the starter's main file, where the language
 * has one; NULL: the starter as it is. */
int starter_json(const struct site *s, const struct language *language, const char *workload,
                 json_t **ret_starter, struct err *err);
/* Whether the language has a program that does the workload. */
bool starter_does(const struct site *s, const struct language *language, const char *workload);

#endif
