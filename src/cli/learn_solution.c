/* eddy learn solution: the reference system, after a question. It is one program for all tasks of
 * the track, so there is no solution of a task alone; the page of a task says what belongs to it.
 */
#include "learn.h"

#include "../base/err.h"
#include "../base/flags.h"
#include "../base/str.h"
#include "../course/build.h"
#include "../course/language.h"
#include "../course/track.h"
#include "commands.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OPT_COPY, OPT_YES, OPT_HELP };

static const struct flag table[] = {
    {"copy", 'c', "DIR", "copy it to a new folder, outside of this one"},
    {"yes", 'y', NULL, "do not ask"},
    {"help", 'h', NULL, "this text"},
    {NULL, 0, NULL, NULL},
};

struct request {
    const char *copy, *task;
    bool yes, help;
};

static int parse(char *const *argv, struct request *r, struct err *err)
{
    struct flags f;
    const char *value;
    int option;

    flags_init(&f, table, argv);
    while ((option = flags_next(&f, &value, err)) != FLAGS_END) {
        if (option == OPT_COPY)
            r->copy = value;
        else if (option == OPT_YES)
            r->yes = true;
        else if (option == OPT_HELP)
            r->help = true;
        else if (option == FLAGS_WORD && r->task == NULL)
            r->task = value;
        else if (option == FLAGS_WORD)
            return err_set(err, ERR_INPUT, "one task, please; \"%s\" is too much", value);
        else
            return option;
    }
    return 0;
}

/* Whether the learner wants it; without a terminal nobody can say so. */
static int ask(const struct request *r, bool *ret_wanted, struct err *err)
{
    char answer[16] = "";

    *ret_wanted = r->yes;
    if (r->yes)
        return 0;
    if (!isatty(STDIN_FILENO))
        return err_set(err, ERR_INPUT, "it asks before it shows anything; --yes answers");
    printf("The solution shows everything at once; a hint shows less (eddy learn hint).\n"
           "Show it all the same? [y/N] ");
    fflush(stdout);
    if (fgets(answer, sizeof(answer), stdin) == NULL)
        return 0;
    *ret_wanted = answer[0] == 'y' || answer[0] == 'Y';
    return 0;
}

/* In the learner's folder its files would become part of a program in C. */
static int copy(const struct learn *l, const char *ref, const char *to, struct err *err)
{
    size_t len = strlen(l->workspace.dir);
    char real[PATH_MAX];
    int status;

    if (access(to, F_OK) == 0)
        return err_set(err, ERR_INPUT, "%s is there already; name a new folder", to);
    if (mkdir(to, 0755) < 0 || realpath(to, real) == NULL)
        return err_set_errno(err, ERR_MACHINE, "cannot make the folder %s", to);
    if (strncmp(real, l->workspace.dir, len) == 0 && (real[len] == '/' || real[len] == '\0')) {
        rmdir(to);
        return err_set(err, ERR_INPUT,
                       "%s lies in this folder, whose files are your program; name one beside it, "
                       "such as ../solution",
                       to);
    }
    status = build_copy_reference(ref, l->languages, real, err);
    if (status == 0)
        printf("The solution is in %s; README.md says how it is laid out.\n", to);
    return status;
}

static int show(const struct learn *l, const struct request *r, struct err *err)
{
    const struct language *c = NULL;
    struct buf ref = {0};
    bool wanted = false;
    int status = languages_find(l->languages, "c", &c, err);

    buf_addf(&ref, "%s/ref", l->track->dir);
    if (status == 0)
        status = ask(r, &wanted, err);
    if (status == 0 && wanted && r->copy != NULL) {
        status = copy(l, ref.data, r->copy, err);
    } else if (status == 0 && wanted) {
        printf("The reference system of %s passes all tasks. It is in C, one program for the whole "
               "track:\n\n  %s/README.md says how it is laid out\n\n"
               "`eddy learn solution --copy DIR` makes a copy to build and change.\n",
               l->track->slug, ref.data);
    }
    buf_release(&ref);
    return status;
}

int learn_solution(char *const *argv, struct err *err)
{
    const struct task *task = NULL;
    struct request r = {0};
    struct learn l = {0};
    int status = parse(argv, &r, err);

    if (status == 0 && r.help) {
        printf("Usage: eddy learn solution [OPTION]...\n\n");
        flags_print_help(table);
        return EXIT_VALID;
    }
    if (status == 0)
        status = learn_open_folder(&l, err);
    if (status == 0 && r.task != NULL)
        status = learn_task(&l, r.task, &task, err);
    if (status == 0)
        status = show(&l, &r, err);
    learn_release(&l);
    return status == 0 ? EXIT_VALID : status;
}
