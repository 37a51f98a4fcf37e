/* The file is read once without a world, which says the parts and their clusters; then each part is
 * a run like any other. Learners grade with `eddy learn check`, which does the same with many seeds
 * (src/course/grade.c); this is for authors, with the files of the run at hand. */
#include "task_run.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/flags.h"
#include "../base/mem.h"
#include "../report/run_files.h"
#include "../report/summary.h"
#include "../run/model_shrink.h"
#include "../run/part.h"
#include "../run/run.h"
#include "../run/test_config.h"
#include "../run/test_options.h"
#include "../script/script.h"
#include "commands.h"
#include "outcome.h"
#include "run_dir.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SCENARIO_MAX = 16 << 20 };

static const int64_t MODEL_BUDGET_NS = INT64_C(20000000000);

struct task_file {
    const char *path;
    struct buf text;
    struct buf common; /* data NULL: there is none */
    char *name;        /* of the folder in the store */
};

static void task_file_release(struct task_file *t)
{
    buf_release(&t->text);
    buf_release(&t->common);
    mem_free(t->name);
}

static char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash != NULL ? slash + 1 : path;
    size_t len = strlen(base);

    return mem_strndup(base, len > 4 && strcmp(base + len - 4, ".lua") == 0 ? len - 4 : len);
}

static int load(const char *path, struct task_file *t, struct err *err)
{
    const char *slash = strrchr(path, '/');
    struct buf common = {0};
    int status;

    t->path = path;
    t->name = name_of(path);
    buf_addf(&common, "%.*scommon.lua", slash != NULL ? (int)(slash - path) + 1 : 0, path);
    status = file_read(path, SCENARIO_MAX, &t->text, err);
    if (status == 0 && access(common.data, F_OK) == 0) {
        status = file_read(common.data, SCENARIO_MAX, &t->common, err);
        buf_reserve(&t->common, 1); /* an empty file is one, too */
    }
    if (status < 0) {
        err_wrap(err, "--scenario");
        status = ERR_INPUT;
    }
    buf_release(&common);
    return status;
}

static void print(const struct test_options *o, const struct script_part *part, const char *dir,
                  const json_t *results)
{
    struct summary_view view = {results, dir, true, isatty(STDOUT_FILENO)};
    struct buf text = {0};

    if (o->json) {
        json_dumpf(results, stdout, JSON_INDENT(2));
        printf("\n");
        return;
    }
    if (part->name[0] != '\0')
        printf("part %s: ", part->name);
    summary_text(&view, &text);
    fwrite(text.data, 1, text.len, stdout);
    buf_release(&text);
}

static int run_part(const struct test_options *o, const struct task_file *task,
                    const struct script_part *part, const char *program, uint64_t seed,
                    const char *command, struct err *err)
{
    struct test_subject subject = {task->name, task->path, buf_str(&task->text), program};
    struct run_result *result = NULL;
    struct test_config config;
    struct buf dir = {0};
    json_t *results = NULL;
    int status = run_dir_make(o->store, task->name, true, &dir, err);

    test_config_init(&config, o, &subject, seed);
    part_config(part, &config.run);
    config.run.common = buf_str(&task->common);
    config.run.dir = dir.data;
    if (status == 0)
        status = run_execute(&config.run, &result, err);
    if (status == 0)
        model_shrink_add(&config.run, result, dir.data, MODEL_BUDGET_NS);
    if (status == 0)
        status = run_files_write(&config.run, result, command, &results, err);
    if (status == 0) {
        print(o, part, dir.data, results);
        status = outcome_exit_status(result->valid);
    }
    json_decref(results);
    run_result_free(result);
    test_config_release(&config);
    buf_release(&dir);
    return status;
}

/* What to type to have the same again. */
static void add_command(struct buf *out, const struct test_options *o, uint64_t seed,
                        char *const *words)
{
    buf_add_text(out, "eddy test");
    if (!o->seed_given)
        buf_addf(out, " --seed %llu", (unsigned long long)seed);
    for (; *words != NULL; words++) {
        buf_add_char(out, ' ');
        flags_add_word(out, *words);
    }
}

static int run_parts(const struct test_options *o, const struct task_file *task,
                     const struct script_plan *plan, const char *program, uint64_t seed,
                     const char *command, struct err *err)
{
    bool found = false;
    int status = EXIT_VALID;
    uint32_t i;

    for (i = 0; i < plan->part_count && status == EXIT_VALID; i++) {
        const struct script_part *part = &plan->parts[i];

        if (o->part != NULL && strcmp(o->part, part->name) != 0)
            continue;
        found = true;
        status = run_part(o, task, part, program, seed, command, err);
    }
    if (!found)
        return err_set(err, ERR_INPUT, "--part: %s has no part \"%s\"", task->path, o->part);
    return status;
}

int task_run(const struct test_options *o, const char *program, uint64_t seed, char *const *words,
             struct err *err)
{
    struct task_file task = {.name = NULL};
    struct script_plan *plan = NULL;
    struct buf command = {0};
    int status = load(o->scenario, &task, err);

    if (status == 0) {
        struct script_plan_config config = {task.path, buf_str(&task.text), buf_str(&task.common),
                                            seed};
        status = script_plan(&config, &plan, err);
    }
    if (status == 0) {
        add_command(&command, o, seed, words);
        status = run_parts(o, &task, plan, program, seed, command.data, err);
    }
    buf_release(&command);
    script_plan_free(plan);
    task_file_release(&task);
    return status;
}
