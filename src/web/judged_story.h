/* judged_story.h - the site with a queue, on either database, and with the test as the worker. */
#ifndef WEB_JUDGED_STORY_H
#define WEB_JUDGED_STORY_H

#include "../accounts/accounts.h"
#include "../judge/jobs.h"
#include "../store/database_story.h"
#include "schema_story.h"

#ifndef WAIT_ROUNDS
#define WAIT_ROUNDS 60000 /* of 5 ms each, for what must come; a planted bug is waited for less */
#endif

struct judged_story {
    struct web_story w;
    struct jobs *jobs, *worker;
    struct job job; /* that the worker has */
    struct accounts accounts;
};

/* The session is the number of a learner: "7"; "t7": a teacher, "a7": an admin. */
static inline int judged_person(struct accounts *a, const char *session, struct person *into,
                                struct err *err)
{
    const char *number = session + strcspn(session, "0123456789");
    int64_t id = 0;

    (void)a, (void)err;
    if (!str_to_i64(str_of(number), &id))
        return 0;
    *into = (struct person){.id = id,
                            .role = session[0] == 't'   ? ROLE_TEACHER
                                    : session[0] == 'a' ? ROLE_ADMIN
                                                        : ROLE_LEARNER};
    return 1;
}

static inline int64_t judged_now_ms(void)
{
    return 1;
}

/* 70 teaches 7. */
static inline int judged_teaches(struct accounts *a, int64_t teacher, int64_t learner,
                                 struct err *err)
{
    (void)a, (void)err;
    return teacher == 70 && learner == 7;
}

UNUSED static void judged_open(struct judged_story *j, const struct database *d, bool accounts)
{
    struct jobs_config taker = {.worker = "w"}, putter = {.waiting_max = 3};
    struct err err = {.text = ""};

    *j = (struct judged_story){.jobs = NULL};
    web_open_at(&j->w, d->db);
    CHECK_INT(jobs_open(d->db, &putter, &j->jobs, &err), 0);
    CHECK_INT(jobs_open(d->db, &taker, &j->worker, &err), 0);
    j->w.site->jobs = j->jobs;
    if (!accounts)
        return;
    j->accounts.now_ms = judged_now_ms;
    j->accounts.store = j->w.site->store; /* where nobody has signed up: people have numbers only */
    j->w.site->accounts = &j->accounts;
    j->w.site->person_of = judged_person;
    j->w.site->teaches = judged_teaches;
}

UNUSED static void judged_close(struct judged_story *j)
{
    job_release(&j->job);
    jobs_close(j->jobs);
    jobs_close(j->worker);
    web_close(&j->w);
}

/* The worker takes the next job. */
UNUSED static void judged_take(struct judged_story *j)
{
    struct err err = {.text = ""};

    job_release(&j->job);
    CHECK_INT(jobs_take(j->worker, &j->job, &err), 1);
}

UNUSED static void judged_say(struct judged_story *j, const char *event)
{
    struct str text = str_of(event);
    struct err err = {.text = ""};

    CHECK_INT(jobs_say(j->worker, &j->job, &text, 1, &err), 1);
}

/* report: the page, or NULL. */
UNUSED static void judged_finish(struct judged_story *j, const char *result, const char *report)
{
    struct err err = {.text = ""};

    if (report != NULL)
        CHECK_INT(jobs_put_file(j->worker, &j->job, "report.html", str_of(report), &err), 1);
    CHECK_INT(jobs_finish(j->worker, &j->job, str_of(result), &err), 1);
}

/* Hands in; the status of the answer, which is as described. *ret_id: its number if it was taken.
 */
UNUSED static unsigned judged_put(struct judged_story *j, const char *session, const char *body,
                                  int64_t *ret_id)
{
    unsigned status = web_say(&j->w, &(struct web_asking){.method = "POST",
                                                          .path = "/api/v1/submissions",
                                                          .session = session,
                                                          .body = body});
    json_t *answer = json_loads(j->w.r.body.data, 0, NULL);

    check_described(&j->w, "POST", "/api/v1/submissions");
    if (status == 202)
        *ret_id = json_integer_value(json_object_get(answer, "id"));
    json_decref(answer);
    return status;
}

/* GET /api/v1/submissions/ID and what follows; the status. */
UNUSED static unsigned judged_get(struct judged_story *j, const char *session, int64_t id,
                                  const char *behind)
{
    char path[80];

    snprintf(path, sizeof(path), "/api/v1/submissions/%lld%s", (long long)id, behind);
    return web_say(&j->w, &(struct web_asking){.method = "GET", .path = path, .session = session});
}

/* The stream of the last answer, until it has told the text; all that it told is in got. */
UNUSED static void judged_hear(struct judged_story *j, const char *text, struct buf *got)
{
    int round, said = 0;

    buf_add_text(got, "");
    for (round = 0; strstr(got->data, text) == NULL; round++) {
        if (round == WAIT_ROUNDS || said < 0)
            fail_msg("waited in vain for \"%s\" after \"%s\"", text, got->data);
        said = j->w.r.stream.next(j->w.r.stream.owner, got);
        usleep(5000); /* it looks five times a second */
    }
}

#define JUDGED_ECHO                                                                                \
    "{\"track\":\"messenger\",\"task\":\"echo\",\"language\":\"python\",\"kind\":\"submit\","      \
    "\"files\":[{\"name\":\"main.py\",\"text\":\"print(1)\\n\"}]}"

#endif
