/* build.h - from a folder with sources to a program, by the build line of its language.
 *
 * What the compiler says is for the learner: its own words, from the first error on, cut to a
 * screen, without the folder's path. A program that does not build is no error but a result. */
#ifndef COURSE_BUILD_H
#define COURSE_BUILD_H

#include "../base/str.h"

struct err;
struct language;
struct languages;

enum { BUILD_LINES_MAX = 30, BUILD_LINE_LEN_MAX = 240, BUILD_SECONDS_MAX = 120 };

struct build {
    const struct language *language;
    const char *dir; /* absolute; the sources, and where the command runs */
    const char *out; /* absolute; the program to be made */
};

struct build_result {
    bool built;
    char *text; /* not built: why, in a few lines, each with its newline. Built: "" */
    int64_t took_ns;
};

/* ERR_INPUT: a tool of the language is missing, or does not run. ERR_MACHINE, ERR_STOPPED. */
int build_run(const struct build *b, struct build_result *ret_result, struct err *err);
void build_result_release(struct build_result *r);

/* Appends at most BUILD_LINES_MAX lines of a compiler's output: those from the first error on, dir
 * taken out of the paths, control characters left out, and how many more there are. */
void build_words(struct str output, const char *dir, struct buf *into);

/* Copies a reference system (the folder ref of a track) to a new place and puts the files of
 * kits/c that its file `kit` lists beside it, as the C build wants them. */
int build_copy_reference(const char *ref, const struct languages *languages, const char *to,
                         struct err *err);

#endif
