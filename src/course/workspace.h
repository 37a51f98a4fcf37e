/* workspace.h - the learner's folder: ordinary files, and a hidden one that says what they are for.
 *
 *     DIR/.eddy       track, language and the task that comes next: "key: value" a line
 *     DIR/README.md   what to do here
 *     DIR/main.go     the starter of the language, and its library in DIR/kit
 *     DIR/node        the program that a build makes
 *
 * Everything but .eddy is the learner's, to change and to throw away. */
#ifndef COURSE_WORKSPACE_H
#define COURSE_WORKSPACE_H

#include "../base/str.h"

#include <stdint.h>

struct err;
struct language;
struct languages;
struct task;
struct track;

struct workspace {
    char *dir; /* absolute, without links */
    char *track, *language;
    uint32_t task; /* number of the one that comes next */
};

/* Makes the folder (which may exist, if it is empty or has none of the files to be written).
 * ERR_INPUT: a file is in the way, and nothing was written; ERR_MACHINE. */
int workspace_make(const char *dir, const struct track *track, const struct language *language,
                   const struct languages *languages, struct err *err);

/* The folder that from lies in: the nearest one upwards with a file .eddy. ERR_INPUT: none has, or
 * its .eddy is broken. */
int workspace_open(const char *from, struct workspace *ret_workspace, struct err *err);
void workspace_release(struct workspace *w);
/* Makes task the one that comes next; the file is replaced whole. */
int workspace_set_task(struct workspace *w, uint32_t task, struct err *err);
/* Appends the path of the program that a build makes. */
void workspace_program(const struct workspace *w, struct buf *out);

#endif
