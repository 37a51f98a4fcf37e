/* outcome.h - what every command does with a finished run: its files and its exit status. */
#ifndef CLI_OUTCOME_H
#define CLI_OUTCOME_H

#include "../check/verdict.h"

#include <jansson.h>

struct err;
struct run_config;
struct run_result;

/* Writes results.json and the pictures into the run's folder; *ret_results is the caller's. */
int outcome_write(const struct run_config *config, const struct run_result *result,
                  json_t **ret_results, struct err *err);

int outcome_exit_status(enum valid v);

#endif
