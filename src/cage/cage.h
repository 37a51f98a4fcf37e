/* cage.h - real processes: starting, feeding, hearing, pausing and killing them.
 *
 * The only talk with the kernel about programs. A cage holds the processes of one run. Each node
 * has its own process group; lines go to its stdin through an inbox that never blocks us; its
 * stdout is cut into lines and its stderr into log lines. When the cage closes, or this process
 * dies by any means, every process that the nodes started is gone too.
 *
 * One thread; callbacks run inside cage_wait() (and cage_start, cage_kill) and may call any
 * function of the cage but cage_wait and cage_close. */
#ifndef CAGE_CAGE_H
#define CAGE_CAGE_H

#include "../base/str.h"
#include "sandbox.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct cage;
struct err;

enum {
    CAGE_LINE_MAX = 1 << 20,        /* bytes in a line of stdout */
    CAGE_INBOX_MAX = 64 << 20,      /* bytes waiting for one node's stdin */
    CAGE_STDERR_MAX = 64 << 20,     /* bytes of stderr kept of one node */
    CAGE_WALL_START_S = 1735689600, /* 2025-01-01, where wall clocks stand on the virtual clock */
    CAGE_LOG_LINE_MAX = 64 << 10,   /* longer lines of stderr are cut into several */
};

/* How a process ended. */
struct cage_exit {
    int code;                 /* exit status, or -1 if a signal ended it */
    int signal;               /* the signal, or 0 */
    struct sandbox_stop stop; /* the limit of its sandbox that ended it, after so much real time */
};

struct cage_events {
    void *owner;
    /* One line of stdout without its newline; borrowed. */
    void (*line)(void *owner, uint32_t node, struct str line);
    /* A line grew past CAGE_LINE_MAX; head is its beginning. The rest of the line is thrown away.
     */
    void (*overlong)(void *owner, uint32_t node, struct str head);
    /* One line of stderr. */
    void (*log)(void *owner, uint32_t node, struct str line);
    /* The node's first process ended by itself (not by cage_kill); all its output before that has
     * been reported. Its process group is killed. */
    void (*exited)(void *owner, uint32_t node, struct cage_exit how);
    /* The next two come from the virtual clock only and may be NULL. A thread of the node has
     * been busy for so long (busy_max_ns) that it looks like a loop without end, and input waits
     * unread; the node goes on if nobody kills it. Once until it rests. Nodes that compute
     * share that time. */
    void (*stuck)(void *owner, uint32_t node, struct str sentence);
    /* Something about the node that the reader of the result should know. */
    void (*note)(void *owner, uint32_t node, struct str sentence);
    /* The node stands before the change of its disk that cage_disk_trap() named. May be NULL if no
     * trap is ever set. */
    void (*trapped)(void *owner, uint32_t node);
};

enum cage_clock { CAGE_CLOCK_REAL, CAGE_CLOCK_VIRTUAL };

struct cage_config {
    uint32_t node_count;
    enum cage_clock clock;
    int cpu_count; /* restrict everything to so many processors; 0: all. Virtual clock: always 1 */
    struct cage_events events;

    /* The virtual clock only; 0 and false are good defaults. */
    uint64_t seed;           /* of the nodes' randomness, clocks and schedule */
    bool entropy_real;       /* let them draw randomness from the machine */
    bool schedule_seeded;    /* draw which runnable thread goes next instead of first come */
    int64_t disk_latency_ns; /* what an fsync and its like cost in virtual time */
    int64_t busy_max_ns;     /* until `stuck`; 0: 10 s */
    /* A folder for each node whose disk is followed (cage_disk.h); NULL: of none. Copied. */
    const char *const *disk_dirs;
    bool network; /* sockets between us and the nodes: cage_net.h */
    /* Each node in a sandbox of its own; spec.network follows from `network` above. NULL or
     * SANDBOX_OFF: in none. Borrowed until cage_close. */
    const struct sandbox_spec *sandbox;
};

/* A program to start; all texts borrowed during the call only. In a sandbox it has none of our
 * environment: five fixed variables, and of env those that begin with "EDDY_". */
struct cage_program {
    const char *path;        /* "/a/b", "./b" seen from our own folder, or "b" found in PATH */
    const char *const *argv; /* argv[0] included, ends in NULL */
    const char *const *env;  /* "NAME=value" to add to our environment, ends in NULL; may be NULL */
    bool env_only;           /* env is all there is: nothing of our environment */
    const char *cwd;
    const char *data; /* in a sandbox: the folder that it may change; NULL: none */
};

