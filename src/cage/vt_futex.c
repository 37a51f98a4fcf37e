/* All waiting and waking on futexes happens here, never in the kernel.
 *
 * So the order of wakes is ours (first come, first served), a wait can end at a virtual moment, and
 * the tracer always knows who waits. A waiter is a PARKED thread with its address, process and bit
 * mask; wake looks through the threads of the node. Shared futexes (no PRIVATE flag) match by
 * address over all processes of the node, which is right after fork; mappings at other addresses
 * are found by vt_futex_recheck() before the node comes to rest.
 *
 * Priority-inheriting operations (LOCK_PI and so on) are left to the kernel, which also owns the
 * boosting that goes with them; they are rare. */
#include "vt_futex.h"

#include "vt_busy.h"
#include "vt_ptrace.h"
#include "vt_syscall.h"
#include "vt_thread.h"

#include <errno.h>
#include <linux/futex.h>
#include <time.h>

struct futex_call {
    int command;
    bool shared, wall;
    uint64_t address, timeout, address2; /* timeout is also a count */
    uint32_t value, value3;
};

static bool is_waiter(const struct vt_thread *w, const struct vt_proc *p, uint64_t address,
                      bool shared)
{
    return w->state == VT_PARKED && w->wait == VT_WAIT_FUTEX && w->futex.address == address &&
           (w->proc == p || (shared && w->futex.shared));
}

static int wake(struct vt_thread *t, const struct futex_call *call, uint64_t address, uint32_t max,
                uint32_t bitset)
{
    struct vt_node *n = t->node;
    int woken = 0;

    while ((uint32_t)woken < max) {
        struct vt_thread *first = NULL;
        size_t i;

        for (i = 0; i < n->thread_count; i++) {
            struct vt_thread *w = n->threads[i];

            if (is_waiter(w, t->proc, address, call->shared) && (w->futex.bitset & bitset) != 0 &&
                (first == NULL || w->park_order < first->park_order))
                first = w;
        }
        if (first == NULL)
            break;
        vt_unpark(first);
        vt_answer(first, 0);
        vt_queue_push(first);
        woken++;
    }
    return woken;
}

/* Where nobody waits here, nobody waits in the kernel either: it says 0 just as well, and the
 * registers need not be written. */
static enum vt_verdict futex_wake(struct vt_thread *t, const struct futex_call *call)
{
    int woken = wake(t, call, call->address, call->value, call->value3);

    if (woken > 0)
        vt_answer(t, woken);
    return VT_GO;
}

/* The word, and the moment at which the wait ends; false if an address or the timespec cannot be
 * used. */
static bool read_wait(struct vt_thread *t, const struct futex_call *call, uint32_t *ret_word,
                      struct vt_due *ret_due)
{
    struct timespec ts = {0};
    const struct vt_part parts[] = {
        {call->address, ret_word, sizeof(*ret_word)},
        {call->timeout, &ts, sizeof(ts)},
    };
    int64_t ns;

    *ret_due = VT_DUE_NEVER;
    if (!vt_mem_read_parts(t, parts, call->timeout != 0 ? 2 : 1))
        return false;
    if (call->timeout == 0)
        return true;
    if (ts.tv_sec < 0 || ts.tv_nsec < 0 || ts.tv_nsec >= 1000000000)
        return false;
    ns = vt_time_of(ts.tv_sec, ts.tv_nsec);
    *ret_due = call->command == FUTEX_WAIT ? vt_due_after(t->node, ns)
                                           : vt_due_at(call->wall ? VT_WALL : VT_MONOTONIC, ns);
    return true;
}

static enum vt_verdict futex_wait(struct vt_thread *t, const struct futex_call *call)
{
    struct vt_due due;
    uint32_t word;

    if (!read_wait(t, call, &word, &due))
        return VT_GO; /* the kernel says what is wrong */
    if (word != call->value) {
        vt_answer(t, -EAGAIN);
        return VT_GO;
    }
    if (vt_due_past(t->node, due)) {
        vt_answer(t, -ETIMEDOUT);
        return vt_busy_no_wait(t) ? VT_STAY : VT_GO;
    }
    t->futex.address = call->address;
    t->futex.value = call->value;
    t->futex.bitset = call->command == FUTEX_WAIT ? FUTEX_BITSET_MATCH_ANY : call->value3;
    t->futex.shared = call->shared;
    return vt_park(t, VT_WAIT_FUTEX, due);
}

