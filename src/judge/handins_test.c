/* What people hand in, with this test as the worker. */
#include "handins.h"

#include "../course/progress.h"
#include "../store/database_story.h"
#include "../store/store.h"
#include "jobs.h"

#include <string.h>

struct bench {
    struct jobs *q;      /* of the server */
    struct jobs *worker; /* of the worker */
    struct store *store; /* to look at progress */
};

static struct jobs *open_jobs(const char *db, const char *worker)
{
    struct jobs_config config = {.worker = worker, .running_max = 20, .waiting_max = 3};
    struct jobs *q = NULL;
    struct err err = {.text = ""};

    if (jobs_open(db, &config, &q, &err) < 0)
        fail_msg("%s", err.text);
    return q;
}

static void open_bench(struct bench *b, const struct database *d)
{
    struct err err = {.text = ""};

    b->q = open_jobs(d->db, NULL);
    b->worker = open_jobs(d->db, "w");
    CHECK_INT(store_open(d->db, &b->store, &err), 0);
}

static void close_bench(struct bench *b)
{
    jobs_close(b->q);
    jobs_close(b->worker);
    store_close(b->store);
}

static int try_put(struct bench *b, int64_t person, enum handin_kind kind, const char *text,
                   int64_t *ret_id, struct err *err)
{
    struct submission s = {0};
    struct handin_spec spec = {.person = person, .kind = kind, .submission = &s};
    int status;

    submission_word("track", str_of("messenger"), &s.track, err);
    submission_word("task", str_of("echo"), &s.task, err);
    submission_word("language", str_of("python"), &s.language, err);
    CHECK_INT(submission_add(&s, str_of("main.py"), str_of(text), err), 0);
    status = handins_put(b->q, &spec, ret_id, err);
    submission_release(&s);
    return status;
}

static int64_t put(struct bench *b, int64_t person, enum handin_kind kind, const char *text)
{
    struct err err = {.text = ""};
    int64_t id = 0;

    if (try_put(b, person, kind, text, &id, &err) < 0)
        fail_msg("%s", err.text);
    return id;
}

/* The next job of the queue gets this result. */
static void judge(struct bench *b, const char *result)
{
    struct err err = {.text = ""};
    struct job job;

    CHECK_INT(jobs_take(b->worker, &job, &err), 1);
    CHECK_INT(jobs_finish(b->worker, &job, str_of(result), &err), 1);
    job_release(&job);
}

static struct handin view(struct bench *b, int64_t id)
{
    struct err err = {.text = ""};
    struct handin h = {.id = 0};

    if (handins_view(b->q, id, &h, &err) != 1)
        fail_msg("no hand-in %lld: %s", (long long)id, err.text);
    return h;
}

static void check_view(struct bench *b, int64_t id, const char *state, const char *verdict,
                       const char *sentence)
{
    struct handin h = view(b, id);

    CHECK_TEXT(h.state, state);
    CHECK_TEXT(h.verdict, verdict);
    CHECK_TEXT(h.sentence, sentence);
    CHECK(handin_is_over(&h) == (strcmp(state, "queued") != 0 && strcmp(state, "running") != 0));
    handin_release(&h);
}

static struct progress progress_of(struct bench *b, int64_t person)
{
    struct progress_key key = {"messenger", "echo", "python", "", person};
    struct err err = {.text = ""};
    struct progress p = {0};

    CHECK_INT(progress_get(b->store, &key, &p, &err), 0);
    return p;
}

static const char failed[] = "{\"verdict\":\"failed\",\"sentence\":\"n1 said nothing\","
                             "\"step\":\"it answers\",\"seed\":4}";
static const char passed[] = "{\"verdict\":\"passed\",\"sentence\":\"\"}";
static const char refused[] = "{\"verdict\":\"not judged\",\"sentence\":\"no such task\"}";

