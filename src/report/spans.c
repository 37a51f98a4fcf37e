#include "spans.h"

static uint32_t series_of(const struct series *s, uint32_t f)
{
    for (uint32_t i = 0; i < s->count; i++)
        if (s->f_of[i] == f && !(s->has_others && i == SERIES_MAX - 1))
            return i;
    return SERIES_MAX - 1;
}

void series_init(struct series *s, const struct history *h, int64_t end_ns)
{
    *s = (struct series){.history = h, .end_ns = end_ns};
    for (uint32_t i = 0; i < history_len(h); i++) {
        const struct op *op = history_at(h, i);
        uint32_t at = 0;

        if (op->type != OP_INVOKE || op->process < 0)
            continue;
        s->span_count++;
        while (at < s->count && s->f_of[at] != op->f)
            at++;
        if (at < s->count || s->has_others)
            continue;
        if (s->count == SERIES_MAX)
            s->has_others = true;
        else
            s->f_of[s->count++] = op->f;
    }
}

struct str series_name(const struct series *s, uint32_t series)
{
    if (s->has_others && series == SERIES_MAX - 1)
        return STR_LIT("others");
    return history_f_name(s->history, s->f_of[series]);
}

bool span_at(const struct series *s, uint32_t index, struct span *ret_span)
{
    const struct op *op = history_at(s->history, index);
    struct span span = {.invoke = op, .outcome = OP_INFO, .start_ns = op->time_ns};

    if (op->type != OP_INVOKE || op->process < 0)
        return false;
    span.end_ns = s->end_ns;
    if (op->pair != HISTORY_NO_PAIR) {
        span.completion = history_at(s->history, op->pair);
        span.outcome = span.completion->type;
        span.end_ns = span.completion->time_ns;
    }
    if (span.end_ns < span.start_ns)
        span.end_ns = span.start_ns;
    span.series = series_of(s, op->f);
    *ret_span = span;
    return true;
}
