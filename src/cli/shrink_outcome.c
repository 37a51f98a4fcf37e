/* Everything that is said stands in one JSON object first; the words are read off it. */
#include "shrink_outcome.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/flags.h"
#include "../base/mem.h"
#include "../report/pictures.h"
#include "../report/run_files.h"
#include "../report/shrunk_files.h"
#include "../report/telling.h"
#include "../run/failure.h"
#include "../run/record.h"
#include "../run/run.h"
#include "../run/shrink.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- as JSON ---- */

static json_t *size_json(const struct candidate_size *s, uint64_t messages, int64_t end_ns)
{
    return json_pack("{s:i, s:i, s:i, s:i, s:i, s:i, s:I, s:I}", "operations", (int)s->operations,
                     "final", (int)s->final, "faults", (int)s->faults, "deviations",
                     (int)s->messages, "nodes", (int)s->nodes, "clients", (int)s->workers,
                     "messages", (json_int_t)messages, "end", (json_int_t)end_ns);
}

/* "the kill of n1 and n2 from 3 s on", "the partition (bridge) from 1 s on". That a fault began
 * with a message is told by the story. */
static void add_fault_words(const json_t *window, struct buf *out)
{
    const char *kind = json_string_value(json_object_get(window, "kind"));
    const json_t *plan = json_object_get(window, "plan");
    const json_t *shape = json_object_get(plan, "shape");
    const json_t *nodes = json_object_get(plan, "nodes");
    size_t len = strlen(kind), i;
    char time[DURATION_TEXT_MAX];
    const json_t *name;

    if (len > 4 && strcmp(kind + len - 4, "-cue") == 0)
        len -= 4;
    buf_addf(out, "the %.*s", (int)len, kind);
    if (json_is_string(shape) && strncmp(kind, "partition", len) == 0)
        buf_addf(out, " (%s)", json_string_value(shape));
    json_array_foreach(nodes, i, name)
        buf_addf(out, "%s%s", i == 0 ? " of " : " and ", json_string_value(name));
    buf_addf(out, " from %s on",
             duration_text(json_integer_value(json_object_get(window, "start")), time));
}

/* What would have been left out, in words. */
static void add_item_words(const char *list, const json_t *item, struct buf *out)
{
    char time[DURATION_TEXT_MAX];
    char *value;

    if (strcmp(list, "messages") == 0) {
        bool lost = json_is_true(json_object_get(item, "lost"));
        buf_addf(out, "the %s of %s %d from %s to %s", lost ? "loss" : "delay",
                 json_string_value(json_object_get(item, "type")),
                 (int)json_integer_value(json_object_get(item, "nth")),
                 json_string_value(json_object_get(item, "src")),
                 json_string_value(json_object_get(item, "dest")));
        return;
    }
    if (strcmp(list, "faults") == 0) {
        add_fault_words(item, out);
        return;
    }
    value = json_dumps(json_object_get(item, "value"), JSON_COMPACT | JSON_ENCODE_ANY);
    buf_addf(out, "the %s %s at %s", json_string_value(json_object_get(item, "f")),
             value != NULL ? value : "",
             duration_text(json_integer_value(json_object_get(item, "at")), time));
    free(value);
}

static const char *without_outcome(const struct shrink_without *w, const char *kind)
{
    if (!w->ran)
        return "untested";
    if (w->broken)
        return "broken";
    if (w->valid == VALID_TRUE)
        return "valid";
    if (w->valid == VALID_UNKNOWN)
        return "unknown";
    return w->kind != NULL && strcmp(w->kind, kind) == 0 ? "same" : "other";
}

static json_t *without_json(const struct shrink_result *r)
{
    json_t *list = json_array();
    uint32_t i;

    for (i = 0; i < r->without_count; i++) {
        const struct shrink_without *w = &r->without[i];
        const json_t *item = json_array_get(candidate_list(r->candidate, w->list), w->place);
        struct buf words = {0};

        add_item_words(w->list, item, &words);
        json_array_append_new(list, json_pack("{s:s, s:i, s:s%, s:s}", "of", w->list, "place",
                                              (int)w->place, "what", words.data, words.len,
                                              "outcome", without_outcome(w, r->kind)));
        buf_release(&words);
    }
    return list;
}

