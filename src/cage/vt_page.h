/* vt_page.h - the page of memory through which a node's programs read their clocks.
 *
 * One page for each program image, shared between us and all processes forked from it. The code
 * that replaces the vDSO (vt_vdso.c) reads it; offsets there must agree with this layout. We write
 * it only while no thread of the node runs. */
#ifndef CAGE_VT_PAGE_H
#define CAGE_VT_PAGE_H

#include <stdint.h>

enum {
    VT_PAGE_SIZE = 4096,
    VT_PAGE_READS_FREE = 20000, /* clock reads in one step that cost nothing; see vt_busy.c */
    VT_PAGE_READS_EVERY = 256,  /* beyond, each so many-th read is a syscall that we see */
};

struct vt_page {
    int64_t monotonic_s, monotonic_ns; /*  0,  8 */
    int64_t wall_s, wall_ns;           /* 16, 24 */
    int64_t wall_us;                   /* 32 */
    uint64_t reads;                    /* 40: counted by the programs, set to 0 by us */
};

/* Our mapping of one page, with the references that processes hold to it. */
struct vt_page_map {
    struct vt_page *page;
    uint32_t ref_count;
};

#endif
