/* What each client process asked and got: a column for each process, time downward, a bar from the
 * invocation to the completion of each operation.
 *
 * Like the message diagram it shows order, not duration: a bar has room for its text, and a bar
 * that ended before another began stands wholly above it. So what overlaps here was concurrent,
 * which is just what a checker of consistency has to go by. Processes that never run at the
 * same time share a column; after an operation of unknown outcome a client goes on as a new
 * process, and a column of its own for each would be mostly empty.
 *
 * The page is static. Its script only moves the focus by the arrow keys, shows the focused
 * operation in full, and hides outcomes; without script all is still there. */
#include "../base/file.h"
#include "../base/mem.h"
#include "pictures.h"
#include "spans.h"
#include "story.h"
#include "xml.h"

#include <math.h>
#include <stdlib.h>

enum {
    OPERATIONS_MAX = 10000,
    COLUMNS_MAX = 400,
    DETAIL_BYTES_MAX = 8 << 20, /* of all full texts; beyond that operations say less */
    VALUE_MAX = 1000,           /* bytes of one value in the full text */
    BAR_TEXT_MAX = 90,
    BAR_PX = 18,
    COLUMN_PX = 190,
    LEFT_PX = 86,
};

struct bar {
    struct span span;
    uint32_t column;
    double top, bottom;
};

/* The places of bars and faults, by moments in time. */
struct moment {
    int64_t t_ns;
    uint32_t rank;
    uint32_t of; /* bar or band */
};

/* The order of what happens at one time. What took no time at all completes after its start. */
enum { RANK_COMPLETE, RANK_BAND_STOP, RANK_BAND_START, RANK_INVOKE, RANK_COMPLETE_AT_ONCE };

struct timeline {
    struct buf out;
    const struct run_view *view;
    const struct story *story;
    struct series series;
    struct bar *bars;
    uint32_t bar_count;
    uint32_t column_count;
    uint32_t without_column; /* operations left out because all columns were taken */
    double *band_top, *band_bottom;
    struct moment *moments;
    uint32_t moment_count;
    double height;
    size_t detail_bytes;
};

static void collect(struct timeline *t)
{
    uint32_t len = history_len(t->view->history);

    t->bars = mem_alloc(OPERATIONS_MAX * sizeof(*t->bars));
    for (uint32_t i = 0; i < len && t->bar_count < OPERATIONS_MAX; i++) {
        struct bar bar = {0};

        if (span_at(&t->series, i, &bar.span))
            t->bars[t->bar_count++] = bar;
    }
}

struct process {
    int32_t number;
    uint32_t column;
    int64_t last_ns; /* when its last operation ended */
};

static int by_number(const void *a, const void *b)
{
    int32_t left = ((const struct process *)a)->number, right = ((const struct process *)b)->number;

    return (left > right) - (left < right);
}

/* The processes of the bars, ascending, each with the time it is last seen. */
static uint32_t list_processes(const struct timeline *t, struct process *processes)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < t->bar_count; i++)
        processes[i] =
            (struct process){t->bars[i].span.invoke->process, UINT32_MAX, t->bars[i].span.end_ns};
    qsort(processes, t->bar_count, sizeof(*processes), by_number);
    for (uint32_t i = 0; i < t->bar_count; i++) {
        if (count > 0 && processes[count - 1].number == processes[i].number) {
            if (processes[i].last_ns > processes[count - 1].last_ns)
                processes[count - 1].last_ns = processes[i].last_ns;
        } else {
            processes[count++] = processes[i];
        }
    }
    return count;
}

/* A process takes the first column whose process is over. Bars stand in order of beginning. */
static void give_columns(struct timeline *t)
{
    struct process *processes = mem_alloc((t->bar_count + 1) * sizeof(*processes));
    uint32_t process_count = list_processes(t, processes), kept = 0;
    int64_t free_ns[COLUMNS_MAX];

    for (uint32_t i = 0; i < t->bar_count; i++) {
        struct process key = {.number = t->bars[i].span.invoke->process};
        struct process *p = bsearch(&key, processes, process_count, sizeof(key), by_number);
        uint32_t column = 0;

        if (p->column == UINT32_MAX) {
            while (column < t->column_count && free_ns[column] > t->bars[i].span.start_ns)
                column++;
            if (column == COLUMNS_MAX) {
                t->without_column++;
                continue;
            }
            t->column_count += column == t->column_count;
            free_ns[column] = p->last_ns;
            p->column = column;
        }
        t->bars[kept] = t->bars[i];
        t->bars[kept++].column = p->column;
    }
    t->bar_count = kept;
    mem_free(processes);
}

