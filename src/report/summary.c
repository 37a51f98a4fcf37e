#include "summary.h"

#include "evidence_svg.h"
#include "steps_text.h"
#include "window.h"
#include "xml.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    LABEL_WIDTH = 14,    /* of the column on the left */
    NAME_BYTES_MAX = 24, /* of a function's name */
    LIST_MAX = 8,        /* of a list in one line */
    SENTENCE_MAX = 1000,
};

/* Text of strangers: control characters (C0, DEL, C1) become '?', newlines blanks. */
void summary_add_safe(struct buf *out, const char *text, size_t bytes_max)
{
    size_t len = strlen(text);

    for (size_t i = 0; i < len && i < bytes_max; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c == 0xc2 && ((unsigned char)text[i + 1] & 0xe0) == 0x80) {
            buf_add_char(out, '?');
            i++;
        } else {
            buf_add_char(out, c == '\n' || c == '\t' ? ' ' : c < 0x20 || c == 0x7f ? '?' : (char)c);
        }
    }
    if (len > bytes_max)
        buf_add_text(out, "...");
}

static void add_label(struct buf *out, const char *label)
{
    buf_addf(out, "  %-*s", LABEL_WIDTH, label);
}

static void add_count(struct buf *out, const json_t *count)
{
    char text[COUNT_TEXT_MAX];
    json_int_t value = json_integer_value(count);

    buf_add_text(out, count_text(value < 0 ? 0 : (uint64_t)value, text));
}

static void add_verdict(const struct summary_view *view, struct buf *out)
{
    const json_t *valid = json_object_get(view->results, "valid?");
    const char *sentence = json_string_value(json_object_get(view->results, "sentence"));
    const char *word = json_is_true(valid) ? "valid" : json_is_false(valid) ? "INVALID" : "UNKNOWN";
    const char *colour = json_is_true(valid)    ? "\x1b[1;32m"
                         : json_is_false(valid) ? "\x1b[1;31m"
                                                : "\x1b[1;33m";

    buf_addf(out, "%s%s%s", view->is_terminal ? colour : "", word,
             view->is_terminal ? "\x1b[0m" : "");
    if (sentence != NULL && !json_is_true(valid)) {
        buf_add_text(out, ": ");
        summary_add_safe(out, sentence, SENTENCE_MAX);
    }
    buf_add_text(out, "\n\n");
}

/* A latency in ms, with three digits that matter; "-" where nothing came out ok. */
static void add_latency(struct buf *out, const json_t *by_f, const char *quantile)
{
    const json_t *ms =
        json_object_get(json_object_get(json_object_get(by_f, "ok"), "latencies"), quantile);
    char text[TIME_TEXT_MAX];

    /* Bytes and columns differ where a µ stands, so the width is counted by hand. */
    if (!json_is_number(ms))
        snprintf(text, sizeof(text), "-");
    else
        time_text(llround(json_number_value(ms) * 1e6), text);
    buf_addf(out, "%*s%s", 11 - (int)strlen(text) + (strstr(text, "µ") != NULL), "", text);
}

static void add_row(struct buf *out, const char *name, const json_t *tally, const json_t *perf)
{
    static const char *const keys[] = {"count", "ok-count", "fail-count", "info-count"};

    struct buf label = {0};

    summary_add_safe(&label, name, NAME_BYTES_MAX);
    buf_addf(out, "    %-*s", LABEL_WIDTH - 2, label.data == NULL ? "?" : label.data);
    buf_release(&label);
    for (size_t i = 0; i < 4; i++) {
        struct buf count = {0};

        add_count(&count, json_object_get(tally, keys[i]));
        buf_addf(out, "%9s", count.data);
        buf_release(&count);
    }
    if (perf != NULL) {
        add_latency(out, perf, "0.5");
        add_latency(out, perf, "1");
    }
    buf_add_char(out, '\n');
}

static void add_operations(const struct summary_view *view, struct buf *out)
{
    const json_t *stats = json_object_get(view->results, "stats");
    json_t *by_f = json_object_get(stats, "by-f");
    const json_t *latencies = json_object_get(json_object_get(view->results, "perf"), "latencies");
    const char *name;
    json_t *tally;

    if (json_object_size(by_f) == 0)
        return;
    add_label(out, "operations");
    buf_addf(out, "%9s%9s%9s%9s%11s%11s\n", "count", "ok", "fail", "info", "median", "slowest");
    json_object_foreach(by_f, name, tally)
        add_row(out, name, tally, json_object_get(latencies, name));
    if (json_object_size(by_f) > 1)
        add_row(out, "all", stats, NULL);
}

