/* model_shrink.h - the fewest operations of a w:model that still fail.
 *
 * A step that fails inside of w:model has the places of the operations that were asked in its
 * evidence (script/model.lua). The part is run again with subsets of them, each from the beginning
 * and with a fresh cluster, until none can be left out any more (ddmin.h). A subset counts if the
 * same w:model fails in the same step. */
#ifndef RUN_MODEL_SHRINK_H
#define RUN_MODEL_SHRINK_H

#include "../base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct err;
struct run_config;
struct run_result;

struct model_shrink {
    const struct run_config *run;    /* that failed; dir and logs do not count */
    const struct run_result *failed; /* what came of it */
    const char *dir;                 /* an existing folder; as it was afterwards */
    int64_t budget_ns;               /* real time for all runs */
    /* How a candidate is run; NULL: run_execute(). For tests. */
    int (*execute)(const struct run_config *config, struct run_result **ret_result,
                   struct err *err);
};

/* Whether there is anything to be shrunk: the failed step's evidence is that of a model. */
bool model_shrink_can(const struct run_result *failed);

/* What came of the shortest sequence, or NULL if none is shorter than that of the failed run
 * (run_result_free), and how many runs that took. */
struct run_result *model_shrink(const struct model_shrink *m, uint32_t *ret_tried);

/* The same for the one who shows it: the failure of the shortest sequence becomes failed's
 * failure->shortest, if there is one. Nothing happens where model_shrink_can() says no. */
void model_shrink_add(const struct run_config *run, struct run_result *failed, const char *dir,
                      int64_t budget_ns);

#endif