static int by_moment(const void *a, const void *b)
{
    const struct moment *left = a, *right = b;

    if (left->t_ns != right->t_ns)
        return left->t_ns < right->t_ns ? -1 : 1;
    if (left->rank != right->rank)
        return left->rank < right->rank ? -1 : 1;
    return (left->of > right->of) - (left->of < right->of);
}

static void collect_moments(struct timeline *t)
{
    int64_t last_ns = t->bar_count > 0 ? t->bars[t->bar_count - 1].span.end_ns : 0;

    t->moments = mem_alloc(2 * (t->bar_count + t->story->band_count + 1) * sizeof(*t->moments));
    for (uint32_t i = 0; i < t->bar_count; i++) {
        const struct span *span = &t->bars[i].span;
        uint32_t rank = span->end_ns == span->start_ns ? RANK_COMPLETE_AT_ONCE : RANK_COMPLETE;

        t->moments[t->moment_count++] = (struct moment){span->start_ns, RANK_INVOKE, i};
        t->moments[t->moment_count++] = (struct moment){span->end_ns, rank, i};
        if (span->end_ns > last_ns)
            last_ns = span->end_ns;
    }
    for (uint32_t i = 0; i < t->story->band_count; i++) {
        const struct story_band *b = &t->story->bands[i];
        bool is_seen = b->start_ns <= last_ns || t->bar_count < OPERATIONS_MAX;

        if (is_seen) {
            t->moments[t->moment_count++] = (struct moment){b->start_ns, RANK_BAND_START, i};
            t->moments[t->moment_count++] = (struct moment){b->stop_ns, RANK_BAND_STOP, i};
        }
    }
    qsort(t->moments, t->moment_count, sizeof(*t->moments), by_moment);
}

static double gap_px(int64_t wait_ns)
{
    return 1 + 1.5 * log10(1 + (double)wait_ns / 1e5);
}

struct cursor {
    int64_t now_ns;
    double now_y;  /* where this moment begins */
    double lowest; /* the lowest place taken so far */
    double ended;  /* where the lowest completed bar ends: what begins later stands below */
    double column_free[COLUMNS_MAX];
};

static void place_moment(struct timeline *t, struct cursor *c, const struct moment *m)
{
    if (m->t_ns > c->now_ns) {
        c->now_y = c->lowest + gap_px(m->t_ns - c->now_ns);
        c->now_ns = m->t_ns;
    }
    if (m->rank == RANK_BAND_START) {
        t->band_top[m->of] = c->now_y;
        c->lowest = fmax(c->lowest, c->now_y + 14);
    } else if (m->rank == RANK_BAND_STOP) {
        t->band_bottom[m->of] = fmax(c->now_y, t->band_top[m->of] + 3);
    } else if (m->rank == RANK_INVOKE) {
        struct bar *bar = &t->bars[m->of];

        bar->top = fmax(fmax(c->now_y, c->ended), c->column_free[bar->column]);
        c->lowest = fmax(c->lowest, bar->top);
    } else {
        struct bar *bar = &t->bars[m->of];

        bar->bottom = fmax(bar->top + BAR_PX, c->now_y);
        c->column_free[bar->column] = bar->bottom + 2;
        c->ended = fmax(c->ended, bar->bottom + 1);
        c->lowest = fmax(c->lowest, bar->bottom + 1);
    }
}

static void place_all(struct timeline *t)
{
    struct cursor c = {.now_y = 8, .lowest = 8};

    for (uint32_t i = 0; i < t->moment_count; i++)
        place_moment(t, &c, &t->moments[i]);
    t->height = c.lowest + 40;
}

