#include "page_data.h"

#include "../base/err.h"
#include "page_journal.h"
#include "page_text.h"
#include "page_window.h"
#include "pictures.h"
#include "report_html.h"
#include "spans.h"
#include "story.h"

#include <stdlib.h>

enum { VALUE_BYTES_MAX = 600, RESULTS_BYTES_MAX = 2 << 20 };

/* ---- operations ---- */

struct ops {
    const struct history *history;
    struct series series;
    uint32_t count; /* shown */
    size_t text_bytes, text_bytes_max;
};

typedef void add_cell(struct ops *o, const struct span *span, struct buf *out);

static void add_text_cell(struct ops *o, struct str text, struct buf *out)
{
    size_t before = out->len;
    size_t len = page_cut(text, o->text_bytes < o->text_bytes_max ? VALUE_BYTES_MAX : 0);
    struct buf cut = {0};

    if (len > 0)
        buf_add(&cut, text.data, len);
    if (len < text.len)
        buf_add_text(&cut, "…");
    page_add_quoted(out, buf_str(&cut));
    buf_release(&cut);
    o->text_bytes += out->len - before;
}

static void cell_dt(struct ops *o, const struct span *span, struct buf *out)
{
    (void)o;
    buf_add_i64(out, span->completion == NULL ? -1 : span->end_ns - span->start_ns);
}

static void cell_process(struct ops *o, const struct span *span, struct buf *out)
{
    (void)o;
    buf_add_i64(out, span->invoke->process);
}

static void cell_node(struct ops *o, const struct span *span, struct buf *out)
{
    (void)o;
    buf_add_i64(out, span->invoke->node);
}

static void cell_f(struct ops *o, const struct span *span, struct buf *out)
{
    (void)o;
    buf_add_i64(out, span->invoke->f);
}

static void cell_outcome(struct ops *o, const struct span *span, struct buf *out)
{
    (void)o;
    buf_add_i64(out, span->outcome == OP_OK ? 0 : span->outcome == OP_FAIL ? 1 : 2);
}

static void cell_value(struct ops *o, const struct span *span, struct buf *out)
{
    add_text_cell(o, span->invoke->value, out);
}

static void cell_result(struct ops *o, const struct span *span, struct buf *out)
{
    const struct op *done = span->completion;
    bool says_more = done != NULL && !str_eq(done->value, span->invoke->value);

    add_text_cell(o, says_more ? done->value : STR_LIT(""), out);
}

static void cell_error(struct ops *o, const struct span *span, struct buf *out)
{
    add_text_cell(o, span->completion == NULL ? STR_LIT("") : span->completion->error, out);
}

static void add_column(struct ops *o, const char *name, add_cell *cell, struct buf *out)
{
    uint32_t count = 0;
    struct span span;

    buf_addf(out, ",\"%s\":[", name);
    for (uint32_t i = 0; i < history_len(o->history) && count < o->count; i++) {
        if (!span_at(&o->series, i, &span))
            continue;
        if (count++ > 0)
            buf_add_char(out, ',');
        cell(o, &span, out);
    }
    buf_add_char(out, ']');
}

static void add_times(const struct ops *o, struct buf *out)
{
    uint32_t count = 0;
    int64_t last_ns = 0;
    struct span span;

    buf_add_text(out, "\"t\":[");
    for (uint32_t i = 0; i < history_len(o->history) && count < o->count; i++) {
        if (!span_at(&o->series, i, &span))
            continue;
        if (count++ > 0)
            buf_add_char(out, ',');
        buf_add_i64(out, span.start_ns - last_ns);
        last_ns = span.start_ns;
    }
    buf_add_char(out, ']');
}

