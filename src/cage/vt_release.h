/* vt_release.h - a node that is traced no longer, and stands still. */
#ifndef CAGE_VT_RELEASE_H
#define CAGE_VT_RELEASE_H

struct vt_node;

/* All its processes are stopped (SIGSTOP) and left by the tracer, so that a debugger can take them.
 * The node must be at rest. It has no threads for us afterwards; its keeper can still kill it. */
void vt_release(struct vt_node *n);

#endif
