/* vt_child.h - what a node's first process does to itself, before exec, for the virtual clock. */
#ifndef CAGE_VT_CHILD_H
#define CAGE_VT_CHILD_H

#include <stdint.h>

struct cage_config;

enum vt_child_flags {
    VT_CHILD_TRACED = 1,
    VT_CHILD_ENTROPY = 2, /* randomness comes from the seed */
    VT_CHILD_DISK = 4,    /* syncing files costs time */
    VT_CHILD_FOLLOW = 8,  /* calls on files are looked at */
};

uint32_t vt_child_flags(const struct cage_config *config);
/* In the process itself, with the tracer attached. 0, or -1 and errno: no seccomp. */
int vt_child_prepare(uint32_t flags);

#endif
