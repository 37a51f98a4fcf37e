#include "machines.h"

#include "../store/database_story.h"

#include "../base/mem.h"

static struct jobs *open_queue(const struct database *d, const char *worker)
{
    struct jobs_config config = {.worker = worker};
    struct err err = {.text = ""};
    struct jobs *q = NULL;

    if (jobs_open(d->db, &config, &q, &err) != 0)
        fail_msg("%s", err.text);
    return q;
}

static const struct machine laptop = {.sandbox = "B",
                                      .tools = "[{\"language\":\"c\",\"version\":\"gcc ü\"}]",
                                      .jobs = 4,
                                      .cache_bytes = 5000000000,
                                      .free_bytes = 7};

static void beat(struct jobs *q, const char *name, const struct machine *m)
{
    struct err err = {.text = ""};

    if (machines_beat(q, name, m, &err) != 0)
        fail_msg("%s", err.text);
}

static void add_line(void *owner, const struct machine_view *v)
{
    CHECK(v->began_ms > 0 && v->beat_ms >= v->began_ms && v->silent_ms >= 0);
    buf_addf(owner, "%s %s %s %u%s %lld %lld runs %u\n", v->name, v->machine.sandbox,
             v->machine.tools, v->machine.jobs, v->machine.draining ? " drains" : "",
             (long long)v->machine.cache_bytes, (long long)v->machine.free_bytes, v->running);
}

static void check_list(struct jobs *q, int count, const char *wanted)
{
    struct err err = {.text = ""};
    struct buf lines = {0};

    buf_add_text(&lines, "");
    CHECK_INT(machines_list(q, add_line, &lines, &err), count);
    CHECK_TEXT(lines.data, wanted);
    buf_release(&lines);
}

ON_BOTH(a_worker_is_listed_from_its_first_beat_until_it_leaves)
{
    struct jobs *q = open_queue(d, NULL);
    struct machine draining = laptop;
    struct err err = {.text = ""};

    check_list(q, 0, "");
    beat(q, "w/1", &laptop);
    beat(q, "v/2", &laptop);
    draining.draining = true;
    draining.free_bytes = 6;
    beat(q, "w/1", &draining);
    check_list(q, 2,
               "v/2 B [{\"language\":\"c\",\"version\":\"gcc ü\"}] 4 5000000000 7 runs 0\n"
               "w/1 B [{\"language\":\"c\",\"version\":\"gcc ü\"}] 4 drains 5000000000 6 runs 0\n");
    CHECK_INT(machines_leave(q, "v/2", &err), 0);
    CHECK_INT(machines_leave(q, "nobody", &err), 0);
    check_list(q, 1,
               "w/1 B [{\"language\":\"c\",\"version\":\"gcc ü\"}] 4 drains 5000000000 6 runs 0\n");
    jobs_close(q);
}

ON_BOTH(a_worker_is_shown_with_what_it_runs)
{
    struct jobs *q = open_queue(d, "w/1");
    struct job_spec spec = {"", "", "", JOB_INTERACTIVE, STR_LIT("x")};
    struct err err = {.text = ""};
    struct job job;
    int64_t id;

    beat(q, "w/1", &laptop);
    CHECK_INT(jobs_put(q, &spec, &id, &err), 0);
    CHECK_INT(jobs_put(q, &spec, &id, &err), 0);
    CHECK_INT(jobs_take(q, &job, &err), 1);
    check_list(q, 1, "w/1 B [{\"language\":\"c\",\"version\":\"gcc ü\"}] 4 5000000000 7 runs 1\n");
    CHECK_INT(jobs_finish(q, &job, STR_LIT("done"), &err), 1);
    check_list(q, 1, "w/1 B [{\"language\":\"c\",\"version\":\"gcc ü\"}] 4 5000000000 7 runs 0\n");
    job_release(&job);
    jobs_close(q);
}

ON_BOTH(only_those_that_were_silent_for_long_are_forgotten)
{
    struct jobs *q = open_queue(d, NULL);
    struct err err = {.text = ""};

    beat(q, "old", &laptop);
    beat(q, "new", &laptop);
    database_sql(d, "UPDATE machine SET beat_ms = beat_ms - 90000, began_ms = beat_ms - 90000 "
                    "WHERE name = 'old'");
    CHECK_INT(machines_forget(q, 100000, &err), 0);
    CHECK_INT(machines_forget(q, 60000, &err), 1);
    check_list(q, 1, "new B [{\"language\":\"c\",\"version\":\"gcc ü\"}] 4 5000000000 7 runs 0\n");
    jobs_close(q);
}

TEST(tools_that_are_no_text_are_refused)
{
    struct machine m = laptop;
    struct err err = {.text = ""};
    struct buf tools = {0};
    struct database d;
    struct jobs *q;

    database_init(&d, false);
    q = open_queue(&d, NULL);
    m.tools = "\xff";
    CHECK_INT(machines_beat(q, "w", &m, &err), ERR_INPUT);
    while (tools.len <= MACHINE_TOOLS_MAX)
        buf_add_char(&tools, 'x');
    m.tools = tools.data;
    CHECK_INT(machines_beat(q, "w", &m, &err), ERR_INPUT);
    check_list(q, 0, "");
    buf_release(&tools);
    jobs_close(q);
    database_release(&d);
}

/* ---- what waits, for the same people ---- */

static void add_job(void *owner, int64_t id, const struct job_view *v)
{
    buf_addf(owner, "%lld %s %u %s %s|", (long long)id, jobs_state_word(v->state), v->place,
             v->topic, v->worker);
}

static void check_jobs(struct jobs *q, enum job_state state, uint32_t limit, const char *wanted)
{
    struct err err = {.text = ""};
    struct buf lines = {0};

    buf_add_text(&lines, "");
    if (jobs_list(q, state, limit, add_job, &lines, &err) < 0)
        fail_msg("%s", err.text);
    CHECK_TEXT(lines.data, wanted);
    buf_release(&lines);
}

ON_BOTH(jobs_are_listed_by_state_what_waits_in_its_order)
{
    struct jobs *q = open_queue(d, "w/1");
    struct job_spec regrade = {"", "old", "", JOB_REGRADE, STR_LIT("x")};
    struct job_spec fresh = {"", "new", "", JOB_INTERACTIVE, STR_LIT("x")};
    struct err err = {.text = ""};
    struct job job;
    int64_t id;

    CHECK_INT(jobs_put(q, &regrade, &id, &err), 0);
    CHECK_INT(jobs_put(q, &fresh, &id, &err), 0);
    CHECK_INT(jobs_put(q, &fresh, &id, &err), 0);
    check_jobs(q, JOB_QUEUED, 9, "2 queued 1 new |3 queued 2 new |1 queued 3 old |");
    check_jobs(q, JOB_QUEUED, 1, "2 queued 1 new |");
    CHECK_INT(jobs_take(q, &job, &err), 1);
    CHECK_INT(jobs_cancel(q, 3, &err), 1);
    CHECK_INT(jobs_cancel(q, 1, &err), 1);
    check_jobs(q, JOB_QUEUED, 9, "");
    check_jobs(q, JOB_RUNNING, 9, "2 running 0 new w/1|");
    check_jobs(q, JOB_CANCELLED, 9, "3 cancelled 0 new |1 cancelled 0 old |");
    check_jobs(q, JOB_CANCELLED, 1, "3 cancelled 0 new |");
    job_release(&job);
    jobs_close(q);
}
