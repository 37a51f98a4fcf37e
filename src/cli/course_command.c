/* eddy course: for authors of tracks. What is checked is src/course's; this is the printing. */
#include "commands.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/flags.h"
#include "../base/str.h"
#include "../cage/cage.h"
#include "../course/faults.h"
#include "../course/grade.h"
#include "../course/language.h"
#include "../course/mistake.h"
#include "../course/prove.h"
#include "../course/track.h"
#include "../course/track_check.h"
#include "../course/track_part.h"
#include "../run/pool.h"
#include "run_dir.h"
#include "terminal.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPT_PAGES, OPT_SEEDS, OPT_JOBS, OPT_JSON, OPT_HELP };
enum { TARGETS_MAX = 64, NAME_SIZE = 256, SEEDS_USUAL = 20, JOBS_MAX = 64 };

static const struct flag table[] = {
    {"pages", 0, NULL, "only what can be checked without building and running anything"},
    {"seeds", 0, "N", "grade with so many seeds [20]"},
    {"jobs", 'j', "N", "so many at a time [as many as there are processors]"},
    {"json", 0, NULL, "print the result as JSON, for programs"},
    {"help", 'h', NULL, "this text"},
    {NULL, 0, NULL, NULL},
};

/* What is to be checked: a track, and one task of it or NULL for all. */
struct target {
    const struct track *track;
    const struct task *task;
};

struct request {
    const char *words[TARGETS_MAX];
    uint32_t word_count;
    uint32_t seeds, jobs;
    bool pages, json, help;
};

static void print_help(FILE *out)
{
    fprintf(out,
            "Usage: eddy course list\n"
            "       eddy course check [TRACK[/TASK]]... [OPTION]...\n\n"
            "check: pages are complete and their links lead somewhere; the reference passes; each\n"
            "mistake applies, builds, and fails in the step that it names.\n\n");
    flags_print_help(table);
}

static int take_number(const char *name, const char *value, int64_t most, uint32_t *ret,
                       struct err *err)
{
    int64_t n;

    if (!str_to_i64(str_of(value), &n) || n < 1 || n > most)
        return err_set(err, ERR_INPUT, "--%s: \"%s\" is not a whole number from 1 to %lld", name,
                       value, (long long)most);
    *ret = (uint32_t)n;
    return 0;
}

static int take(int option, const char *value, struct request *r, struct err *err)
{
    int status = 0;

    if (option == OPT_PAGES)
        r->pages = true;
    else if (option == OPT_SEEDS)
        status = take_number("seeds", value, GRADE_SEEDS_MAX, &r->seeds, err);
    else if (option == OPT_JOBS)
        status = take_number("jobs", value, JOBS_MAX, &r->jobs, err);
    else if (option == OPT_JSON)
        r->json = true;
    else if (option == OPT_HELP)
        r->help = true;
    else if (option == FLAGS_WORD && r->word_count < TARGETS_MAX)
        r->words[r->word_count++] = value;
    else if (option == FLAGS_WORD)
        status = err_set(err, ERR_INPUT, "at most %d tracks and tasks can be named", TARGETS_MAX);
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
    return status;
}

/* "messenger", "1/3", "messenger/echo" */
static int find_target(const struct course *c, const char *word, struct target *t, struct err *err)
{
    const char *slash = strchr(word, '/');
    char name[NAME_SIZE];
    int status;

    snprintf(name, sizeof(name), "%.*s", slash != NULL ? (int)(slash - word) : NAME_SIZE - 1, word);
    status = course_find_track(c, name, &t->track, err);
    if (status == 0 && t->track->dir == NULL)
        status =
            err_set(err, ERR_INPUT, "the track %s is planned, and not written yet", t->track->slug);
    if (status == 0 && slash != NULL && slash[1] != '\0')
        status = track_find_task(t->track, slash + 1, &t->task, err);
    return status;
}

static int find_targets(const struct course *c, const struct request *r, struct target *targets,
                        uint32_t *count, struct err *err)
{
    uint32_t i;
    int status = 0;

    *count = 0;
    for (i = 0; i < r->word_count && status == 0; i++)
        status = find_target(c, r->words[i], &targets[(*count)++], err);
    for (i = 0; r->word_count == 0 && i < c->track_count && *count < TARGETS_MAX; i++)
        if (c->tracks[i].dir != NULL)
            targets[(*count)++] = (struct target){.track = &c->tracks[i]};
    if (status == 0 && *count == 0)
        status = err_set(err, ERR_INPUT, "there is no track in %s/course", c->home);
    return status;
}

