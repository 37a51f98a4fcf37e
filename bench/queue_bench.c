/* queue_bench DB JOBS TAKERS PUTTERS EVENTS - how many jobs a second the queue alone moves: putters
 * put them in while takers take, say so many events of and finish them, each with its own
 * connection. A payload has 4 KiB, a result 2 KiB. Prints jobs a second, and milliseconds of the
 * clients' processor time a job. bench/queue.sh runs it on both databases. */
#include "base/err.h"
#include "base/mem.h"
#include "judge/jobs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PAYLOAD = 4096, RESULT = 2048, EVENTS_MAX = 16 };

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct jobs *open_queue(const char *db, const char *worker)
{
    struct jobs_config config = {.worker = worker, .waiting_max = 1000000, .running_max = 8};
    struct jobs *q = NULL;
    struct err err = {.text = ""};

    if (jobs_open(db, &config, &q, &err) < 0) {
        fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
    return q;
}

static struct str text_of(size_t len)
{
    char *text = mem_alloc(len);

    memset(text, 'x', len);
    return (struct str){text, len};
}

static void put(const char *db, int number, int jobs)
{
    struct jobs *q = open_queue(db, NULL);
    struct err err = {.text = ""};
    char learner[32];
    struct job_spec spec = {
        .learner = learner, .topic = "", .needs = "c", .payload = text_of(PAYLOAD)};
    int64_t id;
    int i;

    for (i = 0; i < jobs; i++) {
        snprintf(learner, sizeof(learner), "learner %d", (number * jobs + i) % 100);
        if (jobs_put(q, &spec, &id, &err) < 0) {
            fprintf(stderr, "put: %s\n", err.text);
            _exit(1);
        }
    }
    _exit(0);
}

static int take(const char *db, int number, int events)
{
    char name[32];
    struct err err = {.text = ""};
    struct jobs_counts counts = {.queued = 1};
    struct str result = text_of(RESULT), said[EVENTS_MAX];
    struct jobs *q;
    struct job job;
    int i, status, idle = 0;

    for (i = 0; i < events; i++)
        said[i] = STR_LIT("{\"event\": \"step\", \"name\": \"every message is answered\"}");
    snprintf(name, sizeof(name), "taker %d", number);
    q = open_queue(db, name);
    while (counts.queued > 0 || idle < 50) {
        status = jobs_take(q, &job, &err);
        if (status == 0) {
            usleep(2000);
            idle++;
            status = jobs_count(q, &counts, &err);
            continue;
        }
        idle = 0;
        if (status > 0 && events > 0)
            status = jobs_say(q, &job, said, (uint32_t)events, &err);
        if (status > 0)
            status = jobs_finish(q, &job, result, &err);
        if (status < 1) {
            fprintf(stderr, "take: %s\n", err.text);
            _exit(1);
        }
        job_release(&job);
    }
    _exit(0);
}

int main(int argc, char **argv)
{
    struct rusage usage;
    struct jobs_counts counts = {.queued = 1};
    struct err err = {.text = ""};
    struct jobs *q;
    double began, took;
    int jobs, takers, putters, events, i, end, bad = 0;

    if (argc != 6)
        return 2;
    jobs = (int)strtol(argv[2], NULL, 10);
    takers = (int)strtol(argv[3], NULL, 10);
    putters = (int)strtol(argv[4], NULL, 10);
    events = (int)strtol(argv[5], NULL, 10);
    if (jobs < 1 || takers < 1 || putters < 1 || events < 0 || events > EVENTS_MAX)
        return 2;
    jobs_close(open_queue(argv[1], NULL)); /* its tables are there */
    began = now();
    for (i = 0; i < putters; i++)
        if (fork() == 0)
            put(argv[1], i, jobs / putters);
    for (i = 0; i < takers; i++)
        if (fork() == 0)
            take(argv[1], i, events);
    q = open_queue(argv[1], NULL);
    for (i = 0; i < putters; i++) {
        wait(&end);
        bad |= end;
    }
    while (counts.queued + counts.running > 0 && jobs_count(q, &counts, &err) == 0)
        usleep(5000);
    took = now() - began;
    while (wait(&end) > 0)
        bad |= end;
    getrusage(RUSAGE_CHILDREN, &usage);
    printf("%.0f %.2f\n", jobs / took,
           ((double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
            (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3) /
               jobs);
    jobs_close(q);
    return bad != 0;
}
