/* spans.h - a history as operations: each invocation with its outcome, and names by colour. */
#ifndef REPORT_SPANS_H
#define REPORT_SPANS_H

#include "../check/history.h"

enum { SERIES_MAX = 7 }; /* colours that stay distinct; the last one stands for all others */

struct span {
    const struct op *invoke;
    const struct op *completion; /* NULL: never completed */
    enum op_type outcome;        /* OP_OK, OP_FAIL or OP_INFO; OP_INFO if never completed */
    int64_t start_ns, end_ns;
    uint32_t series;
};

/* The functions of a history, in order of first use. */
struct series {
    const struct history *history;
    int64_t end_ns;      /* of the run: until then lasts what never completed */
    uint32_t count;      /* of series: at most SERIES_MAX */
    uint32_t span_count; /* operations of clients */
    uint32_t f_of[SERIES_MAX];
    bool has_others; /* the last series is "others" */
};

void series_init(struct series *s, const struct history *h, int64_t end_ns);
struct str series_name(const struct series *s, uint32_t series);

/* The operation that event index begins; false if it begins none (a completion, a fault). */
bool span_at(const struct series *s, uint32_t index, struct span *ret_span);

#endif
