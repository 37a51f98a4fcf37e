/* vt_syscall.h - judging a syscall at whose start a thread stands.
 *
 * A handler answers it itself (vt_answer, GO), lets the kernel do it (GO), or parks the thread
 * (STAY). Handlers live in vt_sys_*.c by family; the table is in vt_syscall.c. */
#ifndef CAGE_VT_SYSCALL_H
#define CAGE_VT_SYSCALL_H

#include "vt_world.h"

enum vt_verdict vt_syscall(struct vt_thread *t);
/* The end of a syscall for which a handler had asked (t->after). */
enum vt_verdict vt_syscall_end(struct vt_thread *t);

/* For handlers: let the kernel do it, and stop at its end. */
enum vt_verdict vt_run_natively(struct vt_thread *t, enum vt_after after);

/* vt_sys_time.c */
enum vt_verdict vt_sys_clock_gettime(struct vt_thread *t);
enum vt_verdict vt_sys_gettimeofday(struct vt_thread *t);
enum vt_verdict vt_sys_time(struct vt_thread *t);
enum vt_verdict vt_sys_times(struct vt_thread *t);
enum vt_verdict vt_sys_getcpu(struct vt_thread *t);
enum vt_verdict vt_sys_getrusage(struct vt_thread *t);
void vt_sys_getrusage_end(struct vt_thread *t);
enum vt_verdict vt_sys_nanosleep(struct vt_thread *t);
enum vt_verdict vt_sys_clock_nanosleep(struct vt_thread *t);
enum vt_verdict vt_sys_sched_yield(struct vt_thread *t);
enum vt_verdict vt_sys_sync(struct vt_thread *t);
void vt_sleep_interrupt(struct vt_thread *t); /* parked in a sleep: ends in EINTR */

/* vt_futex.c */
enum vt_verdict vt_sys_futex(struct vt_thread *t);

/* vt_sys_fd.c */
enum vt_verdict vt_sys_epoll_wait(struct vt_thread *t);
enum vt_verdict vt_sys_epoll_pwait2(struct vt_thread *t);
enum vt_verdict vt_sys_poll(struct vt_thread *t);
enum vt_verdict vt_sys_ppoll(struct vt_thread *t);
enum vt_verdict vt_sys_select(struct vt_thread *t);
enum vt_verdict vt_sys_pselect6(struct vt_thread *t);
enum vt_verdict vt_sys_read(struct vt_thread *t);
enum vt_verdict vt_sys_recvfrom(struct vt_thread *t);
enum vt_verdict vt_sys_recvmsg(struct vt_thread *t);
enum vt_verdict vt_sys_recvmmsg(struct vt_thread *t);
enum vt_verdict vt_sys_accept(struct vt_thread *t);
void vt_fds_timeout(struct vt_thread *t); /* parked for descriptors: its moment has come */

/* vt_timer.c */
enum vt_verdict vt_sys_timer_create(struct vt_thread *t);
void vt_sys_timer_create_end(struct vt_thread *t);
enum vt_verdict vt_sys_timer_settime(struct vt_thread *t);
enum vt_verdict vt_sys_timer_gettime(struct vt_thread *t);
enum vt_verdict vt_sys_timer_delete(struct vt_thread *t);
enum vt_verdict vt_sys_timerfd_settime(struct vt_thread *t);
enum vt_verdict vt_sys_timerfd_gettime(struct vt_thread *t);
enum vt_verdict vt_sys_alarm(struct vt_thread *t);
enum vt_verdict vt_sys_setitimer(struct vt_thread *t);
enum vt_verdict vt_sys_getitimer(struct vt_thread *t);

/* vt_signal.c */
enum vt_verdict vt_sys_rt_sigtimedwait(struct vt_thread *t);
void vt_sys_rt_sigtimedwait_end(struct vt_thread *t);

/* vt_entropy.c */
enum vt_verdict vt_sys_getrandom(struct vt_thread *t);

#endif
