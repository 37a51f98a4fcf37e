/* compile.h - from a submission's files to a program, in the compile sandbox, or out of the cache.
 *
 * A program that does not build is a result: the compiler's words from the first error on, cut to
 * size, without a path of ours. */
#ifndef JUDGE_COMPILE_H
#define JUDGE_COMPILE_H

#include "../cage/sandbox.h"

struct bench;
struct err;
struct submission;
struct workshop;

struct compile_result {
    bool built, cached;
    char *text;               /* not built: why. Built: "" */
    struct sandbox_stop stop; /* the limit that ended the compiler, if one did */
    int64_t took_ns, cpu_ns;  /* 0 out of the cache */
};

/* Makes FOLDER/src and FOLDER/out; the program is FOLDER/out/node. folder: an existing one,
 * absolute. ERR_MACHINE: no sandbox, no disk, or no time on a busy machine; ERR_STOPPED. */
int compile_submission(const struct workshop *w, const struct bench *bench,
                       const struct submission *s, const char *folder,
                       struct compile_result *ret_result, struct err *err);
void compile_result_release(struct compile_result *r);

/* Makes what the language's kit gives every submission: FOLDER/lib from FOLDER/src, where starter
 * and kit lie. ERR_MACHINE: it cannot be made, and what the tools said. */
int compile_shared(const struct workshop *w, const struct bench *bench, const char *folder,
                   struct err *err);

#endif
