/* vt_world.h - what the tracer knows: the world, its nodes, their processes and threads.
 *
 * Private to the vt_*.c files. A thread is in one of four states:
 *
 *      READY --vt_run--> RUNNING --a syscall that waits--> PARKED (stopped, held by us)
 *        ^                  |  `--one left to the kernel--> NATIVE (blocked in the kernel)
 *        `------------------+---- woken, due, finished -------'
 *
 * Laws: 1. At most one thread of the whole world is RUNNING. 2. READY and PARKED threads are in a
 * ptrace stop; only we can move them. 3. A thread is in its node's queue if and only if READY.
 * 4. World time moves only while no thread is READY (virtual.c). */
#ifndef CAGE_VT_WORLD_H
#define CAGE_VT_WORLD_H

#include "../base/prng.h"
#include "cage.h"
#include "vt_clock.h"
#include "vt_page.h"

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/user.h>
#include <time.h>

/* Planted bugs: see tests/planted/vt.sh. */
#ifndef PLANT_VT
#define PLANT_VT 0
#endif

enum vt_state { VT_READY, VT_RUNNING, VT_PARKED, VT_NATIVE };

/* What a PARKED thread waits for; each may have a due moment as well. */
enum vt_wait {
    VT_WAIT_NONE,
    VT_WAIT_SLEEP,  /* only the moment; the result is in the registers */
    VT_WAIT_BUSY,   /* likewise, but charged for being busy: no signal cuts it short */
    VT_WAIT_CHARGE, /* charged, and its syscall is judged again */
    VT_WAIT_DISK,   /* only the moment, then the syscall itself runs */
    VT_WAIT_FUTEX,  /* a wake of futex.address */
    VT_WAIT_FDS,    /* one of fds to become ready */
};

/* What to do at the end of a syscall that runs in the kernel. Not NONE: its end is a stop. */
enum vt_after {
    VT_AFTER_NONE,
    VT_AFTER_NATIVE,       /* nothing; but it may block there */
    VT_AFTER_SIGWAIT,      /* as NATIVE; at the due moment it ends in EAGAIN */
    VT_AFTER_SIGNALS,      /* it may have sent signals */
    VT_AFTER_TIMER_CREATE, /* remember the new timer */
    VT_AFTER_RUSAGE,       /* overwrite the CPU times */
    VT_AFTER_DISK,         /* tell the model of the disk */
    VT_AFTER_MMAP,         /* look for std::random_device in it */
    VT_AFTER_KICK,         /* a signal is to interrupt it; see vt_signal.c */
};

/* Why we sent PTRACE_INTERRUPT. */
enum vt_interrupt {
    VT_INTERRUPT_NONE,
    VT_INTERRUPT_ROTATE,
    VT_INTERRUPT_BLOCKED,
    VT_INTERRUPT_DUE
};

/* What follows a stop: resume the thread, or leave it (parked, queued, or gone). */
enum vt_verdict { VT_STAY, VT_GO };

struct vt_thread {
    pid_t tid;
    uint32_t number; /* order of birth in the node */
    struct vt_node *node;
    struct vt_proc *proc;
    enum vt_state state;
    struct vt_thread *queue_next;

    struct user_regs_struct regs; /* valid and dirty say in what state this copy is */
    bool regs_valid, regs_dirty;
    struct user_regs_struct saved; /* the arguments of a syscall that we changed */
    int resume_request;            /* PTRACE_CONT or PTRACE_SYSCALL */
    int resume_signal;

    enum vt_wait wait;
    struct vt_due due;
    uint64_t park_order;
    enum vt_after after;
    enum vt_interrupt interrupt;
    bool judge;    /* when its turn comes its syscall has still to be judged */
    bool let_pass; /* it has let the others go first before this syscall */
    bool paid;     /* it has been charged for the clock read that is judged again */
    bool in_vfork;
    bool group_stopped; /* by SIGSTOP and the like */
    uint64_t signals_seen;

