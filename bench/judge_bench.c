/* judge_bench - submissions through the queue: how long until the verdict, how many in an hour.
 *
 * usage: judge_bench DB one COUNT SUBMISSION...    one after the other, an empty queue: median,
 * worst judge_bench DB many COUNT SUBMISSION...   all at once: how many an hour
 *
 * A worker (`eddy worker --db DB`) must be at work. SUBMISSION is a file with a submission's text;
 * each time it is put it gets a file of its own, so that no program comes out of the cache. Exit
 * status 1 if one did not pass. */
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "judge/jobs.h"
#include "judge/submission.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { POLL_US = 2000 };

struct bench {
    struct jobs *jobs;
    double cpu_s; /* of all results so far */
    uint32_t failed;
};

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void must(int status, const struct err *err)
{
    if (status >= 0)
        return;
    fprintf(stderr, "judge_bench: %s\n", err->text);
    exit(3);
}

static int64_t put(struct bench *b, const char *path)
{
    struct submission s = {0};
    struct buf text = {0}, mark = {0};
    struct job_spec spec = {.learner = "", .topic = "", .priority = JOB_INTERACTIVE};
    struct err err = {.text = ""};
    int64_t id = 0;

    must(file_read(path, SUBMISSION_TEXT_MAX, &text, &err), &err);
    must(submission_parse(buf_str(&text), &s, &err), &err);
    buf_addf(&mark, "%ld %.9f", (long)getpid(), now_s());
    must(submission_add(&s, str_of("mark.txt"), buf_str(&mark), &err), &err);
    buf_reset(&text);
    submission_text(&s, &text);
    spec.needs = s.language;
    spec.payload = buf_str(&text);
    must(jobs_put(b->jobs, &spec, &id, &err), &err);
    submission_release(&s);
    buf_release(&text);
    buf_release(&mark);
    return id;
}

static void count_result(struct bench *b, int64_t id)
{
    struct buf text = {0};
    struct err err = {.text = ""};
    json_t *result;
    const char *verdict;

    must(jobs_result(b->jobs, id, &text, &err), &err);
    result = text.len > 0 ? json_loads(text.data, 0, NULL) : NULL;
    verdict = json_string_value(json_object_get(result, "verdict"));
    if (verdict == NULL || strcmp(verdict, "passed") != 0) {
        b->failed++;
        fprintf(stderr, "judge_bench: job %lld: %s\n", (long long)id,
                text.len > 0 ? text.data : "it has no result");
    }
    b->cpu_s +=
        (double)json_integer_value(json_object_get(json_object_get(result, "cost"), "cpu-ns")) /
        1e9;
    json_decref(result);
    buf_release(&text);
}

static void wait_for(struct bench *b, int64_t id)
{
    struct job_view view = {0};
    struct err err = {.text = ""};

    for (;;) {
        must(jobs_view(b->jobs, id, &view, &err), &err);
        if (view.state != JOB_QUEUED && view.state != JOB_RUNNING)
            break;
        usleep(POLL_US);
    }
    count_result(b, id);
}

static int by_size(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static void one_by_one(struct bench *b, uint32_t count, char **files, uint32_t file_count)
{
    double *took = mem_alloc(count * sizeof(*took));
    uint32_t i;

    for (i = 0; i < count; i++) {
        double began = now_s();
        wait_for(b, put(b, files[i % file_count]));
        took[i] = now_s() - began;
    }
    qsort(took, count, sizeof(*took), by_size);
    printf("median %.2f s, best %.2f s, worst %.2f s; %.2f s of processor time each\n",
           took[count / 2], took[0], took[count - 1], b->cpu_s / count);
    mem_free(took);
}

static void all_at_once(struct bench *b, uint32_t count, char **files, uint32_t file_count)
{
    int64_t *ids = mem_alloc(count * sizeof(*ids));
    double began = now_s(), took;
    uint32_t i;

    for (i = 0; i < count; i++)
        ids[i] = put(b, files[i % file_count]);
    for (i = 0; i < count; i++)
        wait_for(b, ids[i]);
    took = now_s() - began;
    printf("%u in %.1f s: %.0f an hour; %.2f s of processor time each, with which two processors "
           "alone would judge %.0f\n",
           count, took, count / took * 3600, b->cpu_s / count, 2 * 3600 / (b->cpu_s / count));
    mem_free(ids);
}

int main(int argc, char **argv)
{
    struct bench b = {0};
    struct jobs_config config = {0};
    struct err err = {.text = ""};
    uint32_t count = argc > 4 ? (uint32_t)strtoul(argv[3], NULL, 10) : 0;

    if (count == 0) {
        fprintf(stderr, "usage: judge_bench DB one|many COUNT SUBMISSION...\n");
        return 2;
    }
    must(jobs_open(argv[1], &config, &b.jobs, &err), &err);
    if (strcmp(argv[2], "one") == 0)
        one_by_one(&b, count, argv + 4, (uint32_t)argc - 4);
    else
        all_at_once(&b, count, argv + 4, (uint32_t)argc - 4);
    jobs_close(b.jobs);
    return b.failed > 0;
}
