/* mistake.h - a patch that turns a track's reference system into one plausible wrong program.
 *
 *     Task: 3
 *     Step: each request has exactly one reply
 *     Common: 2
 *
 *     What is wrong, in plain words, and why it is plausible.
 *
 *     --- messenger.c
 *     +++ messenger.c
 *     ...
 *
 * The grading of that task must fail in the step of that name. */
#ifndef COURSE_MISTAKE_H
#define COURSE_MISTAKE_H

#include <stddef.h>
#include <stdint.h>

struct err;
struct faults;
struct track;

struct mistake {
    char *name;      /* "03-reply-twice" */
    char *path;      /* of the patch */
    uint32_t task;   /* 0: the head says none */
    char *step;      /* "" likewise */
    uint32_t common; /* which common mistake of track.md it shows; 0: none */
    char *words;     /* what is wrong, in one line */
    int strip;       /* names to take off the paths of the diff: 0, or 1 for a/ and b/ */
};

struct mistakes {
    struct mistake *list; /* by name */
    uint32_t count;
    size_t cap;
};

/* All patches of a track. What is wrong with one goes to faults, with the path as shown by prefix
 * (the part of the path to leave out). ERR_MACHINE: a file cannot be read. */
int mistakes_read(const struct track *t, size_t prefix, struct mistakes *ret_mistakes,
                  struct faults *faults, struct err *err);
void mistakes_release(struct mistakes *m);

/* Applies the patch to the copy of the reference in dir; lines may have moved, but those around a
 * change must be the same. ERR_INPUT: it does not apply; the sentence
 * is patch's own. */
int mistake_apply(const struct mistake *m, const char *dir, struct err *err);

#endif