/* What one check works with. */
struct checking {
    const struct course *course;
    const struct request *request;
    struct languages *languages;
    struct faults faults;
    json_t *rows;
    struct buf dir; /* for copies and programs */
};

static json_t *faults_json(const struct faults *f)
{
    json_t *list = json_array();
    uint32_t i;

    for (i = 0; i < f->count; i++)
        json_array_append_new(list, json_string(f->texts[i]));
    return list;
}

static void progress(void *owner, uint32_t done, uint32_t count)
{
    const struct target *t = owner;

    terminal_progress("%s: %u of %u gradings", t->track->slug, done, count);
}

/* ---- what the proof says ---- */

static void add_row(struct checking *c, const struct target *t, const struct prove_reference *ref,
                    const struct prove_result *r)
{
    uint32_t i, count = 0, caught = 0;
    int64_t took = ref->took_ns;

    for (i = 0; i < r->mistake_count; i++)
        if (r->mistakes[i].mistake->task == ref->task->number) {
            count++;
            caught += r->mistakes[i].caught;
            took += r->mistakes[i].took_ns;
        }
    json_array_append_new(c->rows,
                          json_pack("{s:s, s:s, s:i, s:i, s:i, s:i, s:I}", "track", t->track->slug,
                                    "task", ref->task->slug, "seeds-passed", (int)ref->seeds_passed,
                                    "seeds", (int)c->request->seeds, "mistakes-caught", (int)caught,
                                    "mistakes", (int)count, "ms", (json_int_t)(took / 1000000)));
    if (c->request->json)
        return;
    terminal_print(stdout, ref->text == NULL && caught == count ? STYLE_PLAIN : STYLE_BAD,
                   "  %2u %-14s %3u of %-3u  %3u of %-3u %8lld\n", ref->task->number,
                   ref->task->slug, ref->seeds_passed, c->request->seeds, caught, count,
                   (long long)(took / 1000000));
}

static void take_proof(struct checking *c, const struct target *t, const struct prove_result *r)
{
    size_t prefix = strlen(c->course->home) + 1;
    uint32_t i;

    if (r->build_text != NULL)
        faults_add(&c->faults, t->track->dir + prefix, 0, "the reference cannot be built: %s",
                   r->build_text);
    else if (!c->request->json)
        printf("%s\n     %-14s %-9s  %-9s %9s\n", t->track->name, "task", "seeds", "mistakes",
               "ms");
    for (i = 0; i < r->reference_count; i++) {
        add_row(c, t, &r->references[i], r);
        if (r->references[i].text != NULL)
            faults_add(&c->faults, r->references[i].task->scenario + prefix, 0,
                       "the reference does not pass: %s", r->references[i].text);
    }
    for (i = 0; i < r->mistake_count; i++)
        if (!r->mistakes[i].caught)
            faults_add(&c->faults, r->mistakes[i].mistake->path + prefix, 0, "%s",
                       r->mistakes[i].text);
}

static int prove(struct checking *c, struct target *t, const struct mistakes *mistakes,
                 struct err *err)
{
    struct prove_result result = {0};
    struct buf dir = {0};
    struct prove_config config = {
        .track = t->track,
        .only = t->task,
        .mistakes = mistakes,
        .languages = c->languages,
        .seeds = c->request->seeds,
        .jobs = c->request->jobs,
        .owner = t,
        .progress = progress,
    };
    int status;

    buf_addf(&dir, "%s/%s%s", c->dir.data, t->track->name, t->task != NULL ? t->task->name : "");
    config.dir = dir.data;
    status = file_mkdirs(dir.data, err);
    if (status == 0)
        status = prove_run(&config, &result, err);
    terminal_progress("%s", "");
    if (status == 0)
        take_proof(c, t, &result);
    prove_result_release(&result);
    buf_release(&dir);
    return status;
}

