/* What readers see while the database does not answer. */
#include "routes.h"

#include "../judge/jobs.h"
#include "../store/database_story.h"
#include "statics.h"
#include "web_story.h"

enum { PATIENCE_MS = 3000 }; /* of one silence; a server that lives answers sooner */

struct away {
    struct database d;
    struct web_story w;
    struct jobs *jobs;
    struct err err; /* what the log would say */
};

/* Everybody who has a session; the database must say so, as that of src/accounts does. */
static int who(struct accounts *a, const char *session, struct person *ret_person, struct err *err)
{
    struct store_value key = store_text(session);
    int64_t ignored = 0;
    int status = store_ask((struct store *)a, "job_put_lock", &key, 1, &ignored, err);

    *ret_person = (struct person){.id = 7, .name = "ann", .role = ROLE_LEARNER};
    return status < 0 ? status : 1;
}

static void away_open(struct away *a)
{
    struct jobs_config config = {.worker = NULL};
    struct err err = {.text = ""};

    database_init(&a->d, true);
    web_open_at(&a->w, a->d.db);
    CHECK_INT(jobs_open_on(a->w.store, &config, &a->jobs, &err), 0);
    CHECK_INT(store_be_brief(a->w.store, PATIENCE_MS, &err), 0);
    a->w.site->jobs = a->jobs;
}

static void away_close(struct away *a)
{
    jobs_close(a->jobs);
    web_close(&a->w);
    database_release(&a->d);
}

/* The status. session NULL: none. */
static unsigned get(struct away *a, const char *path, const char *session)
{
    struct request_values values = {.count = 0};
    struct request q = {.method = "GET",
                        .path = path,
                        .values = &values,
                        .headers = {.host = "localhost",
                                    .origin = "",
                                    .fetch_site = "",
                                    .x_eddy = "",
                                    .x_eddy_person = "",
                                    .content_type = "",
                                    .last_event_id = "",
                                    .cookie = "",
                                    .session = session != NULL ? session : "",
                                    .address = "127.0.0.1"}};

    response_release(&a->w.r);
    a->w.r = (struct response){0};
    a->err.text[0] = '\0';
    routes_answer(a->w.site, &q, &a->w.r, &a->err);
    buf_add_text(&a->w.r.body, "");
    return a->w.r.status;
}

static void check_away(struct away *a, const char *path, const char *session)
{
    CHECK_INT(get(a, path, session), 503);
    CHECK_HAS(a->w.r.body.data, "The database is not to be reached just now");
    CHECK_HAS(a->err.text, "is not to be reached");
    CHECK(a->w.r.retry_after_s > 0);
}

static void thaw(struct away *a, const char *path, const char *session)
{
    postgres_order("thaw");
    while (get(a, path, session) == 503)
        usleep(1000);
}

/* Goal: silence is told to those who need the database, a thousand of them if need be, and nobody
 * else notices it; then it is over by itself. */
TEST(while_the_database_is_silent_pages_that_need_none_are_there)
{
    struct away a;
    int i;

    away_open(&a);
    CHECK_INT(get(&a, "/", NULL), 200);
    postgres_order("freeze");
    for (i = 0; i < 300; i++) {
        check_away(&a, "/", NULL);
        check_away(&a, "/tracks/messenger/echo", NULL);
        check_away(&a, "/api/v1/submissions", NULL);
        CHECK_INT(get(&a, "/docs/some", NULL), 200);
        CHECK_INT(get(&a, "/search", NULL), 200);
        CHECK_INT(get(&a, "/api/v1/languages", NULL), 200);
    }
    CHECK_INT(get(&a, statics_url(a.w.site->statics, "style.css"), NULL), 200);
    thaw(&a, "/", NULL);
    CHECK_HAS(web_get(&a.w, "/"), "1 of 2 passed");
    away_close(&a);
}

/* Goal: the same where people sign in: who has not is nobody, whoever is away; who has, and whom
 * nobody can name just now, reads what is the same for everybody, and is told the rest. */
TEST(while_nobody_can_be_named_what_is_for_everybody_is_there)
{
    struct away a;

    away_open(&a);
    a.w.site->accounts = (struct accounts *)a.w.store;
    a.w.site->person_of = who;
    CHECK_INT(get(&a, "/progress", "s"), 200);
    postgres_order("freeze");
    check_away(&a, "/progress", "s");
    check_away(&a, "/tracks/messenger", "s");
    check_away(&a, "/api/v1/submissions", "s");
    CHECK_INT(get(&a, "/tracks/messenger", NULL), 200);
    CHECK_INT(get(&a, "/docs/some", "s"), 200);
    CHECK_INT(get(&a, "/api/v1/tracks/messenger/tasks/echo/hints/1", "s"), 200);
    CHECK_INT(get(&a, statics_url(a.w.site->statics, "style.css"), "s"), 200);
    thaw(&a, "/progress", "s");
    CHECK_INT(get(&a, "/progress", "s"), 200);
    CHECK_INT(get(&a, "/tracks/messenger", "s"), 200);
    a.w.site->accounts = NULL;
    away_close(&a);
}

TEST(a_newer_eddys_database_is_not_touched)
{
    struct away a;

    away_open(&a);
    database_sql(&a.d, "UPDATE eddy_version SET version = 999");
    postgres_order("crash");
    CHECK_INT(get(&a, "/", NULL), 503);
    while (get(&a, "/", NULL) == 503)
        usleep(1000);
    CHECK_INT(a.w.r.status, 500);
    CHECK_HAS(a.err.text, "newer eddy");
    CHECK(get(&a, "/", NULL) >= 500);
    away_close(&a);
}
