/* vt_vdso.h - a fresh program image reads its clocks from our page instead of from the machine. */
#ifndef CAGE_VT_VDSO_H
#define CAGE_VT_VDSO_H

struct err;
struct vt_thread;

/* The thread stands at the end of the execve that started the image. Maps the page of the node
 * into it, replaces the clock functions of its vDSO, and replaces the 16 random bytes that the
 * kernel gave it (unless entropy is real). ERR_MACHINE: the kernel did not let us. */
int vt_vdso_take_over(struct vt_thread *t, struct err *err);

#endif
