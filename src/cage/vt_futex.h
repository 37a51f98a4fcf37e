/* vt_futex.h - waits for a word of memory; see vt_futex.c. */
#ifndef CAGE_VT_FUTEX_H
#define CAGE_VT_FUTEX_H

struct vt_node;
struct vt_proc;

/* Wakes the threads of p (NULL: all that wait on shared memory) that wait for a word which does not
 * hold the awaited value any more. For changes that no futex call announced: the kernel clears a
 * word when a thread ends; shared memory may stand at different addresses in two processes. */
void vt_futex_recheck(struct vt_node *n, struct vt_proc *p);

#endif