static void add_availability(const struct summary_view *view, struct buf *out)
{
    const json_t *availability = json_object_get(view->results, "availability");
    const json_t *fraction = json_object_get(availability, "ok-fraction");
    double share = json_number_value(fraction);

    if (!json_is_number(fraction))
        return;
    add_label(out, "availability");
    /* Rounding must not turn almost all into all. */
    buf_addf(out, "%.4g %% of the operations were ok", share < 1 ? fmin(share * 100, 99.99) : 100);
    if (json_is_false(json_object_get(availability, "valid?")))
        buf_add_text(out, ", less than was asked for");
    buf_add_char(out, '\n');
}

static void add_net_part(struct buf *out, const json_t *part, const char *name)
{
    const json_t *per_op = json_object_get(part, "msgs-per-op");

    buf_addf(out, ", %s ", name);
    add_count(out, json_object_get(part, "msg-count"));
    if (json_is_number(per_op))
        buf_addf(out, " (%.3g for each operation)", json_number_value(per_op));
}

static void add_messages(const struct summary_view *view, struct buf *out)
{
    const json_t *net = json_object_get(view->results, "net");
    json_t *dropped = json_object_get(net, "dropped");
    const char *reason, *between = ", lost ";
    json_t *count;

    if (net == NULL)
        return;
    add_label(out, "messages");
    add_count(out, json_object_get(json_object_get(net, "all"), "msg-count"));
    add_net_part(out, json_object_get(net, "clients"), "clients");
    add_net_part(out, json_object_get(net, "servers"), "servers");
    json_object_foreach(dropped, reason, count)
    {
        buf_add_text(out, between);
        add_count(out, count);
        buf_addf(out, " (%s)", reason);
        between = ", ";
    }
    buf_add_char(out, '\n');
}

static const struct {
    const char *key, *text;
    bool is_bad; /* said only where it is not 0 */
} figures[] = {
    {"attempt-count", "attempted", false},
    {"attempted-count", "attempted", false},
    {"acknowledged-count", "acknowledged", false},
    {"stable-count", "stable", false},
    {"final-reads-count", "final reads", false},
    {"stale-count", "stale for a while", true},
    {"never-read-count", "never read", true},
    {"lost-count", "lost", true},
    {"lost-on-node-count", "missing on some node", true},
    {"duplicated-count", "duplicated", true},
    {"malformed-reads-count", "malformed reads", true},
    {"malformed-adds-count", "malformed adds", true},
    {"error-count", "errors", true},
};

/* Texts or numbers of a list, LIST_MAX at most. */
static void add_list(struct buf *out, const char *words, const json_t *list)
{
    size_t len = json_array_size(list);

    buf_add_text(out, words);
    for (size_t i = 0; i < len && i < LIST_MAX; i++) {
        const json_t *element = json_array_get(list, i);

        buf_add_text(out, i == 0 ? " " : ", ");
        if (json_is_string(element))
            summary_add_safe(out, json_string_value(element), 60);
        else if (json_is_integer(element))
            buf_add_i64(out, json_integer_value(element));
        else
            buf_add_text(out, "(see results.json)");
    }
    if (len > LIST_MAX)
        buf_addf(out, " and %zu more", len - LIST_MAX);
}

static void add_stable_latencies(struct buf *out, const json_t *latencies)
{
    static const char *const quantiles[][2] = {
        {"0.5", "median"}, {"0.95", "95 %"}, {"1", "slowest"}};
    const char *between = "stable after ";

    for (size_t i = 0; i < 3; i++) {
        const json_t *ms = json_object_get(latencies, quantiles[i][0]);
        char text[TIME_TEXT_MAX];

        if (!json_is_number(ms))
            continue;
        buf_addf(out, "%s%s (%s)", between, time_text(llround(json_number_value(ms) * 1e6), text),
                 quantiles[i][1]);
        between = ", ";
    }
}

/* The key figures of one checker's details; nothing is appended if it has none that we know. */
static void add_figures(struct buf *out, const json_t *details)
{
    const char *between = "";
    struct buf part = {0};

    for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]) + 3; i++) {
        size_t extra = i - sizeof(figures) / sizeof(figures[0]);

        buf_reset(&part);
        if (i < sizeof(figures) / sizeof(figures[0])) {
            const json_t *count = json_object_get(details, figures[i].key);

            if (json_is_integer(count) && (!figures[i].is_bad || json_integer_value(count) > 0)) {
                add_count(&part, count);
                buf_addf(&part, " %s", figures[i].text);
            }
        } else if (extra == 0) {
            add_stable_latencies(&part, json_object_get(details, "stable-latencies"));
        } else {
            const json_t *list =
                json_object_get(details, extra == 1 ? "anomaly-types" : "failures");

            if (json_array_size(list) > 0)
                add_list(&part, extra == 1 ? "anomalies:" : "not linearizable: keys", list);
        }
        if (part.len > 0) {
            buf_add_text(out, between);
            buf_add_str(out, buf_str(&part));
            between = ", ";
        }
    }
    buf_release(&part);
}

