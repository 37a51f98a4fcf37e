#include "jobs.h"

#include "../store/database_story.h"

#include "../base/mem.h"
#include "../base/prng.h"

#include <sched.h>

/* One who uses the queue. Zero in a field of config: short leases, no back-off to speak of. */
static struct jobs *use(const struct database *d, struct jobs_config config)
{
    struct err err = {.text = ""};
    struct jobs *q = NULL;

    if (config.lease_ms == 0)
        config.lease_ms = 60000;
    if (config.back_off_ms == 0)
        config.back_off_ms = 1;
    if (jobs_open(d->db, &config, &q, &err) != 0)
        fail_msg("%s", err.text);
    return q;
}

static struct jobs *worker(const struct database *d, const char *name)
{
    return use(d, (struct jobs_config){.worker = name});
}

static int64_t put_spec(struct jobs *q, struct job_spec spec)
{
    struct err err = {.text = ""};
    int64_t id = -1;

    if (spec.learner == NULL)
        spec.learner = "";
    if (spec.topic == NULL)
        spec.topic = "";
    if (spec.needs == NULL)
        spec.needs = "";
    if (spec.payload.data == NULL)
        spec.payload = STR_LIT("{}");
    if (jobs_put(q, &spec, &id, &err) != 0)
        fail_msg("%s", err.text);
    return id;
}

static int64_t put(struct jobs *q, const char *learner)
{
    return put_spec(q, (struct job_spec){.learner = learner});
}

/* The id of the job that was taken, or 0. */
static int64_t take(struct jobs *q, struct job *ret_job)
{
    struct err err = {.text = ""};
    int status = jobs_take(q, ret_job, &err);

    if (status < 0)
        fail_msg("%s", err.text);
    return status == 1 ? ret_job->id : 0;
}

/* Takes and forgets: whose turn is it? */
static int64_t take_id(struct jobs *q)
{
    struct job job;
    int64_t id = take(q, &job);

    if (id != 0)
        job_release(&job);
    return id;
}

static struct job_view view(struct jobs *q, int64_t id)
{
    struct err err = {.text = ""};
    struct job_view v;

    CHECK_INT(jobs_view(q, id, &v, &err), 1);
    return v;
}

static void check_result(struct jobs *q, int64_t id, const char *wanted)
{
    struct err err = {.text = ""};
    struct buf out = {0};

    CHECK_INT(jobs_result(q, id, &out, &err), wanted != NULL);
    if (wanted != NULL)
        CHECK_TEXT(out.data, wanted);
    buf_release(&out);
}

/* Until the sweep finds that many; the time is the database's, so one can only ask. */
static void sweep_until(struct jobs *q, int wanted)
{
    struct err err = {.text = ""};
    int swept = 0, tries;

    for (tries = 0; swept < wanted && tries < 1000000; tries++) {
        int status = jobs_sweep(q, &err);
        CHECK(status >= 0);
        swept += status;
    }
    CHECK_INT(swept, wanted);
}

/* A job may wait for its back-off: asks until it is there. */
static int64_t take_soon(struct jobs *q, struct job *job)
{
    int tries;

    for (tries = 0; tries < 1000000; tries++)
        if (take(q, job) != 0)
            return job->id;
    return 0;
}

/* ---- one job's life ---- */

ON_BOTH(a_job_goes_in_and_its_result_comes_out)
{
    struct err err = {.text = ""};
    struct jobs *web = use(d, (struct jobs_config){.worker = NULL});
    struct jobs *w = worker(d, "w1");
    struct job job = {.id = 0};
    struct job_view v;
    int64_t id = put_spec(web, (struct job_spec){.learner = "ann",
                                                 .topic = "echo",
                                                 .payload = STR_LIT("{\"text\": \"ü'\\n\"}")});

    v = view(web, id);
    CHECK(v.state == JOB_QUEUED && v.place == 1 && v.attempt == 0 && v.put_ms > 0);
    CHECK_TEXT(v.learner, "ann");
    CHECK_TEXT(v.topic, "echo");
    check_result(web, id, NULL);
    CHECK_INT(take(w, &job), id);
    CHECK_TEXT(job.payload.data, "{\"text\": \"ü'\\n\"}");
    CHECK_INT(job.payload.len, strlen(job.payload.data));
    CHECK_TEXT(job.learner, "ann");
    CHECK_INT(job.attempt, 1);
    CHECK_INT(take_id(w), 0);
    v = view(web, id);
    CHECK(v.state == JOB_RUNNING && v.place == 0 && v.attempt == 1 && v.taken_ms >= v.put_ms);
    CHECK_TEXT(v.worker, "w1");
    CHECK_INT(jobs_beat(w, &job, &err), 1);
    CHECK_INT(jobs_finish(w, &job, STR_LIT("passed"), &err), 1);
    v = view(web, id);
    CHECK(v.state == JOB_DONE && v.over_ms >= v.taken_ms);
    check_result(web, id, "passed");
    CHECK_INT(jobs_finish(w, &job, STR_LIT("passed"), &err), 1); /* did it go through? it did */
    CHECK_INT(jobs_beat(w, &job, &err), 0);
    CHECK_INT(jobs_cancel(web, id, &err), 0);
    CHECK_INT(jobs_view(web, id + 1, &v, &err), 0);
    job_release(&job);
    jobs_close(w);
    jobs_close(web);
}