/* Wakes some and moves the others to wait for the second word. */
static int64_t requeue(struct vt_thread *t, const struct futex_call *call)
{
    struct vt_node *n = t->node;
    uint32_t word, word2 = 0, moved = 0;
    int woken;
    size_t i;

    if (call->command == FUTEX_CMP_REQUEUE) {
        if (!vt_mem_read(t, call->address, &word, sizeof(word)))
            return -EFAULT;
        if (word != call->value3)
            return -EAGAIN;
    }
    woken = wake(t, call, call->address, call->value, FUTEX_BITSET_MATCH_ANY);
    vt_mem_read(t, call->address2, &word2, sizeof(word2));
    for (i = 0; i < n->thread_count && moved < (uint32_t)call->timeout; i++) {
        struct vt_thread *w = n->threads[i];

        if (!is_waiter(w, t->proc, call->address, call->shared))
            continue;
        w->futex.address = call->address2;
        w->futex.value = word2;
        moved++;
    }
    return woken + (int64_t)moved;
}

static uint32_t wake_op_result(uint32_t old, int operation, int argument)
{
    if ((operation & FUTEX_OP_OPARG_SHIFT) != 0) /* "shift": the argument is a bit number */
        argument = (int)(1u << (argument & 31));
    switch (operation & 7) {
    case FUTEX_OP_SET:
        return (uint32_t)argument;
    case FUTEX_OP_ADD:
        return old + (uint32_t)argument;
    case FUTEX_OP_OR:
        return old | (uint32_t)argument;
    case FUTEX_OP_ANDN:
        return old & ~(uint32_t)argument;
    default: /* FUTEX_OP_XOR */
        return old ^ (uint32_t)argument;
    }
}

static bool wake_op_compare(int old, int comparison, int argument)
{
    switch (comparison) {
    case FUTEX_OP_CMP_EQ:
        return old == argument;
    case FUTEX_OP_CMP_NE:
        return old != argument;
    case FUTEX_OP_CMP_LT:
        return old < argument;
    case FUTEX_OP_CMP_LE:
        return old <= argument;
    case FUTEX_OP_CMP_GT:
        return old > argument;
    default: /* FUTEX_OP_CMP_GE */
        return old >= argument;
    }
}

/* Changes the second word, wakes on the first, and on the second if its old value was so. The
 * packed operation: 4 bits operation, 4 bits comparison, 12 bits for each argument, signed. */
static int64_t wake_op(struct vt_thread *t, const struct futex_call *call)
{
    uint32_t packed = call->value3, old, changed;
    int argument = (int)(packed << 8) >> 20, compare_with = (int)(packed << 20) >> 20;
    int woken;

    if (!vt_mem_read(t, call->address2, &old, sizeof(old)))
        return -EFAULT;
    changed = wake_op_result(old, (int)(packed >> 28), argument);
    vt_mem_write(t, call->address2, &changed, sizeof(changed));
    woken = wake(t, call, call->address, call->value, FUTEX_BITSET_MATCH_ANY);
    if (wake_op_compare((int)old, (int)(packed >> 24) & 15, compare_with))
        woken += wake(t, call, call->address2, (uint32_t)call->timeout, FUTEX_BITSET_MATCH_ANY);
    return woken;
}

enum vt_verdict vt_sys_futex(struct vt_thread *t)
{
    int operation = (int)vt_arg(t, 1);
    struct futex_call call = {
        .command = operation & FUTEX_CMD_MASK,
        .shared = (operation & FUTEX_PRIVATE_FLAG) == 0,
        .wall = (operation & FUTEX_CLOCK_REALTIME) != 0,
        .address = vt_arg(t, 0),
        .value = (uint32_t)vt_arg(t, 2),
        .timeout = vt_arg(t, 3),
        .address2 = vt_arg(t, 4),
        .value3 = (uint32_t)vt_arg(t, 5),
    };

    switch (call.command) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET:
        return futex_wait(t, &call);
    case FUTEX_WAKE:
        call.value3 = FUTEX_BITSET_MATCH_ANY;
        return futex_wake(t, &call);
    case FUTEX_WAKE_BITSET:
        return futex_wake(t, &call);
    case FUTEX_REQUEUE:
    case FUTEX_CMP_REQUEUE:
        vt_answer(t, requeue(t, &call));
        return VT_GO;
    case FUTEX_WAKE_OP:
        vt_answer(t, wake_op(t, &call));
        return VT_GO;
    default:
        return vt_run_natively(t, VT_AFTER_NATIVE);
    }
}

void vt_futex_recheck(struct vt_node *n, struct vt_proc *p)
{
    size_t i;

    for (i = 0; i < n->thread_count; i++) {
        struct vt_thread *w = n->threads[i];
        uint32_t word;

        if (w->state != VT_PARKED || w->wait != VT_WAIT_FUTEX ||
            (p == NULL ? !w->futex.shared : w->proc != p))
            continue;
        if (vt_mem_read(w, w->futex.address, &word, sizeof(word)) && word != w->futex.value) {
            vt_unpark(w);
            vt_answer(w, 0);
            vt_queue_push(w);
        }
    }
}
