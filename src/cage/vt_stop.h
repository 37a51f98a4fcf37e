/* vt_stop.h - judging what waitpid said about a thread. */
#ifndef CAGE_VT_STOP_H
#define CAGE_VT_STOP_H

#include "vt_world.h"

struct err;

/* GO: resume it. STAY: it is parked, queued, blocked natively, or gone (then t is freed). */
enum vt_verdict vt_stop(struct vt_thread *t, int status);
/* It stands at the start of a new program: makes that ours. On failure the process must be killed.
 * ERR_INPUT: a 32-bit program. ERR_MACHINE: the kernel did not let us. */
int vt_stop_exec(struct vt_thread *t, struct err *err);

#endif
