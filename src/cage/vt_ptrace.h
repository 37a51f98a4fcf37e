/* vt_ptrace.h - reading, changing and moving a stopped thread. Thin; no policy here.
 *
 * Registers are fetched at most once a stop and written back only if changed. All calls but
 * vt_resume need a stopped thread. A thread that is being killed answers nothing any more; that is
 * never an error here: its death is seen by the next wait. */
#ifndef CAGE_VT_PTRACE_H
#define CAGE_VT_PTRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct user_regs_struct;
struct vt_thread;

struct user_regs_struct *vt_regs(struct vt_thread *t); /* fetched if need be */
void vt_regs_changed(struct vt_thread *t);
/* At the start of a syscall: it will not run, and return value. */
void vt_answer(struct vt_thread *t, int64_t value);
/* At the end of a syscall: return value instead. */
void vt_return(struct vt_thread *t, int64_t value);
/* Argument 0 to 5 of the syscall at whose start the thread stands. */
uint64_t vt_arg(struct vt_thread *t, int i);
uint64_t vt_syscall_number(struct vt_thread *t);

bool vt_mem_read(struct vt_thread *t, uint64_t address, void *into, size_t len);
/* All of several places or, false, not all: one call into the kernel costs as much as one place. */
struct vt_part {
    uint64_t address;
    void *into;
    size_t len;
};
enum { VT_PARTS_MAX = 4 };
bool vt_mem_read_parts(struct vt_thread *t, const struct vt_part *parts, int count);
bool vt_mem_write(struct vt_thread *t, uint64_t address, const void *from, size_t len);

/* Lets it run as resume_request and resume_signal say (and resets them); state becomes RUNNING. */
void vt_resume(struct vt_thread *t);
/* The next report of this thread; -1 if there is none and will be none. */
int vt_wait_blocking(pid_t tid);
/* The kernel's letter for its state: R, S, D, t, Z, ...; 'X' if it is gone. S means really asleep,
 * not about to be. */
char vt_kernel_state(struct vt_thread *t);

/* Runs a syscall inside the thread, which stands at the end of one; insn is the address of a
 * syscall instruction. Leaves the registers as they were. The result, or a negative errno. */
int64_t vt_inject(struct vt_thread *t, uint64_t insn, long number, const uint64_t args[6]);

#endif
