/* perf.h - latencies and rates of a history, for plots and for the common part of every result.
 *
 * One point for each operation that has a completion, in order of invocation; the nemesis is left
 * out. Judges nothing. */
#ifndef CHECK_PERF_H
#define CHECK_PERF_H

#include "history.h"

#include <jansson.h>

struct checker;

struct perf_point {
    int64_t invoked_ns;
    int64_t latency_ns;
    uint32_t f;
    int32_t process;
    int32_t node;
    enum op_type outcome; /* OP_OK, OP_FAIL or OP_INFO */
};

struct perf {
    struct perf_point *points;
    uint32_t len;
    int64_t end_ns; /* time of the last event of the history */
};

void perf_init(struct perf *p, const struct history *h);
void perf_release(struct perf *p);

/* A curve over equal windows of time from 0: one sample for each window that has a point in it.
 * Functions and outcomes to look at: PERF_ANY takes all. The caller frees *ret (mem_free). */
enum {
    PERF_ANY = -1,
    PERF_WINDOWS_MAX = 1000000, /* choose window_ns so that end_ns makes fewer */
};

struct perf_filter {
    int64_t f;   /* or PERF_ANY */
    int outcome; /* or PERF_ANY */
};

struct perf_sample {
    int64_t at_ns; /* middle of the window */
    double value;
};

/* The quantile q of latencies in ms, by time of invocation. Returns the number of samples. */
size_t perf_latency_curve(const struct perf *p, struct perf_filter filter, int64_t window_ns,
                          double q, struct perf_sample **ret);
/* Completions a second, by time of completion; windows without any count as 0 here. */
size_t perf_rate_curve(const struct perf *p, struct perf_filter filter, int64_t window_ns,
                       struct perf_sample **ret);

/* {F: {"ok": {"count": .., "latencies": {"0": ms, "0.5": .., ...}}, "fail": .., "info": ..}}, only
 * outcomes that were met; milliseconds with three digits behind the point. */
json_t *perf_json(const struct perf *p, const struct history *h);

/* "perf", no options: always valid, details {"latencies": perf_json, "valid?": true}. */
extern const struct checker perf_checker;

#endif