static const char page_style[] =
    ":root{color-scheme:light dark;--bg:#fff;--ink:#1d2530;--dim:#5a6675;--rule:#e4e8ed;"
    "--ok:#dcebf9;--ok-edge:#1a6fb5;--fail:#fbe0e6;--fail-edge:#b01850;--info:#fdf0cf;"
    "--info-edge:#8a6100;--fault:#d99a1c1f;--fault-edge:#d99a1c;--fault-ink:#7a5200}"
    "@media(prefers-color-scheme:dark){:root{--bg:#14181d;--ink:#e2e7ee;--dim:#9aa5b2;"
    "--rule:#272e37;--ok:#16324a;--ok-edge:#5fb0f0;--fail:#4a1c2b;--fail-edge:#ff8fae;"
    "--info:#42350f;--info-edge:#e8c25a;--fault:#e8b44f22;--fault-edge:#e8b44f;"
    "--fault-ink:#eec87c}}"
    "*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--ink);font:14px/1.45 "
    "system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','DejaVu Sans',sans-serif}"
    "header{padding:20px 24px 8px;max-width:80em;position:sticky;left:0}"
    "h1{font-size:20px;margin:0 0 4px}p{margin:0 0 6px;color:var(--dim)}"
    "fieldset{border:0;padding:0;margin:8px 0 0;display:flex;gap:18px}"
    "label{display:flex;gap:6px;align-items:center}"
    ".key{width:14px;height:14px;border-radius:3px;border-left:3px solid}"
    ".heads{position:sticky;top:0;z-index:3;background:var(--bg);height:30px;border-bottom:1px "
    "solid var(--rule)}.heads span{position:absolute;top:6px;font-weight:600;font-size:12px}"
    "main{position:relative;margin-bottom:9em}"
    ".o{position:absolute;width:182px;padding:0 6px;border:0;border-left:3px solid;border-radius:"
    "3px;font:inherit;font-size:12px;line-height:18px;color:inherit;text-align:left;overflow:"
    "hidden;"
    "white-space:nowrap;text-overflow:ellipsis;display:flex;align-items:flex-start;cursor:default}"
    ".ok{background:var(--ok);border-color:var(--ok-edge)}"
    ".fail{background:var(--fail);border-color:var(--fail-edge)}"
    ".info{background:var(--info);border-color:var(--info-edge);border-left-style:dashed}"
    ".o:hover,.o:focus{outline:2px solid var(--ink);outline-offset:1px;z-index:2}"
    ".b{position:absolute;left:0;background:var(--fault);border-left:4px solid var(--fault-edge)}"
    ".b span{position:sticky;left:8px;font-size:11px;line-height:14px;color:var(--fault-ink);"
    "display:block;width:74px;overflow:hidden;text-overflow:ellipsis}"
    ".t{position:absolute;left:0;width:76px;text-align:right;font-size:11px;line-height:14px;"
    "color:var(--dim);font-variant-numeric:tabular-nums}"
    "#full{position:fixed;z-index:4;left:0;right:0;bottom:0;max-height:34vh;overflow:auto;margin:0;"
    "padding:10px 24px 12px;background:var(--bg);border-top:1px solid var(--rule);white-space:"
    "pre-wrap;overflow-wrap:anywhere;font:12.5px/1.45 ui-monospace,'DejaVu Sans Mono',monospace}"
    ".key.info{border-left-style:solid}.no-ok .ok.o,.no-fail .fail.o,.no-info "
    ".info.o{display:none}";

static const char page_script[] =
    "const main=document.querySelector('main'),full=document.getElementById('full');"
    "const bars=[...main.querySelectorAll('.o')],column=b=>b.offsetLeft;"
    "function show(b){full.textContent=b.title}"
    "function "
    "focus(b){if(!b)return;bars.forEach(x=>{if(x.tabIndex===0)x.tabIndex=-1});b.tabIndex=0;"
    "b.focus();show(b)}"
    "function near(b,way){const x=column(b);let best=null,cost=Infinity;for(const o of bars){"
    "const dx=column(o)-x,dy=o.offsetTop-b.offsetTop;if(!o.offsetParent)continue;let c;"
    "if(way==='ArrowDown')c=dx===0&&dy>0?dy:Infinity;else if(way==='ArrowUp')c=dx===0&&dy<0?-dy:"
    "Infinity;else c=(way==='ArrowRight'?dx>0:dx<0)?Math.abs(dx)*1e4+Math.abs(dy):Infinity;"
    "if(c<cost){cost=c;best=o}}return best}"
    "main.addEventListener('keydown',e=>{if(e.key.startsWith('Arrow')&&e.target.matches('.o')){"
    "e.preventDefault();focus(near(e.target,e.key))}});"
    "main.addEventListener('mouseover',e=>{const b=e.target.closest('.o');if(b)show(b)});"
    "main.addEventListener('click',e=>{const b=e.target.closest('.o');if(b)focus(b)});"
    "main.addEventListener('focusin',e=>{if(e.target.matches('.o'))show(e.target)});"
    "document.querySelectorAll('input').forEach(i=>i.addEventListener('change',()=>"
    "main.classList.toggle('no-'+i.value,!i.checked)));";