static int check_target(struct checking *c, struct target *t, struct err *err)
{
    struct mistakes mistakes = {0};
    int status = track_check(c->course, t->track, t->task, &mistakes, &c->faults, err);

    if (status == 0 && !c->request->pages)
        status = prove(c, t, &mistakes, err);
    mistakes_release(&mistakes);
    return status;
}

static void print_result(const struct checking *c)
{
    uint32_t i;

    if (c->request->json) {
        json_t *all = json_pack("{s:b, s:O, s:o}", "valid?", c->faults.count == 0, "tasks", c->rows,
                                "faults", faults_json(&c->faults));
        json_dumpf(all, stdout, JSON_INDENT(2));
        printf("\n");
        json_decref(all);
        return;
    }
    for (i = 0; i < c->faults.count; i++)
        printf("%s%s\n", i == 0 ? "\n" : "", c->faults.texts[i]);
    terminal_print(stdout, c->faults.count == 0 ? STYLE_GOOD : STYLE_BAD, "%u %s\n",
                   c->faults.count, c->faults.count == 1 ? "fault" : "faults");
}

static int check(const struct course *course, const struct request *r, struct err *err)
{
    struct target targets[TARGETS_MAX] = {0};
    struct checking c = {.course = course, .request = r, .rows = json_array()};
    struct err ignored;
    uint32_t count, i;
    int status = find_targets(course, r, targets, &count, err);

    if (status == 0)
        status = languages_open(course->home, &c.languages, err);
    if (status == 0)
        status = run_dir_for_many("course", &c.dir, err);
    for (i = 0; status == 0 && i < count; i++)
        status = check_target(&c, &targets[i], err);
    if (c.dir.len > 0)
        file_remove_tree(c.dir.data, &ignored);
    buf_release(&c.dir);
    if (status == 0) {
        print_result(&c);
        status = c.faults.count == 0 ? EXIT_VALID : EXIT_INVALID;
    }
    faults_release(&c.faults);
    languages_close(c.languages);
    json_decref(c.rows);
    return status;
}

static int list(const struct course *c)
{
    uint32_t i, k;

    for (i = 0; i < c->track_count; i++) {
        const struct track *t = &c->tracks[i];
        printf("%02u %s: %s%s\n", t->number, t->slug, t->title, t->dir == NULL ? " (planned)" : "");
        for (k = 0; k < t->task_count; k++) {
            const struct track_part *part = track_part_beginning(t, k);
            if (part != NULL)
                printf("   %s\n", part->title);
            printf("   %2u %-12s %u  %s\n", t->tasks[k].number, t->tasks[k].slug, t->tasks[k].level,
                   t->tasks[k].title);
        }
    }
    return EXIT_VALID;
}

static int open_and(const char *what, const struct request *r, struct err *err)
{
    struct course *c = NULL;
    struct buf home = {0};
    int status = course_home(&home, err);

    if (status == 0)
        status = course_open(home.data, &c, err);
    if (status == 0)
        status = strcmp(what, "list") == 0 ? list(c) : check(c, r, err);
    course_close(c);
    buf_release(&home);
    return status;
}

int course_command(char *const *argv)
{
    const char *what = argv[0] != NULL ? argv[0] : "--help";
    struct request r = {.seeds = SEEDS_USUAL, .jobs = pool_processors()};
    struct err err = {.text = ""};
    int status;

    if (strcmp(what, "list") != 0 && strcmp(what, "check") != 0) {
        bool asked = strcmp(what, "--help") == 0 || strcmp(what, "-h") == 0;
        if (!asked)
            fprintf(stderr, "eddy course: there is no subcommand \"%s\"\n\n", what);
        print_help(asked ? stdout : stderr);
        return asked ? EXIT_VALID : EXIT_USAGE;
    }
    status = parse(argv + 1, &r, &err);
    if (status == 0 && r.help) {
        print_help(stdout);
        return EXIT_VALID;
    }
    cage_stop_signals();
    if (status == 0)
        status = open_and(what, &r, &err);
    if (status < 0) {
        fprintf(stderr, "eddy course %s: %s\n", what, err.text);
        status = status == ERR_INPUT     ? EXIT_USAGE
                 : status == ERR_STOPPED ? EXIT_UNKNOWN
                                         : EXIT_MACHINE;
    }
    return status;
}
