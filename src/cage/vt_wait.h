/* vt_wait.h - the next report of a thread; and burying the dead. */
#ifndef CAGE_VT_WAIT_H
#define CAGE_VT_WAIT_H

#include "vt_world.h"

enum vt_waited {
    VT_WAITED_STOP,
    VT_WAITED_BLOCKED, /* it is NATIVE now: asleep in the kernel */
    VT_WAITED_GONE,    /* freed, or queued by what was found instead */
};

/* Waits until the RUNNING thread stops; *ret_status is as of waitpid. */
enum vt_waited vt_wait_thread(struct vt_thread *t, int *ret_status);
/* A report that is there already: as waitpid with WNOHANG. */
int vt_wait_look(pid_t tid, int *ret_status);
/* Between two looks at a thread that the kernel has not put to rest yet; spins counts them. */
void vt_wait_settle(struct vt_thread *t, int spins);
/* waitpid does not know the thread any more: finds out why. It may be freed. */
enum vt_waited vt_wait_vanished(struct vt_thread *t);

/* The thread's process has been killed or is exiting: waits for the end of all its threads. */
void vt_bury(struct vt_thread *t);
/* Kills all processes of the node and waits until they are gone. */
void vt_bury_node(struct vt_node *n);

#endif
