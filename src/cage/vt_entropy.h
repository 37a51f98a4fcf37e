/* vt_entropy.h - all chance of a node's programs comes from the seed. */
#ifndef CAGE_VT_ENTROPY_H
#define CAGE_VT_ENTROPY_H

#include <stdbool.h>
#include <stddef.h>

struct vt_node;
struct vt_thread;

/* A new stream for each start of each node. */
void vt_entropy_start(struct vt_node *n);
void vt_entropy_fill(struct vt_node *n, void *into, size_t len);
/* The thread has just got SIGSEGV. True: it was a rdtsc, which has been answered. */
bool vt_entropy_rdtsc(struct vt_thread *t);
/* It stands at a read of /dev/random or /dev/urandom: answered. */
void vt_entropy_read(struct vt_thread *t);

/* To be added to the environment of seeded programs: "NAME=value", ends in NULL. */
extern const char *const vt_entropy_env[];

#endif
