/* lin_op.h - operations as the order checkers see them: what, from when to when.
 *
 * A part is what can be checked alone: all operations of one key, or the whole history of a
 * model without keys (Herlihy and Wing 1990: linearizability is local, so a history is
 * linearizable if and only if each object's part is). Failed operations and observations whose
 * answer nobody got are not in it. */
#ifndef CHECK_LIN_OP_H
#define CHECK_LIN_OP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* States are dense numbers; what they stand for is known to lin_space.h alone. */
#define LIN_REFUSED UINT32_MAX          /* the operation cannot happen in this state */
#define LIN_IMPOSSIBLE (UINT32_MAX - 1) /* a state that never is, as a set with doubles */
#define LIN_DEAD (UINT32_MAX - 2)       /* all the states that no later read shows */

#define LIN_OPEN UINT32_MAX /* the return of an operation that may happen at any later time */

/* What an operation does to the state. */
enum lin_kind {
    LIN_READ,        /* observes that the state is a */
    LIN_WRITE,       /* the state becomes a */
    LIN_CAS,         /* the state is a and becomes b */
    LIN_APPEND,      /* a is put at the end */
    LIN_ENQUEUE,     /* a */
    LIN_DEQUEUE,     /* a was at the head */
    LIN_DEQUEUE_ANY, /* takes the head if there is one: the answer got lost */
    LIN_GRANT,       /* a fenced lock that is free grants the number in a, b: lin_op_number() */
    LIN_GRANT_ANY,   /* the same with a number that nobody knows */
    LIN_RETURN,      /* gives the lock of that number back */
    LIN_INSERT,      /* element a */
    LIN_REMOVE,      /* element a, there or not */
    LIN_CONTAINS,    /* observes that element a is there (b 1) or not (b 0) */
    LIN_ADD,         /* the number in a, b is added */
    LIN_TXN,         /* transaction a: reads and writes of several registers */
    LIN_LOOK,        /* the same where it only reads */
};

struct lin_op {
    uint32_t inv; /* index in the history of its invocation */
    uint32_t ret; /* and of its completion, or LIN_OPEN: then it may also never happen */
    uint32_t a, b;
    int32_t process;
    uint8_t kind; /* enum lin_kind */
};

/* An event is an operation's number times two, plus one where it returns. */
struct lin_part {
    struct lin_op *ops; /* by time of invocation */
    uint32_t len;
    uint32_t *events; /* by time; open operations have no return */
    uint32_t event_len;
    uint32_t key; /* its number in lin_input.keys; 0 where the model has no keys */
};

static inline bool lin_op_observes(const struct lin_op *op)
{
    return op->kind == LIN_READ || op->kind == LIN_CONTAINS || op->kind == LIN_LOOK;
}

static inline int64_t lin_op_number(const struct lin_op *op)
{
    return (int64_t)((uint64_t)op->b << 32 | op->a);
}

enum lin_answer { LIN_VALID, LIN_INVALID, LIN_UNKNOWN };

enum { LIN_CULPRITS_MAX = 6 };

/* What an engine found out about a part. */
struct lin_result {
    enum lin_answer answer;
    /* invalid: the history up to and including this index cannot be explained; unknown: as far
     * as the search got; valid: the last index. */
    uint32_t reached;
    uint64_t work; /* steps that were spent */
    /* invalid: where the engine knows them, the operations that contradict each other (numbers
     * in the part); none otherwise. */
    uint32_t culprits[LIN_CULPRITS_MAX];
    uint32_t culprit_count;
    bool closed; /* the culprits alone contradict each other: all others can be taken away */
};

#endif
