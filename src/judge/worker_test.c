#include "worker.h"

#include "../store/database_story.h"

#include "../base/mem.h"
#include "child.h"
#include "life.h"
#include "machines.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>

#ifndef WAIT_TRIES
#define WAIT_TRIES 60000 /* of 10 ms each, for what must come */
#endif

/* ---- a judge for tests: its payload says what it does ---- */

static void say(struct job_voice *v, const char *text)
{
    job_voice_event(v, str_of(text));
}

static int judge(const struct job *job, struct job_voice *v, void *owner, struct err *err)
{
    const char *what = job->payload.data;
    char text[200];
    int fd;

    (void)owner;
    if (strcmp(what, "folder") == 0) {
        snprintf(text, sizeof(text), "%s/file", job_voice_folder(v));
        fd = open(text, O_CREAT | O_EXCL | O_WRONLY, 0600);
        say(v, fd >= 0 ? job_voice_folder(v) : "no folder");
    } else if (strcmp(what, "crash") == 0) {
        abort();
    } else if (strcmp(what, "late crash") == 0) {
        job_voice_result(v, STR_LIT("passed"));
        abort();
    } else if (strcmp(what, "exit") == 0) {
        _exit(7);
    } else if (strcmp(what, "silent") == 0) {
        return 0;
    } else if (strcmp(what, "weak") == 0) {
        if (!job->is_last)
            return err_set(err, ERR_MACHINE, "not at the first attempt");
        poll(NULL, 0, 300); /* some looks for more work */
    } else if (strcmp(what, "refuse") == 0) {
        return err_set(err, ERR_MACHINE, "there is no compiler for ü");
    } else if (strcmp(what, "babble") == 0) {
        fd = *(const int *)(const void *)v; /* what a judge gone wrong might write to the pipe */
        if (write(fd, "e\377\377\377\377 no message at all", 24) != 24)
            return -1;
        pause();
    } else if (strcmp(what, "bytes") == 0) {
        job_voice_result(v, STR_LIT("\xff"));
        return 0;
    } else if (strcmp(what, "hang") == 0) {
        snprintf(text, sizeof(text), "%d", (int)getpid());
        say(v, text);
        for (;;)
            pause();
    } else if (strncmp(what, "take ", 5) == 0) { /* so many milliseconds */
        poll(NULL, 0, (int)strtol(what + 5, NULL, 10));
    } else if (strncmp(what, "until ", 6) == 0) { /* a file is there */
        while (access(what + 6, F_OK) != 0)
            poll(NULL, 0, 10);
    }
    job_voice_file(v, "report.html", STR_LIT("<p>ü"));
    job_voice_file(v, "bytes", STR_LIT("\xff"));
    say(v, "step 1");
    say(v, "step 2");
    snprintf(text, sizeof(text), "passed %s", what);
    job_voice_result(v, str_of(text));
    return 0;
}

/* ---- a worker in a process ---- */

struct scene {
    struct database *d;
    struct jobs *queue;
    struct worker_config config;
    char folder[128];
    pid_t pid;
};

static void scene_init(struct scene *s, struct database *d)
{
    struct err err = {.text = ""};
    struct jobs_config config = {.waiting_max = 1000};

    *s = (struct scene){.d = d};
    snprintf(s->folder, sizeof(s->folder), "%s/worker", d->dir);
    s->config = (struct worker_config){.db = d->db,
                                       .folder = s->folder,
                                       .name = "w",
                                       .jobs = 2,
                                       .lease_ms = 3600 * 1000,
                                       .back_off_ms = 1,
                                       .poll_ms = 50,
                                       .judge = judge};
    if (jobs_open(d->db, &config, &s->queue, &err) != 0)
        fail_msg("%s", err.text);
}

static pid_t worker_start(const struct scene *s)
{
    pid_t pid = fork();

    CHECK(pid >= 0);
    if (pid == 0) {
        struct err err = {.text = ""};
        int status;
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* it ends with a test that failed */
        if (postgres_server.pid != 0)
            close(postgres_server.orders); /* or the server would outlive the test */
        status = worker_run(&s->config, &err);
        if (status < 0)
            fprintf(stderr, "%s\n", err.text);
        _exit(status < 0 ? 1 : 0);
    }
    return pid;
}

static int worker_end(pid_t pid, int number)
{
    int end = 0;

    CHECK_INT(kill(pid, number), 0);
    CHECK_INT(waitpid(pid, &end, 0), pid);
    return end;
}

static void scene_release(struct scene *s)
{
    if (s->pid != 0)
        CHECK_INT(worker_end(s->pid, SIGTERM), 0);
    jobs_close(s->queue);
}

