/* vt_filter.h - the seccomp filter of a node: which syscalls stop for the tracer. */
#ifndef CAGE_VT_FILTER_H
#define CAGE_VT_FILTER_H

#include <stdbool.h>
#include <stddef.h>

struct sock_fprog;

struct vt_filter_options {
    bool entropy; /* getrandom is answered by us, and libraries are looked at */
    bool disk;    /* syncing a file costs time */
    bool follow;  /* calls on files are looked at (vt_disk.c) */
};

enum { VT_FILTER_LEN_MAX = 512 };

struct vt_filter;

struct vt_filter *vt_filter_new(struct vt_filter_options options);
void vt_filter_free(struct vt_filter *f); /* NULL is fine */
/* For the child between fork and exec: makes it its own, for good. 0, or -1 and errno. */
int vt_filter_install(const struct vt_filter *f);
size_t vt_filter_len(const struct vt_filter *f);

#endif
