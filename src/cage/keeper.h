/* keeper.h - the process that stands over one node, and how we talk with it.
 *
 * A keeper starts the node's first process, is the parent of every orphan below it, and obeys
 * orders over a socket of whole messages. Where the kernel lets it, it is process 1 of a PID
 * namespace with a /proc of its own; then its death is the death of all processes of the node.
 * When its socket ends or our process is gone, it kills everything below it and ends. */
#ifndef CAGE_KEEPER_H
#define CAGE_KEEPER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum keeper_order {
    KEEPER_KILL, /* everything; answered by KEEPER_GONE */
    KEEPER_PAUSE,
    KEEPER_RESUME,
    KEEPER_USAGE,
};

enum keeper_word {
    KEEPER_FAILED, /* the first process could not be made: error */
    KEEPER_ENDED,  /* the first process ended by itself, and all others are gone now: status */
    KEEPER_GONE,
    KEEPER_PAUSED,
    KEEPER_RESUMED,
    KEEPER_USED,
};

struct keeper_report {
    int32_t word;
    int32_t error;      /* KEEPER_FAILED: errno */
    int32_t status;     /* KEEPER_ENDED: as of wait(2) */
    int32_t limit;      /* KEEPER_ENDED: enum sandbox_limit that the keeper ended it for */
    int64_t cpu_ns;     /* all processes of the node so far */
    int64_t peak_bytes; /* memory of the largest of them */
    int64_t figure;     /* of limit */
    int64_t bound;
};

/* Our end. */
struct keeper {
    int fd; /* -1: there is none */
    bool ended;
    struct keeper_report end; /* if ended: what KEEPER_ENDED said */
};

/* Sends an order. A keeper that is gone takes none; the next keeper_hear says so. */
void keeper_order(const struct keeper *k, enum keeper_order order);
/* 1: *ret_report came. 0: nothing there. -1: the keeper is gone. Waits at most timeout_ms (-1: for
 * ever). KEEPER_ENDED is also noted in k. */
int keeper_hear(struct keeper *k, struct keeper_report *ret_report, int timeout_ms);
/* Order and answer. False: the node ended (k->ended), or the keeper is gone or does not answer for
 * 20 s (a program of the same user can stop it). */
bool keeper_ask(struct keeper *k, enum keeper_order order, enum keeper_word answer,
                struct keeper_report *ret_report);
void keeper_close(struct keeper *k); /* the keeper kills what is left and ends */

/* The other end: what the warden needs to start one. The fds are open, the texts are borrowed. */
struct keeper_task {
    int control_fd; /* orders and reports */
    int gate_fd;    /* for the first process, see spawn.h */
    int stdio_fd[3];
    uint32_t trace; /* enum vt_child_flags (vt_child.h) for the first process; 0: the real clock */
    int eddy_fd;    /* a pidfd of our process, or -1 */
    const char *path;
    const char *cwd; /* "" is none */
    char *const *argv;
    char *const *env; /* to add, ends in NULL */
    bool env_only;    /* nothing but env */
    uint32_t node;
    const char *data;                /* "" is none; cage_program.data */
    const struct sandbox_plan *plan; /* NULL: no sandbox */
};

_Noreturn void keeper_main(const struct keeper_task *task);

#endif