static json_t *all_json(const struct shrink_result *r, const char *old_dir,
                        const struct shrink_outcome *o, json_t *story)
{
    const json_t *decisions = json_object_get(r->candidate, "decisions");
    json_t *all;

    all = json_pack(
        "{s:s, s:s, s:s, s:s, s:O, s:O, s:O, s:i, s:O, s:I, s:f, s:{s:i, s:i}, s:o, s:o, s:o, s:o, "
        "s:b, "
        "s:b, s:b, s:b}",
        "from", old_dir, "folder", o->dir.data, "kind", r->kind, "sentence",
        o->run->sentence != NULL ? o->run->sentence : "", "operations",
        json_object_get(decisions, "operations"), "faults", json_object_get(decisions, "faults"),
        "messages", json_object_get(decisions, "messages"), "final", (int)r->after.final, "nodes",
        json_object_get(r->candidate, "nodes"), "runs_tried", (json_int_t)r->tried, "cpu_s",
        (double)r->cpu_ns / 1e9, "reproduced", "of", (int)r->repeats, "times", (int)r->reproduced,
        "before", size_json(&r->before, r->before_messages, r->before_end_ns), "after",
        size_json(&r->after, r->after_messages, r->after_end_ns), "story", story, "without",
        without_json(r), "stopped", (int)r->stopped, "late", (int)r->late, "drifts", (int)r->drifts,
        "fails_again", (int)o->fails_again);
    if (all != NULL && json_object_get(r->candidate, "seed") != NULL)
        json_object_set(all, "seed", json_object_get(r->candidate, "seed"));
    return all;
}

/* That the run which is kept fails as it should is seen, not believed. */
static bool fails_again(const struct run_config *config, const struct shrink_result *r,
                        const struct run_result *run)
{
    struct buf kind = {0};
    bool same = false;

    if (run->valid == VALID_FALSE) {
        failure_kind(config, run, &kind);
        same = str_is(buf_str(&kind), r->kind);
    }
    buf_release(&kind);
    return same;
}

/* ---- files ---- */

static int write_all(const json_t *all, const char *dir, struct err *err)
{
    char *text = json_dumps(all, JSON_INDENT(2));
    struct buf path = {0};
    int status;

    buf_addf(&path, "%s/shrink.json", dir);
    status = text != NULL ? file_write(path.data, str_of(text), err)
                          : err_set(err, ERR_MACHINE, "%s cannot be written as JSON", path.data);
    buf_release(&path);
    free(text);
    return status;
}

static int write_page(const struct run_view *view, json_t *results, const char *command,
                      const struct record *old, const char *old_dir, const struct shrink_outcome *o,
                      struct err *err)
{
    struct buf old_command = {0};
    struct shrunk_from from = {
        .dir = old_dir,
        .node_names = old->config.node_names,
        .node_count = old->config.node_count,
        .end_ns = old->end_ns,
    };
    int status;

    buf_add_text(&old_command, "eddy replay ");
    flags_add_word(&old_command, old_dir);
    from.command = old_command.data;
    status = shrunk_files_write(view, results, o->all, command, &from, o->dir.data, err);
    buf_release(&old_command);
    return status;
}

int shrink_outcome_write(const struct run_config *config, const struct record *old,
                         const char *old_dir, const struct shrink_result *result,
                         struct shrink_outcome *o, struct err *err)
{
    struct buf journal = {0};
    struct buf command = {0};
    struct run_view view = {
        .title = o->run->workload,
        .node_count = config->node_count,
        .node_names = config->node_names,
        .history = o->run->history,
        .end_ns = o->run->end_ns,
    };
    struct telling_config telling = {&view, config->latency_ns};
    json_t *results = NULL;
    json_t *story;
    int status;

