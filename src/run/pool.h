/* pool.h - many pieces of work, each in a process of its own, several at a time.
 *
 * The caller says what the work of an index is and what becomes of the text that it gives; pool
 * forks, pins each process to a processor, and collects. Nothing of a worker's is shared: one that
 * crashes costs its piece only, and says so. Works begin in the order of their indices. Leaves no
 * process behind. */
#ifndef RUN_POOL_H
#define RUN_POOL_H

#include "../base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct err;

enum { POOL_TEXT_MAX = 64 << 20 }; /* bytes that one piece of work may give */

enum pool_next {
    POOL_GO_ON,
    POOL_NO_MORE,  /* no further work begins; what has begun goes on to its end */
    POOL_NO_LATER, /* nor does what has begun with a higher index: it is killed, done() not called
                    */
    POOL_STOP,     /* what has begun is asked to end (SIGTERM) as well */
};

struct pool_config {
    uint64_t count;
    uint32_t jobs; /* 1 and up */
    bool pin;      /* each worker to one processor; no good on the real clock */
    void *owner;
    int64_t patience_ns; /* a piece that takes longer is killed; 0: for ever */
    /* In a worker: appends what came out. */
    void (*work)(void *owner, uint64_t index, struct buf *out);
    /* In the caller's process. how: in words how the worker ended, if it gave nothing; else NULL.
     */
    enum pool_next (*done)(void *owner, uint64_t index, struct str text, const char *how);
    void (*tick)(void *owner); /* after each, and some times a second; may be NULL */
    bool (*over)(void *owner); /* true: all that runs is killed, done() not called; may be NULL */
};

/* 0, also when *ret_stopped says that Ctrl-C or the like ended it; works that it cut short may have
 * come to done() as well. ERR_MACHINE: there was no process to be had. */
int pool_run(const struct pool_config *config, bool *ret_stopped, struct err *err);

/* How many processors this process may use. */
uint32_t pool_processors(void);

#endif
