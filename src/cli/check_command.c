/* eddy check: a history from anywhere in, a verdict out. */
#include "commands.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/flags.h"
#include "../base/mem.h"
#include "../check/checker.h"
#include "../check/history.h"
#include "../check/import.h"
#include "../check/keyed_check.h"
#include "../check/named_model.h"
#include "../check/verdict.h"
#include "../report/evidence.h"
#include "../report/evidence_svg.h"
#include "../report/pictures.h"
#include "../report/window.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum option {
    OPT_MODEL,
    OPT_FORMAT,
    OPT_CONSISTENCY,
    OPT_KEYED,
    OPT_BUDGET,
    OPT_OPTION,
    OPT_MAELSTROM,
    OPT_JSON,
    OPT_SVG,
    OPT_HELP,
};

static const struct flag table[] = {
    [OPT_MODEL] =
        {"model", 'm', "NAME",
         "what it is a history of; \"list\" shows the names [guessed from the operations]"},
    [OPT_FORMAT] = {"format", 'f', "json|edn|log",
                    "how the file is written [seen from its beginning]"},
    [OPT_CONSISTENCY] = {"consistency-models", 0, "NAME[,NAME]",
                         "what it must keep to, as serializable or sequential [the strictest]"},
    [OPT_KEYED] = {"keyed", 0, "yes|no",
                   "whether values are [key, value], each key on its own [seen from the values]"},
    [OPT_BUDGET] = {"budget", 0, "STEPS", "of search before the answer is unknown [50000000]"},
    [OPT_OPTION] = {"option", 'o', "NAME=VALUE",
                    "an option of the checker, as total=100; docs/checkers.md lists them"},
    [OPT_MAELSTROM] = {"maelstrom-verdict", 0, NULL,
                       "judge by Maelstrom's rules where ours are stricter"},
    [OPT_JSON] = {"json", 0, NULL, "print the whole verdict as JSON, for programs"},
    [OPT_SVG] = {"svg", 0, "FILE", "where to draw why it is invalid"},
    [OPT_HELP] = {"help", 'h', NULL, "this list"},
    {NULL, 0, NULL, NULL},
};

struct check_options {
    const char *path; /* borrowed from the command line, like all texts */
    const char *model;
    const char *consistency;
    const char *keyed;
    const char *svg;
    enum import_format format;
    double budget;   /* 0: the checker's own */
    json_t *options; /* the checker's, by --option; NULL: none. Ours */
    bool maelstrom_verdict, json, help;
};

static int parse_budget(const char *text, double *ret, struct err *err)
{
    char *end;
    double budget = strtod(text, &end);

    if (end == text || *end != '\0' || !isfinite(budget) || budget < 1)
        return err_set(err, ERR_INPUT, "--budget must be a number of steps, 1 or more, not \"%s\"",
                       text);
    *ret = budget;
    return 0;
}

/* "total=100", "initial={\"x\":0}", "guarantees=monotonic-reads": what is no JSON is a text. */
static int parse_checker_option(const char *text, json_t **options, struct err *err)
{
    size_t len = strcspn(text, "=");
    json_t *value;

    if (len == 0 || text[len] == '\0')
        return err_set(err, ERR_INPUT, "--option must be NAME=VALUE, not \"%s\"", text);
    value = json_loads(text + len + 1, JSON_DECODE_ANY, NULL);
    if (value == NULL)
        value = json_string(text + len + 1);
    if (value == NULL)
        return err_set(err, ERR_INPUT, "the value of --option \"%.*s\" is not UTF-8", (int)len,
                       text);
    if (*options == NULL)
        *options = json_object();
    if (json_object_setn_new(*options, text, len, value) < 0)
        return err_set(err, ERR_INPUT, "the name of --option is not UTF-8");
    return 0;
}

static int take_option(struct check_options *o, int option, const char *value, struct err *err)
{
    switch (option) {
    case OPT_MODEL:
        o->model = value;
        return 0;
    case OPT_FORMAT:
        if (!import_format_find(value, &o->format))
            return err_set(err, ERR_INPUT, "--format must be json, edn or log, not \"%s\"", value);
        return 0;
    case OPT_CONSISTENCY:
        o->consistency = value;
        return 0;
    case OPT_KEYED:
        if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
            return err_set(err, ERR_INPUT, "--keyed must be yes or no, not \"%s\"", value);
        o->keyed = value;
        return 0;
    case OPT_BUDGET:
        return parse_budget(value, &o->budget, err);
    case OPT_OPTION:
        return parse_checker_option(value, &o->options, err);
    case OPT_MAELSTROM:
        o->maelstrom_verdict = true;
        return 0;
    case OPT_JSON:
        o->json = true;
        return 0;
    case OPT_SVG:
        o->svg = value;
        return 0;
    case OPT_HELP:
        o->help = true;
        return 0;
    default: /* FLAGS_WORD */
        if (o->path != NULL)
            return err_set(err, ERR_INPUT, "it takes one file, but \"%s\" and \"%s\" were given",
                           o->path, value);
        o->path = value;
        return 0;
    }
}

