/* judge.h - what a run's history is worth: the scenario's checks, statistics, availability. */
#ifndef RUN_JUDGE_H
#define RUN_JUDGE_H

struct err;
struct run_config;
struct run_result;
struct script;

/* Before the run: that the checkers which the scenario asks for are there and take their options.
 * ERR_INPUT: what is wrong. */
int judge_prepare(const struct run_config *config, const struct script *script, struct err *err);

/* Fills the verdicts of result, valid and sentence from its history, blame and stopped. A run that
 * ended early is not held against the scenario's checks: they want a whole story. Where it ended
 * at a violation (failed_fast) the check that saw it is there already. ERR_INPUT: the
 * scenario asks for a checker that there is not, or with options that make no sense. */
int judge_run(const struct run_config *config, const struct script *script,
              struct run_result *result, struct err *err);

#endif
