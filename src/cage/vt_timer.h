/* vt_timer.h - the timers of a process: alarm and setitimer, POSIX timers, timerfds. */
#ifndef CAGE_VT_TIMER_H
#define CAGE_VT_TIMER_H

#include <stdint.h>

struct vt_node;
struct vt_proc;

/* World time at which the first timer of the process is due; VT_NEVER if none. */
int64_t vt_timers_when(const struct vt_proc *p);
/* Fires those that are due: sends their signals, makes their descriptors readable. */
void vt_timers_fire(struct vt_node *n);
/* The process executes a new program: only the alarm survives. */
void vt_timers_exec(struct vt_proc *p);

#endif