static void add_head(struct timeline *t)
{
    static const char *const outcomes[][2] = {
        {"ok", "ok"}, {"fail", "fail: did not happen"}, {"info", "info: may have happened"}};
    struct buf *out = &t->out;
    char shown[COUNT_TEXT_MAX], all[COUNT_TEXT_MAX];

    buf_add_text(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>"
                      "<meta name=\"viewport\" content=\"width=device-width\"/><title>Timeline: ");
    xml_text(out, str_of(t->view->title));
    buf_addf(out, "</title>\n<style>%s</style></head>\n<body><header><h1>Timeline: ", page_style);
    xml_cut(out, str_of(t->view->title), 120);
    buf_add_text(out,
                 "</h1>\n<p>What each client process asked and got. Time runs downward, not to "
                 "scale; bars that overlap were concurrent. Point at a bar, or move with the "
                 "arrow keys, to read it in full.</p>\n");
    if (t->bar_count < t->series.span_count)
        buf_addf(out, "<p>%s of %s operations are shown; the rest is in history.jsonl.</p>\n",
                 count_text(t->bar_count, shown), count_text(t->series.span_count, all));
    else
        buf_addf(out, "<p>All %s operations.</p>\n", count_text(t->bar_count, shown));
    buf_add_text(out, "<fieldset aria-label=\"Outcomes to show\">");
    for (size_t i = 0; i < 3; i++)
        buf_addf(out,
                 "<label><input type=\"checkbox\" checked=\"checked\" value=\"%s\"/><span "
                 "class=\"key %s\"></span>%s</label>",
                 outcomes[i][0], outcomes[i][0], outcomes[i][1]);
    buf_add_text(out, "</fieldset></header>\n");
}

/* A column is named by its first process; others that came to share it are in the bars. */
static void add_column_heads(struct timeline *t)
{
    uint32_t named = 0;

    buf_addf(&t->out, "<div class=\"heads\" style=\"width:%upx\">",
             LEFT_PX + t->column_count * COLUMN_PX);
    for (uint32_t i = 0; i < t->bar_count && named < t->column_count; i++)
        if (t->bars[i].column == named)
            buf_addf(&t->out, "<span style=\"left:%upx\">process %d</span>",
                     LEFT_PX + named++ * COLUMN_PX, t->bars[i].span.invoke->process);
    buf_add_text(&t->out, "</div>\n");
}

static void add_bands(struct timeline *t)
{
    char from[TIME_TEXT_MAX], to[TIME_TEXT_MAX];

    for (uint32_t i = 0; i < t->story->band_count; i++) {
        const struct story_band *b = &t->story->bands[i];

        if (t->band_bottom[i] <= 0)
            continue;
        buf_addf(&t->out, "<div class=\"b\" style=\"top:%.0fpx;height:%.0fpx;width:%upx\" title=\"",
                 t->band_top[i], t->band_bottom[i] - t->band_top[i],
                 LEFT_PX + t->column_count * COLUMN_PX);
        xml_text(&t->out, b->kind);
        buf_add_text(&t->out, " ");
        xml_text(&t->out, b->text);
        buf_addf(&t->out, ", from %s to %s\"><span>", time_text(b->start_ns, from),
                 time_text(b->stop_ns, to));
        xml_label(&t->out, b->kind, 20);
        buf_add_text(&t->out, "</span></div>\n");
    }
}

static void add_values(struct buf *out, const struct span *span, size_t max)
{
    const struct op *done = span->completion;
    bool asked = !str_is(span->invoke->value, "null") && span->invoke->value.len > 0;

    if (asked) {
        buf_add_text(out, " ");
        xml_cut(out, span->invoke->value, max);
    }
    if (done != NULL && !str_eq(done->value, span->invoke->value) && done->value.len > 0) {
        buf_add_text(out, " → ");
        xml_cut(out, done->value, max);
    }
}

