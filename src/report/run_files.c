#include "run_files.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/str.h"
#include "../run/run.h"
#include "evidence_svg.h"
#include "pictures.h"
#include "report_html.h"
#include "results.h"
#include "results_edn.h"
#include "window.h"

static int write_pictures(const struct run_config *config, const struct run_view *view,
                          const json_t *results, const char *command, struct err *err)
{
    struct report_run shown = {.view = view, .results = results, .command = command};
    struct buf page = {0};
    int status = pictures_write(view, config->dir, err);

    buf_addf(&page, "%s/report.html", config->dir);
    if (status == 0)
        status = report_html_write(&shown, 1, page.data, err);
    buf_release(&page);
    return status;
}

/* What is wrong, in one picture, where there is something to draw. */
static int write_evidence(const struct run_config *config, const json_t *results, struct err *err)
{
    struct buf path = {0}, picture = {0};
    int status = 0;

    buf_addf(&path, "%s/evidence.svg", config->dir);
    if (evidence_svg(json_object_get(results, "workload"), &picture))
        status = file_write(path.data, buf_str(&picture), err);
    buf_release(&path);
    buf_release(&picture);
    return status;
}

int run_files_write(const struct run_config *config, const struct run_result *result,
                    const char *command, json_t **ret_results, struct err *err)
{
    json_t *results = results_json(config, result);
    struct buf path = {0}, journal = {0};
    struct run_view view = {
        .title = result->workload,
        .node_count = config->node_count,
        .node_names = config->node_names,
        .history = result->history,
        .end_ns = result->end_ns,
    };
    int status;

    buf_addf(&path, "%s/results.json", config->dir);
    buf_addf(&journal, "%s/journal.jsonl.zst", config->dir);
    view.journal_path = journal.data;
    status = window_add(json_object_get(results, "workload"), &view, err);
    if (status == 0)
        status = results_write(results, path.data, err);
    if (status == 0)
        status = results_edn_write(results, config->dir, err);
    if (status == 0)
        status = write_evidence(config, results, err);
    if (status == 0)
        status = write_pictures(config, &view, results, command, err);
    buf_release(&path);
    buf_release(&journal);
    if (status < 0)
        json_decref(results);
    else
        *ret_results = results;
    return status;
}
