/* eddy shrink: the smallest run that still fails in the same way, as a run of its own.
 *
 *     run.json --> shrink_run (many runs, in a folder that goes) --> the smallest, run once more
 *                                                                     into a folder of the store
 *
 * The folder is like any other: eddy replay repeats it, report.html shows it first and the run that
 * it came from second. shrink.json beside them says what was found out on the way. */
#include "commands.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/flags.h"
#include "../base/mem.h"
#include "../run/pool.h"
#include "../run/record.h"
#include "../run/run.h"
#include "../run/shrink.h"
#include "outcome.h"
#include "run_dir.h"
#include "shrink_outcome.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum option { OPT_BUDGET, OPT_JOBS, OPT_STORE, OPT_JSON, OPT_HELP };

static const struct flag table[] = {
    [OPT_BUDGET] = {"budget", 0, "TIME", "how long to look for smaller runs [60s]"},
    [OPT_JOBS] = {"jobs", 0, "N", "so many runs at a time [one for each processor]"},
    [OPT_STORE] = {"store", 0, "DIR", "where results are kept [store]"},
    [OPT_JSON] = {"json", 0, NULL, "print the result as JSON, for programs"},
    [OPT_HELP] = {"help", 'h', NULL, "this list"},
    {NULL, 0, NULL, NULL},
};

enum { JOBS_MAX = 256 };
static const int64_t SECOND = 1000000000;

struct request {
    const char *run; /* as typed; NULL: the newest */
    const char *store;
    int64_t budget_ns;
    uint32_t jobs;
    bool json;
    bool help;
};

static int take(int option, const char *value, struct request *q, struct err *err)
{
    int64_t number;

    switch (option) {
    case OPT_BUDGET:
        if (duration_parse(str_of(value), SECOND, &q->budget_ns) && q->budget_ns > 0)
            return 0;
        return err_set(err, ERR_INPUT,
                       "--budget %s: it must be a time above 0, in seconds or such as 90s", value);
    case OPT_JOBS:
        if (!str_to_i64(str_of(value), &number) || number < 1 || number > JOBS_MAX)
            return err_set(err, ERR_INPUT, "--jobs %s: it must be a whole number from 1 to %d",
                           value, JOBS_MAX);
        q->jobs = (uint32_t)number;
        return 0;
    case OPT_STORE:
        q->store = value;
        return 0;
    case OPT_JSON:
        q->json = true;
        return 0;
    case OPT_HELP:
        q->help = true;
        return 0;
    default: /* a word */
        if (q->run != NULL)
            return err_set(err, ERR_INPUT, "one run at a time; %s is one too many", value);
        q->run = value;
        return 0;
    }
}

static int parse(char *const *argv, struct request *ret_request, struct err *err)
{
    struct request q = {.store = "store", .budget_ns = 60 * SECOND, .jobs = pool_processors()};
    struct flags flags;
    const char *value;
    int got;

    flags_init(&flags, table, argv);
    while ((got = flags_next(&flags, &value, err)) != FLAGS_END) {
        if (got >= 0 || got == FLAGS_WORD)
            got = take(got, value, &q, err);
        if (got < 0)
            return got;
    }
    *ret_request = q;
    return 0;
}

/* ---- looking ---- */

static void show_progress(void *owner, const struct shrink_progress *p)
{
    (void)owner;
    fprintf(stderr, "\r\033[K%" PRIu64 " runs tried, now %s", p->tried, p->pass);
    if (p->size.nodes > 0)
        fprintf(stderr, "; so far %u operations, %u faults, %u messages, %u nodes",
                p->size.operations, p->size.faults, p->size.messages, p->size.nodes);
    fflush(stderr);
}

static int look(const struct request *q, const struct record *old, struct shrink_result *ret_result,
                struct err *err)
{
    bool terminal = isatty(STDERR_FILENO);
    struct buf dir = {0};
    struct err ignored;
    struct shrink_config config = {
        .run = &old->config,
        .digest = old->digest,
        .verdict = old->verdict,
        .jobs = q->jobs,
        .budget_ns = q->budget_ns,
        .progress = terminal ? show_progress : NULL,
    };
    int status;