static int parse(char *const *argv, struct check_options *o, struct err *err)
{
    struct flags flags;
    const char *value = NULL;
    int got;
    int status = 0;

    *o = (struct check_options){.path = NULL};
    flags_init(&flags, table, argv);
    while (status == 0 && (got = flags_next(&flags, &value, err)) != FLAGS_END)
        status = got < 0 && got != FLAGS_WORD ? got : take_option(o, got, value, err);
    if (status == 0 && o->path == NULL && !o->help &&
        (o->model == NULL || strcmp(o->model, "list") != 0))
        status =
            err_set(err, ERR_INPUT,
                    "which history? Usage: eddy check FILE [--model NAME]; - is standard input");
    return status;
}

static void print_help(void)
{
    printf(
        "Usage: eddy check FILE [OPTION]...\n\n"
        "Judges a history: eddy's history.jsonl, Jepsen's or Maelstrom's history.edn, a text log\n"
        "of Jepsen's, or a key-value log of Porcupine's. FILE may be the folder of a run, end in\n"
        ".zst, or be - for standard input. Exit status: 0 valid, 1 invalid, 2 unknown, 3 and 4\n"
        "if it could not be judged.\n\n");
    flags_print_help(table);
}

static void print_models(void)
{
    const struct named_model *m;
    size_t i;

    for (i = 0; (m = named_model_at(i)) != NULL; i++)
        if (checker_find(m->checker) != NULL)
            printf("%-22s %s\n", m->name, m->summary);
}