/* Goal: whoever lost a job changes nothing any more, whatever he says. Method: the lease ends,
 * another takes the job, the first comes back. */
ON_BOTH(a_worker_that_lost_its_lease_is_refused)
{
    struct err err = {.text = ""};
    struct jobs *slow = use(d, (struct jobs_config){.worker = "slow", .lease_ms = 1});
    struct jobs *w = worker(d, "w2");
    struct str event = STR_LIT("late");
    struct buf file = {0};
    struct job old = {.id = 0}, job = {.id = 0};
    int64_t id = put(w, "ann");

    CHECK_INT(take(slow, &old), id);
    sweep_until(w, 1);
    CHECK(view(w, id).state == JOB_QUEUED);
    CHECK_HAS(view(w, id).why, "slow");
    CHECK_INT(take_soon(w, &job), id);
    CHECK_INT(job.attempt, 2);
    CHECK(job.fence > old.fence);
    CHECK_INT(jobs_beat(slow, &old, &err), 0);
    CHECK_INT(jobs_say(slow, &old, &event, 1, &err), 0);
    CHECK_INT(jobs_put_file(slow, &old, "report.html", STR_LIT("wrong"), &err), 0);
    CHECK_INT(jobs_finish(slow, &old, STR_LIT("wrong"), &err), 0);
    CHECK_INT(jobs_fail(slow, &old, "wrong", &err), 0);
    CHECK_INT(jobs_give_back(slow, &old, &err), 0);
    CHECK(view(w, id).state == JOB_RUNNING && view(w, id).event_count == 0);
    CHECK_INT(jobs_put_file(w, &job, "report.html", STR_LIT("draft"), &err), 1);
    CHECK_INT(jobs_put_file(w, &job, "report.html", STR_LIT("right"), &err), 1);
    CHECK_INT(jobs_file(w, id, "report.html", &file, &err), 0); /* not before the result */
    CHECK_INT(jobs_finish(w, &job, STR_LIT("right"), &err), 1);
    CHECK_INT(jobs_put_file(slow, &old, "report.html", STR_LIT("wrong"), &err), 0);
    CHECK_INT(jobs_file(w, id, "report.html", &file, &err), 1);
    CHECK_TEXT(file.data, "right");
    buf_release(&file);
    CHECK_INT(jobs_finish(slow, &old, STR_LIT("wrong"), &err), 0);
    check_result(w, id, "right");
    job_release(&old);
    job_release(&job);
    jobs_close(slow);
    jobs_close(w);
}

/* Beats on one of two jobs between sweeps until the lease of the other has ended and been swept;
 * how often a sweep took something. */
static int sweep_beside_beats(struct database *d, int64_t lease_ms)
{
    struct err err = {.text = ""};
    struct jobs *w = use(d, (struct jobs_config){.worker = "w1", .lease_ms = lease_ms});
    struct jobs *other = use(d, (struct jobs_config){.worker = "w2"});
    struct job job = {.id = 0}, left = {.id = 0};
    int64_t id = put(w, ""), died = put(w, "");
    int swept = 0, status;

    CHECK_INT(take(w, &job), id);
    CHECK_INT(take(w, &left), died);
    job_release(&left);
    while (swept == 0 || view(w, died).state == JOB_RUNNING) {
        jobs_beat(w, &job, &err);
        status = jobs_sweep(other, &err);
        CHECK(status >= 0);
        swept += status;
    }
    CHECK_INT(jobs_cancel(w, died, &err), 1);
    if (swept == 1) {
        CHECK(view(w, id).state == JOB_RUNNING);
        CHECK_INT(jobs_finish(w, &job, STR_LIT("by w1"), &err), 1);
    } else {
        CHECK_INT(jobs_cancel(w, id, &err), 1);
    }
    job_release(&job);
    jobs_close(w);
    jobs_close(other);
    return swept;
}

