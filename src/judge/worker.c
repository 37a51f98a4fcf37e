/* One thread, one loop: poll until somebody has something to say or something is due, then do all
 * that there is to do, each a short call.
 *
 *     seat: free --take, child_start--> judging --child ended--> settling --the queue knows--> free
 *                                          |
 *                                          +--the job is not ours any more--> ending --> free
 *
 * Rules: 1. Only the queue's answer ends a job: a result stays in its seat ("settling") until the
 * database has said yes or no, through any number of lost connections. 2. When a beat is answered
 * with no, the child is killed and nothing of it is said. 3. While the database is away nothing is
 * taken and children go on: if it comes back before anybody else has the job, their work counts,
 * and if not, the fence refuses it. (To kill them when the lease has ended by our clock was the
 * alternative: it throws away every job at each restart of the server that takes longer than a
 * lease, and protects nothing that the fence does not.) 4. After being stopped (SIGSTOP, a closed
 * laptop) beats come before everything else.
 *
 * Signals: SIGTERM and SIGINT only count; the loop sees them at its next turn, and a pipe wakes it.
 * One: takes nothing more. Two: kills what runs and gives it back. */
#include "worker.h"

#include "../base/assert.h"
#include "../base/clock.h"
#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"
#include "child.h"
#include "life.h"
#include "machines.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum {
    LEASE_MS = 30000,
    PATIENCE_MS = 15 * 60 * 1000,
    POLL_MS = 2000,
    POLL_FILE_MS = 200, /* SQLite: whether the file changed is asked so often */
    SWEEP_MAX_MS = 10000,
    SAY_MS = 50,    /* events are gathered for so long */
    RETRY_MS = 100, /* after ERR_AWAY, doubling */
    RETRY_MAX_MS = 2000,
    STEADY_MS = 5000, /* trouble so soon after trouble is the same trouble */
    GIVE_BACK_TRIES = 20,
    FORGET_MS = 60 * 60 * 1000,        /* how often */
    SILENT_KEEP_MS = 24 * 3600 * 1000, /* rows of workers that are not heard of any more */
};

enum seat_state { SEAT_FREE, SEAT_JUDGING, SEAT_SETTLING, SEAT_ENDING };

struct seat {
    enum seat_state state;
    struct job job;
    struct child child;
    char *folder;
    int64_t began_ms, beat_due_ms, say_due_ms;
};

struct worker {
    const struct worker_config *config;
    struct jobs *queue;
    struct life life;
    struct seat *seats;
    struct pollfd *polled;
    int64_t lease_ms, patience_ms, poll_ms;
    int64_t look_due_ms, sweep_due_ms, forget_due_ms, row_due_ms;
    int64_t retry_due_ms, retry_ms; /* retry_ms 0: the database is there */
    int64_t back_ms, back_off_ms;   /* when it came back, and how long the last pause was */
    bool refused;                   /* a newer eddy has the database */
    bool unlisted;                  /* its row could not be written; said so once */
    struct err *err;
};

/* ---- signals ---- */

static volatile sig_atomic_t signals_seen;
static int signal_pipe[2] = {-1, -1};

static void on_signal(int number)
{
    int saved = errno;
    ssize_t n;

    if (number != SIGCHLD)
        signals_seen++;
    n = write(signal_pipe[1], "", 1); /* full: it will wake anyhow */
    (void)n;
    errno = saved;
}

static int catch_signals(struct err *err)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGCHLD};
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    size_t i;

    if (pipe2(signal_pipe, O_CLOEXEC | O_NONBLOCK) < 0)
        return err_set_errno(err, ERR_MACHINE, "no pipe for signals");
    signals_seen = 0;
    sigemptyset(&action.sa_mask);
    for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        sigaction(numbers[i], &action, NULL);
    return 0;
}

