/* toolchain.h - which compilers and interpreters this machine has, and where.
 *
 * Asks the tools that kits/languages.txt names; nothing here knows a language. A missing one is no
 * error but a sentence that says what to type. */
#ifndef JUDGE_TOOLCHAIN_H
#define JUDGE_TOOLCHAIN_H

#include "seal.h"

#include <jansson.h>

struct err;
struct language;
struct languages;

enum { TOOLCHAIN_PLACES_MAX = 64 };

struct toolchain {
    const struct language *language; /* borrowed */
    char *version;                   /* the first line that it prints; NULL: it is not there */
    char *path;                      /* of its first tool, without links; NULL likewise */
    char *missing;                   /* why, and what to type; NULL if it is there */
    char **places;             /* files and folders that it needs besides /usr; ends in NULL */
    char seal[SEAL_TEXT_SIZE]; /* another one after each upgrade */
};

/* All zero before; toolchain_release() in every case. ERR_MACHINE, ERR_STOPPED: nothing could be
 * asked. */
int toolchain_find(const struct language *l, struct toolchain *ret_toolchain, struct err *err);
void toolchain_release(struct toolchain *t);

/* Appends the folders with its programs, each with ":" behind it: for the front of a PATH. */
void toolchain_path(const struct toolchain *t, struct buf *out);

/* For `eddy doctor`: a line for each language; and [{"language", "title", "fine", "version",
 * "path", "text"}]. home: as of course_home(). */
int toolchain_describe(const char *home, struct buf *out, json_t **ret_json, struct err *err);

#endif
