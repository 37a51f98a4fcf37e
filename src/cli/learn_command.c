/* eddy learn: the course in a terminal. One function a subcommand; without one, the list. */
#include "commands.h"

#include "../base/err.h"
#include "../cage/cage.h"
#include "../course/language.h"
#include "../course/track.h"
#include "../store/store.h"
#include "learn.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct subcommand {
    const char *name, *words, *help;
    int (*run)(char *const *argv, struct err *err);
} subcommands[] = {
    {"list", "", "the tracks, and how far you are", learn_list},
    {"start", "TRACK [--lang L] [DIR]", "make a folder for a track, with something that builds",
     learn_start},
    {"task", "[TASK]", "what to build", learn_read},
    {"check", "[TASK | --all] [OPTION]...", "build your program and have it judged", learn_check},
    {"watch", "", "check again at every save", learn_watch},
    {"hint", "[TASK]", "one hint more", learn_hint},
    {"status", "", "where you stand in this folder", learn_status},
    {"next", "[TASK]", "go on to another task", learn_next},
    {"solution", "[--copy DIR]", "see a solution, in C", learn_solution},
    {NULL, NULL, NULL, NULL},
};

static void print_help(FILE *out)
{
    const struct subcommand *s;

    fprintf(out, "eddy learn: build distributed systems, a task at a time\n\n"
                 "Usage: eddy learn [SUBCOMMAND] [OPTION]...\n\n");
    for (s = subcommands; s->name != NULL; s++)
        fprintf(out, "  %-8s %-26s %s\n", s->name, s->words, s->help);
    fprintf(out, "\nTRACK is a number, a name or its beginning. All but list and start work in the "
                 "folder that start made.\n");
}

/* What was printed is all that a subcommand is for; a full disk behind a `>` must not look like an
 * answer. */
static bool was_printed(const char *name)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return true;
    fprintf(stderr, "eddy learn %s: cannot write to the standard output: %s\n", name,
            strerror(errno));
    return false;
}

int learn_command(char *const *argv)
{
    const struct subcommand *s;
    const char *name = argv[0] != NULL ? argv[0] : "list";
    struct err err = {.text = ""};
    int status;

    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        print_help(stdout);
        return was_printed("help") ? EXIT_VALID : EXIT_MACHINE;
    }
    for (s = subcommands; s->name != NULL && strcmp(s->name, name) != 0; s++)
        ;
    if (s->name == NULL) {
        fprintf(stderr, "eddy learn: there is no subcommand \"%s\"\n\n", name);
        print_help(stderr);
        return EXIT_USAGE;
    }
    cage_stop_signals();
    status = s->run(argv[0] != NULL ? argv + 1 : argv, &err);
    if (status < 0) {
        fprintf(stderr, "eddy learn %s: %s\n", name, err.text);
        return status == ERR_INPUT     ? EXIT_USAGE
               : status == ERR_STOPPED ? EXIT_UNKNOWN
                                       : EXIT_MACHINE;
    }
    return was_printed(name) ? status : EXIT_MACHINE;
}

int learn_open(struct learn *l, struct err *err)
{
    struct buf home = {0};
    int status = course_home(&home, err);

    if (status == 0)
        status = course_open(home.data, &l->course, err);
    if (status == 0)
        status = languages_open(home.data, &l->languages, err);
    if (status == 0)
        status = progress_open(&l->store, err);
    buf_release(&home);
    return status;
}

/* What .eddy says, as things of the course; somebody may have changed the file or the course. */
static int understand(struct learn *l, struct err *err)
{
    int status = course_find_track(l->course, l->workspace.track, &l->track, err);

    if (status == 0)
        status = languages_find(l->languages, l->workspace.language, &l->language, err);
    if (status == 0 && l->track->dir == NULL)
        status = err_set(err, ERR_INPUT, "the track %s is not written yet", l->track->slug);
    if (status == 0 && l->workspace.task > track_last_number(l->track) + 1) /* behind: all passed */
        status =
            err_set(err, ERR_INPUT, "it says task %u, and the last of %s is %u; correct the line",
                    l->workspace.task, l->track->slug, track_last_number(l->track));
    if (status < 0)
        err_wrap(err, "%s/.eddy", l->workspace.dir);
    else
        l->task = track_task_from(l->track, l->workspace.task);
    return status;
}

int learn_open_folder(struct learn *l, struct err *err)
{
    int status = learn_open(l, err);

    if (status == 0)
        status = workspace_open(".", &l->workspace, err);
    if (status == 0)
        status = understand(l, err);
    return status;
}

void learn_release(struct learn *l)
{
    workspace_release(&l->workspace);
    store_close(l->store);
    languages_close(l->languages);
    course_close(l->course);
}

struct progress_key learn_key(const struct learn *l, const struct task *task)
{
    return (struct progress_key){.track = l->track->slug,
                                 .task = task->slug,
                                 .language = l->language->name,
                                 .folder = l->workspace.dir};
}

int learn_task(const struct learn *l, const char *word, const struct task **ret_task,
               struct err *err)
{
    if (word != NULL)
        return track_find_task(l->track, word, ret_task, err);
    if (l->task == NULL)
        return err_set(err, ERR_INPUT, "all tasks of %s are passed; name one to see it again",
                       l->track->slug);
    *ret_task = l->task;
    return 0;
}
