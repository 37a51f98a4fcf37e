/* A worker is a fork that does one run, writes one JSON object to its pipe and exits; the end of
 * the pipe is the end of the worker.
 *
 *     fork            run            object, end of pipe
 *   --------> worker -----> worker -----------------------> taken in, reaped, slot free
 *
 * A slot has its processor: in virtual time a run keeps its nodes on the one on which it began, and
 * two runs on one processor would each take twice as long. Invariant: a slot with pid 0 is free,
 * and has no pipe.
 *
 * Ctrl-C reaches the workers as well if it comes from the terminal, else we pass it on; either way
 * their runs end as stopped and do not count. Should we die by other means, they die with us.
 *
 * Tried and dropped: workers that do many runs each. They save a fork of a small process, 0.3 ms of
 * a run's 100 or so, and a bug of ours then takes other seeds with it. */
#include "search.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"
#include "../cage/cage.h"
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TICK_MS = 100, OUTCOME_MAX = 1 << 20 };

struct slot {
    pid_t pid; /* 0: free */
    int fd;    /* the pipe's end that we read */
    uint64_t seed;
    struct buf text; /* what came through it */
};

struct search {
    const struct search_config *config;
    struct search_result *result;
    struct slot *slots;
    struct pollfd *polled;
    uint64_t next; /* seeds begun */
    int64_t began_ns;
    bool closing; /* no further run begins */
    int status;
    struct err *err;
};

static int64_t real_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* ---- in a worker ---- */

static void pin(uint32_t slot)
{
    cpu_set_t all, one;
    int count, cpu;
    uint32_t skip;

    if (sched_getaffinity(0, sizeof(all), &all) < 0 || (count = CPU_COUNT(&all)) == 0)
        return;
    skip = slot % (uint32_t)count;
    for (cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &all) && skip-- == 0)
            break;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    sched_setaffinity(0, sizeof(one), &one); /* refused: slower, no worse */
}

static char *outcome_text(int status, const struct run_result *r, const struct buf *kind,
                          const struct err *err)
{
    json_t *all;
    char *text;

    if (status < 0)
        all = json_pack("{s:i, s:s}", "status", status, "error", err->text);
    else
        all = json_pack("{s:i, s:i, s:b, s:s, s:s, s:I, s:I, s:s}", "status", 0, "valid",
                        (int)r->valid, "stopped", (int)r->stopped, "kind",
                        kind->len > 0 ? kind->data : "", "sentence",
                        r->sentence != NULL ? r->sentence : "", "end", (json_int_t)r->end_ns,
                        "messages", (json_int_t)r->net.all.messages, "digest", r->journal_digest);
    text = json_dumps(all, JSON_COMPACT); /* NULL: a text is not UTF-8 */
    json_decref(all);
    return text;
}

static void write_all(int fd, const char *text)
{
    size_t len = strlen(text);

    while (len > 0) {
        ssize_t n = write(fd, text, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return; /* nobody reads any more */
        text += n;
        len -= (size_t)n;
    }
}

static void work(const struct search *s, uint32_t slot, int fd)
{
    const struct search_config *c = s->config;
    uint64_t seed = s->slots[slot].seed;
    struct run_result *result = NULL;
    struct buf dir = {0};
    struct buf kind = {0};
    struct err err = {.text = ""};
    struct err ignored;
    char *text;
    int status;

    if (c->pin)
        pin(slot);
    buf_addf(&dir, "%s/%" PRIu64, c->dir, seed);
    status = file_mkdirs(dir.data, &err);
    if (status == 0)
        status = c->run(c->owner, seed, dir.data, &result, &kind, &err);
    text = outcome_text(status, result, &kind, &err);
    file_remove_tree(dir.data, &ignored);
    if (text != NULL)
        write_all(fd, text);
    free(text);
    run_result_free(result);
    buf_release(&dir);
    buf_release(&kind);
}

/* ---- workers come and go ---- */

static void fail(struct search *s, int status, const char *format, uint64_t seed, const char *what)
{
    s->closing = true;
    if (s->status < 0)
        return;
    s->status = status;
    err_set(s->err, status, format, seed, what);
}

static void start(struct search *s, uint32_t slot)
{
    struct slot *w = &s->slots[slot];
    pid_t parent = getpid();
    int ends[2];
    pid_t pid;

    w->seed = s->config->first_seed + s->next++;
    if (pipe2(ends, O_CLOEXEC) < 0) {
        fail(s, ERR_MACHINE, "seed %" PRIu64 ": no pipe for its run: %s", w->seed, strerror(errno));
        return;
    }
    fflush(NULL); /* or the worker would print it, too */
    pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(ends[0]);
        if (getppid() == parent)
            work(s, slot, ends[1]);
        _exit(0);
    }
    close(ends[1]);
    if (pid < 0) {
        fail(s, ERR_MACHINE, "seed %" PRIu64 ": no process for its run: %s", w->seed,
             strerror(errno));
        close(ends[0]);
        return;
    }
    w->pid = pid;
    w->fd = ends[0];
    buf_reset(&w->text);
}

static uint32_t running(const struct search *s)
{
    uint32_t i, count = 0;

    for (i = 0; i < s->config->jobs; i++)
        count += s->slots[i].pid != 0;
    return count;
}