static void add_detail(struct timeline *t, const struct span *span)
{
    char from[TIME_TEXT_MAX], to[TIME_TEXT_MAX], took[TIME_TEXT_MAX];
    size_t max = t->detail_bytes < DETAIL_BYTES_MAX ? VALUE_MAX : 40;
    size_t before = t->out.len;
    int32_t node = span->invoke->node;

    xml_cut(&t->out, series_name(&t->series, span->series), 60);
    add_values(&t->out, span, max);
    buf_addf(&t->out, "\n%s, process %d", op_type_text(span->outcome), span->invoke->process);
    if (node >= 0 && (uint32_t)node < t->view->node_count) {
        buf_add_text(&t->out, ", node ");
        xml_cut(&t->out, str_of(t->view->node_names[node]), 40);
    }
    buf_addf(&t->out, "\nfrom %s ", time_text(span->start_ns, from));
    if (span->completion == NULL)
        buf_add_text(&t->out, "and never completed");
    else
        buf_addf(&t->out, "to %s: took %s", time_text(span->end_ns, to),
                 time_text(span->end_ns - span->start_ns, took));
    if (span->completion != NULL && span->completion->error.len > 0) {
        buf_add_text(&t->out, "\nerror: ");
        xml_cut(&t->out, span->completion->error, max);
    }
    t->detail_bytes += t->out.len - before;
}

static void add_bar(struct timeline *t, const struct bar *bar, bool is_first)
{
    buf_addf(&t->out,
             "<button type=\"button\" class=\"o %s\" tabindex=\"%d\" style=\"left:%upx;top:%.0fpx;"
             "height:%.0fpx\" title=\"",
             op_type_text(bar->span.outcome), is_first ? 0 : -1, LEFT_PX + bar->column * COLUMN_PX,
             bar->top, bar->bottom - bar->top);
    add_detail(t, &bar->span);
    buf_add_text(&t->out, "\">");
    xml_label(&t->out, series_name(&t->series, bar->span.series), 30);
    add_values(&t->out, &bar->span, BAR_TEXT_MAX / 2);
    buf_add_text(&t->out, "</button>\n");
}

static void add_times(struct timeline *t)
{
    char text[TIME_TEXT_MAX];
    double last = -100;

    for (uint32_t i = 0; i < t->bar_count; i++) {
        if (t->bars[i].top < last + 36)
            continue;
        last = t->bars[i].top;
        buf_addf(&t->out, "<div class=\"t\" style=\"top:%.0fpx\">%s</div>", last + 2,
                 time_text(t->bars[i].span.start_ns, text));
    }
}

static void add_page(struct timeline *t)
{
    add_head(t);
    add_column_heads(t);
    buf_addf(&t->out, "<main style=\"height:%.0fpx;width:%upx\">\n", t->height,
             LEFT_PX + t->column_count * COLUMN_PX);
    add_bands(t);
    add_times(t);
    for (uint32_t i = 0; i < t->bar_count; i++)
        add_bar(t, &t->bars[i], i == 0);
    if (t->bar_count == 0)
        buf_add_text(&t->out, "<p style=\"padding:8px 24px\">No operations.</p>");
    buf_addf(&t->out,
             "</main>\n<pre id=\"full\" aria-live=\"polite\">Point at an operation, or press Tab "
             "and the arrow keys.</pre>\n<script>%s%s%s</script>\n</body></html>\n",
             "/*<![CDATA[*/", page_script, "/*]]>*/");
}

int timeline_html_write(const struct run_view *view, const struct story *story, const char *path,
                        struct err *err)
{
    struct timeline t = {.view = view, .story = story};
    int status;

    series_init(&t.series, view->history, view->end_ns);
    t.band_top = mem_zalloc((story->band_count + 1) * sizeof(*t.band_top));
    t.band_bottom = mem_zalloc((story->band_count + 1) * sizeof(*t.band_bottom));
    collect(&t);
    give_columns(&t);
    collect_moments(&t);
    place_all(&t);
    add_page(&t);
    status = file_write(path, buf_str(&t.out), err);
    mem_free(t.bars);
    mem_free(t.moments);
    mem_free(t.band_top);
    mem_free(t.band_bottom);
    buf_release(&t.out);
    return status;
}
