/* seeds.h - `eddy test --seeds N`: many runs with settings of their own, their failures by kind,
 * and the command that repeats each.
 *
 * What the options mean as limits: a number of nodes or clients, a rate, a latency or an interval
 * is the greatest that a run may have; a list of faults names those that a run may have; everything
 * else holds for every run as it is. Without a word about it a run has up to 4 clients a node, 100
 * operations a second, 20 ms, and the faults that the workload's file allows (`faults`); else those
 * that need no disk: partition, pause, loss, reorder, slow. */
#ifndef CLI_SEEDS_H
#define CLI_SEEDS_H

#include "../run/test_options.h"

struct err;
struct test_subject;

/* The options of one run of many; the caller releases them. The same for the same options and seed,
 * whatever the rest of the search. Texts and words are borrowed from o. */
void seeds_options(const struct test_options *o, uint64_t seed, struct test_options *ret_options);

/* Searches, prints, and gives the exit status; negative: ERR_INPUT, ERR_MACHINE. */
int seeds_search(const struct test_options *options, const struct test_subject *subject,
                 uint64_t seed, struct err *err);

#endif