static int64_t put(const struct scene *s, const char *payload)
{
    struct err err = {.text = ""};
    struct job_spec spec = {"", "", "", JOB_INTERACTIVE, str_of(payload)};
    int64_t id = 0;

    if (jobs_put(s->queue, &spec, &id, &err) != 0)
        fail_msg("%s", err.text);
    return id;
}

enum { GO_MAX = 100 };

static void name_go(const struct scene *s, char path[GO_MAX])
{
    snprintf(path, GO_MAX, "%s/go", s->d->dir);
}

/* A job that goes on until let_go(): so that what happens in its midst does, however slow the
 * machine is. */
static int64_t put_until(const struct scene *s)
{
    char payload[200] = "until ";

    name_go(s, payload + strlen(payload));
    return put(s, payload);
}

static void let_go(const struct scene *s)
{
    struct err err;
    char path[GO_MAX];

    name_go(s, path);
    CHECK_INT(file_write(path, STR_LIT(""), &err), 0);
}

static void hold(const struct scene *s)
{
    char path[GO_MAX];

    name_go(s, path);
    CHECK_INT(unlink(path), 0);
}

static struct job_view view(const struct scene *s, int64_t id)
{
    struct err err = {.text = ""};
    struct job_view v;
    int tries, status = ERR_AWAY;

    for (tries = 0; status < 0 && tries < 1000; tries++) {
        status = jobs_view(s->queue, id, &v, &err);
        if (status < 0)
            jobs_reconnect(s->queue, &err);
    }
    CHECK_INT(status, 1);
    return v;
}

/* Until the job is so; after a minute the test has failed. */
static struct job_view wait_for(const struct scene *s, int64_t id, enum job_state state)
{
    struct job_view v = view(s, id);
    int tries;

    for (tries = 0; v.state != state && tries < WAIT_TRIES; tries++) {
        poll(NULL, 0, 10);
        v = view(s, id);
    }
    if (v.state != state)
        fail_msg("job %d is in state %d (%s)", (int)id, v.state, v.why);
    return v;
}

static void wait_for_events(const struct scene *s, int64_t id, uint32_t count)
{
    int tries;

    for (tries = 0; view(s, id).event_count < count && tries < WAIT_TRIES; tries++)
        poll(NULL, 0, 10);
    CHECK(view(s, id).event_count >= count);
}

static void check_result(const struct scene *s, int64_t id, const char *wanted)
{
    struct err err = {.text = ""};
    struct buf out = {0};

    CHECK_INT(jobs_result(s->queue, id, &out, &err), 1);
    CHECK_TEXT(out.data, wanted);
    buf_release(&out);
}

static void keep_text(void *owner, const struct job_event *e)
{
    if (e->number == 0)
        snprintf(owner, 200, "%.*s", STR_ARG(e->text));
}

static void first_event(const struct scene *s, int64_t id, char text[200])
{
    struct err err = {.text = ""};
    struct job_view v;

    text[0] = '\0';
    CHECK_INT(jobs_watch(s->queue, id, 0, keep_text, text, &v, &err), 1);
}

/* ---- promises ---- */

ON_BOTH(jobs_are_judged_and_nothing_is_left_of_them)
{
    struct err err = {.text = ""};
    struct buf report = {0};
    struct scene s;
    char folder[200];
    int64_t a, b;

    scene_init(&s, d);
    a = put(&s, "folder");
    s.pid = worker_start(&s);
    b = put(&s, "hello");
    wait_for(&s, a, JOB_DONE);
    wait_for(&s, b, JOB_DONE);
    check_result(&s, a, "passed folder");
    check_result(&s, b, "passed hello");
    CHECK_INT(jobs_file(s.queue, b, "report.html", &report, &err), 1);
    CHECK_TEXT(report.data, "<p>ü");
    CHECK_INT(jobs_file(s.queue, b, "bytes", &report, &err), 0);
    buf_release(&report);
    CHECK_INT(view(&s, b).event_count, 2);
    first_event(&s, a, folder);
    CHECK_HAS(folder, "/worker/job-");
    scene_release(&s);
    CHECK(access(folder, F_OK) < 0 && errno == ENOENT);
}

/* Goal: a judge that goes wrong costs its own job its attempts, with a sentence, and no other job
 * anything. */