/* A folder stands for the history in it. */
static void find_file(const char *path, struct buf *out)
{
    struct stat st;

    buf_add_text(out, path);
    if (strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        buf_add_text(out, "/history.jsonl");
}

static int read_file(const char *path, struct buf *text, struct err *err)
{
    struct lines_reader *reader = NULL;
    struct str line;
    int status = lines_open(path, &reader, err);

    while (status >= 0 && (status = lines_next(reader, IMPORT_TEXT_MAX, &line, err)) > 0) {
        if (text->len + line.len >= IMPORT_TEXT_MAX) {
            status = err_set(err, ERR_FULL, "%s is longer than %d bytes", path, IMPORT_TEXT_MAX);
            break;
        }
        buf_add_str(text, line);
        buf_add_char(text, '\n');
    }
    lines_reader_close(reader);
    return status;
}

static bool has_option(const struct checker *c, const char *name)
{
    const struct checker_option *o;

    for (o = c->options; o != NULL && o->name != NULL; o++)
        if (strcmp(o->name, name) == 0)
            return true;
    return false;
}

/* What is to be judged, and how. */
struct judgement {
    struct buf path; /* of the history */
    struct imported in;
    const struct named_model *model;
    const struct checker *checker;
    json_t *options;
    bool is_guess, is_keyed;
    struct verdict verdict;
    bool is_judged;
};

static void judgement_release(struct judgement *j)
{
    if (j->is_judged)
        verdict_release(&j->verdict);
    json_decref(j->options);
    history_free(j->in.history);
    buf_release(&j->path);
}

static int choose_model(const struct check_options *o, struct judgement *j, struct err *err)
{
    j->is_guess = o->model == NULL;
    if (j->is_guess)
        return named_model_guess(j->in.history, &j->model, err);
    j->model = named_model_find(o->model);
    if (j->model == NULL)
        return err_set(err, ERR_INPUT, "there is no model \"%s\"; --model list shows what there is",
                       o->model);
    return named_model_suits(j->model, j->in.history, err);
}

/* "a, b" as a list of texts. */
static json_t *split_names(const char *names)
{
    json_t *list = json_array();

    while (*names != '\0') {
        size_t len = strcspn(names, ", ");
        if (len > 0)
            json_array_append_new(list, json_stringn(names, len));
        names += len;
        names += strspn(names, ", ");
    }
    return list;
}

/* --consistency-models: an option of the checkers of transactions; for objects, another checker
 * with the same option "model". */
static int choose_consistency(const char *names, struct judgement *j, struct err *err)
{
    const struct checker *other = checker_find(names);

    if (has_option(j->checker, "consistency_models")) {
        json_object_set_new(j->options, "consistency_models", split_names(names));
        return 0;
    }
    if (j->model->object == NULL || other == NULL || !has_option(other, "model"))
        return err_set(err, ERR_INPUT, "%s cannot be held against the consistency model \"%s\"",
                       j->model->name, names);
    j->checker = other;
    return 0;
}

static bool takes_texts(const struct checker *c, const char *name)
{
    const struct checker_option *o;

    for (o = c->options; o != NULL && o->name != NULL; o++)
        if (strcmp(o->name, name) == 0)
            return (o->kinds & OPTION_TEXTS) != 0;
    return false;
}

/* Those of --option count last. Names that the checker does not know are its own refusal. */
static void add_checker_options(const struct check_options *o, struct judgement *j)
{
    const char *name;
    json_t *value;

    json_object_foreach(o->options, name, value)
    {
        if (json_is_string(value) && takes_texts(j->checker, name))
            json_object_set_new(j->options, name, split_names(json_string_value(value)));
        else
            json_object_set(j->options, name, value);
    }
}

static int choose_checker(const struct check_options *o, struct judgement *j, struct err *err)
{
    int status = choose_model(o, j, err);

    if (status < 0)
        return status;
    j->checker = checker_find(j->model->checker);
    if (j->checker == NULL)
        return err_set(err, ERR_INPUT, "there is no checker for %s here", j->model->name);
    j->options = named_model_options(j->model, j->in.history, &j->is_keyed);
    if (o->consistency != NULL)
        status = choose_consistency(o->consistency, j, err);
    if (o->keyed != NULL)
        j->is_keyed = strcmp(o->keyed, "yes") == 0;
    if (has_option(j->checker, "keyed"))
        json_object_set_new(j->options, "keyed", json_boolean(j->is_keyed));
    if (o->budget > 0 && has_option(j->checker, "budget"))
        json_object_set_new(j->options, "budget", json_real(o->budget));
    if (o->maelstrom_verdict && has_option(j->checker, "maelstrom_verdict"))
        json_object_set_new(j->options, "maelstrom_verdict", json_true());
    add_checker_options(o, j);
    return status;
}

static const char *file_name(const struct judgement *j)
{
    return strcmp(j->path.data, "-") == 0 ? "standard input" : j->path.data;
}

static void print_json(const struct judgement *j)
{
    json_t *all = json_pack("{s:O, s:s, s:s, s:s, s:b, s:s, s:O, s:I, s:O}", "valid?",
                            json_object_get(j->verdict.details, "valid?"), "file", file_name(j),
                            "format", import_format_text(j->in.format), "model", j->model->name,
                            "guessed", (int)j->is_guess, "checker", j->checker->name, "options",
                            j->options, "event-count", (json_int_t)history_len(j->in.history),
                            "details", j->verdict.details);

    json_dumpf(all, stdout, JSON_INDENT(2));
    printf("\n");
    json_decref(all);
}

static void add_verdict(const struct verdict *v, struct buf *out)
{
    static const char *const words[] = {"valid", "UNKNOWN", "INVALID"};
    static const char *const colours[] = {"\x1b[1;32m", "\x1b[1;33m", "\x1b[1;31m"};
    bool is_terminal = isatty(STDOUT_FILENO);

    buf_addf(out, "%s%s%s", is_terminal ? colours[v->valid] : "", words[v->valid],
             is_terminal ? "\x1b[0m" : "");
    if (v->sentence != NULL && v->valid != VALID_TRUE)
        buf_addf(out, ": %s", v->sentence);
    buf_add_text(out, "\n\n");
}

static void add_way(const struct judgement *j, struct buf *out)
{
    const struct imported *in = &j->in;

    buf_addf(out, "  %-20s %s (%s), %u events\n", "history", file_name(j),
             import_format_text(in->format), history_len(in->history));
    buf_addf(out, "  %-20s %s%s%s%s%s\n", "judged as", j->model->name, j->is_keyed ? " by key" : "",
             strcmp(j->checker->name, j->model->name) != 0 ? ", " : "",
             strcmp(j->checker->name, j->model->name) != 0 ? j->checker->name : "",
             j->is_guess ? " (a guess from the operations; --model says otherwise)" : "");
    if (!in->has_times)
        buf_addf(out, "  %-20s the history has none; event n counts as n ms\n", "times");
    if (!in->has_invocations)
        buf_addf(out, "  %-20s the history has none; each completion got one just before it\n",
                 "invocations");
    if (in->renamed_count > 0)
        buf_addf(out, "  %-20s %u went on after an info event and got new numbers\n", "processes",
                 in->renamed_count);
    if (in->skipped_lines > 0)
        buf_addf(out, "  %-20s %u hold no operation\n", "lines", in->skipped_lines);
}

/* A value that nobody wrote may be the first one, which the history does not say. */
static void add_hint(const struct judgement *j, struct buf *out)
{
    const json_t *explanation = json_object_get(j->verdict.details, "explanation");
    json_t *value = json_object_get(explanation, "nobody-wrote");
    char *text = value != NULL && json_object_get(j->options, "initial") == NULL
                     ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT)
                     : NULL;

    if (text != NULL)
        buf_addf(out,
                 "  %-20s nobody wrote %s; if it was there from the first: --option 'initial=%s'\n",
                 "first value", text, text);
    free(text);
}

