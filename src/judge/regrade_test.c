#include "regrade.h"

#include "../store/database_story.h"

#include "handins.h"
#include "jobs.h"

struct scene {
    struct jobs *queue;
};

static void open_scene(struct scene *s, const struct database *d)
{
    struct jobs_config config = {.worker = "w", .running_max = 32, .waiting_max = 1000};
    struct err err = {.text = ""};

    if (jobs_open(d->db, &config, &s->queue, &err) != 0)
        fail_msg("%s", err.text);
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
    jobs_close(s.queue);
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
    jobs_close(s.queue);
}
