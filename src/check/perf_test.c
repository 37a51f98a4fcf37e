#include "history_story.h"
#include "perf.h"
#include "quantile.h"

#include "../base/mem.h"

TEST(quantiles_are_values_that_were_met)
{
    int64_t values[100];
    int64_t five[] = {5, 1, 4, 2, 3};
    int i;

    for (i = 0; i < 100; i++)
        values[i] = 100 - i;
    quantile_sort(values, 100);
    CHECK_INT(quantile_of(values, 100, 0), 1);
    CHECK_INT(quantile_of(values, 100, 0.5), 51);
    CHECK_INT(quantile_of(values, 100, 0.95), 96);
    CHECK_INT(quantile_of(values, 100, 0.99), 100);
    CHECK_INT(quantile_of(values, 100, 1), 100);
    quantile_sort(five, 5);
    CHECK_INT(quantile_of(five, 5, 0.5), 3);
    CHECK_INT(quantile_of(five, 1, 1), 1);
}

/* Reads of 4 ms from 0 and of 2 ms from 8 ms, a failed write of 11 ms from 9 ms, one read open. */
static const char *const load = "0@1 invoke read\n"
                                "4ms 0 ok read\n"
                                "8ms 1 invoke read\n"
                                "9ms 0 invoke write\n"
                                "10ms 1 ok read\n"
                                "20ms 0 fail write\n"
                                "25ms 0 invoke read\n"
                                "nemesis info stop\n";

TEST(points_are_operations_with_a_completion)
{
    struct history *h = story(load);
    struct perf p;

    perf_init(&p, h);
    CHECK_INT(p.len, 3);
    CHECK_INT(p.end_ns, 26000000);
    CHECK_INT(p.points[0].latency_ns, 4000000);
    CHECK_INT(p.points[0].node, 1);
    CHECK_INT(p.points[2].invoked_ns, 9000000);
    CHECK_INT(p.points[2].latency_ns, 11000000);
    CHECK_INT(p.points[2].outcome, OP_FAIL);
    perf_release(&p);
    history_free(h);
}

TEST(curves_have_a_sample_a_window)
{
    struct history *h = story(load);
    struct perf p;
    struct perf_sample *samples;
    struct perf_filter reads = {history_find_f(h, "read"), OP_OK};
    struct perf_filter all = {PERF_ANY, PERF_ANY};

    perf_init(&p, h);
    CHECK_INT(perf_latency_curve(&p, reads, 5000000, 1, &samples), 2);
    CHECK_INT(samples[0].at_ns, 2500000);
    CHECK(samples[0].value == 4.0 && samples[1].value == 2.0);
    CHECK_INT(samples[1].at_ns, 7500000);
    mem_free(samples);

    CHECK_INT(perf_latency_curve(&p, all, 10000000, 1, &samples), 1);
    CHECK(samples[0].value == 11.0);
    mem_free(samples);

    /* Completions at 4, 10 and 20 ms; ten milliseconds hold one: 100 a second. */
    CHECK_INT(perf_rate_curve(&p, all, 10000000, &samples), 3);
    CHECK(samples[0].value == 100.0 && samples[1].value == 100.0 && samples[2].value == 100.0);
    mem_free(samples);
    CHECK_INT(perf_rate_curve(&p, reads, 10000000, &samples), 3);
    CHECK(samples[2].value == 0.0);
    mem_free(samples);
    perf_release(&p);
    history_free(h);
}