/* Goal: who beats keeps its job; the sweep takes only leases that have ended. Method: a machine
 * that cannot beat within so short a lease gets a longer one; a sweep that takes the living takes
 * them whatever their lease is. */
ON_BOTH(a_sweep_takes_no_living_jobs)
{
    int64_t lease_ms;
    int swept = 0;

    for (lease_ms = 400; swept != 1 && lease_ms < 30000; lease_ms *= 4)
        swept = sweep_beside_beats(d, lease_ms);
    CHECK_INT(swept, 1);
}

ON_BOTH(after_so_many_attempts_a_job_is_not_judged)
{
    struct err err = {.text = ""};
    struct jobs *w = worker(d, "w1");
    struct job job = {.id = 0};
    int64_t id = put(w, "ann");
    uint32_t attempt;

    for (attempt = 1; attempt <= 3; attempt++) {
        CHECK_INT(take_soon(w, &job), id);
        CHECK_INT(job.attempt, attempt);
        CHECK_INT(jobs_fail(w, &job, "the judge crashed (signal 11)", &err), 1);
        CHECK_INT(jobs_fail(w, &job, "the judge crashed (signal 11)", &err), 0);
        job_release(&job);
    }
    CHECK(view(w, id).state == JOB_NOT_JUDGED && view(w, id).over_ms > 0);
    CHECK_TEXT(view(w, id).why, "the judge crashed (signal 11)");
    CHECK_INT(take_id(w), 0);
    check_result(w, id, NULL);
    jobs_close(w);
}

ON_BOTH(leases_that_end_count_as_attempts)
{
    struct err err = {.text = ""};
    struct jobs *w = use(d, (struct jobs_config){.worker = "w1", .lease_ms = 1, .attempts_max = 2});
    struct job job = {.id = 0};
    struct jobs_counts counts;
    int64_t id = put(w, "ann");

    CHECK_INT(take_soon(w, &job), id);
    job_release(&job);
    sweep_until(w, 1);
    CHECK_INT(take_soon(w, &job), id);
    sweep_until(w, 1);
    CHECK(view(w, id).state == JOB_NOT_JUDGED);
    CHECK_INT(jobs_count(w, &counts, &err), 0);
    CHECK(counts.queued == 0 && counts.running == 0 && counts.not_judged == 1);
    job_release(&job);
    jobs_close(w);
}

/* Goal: who has other jobs running gets no last attempt, and no way around it either. */
ON_BOTH(a_last_attempt_is_for_who_runs_nothing_else)
{
    struct err err = {.text = ""};
    struct jobs *w = use(
        d,
        (struct jobs_config){.worker = "w1", .lease_ms = 1, .attempts_max = 3, .back_off_ms = 1});
    struct job job = {.id = 0};
    int64_t bad = put(w, "ann"), good;
    int i;

    for (i = 0; i < 2; i++) {
        CHECK_INT(take_soon(w, &job), bad);
        CHECK(!job.is_last);
        job_release(&job);
        sweep_until(w, 1);
    }
    CHECK_INT(take_soon(w, &job), bad);
    CHECK(job.is_last);
    good = put(w, "bob");
    CHECK_INT(jobs_give_back(w, &job, &err), 1);
    job_release(&job);
    CHECK_INT(jobs_take_beside(w, &job, &err), 0);
    CHECK_INT(jobs_take(w, &job, &err), 1);
    CHECK_INT(job.id, bad);
    CHECK_INT(jobs_finish(w, &job, STR_LIT("x"), &err), 1);
    job_release(&job);
    CHECK_INT(jobs_take_beside(w, &job, &err), 1);
    CHECK_INT(job.id, good);
    job_release(&job);
    jobs_close(w);
}

/* Goal: a failed attempt waits before the next, longer each time. */
ON_BOTH(the_back_off_holds_a_job_back)
{
    struct err err = {.text = ""};
    struct jobs *w = use(d, (struct jobs_config){.worker = "w1", .back_off_ms = 100000});
    struct job job = {.id = 0};
    int64_t id = put(w, "ann");

    CHECK_INT(take(w, &job), id);
    CHECK_INT(jobs_fail(w, &job, "no memory", &err), 1);
    CHECK_INT(take_id(w), 0);
    CHECK(view(w, id).state == JOB_QUEUED);
    job_release(&job);
    jobs_close(w);
}

