/* outcome.h - what every command does with a finished run: its files and its exit status. */
#ifndef CLI_OUTCOME_H
#define CLI_OUTCOME_H

#include "../check/verdict.h"

#include <jansson.h>

struct err;
struct run_config;
struct run_result;

/* Writes results.json, the pictures and report.html into the run's folder; *ret_results is the
 * caller's. command: what to type to have the run again. */
int outcome_write(const struct run_config *config, const struct run_result *result,
                  const char *command, json_t **ret_results, struct err *err);

/* Appends a word as a shell reads it back. */
struct buf;
void outcome_add_word(struct buf *out, const char *word);

int outcome_exit_status(enum valid v);

#endif
