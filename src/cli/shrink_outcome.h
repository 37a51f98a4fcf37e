/* shrink_outcome.h - what eddy shrink leaves and says: files, words, JSON. */
#ifndef CLI_SHRINK_OUTCOME_H
#define CLI_SHRINK_OUTCOME_H

#include "../base/str.h"

#include <jansson.h>
#include <stdbool.h>

struct err;
struct record;
struct run_config;
struct run_result;
struct shrink_result;

struct shrink_outcome {
    struct buf dir;         /* of the smallest run */
    struct run_result *run; /* the smallest, once more */
    bool fails_again;       /* in the same way */
    json_t *all;            /* shrink.json; NULL before it is written */
};

/* Writes the files of the smallest run and shrink.json into outcome->dir. config is that run's, old
 * and old_dir the run that it came from. */
int shrink_outcome_write(const struct run_config *config, const struct record *old,
                         const char *old_dir, const struct shrink_result *result,
                         struct shrink_outcome *outcome, struct err *err);
void shrink_outcome_print(const struct shrink_outcome *outcome);
void shrink_outcome_print_json(const struct shrink_outcome *outcome);
void shrink_outcome_release(struct shrink_outcome *outcome);

#endif
