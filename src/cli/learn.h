/* learn.h - what the subcommands of `eddy learn` share. Private to the learn_*.c files.
 *
 * Each subcommand gets the words after its name and gives an exit status, or a negative status with
 * a sentence, which learn_command() prints. */
#ifndef CLI_LEARN_H
#define CLI_LEARN_H

#include "../course/progress.h"
#include "../course/workspace.h"

#include <stdbool.h>

struct course;
struct err;
struct language;
struct languages;
struct store;
struct task;
struct track;

/* The course, and the learner's folder if one is asked for. */
struct learn {
    struct course *course;
    struct languages *languages;
    struct store *store;
    struct workspace workspace;
    const struct track *track; /* of the workspace, as the next two */
    const struct language *language;
    const struct task *task; /* NULL: all are passed */
};

int learn_open(struct learn *l, struct err *err);        /* course, languages and database */
int learn_open_folder(struct learn *l, struct err *err); /* and the folder that we are in */
void learn_release(struct learn *l);
/* The key of a task in this folder; borrows from l. */
struct progress_key learn_key(const struct learn *l, const struct task *task);
/* The task that a word names, or the one that comes next if word is NULL. */
int learn_task(const struct learn *l, const char *word, const struct task **ret_task,
               struct err *err);

int learn_list(char *const *argv, struct err *err);
int learn_start(char *const *argv, struct err *err);
int learn_check(char *const *argv, struct err *err);
int learn_watch(char *const *argv, struct err *err);
int learn_read(char *const *argv, struct err *err); /* task */
int learn_hint(char *const *argv, struct err *err);
int learn_status(char *const *argv, struct err *err);
int learn_solution(char *const *argv, struct err *err);
int learn_next(char *const *argv, struct err *err);

#endif