static void end_workers(struct search *s)
{
    uint32_t i;

    for (i = 0; i < s->config->jobs; i++)
        if (s->slots[i].pid != 0)
            kill(s->slots[i].pid, SIGTERM);
}

/* ---- what they found ---- */

static void count_run(struct search *s, uint64_t seed, const json_t *o)
{
    struct search_progress *p = &s->result->progress;
    enum valid valid = (enum valid)json_integer_value(json_object_get(o, "valid"));
    struct failure f = {
        .seed = seed,
        .valid = valid,
        .kind = json_string_value(json_object_get(o, "kind")),
        .sentence = json_string_value(json_object_get(o, "sentence")),
    };

    p->done++;
    p->valid += valid == VALID_TRUE;
    p->invalid += valid == VALID_FALSE;
    p->unknown += valid == VALID_UNKNOWN;
    p->virtual_ns += json_integer_value(json_object_get(o, "end"));
    p->message_count += (uint64_t)json_integer_value(json_object_get(o, "messages"));
    if (valid == VALID_TRUE)
        return;
    snprintf(f.digest, sizeof(f.digest), "%s", json_string_value(json_object_get(o, "digest")));
    failure_groups_add(&s->result->failures, &f);
    if (!s->config->keep_going && valid == VALID_FALSE)
        s->closing = true;
}

static void finish(struct search *s, struct slot *w)
{
    json_t *o = json_loadb(w->text.len > 0 ? w->text.data : "", w->text.len, 0, NULL);
    char how[64];
    int end = 0;

    close(w->fd);
    while (waitpid(w->pid, &end, 0) < 0 && errno == EINTR)
        ;
    w->pid = 0;
    if (o == NULL && WIFSIGNALED(end))
        snprintf(how, sizeof(how), "signal %d", WTERMSIG(end));
    else
        snprintf(how, sizeof(how), "exit status %d", WEXITSTATUS(end));
    if (o == NULL && !s->result->stopped)
        fail(s, ERR_MACHINE, "seed %" PRIu64 ": its process ended without a result, by %s", w->seed,
             how);
    else if (o != NULL && json_integer_value(json_object_get(o, "status")) < 0)
        fail(s, (int)json_integer_value(json_object_get(o, "status")), "seed %" PRIu64 ": %s",
             w->seed, json_string_value(json_object_get(o, "error")));
    else if (o != NULL && !json_is_true(json_object_get(o, "stopped")))
        count_run(s, w->seed, o);
    json_decref(o);
}

static void hear(struct search *s, struct slot *w)
{
    char part[4096];
    ssize_t n = read(w->fd, part, sizeof(part));

    if (n > 0 && w->text.len + (size_t)n <= OUTCOME_MAX)
        buf_add(&w->text, part, (size_t)n);
    else if (n == 0 || (n < 0 && errno != EINTR))
        finish(s, w);
}

static void wait_for_some(struct search *s)
{
    uint32_t i;

    for (i = 0; i < s->config->jobs; i++)
        s->polled[i] = (struct pollfd){
            .fd = s->slots[i].pid != 0 ? s->slots[i].fd : -1,
            .events = POLLIN,
        };
    if (poll(s->polled, s->config->jobs, TICK_MS) <= 0)
        return;
    for (i = 0; i < s->config->jobs; i++)
        if (s->polled[i].revents != 0)
            hear(s, &s->slots[i]);
}

static void tell(struct search *s)
{
    struct search_progress *p = &s->result->progress;

    p->elapsed_ns = real_now() - s->began_ns;
    if (s->config->progress != NULL)
        s->config->progress(s->config->owner, p);
}

/* The handler of signals raises a flag and interrupts poll(); should it come just before, a tick
 * passes. */
static void loop(struct search *s)
{
    const struct search_config *c = s->config;
    bool ended = false;
    uint32_t i;

    for (;;) {
        if (cage_stop_asked())
            s->closing = s->result->stopped = true;
        for (i = 0; i < c->jobs && !s->closing && s->next < c->count; i++)
            if (s->slots[i].pid == 0)
                start(s, i);
        if (running(s) == 0)
            break;
        if (!ended && (s->result->stopped || s->status < 0)) {
            ended = true;
            end_workers(s);
        }
        wait_for_some(s);
        tell(s);
    }
    tell(s);
}

uint32_t search_processors(void)
{
    cpu_set_t all;

    if (sched_getaffinity(0, sizeof(all), &all) < 0)
        return 1;
    return CPU_COUNT(&all) > 0 ? (uint32_t)CPU_COUNT(&all) : 1;
}

int search_run(const struct search_config *config, struct search_result *ret_result,
               struct err *err)
{
    struct search_result result = {.progress = {.count = config->count}};
    struct search s = {
        .config = config,
        .result = &result,
        .began_ns = real_now(),
        .err = err,
    };
    uint32_t i;

    s.slots = mem_zalloc(config->jobs * sizeof(*s.slots));
    s.polled = mem_zalloc(config->jobs * sizeof(*s.polled));
    loop(&s);
    for (i = 0; i < config->jobs; i++)
        buf_release(&s.slots[i].text);
    mem_free(s.slots);
    mem_free(s.polled);
    if (s.status < 0)
        search_result_release(&result);
    else
        *ret_result = result;
    return s.status;
}

void search_result_release(struct search_result *r)
{
    failure_groups_release(&r->failures);
}