static void print_words(const struct judgement *j)
{
    struct buf text = {0};

    add_verdict(&j->verdict, &text);
    add_way(j, &text);
    add_hint(j, &text);
    evidence_text(j->verdict.details, j->verdict.sentence, &text);
    fwrite(text.data, 1, text.len, stdout);
    buf_release(&text);
}

static int run_checker(struct judgement *j, struct err *err)
{
    if (j->is_keyed && !has_option(j->checker, "keyed"))
        return keyed_check(j->checker, j->in.history, j->options, &j->verdict, err);
    return checker_run(j->checker, j->in.history, j->options, &j->verdict, err);
}

/* Of a run's folder the journal is there, too. Parts of a history have events of their own. */
static int join_journal(const struct check_options *o, struct judgement *j, struct err *err)
{
    bool is_cut = j->is_keyed && !has_option(j->checker, "keyed");
    struct run_view view = {.history = j->in.history};
    struct buf path = {0};
    int status = 0;

    buf_addf(&path, "%s/journal.jsonl.zst", o->path);
    view.journal_path = path.data;
    if (!is_cut && strcmp(o->path, j->path.data) != 0 && access(path.data, F_OK) == 0)
        status = window_add(j->verdict.details, &view, err);
    buf_release(&path);
    return status;
}

static int write_svg(const struct check_options *o, const struct judgement *j, struct err *err)
{
    struct buf picture = {0};
    int status = 0;

    if (o->svg != NULL && evidence_svg(j->verdict.details, &picture))
        status = file_write(o->svg, buf_str(&picture), err);
    else if (o->svg != NULL)
        fprintf(stderr,
                "eddy check: nothing to draw: no operation is shown to be wrong; %s is not "
                "written\n",
                o->svg);
    buf_release(&picture);
    return status;
}

static int judge(const struct check_options *o, struct judgement *j, struct err *err)
{
    struct buf text = {0};
    int status;

    find_file(o->path, &j->path);
    status = read_file(j->path.data, &text, err);
    if (status == 0) {
        status = import_history(buf_str(&text), o->format, &j->in, err);
        if (status < 0)
            err_wrap(err, "%s", file_name(j));
    }
    buf_release(&text);
    if (status == 0)
        status = choose_checker(o, j, err);
    if (status == 0)
        status = run_checker(j, err);
    j->is_judged = status == 0;
    if (status == 0)
        status = join_journal(o, j, err);
    if (status == 0)
        status = write_svg(o, j, err);
    return status;
}

static int exit_status(enum valid v)
{
    return v == VALID_TRUE ? EXIT_VALID : v == VALID_FALSE ? EXIT_INVALID : EXIT_UNKNOWN;
}

int check_command(char *const *argv)
{
    struct check_options o;
    struct judgement j = {.model = NULL};
    struct err err = {.text = ""};
    int status = parse(argv, &o, &err);

    if (status == 0 && o.help) {
        print_help();
        goto out;
    }
    if (status == 0 && o.model != NULL && strcmp(o.model, "list") == 0) {
        print_models();
        goto out;
    }
    mem_keep_freed(); /* a large history is read, turned into numbers, and let go */
    if (status == 0)
        status = judge(&o, &j, &err);
    if (status < 0) {
        fprintf(stderr, "eddy check: %s\n", err.text);
        status = status == ERR_MACHINE ? EXIT_MACHINE : EXIT_USAGE;
    } else {
        if (o.json)
            print_json(&j);
        else
            print_words(&j);
        status = exit_status(j.verdict.valid);
    }
    judgement_release(&j);
out:
    json_decref(o.options);
    return status;
}
