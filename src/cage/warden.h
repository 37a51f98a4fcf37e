/* warden.h - the small process that starts all others.
 *
 * Forked when the cage opens, before anything grew, so that each later fork is cheap; in a session
 * of its own, so that Ctrl-C reaches us alone. It makes a keeper for each node (keeper.h), adopts
 * what a dead keeper leaves, and when our process is gone it ends after everything below it. */
#ifndef CAGE_WARDEN_H
#define CAGE_WARDEN_H

#include "keeper.h"

#include <sched.h>

struct err;

struct warden {
    int fd; /* -1: none */
    pid_t pid;
    cpu_set_t cpus; /* we had before, to be given back */
    bool restricted;
};

enum { WARDEN_TEXT_MAX = 128 << 10 }; /* bytes in path, folder, arguments and additions to env */

struct warden_options {
    bool namespaces; /* try for a PID namespace a node; quietly goes without where it may not */
    int cpu_count;   /* 0: all; restricts our own thread, too, until warden_close */
    const struct sandbox_plan *plan; /* of node 0's sandbox; NULL: no sandboxes */
};

int warden_open(const struct warden_options *options, struct warden *ret_warden, struct err *err);
void warden_close(struct warden *w); /* waits until it and all below it are gone */

/* Has a keeper made, which makes the first process and leaves it at the gate. The fds in task stay
 * the caller's; eddy_fd and plan are not used (the warden knows both). ERR_INPUT: the texts are
 * longer than WARDEN_TEXT_MAX. */
int warden_start(const struct warden *w, const struct keeper_task *task, struct err *err);

#endif
