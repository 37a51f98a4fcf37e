/* candidate.h - a smaller run to try: which nodes there are, and what is decided.
 *
 *   {"nodes": ["n0", "n1"], "seed": 7, "decisions": {...}}     decisions.h; seed only if it is
 * another
 *
 * A candidate is never changed: each way to make it smaller gives a new one, the caller's
 * (json_decref). What it says nothing of is as in the run that it came from. */
#ifndef RUN_CANDIDATE_H
#define RUN_CANDIDATE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct run_config;

struct candidate_size {
    uint32_t nodes, workers;
    uint32_t operations; /* of the load */
    uint32_t final;      /* workers with last operations */
    uint32_t faults;     /* windows */
    uint32_t messages;   /* that were not calm */
};

json_t *candidate_new(const char *const *node_names, uint32_t node_count, const json_t *decisions);
void candidate_size(const json_t *candidate, struct candidate_size *ret_size);

/* The run that a candidate asks for. What it holds is borrowed from base and candidate. */
struct run_config;
struct candidate_run {
    struct run_config *config;
    const char **names;
    json_t *options;
};
void candidate_run_init(struct candidate_run *run, const struct run_config *base,
                        const json_t *candidate);
void candidate_run_release(struct candidate_run *run);

/* Lists of its decisions: "operations", "faults", "messages", "final". */
const json_t *candidate_list(const json_t *candidate, const char *list);
/* With those items of the list only that keep has true for. */
json_t *candidate_keep(const json_t *candidate, const char *list, const bool *keep);
/* With another list in its place; takes it. */
json_t *candidate_set(const json_t *candidate, const char *list, json_t *items);

/* With another seed: what the nodes themselves draw is other chance then. */
json_t *candidate_with_seed(const json_t *candidate, uint64_t seed);

/* With messages named by when they were sent (decisions.h). */
json_t *candidate_by_time(const json_t *candidate);

/* Without the nodes that keep has false for, and what is about them only; what their workers did is
 * done at other nodes. Bit i of keep is node i. */
json_t *candidate_with_nodes(const json_t *candidate, uint32_t keep);
/* Without workers that do nothing; the others move up. */
json_t *candidate_without_idle(const json_t *candidate);
/* What worker from does is done by worker to. */
json_t *candidate_merge_workers(const json_t *candidate, uint32_t from, uint32_t to);
/* Every whole number of the operations' values becomes the lowest that is free, in the order in
 * which they come. */
json_t *candidate_renumber(const json_t *candidate);

#endif
