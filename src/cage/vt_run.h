/* vt_run.h - letting a node run until all its threads wait. */
#ifndef CAGE_VT_RUN_H
#define CAGE_VT_RUN_H

#include <stdint.h>

struct vt_node;
struct vt_proc;
struct vt_thread;

/* Runs the node's threads, one at a time, until none can go on at this moment of world time, or its
 * first process has ended (n->ended). */
void vt_run(struct vt_node *n);
/* World time at which something of the node is due; VT_NEVER if nothing is. */
int64_t vt_run_when(const struct vt_node *n);
/* Makes what is due READY. */
void vt_run_fire(struct vt_node *n);
/* Writes what its clocks show now into the pages of its programs. */
void vt_publish_clocks(struct vt_node *n);

/* The thread's process has been killed or is exiting: waits for the end of all its threads. */
void vt_bury(struct vt_thread *t);
/* Kills all processes of the node and waits until they are gone. */
void vt_run_kill(struct vt_node *n);

#endif