/* ERR_MACHINE: among others, the machine does not offer the sandbox that is asked for, or none that
 * could have the network asked for. */
int cage_open(const struct cage_config *config, struct cage **ret_cage, struct err *err);
void cage_close(struct cage *c); /* kills everything, waits until it is gone; NULL is fine */

/* ERR_INPUT: the program cannot be started (the sentence says why: not there, not executable, no
 * such interpreter). ERR_MACHINE: no pipes or processes left. The node must not be running. */
int cage_start(struct cage *c, uint32_t node, const struct cage_program *program, struct err *err);
/* SIGKILL to all of it, reaped; no exited event. Whole lines it had written are reported before
 * this returns, a line that the kill cut off is not. Called while a line of the same node is being
 * reported, it ends the reporting: what that node wrote after that line is lost. */
void cage_kill(struct cage *c, uint32_t node);
void cage_pause(struct cage *c, uint32_t node); /* SIGSTOP to all of it */
void cage_resume(struct cage *c, uint32_t node);
/* The node stands still for good and nothing of ours traces it any more, so that a debugger can
 * take it: for looking only, since outside of the virtual clock its calls fail. All that may
 * follow is cage_pid and the end: cage_kill of it, or cage_close. Not from within a callback. */
void cage_release(struct cage *c, uint32_t node);
bool cage_running(const struct cage *c, uint32_t node);
pid_t cage_pid(const struct cage *c, uint32_t node); /* 0 if it is not running */

/* Appends to the node's inbox; it leaves with the next cage_wait. ERR_FULL: CAGE_INBOX_MAX bytes
 * wait already; nothing was taken. Without effect (0) if the node is not running. */
int cage_write(struct cage *c, uint32_t node, struct str bytes);
/* No more input for this node: once it has read what waits, its stdin is over. What is written
 * afterwards is lost. Without effect if the node is not running; a new start has its input again.
 */
void cage_end_input(struct cage *c, uint32_t node);
size_t cage_inbox_bytes(const struct cage *c, uint32_t node);

/* Stops listening to stdout of all nodes while hold is true, so that fast senders feel the back
 * pressure of slow receivers. Takes effect at the next cage_wait. */
void cage_hold_output(struct cage *c, bool hold);

int64_t cage_now(const struct cage *c); /* ns since cage_open, on the run's clock */

/* Sends what waits in the inboxes, then waits until until_ns (INT64_MAX: no end) or until something
 * was heard, and reports it. Returns at once if until_ns is past. Real clock: returns after any
 * report. Virtual clock: runs all nodes until each is blocked, reports what they wrote, and moves
 * the clock to until_ns only if nobody wrote anything before. ERR_STOPPED: a signal asked us to
 * stop (see cage_stop_signals). */
int cage_wait(struct cage *c, int64_t until_ns, struct err *err);

/* What cage_wait returns on the virtual clock when until_ns is INT64_MAX and nothing can ever
 * happen again: every thread waits for input that only the caller could send. */
enum { CAGE_ASLEEP = 1 };

/* The clocks of one node, from now on: the wall clock is wrong by offset_ns, and both clocks run
 * drift_ppm too fast (up to half a million either way). What the offset was before does not
 * matter, so two calls make a jump. Waits until a wall-clock time move with it. Clocks outlive
 * crashes of the node. Without effect on the real clock. */
void cage_clock_set(struct cage *c, uint32_t node, int64_t offset_ns, int32_t drift_ppm);

/* SIGINT, SIGTERM and SIGHUP of this process end the cage_wait of any cage with ERR_STOPPED. */
void cage_stop_signals(void);
bool cage_stop_asked(void); /* one of them came */
void cage_stop_forget(
    void); /* it was heard; what follows is an orderly end, with runs of its own */

/* What the node has used so far: CPU time of all its processes, peak memory of the largest. */
struct cage_usage {
    int64_t cpu_ns;
    int64_t memory_peak_bytes;
};
void cage_usage(const struct cage *c, uint32_t node, struct cage_usage *ret_usage);

/* True: the node asked for more processes and threads than its sandbox has, and went on without
 * them. Level A only, where somebody counts. */
bool cage_tasks_refused(const struct cage *c, uint32_t node, struct sandbox_stop *ret_stop);

/* How often a thread of a node was held so far: what the virtual clock costs is about 20 us each.
 * 0 on the real clock. */
uint64_t cage_stops(const struct cage *c);

#endif
