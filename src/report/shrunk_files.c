#include "shrunk_files.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../check/history.h"
#include "../check/import.h"
#include "pictures.h"
#include "report_html.h"
#include "results.h"

#include <unistd.h>

enum { RESULTS_MAX = 256 << 20 };

/* What of the other run can be had; nothing of it is needed. */
struct other {
    struct history *history;
    json_t *results;
    struct buf journal; /* its path */
};

static void other_read(struct other *o, const char *dir)
{
    struct imported imported = {.history = NULL};
    struct buf path = {0}, text = {0};
    struct err ignored;

    buf_addf(&path, "%s/history.jsonl", dir);
    if (file_read(path.data, IMPORT_TEXT_MAX, &text, &ignored) == 0 &&
        import_history(buf_str(&text), IMPORT_JSON, &imported, &ignored) == 0)
        o->history = imported.history;
    buf_reset(&path);
    buf_release(&text);
    buf_addf(&path, "%s/results.json", dir);
    if (file_read(path.data, RESULTS_MAX, &text, &ignored) == 0)
        o->results = json_loadb(text.data, text.len, 0, NULL);
    buf_addf(&o->journal, "%s/journal.jsonl.zst", dir);
    buf_release(&path);
    buf_release(&text);
}

static int write_page(const struct run_view *view, const json_t *results, const char *command,
                      const struct shrunk_from *from, const char *dir, struct err *err)
{
    struct other other = {.history = NULL};
    struct run_view whole = {
        .title = view->title,
        .node_count = from->node_count,
        .node_names = from->node_names,
        .end_ns = from->end_ns,
    };
    struct report_run runs[] = {
        {.view = view, .results = results, .command = command, .label = "the shrunk run"},
        {.view = &whole, .command = from->command, .label = "the run that it came from"},
    };
    struct buf path = {0};
    int status;

    other_read(&other, from->dir);
    whole.history = other.history;
    whole.journal_path = other.journal.data;
    runs[1].results = other.results;
    buf_addf(&path, "%s/report.html", dir);
    status = report_html_write(
        runs, other.history != NULL && access(other.journal.data, R_OK) == 0 ? 2 : 1, path.data,
        err);
    buf_release(&path);
    buf_release(&other.journal);
    history_free(other.history);
    json_decref(other.results);
    return status;
}

int shrunk_files_write(const struct run_view *view, json_t *results, const json_t *shrink,
                       const char *command, const struct shrunk_from *from, const char *dir,
                       struct err *err)
{
    struct buf path = {0};
    int status;

    json_object_set(results, "shrink", (json_t *)shrink);
    buf_addf(&path, "%s/results.json", dir);
    status = results_write(results, path.data, err);
    buf_release(&path);
    return status == 0 ? write_page(view, results, command, from, dir, err) : status;
}