ON_BOTH(a_judge_that_goes_wrong_is_told_and_others_go_on)
{
    static const struct {
        const char *payload, *why;
    } cases[] = {
        {"crash", "ended by signal 6"},
        {"late crash", "ended by signal 6"},
        {"exit", "ended with status 7"},
        {"silent", "without a result"},
        {"refuse", "there is no compiler for ü"},
        {"babble", "ended by signal 9"},
        {"bytes", "is no UTF-8"},
    };
    enum { COUNT = sizeof(cases) / sizeof(cases[0]) };
    struct scene s;
    int64_t ids[COUNT], good;
    size_t i;

    scene_init(&s, d);
    s.config.attempts_max = 2;
    s.pid = worker_start(&s);
    for (i = 0; i < COUNT; i++)
        ids[i] = put(&s, cases[i].payload);
    good = put(&s, "hello");
    for (i = 0; i < COUNT; i++) {
        struct job_view v = wait_for(&s, ids[i], JOB_NOT_JUDGED);
        CHECK_HAS(v.why, cases[i].why);
        CHECK_INT(v.attempt, 2);
    }
    wait_for(&s, good, JOB_DONE);
    scene_release(&s);
}

static bool is_gone(pid_t pid)
{
    int tries;

    for (tries = 0; kill(pid, 0) == 0 && tries < WAIT_TRIES; tries++)
        poll(NULL, 0, 10);
    return kill(pid, 0) < 0;
}

/* Goal: while a job has its last attempt nothing else runs on its worker. */
ON_BOTH(a_last_attempt_runs_alone)
{
    enum { OTHERS = 30 };
    struct scene s;
    int64_t ids[OTHERS], weak;
    struct job_view last, other;
    size_t i;

    scene_init(&s, d);
    s.config.attempts_max = 2;
    weak = put(&s, "weak");
    for (i = 0; i < OTHERS; i++)
        ids[i] = put(&s, "take 5");
    s.pid = worker_start(&s);
    last = wait_for(&s, weak, JOB_DONE);
    CHECK_INT(last.attempt, 2);
    for (i = 0; i < OTHERS; i++) {
        other = wait_for(&s, ids[i], JOB_DONE);
        CHECK(other.over_ms <= last.taken_ms || other.taken_ms >= last.over_ms);
    }
    scene_release(&s);
}

ON_BOTH(a_cancelled_job_is_ended)
{
    struct err err = {.text = ""};
    struct scene s;
    char pid[200];
    int64_t id;

    scene_init(&s, d);
    s.pid = worker_start(&s);
    id = put(&s, "hang");
    wait_for_events(&s, id, 1);
    first_event(&s, id, pid);
    CHECK_INT(jobs_cancel(s.queue, id, &err), 1);
    CHECK(is_gone((pid_t)strtol(pid, NULL, 10)));
    CHECK(view(&s, id).state == JOB_CANCELLED);
    scene_release(&s);
}

ON_BOTH(a_job_beyond_all_patience_is_ended)
{
    struct scene s;
    int64_t id;

    scene_init(&s, d);
    s.config.patience_ms = 100;
    s.config.attempts_max = 1;
    s.pid = worker_start(&s);
    id = put(&s, "hang");
    CHECK_HAS(wait_for(&s, id, JOB_NOT_JUDGED).why, "it took longer than");
    scene_release(&s);
}

/* Goal: beats keep a job that takes six times its lease, though the worker itself sweeps all the
 * time. Method: a machine whose disk cannot write a beat within so short a lease gets a longer one;
 * who does not beat loses each of them. */
ON_BOTH(a_job_longer_than_its_lease_keeps_it)
{
    int lease_ms = 150;
    struct scene s;
    char payload[32];
    int64_t id;
    int attempts;

    scene_init(&s, d);
    do {
        s.config.lease_ms = lease_ms;
        s.pid = worker_start(&s);
        snprintf(payload, sizeof(payload), "take %d", 6 * lease_ms);
        id = put(&s, payload);
        attempts = (int)wait_for(&s, id, JOB_DONE).attempt;
        CHECK_INT(worker_end(s.pid, SIGTERM), 0);
        s.pid = 0;
        lease_ms *= 4;
    } while (attempts > 1 && lease_ms < 10000);
    CHECK_INT(attempts, 1);
    scene_release(&s);
}

ON_BOTH(the_first_sigterm_drains)
{
    struct scene s;
    int64_t runs, waits;
    int end = 0;

    scene_init(&s, d);
    s.config.jobs = 1;
    s.pid = worker_start(&s);
    runs = put_until(&s);
    wait_for(&s, runs, JOB_RUNNING);
    waits = put(&s, "hello");
    CHECK_INT(kill(s.pid, SIGTERM), 0);
    let_go(&s);
    CHECK_INT(waitpid(s.pid, &end, 0), s.pid);
    CHECK_INT(end, 0);
    s.pid = 0;
    CHECK(view(&s, runs).state == JOB_DONE);
    CHECK(view(&s, waits).state == JOB_QUEUED);
    CHECK_INT(view(&s, runs).event_count, 2);
    scene_release(&s);
}