ON_BOTH(what_is_handed_in_is_judged_and_counts_for_its_person)
{
    struct submission files = {0};
    struct err err = {.text = ""};
    struct handin h;
    struct bench b;
    int64_t id;

    open_bench(&b, d);
    id = put(&b, 7, HANDIN_SUBMIT, "one");
    check_view(&b, id, "queued", "", "");
    h = view(&b, id);
    CHECK(h.person == 7 && h.kind == HANDIN_SUBMIT && h.place == 1 && h.put_ms > 0);
    CHECK_TEXT(h.language, "python");
    handin_release(&h);
    CHECK(progress_of(&b, 7).begun);
    judge(&b, failed);
    check_view(&b, id, "done", "failed", "n1 said nothing");
    CHECK_INT(progress_of(&b, 7).attempts, 1);
    CHECK(!progress_of(&b, 7).passed);
    id = put(&b, 7, HANDIN_SUBMIT, "two");
    judge(&b, passed);
    check_view(&b, id, "done", "passed", "");
    CHECK(progress_of(&b, 7).passed);
    CHECK_INT(progress_of(&b, 7).attempts, 2);
    CHECK(!progress_of(&b, 8).begun);
    CHECK_INT(handins_files(b.q, id, &files, &err), 1);
    CHECK_INT(files.file_count, 1);
    CHECK_TEXT(files.files[0].data, "two");
    submission_release(&files);
    close_bench(&b);
}

/* Goal: law 1 of handins.h. Method: everybody looks, many times. */
ON_BOTH(what_is_noted_once_is_not_noted_again)
{
    struct err err = {.text = ""};
    struct jobs *other;
    struct handin h;
    struct bench b;
    int64_t id;
    int i;

    open_bench(&b, d);
    other = open_jobs(d->db, NULL);
    id = put(&b, 7, HANDIN_SUBMIT, "one");
    judge(&b, failed);
    CHECK_INT(handins_settle(b.q, &err), 1);
    CHECK_INT(handins_settle(other, &err), 0);
    for (i = 0; i < 3; i++) {
        check_view(&b, id, "done", "failed", "n1 said nothing");
        CHECK_INT(handins_view(other, id, &h, &err), 1);
        handin_release(&h);
    }
    CHECK_INT(progress_of(&b, 7).attempts, 1);
    jobs_close(other);
    close_bench(&b);
}

ON_BOTH(a_look_is_no_attempt_and_has_one_seed)
{
    struct err err = {.text = ""};
    struct bench b;
    struct job job;
    int64_t id;

    open_bench(&b, d);
    id = put(&b, 7, HANDIN_RUN, "one");
    CHECK_INT(jobs_take(b.worker, &job, &err), 1);
    CHECK_HAS(job.payload.data, "\"seeds\":1,");
    CHECK_INT(jobs_finish(b.worker, &job, str_of(passed), &err), 1);
    job_release(&job);
    check_view(&b, id, "done", "passed", "");
    CHECK_INT(progress_of(&b, 7).attempts, 0);
    CHECK(!progress_of(&b, 7).passed);
    id = put(&b, 7, HANDIN_SUBMIT, "one");
    CHECK_INT(jobs_take(b.worker, &job, &err), 1);
    CHECK(strstr(job.payload.data, "\"seeds\"") == NULL);
    job_release(&job);
    close_bench(&b);
}

ON_BOTH(what_is_not_judged_or_taken_back_counts_for_nothing)
{
    struct err err = {.text = ""};
    struct handin h;
    struct bench b;
    int64_t id;

    open_bench(&b, d);
    id = put(&b, 7, HANDIN_SUBMIT, "one");
    judge(&b, refused);
    check_view(&b, id, "done", "not judged", "no such task");
    id = put(&b, 7, HANDIN_SUBMIT, "two");
    h = view(&b, id);
    CHECK_INT(handins_cancel(b.q, &h, &err), 1);
    CHECK_INT(handins_cancel(b.q, &h, &err), 0);
    handin_release(&h);
    check_view(&b, id, "cancelled", "", "");
    CHECK_INT(progress_of(&b, 7).attempts, 0);
    close_bench(&b);
}

