#include "perf.h"

#include "checker.h"
#include "plant.h"
#include "quantile.h"
#include "verdict.h"

#include "../base/assert.h"
#include "../base/mem.h"

#include <math.h>
#include <stdlib.h>

void perf_init(struct perf *p, const struct history *h)
{
    size_t cap = 0;
    uint32_t i;

    *p = (struct perf){0};
    for (i = 0; i < history_len(h); i++) {
        const struct op *op = history_at(h, i);
        const struct op *end;
        if (op->time_ns > p->end_ns)
            p->end_ns = op->time_ns;
        if (op->type != OP_INVOKE)
            continue;
        end = history_completion(h, i);
        if (end == NULL)
            continue;
        p->points = mem_grow(p->points, &cap, (size_t)p->len + 1, sizeof(*p->points));
        p->points[p->len++] = (struct perf_point){
            op->time_ns, end->time_ns - op->time_ns, op->f, op->process, end->node, end->type,
        };
    }
}

void perf_release(struct perf *p)
{
    mem_free(p->points);
    *p = (struct perf){0};
}

static bool fits(const struct perf_point *point, struct perf_filter filter)
{
    return (filter.f == PERF_ANY || filter.f == point->f) &&
           (filter.outcome == PERF_ANY || filter.outcome == (int)point->outcome);
}

/* One latency, to be sorted by window and then by value. */
struct bucketed {
    int64_t window;
    int64_t latency_ns;
};

static int by_window(const void *a, const void *b)
{
    const struct bucketed *x = a;
    const struct bucketed *y = b;

    if (x->window != y->window)
        return x->window < y->window ? -1 : 1;
    return (x->latency_ns > y->latency_ns) - (x->latency_ns < y->latency_ns);
}

static size_t bucket_latencies(const struct perf *p, struct perf_filter filter, int64_t window_ns,
                               struct bucketed *all)
{
    size_t count = 0;
    uint32_t i;

    for (i = 0; i < p->len; i++)
        if (fits(&p->points[i], filter))
            all[count++] =
                (struct bucketed){p->points[i].invoked_ns / window_ns, p->points[i].latency_ns};
    if (count > 1)
        qsort(all, count, sizeof(*all), by_window);
    return count;
}

size_t perf_latency_curve(const struct perf *p, struct perf_filter filter, int64_t window_ns,
                          double q, struct perf_sample **ret)
{
    struct bucketed *all = mem_alloc(p->len * sizeof(*all));
    int64_t *values = mem_alloc(p->len * sizeof(*values));
    struct perf_sample *samples = NULL;
    size_t cap = 0;
    size_t sample_count = 0;
    size_t count = bucket_latencies(p, filter, window_ns, all);
    size_t start, end;

    ASSERT(window_ns > 0);
    for (start = 0; start < count; start = end) {
        for (end = start; end < count && all[end].window == all[start].window; end++)
            values[end - start] = all[end].latency_ns;
        samples = mem_grow(samples, &cap, sample_count + 1, sizeof(*samples));
        samples[sample_count++] = (struct perf_sample){
            all[start].window * window_ns + window_ns / 2,
            (double)quantile_of(values, end - start, q) / 1e6,
        };
    }
    mem_free(all);
    mem_free(values);
    *ret = samples;
    return sample_count;
}

size_t perf_rate_curve(const struct perf *p, struct perf_filter filter, int64_t window_ns,
                       struct perf_sample **ret)
{
    size_t count;
    struct perf_sample *samples;
    size_t i;

    ASSERT(window_ns > 0 && p->end_ns / window_ns < PERF_WINDOWS_MAX);
    count = p->len > 0 ? (size_t)(p->end_ns / window_ns) + 1 : 0;
    samples = mem_alloc(count * sizeof(*samples));
    for (i = 0; i < count; i++)
        samples[i] = (struct perf_sample){(int64_t)i * window_ns + window_ns / 2, 0};
    for (i = 0; i < p->len; i++) {
        const struct perf_point *point = &p->points[i];
        int64_t at_ns = PLANTED(15) ? point->invoked_ns : point->invoked_ns + point->latency_ns;
        if (fits(point, filter))
            samples[at_ns / window_ns].value += 1e9 / (double)window_ns;
    }
    *ret = samples;
    return count;
}

/* Nanoseconds as milliseconds with three digits behind the point. */
static json_t *ms_json(int64_t ns)
{
    return json_real((double)llround((double)ns / 1e3) / 1e3);
}

static json_t *latencies_json(int64_t *values, size_t count)
{
    quantile_sort(values, count);
    return json_pack("{s:I,s:o}", "count", (json_int_t)count, "latencies",
                     quantile_json(values, count, ms_json));
}

/* Points in order of function, then outcome. */
static int by_kind(const void *a, const void *b)
{
    const struct perf_point *x = *(const struct perf_point *const *)a;
    const struct perf_point *y = *(const struct perf_point *const *)b;

    if (x->f != y->f)
        return x->f < y->f ? -1 : 1;
    return (x->outcome > y->outcome) - (x->outcome < y->outcome);
}

json_t *perf_json(const struct perf *p, const struct history *h)
{
    const struct perf_point **sorted = mem_alloc(p->len * sizeof(*sorted));
    int64_t *values = mem_alloc(p->len * sizeof(*values));
    json_t *all = json_object();
    size_t start, end;

    for (end = 0; end < p->len; end++)
        sorted[end] = &p->points[end];
    if (p->len > 1)
        qsort(sorted, p->len, sizeof(*sorted), by_kind);
    for (start = 0; start < p->len; start = end) {
        struct str name = history_f_name(h, sorted[start]->f);
        json_t *of_f = json_object_getn(all, name.data, name.len);
        for (end = start; end < p->len && by_kind(&sorted[end], &sorted[start]) == 0; end++)
            values[end - start] = sorted[end]->latency_ns;
        if (of_f == NULL) {
            of_f = json_object();
            json_object_setn_new(all, name.data, name.len, of_f);
        }
        json_object_set_new(of_f, op_type_text(sorted[start]->outcome),
                            latencies_json(values, end - start));
    }
    mem_free(sorted);
    mem_free(values);
    return all;
}

static int run(const struct history *h, const json_t *options, struct verdict *ret_verdict,
               struct err *err)
{
    struct perf p;

    (void)options;
    (void)err;
    perf_init(&p, h);
    verdict_init(ret_verdict);
    json_object_set_new(ret_verdict->details, "latencies", perf_json(&p, h));
    verdict_finish(ret_verdict);
    perf_release(&p);
    return 0;
}

const struct checker perf_checker = {
    "perf", "Latencies by function and outcome; judges nothing.", NULL, run, NULL,
};