static void release_signals(void)
{
    signal(SIGTERM, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    signal(SIGCHLD, SIG_DFL);
    close(signal_pipe[0]);
    close(signal_pipe[1]);
}

static void drain_signal_pipe(void)
{
    char bytes[64];

    while (read(signal_pipe[0], bytes, sizeof(bytes)) > 0)
        continue;
}

/* ---- time, words, trouble ---- */

static int64_t now_ms(void)
{
    return clock_real_ns() / 1000000;
}

__attribute__((format(printf, 2, 3))) static void note(const struct worker *w, const char *format,
                                                       ...)
{
    va_list args;

    if (w->config->log == NULL)
        return;
    va_start(args, format);
    vfprintf(w->config->log, format, args);
    va_end(args);
    fputc('\n', w->config->log);
    fflush(w->config->log);
}

/* The queue could not answer. From now on only reconnect() talks with it, until it can. */
static void trouble(struct worker *w, int status, const struct err *why)
{
    int64_t pause_ms = w->retry_ms;

    if (pause_ms == 0 && now_ms() - w->back_ms < STEADY_MS)
        pause_ms = w->back_off_ms; /* it came back, but not for long */
    if (w->retry_ms == 0)
        note(w, "%s; trying again", why->text);
    if (status == ERR_INPUT)
        w->refused = true;
    w->retry_ms = pause_ms == 0                 ? RETRY_MS
                  : pause_ms < RETRY_MAX_MS / 2 ? pause_ms * 2
                                                : RETRY_MAX_MS;
    w->retry_due_ms = now_ms() + w->retry_ms;
}

/* Whether the queue answered; a yes or no is in *status then. */
static bool answered(struct worker *w, int status, const struct err *err)
{
    if (status >= 0)
        return true;
    trouble(w, status, err);
    return false;
}

static void reconnect(struct worker *w)
{
    struct err err = {.text = ""};
    int status = jobs_reconnect(w->queue, &err);

    if (status < 0) {
        trouble(w, status, &err);
        if (status == ERR_INPUT)
            *w->err = err;
        return;
    }
    note(w, "the database is there");
    w->back_ms = now_ms();
    w->back_off_ms = w->retry_ms;
    w->retry_ms = 0;
    w->look_due_ms = 0;
    w->sweep_due_ms = now_ms() + w->lease_ms; /* who else was cut off needs time to beat */
}

/* ---- the list of workers ---- */

/* A database that lets it judge but not write this row (rights) is no reason to stop. */
static void renew_row(struct worker *w)
{
    const struct worker_config *c = w->config;
    struct machine m = {.sandbox = c->sandbox,
                        .tools = c->tools != NULL ? c->tools : "[]",
                        .jobs = c->jobs,
                        .draining = signals_seen > 0};
    struct err err = {.text = ""};
    struct statvfs disk;
    int status;

    if (c->cache_bytes != NULL)
        m.cache_bytes = c->cache_bytes(c->owner);
    if (statvfs(c->folder, &disk) == 0)
        m.free_bytes = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
    status = machines_beat(w->queue, w->life.name, &m, &err);
    w->row_due_ms = now_ms() + MACHINE_BEAT_MS;
    if (status == ERR_AWAY)
        trouble(w, status, &err);
    else if (status < 0 && !w->unlisted)
        note(w, "it is not in the list of workers: %s", err.text);
    w->unlisted = status < 0;
}

/* ---- seats ---- */

static void leave_seat(struct worker *w, struct seat *s)
{
    struct err ignored = {.text = ""};

    child_reset(&s->child);
    if (s->folder != NULL)
        file_remove_tree(s->folder, &ignored); /* what cannot go now goes at the next start */
    mem_free(s->folder);
    job_release(&s->job);
    *s = (struct seat){.state = SEAT_FREE};
    w->look_due_ms = 0;
}

/* The job is somebody else's now, or nobody's. */
static void lose(struct worker *w, struct seat *s)
{
    note(w, "job %" PRId64 " is not ours any more", s->job.id);
    if (s->child.pid == 0) {
        leave_seat(w, s);
        return;
    }
    child_end(&s->child, now_ms());
    s->state = SEAT_ENDING;
}

static bool holds(const struct seat *s)
{
    return s->state == SEAT_JUDGING || s->state == SEAT_SETTLING;
}

static void beat(struct worker *w, struct seat *s)
{
    struct err err = {.text = ""};
    int status = jobs_beat(w->queue, &s->job, &err);

    if (!answered(w, status, &err))
        return;
    s->beat_due_ms = now_ms() + w->lease_ms / 3;
    if (status == 0)
        lose(w, s);
}

/* False: the queue did not answer, or the job is lost. */
static bool say(struct worker *w, struct seat *s)
{
    struct err err = {.text = ""};
    uint32_t count = s->child.event_count;
    struct str *events;
    int status;

    if (count == 0)
        return true;
    events = mem_alloc(count * sizeof(*events));
    child_events(&s->child, events);
    status = jobs_say(w->queue, &s->job, events, count, &err);
    mem_free(events);
    if (!answered(w, status, &err))
        return false;
    child_forget_events(&s->child);
    s->say_due_ms = now_ms() + SAY_MS;
    if (status == 0)
        lose(w, s);
    return status > 0;
}

/* 1: they are there; a file that is no text is left out. */
static int put_files(struct worker *w, struct seat *s, struct err *err)
{
    uint32_t i;
    int status = 1;

    for (i = 0; status > 0 && i < s->child.file_count; i++) {
        const struct child_file *f = &s->child.files[i];
        status = jobs_put_file(w->queue, &s->job, f->name, buf_str(&f->text), err);
        if (status == ERR_INPUT)
            status = 1;
    }
    return status;
}

/* Why the attempt came to nothing; long sentences are cut. */
static void blame(struct seat *s, const struct err *err)
{
    snprintf(s->child.why, sizeof(s->child.why), "%.*s", (int)sizeof(s->child.why) - 1, err->text);
}

static int report_end(struct worker *w, struct seat *s, struct err *err)
{
    int status;

    if (s->child.has_result) {
        status = put_files(w, s, err);
        if (status > 0)
            status = jobs_finish(w->queue, &s->job, buf_str(&s->child.result), err);
        if (status != ERR_INPUT)
            return status;
        blame(s, err);
        s->child.has_result = false;
    }
    return jobs_fail(w->queue, &s->job, s->child.why, err);
}

/* Tells the queue how it ended, and frees the seat when the queue knows. */
static void settle(struct worker *w, struct seat *s)
{
    struct err err = {.text = ""};
    int status;

    if (!say(w, s))
        return;
    status = report_end(w, s, &err);
    if (!answered(w, status, &err))
        return;
    if (status == 0)
        note(w, "job %" PRId64 " was judged, but is not ours any more", s->job.id);
    else if (s->child.has_result)
        note(w, "job %" PRId64 " is judged (attempt %u, %" PRId64 " ms)", s->job.id, s->job.attempt,
             now_ms() - s->began_ms);
    else
        note(w, "job %" PRId64 " is not judged (attempt %u): %s", s->job.id, s->job.attempt,
             s->child.why);
    leave_seat(w, s);
}

/* ---- taking ---- */

static void begin_job(struct worker *w, struct seat *s)
{
    struct err err = {.text = ""};
    struct child_start start = {.job = &s->job,
                                .slot = (uint32_t)(s - w->seats),
                                .slot_count = w->config->jobs,
                                .queue_fd = jobs_fd(w->queue),
                                .judge = w->config->judge,
                                .owner = w->config->owner};
    int status = ERR_MACHINE;

    s->began_ms = now_ms();
    s->beat_due_ms = s->began_ms + w->lease_ms / 3;
    s->folder = life_scratch(&w->life, &s->job, &err);
    start.folder = s->folder;
    if (s->folder != NULL)
        status = child_start(&s->child, &start, &err);
    if (status == 0) {
        s->state = SEAT_JUDGING;
        return;
    }
    blame(s, &err);
    s->state = SEAT_SETTLING; /* as an attempt that failed */
}

/* For one more job: beside the last attempt of one there is no place. */
static bool has_place(const struct worker *w)
{
    bool found = false;
    uint32_t i;

    for (i = 0; i < w->config->jobs; i++) {
        const struct seat *s = &w->seats[i];
        if (s->state != SEAT_FREE && s->job.is_last)
            return false;
        found = found || s->state == SEAT_FREE;
    }
    return found;
}

static bool is_idle(const struct worker *w)
{
    uint32_t i;

    for (i = 0; i < w->config->jobs; i++)
        if (w->seats[i].state != SEAT_FREE)
            return false;
    return true;
}

/* As many as there are seats and jobs. */
static void take(struct worker *w)
{
    struct err err = {.text = ""};
    uint32_t i;

    for (i = 0; i < w->config->jobs; i++) {
        struct seat *s = &w->seats[i];
        int status;
        if (s->state != SEAT_FREE)
            continue;
        if (is_idle(w))
            status = jobs_take(w->queue, &s->job, &err);
        else
            status = jobs_take_beside(w->queue, &s->job, &err);
        if (!answered(w, status, &err))
            return;
        if (status == 0)
            break;
        begin_job(w, s);
        if (s->job.is_last)
            break;
    }
    w->look_due_ms = now_ms() + w->poll_ms;
}

/* ---- a turn of the loop ---- */

/* Somebody wrote to the file. A look is enough: a beat would be heard by others in turn. */
static void look_at_jobs(struct worker *w)
{
    struct err err = {.text = ""};
    uint32_t i;

    w->look_due_ms = 0;
    for (i = 0; i < w->config->jobs && w->retry_ms == 0; i++)
        if (holds(&w->seats[i])) {
            int status = jobs_holds(w->queue, &w->seats[i].job, &err);
            if (answered(w, status, &err) && status == 0)
                lose(w, &w->seats[i]);
        }
}

static void hear_hints(struct worker *w)
{
    struct err err = {.text = ""};
    enum jobs_hint hint;
    int64_t id;
    uint32_t i;

    while (answered(w, jobs_hear(w->queue, &hint, &id, &err), &err) && hint != JOBS_HINT_NONE) {
        if (hint == JOBS_HINT_ANY)
            look_at_jobs(w);
        else if (hint == JOBS_HINT_WORK)
            w->look_due_ms = 0;
        for (i = 0; hint == JOBS_HINT_CANCEL && i < w->config->jobs; i++)
            if (w->seats[i].job.id == id)
                w->seats[i].beat_due_ms = 0;
    }
}

static void sweep(struct worker *w)
{
    struct err err = {.text = ""};
    int64_t every_ms = w->lease_ms / 2 < SWEEP_MAX_MS ? w->lease_ms / 2 : SWEEP_MAX_MS;
    int swept = jobs_sweep(w->queue, &err);

    if (!answered(w, swept, &err))
        return;
    if (swept > 0)
        note(w, "%d jobs of workers that are not heard of any more", swept);
    w->sweep_due_ms = now_ms() + every_ms;
    if (now_ms() < w->forget_due_ms)
        return;
    swept = jobs_forget(w->queue, &err);
    if (swept == ERR_AWAY && !answered(w, swept, &err))
        return;
    w->forget_due_ms = now_ms() + FORGET_MS; /* one who may not is not the only one who does it */
    if (w->config->sandbox != NULL)
        machines_forget(w->queue, SILENT_KEEP_MS, &err); /* or the next one does */
}

/* What the children have said, and which have ended. Needs no database. */
static void hear_children(struct worker *w)
{
    uint32_t i;

    for (i = 0; i < w->config->jobs; i++) {
        struct seat *s = &w->seats[i];
        if (s->child.pid == 0)
            continue;
        if (s->state == SEAT_JUDGING && now_ms() - s->began_ms > w->patience_ms)
            child_end(&s->child, now_ms());
        child_tick(&s->child, now_ms());
        if (!child_hear(&s->child))
            continue;
        if (s->state == SEAT_ENDING) {
            leave_seat(w, s);
            continue;
        }
        if (s->child.kill_ms != 0 && !s->child.has_result)
            snprintf(s->child.why, sizeof(s->child.why), "it took longer than %" PRId64 " s",
                     w->patience_ms / 1000);
        s->state = SEAT_SETTLING;
    }
}

static void talk_with_queue(struct worker *w)
{
    uint32_t i;

    hear_hints(w);
    for (i = 0; i < w->config->jobs && w->retry_ms == 0; i++)
        if (holds(&w->seats[i]) && now_ms() >= w->seats[i].beat_due_ms)
            beat(w, &w->seats[i]);
    for (i = 0; i < w->config->jobs && w->retry_ms == 0; i++) {
        struct seat *s = &w->seats[i];
        if (s->state == SEAT_SETTLING)
            settle(w, s);
        else if (s->state == SEAT_JUDGING && now_ms() >= s->say_due_ms)
            say(w, s);
    }
    if (w->retry_ms == 0 && signals_seen == 0 && now_ms() >= w->look_due_ms && has_place(w))
        take(w);
    if (w->retry_ms == 0 && now_ms() >= w->sweep_due_ms)
        sweep(w);
    if (w->retry_ms == 0 && w->config->sandbox != NULL && now_ms() >= w->row_due_ms)
        renew_row(w);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* When the next thing is due. */
static int64_t next_due_ms(const struct worker *w)
{
    int64_t due = w->retry_ms != 0 ? w->retry_due_ms : w->sweep_due_ms;
    uint32_t i;

    if (w->retry_ms == 0 && signals_seen == 0 && has_place(w))
        due = earlier(due, w->look_due_ms);
    if (w->retry_ms == 0 && w->config->sandbox != NULL)
        due = earlier(due, w->row_due_ms);
    if (w->retry_ms == 0 && jobs_fd(w->queue) < 0)
        due = earlier(due, now_ms() + earlier(w->poll_ms, POLL_FILE_MS));
    for (i = 0; i < w->config->jobs; i++) {
        const struct seat *s = &w->seats[i];
        if (s->child.pid != 0)
            due = earlier(due, s->child.kill_ms != 0 ? s->child.kill_ms
                                                     : s->began_ms + w->patience_ms + 1);
        if (w->retry_ms == 0 && holds(s))
            due = earlier(due, s->beat_due_ms);
        if (w->retry_ms == 0 && s->child.event_count > 0)
            due = earlier(due, s->say_due_ms);
    }
    return due;
}

static void wait_for_something(struct worker *w)
{
    int64_t left_ms = next_due_ms(w) - now_ms();
    nfds_t count = 0;
    uint32_t i;

    w->polled[count++] = (struct pollfd){.fd = signal_pipe[0], .events = POLLIN};
    w->polled[count++] =
        (struct pollfd){.fd = w->retry_ms == 0 ? jobs_fd(w->queue) : -1, .events = POLLIN};
    for (i = 0; i < w->config->jobs; i++) {
        const struct child *c = &w->seats[i].child;
        if (c->pid == 0)
            continue;
        w->polled[count++] = (struct pollfd){.fd = c->pipe_fd, .events = POLLIN};
        w->polled[count++] = (struct pollfd){.fd = c->pidfd, .events = POLLIN};
    }
    poll(w->polled, count, left_ms > 0 ? (int)earlier(left_ms, 60000) : 0);
    drain_signal_pipe();
}

/* ---- from start to end ---- */

/* Kills what runs and gives it back; what cannot be given back comes back by its lease. */
static void abandon(struct worker *w)
{
    struct err err = {.text = ""};
    uint32_t i, tries;

    for (i = 0; i < w->config->jobs; i++)
        child_kill(&w->seats[i].child);
    for (i = 0; i < w->config->jobs; i++) {
        struct seat *s = &w->seats[i];
        int status = holds(s) ? ERR_AWAY : 0;
        for (tries = 0; status < 0 && tries < GIVE_BACK_TRIES; tries++) {
            status = jobs_give_back(w->queue, &s->job, &err);
            if (status < 0)
                poll(NULL, 0, RETRY_MS);
            if (status < 0)
                jobs_reconnect(w->queue, &err);
        }
        if (status > 0)
            note(w, "job %" PRId64 " is given back", s->job.id);
        leave_seat(w, s);
    }
}

static int serve(struct worker *w)
{
    struct err ignored = {.text = ""};
    bool draining = false;

    while (!w->refused && signals_seen < 2 && !(signals_seen == 1 && is_idle(w))) {
        if (signals_seen == 1 && !draining) {
            note(w, "takes nothing more, and ends when what runs is judged");
            draining = true;
            w->row_due_ms = 0;
        }
        hear_children(w);
        if (w->retry_ms != 0 && now_ms() >= w->retry_due_ms)
            reconnect(w);
        if (w->retry_ms == 0)
            talk_with_queue(w);
        if (!is_idle(w) || signals_seen == 0)
            wait_for_something(w);
    }
    abandon(w);
    if (w->config->sandbox != NULL && !w->refused)
        machines_leave(w->queue, w->life.name, &ignored); /* else its row is forgotten in a day */
    return w->refused ? ERR_INPUT : 0;
}

/* Connected, swept, and noted for the next life; nothing is taken before. */
static int begin(struct worker *w, struct err *err)
{
    const struct worker_config *c = w->config;
    struct jobs_config queue = {.lease_ms = w->lease_ms,
                                .attempts_max = c->attempts_max,
                                .running_max = c->running_max,
                                .back_off_ms = c->back_off_ms,
                                .offers = c->offers};
    char host[256] = "worker";
    struct err ignored = {.text = ""};
    int status;

    gethostname(host, sizeof(host) - 1);
    status = life_begin(c->folder, c->name != NULL ? c->name : host, &w->life, err);
    queue.worker = w->life.name;
    if (status == 0)
        status = jobs_open(c->db, &queue, &w->queue, err);
    if (status == 0 && w->life.former[0] != '\0') {
        int swept = jobs_sweep_worker(w->queue, w->life.former, err);
        if (swept > 0)
            note(w, "%d jobs of the former life in %s are queued again", swept, c->folder);
        status = swept < 0 ? swept : 0;
    }
    if (status == 0 && c->sandbox != NULL && w->life.former[0] != '\0')
        machines_leave(w->queue, w->life.former, &ignored);
    if (status == 0)
        status = life_note(&w->life, err);
    if (status == 0)
        status = jobs_listen(w->queue, true, false, err);
    return status;
}

int worker_run(const struct worker_config *config, struct err *err)
{
    struct worker w = {.config = config, .life.lock_fd = -1, .err = err};
    int status;

    ASSERT(config->jobs > 0);
    w.lease_ms = config->lease_ms > 0 ? config->lease_ms : LEASE_MS;
    w.patience_ms = config->patience_ms > 0 ? config->patience_ms : PATIENCE_MS;
    status = catch_signals(err);
    if (status < 0)
        return status;
    status = begin(&w, err);
    if (status == 0) {
        w.poll_ms = config->poll_ms > 0       ? config->poll_ms
                    : jobs_is_shared(w.queue) ? POLL_MS
                                              : POLL_FILE_MS;
        w.seats = mem_zalloc(config->jobs * sizeof(*w.seats));
        w.polled = mem_alloc((2 + 2 * (size_t)config->jobs) * sizeof(*w.polled));
        note(&w, "%s takes jobs, %u at a time", w.life.name, config->jobs);
        status = serve(&w);
        note(&w, "%s has ended", w.life.name);
    }
    mem_free(w.seats);
    mem_free(w.polled);
    jobs_close(w.queue);
    life_end(&w.life);
    release_signals();
    return status;
}