/* Goal: a job that nobody could judge is our fault, said with its reason. */
ON_BOTH(a_job_that_failed_for_good_says_why)
{
    struct jobs_config quick = {.worker = "w", .attempts_max = 1};
    struct err err = {.text = ""};
    struct bench b;
    struct job job;
    int64_t id;

    open_bench(&b, d);
    jobs_close(b.worker);
    CHECK_INT(jobs_open(d->db, &quick, &b.worker, &err), 0);
    id = put(&b, 7, HANDIN_SUBMIT, "one");
    CHECK_INT(jobs_take(b.worker, &job, &err), 1);
    CHECK_INT(jobs_fail(b.worker, &job, "the disk is full", &err), 1);
    job_release(&job);
    check_view(&b, id, "not judged", "not judged", "the disk is full");
    CHECK_INT(progress_of(&b, 7).attempts, 0);
    close_bench(&b);
}

ON_BOTH(who_looks_again_waits_for_one_look_and_who_submits_too_often_is_told)
{
    struct err err = {.text = ""};
    struct bench b;
    int64_t first, id = 0;
    int i;

    open_bench(&b, d);
    first = put(&b, 7, HANDIN_RUN, "one");
    put(&b, 7, HANDIN_RUN, "two");
    check_view(&b, first, "cancelled", "", "");
    for (i = 0; i < 2; i++)
        put(&b, 7, HANDIN_SUBMIT, "three");
    CHECK_INT(try_put(&b, 7, HANDIN_SUBMIT, "four", &id, &err), ERR_FULL);
    CHECK_HAS(err.text, "wait already");
    put(&b, 8, HANDIN_SUBMIT, "four");
    close_bench(&b);
}

static void write_down(void *owner, const struct handin *h)
{
    buf_addf(owner, "%lld %s/%s %s %s\n", (long long)h->id, h->track, h->task,
             handin_kind_word(h->kind), h->state);
}

ON_BOTH(a_list_has_the_newest_first_and_nobody_elses)
{
    struct err err = {.text = ""};
    struct buf said = {0}, wanted = {0};
    int64_t first, second;
    struct bench b;

    open_bench(&b, d);
    first = put(&b, 7, HANDIN_SUBMIT, "one");
    put(&b, 8, HANDIN_SUBMIT, "one");
    second = put(&b, 7, HANDIN_RUN, "two");
    judge(&b, passed);
    buf_addf(&wanted, "%lld messenger/echo run queued\n%lld messenger/echo submit running\n",
             (long long)second, (long long)first);
    CHECK_INT(handins_list(b.q, 7, "", "", write_down, &said, &err), 0);
    CHECK_TEXT(said.data, wanted.data); /* it is over for nobody before its progress is noted */
    CHECK_INT(handins_settle(b.q, &err), 1);
    buf_reset(&said);
    CHECK_INT(handins_list(b.q, 7, "messenger", "echo", write_down, &said, &err), 0);
    CHECK_HAS(said.data, "submit done\n");
    buf_reset(&said);
    CHECK_INT(handins_list(b.q, 7, "messenger", "say", write_down, &said, &err), 0);
    CHECK_INT(said.len, 0);
    buf_release(&said);
    buf_release(&wanted);
    close_bench(&b);
}

/* A server that was killed between the judge's word and its noting: the next one does it. */
ON_BOTH(what_was_open_when_a_server_was_killed_is_noted_by_the_next)
{
    struct err err = {.text = ""};
    struct bench b;
    int64_t id;

    open_bench(&b, d);
    id = put(&b, 7, HANDIN_SUBMIT, "one");
    judge(&b, passed);
    jobs_close(b.q);
    b.q = open_jobs(d->db, NULL);
    CHECK_INT(handins_settle(b.q, &err), 1);
    check_view(&b, id, "done", "passed", "");
    CHECK(progress_of(&b, 7).passed);
    close_bench(&b);
}
