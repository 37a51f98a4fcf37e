#include "regrade.h"

#include "../course/progress.h"
#include "../store/database_story.h"
#include "../store/store.h"

#include "handins.h"
#include "jobs.h"

struct scene {
    struct jobs *queue;
    struct store *store; /* the same, for a look at progress and at the tables */
};

static void open_scene(struct scene *s, const struct database *d)
{
    struct jobs_config config = {
        .worker = "w", .running_max = 32, .waiting_max = 1000, .attempts_max = 1};
    struct err err = {.text = ""};

    if (jobs_open(d->db, &config, &s->queue, &err) != 0 || store_open(d->db, &s->store, &err) != 0)
        fail_msg("%s", err.text);
}

static void close_scene(struct scene *s)
{
    jobs_close(s->queue);
    store_close(s->store);
}

static int64_t hand_in(struct scene *s, int64_t person, enum handin_kind kind, const char *code)
{
    struct submission what = {0};
    struct handin_spec spec = {person, kind, &what};
    struct err err = {.text = ""};
    int64_t id = 0;

    CHECK_INT(submission_word("track", STR_LIT("messenger"), &what.track, &err), 0);
    CHECK_INT(submission_word("task", STR_LIT("echo"), &what.task, &err), 0);
    CHECK_INT(submission_word("language", STR_LIT("c"), &what.language, &err), 0);
    CHECK_INT(submission_add(&what, STR_LIT("main.c"), str_of(code), &err), 0);
    if (handins_put(s->queue, &spec, &id, &err) != 0)
        fail_msg("%s", err.text);
    submission_release(&what);
    return id;
}

/* Takes the next job, and says what came of it. The text of the program is in *ret_payload. */
static enum job_priority judge_next(struct scene *s, const char *verdict, struct buf *ret_payload)
{
    struct err err = {.text = ""};
    enum job_priority priority;
    struct buf result = {0};
    struct job job;

    CHECK_INT(jobs_take(s->queue, &job, &err), 1);
    buf_addf(&result, "{\"verdict\":\"%s\",\"sentence\":\"because\"}", verdict);
    CHECK_INT(jobs_finish(s->queue, &job, buf_str(&result), &err), 1);
    priority = job.priority;
    if (ret_payload != NULL)
        buf_add_str(ret_payload, job.payload);
    job_release(&job);
    buf_release(&result);
    return priority;
}

static void check_verdict(struct scene *s, int64_t id, const char *wanted)
{
    struct err err = {.text = ""};
    struct handin h;

    CHECK_INT(handins_view(s->queue, id, &h, &err), 1);
    CHECK_TEXT(h.verdict, wanted);
    handin_release(&h);
}

static int regrade(struct scene *s)
{
    struct err err = {.text = ""};
    int count = regrade_task(s->queue, "messenger", "echo", &err);

    if (count < 0)
        fail_msg("%s", err.text);
    return count;
}

ON_BOTH(the_newest_of_each_is_judged_again_and_has_the_new_verdict)
{
    struct buf payload = {0};
    int64_t old, ann, bob, look;
    struct scene s;

    open_scene(&s, d);
    old = hand_in(&s, 1, HANDIN_SUBMIT, "int old;");
    judge_next(&s, "failed", NULL);
    ann = hand_in(&s, 1, HANDIN_SUBMIT, "int ann;");
    judge_next(&s, "failed", NULL);
    bob = hand_in(&s, 2, HANDIN_SUBMIT, "int bob;");
    judge_next(&s, "passed", NULL);
    look = hand_in(&s, 3, HANDIN_RUN, "int look;");
    judge_next(&s, "failed", NULL);
    check_verdict(&s, old, "failed");
    check_verdict(&s, ann, "failed");
    check_verdict(&s, bob, "passed");
    check_verdict(&s, look, "failed");
    CHECK_INT(regrade(&s), 2);
    check_verdict(&s, ann, "");
    CHECK_INT(regrade(&s), 0); /* they wait already */
    CHECK_INT(judge_next(&s, "passed", &payload), JOB_REGRADE);
    CHECK_HAS(payload.data, "int ann;");
    judge_next(&s, "failed", NULL);
    check_verdict(&s, old, "failed");
    check_verdict(&s, ann, "passed");
    check_verdict(&s, bob, "failed");
    check_verdict(&s, look, "failed");
    buf_release(&payload);
    close_scene(&s);
}

