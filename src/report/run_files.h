/* run_files.h - all files of a finished run: results.json, the pictures and report.html. */
#ifndef REPORT_RUN_FILES_H
#define REPORT_RUN_FILES_H

#include <jansson.h>

struct err;
struct run_config;
struct run_result;

/* Writes them into the run's folder; *ret_results is the caller's. command: what to type to have
 * the run again. */
int run_files_write(const struct run_config *config, const struct run_result *result,
                    const char *command, json_t **ret_results, struct err *err);

#endif
