/* measure.h - for the conformance programs: what did this take, on the program's own clock?
 *
 * Prints "name 25.000 ms", cut to whole microseconds: virtual waits are a nanosecond late. */
#ifndef MEASURE_H
#define MEASURE_H

#include <stdio.h>
#include <time.h>

static long long measure_started;

static inline long long now_ns(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static inline void begin(void)
{
    measure_started = now_ns(CLOCK_MONOTONIC);
}

static inline void end(const char *name)
{
    long long us = (now_ns(CLOCK_MONOTONIC) - measure_started) / 1000;

    printf("%s %lld.%03lld ms\n", name, us / 1000, us % 1000);
    fflush(stdout);
}

static inline void say(const char *name, long long value)
{
    printf("%s %lld\n", name, value);
    fflush(stdout);
}

/* That moment on that clock, so many ms from now. */
static inline struct timespec in_ms(clockid_t clock, long ms)
{
    long long ns = now_ns(clock) + ms * 1000000ll;

    return (struct timespec){ns / 1000000000, ns % 1000000000};
}

static inline struct timespec for_ms(long ms)
{
    return (struct timespec){ms / 1000, ms % 1000 * 1000000};
}

#endif