/* ---- what it may change ---- */

/* An attempt that comes to nothing, the only one. */
static void break_next(struct scene *s)
{
    struct err err = {.text = ""};
    struct job job;

    CHECK_INT(jobs_take(s->queue, &job, &err), 1);
    CHECK_INT(jobs_fail(s->queue, &job, "it fell over", &err), 1);
    job_release(&job);
}

static void check_state(struct scene *s, int64_t id, const char *state, const char *verdict)
{
    struct err err = {.text = ""};
    struct handin h;

    CHECK_INT(handins_view(s->queue, id, &h, &err), 1);
    CHECK_TEXT(h.state, state);
    CHECK_TEXT(h.verdict, verdict);
    handin_release(&h);
}

static void count_day(void *owner, const struct progress_day *day)
{
    *(uint32_t *)owner += day->attempts;
}

/* attempts: of the task, and checks of all days. passed_at 0: it is not passed. */
static void check_progress(struct scene *s, int64_t person, uint32_t attempts, int64_t passed_at)
{
    const struct progress_key key = {"messenger", "echo", "c", "", person};
    struct err err = {.text = ""};
    struct progress p;
    uint32_t checks = 0;

    CHECK_INT(progress_get(s->store, &key, &p, &err), 0);
    CHECK_INT(p.attempts, attempts);
    CHECK_INT(p.passed_at, passed_at);
    CHECK(p.passed == (passed_at != 0));
    CHECK_INT(progress_days(s->store, person, 0, count_day, &checks, &err), 0);
    CHECK_INT(checks, attempts);
}

/* What counts for grades. */
static void check_row(struct scene *s, int64_t person, const char *verdict)
{
    struct store_value key = store_integer(person);
    struct err err = {.text = ""};
    struct store_rows *rows = NULL;

    CHECK_INT(store_query(s->store, "export_handins", &key, 1, &rows, &err), 0);
    CHECK_INT(store_next(rows, &err), 1);
    CHECK_TEXT(store_row_text(rows, 7), verdict);
    store_rows_close(rows);
}

/* Goal: of attempts there are as many as submissions, and who passed when is no matter of when
 * graders are mended. Method: the first time is set to one that no clock has now. */
ON_BOTH(a_second_look_is_no_second_attempt)
{
    int64_t ann, bob;
    struct scene s;

    open_scene(&s, d);
    ann = hand_in(&s, 1, HANDIN_SUBMIT, "int ann;");
    judge_next(&s, "passed", NULL);
    bob = hand_in(&s, 2, HANDIN_SUBMIT, "int bob;");
    judge_next(&s, "failed", NULL);
    check_verdict(&s, ann, "passed");
    check_verdict(&s, bob, "failed");
    check_progress(&s, 2, 1, 0);
    database_sql(d, "UPDATE progress SET passed_at = 1000 WHERE person = 1");
    database_sql(d, "UPDATE handin SET put_ms = 7000999 WHERE person = 2");
    CHECK_INT(regrade(&s), 2);
    judge_next(&s, "failed", NULL);
    judge_next(&s, "passed", NULL);
    check_verdict(&s, ann, "failed");
    check_verdict(&s, bob, "passed");
    check_progress(&s, 1, 1, 1000);
    check_progress(&s, 2, 1, 7000);
    CHECK_INT(regrade(&s), 2);
    judge_next(&s, "passed", NULL);
    judge_next(&s, "passed", NULL);
    check_verdict(&s, ann, "passed");
    check_verdict(&s, bob, "passed");
    check_progress(&s, 1, 1, 1000);
    check_progress(&s, 2, 1, 7000);
    hand_in(&s, 2, HANDIN_SUBMIT, "int more;");
    judge_next(&s, "passed", NULL);
    CHECK(handins_settle(s.queue, &(struct err){.text = ""}) == 1);
    check_progress(&s, 2, 2, 7000);
    close_scene(&s);
}

