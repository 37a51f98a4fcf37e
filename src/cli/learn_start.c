#include "learn.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/flags.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../course/language.h"
#include "../course/track.h"
#include "commands.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPT_LANG, OPT_HELP };

static const struct flag table[] = {
    {"lang", 'l', "LANGUAGE", "c, cpp, go, java, javascript, python, rust or typescript (python)"},
    {"help", 'h', NULL, "this text"},
    {NULL, 0, NULL, NULL},
};

struct request {
    const char *track, *language, *dir;
    bool help;
};

static int parse(char *const *argv, struct request *r, struct err *err)
{
    struct flags f;
    const char *value;
    int option;

    flags_init(&f, table, argv);
    while ((option = flags_next(&f, &value, err)) != FLAGS_END) {
        if (option == OPT_LANG)
            r->language = value;
        else if (option == OPT_HELP)
            r->help = true;
        else if (option == FLAGS_WORD && r->track == NULL)
            r->track = value;
        else if (option == FLAGS_WORD && r->dir == NULL)
            r->dir = value;
        else if (option == FLAGS_WORD)
            return err_set(err, ERR_INPUT, "one track and one folder, please; \"%s\" is too much",
                           value);
        else
            return option;
    }
    if (r->track == NULL && !r->help)
        return err_set(err, ERR_INPUT, "which track? `eddy learn` lists them");
    return 0;
}

static void print_next(const char *dir, const struct track *t, const struct language *l)
{
    struct buf word = {0};

    flags_add_word(&word, dir);
    printf("%s has what you need for %s, in %s. Open %s/%s in your editor, then:\n\n"
           "  cd %s\n"
           "  eddy learn task     what to build: task %u, %s\n"
           "  eddy learn check    build it and have it judged\n\n"
           "kit/ is a small library for nodes; kit/README.md says what it can do.\n",
           dir, t->slug, l->title, dir, l->main, word.data, t->tasks[0].number, t->tasks[0].title);
    buf_release(&word);
}

static int make(struct learn *l, const struct request *r, const struct track *t, struct err *err)
{
    const struct language *language = NULL;
    struct progress_key key = {.track = t->slug, .task = t->tasks[0].slug};
    const char *dir = r->dir != NULL ? r->dir : t->slug;
    char real[PATH_MAX];
    int status = languages_find(l->languages, r->language, &language, err);

    if (status == 0)
        status = language_check_tools(language, err);
    if (status == 0)
        status = workspace_make(dir, t, language, l->languages, err);
    if (status < 0)
        return status;
    if (realpath(dir, real) == NULL)
        return err_set_errno(err, ERR_MACHINE, "%s", dir);
    key.language = language->name;
    key.folder = real;
    status = progress_begin(l->store, &key, err);
    if (status == 0)
        print_next(dir, t, language);
    else
        err_wrap(err, "%s is made, but your progress cannot be kept", dir);
    return status;
}

int learn_start(char *const *argv, struct err *err)
{
    struct request r = {.language = "python"};
    const struct track *t = NULL;
    struct learn l = {0};
    int status = parse(argv, &r, err);

    if (status == 0 && r.help) {
        printf(
            "Usage: eddy learn start TRACK [OPTION]... [DIR]\n\nMakes DIR (named after the track "
            "where it is left out).\n\n");
        flags_print_help(table);
        return EXIT_VALID;
    }
    if (status == 0)
        status = learn_open(&l, err);
    if (status == 0)
        status = course_find_track(l.course, r.track, &t, err);
    if (status == 0 && (t->dir == NULL || t->task_count == 0))
        status = err_set(err, ERR_INPUT, "the track %s is planned, and not written yet", t->slug);
    if (status == 0)
        status = make(&l, &r, t, err);
    learn_release(&l);
    return status == 0 ? EXIT_VALID : status;
}
