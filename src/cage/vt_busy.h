/* vt_busy.h - programs that compute or look at the clock without ever waiting.
 *
 * Computing takes no virtual time, up to a budget. Beyond it the thread is charged: it is put to
 * sleep for a little virtual time, so that the world goes on around it. */
#ifndef CAGE_VT_BUSY_H
#define CAGE_VT_BUSY_H

#include <stdbool.h>
#include <stdint.h>

struct vt_node;
struct vt_thread;

enum {
    VT_TICK_NS = 4000000,       /* how often a running thread is looked at, real time */
    VT_CPU_PER_STOP_NS = 10000, /* what a syscall that we see adds to the thread's CPU clock */
};

/* The thread stands at the start of a syscall. True: the node has made so many that the thread was
 * parked; the syscall is judged again when its time has come. */
bool vt_busy_stop(struct vt_thread *t);
/* A thread or process was born in the node, or executes a program: dearer than a syscall. */
void vt_busy_birth(struct vt_node *n);
/* It read the clock through a syscall. As above. */
bool vt_busy_clock_read(struct vt_thread *t);
/* It asked for a wait that is over already (the registers hold the answer). True: it was parked
 * for a little and then returns from the call. */
bool vt_busy_no_wait(struct vt_thread *t);
/* It yields, and nobody else of its node is READY. As above. */
bool vt_busy_yield(struct vt_thread *t);
/* Whether its process has used about as much CPU time as has passed since the last tick. */
bool vt_busy_computed(struct vt_thread *t);
/* It has been running in user code for at least a tick. True: it has been asked to stop. */
bool vt_busy_tick(struct vt_thread *t);
/* It has stopped because vt_busy_tick asked it to. */
void vt_busy_rotate(struct vt_thread *t);
/* Input has come for the node: what its threads are still charged for is forgiven. */
void vt_busy_input(struct vt_node *n);
/* The node has come to rest: budgets are full again. */
void vt_busy_rested(struct vt_node *n);

#endif