ON_BOTH(the_second_sigterm_gives_back)
{
    struct scene s;
    int64_t id;
    int end = 0;

    scene_init(&s, d);
    s.pid = worker_start(&s);
    id = put(&s, "hang");
    wait_for_events(&s, id, 1);
    kill(s.pid, SIGTERM);
    poll(NULL, 0, 50); /* two that come at once are one to the kernel */
    kill(s.pid, SIGTERM);
    while (waitpid(s.pid, &end, WNOHANG) == 0) {
        kill(s.pid, SIGTERM);
        poll(NULL, 0, 50);
    }
    CHECK_INT(end, 0);
    s.pid = 0;
    CHECK(view(&s, id).state == JOB_QUEUED);
    CHECK_INT(view(&s, id).attempt, 0);
    scene_release(&s);
}

/* Goal: a power cut in the middle of a job costs nothing but time: the next life judges it, at
 * once, though its lease has an hour to go; and sweeps what the former left on the disk. */
ON_BOTH(a_killed_workers_jobs_are_judged_by_its_next_life)
{
    struct scene s;
    char pid[200], stray[200];
    int64_t id;

    scene_init(&s, d);
    s.pid = worker_start(&s);
    id = put(&s, "hang");
    wait_for_events(&s, id, 1);
    first_event(&s, id, pid);
    CHECK(WIFSIGNALED(worker_end(s.pid, SIGKILL)));
    CHECK(is_gone((pid_t)strtol(pid, NULL, 10)));
    snprintf(stray, sizeof(stray), "%s/job-%" PRId64 "-1", s.folder, id);
    CHECK_INT(access(stray, F_OK), 0);
    CHECK(view(&s, id).state == JOB_RUNNING);
    database_sql(d, "UPDATE job SET payload = 'hello'"); /* or it would hang again */
    s.pid = worker_start(&s);
    CHECK_INT(wait_for(&s, id, JOB_DONE).attempt, 2);
    CHECK(access(stray, F_OK) < 0);
    scene_release(&s);
}

ON_BOTH(two_workers_do_not_share_a_folder)
{
    struct err err = {.text = ""};
    struct scene s;
    struct worker_config second;
    int64_t id;

    scene_init(&s, d);
    s.pid = worker_start(&s);
    id = put(&s, "hello");
    wait_for(&s, id, JOB_DONE);
    second = s.config;
    CHECK_INT(worker_run(&second, &err), ERR_INPUT);
    CHECK_HAS(err.text, "another worker has the folder");
    scene_release(&s);
}

TEST(a_life_knows_the_one_before)
{
    struct err err = {.text = ""};
    struct database d;
    struct life first, second;
    char folder[128], path[160];

    database_init(&d, false);
    snprintf(folder, sizeof(folder), "%s/w", d.dir);
    CHECK_INT(life_begin(folder, "host", &first, &err), 0);
    CHECK_TEXT(first.former, "");
    CHECK_INT(life_note(&first, &err), 0);
    snprintf(path, sizeof(path), "%s", first.name);
    life_end(&first);
    CHECK_INT(life_begin(folder, "host", &second, &err), 0);
    CHECK_TEXT(second.former, path);
    CHECK(strcmp(second.name, path) != 0);
    life_end(&second);
    snprintf(path, sizeof(path), "%s/life", folder);
    CHECK_INT(file_write(path, (struct str){"\xff\0zzz", 5}, &err), 0); /* whatever stands there */
    CHECK_INT(life_begin(folder, "host", &second, &err), 0);
    life_end(&second);
    database_release(&d);
}

/* Goal: a worker outlives its server. Method: crashes of the server while jobs run, and while none
 * does. */
TEST(a_worker_survives_restarts_of_the_database)
{
    struct database d;
    struct scene s;
    int64_t first, second, third;

    database_init(&d, true);
    scene_init(&s, &d);
    s.pid = worker_start(&s);
    first = put_until(&s);
    wait_for(&s, first, JOB_RUNNING);
    postgres_order("crash");
    let_go(&s);
    CHECK_INT(wait_for(&s, first, JOB_DONE).attempt, 1);
    hold(&s);
    second = put_until(&s);
    wait_for(&s, second, JOB_RUNNING);
    postgres_order("stop");
    let_go(&s);
    poll(NULL, 0, 400); /* most often it ends meanwhile, and keeps its result */
    postgres_order("start");
    CHECK_INT(wait_for(&s, second, JOB_DONE).attempt, 1);
    third = put(&s, "hello");
    CHECK_INT(wait_for(&s, third, JOB_DONE).attempt, 1);
    scene_release(&s);
    database_release(&d);
}

