/* playing.h - a run of the playground, from its files to what came out: build, run, tell.
 *
 * The run is the one that `eddy test` would have with the same options: the same functions make its
 * setting, execute it and write its report. It is on the virtual clock always, in the sandbox of
 * submissions, and within the limits of play_table.h: one that takes too much is stopped, and says
 * so.
 *
 * The result: "verdict" (passed: the run is valid; failed: it is not, or the program does not
 * build; not judged: nobody can say, or it was stopped), "sentence" (why; "" if passed),
 * "workload", "language", "options" (name: text, also those that nobody set), "eddy" (its version),
 * "tools", "sandbox", "build" and "cost" as in judging.h, and once it has run: "valid" (true,
 * false, "unknown"), "seed", "command" (that has the run again), "end-ns", "statistics":
 * {"operations", "availability", "messages", "latencies"} and "checks" as `eddy test` writes them
 * to results.json, "evidence" (lines for people), "notes", "limit" (null, or as in judging.h),
 * "report": {"folder", "files"}.
 *
 * Events: {"event": "building"}, {"event": "built", "built", "cached"}, {"event": "running",
 * "virtual-ns" (reached), "of-ns" (when clients end), "events" (beginnings and ends of operations),
 * "messages"} some times a second, {"event": "verdict", "verdict"}. */
#ifndef JUDGE_PLAYING_H
#define JUDGE_PLAYING_H

#include "../base/str.h"

#include <jansson.h>

struct err;
struct play;
struct workshop;

struct playing {
    const struct workshop *workshop;
    const struct play *play;
    const char *folder;    /* an existing, empty one; absolute. The run's files are in FOLDER/run */
    uint64_t messages_max; /* 0: PLAY_MESSAGES_MAX */
    int64_t real_ms_max;   /* 0: PLAY_REAL_SECONDS_MAX */
    void *owner;
    /* One event, as a JSON text in one line. May be NULL. */
    void (*voice)(void *owner, struct str event);
};

/* 0 and a result, the caller's. ERR_MACHINE: not here and now; ERR_STOPPED. Once a run was stopped
 * for its real time, this process stops whatever else it would run (cage_stop_asked()): a job has
 * a process of its own. */
int play_judge(const struct playing *p, json_t **ret_result, struct err *err);

#endif
