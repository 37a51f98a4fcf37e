/* eddy course: for authors of tracks. What is checked is src/course's; this is the printing. */
#include "commands.h"

#include "../base/err.h"
#include "../base/str.h"
#include "../cage/cage.h"
#include "../course/faults.h"
#include "../course/mistake.h"
#include "../course/track.h"
#include "../course/track_check.h"
#include "flags.h"
#include "terminal.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { OPT_JSON, OPT_HELP, TARGETS_MAX = 64, NAME_SIZE = 256 };

static const struct flag table[] = {
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
    bool json, help;
};

static void print_help(FILE *out)
{
    fprintf(out,
            "Usage: eddy course list\n"
            "       eddy course check [TRACK[/TASK]]... [OPTION]...\n\n"
            "check: pages are complete, links lead somewhere, and patches are well formed.\n\n");
    flags_print_help(table);
}

static int parse(char *const *argv, struct request *r, struct err *err)
{
    struct flags f;
    const char *value;
    int option;

    flags_init(&f, table, argv);
    while ((option = flags_next(&f, &value, err)) != FLAGS_END) {
        if (option == OPT_JSON)
            r->json = true;
        else if (option == OPT_HELP)
            r->help = true;
        else if (option == FLAGS_WORD && r->word_count < TARGETS_MAX)
            r->words[r->word_count++] = value;
        else if (option == FLAGS_WORD)
            return err_set(err, ERR_INPUT, "at most %d tracks and tasks can be named", TARGETS_MAX);
        else
            return option;
    }
    return 0;
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

static void print_faults(const struct faults *f)
{
    uint32_t i;

    for (i = 0; i < f->count; i++)
        printf("%s\n", f->texts[i]);
}

static json_t *faults_json(const struct faults *f)
{
    json_t *list = json_array();
    uint32_t i;

    for (i = 0; i < f->count; i++)
        json_array_append_new(list, json_string(f->texts[i]));
    return list;
}

static int check_target(const struct course *c, const struct target *t, struct faults *f,
                        struct err *err)
{
    struct mistakes mistakes = {0};
    int status = track_check(c, t->track, t->task, &mistakes, f, err);

    mistakes_release(&mistakes);
    return status;
}

static int check(const struct course *c, const struct request *r, struct err *err)
{
    struct target targets[TARGETS_MAX] = {0};
    struct faults faults = {0};
    uint32_t count, i;
    int status = find_targets(c, r, targets, &count, err);

    for (i = 0; status == 0 && i < count; i++)
        status = check_target(c, &targets[i], &faults, err);
    if (status == 0 && r->json) {
        json_t *all =
            json_pack("{s:b, s:o}", "valid?", faults.count == 0, "faults", faults_json(&faults));
        json_dumpf(all, stdout, JSON_INDENT(2));
        printf("\n");
        json_decref(all);
    } else if (status == 0) {
        print_faults(&faults);
        terminal_print(stdout, faults.count == 0 ? STYLE_GOOD : STYLE_BAD, "%u faults\n",
                       faults.count);
    }
    if (status == 0)
        status = faults.count == 0 ? EXIT_VALID : EXIT_INVALID;
    faults_release(&faults);
    return status;
}

static int list(const struct course *c)
{
    uint32_t i, k;

    for (i = 0; i < c->track_count; i++) {
        const struct track *t = &c->tracks[i];
        printf("%02u %s: %s%s\n", t->number, t->slug, t->title, t->dir == NULL ? " (planned)" : "");
        for (k = 0; k < t->task_count; k++)
            printf("   %2u %-12s %u  %s\n", t->tasks[k].number, t->tasks[k].slug, t->tasks[k].level,
                   t->tasks[k].title);
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
    struct request r = {0};
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
