/* eddy test: options in, one run, its files and its verdict out; with --seeds, many (seeds.c). */
#include "commands.h"

#include "../base/assert.h"
#include "../base/embedded.h"
#include "../base/err.h"
#include "../base/file.h"
#include "../base/flags.h"
#include "../base/mem.h"
#include "../report/results_edn.h"
#include "../report/run_files.h"
#include "../report/summary.h"
#include "../run/run.h"
#include "../run/test_config.h"
#include "../run/test_options.h"
#include "../run/test_words.h"
#include "outcome.h"
#include "run_dir.h"
#include "seeds.h"
#include "task_run.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SCENARIO_MAX = 16 << 20 };

struct scenario {
    struct buf path;
    struct buf text;
    char *name; /* of the folder in the store */
};

static void scenario_release(struct scenario *s)
{
    buf_release(&s->path);
    buf_release(&s->text);
    mem_free(s->name);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

static int no_such_workload(const char *name, struct err *err)
{
    const struct embedded *e;
    struct buf names = {0};
    int status;

    for (e = embedded_texts; e->path != NULL; e++)
        if (strncmp(e->path, "workloads/", 10) == 0)
            buf_addf(&names, "%s %.*s", names.len > 0 ? "," : "", (int)strlen(e->path) - 14,
                     e->path + 10);
    status = err_set(err, ERR_INPUT,
                     "there is no workload \"%s\"; there are%s, and files that end in .lua", name,
                     names.data);
    buf_release(&names);
    return status;
}

static int scenario_load(const char *workload, struct scenario *s, struct err *err)
{
    size_t len = strlen(workload);
    const struct embedded *e;

    if (len > 4 && strcmp(workload + len - 4, ".lua") == 0) {
        const char *base = base_name(workload);
        buf_add_text(&s->path, workload);
        s->name = mem_strndup(base, strlen(base) - 4);
        if (file_read(workload, SCENARIO_MAX, &s->text, err) == 0)
            return 0;
        err_wrap(err, "--workload");
        return ERR_INPUT;
    }
    buf_addf(&s->path, "workloads/%s.lua", workload);
    e = embedded_find(s->path.data);
    if (e == NULL)
        return no_such_workload(workload, err);
    buf_add(&s->text, e->text, e->len);
    s->name = mem_strdup(workload);
    return 0;
}

/* --bin as Maelstrom has it: a path, taken from here; a bare word that is no file here is looked up
 * in PATH by the kernel's usual rules. */
static int find_program(const char *bin, char into[PATH_MAX], struct err *err)
{
    struct stat st;

    if (strchr(bin, '/') == NULL && (stat(bin, &st) < 0 || !S_ISREG(st.st_mode))) {
        snprintf(into, PATH_MAX, "%s", bin);
        return 0;
    }
    if (realpath(bin, into) == NULL)
        return err_set_errno(err, ERR_INPUT, "--bin %s", bin);
    if (stat(into, &st) == 0 && S_ISDIR(st.st_mode))
        return err_set(err, ERR_INPUT, "--bin %s: that is a folder, not a program", bin);
    return 0;
}

static uint64_t draw_seed(void)
{
    uint32_t seed; /* short enough to be typed again */

    if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
        seed = (uint32_t)getpid();
    return seed;
}

/* What to type to have the same run again: the words as typed, unless they ask for more runs. */
static void add_command(struct buf *out, char *const *argv, const struct test_options *o,
                        uint64_t seed)
{
    if (o->test_count > 1) {
        test_words(o, seed, out);
        return;
    }
    buf_add_text(out, "eddy test");
    if (!o->seed_given)
        buf_addf(out, " --seed %llu", (unsigned long long)seed);
    for (; *argv != NULL; argv++) {
        buf_add_char(out, ' ');
        flags_add_word(out, *argv);
    }
}

static int report(const struct test_options *o, const struct run_config *config,
                  const struct run_result *result, const char *command, struct err *err)
{
    json_t *results = NULL;
    int status = run_files_write(config, result, command, &results, err);
    if (status == 0 && o->json) {
        json_dumpf(results, stdout, JSON_INDENT(2));
        printf("\n");
    } else if (status == 0) {
        struct summary_view view = {results, config->dir, true, isatty(STDOUT_FILENO)};
        struct buf text = {0};
        summary_text(&view, &text);
        if (!view.is_terminal) /* a program reads it, perhaps one that was written for Maelstrom */
            buf_addf(&text, "\n%s\n", results_last_line(results));
        fwrite(text.data, 1, text.len, stdout);
        buf_release(&text);
    }
    json_decref(results);
    return status;
}

static int run(const struct test_options *o, const struct test_subject *subject, uint64_t seed,
               char *const *words, struct err *err)
{
    struct buf dir = {0};
    struct buf command = {0};
    struct run_result *result = NULL;
    struct test_config config;
    int status = run_dir_make(o->store, subject->name, true, &dir, err);

    test_config_init(&config, o, subject, seed);
    if (status == 0) {
        config.run.dir = dir.data;
        status = run_execute(&config.run, &result, err);
    }
    if (status == 0) {
        add_command(&command, words, o, seed);
        status = report(o, &config.run, result, command.data, err);
    }
    if (status == 0)
        status = outcome_exit_status(result->valid);
    run_result_free(result);
    test_config_release(&config);
    buf_release(&dir);
    buf_release(&command);
    return status;
}

/* Maelstrom's --test-count: until one is not valid, each with its own folder and verdict. */
static int run_in_turn(const struct test_options *o, const struct test_subject *subject,
                       uint64_t seed, char *const *words, struct err *err)
{
    uint64_t i;
    int status = EXIT_VALID;

    for (i = 0; i < o->test_count && status == EXIT_VALID && !cage_stop_asked(); i++) {
        if (i > 0 && !o->json)
            printf("\n");
        status = run(o, subject, seed + i, words, err);
    }
    return status;
}

static int run_or_search(const struct test_options *o, const struct scenario *scenario,
                         const char *program, char *const *words, struct err *err)
{
    struct test_subject subject = {
        .name = scenario->name,
        .scenario_path = scenario->path.data,
        .scenario = buf_str(&scenario->text),
        .program = program,
    };
    uint64_t seed = o->seed_given ? o->seed : draw_seed();

    if (o->seeds > 0)
        return seeds_search(o, &subject, seed, err);
    return run_in_turn(o, &subject, seed, words, err);
}

static int usage(const struct err *err)
{
    fprintf(stderr, "eddy test: %s\n", err->text);
    return EXIT_USAGE;
}

int test_command(char *const *argv)
{
    struct test_options o;
    struct scenario scenario = {.name = NULL};
    struct err err = {.text = ""};
    char program[PATH_MAX];
    int status;

    if (test_options_parse(argv, &o, &err) < 0)
        return usage(&err);
    if (o.help) {
        test_options_help();
        test_options_release(&o);
        return EXIT_VALID;
    }
    cage_stop_signals();
    status = o.scenario != NULL ? 0 : scenario_load(o.workload, &scenario, &err);
    if (status == 0)
        status = find_program(o.bin, program, &err);
    if (status == 0 && o.scenario != NULL)
        status = task_run(&o, program, o.seed_given ? o.seed : draw_seed(), argv, &err);
    else if (status == 0)
        status = run_or_search(&o, &scenario, program, argv, &err);
    if (status < 0) {
        fprintf(stderr, "eddy test: %s\n", err.text);
        status = status == ERR_INPUT ? EXIT_USAGE : EXIT_MACHINE;
    }
    scenario_release(&scenario);
    test_options_release(&o);
    return status;
}
