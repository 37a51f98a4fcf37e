/* eddy worker: judges what waits in a database, on as many machines as there are; and says which
 * workers there are. */
#include "commands.h"

#include "../base/err.h"
#include "../base/flags.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../cage/sandbox.h"
#include "../judge/judge_job.h"
#include "../judge/machines.h"
#include "../judge/worker.h"
#include "../judge/workshop.h"
#include "../run/pool.h"
#include "worker_folder.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum option {
    OPT_DB,
    OPT_JOBS,
    OPT_RUNS,
    OPT_FOLDER,
    OPT_NAME,
    OPT_LANGUAGES,
    OPT_SANDBOX,
    OPT_WEAK,
    OPT_LEASE,
    OPT_PATIENCE,
    OPT_LEARNER_JOBS,
    OPT_QUIET,
    OPT_LIST,
    OPT_HELP,
};

static const struct flag table[] = {
    [OPT_DB] = {"db", 0, "DATABASE",
                "a file, or postgresql://USER@HOST/NAME; or EDDY_DB in the environment, where "
                "no other user of the machine sees a password"},
    [OPT_JOBS] = {"jobs", 'j', "N", "submissions at a time (the number of processors)"},
    [OPT_RUNS] = {"runs", 0, "N", "runs at a time for one submission (the number of processors)"},
    [OPT_FOLDER] = {"folder", 0, "DIR",
                    "the worker's own, for its cache and scratch (worker in EDDY_STATE, else in "
                    "~/.local/share/eddy)"},
    [OPT_NAME] = {"name", 0, "NAME", "what people see (the machine's name)"},
    [OPT_LANGUAGES] = {"languages", 0, "LIST", "only these: c,python (all that there are)"},
    [OPT_SANDBOX] = {"sandbox", 0, "LEVEL", "auto, A, B, C, D or off (auto); see eddy doctor"},
    [OPT_WEAK] = {"allow-weak-sandbox", 0, NULL,
                  "judge below level B too: only what you would run yourself"},
    [OPT_LEASE] = {"lease", 0, "TIME", "how long a machine that died holds its submissions (30s)"},
    [OPT_PATIENCE] = {"patience", 0, "TIME", "a submission that takes longer is given up (15min)"},
    [OPT_LEARNER_JOBS] = {"learner-jobs", 0, "N",
                          "of one learner at a time, on all machines (2); the same everywhere"},
    [OPT_QUIET] = {"quiet", 'q', NULL, "no line for each submission"},
    [OPT_LIST] = {"list", 0, NULL, "say which workers the database has, and end"},
    [OPT_HELP] = {"help", 'h', NULL, "this list"},
    {NULL, 0, NULL, NULL},
};

struct options {
    struct worker_config worker;
    const char *folder, *languages;
    enum sandbox_level level;
    uint32_t runs;
    bool weak, quiet, list, help;
};

/* ---- options ---- */

static int read_count(const char *name, const char *value, int64_t max, uint32_t *ret_count,
                      struct err *err)
{
    int64_t count = 0;

    if (!str_to_i64(str_of(value), &count) || count < 1 || count > max)
        return err_set(err, ERR_INPUT, "--%s is a number from 1 to %lld, not \"%s\"", name,
                       (long long)max, value);
    *ret_count = (uint32_t)count;
    return 0;
}

/* At least a second: leases shorter than a beat can take would end under living workers. */
static int read_time(const char *name, const char *value, int64_t *ret_ms, struct err *err)
{
    int64_t ns = 0;

    if (!duration_parse(str_of(value), 1000000000, &ns) || ns < 1000000000 ||
        ns > 86400 * (int64_t)1000000000)
        return err_set(err, ERR_INPUT, "--%s is a time from 1s to 24h, not \"%s\"", name, value);
    *ret_ms = ns / 1000000;
    return 0;
}

