/* What the role of a worker may do on a server of PostgreSQL, by the very words that
 * docs/operating.md tells people to type. */
#include "jobs.h"

#include "../base/file.h"
#include "../base/mem.h"
#include "../store/database_story.h"
#include "machines.h"

#include <string.h>

enum { PUT = 4 };

struct role {
    struct database d;
    struct jobs *owner, *worker;
    char address[300]; /* the worker's */
    int64_t jobs[PUT];
};

/* What stands between the lines "psql eddy <<END" and "END" of the chapter. */
static char *words_of_the_manual(void)
{
    struct buf text = {0}, sql = {0};
    struct err err;
    char *at, *end;

    CHECK_INT(file_read("docs/operating.md", 1 << 20, &text, &err), 0);
    buf_add_char(&text, '\0');
    at = strstr(text.data, "    psql eddy <<END\n");
    CHECK(at != NULL);
    at = strchr(at, '\n') + 1;
    end = strstr(at, "\n    END\n");
    CHECK(end != NULL);
    buf_add(&sql, at, (size_t)(end - at));
    buf_release(&text);
    return buf_take(&sql);
}

static struct jobs *open_jobs(const char *db, const char *worker)
{
    struct jobs_config config = {.worker = worker, .running_max = 32, .attempts_max = 3};
    struct err err = {.text = ""};
    struct jobs *q = NULL;

    if (jobs_open(db, &config, &q, &err) != 0)
        fail_msg("%s", err.text);
    return q;
}

/* A database that has been in use, with a worker's role. */
static void role_open(struct role *r)
{
    const struct job_spec spec = {
        .learner = "person 1", .topic = "", .needs = "", .payload = STR_LIT("int secret;")};
    struct err err = {.text = ""};
    char sql[200], *words = words_of_the_manual();
    size_t i, at;

    *r = (struct role){0};
    database_init(&r->d, true);
    r->owner = open_jobs(r->d.db, "w/owner");
    postgres_sql(r->d.db, "DO $$ BEGIN CREATE ROLE eddy_worker LOGIN; EXCEPTION WHEN "
                          "duplicate_object THEN NULL; END $$");
    snprintf(sql, sizeof(sql), "GRANT USAGE ON SCHEMA t%u TO eddy_worker", postgres_server.schemas);
    postgres_sql(r->d.db, sql); /* everybody has that in the usual schema */
    postgres_sql(r->d.db, words);
    mem_free(words);
    at = strlen("postgresql://eddy");
    CHECK(strncmp(r->d.db, "postgresql://eddy@", at + 1) == 0);
    snprintf(r->address, sizeof(r->address), "postgresql://eddy_worker%s", r->d.db + at);
    for (i = 0; i < PUT; i++)
        CHECK_INT(jobs_put(r->owner, &spec, &r->jobs[i], &err), 0);
    r->worker = open_jobs(r->address, "w/1");
}

static void role_close(struct role *r)
{
    jobs_close(r->owner);
    jobs_close(r->worker);
    database_release(&r->d);
}

static struct job take(struct jobs *q)
{
    struct err err = {.text = ""};
    struct job job = {.id = 0};

    if (jobs_take(q, &job, &err) != 1)
        fail_msg("nothing to take: %s", err.text);
    return job;
}

static void finish(struct jobs *q, struct job *job)
{
    struct err err = {.text = ""};

    if (jobs_finish(q, job, STR_LIT("{\"verdict\":\"passed\"}"), &err) != 1)
        fail_msg("not finished: %s", err.text);
}

/* Goal: with these rights a worker can do all of its work. */
TEST(a_workers_role_is_enough_for_its_work)
{
    const struct machine machine = {.sandbox = "A", .tools = "[]", .jobs = 1};
    const struct str events[] = {STR_LIT("{\"step\":1}"), STR_LIT("{\"step\":2}")};
    struct err err = {.text = ""};
    struct buf out = {0};
    struct job_view view;
    struct role r;
    struct job job;

    role_open(&r);
    CHECK_INT(jobs_listen(r.worker, true, false, &err), 0);
    CHECK_INT(machines_beat(r.worker, "w/1", &machine, &err), 0);
    job = take(r.worker);
    CHECK_INT(jobs_beat(r.worker, &job, &err), 1);
    CHECK_INT(jobs_holds(r.worker, &job, &err), 1);
    CHECK_INT(jobs_say(r.worker, &job, events, 2, &err), 1);
    CHECK_INT(jobs_put_file(r.worker, &job, "report.html", STR_LIT("first"), &err), 1);
    CHECK_INT(jobs_put_file(r.worker, &job, "report.html", STR_LIT("second"), &err), 1);
    finish(r.worker, &job);
    finish(r.worker, &job); /* its first word may not have been answered */
    CHECK_INT(jobs_watch(r.owner, job.id, 0, NULL, NULL, &view, &err), 1);
    CHECK_INT(view.event_count, 2);
    CHECK_INT(jobs_file(r.owner, job.id, "report.html", &out, &err), 1);
    CHECK_INT((int)out.len, 6);
    job_release(&job);
    job = take(r.worker);
    CHECK_INT(jobs_give_back(r.worker, &job, &err), 1);
    job_release(&job);
    job = take(r.worker);
    CHECK_INT(jobs_fail(r.worker, &job, "it fell over", &err), 1);
    job_release(&job);
    job = take(r.worker);
    CHECK_INT(jobs_cancel(r.owner, job.id, &err), 1);
    CHECK_INT(jobs_beat(r.worker, &job, &err), 0);
    job_release(&job);
    job = take(r.worker);
    CHECK_INT(jobs_sweep(r.worker, &err), 0);
    CHECK_INT(jobs_sweep_worker(r.worker, "w/1", &err), 1);
    job_release(&job);
    CHECK_INT(machines_leave(r.worker, "w/1", &err), 0);
    buf_release(&out);
    role_close(&r);
}