static void add_checker(struct buf *out, const char *name, const json_t *details)
{
    struct buf text = {0};

    add_figures(&text, details);
    if (text.len > 0) {
        struct buf label = {0};

        summary_add_safe(&label, name, NAME_BYTES_MAX);
        add_label(out, label.data == NULL ? "" : label.data);
        if (label.len >= LABEL_WIDTH)
            buf_add_char(out, ' ');
        buf_add_str(out, buf_str(&text));
        buf_add_char(out, '\n');
        buf_release(&label);
    }
    buf_release(&text);
    if (json_object_get(details, "window") != NULL) {
        buf_add_text(out, "  ");
        window_text(details, out);
    }
}

/* One checker's details stand in "workload" as they are; several stand there under their names. */
static void add_workload(const struct summary_view *view, struct buf *out)
{
    json_t *workload = json_object_get(view->results, "workload");
    const char *name;
    json_t *member;

    add_checker(out, "workload", workload);
    json_object_foreach(workload, name, member) if (json_object_get(member, "valid?") != NULL)
        add_checker(out, name, member);
}

enum { NOTES_SHOWN = 3, NOTE_BYTES_MAX = 300 };

/* The seed, which repeats the run, what the run took, and what is worth knowing about it. */
static void add_run(const struct summary_view *view, struct buf *out)
{
    const json_t *run = json_object_get(view->results, "run");
    const char *clock = json_string_value(json_object_get(run, "clock"));
    const json_t *notes = json_object_get(run, "notes");
    json_int_t count = json_integer_value(json_object_get(run, "note-count"));
    json_t *cost = json_object_get(run, "cost");
    char end[DURATION_TEXT_MAX];
    char wall[DURATION_TEXT_MAX];

    if (clock == NULL)
        return;
    duration_text(json_integer_value(json_object_get(run, "end-ns")), end);
    duration_text(json_integer_value(json_object_get(cost, "wall-ns")), wall);
    add_label(out, "run");
    buf_addf(out, "seed %" JSON_INTEGER_FORMAT ", %s on the %s clock, took %s\n",
             json_integer_value(json_object_get(run, "seed")), end, clock, wall);
    for (size_t i = 0; i < json_array_size(notes) && i < NOTES_SHOWN; i++) {
        add_label(out, i == 0 ? "notes" : "");
        summary_add_safe(out, json_string_value(json_array_get(notes, i)), NOTE_BYTES_MAX);
        buf_add_char(out, '\n');
    }
    if (count > NOTES_SHOWN) {
        add_label(out, "");
        buf_addf(out, "and %" JSON_INTEGER_FORMAT " more in the journal\n", count - NOTES_SHOWN);
    }
}

static bool has_evidence_picture(const struct summary_view *view)
{
    struct buf picture = {0};
    bool drawn = evidence_svg(json_object_get(view->results, "workload"), &picture);

    buf_release(&picture);
    return drawn;
}

static void add_files(const struct summary_view *view, struct buf *out)
{
    if (view->folder == NULL)
        return;
    add_label(out, "files");
    buf_add_text(out, view->folder);
    buf_add_char(out, '\n');
    add_label(out, "");
    buf_addf(out, "results.json, history.jsonl, journal.jsonl.zst, node-logs/%s\n",
             view->has_pictures ? "; to look at:" : "");
    if (view->has_pictures) {
        add_label(out, "");
        buf_addf(out, "report.html, %smessages.svg, timeline.html, latency.svg, rate.svg\n",
                 has_evidence_picture(view) ? "evidence.svg, " : "");
    }
}

void summary_text(const struct summary_view *view, struct buf *out)
{
    const json_t *steps = json_object_get(view->results, "steps");

    add_verdict(view, out);
    if (steps != NULL) {
        steps_text(steps, out);
        buf_add_char(out, '\n');
    }
    add_operations(view, out);
    add_availability(view, out);
    add_messages(view, out);
    add_workload(view, out);
    add_run(view, out);
    add_files(view, out);
}