ON_BOTH(a_job_given_back_stands_where_it_stood)
{
    struct err err = {.text = ""};
    struct jobs *w = worker(d, "w1");
    struct job job = {.id = 0};
    int64_t a = put(w, "ann"), b = put(w, "bob");

    CHECK_INT(take(w, &job), a);
    CHECK_INT(view(w, b).place, 1);
    CHECK_INT(jobs_give_back(w, &job, &err), 1);
    CHECK_INT(view(w, a).place, 1);
    CHECK_INT(view(w, b).place, 2);
    CHECK_INT(view(w, a).attempt, 0);
    job_release(&job);
    CHECK_INT(take(w, &job), a);
    CHECK_INT(job.attempt, 1);
    job_release(&job);
    jobs_close(w);
}

/* Goal: a worker that comes back gives free what its former life held, and nobody else's. */
ON_BOTH(a_new_life_sweeps_its_former_one_only)
{
    struct err err = {.text = ""};
    struct jobs *former = worker(d, "host/1"), *other = worker(d, "host/11");
    struct job job = {.id = 0};
    int64_t a = put(former, "ann"), b = put(former, "bob");

    CHECK_INT(take_id(former), a);
    CHECK_INT(take(other, &job), b);
    CHECK_INT(jobs_sweep_worker(other, "host/1", &err), 1);
    CHECK(view(other, a).state == JOB_QUEUED && view(other, b).state == JOB_RUNNING);
    CHECK_INT(jobs_beat(other, &job, &err), 1);
    job_release(&job);
    jobs_close(former);
    jobs_close(other);
}

ON_BOTH(a_cancelled_job_is_over_wherever_it_was)
{
    struct err err = {.text = ""};
    struct jobs *w = worker(d, "w1");
    struct job job = {.id = 0};
    int64_t waits = put(w, "ann"), runs = put(w, "bob");

    CHECK_INT(jobs_cancel(w, waits, &err), 1);
    CHECK_INT(jobs_cancel(w, waits, &err), 0);
    CHECK_INT(take(w, &job), runs);
    CHECK_INT(jobs_cancel(w, runs, &err), 1);
    CHECK_INT(jobs_beat(w, &job, &err), 0);
    CHECK_INT(jobs_finish(w, &job, STR_LIT("too late"), &err), 0);
    CHECK(view(w, runs).state == JOB_CANCELLED && view(w, waits).state == JOB_CANCELLED);
    check_result(w, runs, NULL);
    CHECK_INT(take_id(w), 0);
    job_release(&job);
    jobs_close(w);
}

/* ---- whose turn it is ---- */

ON_BOTH(interactive_goes_before_regrade_and_then_the_order_of_entry)
{
    struct jobs *w = worker(d, "w1");
    int64_t old = put_spec(w, (struct job_spec){.learner = "a", .priority = JOB_REGRADE});
    int64_t first = put(w, "b"), second = put(w, "c");

    CHECK_INT(view(w, first).place, 1);
    CHECK_INT(view(w, second).place, 2);
    CHECK_INT(view(w, old).place, 3);
    CHECK_INT(take_id(w), first);
    CHECK_INT(take_id(w), second);
    CHECK_INT(take_id(w), old);
    jobs_close(w);
}

ON_BOTH(a_learner_has_so_many_at_once_and_others_pass)
{
    struct err err = {.text = ""};
    struct jobs *w = worker(d, "w1");
    struct job jobs[2] = {{.id = 0}};
    int64_t ann[4], bob, nobody[3];
    int i;

    for (i = 0; i < 4; i++)
        ann[i] = put(w, "ann");
    bob = put(w, "bob");
    for (i = 0; i < 3; i++)
        nobody[i] = put(w, "");
    CHECK_INT(take(w, &jobs[0]), ann[0]);
    CHECK_INT(take(w, &jobs[1]), ann[1]);
    CHECK_INT(take_id(w), bob);
    for (i = 0; i < 3; i++)
        CHECK_INT(take_id(w), nobody[i]); /* nobody's know no limit */
    CHECK_INT(take_id(w), 0);
    CHECK_INT(jobs_finish(w, &jobs[0], STR_LIT("passed"), &err), 1);
    CHECK_INT(take_id(w), ann[2]); /* in the seat that became free */
    CHECK_INT(take_id(w), 0);
    CHECK_INT(jobs_finish(w, &jobs[1], STR_LIT("passed"), &err), 1);
    CHECK_INT(take_id(w), ann[3]);
    job_release(&jobs[0]);
    job_release(&jobs[1]);
    jobs_close(w);
}

