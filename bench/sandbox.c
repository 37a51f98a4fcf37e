/* sandbox - what a sandbox costs a process: from the order to the last byte heard and all swept up.
 *
 * usage: sandbox [COUNT]     how often each level runs /bin/true (200)
 *
 * Prints for each level the median and the 95th percentile of the wall time, and the median over
 * that of a plain fork, exec and wait of the same program. The aim is at most 4 ms of cost. */
#include "cage/sandbox.h"
#include "base/err.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { COUNT_MAX = 100000, COST_MAX_US = 4000 };

static const char *const argv_true[] = {"true", NULL};

static int64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static bool plain(void)
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        execv("/bin/true", (char *const *)(uintptr_t)argv_true);
        _exit(127);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static bool boxed(enum sandbox_level level)
{
    struct sandbox_spec spec = {.level = level,
                                .profile = SANDBOX_RUN,
                                .limits = {.memory_bytes = 256 << 20,
                                           .task_count = 64,
                                           .cpu_ns = 10000000000,
                                           .wall_ns = 20000000000,
                                           .file_bytes = 64 << 20,
                                           .scratch_bytes = 64 << 20,
                                           .scratch_files = 1000,
                                           .output_bytes = 1 << 20}};
    struct sandbox_command command = {.path = "/bin/true", .argv = argv_true};
    struct sandbox_outcome o;
    struct err err = {.text = ""};
    bool fine = sandbox_run(&spec, &command, &o, &err) == 0 && o.code == 0;

    if (!fine)
        fprintf(stderr, "level %s: %s\n", sandbox_level_name(level), err.text);
    else
        sandbox_outcome_release(&o);
    return fine;
}

static int by_value(const void *a, const void *b)
{
    const int64_t *x = a;
    const int64_t *y = b;

    return (*x > *y) - (*x < *y);
}

/* The median in us, or -1. */
static double measure(enum sandbox_level level, int count, double base_us)
{
    static int64_t took[COUNT_MAX];
    double median, late;
    int i;

    for (i = 0; i < count; i++) {
        int64_t began = now_ns();

        if (level == SANDBOX_OFF ? !plain() : !boxed(level))
            return -1;
        took[i] = now_ns() - began;
    }
    qsort(took, (size_t)count, sizeof(took[0]), by_value);
    median = (double)took[count / 2] / 1000;
    late = (double)took[count * 95 / 100] / 1000;
    if (level == SANDBOX_OFF)
        printf("no sandbox  median %7.0f us  95 %% %7.0f us\n", median, late);
    else
        printf("level %s     median %7.0f us  95 %% %7.0f us  costs %7.0f us\n",
               sandbox_level_name(level), median, late, median - base_us);
    return median;
}

int main(int argc, char **argv)
{
    int count = argc > 1 ? atoi(argv[1]) : 200;
    enum sandbox_level level;
    double base_us, median = 0;

    if (count < 1 || count > COUNT_MAX)
        return 2;
    base_us = measure(SANDBOX_OFF, count, 0);
    for (level = sandbox_level(); level > SANDBOX_OFF; level--) {
        double us = measure(level, count, base_us);

        if (us < 0)
            return 1;
        median = us > median ? us : median;
    }
    return median - base_us > COST_MAX_US;
}