static int read_option(struct options *o, int which, const char *value, struct err *err)
{
    switch ((enum option)which) {
    case OPT_DB:
        o->worker.db = value;
        return 0;
    case OPT_JOBS:
        return read_count("jobs", value, 1024, &o->worker.jobs, err);
    case OPT_RUNS:
        return read_count("runs", value, 1024, &o->runs, err);
    case OPT_FOLDER:
        o->folder = value;
        return 0;
    case OPT_NAME:
        o->worker.name = value;
        return 0;
    case OPT_LANGUAGES:
        o->languages = value;
        return 0;
    case OPT_SANDBOX:
        if (!sandbox_level_parse(value, &o->level))
            return err_set(err, ERR_INPUT, "--sandbox is auto, A, B, C, D or off, not \"%s\"",
                           value);
        return 0;
    case OPT_WEAK:
        o->weak = true;
        return 0;
    case OPT_LEASE:
        return read_time("lease", value, &o->worker.lease_ms, err);
    case OPT_PATIENCE:
        return read_time("patience", value, &o->worker.patience_ms, err);
    case OPT_LEARNER_JOBS:
        return read_count("learner-jobs", value, JOB_RUNNING_MAX, &o->worker.running_max, err);
    case OPT_QUIET:
        o->quiet = true;
        return 0;
    case OPT_LIST:
        o->list = true;
        return 0;
    case OPT_HELP:
        o->help = true;
        return 0;
    }
    return 0;
}

static int read_options(char *const *argv, struct options *o, struct err *err)
{
    struct flags flags;
    const char *value;
    int got, status = 0;

    flags_init(&flags, table, argv);
    while (status == 0 && (got = flags_next(&flags, &value, err)) != FLAGS_END) {
        if (got == FLAGS_WORD)
            status = err_set(err, ERR_INPUT, "it takes options only, not \"%s\"", value);
        else
            status = got < 0 ? got : read_option(o, got, value, err);
    }
    if (status == 0 && !o->help && (o->worker.db == NULL || o->worker.db[0] == '\0'))
        status = err_set(err, ERR_INPUT,
                         "--db (or EDDY_DB) names the database in which submissions wait: a file, "
                         "or postgresql://USER@HOST/NAME");
    return status;
}

/* ---- which there are ---- */

static void print_tools(const char *text)
{
    json_t *list = json_loads(text, 0, NULL), *tool;
    size_t i;

    json_array_foreach(list, i, tool)
    {
        const char *name = json_string_value(json_object_get(tool, "language"));
        const char *version = json_string_value(json_object_get(tool, "version"));
        if (name != NULL && version != NULL)
            printf("  + %-12s %s\n", name, version);
        else if (name != NULL)
            printf("  - %s\n", name);
    }
    json_decref(list);
}

static void print_worker(void *owner, const struct machine_view *v)
{
    char silent[DURATION_TEXT_MAX], lives[DURATION_TEXT_MAX];
    const struct machine *m = &v->machine;

    (void)owner;
    duration_text(v->silent_ms * 1000000, silent);
    duration_text((v->beat_ms - v->began_ms) * 1000000, lives);
    printf("%s: sandbox %s, judges %u of %u", v->name, m->sandbox, v->running, m->jobs);
    if (v->silent_ms > MACHINE_SILENT_MS)
        printf("; not heard of for %s\n", silent);
    else
        printf("; for %s%s\n", lives, m->draining ? ", takes nothing more" : "");
    printf("  cache %lld MiB, free %lld MiB\n", (long long)(m->cache_bytes >> 20),
           (long long)(m->free_bytes >> 20));
    print_tools(m->tools);
}

static int list_workers(const struct options *o, struct err *err)
{
    struct jobs_config config = {.worker = NULL};
    struct jobs *queue = NULL;
    int count = jobs_open(o->worker.db, &config, &queue, err);

    if (count == 0)
        count = machines_list(queue, print_worker, NULL, err);
    if (count == 0)
        printf("no worker; eddy worker --db DATABASE starts one\n");
    jobs_close(queue);
    return count < 0 ? count : 0;
}

/* ---- what the options mean ---- */