/* Goal: the limit of a learner holds also when workers take at the same moment. Method: eight take
 * as fast as they can, hold each job for a few looks of others, and count with each take how many
 * run. */
ON_BOTH(the_limit_of_a_learner_holds_when_many_take_at_once)
{
    enum { WORKERS = 8, JOBS = 40 };
    struct err err = {.text = ""};
    struct jobs *q = use(d, (struct jobs_config){.waiting_max = JOBS});
    struct jobs_counts counts;
    int i;

    for (i = 0; i < JOBS; i++)
        put(q, "ann");
    for (i = 0; i < WORKERS; i++) {
        if (fork() == 0) {
            struct jobs *w;
            char name[16];
            snprintf(name, sizeof(name), "w%d", i);
            w = worker(d, name);
            do {
                struct job job = {.id = 0};
                int status = jobs_take(w, &job, &err);
                if (status < 0 || jobs_count(w, &counts, &err) < 0 || counts.running > 2)
                    _exit(1);
                if (status == 1 && jobs_finish(w, &job, STR_LIT("passed"), &err) != 1)
                    _exit(2);
                job_release(&job);
                sched_yield();
            } while (counts.queued + counts.running > 0);
            _exit(0);
        }
    }
    for (i = 0; i < WORKERS; i++) {
        int end = 0;
        CHECK(wait(&end) > 0);
        CHECK_INT(end, 0);
    }
    CHECK_INT(jobs_count(q, &counts, &err), 0);
    CHECK(counts.queued == 0 && counts.running == 0);
    jobs_close(q);
}

ON_BOTH(a_job_goes_only_to_who_offers_what_it_needs)
{
    struct jobs *c = use(d, (struct jobs_config){.worker = "w1", .offers = "c,cpp"});
    struct jobs *all = worker(d, "w2");
    int64_t rust = put_spec(c, (struct job_spec){.learner = "a", .needs = "rust"});
    int64_t cpp = put_spec(c, (struct job_spec){.learner = "b", .needs = "cpp"});
    int64_t any = put_spec(c, (struct job_spec){.learner = "c"});

    CHECK_INT(take_id(c), cpp);
    CHECK_INT(take_id(c), any);
    CHECK_INT(take_id(c), 0);
    CHECK_INT(take_id(all), rust);
    jobs_close(c);
    jobs_close(all);
}

ON_BOTH(a_newer_submission_takes_the_place_of_one_that_waits)
{
    struct jobs *w = worker(d, "w1");
    struct job_spec spec = {.learner = "ann", .topic = "echo"};
    int64_t first = put_spec(w, spec), second, third, other;

    CHECK_INT(take_id(w), first);
    second = put_spec(w, spec);
    spec.topic = "gossip";
    other = put_spec(w, spec);
    spec.topic = "echo";
    third = put_spec(w, spec);
    CHECK(view(w, first).state == JOB_RUNNING); /* what runs goes on */
    CHECK(view(w, second).state == JOB_CANCELLED);
    CHECK(view(w, other).state == JOB_QUEUED && view(w, third).state == JOB_QUEUED);
    jobs_close(w);
}

ON_BOTH(so_many_of_a_learner_may_wait)
{
    struct err err = {.text = ""};
    struct jobs *q = use(d, (struct jobs_config){.waiting_max = 3});
    struct job_spec spec = {.learner = "ann", .topic = "", .needs = "", .payload = STR_LIT("x")};
    int64_t id = 0;
    int i;

    for (i = 0; i < 3; i++)
        put(q, "ann");
    CHECK_INT(jobs_put(q, &spec, &id, &err), ERR_FULL);
    CHECK_HAS(err.text, "3 of your submissions wait");
    spec.priority = JOB_REGRADE; /* the teacher's */
    CHECK_INT(jobs_put(q, &spec, &id, &err), 0);
    put(q, "bob");
    put(q, "");
    jobs_close(q);
}