static void add_ops(const struct run_view *view, uint32_t share, struct buf *out)
{
    static const struct {
        const char *name;
        add_cell *cell;
    } columns[] = {
        {"dt", cell_dt},       {"process", cell_process}, {"node", cell_node},
        {"f", cell_f},         {"outcome", cell_outcome}, {"value", cell_value},
        {"error", cell_error}, {"result", cell_result},
    };
    struct ops o = {.history = view->history, .text_bytes_max = PAGE_LIST_BYTES_MAX / share};
    uint32_t count_max = PAGE_OPS_MAX / share;

    series_init(&o.series, view->history, view->end_ns);
    o.count = o.series.span_count < count_max ? o.series.span_count : count_max;
    buf_add_text(out, ",\n\"fs\":[");
    for (uint32_t f = 0; f < history_f_count(view->history); f++) {
        buf_add_text(out, f > 0 ? "," : "");
        page_add_quoted(out, history_f_name(view->history, f));
    }
    buf_addf(out, "],\n\"ops_left_out\":%u,\n\"ops\":{", o.series.span_count - o.count);
    add_times(&o, out);
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
        add_column(&o, columns[i].name, columns[i].cell, out);
    buf_add_char(out, '}');
}

/* ---- the rest ---- */

static void add_faults(const struct story *story, struct buf *out)
{
    buf_addf(out, ",\n\"faults_left_out\":%llu,\n\"faults\":[",
             (unsigned long long)story->bands_left_out);
    for (uint32_t i = 0; i < story->band_count; i++) {
        const struct story_band *b = &story->bands[i];

        buf_addf(out, "%s[%lld,%lld,", i > 0 ? "," : "", (long long)b->start_ns,
                 (long long)b->stop_ns);
        page_add_quoted(out, b->kind);
        buf_add_char(out, ',');
        page_add_quoted(out, b->text);
        buf_add_char(out, ']');
    }
    buf_add_char(out, ']');
}

static void add_text(struct buf *out, const char *member, const char *text)
{
    buf_addf(out, ",\n\"%s\":", member);
    if (text == NULL)
        buf_add_text(out, "null");
    else
        page_add_quoted(out, str_of(text));
}

static void add_results(const json_t *results, struct buf *out)
{
    char *text = results == NULL ? NULL : json_dumps(results, JSON_COMPACT);
    size_t before;

    buf_add_text(out, ",\n\"results\":");
    before = out->len;
    page_add_json(out, str_of(text == NULL ? "null" : text));
    if (out->len - before > RESULTS_BYTES_MAX) {
        out->len = before;
        buf_add_text(out, "null");
    }
    free(text);
}

static bool window_of(const struct report_run *run, int64_t *ret_from_ns, int64_t *ret_to_ns)
{
    if (run->to_ns <= 0)
        return page_window(run->results, ret_from_ns, ret_to_ns);
    *ret_from_ns = run->from_ns;
    *ret_to_ns = run->to_ns;
    return true;
}

int page_data_read(const struct report_run *run, uint32_t share, struct page_data *ret_data,
                   struct err *err)
{
    struct page_data d = {0};
    struct story *story = NULL;
    int64_t from_ns = -1, to_ns = -1;
    bool has_window = window_of(run, &from_ns, &to_ns);
    struct page_journal_view journal = {run->view, share, from_ns, &d.bodies};
    int status = story_read(run->view, &story, err);

    page_bodies_init(&d.bodies, PICTURE_BYTES_MAX / share);
    if (status >= 0) {
        buf_add_text(&d.json, "{\"version\":1");
        add_text(&d.json, "title", run->view->title);
        add_text(&d.json, "label", run->label);
        add_text(&d.json, "command", run->command);
        buf_addf(&d.json, ",\n\"end\":%lld", (long long)run->view->end_ns);
        if (has_window)
            buf_addf(&d.json, ",\n\"window\":[%lld,%lld]", (long long)from_ns, (long long)to_ns);
        else
            buf_add_text(&d.json, ",\n\"window\":null");
        add_faults(story, &d.json);
        add_ops(run->view, share, &d.json);
        add_results(run->results, &d.json);
        status = page_journal_add(&journal, &d.json, err);
    }
    story_free(story);
    if (status < 0) {
        page_data_release(&d);
        return status;
    }
    buf_add_char(&d.json, '}');
    *ret_data = d;
    return 0;
}

void page_data_release(struct page_data *d)
{
    buf_release(&d->json);
    page_bodies_release(&d->bodies);
}
