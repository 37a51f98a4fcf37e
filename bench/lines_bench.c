/* What a line of the journal costs on its way to disk, plain and compressed. */
#include "base/err.h"
#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static double now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void measure(const char *path, int count)
{
    struct lines *l = NULL;
    struct err err;
    struct stat written;
    double start;
    double spent = 0;
    size_t bytes = 0;
    int status = lines_create(path, &l, &err);
    int i;

    start = now_ns();
    for (i = 0; status == 0 && i < count; i++) {
        char *into = lines_reserve(l, 256);
        int len =
            snprintf(into, 256,
                     "{\"id\":%d,\"time\":%lld,\"type\":\"send\",\"message\":{\"src\":\"n%d\","
                     "\"dest\":\"n%d\",\"body\":{\"type\":\"gossip\",\"msg_id\":%d,"
                     "\"values\":[%d,%d,%d]}}}\n",
                     i, i * 1733LL + i % 977, i % 5, (i * 7 + 1) % 5, i / 5, i % 1000,
                     i * 31 % 1000, i * 17 % 1009);
        lines_commit(l, (size_t)len);
        bytes += (size_t)len;
    }
    if (status == 0)
        status = lines_close(l, &err);
    spent = now_ns() - start;
    if (status < 0 || stat(path, &written) < 0) {
        fprintf(stderr, "lines_bench: %s\n", status < 0 ? err.text : "no file");
        exit(1);
    }
    unlink(path);
    printf("%-24s %5.1f bytes a line, %6.1f ns a line, file %.1f %% of the text\n", path,
           (double)bytes / count, spent / count, 100.0 * (double)written.st_size / (double)bytes);
}

int main(int argc, char **argv)
{
    int count = argc > 1 ? atoi(argv[1]) : 500000;

    measure("lines_bench.jsonl", count);
    measure("lines_bench.jsonl.zst", count);
    return 0;
}
