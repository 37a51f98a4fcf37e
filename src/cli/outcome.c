#include "outcome.h"

#include "../base/err.h"
#include "../base/str.h"
#include "../report/pictures.h"
#include "../report/results.h"
#include "../run/run.h"
#include "commands.h"

int outcome_exit_status(enum valid v)
{
    return v == VALID_TRUE ? EXIT_VALID : v == VALID_FALSE ? EXIT_INVALID : EXIT_UNKNOWN;
}

static int write_pictures(const struct run_config *config, const struct run_result *result,
                          struct err *err)
{
    struct buf journal = {0};
    struct run_view view = {
        .title = result->workload,
        .node_count = config->node_count,
        .node_names = config->node_names,
        .history = result->history,
        .end_ns = result->end_ns,
    };
    int status;

    buf_addf(&journal, "%s/journal.jsonl.zst", config->dir);
    view.journal_path = journal.data;
    status = pictures_write(&view, config->dir, err);
    buf_release(&journal);
    return status;
}

int outcome_write(const struct run_config *config, const struct run_result *result,
                  json_t **ret_results, struct err *err)
{
    json_t *results = results_json(config, result);
    struct buf path = {0};
    int status;

    buf_addf(&path, "%s/results.json", config->dir);
    status = results_write(results, path.data, err);
    buf_release(&path);
    if (status == 0)
        status = write_pictures(config, result, err);
    if (status < 0)
        json_decref(results);
    else
        *ret_results = results;
    return status;
}