ON_BOTH(what_cannot_be_put_in_has_a_sentence)
{
    struct err err = {.text = ""};
    struct jobs *q = use(d, (struct jobs_config){.worker = NULL});
    struct job_spec spec = {.learner = "ann", .topic = "", .needs = "", .payload = STR_LIT("x")};
    struct jobs_counts counts;
    char *large = mem_zalloc(JOB_PAYLOAD_MAX + 2);
    int64_t id = 0;

    memset(large, 'x', JOB_PAYLOAD_MAX + 1);
    spec.payload = (struct str){large, JOB_PAYLOAD_MAX + 1};
    CHECK_INT(jobs_put(q, &spec, &id, &err), ERR_INPUT);
    CHECK_HAS(err.text, "4194305 bytes");
    spec.payload.len--;
    CHECK_INT(jobs_put(q, &spec, &id, &err), 0);
    spec.payload = STR_LIT("a\0b");
    CHECK_INT(jobs_put(q, &spec, &id, &err), ERR_INPUT);
    spec.payload = STR_LIT("\xff");
    CHECK_INT(jobs_put(q, &spec, &id, &err), ERR_INPUT);
    spec.payload = STR_LIT("x");
    large[JOB_NAME_MAX + 1] = '\0';
    spec.learner = large;
    CHECK_INT(jobs_put(q, &spec, &id, &err), ERR_INPUT);
    spec.learner = "ann";
    spec.needs = "c%";
    CHECK_INT(jobs_put(q, &spec, &id, &err), ERR_INPUT);
    CHECK_INT(jobs_count(q, &counts, &err), 0);
    CHECK_INT(counts.queued, 1);
    mem_free(large);
    jobs_close(q);
}

/* ---- live ---- */

struct heard {
    uint32_t count, attempt;
    char text[400];
};

static void hear(void *owner, const struct job_event *e)
{
    struct heard *h = owner;
    size_t used = strlen(h->text);

    h->count++;
    snprintf(h->text + used, sizeof(h->text) - used, "%u/%u %.*s;", e->number, e->attempt,
             STR_ARG(e->text));
}

ON_BOTH(events_are_told_from_any_number_on_and_a_new_attempt_shows)
{
    struct err err = {.text = ""};
    struct jobs *w = worker(d, "w1"), *web = use(d, (struct jobs_config){.worker = NULL});
    struct str first[] = {STR_LIT("compiled"), STR_LIT("step 1")}, again[] = {STR_LIT("compiled")};
    struct job job = {.id = 0};
    struct job_view v;
    struct heard h = {.count = 0};
    int64_t id = put(w, "ann");

    CHECK_INT(take(w, &job), id);
    CHECK_INT(jobs_watch(web, id, 0, hear, &h, &v, &err), 1);
    CHECK_INT(h.count, 0);
    CHECK_INT(jobs_say(w, &job, first, 1, &err), 1);
    CHECK_INT(jobs_say(w, &job, first + 1, 1, &err), 1);
    CHECK_INT(jobs_watch(web, id, 0, hear, &h, &v, &err), 1);
    CHECK_TEXT(h.text, "0/1 compiled;1/1 step 1;");
    CHECK_INT(v.event_count, 2);
    CHECK_INT(jobs_fail(w, &job, "crashed", &err), 1);
    job_release(&job);
    CHECK_INT(take_soon(w, &job), id);
    CHECK_INT(jobs_say(w, &job, again, 1, &err), 1);
    CHECK_INT(jobs_finish(w, &job, STR_LIT("passed"), &err), 1);
    h = (struct heard){.count = 0};
    CHECK_INT(jobs_watch(web, id, 1, hear, &h, &v, &err), 1);
    CHECK_TEXT(h.text, "1/1 step 1;2/2 compiled;");
    CHECK(v.state == JOB_DONE && v.event_count == 3);
    CHECK_INT(jobs_watch(web, id + 1, 0, hear, &h, &v, &err), 0);
    job_release(&job);
    jobs_close(w);
    jobs_close(web);
}

/* Goal: what is said twice, because nobody knew whether it went through, is there once. */
ON_BOTH(events_said_again_are_there_once)
{
    struct err err = {.text = ""};
    struct jobs *w = worker(d, "w1");
    struct str events[] = {STR_LIT("a"), STR_LIT("b")};
    struct job job = {.id = 0};
    struct job_view v;
    struct heard h = {.count = 0};
    int64_t id = put(w, "ann");

    CHECK_INT(take(w, &job), id);
    CHECK_INT(jobs_say(w, &job, events, 2, &err), 1);
    job.event_count = 0; /* as if the answer had been lost */
    CHECK_INT(jobs_say(w, &job, events, 2, &err), 1);
    CHECK_INT(jobs_watch(w, id, 0, hear, &h, &v, &err), 1);
    CHECK_TEXT(h.text, "0/1 a;1/1 b;");
    CHECK_INT(v.event_count, 2);
    job_release(&job);
    jobs_close(w);
}

