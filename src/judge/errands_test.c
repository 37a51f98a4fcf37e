#include "errands.h"

#include "../store/database_story.h"
#include "../store/store.h"
#include "handins.h"
#include "play.h"
#include "regrade.h"

static void add_words(void *owner, const struct errand *e)
{
    buf_addf(owner, "%s %s/%s %s%s%s; ", e->kind, e->track, e->task, e->language,
             e->handin != 0 ? " handed in" : "", e->play[0] != '\0' ? " played" : "");
}

static void check(struct jobs *q, enum job_state state, uint32_t limit, const char *wanted)
{
    struct err err = {.text = ""};
    struct buf words = {0};

    buf_add_text(&words, "");
    if (errands_list(q, state, limit, add_words, &words, &err) < 0)
        fail_msg("%s", err.text);
    CHECK_TEXT(words.data, wanted);
    buf_release(&words);
}

static void hand_in(struct jobs *q, int64_t person, enum handin_kind kind, const char *task)
{
    struct submission s = {0};
    struct handin_spec spec = {person, kind, &s};
    struct err err = {.text = ""};
    int64_t id = 0;

    CHECK_INT(submission_word("track", STR_LIT("messenger"), &s.track, &err), 0);
    CHECK_INT(submission_word("task", str_of(task), &s.task, &err), 0);
    CHECK_INT(submission_word("language", STR_LIT("python"), &s.language, &err), 0);
    CHECK_INT(submission_add(&s, STR_LIT("main.py"), STR_LIT("x"), &err), 0);
    CHECK_INT(handins_put(q, &spec, &id, &err), 0);
    submission_release(&s);
}

static void finish(struct jobs *worker, const char *result)
{
    struct err err = {.text = ""};
    struct job job;

    CHECK_INT(jobs_take(worker, &job, &err), 1);
    CHECK_INT(jobs_finish(worker, &job, str_of(result), &err), 1);
    job_release(&job);
}

static struct jobs *open_queue(const struct database *d, const char *worker)
{
    struct jobs_config config = {.worker = worker};
    struct err err = {.text = ""};
    struct jobs *q = NULL;

    if (jobs_open(d->db, &config, &q, &err) < 0)
        fail_msg("%s", err.text);
    return q;
}

/* Goal: each job of the queue is told as what it is: handed in, a look, a run of the playground, a
 * second look, or one that lost its place to that. */
ON_BOTH(jobs_are_told_as_what_they_are_for)
{
    struct jobs *q = open_queue(d, NULL), *worker = open_queue(d, "w");
    struct play play = {.workload = "echo", .program = {.language = "c"}};
    const struct plays_wish wish = {.person = 7, .learner = "them", .play = &play};
    char address[PLAYS_ADDRESS_LEN + 1];
    struct err err = {.text = ""};
    struct store *store = NULL;

    CHECK_INT(store_open(d->db, &store, &err), 0);
    check(q, JOB_QUEUED, 9, "");
    hand_in(q, 7, HANDIN_SUBMIT, "echo");
    hand_in(q, 8, HANDIN_RUN, "say");
    CHECK_INT(plays_put(store, q, &wish, address, &err), 0);
    check(q, JOB_QUEUED, 9,
          "submit messenger/echo python handed in; run messenger/say python handed in;  / c "
          "played; ");
    check(q, JOB_QUEUED, 1, "submit messenger/echo python handed in; ");
    finish(worker, "{\"verdict\":\"failed\",\"sentence\":\"no\"}");
    check(q, JOB_DONE, 9, "submit messenger/echo python handed in; ");
    CHECK_INT(handins_settle(q, &err), 1);
    CHECK_INT(regrade_task(q, "messenger", "echo", &err), 1);
    check(q, JOB_DONE, 9, " / python; ");
    check(q, JOB_QUEUED, 9,
          "run messenger/say python handed in;  / c played; submit messenger/echo python handed "
          "in; ");
    store_close(store);
    jobs_close(worker);
    jobs_close(q);
}