    status = run_dir_for_many("shrink", &dir, err);
    if (status == 0) {
        config.dir = dir.data;
        status = shrink_run(&config, ret_result, err);
        file_remove_tree(dir.data, &ignored);
    }
    if (terminal)
        fprintf(stderr, "\r\033[K");
    buf_release(&dir);
    return status;
}

/* A run that cannot be had again may have another program now. */
static void blame_changes(const struct record *old, struct err *err)
{
    json_t *changes = record_changes(old);
    struct err why = *err;
    size_t i;
    const json_t *change;

    json_array_foreach(changes, i, change)
    {
        err_set(err, ERR_INPUT, "%s%s %s", why.text, i == 0 ? ". Note:" : ";",
                json_string_value(change));
        why = *err;
    }
    json_decref(changes);
}

/* ---- the result ---- */

static int run_smallest(const struct record *old, const char *old_dir,
                        const struct shrink_result *result, struct shrink_outcome *outcome,
                        struct err *err)
{
    struct run_config base = old->config;
    struct candidate_run run;
    int status;

    base.fail_fast = result->fail_fast;
    base.dir = outcome->dir.data;
    candidate_run_init(&run, &base, result->candidate);
    status = run_execute(run.config, &outcome->run, err);
    if (status == 0)
        status = shrink_outcome_write(run.config, old, old_dir, result, outcome, err);
    candidate_run_release(&run);
    return status;
}

static int find(const struct request *q, char old_dir[PATH_MAX], struct record **ret_old,
                struct err *err)
{
    struct buf path = {0};
    int status = 0;

    if (q->run != NULL)
        buf_add_text(&path, q->run);
    else
        buf_addf(&path, "%s/latest", q->store);
    if (realpath(path.data, old_dir) == NULL)
        status = err_set_errno(err, ERR_INPUT, "there is no run at %s", path.data);
    buf_release(&path);
    return status < 0 ? status : record_load(old_dir, ret_old, err);
}

static int shrink(const struct request *q, struct err *err)
{
    struct shrink_result result = {.candidate = NULL};
    struct shrink_outcome outcome = {.run = NULL};
    struct record *old = NULL;
    char old_dir[PATH_MAX];
    int status = find(q, old_dir, &old, err);

    if (status == 0)
        status = run_dir_make(q->store, old->name, false, &outcome.dir, err);
    if (status == 0 && chdir(old->folder) < 0)
        status = err_set_errno(err, ERR_INPUT, "the run was made in the folder %s", old->folder);
    if (status == 0) {
        status = look(q, old, &result, err);
        if (status == ERR_INPUT && old->verdict != NULL && strcmp(old->verdict, "invalid") == 0)
            blame_changes(old, err);
    }
    if (status == 0) {
        cage_stop_forget();
        status = run_smallest(old, old_dir, &result, &outcome, err);
    }
    if (status == 0 && q->json)
        shrink_outcome_print_json(&outcome);
    else if (status == 0)
        shrink_outcome_print(&outcome);
    if (status == 0)
        status = outcome.fails_again ? EXIT_VALID : EXIT_UNKNOWN;
    if (status < 0 && outcome.dir.len > 0)
        rmdir(outcome.dir.data); /* empty unless the last run began */
    shrink_outcome_release(&outcome);
    shrink_result_release(&result);
    record_free(old);
    return status;
}

static void print_help(void)
{
    printf(
        "Usage: eddy shrink [RUN] [OPTION]...\n\nFinds the smallest run that still fails in the "
        "same way: fewer operations, faults, messages\nout of turn, nodes and clients, less "
        "time. RUN is the folder of a run that is invalid; without\nit, the newest one is taken. "
        "Ctrl-C ends the search and keeps what was found. Exit status: 0 there is a result, 2 the\n"
        "run that is kept did not fail again, 3 the run cannot be made smaller, and why.\n\n");
    flags_print_help(table);
}

int shrink_command(char *const *argv)
{
    struct request q;
    struct err err = {.text = ""};
    int status = parse(argv, &q, &err);

    if (status == 0 && q.help) {
        print_help();
        return EXIT_VALID;
    }
    if (status == 0) {
        cage_stop_signals();
        status = shrink(&q, &err);
    }
    if (status >= 0)
        return status;
    fprintf(stderr, "eddy shrink: %s\n", err.text);
    return status == ERR_INPUT || status == ERR_STOPPED ? EXIT_USAGE : EXIT_MACHINE;
}
