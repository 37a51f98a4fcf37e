#include "learn.h"

#include "../base/err.h"
#include "../base/flags.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../cage/sandbox.h"
#include "../course/grade.h"
#include "../course/language.h"
#include "../course/track.h"
#include "../run/pool.h"
#include "commands.h"
#include "learn_judge.h"
#include "terminal.h"

#include <stdio.h>
#include <string.h>

enum { OPT_ALL, OPT_SEED, OPT_SEEDS, OPT_JOBS, OPT_SANDBOX, OPT_JSON, OPT_HELP, JOBS_MAX = 64 };

static const struct flag table[] = {
    {"all", 'a', NULL, "all tasks up to the current one, in order"},
    {"seed", 0, "N", "the first seed [0]"},
    {"seeds", 0, "N", "so many seeds [as the task says, mostly 3]"},
    {"jobs", 'j', "N", "so many runs at a time [as many as there are processors]"},
    {"sandbox", 0, "LEVEL", "nodes in a sandbox: A to D, auto or off; see eddy doctor [off]"},
    {"json", 0, NULL, "print the result as JSON, for programs"},
    {"help", 'h', NULL, "this text"},
    {NULL, 0, NULL, NULL},
};

struct request {
    struct judge_request judge;
    struct sandbox_spec sandbox;
    const char *task;
    bool all, help;
};

static int take_number(const char *name, const char *value, int64_t least, int64_t most,
                       int64_t *ret, struct err *err)
{
    if (!str_to_i64(str_of(value), ret) || *ret < least || *ret > most)
        return err_set(err, ERR_INPUT, "--%s: \"%s\" is not a whole number from %lld to %lld", name,
                       value, (long long)least, (long long)most);
    return 0;
}

static int take_sandbox(const char *value, struct request *r, struct err *err)
{
    if (!sandbox_level_parse(value, &r->sandbox.level))
        return err_set(err, ERR_INPUT, "--sandbox %s: it must be A, B, C, D, auto or off", value);
    r->judge.sandbox = r->sandbox.level != SANDBOX_OFF ? &r->sandbox : NULL;
    return 0;
}

static int take(int option, const char *value, struct request *r, struct err *err)
{
    int64_t n = 0;
    int status = 0;

    if (option == OPT_ALL)
        r->all = true;
    else if (option == OPT_JSON)
        r->judge.json = true;
    else if (option == OPT_HELP)
        r->help = true;
    else if (option == OPT_SEED) {
        status = take_number("seed", value, 0, 999999, &n, err);
        r->judge.seed = (uint64_t)n;
    } else if (option == OPT_SEEDS) {
        status = take_number("seeds", value, 1, GRADE_SEEDS_MAX, &n, err);
        r->judge.seeds = (uint32_t)n;
    } else if (option == OPT_JOBS) {
        status = take_number("jobs", value, 1, JOBS_MAX, &n, err);
        r->judge.jobs = (uint32_t)n;
    } else if (option == OPT_SANDBOX) {
        status = take_sandbox(value, r, err);
    } else if (option == FLAGS_WORD && r->task == NULL)
        r->task = value;
    else if (option == FLAGS_WORD)
        status = err_set(err, ERR_INPUT, "one task, please; \"%s\" is too much", value);
    else
        status = option;
    return status;
}

static int parse(char *const *argv, struct request *r, struct err *err)
{
    struct flags f;
    const char *value = NULL;
    int option, status = 0;

    flags_init(&f, table, argv);
    while (status == 0 && (option = flags_next(&f, &value, err)) != FLAGS_END)
        status = take(option, value, r, err);
    if (status == 0 && r->all && r->task != NULL)
        status = err_set(err, ERR_INPUT, "either a task or --all");
    return status;
}

static void print_heading(const struct task *task)
{
    terminal_print(stdout, STYLE_STRONG, "%u %s: %s\n", task->number, task->slug, task->title);
}

