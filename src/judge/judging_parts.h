/* judging_parts.h - what judging a submission and running for the playground have in common.
 * Private to judging.c and playing.c. */
#ifndef JUDGE_JUDGING_PARTS_H
#define JUDGE_JUDGING_PARTS_H

#include "../base/str.h"
#include "../cage/sandbox.h"

#include <jansson.h>

struct bench;
struct compile_result;
struct workshop;

/* Processor time of this process and of all its children that have ended. */
int64_t judging_cpu_ns(void);
/* Takes event. voice may be NULL. */
void judging_say(void (*voice)(void *owner, struct str event), void *owner, json_t *event);
/* What one node may use: memory and tasks as the table of languages says. Borrows from bench. */
struct sandbox_spec judging_node_spec(const struct workshop *w, const struct bench *bench);

/* Members of a result; see judging.h. The caller's. */
json_t *judging_build_json(const struct compile_result *r);
json_t *judging_cost_json(int64_t began_ns, int64_t cpu_began_ns);
json_t *judging_limit_json(const struct sandbox_stop *stop); /* of the compiler */
json_t *judging_report_json(const char *folder);
/* Appends "the program does not build: " and the compiler's first line. */
void judging_build_sentence(const struct compile_result *r, struct buf *out);

#endif
