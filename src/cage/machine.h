/* machine.h - what this machine grants to eddy, found out by trying it. */
#ifndef CAGE_MACHINE_H
#define CAGE_MACHINE_H

#include <stdbool.h>

enum { MACHINE_TEXT_MAX = 256 };

struct machine_probe {
    const char *name;            /* "processors", "pid namespace", ... */
    bool fine;                   /* false: something is missing */
    char text[MACHINE_TEXT_MAX]; /* what was found, or what is missing and what it is for */
};

/* The probes one by one, in a fixed order; false after the last. Each takes some milliseconds at
 * most and leaves nothing behind. */
bool machine_probe(unsigned index, struct machine_probe *ret_probe);

/* Whether the virtual clock can be had; if not, *ret_missing is the first probe that stands in the
 * way. */
bool machine_has_virtual_clock(struct machine_probe *ret_missing);

/* Whether a program can have the same addresses of memory in each run; if not, errno says why. */
bool machine_fixes_addresses(void);

#endif