static void print_next(const struct learn *l)
{
    if (l->task == NULL)
        printf("That was the last task of %s. All %u are passed: well done.\n", l->track->slug,
               l->track->task_count);
    else
        printf("Next: task %u, %s: %s. Read it with: eddy learn task\n", l->task->number,
               l->task->slug, l->task->title);
}

static int finish(struct learn *l, const struct request *r, const struct task *task,
                  enum judge_verdict verdict, struct err *err)
{
    int status = 0;

    if (verdict == JUDGE_PASSED && task == l->task) {
        status = judge_move_on(l, err);
        if (status == 0 && !r->judge.json)
            print_next(l);
    } else if (verdict == JUDGE_FAILED && !r->judge.json) {
        printf("A hint, if you want one: eddy learn hint%s%s\n", task == l->task ? "" : " ",
               task == l->task ? "" : task->slug);
    }
    return status < 0 ? status : verdict == JUDGE_PASSED ? EXIT_VALID : EXIT_INVALID;
}

/* All tasks from the first one to the last; stops at the first that fails. */
static int judge_some(struct learn *l, const struct request *r, uint32_t first, uint32_t last,
                      json_t *list, struct err *err)
{
    int status = EXIT_VALID;
    uint32_t i;

    for (i = first; i <= last && status == EXIT_VALID; i++) {
        const struct task *task = &l->track->tasks[i];
        enum judge_verdict verdict = JUDGE_FAILED;
        json_t *json = NULL;
        if (!r->judge.json)
            print_heading(task);
        status = judge_task(l, &r->judge, task, &verdict, &json, err);
        if (json != NULL)
            json_array_append_new(list, json);
        if (status == 0)
            status = finish(l, r, task, verdict, err);
    }
    return status;
}

static uint32_t index_of(const struct learn *l, const struct task *task)
{
    return task != NULL ? (uint32_t)(task - l->track->tasks) : l->track->task_count - 1;
}

static void print_json(const struct learn *l, bool built, const char *text, json_t *list)
{
    json_t *all =
        json_pack("{s:s, s:s, s:b, s:s, s:o}", "track", l->track->slug, "language",
                  l->language->name, "built", (int)built, "build-output", text, "tasks", list);

    if (l->task != NULL)
        json_object_set_new(all, "next", json_string(l->task->slug));
    json_dumpf(all, stdout, JSON_INDENT(2));
    printf("\n");
    json_decref(all);
}

static int check(struct learn *l, const struct request *r, struct err *err)
{
    const struct task *task = NULL;
    char *text = NULL;
    json_t *list = json_array();
    bool built = false;
    int lock = -1;
    int status = r->all && l->task == NULL ? 0 : learn_task(l, r->task, &task, err);

    if (status == 0)
        status = judge_lock(l, &lock, err);
    if (status == 0)
        status = judge_build(l, &r->judge, &built, &text, err);
    if (status == 0 && !built) {
        status = judge_not_built(l, task != NULL ? task : &l->track->tasks[0], err);
        if (status == 0)
            status = EXIT_INVALID;
    } else if (status == 0) {
        uint32_t last = index_of(l, task);
        status = judge_some(l, r, r->all ? 0 : last, last, list, err);
    }
    if (status >= 0 && r->judge.json)
        print_json(l, built, text, json_incref(list));
    judge_unlock(lock);
    json_decref(list);
    mem_free(text);
    return status;
}

int learn_check(char *const *argv, struct err *err)
{
    struct request r = {.judge.jobs = pool_processors(),
                        .sandbox = {.profile = SANDBOX_RUN, .limits = sandbox_node_limits}};
    struct learn l = {0};
    int status = parse(argv, &r, err);

    if (status == 0 && r.help) {
        printf("Usage: eddy learn check [TASK] [OPTION]...\n\n");
        flags_print_help(table);
        return EXIT_VALID;
    }
    if (status == 0)
        status = learn_open_folder(&l, err);
    if (status == 0)
        status = check(&l, &r, err);
    learn_release(&l);
    return status;
}