ON_BOTH(a_job_can_say_only_so_much)
{
    struct err err = {.text = ""};
    struct jobs *w = worker(d, "w1");
    struct str events[JOB_EVENTS_MAX / 4 + 2];
    struct job job = {.id = 0};
    struct job_view v;
    struct heard h = {.count = 0};
    char *large = mem_zalloc(JOB_EVENT_MAX + 2);
    int64_t id = put(w, "ann");
    uint32_t i;

    memset(large, 'x', JOB_EVENT_MAX + 1);
    for (i = 0; i < JOB_EVENTS_MAX / 4; i++)
        events[i] = STR_LIT("e");
    events[i++] = (struct str){large, JOB_EVENT_MAX + 1};
    events[i++] = STR_LIT("\xff");
    CHECK_INT(take(w, &job), id);
    for (i = 0; i < 5; i++)
        CHECK_INT(jobs_say(w, &job, events, JOB_EVENTS_MAX / 4 + 2, &err), 1);
    CHECK_INT(jobs_watch(w, id, 0, hear, &h, &v, &err), 1);
    CHECK_INT(h.count, JOB_EVENTS_MAX);
    CHECK_INT(v.event_count, JOB_EVENTS_MAX);
    CHECK_INT(jobs_finish(w, &job, (struct str){"\xff", 1}, &err), ERR_INPUT);
    CHECK_INT(jobs_finish(w, &job, STR_LIT("passed"), &err), 1);
    while (view(w, id).event_count > 0 && jobs_forget_events(w, 0, &err) == 0)
        continue;
    h.count = 0;
    CHECK_INT(jobs_watch(w, id, 0, hear, &h, &v, &err), 1);
    CHECK_INT(h.count, 0);
    check_result(w, id, "passed");
    mem_free(large);
    job_release(&job);
    jobs_close(w);
}

static void wait_for_hint(struct jobs *q, enum jobs_hint wanted, int64_t wanted_id)
{
    struct err err = {.text = ""};
    enum jobs_hint hint = JOBS_HINT_NONE;
    int64_t id = 0;
    int tries;

    for (tries = 0; tries < 1000000 && hint != wanted && hint != JOBS_HINT_ANY; tries++)
        CHECK_INT(jobs_hear(q, &hint, &id, &err), 0);
    CHECK(hint == JOBS_HINT_ANY || (hint == wanted && id == wanted_id));
}

ON_BOTH(hints_come_of_work_news_and_cancelling)
{
    struct err err = {.text = ""};
    struct jobs *w = worker(d, "w1"), *web = use(d, (struct jobs_config){.worker = NULL});
    struct jobs *watcher = use(d, (struct jobs_config){.worker = NULL});
    struct str event = STR_LIT("compiled");
    struct job job = {.id = 0};
    int64_t id, other;

    CHECK_INT(jobs_listen(w, true, false, &err), 0);
    CHECK_INT(jobs_listen(watcher, false, true, &err), 0);
    id = put(web, "ann");
    wait_for_hint(w, JOBS_HINT_WORK, 0);
    CHECK_INT(take(w, &job), id);
    CHECK_INT(jobs_say(w, &job, &event, 1, &err), 1);
    wait_for_hint(watcher, JOBS_HINT_NEWS, id);
    CHECK_INT(jobs_cancel(web, id, &err), 1);
    wait_for_hint(w, JOBS_HINT_CANCEL, id);
    wait_for_hint(watcher, JOBS_HINT_NEWS, id);
    job_release(&job);
    other = put(web, "ann");
    CHECK_INT(take(w, &job), other);
    CHECK_INT(jobs_finish(w, &job, STR_LIT("passed"), &err), 1);
    wait_for_hint(watcher, JOBS_HINT_NEWS, other);
    CHECK((jobs_fd(w) >= 0) == d->server);
    job_release(&job);
    jobs_close(w);
    jobs_close(web);
    jobs_close(watcher);
}

/* ---- what others do to the database ---- */

