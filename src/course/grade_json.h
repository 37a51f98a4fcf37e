/* grade_json.h - a grading's result as JSON, the same for `eddy learn check --json` and the judge.
 */
#ifndef COURSE_GRADE_JSON_H
#define COURSE_GRADE_JSON_H

#include <jansson.h>

struct buf;
struct grade_result;

/* The steps of one part, as results.h has them, with "seeds-passed" over all seeds. */
json_t *grade_json_steps(const struct grade_result *r, const char *part);

/* {"passed", "seeds", "runs", "messages", "virtual-ns", "took-ns", "parts": [{"name", "steps"}]};
 * of a failed one also "step", "part", "seed", "node", "log", and "limit" if a sandbox's ended it.
 * The caller's. */
json_t *grade_json(const struct grade_result *r);

/* Appends why it failed, in a sentence: the step, what was expected and what was seen. */
void grade_sentence(const struct grade_result *r, struct buf *out);

#endif
