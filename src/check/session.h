/* session.h - what a client may expect of its own session: read your writes, monotonic reads,
 * monotonic writes, writes follow reads (Terry et al. 1994; defined in lin_weak.h).
 *
 * A session is a process. Each key is judged alone; what a guarantee demands across keys is not.
 * Models: lin_model.h.
 *
 * Details: "model", "operation-count", "key-count", "guarantees": for each one asked for "valid?"
 * and, where it is broken, "process", "key" where there are keys, "sentence", "operations". */
#ifndef CHECK_SESSION_H
#define CHECK_SESSION_H

#include "lin_weak.h"

#include <stdbool.h>
#include <stdint.h>

struct checker;
struct history;
struct lin_model;
struct verdict;

enum { SESSION_BUDGET = 20000000 };

struct session_options {
    const struct lin_model *model;
    bool keyed;
    bool wanted[LIN_GUARANTEE_COUNT];
    uint64_t budget; /* steps of search, for each guarantee */
};

void session_check(const struct history *h, const struct session_options *options,
                   struct verdict *ret_verdict);

/* "session", options model, keyed, initial, guarantees, budget. */
extern const struct checker session_checker;

#endif
