/* vt_thread.h - tables of threads and processes, the run queue, parking and waking.
 *
 * Numbers of some hundred threads a node are meant; tables are walked. */
#ifndef CAGE_VT_THREAD_H
#define CAGE_VT_THREAD_H

#include "vt_world.h"

/* A new process: a copy of parent (NULL: the first of its node). */
struct vt_proc *vt_proc_new(struct vt_node *n, pid_t tgid, struct vt_proc *parent);
/* A new thread, not in the queue, state READY to be pushed. */
struct vt_thread *vt_thread_new(struct vt_proc *p, pid_t tid);
/* The thread is gone: frees it, and its process with the last one (then returns true). Threads that
 * wait for a futex the kernel cleared are woken. */
bool vt_thread_gone(struct vt_thread *t);
struct vt_thread *vt_thread_find(const struct vt_node *n, pid_t tid); /* or NULL */
void vt_page_release(struct vt_page_map *map); /* one reference; NULL is fine */
/* Our copy of one of the process's descriptors; negative errno if it has no such one. */
int vt_proc_getfd(struct vt_proc *p, int fd);

void vt_queue_push(struct vt_thread *t); /* becomes READY */
struct vt_thread *vt_queue_pop(struct vt_node *n);

/* The thread waits from now on; what for must be set up already. Always VT_STAY. */
enum vt_verdict vt_park(struct vt_thread *t, enum vt_wait wait, struct vt_due due);
/* Ends a wait: closes copies of descriptors. The caller sets the result and pushes. */
void vt_unpark(struct vt_thread *t);
/* Moments a relative or an absolute wait ends at; a wait of 0 ends now. */
struct vt_due vt_due_after(const struct vt_node *n, int64_t ns);
struct vt_due vt_due_at(enum vt_clock_kind kind, int64_t at_ns);
bool vt_due_past(const struct vt_node *n, struct vt_due due);
/* How long until due on the node's clock; at least 0. */
int64_t vt_due_left(const struct vt_node *n, struct vt_due due);

#endif
