/* cage_internal.h - what the front (cage.c), the nodes (node.c) and the clocks share.
 *
 * A clock decides when nodes run: real.c lets them run as they like and sleeps in epoll; the
 * virtual clock traces them. Both use the nodes, inboxes and line cutters here. Only files of
 * this folder include this header. */
#ifndef CAGE_INTERNAL_H
#define CAGE_INTERNAL_H

#include "cage.h"
#include "inbox.h"
#include "keeper.h"
#include "liner.h"
#include "sandbox_parts.h"
#include "warden.h"

#include <signal.h>

enum { CAGE_READ_SIZE = 256 << 10, CAGE_PIPE_SIZE = 1 << 20 };

/* One process tree from start to end. A node that is started again gets a new life. */
struct node_life {
    uint32_t node;
    uint32_t number; /* counts all lives of the cage; tells events of an old one apart */
    pid_t pid;       /* of the first process, as we see it */
    struct keeper keeper;
    int in_fd; /* our ends of its pipes; -1 once closed */
    int out_fd;
    int err_fd;
    struct liner out;
    struct liner err;
    struct inbox inbox;
    bool input_over;    /* stdin is closed as soon as the inbox is empty */
    uint64_t fed_bytes; /* of the inbox that its stdin has taken so far */
    size_t err_bytes;   /* of stderr so far */
    bool paused;
    int busy;                      /* calls of node_* on the stack that report for it */
    bool dead;                     /* killed while busy: freed when busy is 0 again */
    void *clock;                   /* the clock's own part; the clock frees it in ops->ended */
    struct sandbox_cgroup *cgroup; /* NULL: its memory and tasks are not counted together */
    int64_t started_ns;            /* real time */
    int64_t out_bytes;             /* of stdout so far */
    struct sandbox_stop stop;      /* we ended it for this reason */
};

struct cage_node {
    struct node_life *life; /* NULL: not running */
    struct cage_usage past; /* of lives that are over */
    bool tasks_refused;     /* in one of them */
};

/* What a clock does. All pointers are set. c->clock is its own. */
struct cage_clock_ops {
    bool traced;     /* first processes prepare for the tracer, all on one processor */
    bool network;    /* carries sockets (net.h) */
    bool namespaces; /* whether nodes shall have PID namespaces where possible */
    int (*open)(struct cage *c, struct err *err);
    void (*close)(struct cage *c);
    /* The process waits at the gate (spawn.h): let it through. As spawn_result: 1 when it runs.
     * path and cwd are for the sentences. */
    int (*start)(struct cage *c, struct node_life *life, int gate_fd, const char *path,
                 const char *cwd, struct err *err);
    /* Order KEEPER_KILL and wait for KEEPER_GONE or the end of the keeper. */
    void (*kill)(struct cage *c, struct node_life *life, struct keeper_report *ret_last);
    void (*ended)(struct cage *c, struct node_life *life); /* it is over; its fds are still open */
    void (*pause)(struct cage *c, struct node_life *life);
    void (*resume)(struct cage *c, struct node_life *life);
    void (*release)(struct cage *c, struct node_life *life); /* NULL: nothing holds it */
    void (*wrote)(struct cage *c, struct node_life *life); /* its inbox was empty and is not now */
    void (*set)(struct cage *c, uint32_t node, int64_t offset_ns, int32_t drift_ppm);
    /* NULL: this clock follows no disks. */
    struct vt_disk *(*disk)(const struct cage *c, uint32_t node);
    void (*untrap)(struct cage *c, uint32_t node);
    int64_t (*now)(const struct cage *c);
    uint64_t (*stops)(const struct cage *c); /* NULL: it stops nobody */
    int (*wait)(struct cage *c, int64_t until_ns, struct err *err);
};

extern const struct cage_clock_ops cage_real_clock;
extern const struct cage_clock_ops cage_virtual_clock;

struct cage {
    struct cage_config config;
    const struct cage_clock_ops *ops;
    void *clock;
    struct warden warden;
    struct sandbox_plan *plan; /* of its nodes' sandboxes, for node 0; NULL: they have none */
    struct net *net;           /* NULL: config.network was not asked for, or the clock has none */
    struct cage_node *nodes;
    uint32_t lives;        /* how many there were so far */
    uint64_t report_count; /* callbacks so far */
    bool hold;
    bool waiting;     /* inside cage_wait */
    char *read_space; /* CAGE_READ_SIZE bytes, or NULL while in use */
    struct sigaction old_pipe;
};

/* ---- node.c ---- */

/* Makes pipes, keeper and first process; on success *ret_life runs. */
int node_start(struct cage *c, uint32_t node, const struct cage_program *program,
               struct node_life **ret_life, struct err *err);
/* Sends what waits in the inbox. INBOX_SHUT closes the node's stdin, and so does the end of input.
 */
enum inbox_state node_feed(struct node_life *life);
/* How much of what was sent to its stdin it has not read, and how much it has. */
size_t node_unread(const struct node_life *life, uint64_t *ret_read);
/* Read once and report whole lines. 1: there may be more. 0: nothing now. -1: the stream is over
 * (its fd is closed now) or the life is. */
int node_hear_out(struct cage *c, struct node_life *life);
int node_hear_err(struct cage *c, struct node_life *life);
/* The first process ended by itself: reports the rest of its output, then exited. Frees life. */
void node_end(struct cage *c, struct node_life *life);
/* Kills it; reports what it had written, but no line cut off by the kill. Frees life. */
void node_kill(struct cage *c, struct node_life *life);
void node_release(struct cage *c, struct node_life *life);
void usage_add(struct cage_usage *sum, const struct keeper_report *report);

/* ---- stop.c ---- */

int stop_fd(void); /* readable for ever once a signal asked us to stop; -1: nobody asked for it */
bool stop_asked(void);

#endif