TEST(a_server_that_crashes_loses_nothing_that_was_said)
{
    struct err err = {.text = ""};
    struct database d;
    struct jobs *w;
    struct job job = {.id = 0};
    int64_t id;

    database_init(&d, true);
    w = worker(&d, "w1");
    id = put(w, "ann");
    CHECK_INT(take(w, &job), id);
    postgres_order("crash");
    CHECK_INT(jobs_beat(w, &job, &err), ERR_AWAY);
    CHECK_INT(jobs_finish(w, &job, STR_LIT("passed"), &err), ERR_AWAY);
    CHECK_INT(jobs_reconnect(w, &err), 0);
    CHECK_INT(jobs_beat(w, &job, &err), 1);
    CHECK_INT(jobs_finish(w, &job, STR_LIT("passed"), &err), 1);
    check_result(w, id, "passed");
    job_release(&job);
    jobs_close(w);
    database_release(&d);
}

/* Goal: whatever stands in the tables, every call ends in an answer or a sentence. Method: random
 * bytes and numbers written past the queue into each column, then every call. */
ON_BOTH(nonsense_in_the_tables_is_a_sentence)
{
    static const char *const columns[] = {"state",       "learner",  "topic",          "worker",
                                          "why",         "attempt",  "fence",          "seat",
                                          "event_count", "priority", "lease_until_ms", "ready_ms"};
    enum { COLUMNS = sizeof(columns) / sizeof(columns[0]), TURNS = 60 };
    struct err err = {.text = ""};
    struct jobs *w =
        use(d, (struct jobs_config){.worker = "w1", .lease_ms = 1, .waiting_max = 999});
    struct prng p;
    int i;

    prng_init(&p, 1, "nonsense");
    for (i = 0; i < TURNS; i++) {
        static const char *const numbers[] = {"0", "-1", "9223372036854775807",
                                              "-9223372036854775808", "4294967296"};
        static const char *const texts[] = {"''",       "'x'",    "'running'",
                                            "'queued'", "'done'", "'\xc3\xbc\xe2\x82\xac'"};
        struct str event = STR_LIT("e");
        struct buf out = {0}, sql = {0};
        struct job job = {.id = 0};
        struct heard h = {.count = 0};
        struct job_view v;
        struct jobs_counts counts;
        uint64_t column = prng_below(&p, COLUMNS);
        int64_t id = put(w, prng_chance(&p, 0.5) ? "ann" : "");
        int taken = jobs_take(w, &job, &err);
        CHECK(taken >= 0 || err.text[0] != '\0');
        if (taken < 0) /* a fence beyond all numbers: nobody can take it */
            database_sql(d, "DELETE FROM job");
        buf_addf(&sql, "UPDATE job SET %s = %s WHERE id = %lld", columns[column],
                 column < 5 ? texts[prng_below(&p, 6)] : numbers[prng_below(&p, 5)], (long long)id);
        if (column != 7) /* the database itself keeps seats apart */
            database_sql(d, sql.data);
        if (taken == 1) {
            jobs_beat(w, &job, &err);
            if (prng_chance(&p, 0.3))
                job.event_count = UINT32_MAX - 1;
            jobs_say(w, &job, &event, 1, &err);
            if (prng_chance(&p, 0.5))
                jobs_fail(w, &job, "x\xff", &err);
            jobs_finish(w, &job, STR_LIT("r"), &err);
            job_release(&job);
        }
        jobs_view(w, id, &v, &err);
        jobs_watch(w, id, 0, hear, &h, &v, &err);
        jobs_result(w, id, &out, &err);
        jobs_sweep(w, &err);
        err.text[0] = '\0';
        CHECK(jobs_count(w, &counts, &err) == 0 || err.text[0] != '\0');
        buf_release(&out);
        buf_release(&sql);
    }
    {
        struct job_view v;
        int64_t id = put(w, "");
        database_sql(d, "UPDATE job SET state = 'eaten'");
        CHECK_INT(jobs_view(w, id, &v, &err), ERR_INPUT);
        CHECK_HAS(err.text, "is \"eaten\", which means nothing");
    }
    database_sql(d, "DELETE FROM job");
    database_sql(d, "INSERT INTO job_event VALUES (1, -5, 1, 'x')");
    CHECK_INT(take_id(w), 0);
    database_sql(d, "DROP TABLE job");
    CHECK_INT(
        jobs_put(w, &(struct job_spec){"", "", "", JOB_REGRADE, STR_LIT("x")}, &(int64_t){0}, &err),
        ERR_MACHINE);
    CHECK(err.text[0] != '\0');
    jobs_close(w);
}
