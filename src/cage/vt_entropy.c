/* Where programs get chance from, and what we do about each source.
 *
 *   getrandom, and its vDSO twin    answered here; the twin says "not here" (vt_vdso.c)
 *   /dev/random, /dev/urandom       answered when read (vt_sys_fd.c knows them by device number)
 *   16 bytes at start (AT_RANDOM)   overwritten at exec (vt_vdso.c)
 *   addresses of memory             the same in each run: no address space layout randomization,
 *                                   and an environment of always the same length (vt_child.c)
 *   rdtsc, the cycle counter        set to fault in the child; a 3 GHz counter of virtual time
 *   process numbers                 small and the same where a PID namespace can be had
 *   rdrand, rdseed instructions     not ours to stop; OpenSSL is told through its environment that
 *                                   the processor has none, std::random_device of C++ is replaced
 *                                   (vt_libcxx.c). Other programs that use them are not repeatable.
 *
 * Go seeds its scheduler from the cycle counter, Node and Ruby from several of these: leaving out
 * one of them was seen to break repeatability of one runtime or another. */
#include "vt_entropy.h"

#include "../base/mem.h"
#include "vt_ptrace.h"
#include "vt_syscall.h"

#include <errno.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/uio.h>

enum { FILL_MAX = 1 << 20, TSC_PER_NS = 3, IOV_LEN_MAX = 64 };

const char *const vt_entropy_env[] = {"OPENSSL_ia32cap=~0x4000000000000000:~0x40000", NULL};

void vt_entropy_start(struct vt_node *n)
{
    char name[64];

    snprintf(name, sizeof(name), "entropy of node %u start %u", n->id,
             PLANT_VT == 13 ? 0 : n->start_number);
    prng_init(&n->entropy, n->world->config->seed, name);
    snprintf(name, sizeof(name), "schedule of node %u start %u", n->id, n->start_number);
    prng_init(&n->schedule, n->world->config->seed, name);
    n->start_number++;
}

void vt_entropy_fill(struct vt_node *n, void *into, size_t len)
{
    prng_fill(&n->entropy, into, len);
}

/* Fills memory of the program; the number of bytes, or -EFAULT. */
static int64_t fill_memory(struct vt_thread *t, uint64_t address, uint64_t len)
{
    size_t take = len < FILL_MAX ? (size_t)len : FILL_MAX;
    void *bytes = mem_alloc(take);
    bool fits;

    vt_entropy_fill(t->node, bytes, take);
    fits = take == 0 || vt_mem_write(t, address, bytes, take);
    mem_free(bytes);
    return fits ? (int64_t)take : -EFAULT;
}

enum vt_verdict vt_sys_getrandom(struct vt_thread *t)
{
    vt_answer(t, fill_memory(t, vt_arg(t, 0), vt_arg(t, 1)));
    return VT_GO;
}

void vt_entropy_read(struct vt_thread *t)
{
    struct iovec parts[IOV_LEN_MAX];
    uint64_t count = vt_arg(t, 2), i;
    int64_t sum = 0, got;

    if (vt_syscall_number(t) == SYS_read) {
        vt_answer(t, fill_memory(t, vt_arg(t, 1), vt_arg(t, 2)));
        return;
    }
    if (count > IOV_LEN_MAX)
        count = IOV_LEN_MAX; /* a short read, as is allowed */
    if (!vt_mem_read(t, vt_arg(t, 1), parts, count * sizeof(parts[0]))) {
        vt_answer(t, -EFAULT);
        return;
    }
    for (i = 0; i < count; i++) {
        got = fill_memory(t, (uint64_t)(uintptr_t)parts[i].iov_base, parts[i].iov_len);
        if (got < 0) {
            sum = got;
            break;
        }
        sum += got;
    }
    vt_answer(t, sum);
}

bool vt_entropy_rdtsc(struct vt_thread *t)
{
    struct user_regs_struct *r = vt_regs(t);
    unsigned char insn[3] = {0};
    uint64_t count;
    int len = 0;

    if (!vt_mem_read(t, r->rip, insn, 2) || insn[0] != 0x0f)
        return false;
    if (insn[1] == 0x31) /* rdtsc */
        len = 2;
    else if (insn[1] == 0x01 && vt_mem_read(t, r->rip, insn, 3) && insn[2] == 0xf9) /* rdtscp */
        len = 3;
    if (len == 0)
        return false;
    count =
        (uint64_t)vt_clock_read(&t->node->clock, VT_MONOTONIC, t->node->world->now_ns) * TSC_PER_NS;
    r->rax = count & 0xffffffff;
    r->rdx = count >> 32;
    if (len == 3)
        r->rcx = 0;
    r->rip += (unsigned)len;
    r->orig_rax = (unsigned long long)-1; /* no syscall to restart */
    vt_regs_changed(t);
    return true;
}
