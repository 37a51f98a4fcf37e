/* judging.h - from a submission to a verdict: build, grade, tell.
 *
 * Three culprits, three ways: what the learner's program does wrong is a result that says "failed";
 * what cannot be judged whoever tries (no such task, a broken scenario) is a result that says "not
 * judged"; what this machine refuses is a status, and another attempt or machine may do better.
 *
 * The result: "verdict" (passed, failed, not judged), "sentence" (why; "" if passed), "track",
 * "task", "language", "tools" (their version), "sandbox" (its level), "build": {"built", "cached",
 * "took-ns", "cpu-ns", "text"}, "cost": {"wall-ns", "cpu-ns"}, and once it was graded what
 * grade_json() says, with the evidence in the failed step; "limit": {"node", "name", "figure",
 * "bound", "after-ns"}, if one ended a node, or the build (node "");  "report": {"folder",
 * "files"}.
 *
 * Events, as it goes on: {"event": "building"}, {"event": "built", "built", "cached"}, {"event":
 * "step", "seed", "part", "name", "passed"}, {"event": "progress", "done", "of"}, {"event":
 * "verdict", "verdict"}. */
#ifndef JUDGE_JUDGING_H
#define JUDGE_JUDGING_H

#include "../base/str.h"

#include <jansson.h>

struct err;
struct submission;
struct workshop;

struct judging {
    const struct workshop *workshop;
    const struct submission *submission;
    const char *folder; /* an existing, empty one; absolute. What is left in it is of no use */
    const char *report; /* where the report's files are to stand; replaced whole. NULL: nowhere. It
                           must be on the disk of folder */
    uint32_t jobs;      /* runs at a time; 1 and up */
    void *owner;
    /* One event, as a JSON text in one line. May be NULL. */
    void (*voice)(void *owner, struct str event);
};

/* 0 and a result, the caller's. ERR_MACHINE: not here and now; ERR_STOPPED. */
int submission_judge(const struct judging *j, json_t **ret_result, struct err *err);

/* A result that says "not judged", and why. submission may be NULL. */
json_t *judging_refused(const struct submission *s, const char *why);

#endif