    struct {
        uint64_t address;
        uint32_t value, bitset;
        bool shared;
    } futex;
    struct pollfd *fds; /* our own copies of the descriptors */
    size_t fd_count, fd_cap;
    bool revents_clear; /* of a poll: its array holds no old events */

    struct {            /* of a call on the followed folder, at its start */
        bool existed;   /* what its path leads to */
        uint64_t freed; /* bytes that go with the last name of what was there */
    } disk;

    unsigned idle_yields;
    int64_t cpu_ns;          /* what its CPU clock shows */
    int64_t burst_start_ns;  /* real CPU time of the process when it was first seen busy; 0: not */
    int stat_fd;             /* /proc/TID/stat, or -1 */
    unsigned doubtful_looks; /* at which it called itself asleep and was on the run queue */
};

enum vt_timer_kind { VT_TIMER_REAL, VT_TIMER_POSIX, VT_TIMER_FD };

struct vt_timer {
    struct vt_timer *next;
    enum vt_timer_kind kind;
    int id; /* timer_t or descriptor */
    struct vt_due due;
    int64_t interval_ns;
    enum vt_clock_kind clock;
    int signal, notify; /* VT_TIMER_POSIX: as in struct sigevent */
    pid_t notify_tid;
    uint64_t value;
    int copy_fd; /* VT_TIMER_FD: our copy */
};

struct vt_proc {
    struct vt_proc *next;
    pid_t tgid;
    int pidfd;
    struct vt_node *node;
    uint32_t thread_count;
    struct vt_page_map *page; /* counted reference; shared after fork; NULL before the first exec */
    struct vt_timer *timers;
    bool exiting;        /* exit_group was called */
    int64_t cpu_seen_ns; /* real CPU time it had used at the last tick */
};

struct vt_node {
    struct vt *world;
    uint32_t id;
    struct node_life *life; /* NULL: not running */
    bool ended;             /* its first process has ended by itself, which is not reported yet */
    bool ran;               /* in this round */
    bool touched;           /* something happened that may let one of its threads run */
    short out_events;       /* of its stdout when it last came to rest, as poll(2) says it */
    short err_events;       /* likewise, of its stderr */
    pid_t main_tgid;

    struct vt_thread **threads;
    size_t thread_count, thread_cap;
    struct vt_proc *procs;
    struct vt_thread *queue_head, *queue_tail;
    uint32_t queue_len;

    uint32_t thread_number, start_number;
    uint64_t park_number;
    uint64_t signals_sent;
    struct vt_clock clock;
    struct vt_disk *disk; /* NULL: not followed */
    struct prng entropy, schedule;

    /* A node that writes without end; see hear_node() in virtual.c. */
    int64_t full_at_ns;  /* when it last was found blocked on its full output */
    uint32_t full_count; /* how often at that time */
    int64_t full_pause_ns;
    int64_t held_until_ns; /* it does not run before; 0: it may */

    /* Busy budgets; see vt_busy.c. */
    uint64_t spin_count, stop_count;
    uint64_t stop_next;  /* stop_count at which the next charge is due, once stops are not free */
    int64_t computed_ns; /* real CPU time of all its processes in this step, as far as ticks saw */
    int64_t charged_ns;
    int64_t computing_ns; /* of that for computing; a tick for a tick */
    int64_t alive_ns;     /* charged_ns when it was last found to read its input */
    uint64_t alive_read;  /* bytes of its stdin that it had read by then */
    uint64_t work_read;   /* likewise, when it was last about to be charged */
    bool stuck_reported;
    bool inet_noted;
};

struct vt {
    const struct cage_config *config;
    int64_t now_ns;
    struct vt_node *nodes;  /* config->node_count */
    int copies_max;         /* copies of nodes' descriptors have smaller numbers than this */
    bool no_wchan;          /* this kernel does not say where threads sleep */
    uint64_t *report_count; /* the cage's: a wait ends with a report */
    bool held;              /* output was not listened to in the last round */
    timer_t tick;
    struct {
        uint64_t stops, syscalls, natives, ticks, charges;
    } counts;
};

#endif