TEST(a_worker_ends_when_a_newer_eddy_has_the_database)
{
    struct database d;
    struct scene s;
    int64_t id;
    int end = 0;

    database_init(&d, true);
    scene_init(&s, &d);
    s.pid = worker_start(&s);
    id = put(&s, "hello");
    wait_for(&s, id, JOB_DONE);
    database_sql(&d, "UPDATE eddy_version SET version = 999");
    postgres_order("crash");
    CHECK_INT(waitpid(s.pid, &end, 0), s.pid);
    CHECK(WIFEXITED(end) && WEXITSTATUS(end) == 1);
    s.pid = 0;
    scene_release(&s);
    database_release(&d);
}

/* Goal: a worker that was stopped for longer than its lease, and then goes on, neither doubles nor
 * keeps the job that another has by then. */
ON_BOTH(a_worker_that_slept_beyond_its_lease_lets_go)
{
    struct scene s, other;
    int64_t id;
    pid_t sleeper;

    scene_init(&s, d);
    sleeper = worker_start(&s);
    id = put_until(&s);
    wait_for(&s, id, JOB_RUNNING);
    kill(sleeper, SIGSTOP);
    database_sql(d, "UPDATE job SET lease_until_ms = 1"); /* its hour is over */
    let_go(&s);
    scene_init(&other, d);
    other.config.lease_ms = 1000; /* it looks for such jobs as often */
    snprintf(other.folder, sizeof(other.folder), "%s/other", d->dir);
    other.config.folder = other.folder;
    other.pid = worker_start(&other);
    CHECK(wait_for(&s, id, JOB_DONE).attempt >= 2);
    kill(sleeper, SIGCONT);
    CHECK_INT(worker_end(sleeper, SIGTERM), 0);
    CHECK(view(&s, id).state == JOB_DONE);
    CHECK_INT(view(&s, id).event_count, 2);
    scene_release(&other);
    scene_release(&s);
}

/* ---- the list of workers ---- */

static int64_t some_bytes(void *owner)
{
    (void)owner;
    return 4711;
}

static void keep_name(void *owner, const struct machine_view *v)
{
    CHECK_TEXT(v->machine.sandbox, "A");
    CHECK_TEXT(v->machine.tools, "[]");
    CHECK_INT(v->machine.jobs, 2);
    CHECK_INT(v->machine.cache_bytes, 4711);
    CHECK(v->machine.free_bytes > 0);
    snprintf(owner, 200, "%s", v->name);
}

static int listed(const struct scene *s, char name[200])
{
    struct err err = {.text = ""};
    int count = machines_list(s->queue, keep_name, name, &err);

    if (count < 0)
        fail_msg("%s", err.text);
    return count;
}

/* Goal: the list has the workers that live. Method: one that is killed leaves its row, its next
 * life replaces it, and an end in order takes it away. */
ON_BOTH(a_worker_is_in_the_list_while_it_lives)
{
    char first[200] = "", second[200] = "";
    struct scene s;
    int tries;

    scene_init(&s, d);
    s.config.sandbox = "A";
    s.config.cache_bytes = some_bytes;
    s.pid = worker_start(&s);
    for (tries = 0; listed(&s, first) == 0 && tries < WAIT_TRIES; tries++)
        poll(NULL, 0, 10);
    CHECK(strncmp(first, "w/", 2) == 0);
    CHECK(WIFSIGNALED(worker_end(s.pid, SIGKILL)));
    CHECK_INT(listed(&s, second), 1);
    s.pid = worker_start(&s);
    for (tries = 0; (listed(&s, second) != 1 || strcmp(first, second) == 0) && tries < WAIT_TRIES;
         tries++)
        poll(NULL, 0, 10);
    CHECK_INT(listed(&s, second), 1);
    CHECK(strcmp(first, second) != 0);
    CHECK_INT(worker_end(s.pid, SIGTERM), 0);
    s.pid = 0;
    CHECK_INT(listed(&s, second), 0);
    scene_release(&s);
}

/* Goal: who judges on a machine that one trusts less may lack the right to the list, and judges all
 * the same. */
ON_BOTH(a_worker_that_cannot_be_listed_judges_all_the_same)
{
    struct scene s;
    int64_t id;

    scene_init(&s, d);
    database_sql(d, "DROP TABLE machine");
    s.config.sandbox = "A";
    s.pid = worker_start(&s);
    id = put(&s, "hello");
    wait_for(&s, id, JOB_DONE);
    scene_release(&s);
}