/* The folder's absolute name, for it is named again in other folders; made if it is not there. One
 * that somebody named is that one. */
static int find_folder(const struct options *o, char **ret_folder, struct err *err)
{
    const char *state = getenv("EDDY_STATE"), *home = getenv("HOME");
    enum sandbox_level level = o->folder != NULL ? SANDBOX_OFF : o->level;
    struct buf path = {0};
    int status;

    if (o->folder != NULL)
        buf_add_text(&path, o->folder);
    else if (state != NULL && state[0] != '\0')
        buf_addf(&path, "%s/worker", state);
    else if (home != NULL && home[0] == '/')
        buf_addf(&path, "%s/.local/share/eddy/worker", home);
    else
        return err_set(err, ERR_INPUT, "--folder must name a folder, since HOME names none");
    status = worker_folder_make(path.data, level, WORKER_FOLDER_ELSEWHERE, ret_folder, err);
    buf_release(&path);
    return status;
}

static int check_level(const struct options *o, struct err *err)
{
    if (o->level >= SANDBOX_B || o->weak)
        return sandbox_level_check(o->level, err);
    return err_set(
        err, ERR_INPUT,
        "the sandbox is of level %s here, which is too weak for other people's programs: "
        "%s. --allow-weak-sandbox judges all the same",
        sandbox_level_name(o->level), sandbox_missing(SANDBOX_B));
}

static void tell_language(void *owner, const char *language, const char *missing)
{
    FILE *log = owner;

    if (missing != NULL)
        fprintf(log, "%s is not judged here: %s\n", language, missing);
    fflush(log);
}

static int work(struct options *o, const struct workshop *shop, struct err *err)
{
    struct judge_job with = {.workshop = shop, .runs = o->runs};
    struct buf offers = {0}, tools = {0};
    int status;

    workshop_offers(shop, &offers);
    buf_add_text(&offers, "");
    fprintf(stderr, "sandbox %s; languages: %s\n", sandbox_level_name(o->level), offers.data);
    workshop_tools(shop, &tools);
    o->worker.offers = offers.data;
    o->worker.sandbox = sandbox_level_name(o->level);
    o->worker.tools = tools.data;
    o->worker.cache_bytes = judge_job_cache_bytes;
    o->worker.judge = judge_job;
    o->worker.owner = &with;
    o->worker.log = o->quiet ? NULL : stderr;
    status = worker_run(&o->worker, err);
    buf_release(&offers);
    buf_release(&tools);
    return status;
}

static int open_and_work(struct options *o, struct err *err)
{
    struct workshop_config config = {
        .languages = o->languages, .level = o->level, .owner = stderr, .progress = tell_language};
    struct workshop *shop = NULL;
    struct buf cache = {0};
    char *folder = NULL;
    int status = find_folder(o, &folder, err);

    if (status == 0)
        status = check_level(o, err);
    if (status == 0) {
        buf_addf(&cache, "%s/shop", folder);
        config.folder = cache.data;
        o->worker.folder = folder;
        sandbox_sweep(); /* of workers that were killed together with all that watches them */
        status = workshop_open(&config, &shop, err);
    }
    if (status == 0)
        status = work(o, shop, err);
    workshop_close(shop);
    buf_release(&cache);
    mem_free(folder);
    return status;
}

int worker_command(char *const *argv)
{
    struct err err = {.text = ""};
    struct options o = {.worker = {.db = getenv("EDDY_DB"), .jobs = pool_processors()},
                        .runs = pool_processors()};
    int status;

    o.level = sandbox_level();
    status = read_options(argv, &o, &err);
    if (status == 0 && o.help) {
        flags_print_help(table);
        return EXIT_VALID;
    }
    if (status == 0)
        status = o.list ? list_workers(&o, &err) : open_and_work(&o, &err);
    if (status == 0)
        return EXIT_VALID;
    fprintf(stderr, "eddy worker: %s\n", err.text);
    return status == ERR_INPUT ? EXIT_USAGE : EXIT_MACHINE;
}