    buf_addf(&journal, "%s/journal.jsonl.zst", o->dir.data);
    view.journal_path = journal.data;
    o->fails_again = fails_again(config, result, o->run);
    story = telling_json(&telling, err);
    buf_add_text(&command, "eddy replay ");
    flags_add_word(&command, o->dir.data);
    status =
        story != NULL ? run_files_write(config, o->run, command.data, &results, err) : ERR_MACHINE;
    if (status == 0) {
        o->all = all_json(result, old_dir, o, story);
        status = write_all(o->all, o->dir.data, err);
    }
    if (status == 0)
        status = write_page(&view, results, command.data, old, old_dir, o, err);
    json_decref(results);
    buf_release(&journal);
    buf_release(&command);
    return status;
}

void shrink_outcome_release(struct shrink_outcome *o)
{
    buf_release(&o->dir);
    run_result_free(o->run);
    json_decref(o->all);
}

/* ---- words ---- */

static int number(const json_t *o, const char *key)
{
    return (int)json_integer_value(json_object_get(o, key));
}

static const char *text(const json_t *o, const char *key)
{
    const char *t = json_string_value(json_object_get(o, key));

    return t != NULL ? t : "";
}

static void print_size(const char *label, const json_t *s)
{
    char time[DURATION_TEXT_MAX];

    printf("  %s  %d operations, %d last ones, %d faults, %d messages out of turn of %d, %d nodes, "
           "%d clients, %s\n",
           label, number(s, "operations"), number(s, "final"), number(s, "faults"),
           number(s, "deviations"), number(s, "messages"), number(s, "nodes"), number(s, "clients"),
           duration_text(json_integer_value(json_object_get(s, "end")), time));
}

static void print_story(const json_t *story)
{
    const json_t *step;
    char time[DURATION_TEXT_MAX];
    size_t i;

    json_array_foreach(story, i, step) printf(
        "  %3zu. %10s  %s\n", i + 1,
        duration_text(json_integer_value(json_object_get(step, "time")), time), text(step, "text"));
}

static void print_without(const json_t *list)
{
    static const char *const words[][2] = {
        {"valid", "it passes"},
        {"unknown", "it does not fail"},
        {"other", "it fails in another way"},
        {"same", "it fails all the same"},
        {"broken", "it cannot be run"},
        {"untested", "there was no time to try"},
    };
    const json_t *w;
    size_t i, k;

    json_array_foreach(list, i, w)
    {
        for (k = 0; strcmp(words[k][0], text(w, "outcome")) != 0; k++)
            ;
        printf("  without %s: %s\n", text(w, "what"), words[k][1]);
    }
}

void shrink_outcome_print(const struct shrink_outcome *o)
{
    const json_t *all = o->all;
    const json_t *reproduced = json_object_get(all, "reproduced");

    printf("invalid, %s\n  %s\n", text(all, "kind"), text(all, "sentence"));
    print_size("before", json_object_get(all, "before"));
    print_size("after ", json_object_get(all, "after"));
    printf("  %d runs tried; the result failed in this way in %d of %d repetitions\n",
           number(all, "runs_tried"), number(reproduced, "times"), number(reproduced, "of"));
    if (!o->fails_again)
        printf(
            "  the run that is kept did not fail in this way again: the program draws on something "
            "besides its seed\n");
    if (json_is_true(json_object_get(all, "stopped")))
        printf("  stopped by a signal: smaller runs may exist\n");
    if (json_is_true(json_object_get(all, "late")))
        printf("  the budget was over: smaller runs may exist; --budget gives more time\n");
    printf("\nWhat happened\n");
    print_story(json_object_get(all, "story"));
    printf("\nWhat it takes\n");
    print_without(json_object_get(all, "without"));
    printf("\n  repeat  eddy replay %s\n  files   %s\n", o->dir.data, o->dir.data);
}

void shrink_outcome_print_json(const struct shrink_outcome *o)
{
    json_dumpf(o->all, stdout, JSON_INDENT(2));
    printf("\n");
}