/* Goal: while somebody waits for the second look, and if it comes to nothing, the first counts. */
ON_BOTH(until_there_is_another_verdict_the_first_one_counts)
{
    struct err err = {.text = ""};
    struct handin h;
    struct scene s;
    int64_t ann;

    open_scene(&s, d);
    ann = hand_in(&s, 1, HANDIN_SUBMIT, "int ann;");
    judge_next(&s, "passed", NULL);
    check_verdict(&s, ann, "passed");
    CHECK_INT(regrade(&s), 1);
    check_state(&s, ann, "queued", "");
    check_row(&s, 1, "passed");
    break_next(&s);
    check_state(&s, ann, "done", "passed");
    check_row(&s, 1, "passed");
    CHECK_INT(regrade(&s), 1);
    CHECK_INT(handins_view(s.queue, ann, &h, &err), 1);
    CHECK_INT(handins_cancel(s.queue, &h, &err), 1);
    handin_release(&h);
    check_state(&s, ann, "done", "passed");
    CHECK_INT(regrade(&s), 1);
    judge_next(&s, "failed", NULL);
    check_state(&s, ann, "done", "failed");
    check_row(&s, 1, "failed");
    close_scene(&s);
}

/* Goal: what was our fault at first is judged for the first time then. */
ON_BOTH(what_was_not_judged_is_an_attempt_when_it_is)
{
    struct scene s;
    int64_t ann;

    open_scene(&s, d);
    ann = hand_in(&s, 1, HANDIN_SUBMIT, "int ann;");
    break_next(&s);
    check_state(&s, ann, "not judged", "not judged");
    check_progress(&s, 1, 0, 0);
    CHECK_INT(regrade(&s), 1);
    check_state(&s, ann, "queued", "");
    check_row(&s, 1, "");
    break_next(&s);
    check_state(&s, ann, "not judged", "not judged");
    CHECK_INT(regrade(&s), 1);
    judge_next(&s, "failed", NULL);
    check_verdict(&s, ann, "failed");
    check_progress(&s, 1, 1, 0);
    close_scene(&s);
}

/* Goal: what its owner took back is not judged after all; the one before it is. */
ON_BOTH(what_was_cancelled_is_left_alone)
{
    struct err err = {.text = ""};
    struct buf payload = {0};
    int64_t first, second;
    struct handin h;
    struct scene s;

    open_scene(&s, d);
    first = hand_in(&s, 1, HANDIN_SUBMIT, "int first;");
    judge_next(&s, "failed", NULL);
    check_verdict(&s, first, "failed");
    second = hand_in(&s, 1, HANDIN_SUBMIT, "int second;");
    CHECK_INT(handins_view(s.queue, second, &h, &err), 1);
    CHECK_INT(handins_cancel(s.queue, &h, &err), 1);
    handin_release(&h);
    check_state(&s, second, "cancelled", "");
    CHECK_INT(regrade(&s), 1);
    judge_next(&s, "passed", &payload);
    CHECK_HAS(payload.data, "int first;");
    check_verdict(&s, first, "passed");
    check_state(&s, second, "cancelled", "");
    buf_release(&payload);
    close_scene(&s);
}

ON_BOTH(more_than_a_chunk_are_judged_again)
{
    struct scene s;
    int i;

    open_scene(&s, d);
    for (i = 1; i <= 45; i++) {
        int64_t id = hand_in(&s, i, HANDIN_SUBMIT, "int x;");
        judge_next(&s, "failed", NULL);
        check_verdict(&s, id, "failed");
    }
    CHECK_INT(regrade(&s), 45);
    close_scene(&s);
}
