/* vt_run.h - letting a node run until all its threads wait. */
#ifndef CAGE_VT_RUN_H
#define CAGE_VT_RUN_H

#include <stdbool.h>
#include <stdint.h>

struct vt_node;

/* Runs the node's threads, one at a time, until none can go on at this moment of world time, or its
 * first process has ended (n->ended). */
void vt_run(struct vt_node *n);
/* Looks whether something outside the node let one of its threads go on, which is READY then. */
bool vt_run_look(struct vt_node *n);
/* World time at which something of the node is due; VT_NEVER if nothing is. */
int64_t vt_run_when(const struct vt_node *n);
/* Makes what is due READY. */
void vt_run_fire(struct vt_node *n);
/* Writes what its clocks show now into the pages of its programs. */
void vt_publish_clocks(struct vt_node *n);

#endif
