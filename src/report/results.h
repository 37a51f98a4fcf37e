/* results.h - a run's result as one JSON object with Maelstrom's keys, and ours beside them.
 *
 * "valid?" (true, false, "unknown"), "sentence" (why not), "workload" (details of the scenario's
 * checker), "stats", "availability", "net", "perf", "timeline", "exceptions", and our "run":
 * name, seed, nodes, end, notes. docs/workloads.md lists the keys. */
#ifndef REPORT_RESULTS_H
#define REPORT_RESULTS_H

#include <jansson.h>

struct err;
struct run_config;
struct run_result;

json_t *results_json(const struct run_config *config, const struct run_result *result);
/* The steps of a task, as they stand in the results: {"name", "from-ns", "to-ns", "passed"}; the
 * failed one has "failure", too. The caller's. */
json_t *results_steps(const struct run_result *result);
/* The limit of a sandbox that ended a node: {"node", "name", "figure", "bound", "after-ns"}, or
 * null. The caller's. */
json_t *results_limit(const struct run_result *result);
int results_write(const json_t *results, const char *path, struct err *err);

#endif