/* ---- what a captured one tries ---- */

/* How many rows a statement gives or changes; -1: it is not allowed. */
static int tries(struct role *r, const char *sql)
{
    PGconn *c = PQconnectdb(r->address);
    PGresult *answer = PQexec(c, sql);
    const char *code = PQresultErrorField(answer, PG_DIAG_SQLSTATE);
    int count = -1;

    if (PQresultStatus(answer) == PGRES_TUPLES_OK)
        count = PQntuples(answer);
    else if (PQresultStatus(answer) == PGRES_COMMAND_OK)
        count = (int)strtol(PQcmdTuples(answer), NULL, 10);
    else if (code == NULL || strcmp(code, "42501") != 0)
        fail_msg("%s: %s", sql, PQerrorMessage(c));
    PQclear(answer);
    PQfinish(c);
    return count;
}

/* Goal: people, and what is over, are out of its reach. Method: one job is over since long ago, one
 * since now, one runs elsewhere, one waits. */
TEST(a_captured_worker_cannot_reach_what_is_none_of_its_business)
{
    static const char *const forbidden[] = {
        "SELECT * FROM person",
        "SELECT * FROM person_session",
        "SELECT * FROM access_link",
        "SELECT * FROM class_member",
        "SELECT * FROM draft",
        "SELECT * FROM progress",
        "SELECT * FROM results",
        "SELECT * FROM handin",
        "SELECT * FROM play",
        "UPDATE handin SET verdict = 'passed'",
        "UPDATE progress SET state = 'passed'",
        "UPDATE eddy_version SET version = 1",
        "INSERT INTO job_seat VALUES (99)",
        "INSERT INTO job (learner) VALUES ('person 2')",
        "DELETE FROM job",
        "DELETE FROM job_event",
        "DELETE FROM job_file",
        "UPDATE job SET payload = 'x'",
        "UPDATE job SET learner = 'person 2'",
        "UPDATE job SET priority = 0",
        "UPDATE job_event SET text = 'x'",
        "SELECT text FROM job_event",
        "CREATE TABLE more (x BIGINT)",
        "DROP TABLE job",
        "ALTER TABLE job DISABLE ROW LEVEL SECURITY",
        "SET ROLE eddy",
    };
    struct err err = {.text = ""};
    struct job old, fresh, elsewhere;
    struct role r;
    char sql[300];
    size_t i;

    role_open(&r);
    old = take(r.owner);
    CHECK_INT(jobs_put_file(r.owner, &old, "report.html", STR_LIT("x"), &err), 1);
    finish(r.owner, &old);
    fresh = take(r.owner);
    CHECK_INT(jobs_put_file(r.owner, &fresh, "report.html", STR_LIT("x"), &err), 1);
    finish(r.owner, &fresh);
    elsewhere = take(r.owner);
    snprintf(sql, sizeof(sql), "UPDATE job SET over_ms = over_ms - 4000000 WHERE id = %lld",
             (long long)old.id);
    postgres_sql(r.d.db, sql);
    for (i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++)
        if (tries(&r, forbidden[i]) != -1)
            fail_msg("a worker may do this: %s", forbidden[i]);
    CHECK_INT(tries(&r, "SELECT payload, result FROM job"), 3); /* not the old one */
    snprintf(sql, sizeof(sql),
             "UPDATE job SET result = 'x', state = 'queued' WHERE id IN (%lld, %lld)",
             (long long)old.id, (long long)fresh.id);
    CHECK_INT(tries(&r, sql), 0);
    CHECK_INT(tries(&r, "SELECT text FROM job_file"), 0);
    CHECK_INT(tries(&r, "UPDATE job_file SET text = 'x'"), 0);
    snprintf(sql, sizeof(sql),
             "INSERT INTO job_file VALUES (%lld, 'report.html', 'x') ON CONFLICT (job, name) "
             "DO UPDATE SET text = excluded.text",
             (long long)fresh.id);
    CHECK_INT(tries(&r, sql), -1);
    snprintf(sql, sizeof(sql), "INSERT INTO job_event VALUES (%lld, 0, 1, 'x')", (long long)old.id);
    CHECK_INT(tries(&r, sql), -1);
    /* What remains: see the manual. */
    CHECK_INT(tries(&r, "SELECT payload FROM job WHERE state IN ('queued', 'running')"), 2);
    CHECK_INT(tries(&r, "UPDATE job SET result = 'x', state = 'done', over_ms = now_ms() WHERE "
                        "state = 'running'"),
              1);
    job_release(&old);
    job_release(&fresh);
    job_release(&elsewhere);
    role_close(&r);
}

/* What may not be forgotten by a worker is no reason to stop, and the server does it. */
TEST(what_is_old_is_forgotten_by_the_server)
{
    struct err err = {.text = ""};
    struct role r;

    role_open(&r);
    CHECK_INT(jobs_forget(r.worker, &err), ERR_MACHINE);
    CHECK_INT(jobs_forget(r.owner, &err), 0);
    role_close(&r);
}
