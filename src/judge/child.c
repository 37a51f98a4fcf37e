/* A child is a fork of the worker, so that a judge that crashes, leaks or is stopped by the kernel
 * costs its own job one attempt and nothing else.
 *
 *     fork --> judge() --> exit 0 with a result       done
 *                     \--> exit 0 with a sentence     failed: the machine could not
 *                      \-> signal, exit status        failed: our bug
 *
 * What it says are messages in the pipe: a letter, the length in 4 bytes, the text. Only this
 * file writes them and only this file reads them; still the reader trusts no length, because the
 * writer is a process that may have gone wrong.
 *
 * The end is the pidfd's, not the pipe's: a grandchild may hold the pipe open. It leads its own
 * session, so that a Ctrl-C meant for the worker does not reach it, and dies with the worker. */
#include "child.h"

#include "../base/err.h"
#include "../base/mem.h"
#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    GRACE_MS = 2000,
    HEAD = 5, /* bytes before a message's text */
    WHY_SENT = 1000,
};

enum message { MESSAGE_EVENT = 'e', MESSAGE_FILE = 'f', MESSAGE_RESULT = 'r', MESSAGE_WHY = 'w' };

struct job_voice {
    int fd;
    const char *folder;
};

/* ---- in the child ---- */

static void write_all(int fd, const void *data, size_t len)
{
    const char *at = data;

    while (len > 0) {
        ssize_t n = write(fd, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            _exit(1); /* nobody hears us: the worker is gone */
        at += n;
        len -= (size_t)n;
    }
}

static void speak(int fd, enum message what, struct str text)
{
    unsigned char head[HEAD] = {(unsigned char)what, (unsigned char)(text.len >> 24),
                                (unsigned char)(text.len >> 16), (unsigned char)(text.len >> 8),
                                (unsigned char)text.len};

    write_all(fd, head, HEAD);
    write_all(fd, text.data, text.len);
}

void job_voice_event(struct job_voice *v, struct str text)
{
    if (text.len <= JOB_EVENT_MAX)
        speak(v->fd, MESSAGE_EVENT, text);
}

void job_voice_result(struct job_voice *v, struct str text)
{
    if (text.len <= JOB_RESULT_MAX)
        speak(v->fd, MESSAGE_RESULT, text);
    else
        speak(v->fd, MESSAGE_WHY, STR_LIT("the result is too long to be kept"));
}

void job_voice_file(struct job_voice *v, const char *name, struct str text)
{
    struct buf both = {0};

    if (text.len > JOB_FILE_MAX || strlen(name) > JOB_NAME_MAX)
        return;
    buf_add(&both, name, strlen(name) + 1);
    buf_add_str(&both, text);
    speak(v->fd, MESSAGE_FILE, buf_str(&both));
    buf_release(&both);
}

const char *job_voice_folder(const struct job_voice *v)
{
    return v->folder;
}

/* Every slot_count'th processor, so that the runs of two jobs do not share one. */
static void keep_to_share(const struct child_start *s)
{
    cpu_set_t all, own;
    int cpu;
    uint32_t nth = 0;

    CPU_ZERO(&own);
    if (sched_getaffinity(0, sizeof(all), &all) < 0 || (uint32_t)CPU_COUNT(&all) < s->slot_count)
        return;
    for (cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &all) && nth++ % s->slot_count == s->slot)
            CPU_SET(cpu, &own);
    sched_setaffinity(0, sizeof(own), &own); /* refused: slower, no worse */
}

static void become_child(const struct child_start *s, int pipe_fd, pid_t parent)
{
    static const int ours[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD};
    struct job_voice voice = {.fd = pipe_fd, .folder = s->folder};
    struct err err = {.text = ""};
    sigset_t none;
    size_t i;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    setsid();
    if (s->queue_fd >= 0)
        close(s->queue_fd);
    for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
        signal(ours[i], SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    keep_to_share(s);
    if (s->judge(s->job, &voice, s->owner, &err) < 0) {
        struct str why = str_of(err.text[0] != '\0' ? err.text : "for no known reason");
        if (why.len > WHY_SENT)
            why.len = WHY_SENT;
        speak(pipe_fd, MESSAGE_WHY, why);
    }
    fflush(NULL);
    _exit(0);
}

/* ---- in the worker ---- */

int child_start(struct child *c, const struct child_start *start, struct err *err)
{
    pid_t parent = getpid();
    int ends[2];
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_set_errno(err, ERR_MACHINE, "no pipe for a job");
    fflush(NULL); /* or the child would print it, too */
    pid = fork();
    if (pid == 0) {
        close(ends[0]);
        become_child(start, ends[1], parent);
    }
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return err_set_errno(err, ERR_MACHINE, "no process for a job");
    }
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    c->pid = pid;
    c->pipe_fd = ends[0];
    c->pidfd = pidfd_open(pid, 0);
    if (c->pidfd < 0) {
        err_set_errno(err, ERR_MACHINE, "no pidfd for a job");
        child_kill(c);
        child_reset(c);
        return ERR_MACHINE;
    }
    fcntl(c->pidfd, F_SETFD, FD_CLOEXEC);
    return 0;
}

static void keep_event(struct child *c, struct str text)
{
    if (c->event_count >= JOB_EVENTS_MAX)
        return;
    c->event_ends = mem_grow(c->event_ends, &c->event_cap, c->event_count + 1, sizeof(size_t));
    buf_add_str(&c->event_bytes, text);
    c->event_ends[c->event_count++] = c->event_bytes.len;
}

/* The name, a 0, the text. */
static void keep_file(struct child *c, struct str both)
{
    size_t name_len = both.len > 0 ? strnlen(both.data, both.len) : 0;
    struct child_file *f = &c->files[c->file_count];

    if (c->file_count == JOB_FILES_MAX || name_len == both.len)
        return;
    f->name = mem_strndup(both.data, name_len);
    buf_add(&f->text, both.data + name_len + 1, both.len - name_len - 1);
    c->file_count++;
}

static void take_message(struct child *c, char what, struct str text)
{
    if (what == MESSAGE_EVENT) {
        keep_event(c, text);
    } else if (what == MESSAGE_FILE) {
        keep_file(c, text);
    } else if (what == MESSAGE_RESULT) {
        buf_reset(&c->result);
        buf_add_str(&c->result, text);
        c->has_result = true;
    } else if (what == MESSAGE_WHY) {
        snprintf(c->why, sizeof(c->why), "%.*s", STR_ARG(text));
    }
}

/* The whole messages in c->in. False: it speaks nonsense. */
static bool take_messages(struct child *c)
{
    size_t at = 0;
    bool sense = true;

    while (c->in.len - at >= HEAD) {
        const unsigned char *head = (const unsigned char *)c->in.data + at;
        size_t len = ((size_t)head[1] << 24) | ((size_t)head[2] << 16) | ((size_t)head[3] << 8) |
                     (size_t)head[4];
        sense = len <= JOB_RESULT_MAX && strchr("efrw", head[0]) != NULL && head[0] != 0;
        if (!sense || c->in.len - at - HEAD < len)
            break;
        take_message(c, (char)head[0], (struct str){c->in.data + at + HEAD, len});
        at += HEAD + len;
    }
    if (at > 0) {
        memmove(c->in.data, c->in.data + at, c->in.len - at);
        c->in.len -= at;
        c->in.data[c->in.len] = '\0';
    }
    return sense;
}

static void read_pipe(struct child *c)
{
    char chunk[16384];
    ssize_t n;

    while ((n = read(c->pipe_fd, chunk, sizeof(chunk))) > 0 || (n < 0 && errno == EINTR)) {
        if (n < 0)
            continue;
        buf_add(&c->in, chunk, (size_t)n);
        if (!take_messages(c)) {
            kill(c->pid, SIGKILL);
            buf_reset(&c->in);
            return;
        }
    }
}

static void say_end(struct child *c, int end)
{
    if (WIFEXITED(end) && WEXITSTATUS(end) == 0) {
        if (!c->has_result && c->why[0] == '\0')
            snprintf(c->why, sizeof(c->why), "the judge ended without a result");
        return;
    }
    c->has_result = false; /* who crashes after his result may have been wrong before */
    if (WIFSIGNALED(end))
        snprintf(c->why, sizeof(c->why), "the judge ended by signal %d (%s)", WTERMSIG(end),
                 strsignal(WTERMSIG(end)));
    else
        snprintf(c->why, sizeof(c->why), "the judge ended with status %d", WEXITSTATUS(end));
}

static void close_fds(struct child *c)
{
    close(c->pipe_fd);
    if (c->pidfd >= 0)
        close(c->pidfd);
    c->pid = 0;
}

bool child_hear(struct child *c)
{
    pid_t gone;
    int end = 0;

    gone = waitpid(c->pid, &end, WNOHANG); /* first: what it said before its end is in the pipe */
    read_pipe(c);
    if (gone != c->pid)
        return false;
    say_end(c, end);
    close_fds(c);
    return true;
}

void child_end(struct child *c, int64_t now_ms)
{
    if (c->pid == 0 || c->kill_ms != 0)
        return;
    kill(c->pid, SIGTERM);
    c->kill_ms = now_ms + GRACE_MS;
}

void child_tick(struct child *c, int64_t now_ms)
{
    if (c->pid != 0 && c->kill_ms != 0 && now_ms >= c->kill_ms)
        kill(c->pid, SIGKILL);
}

void child_kill(struct child *c)
{
    if (c->pid == 0)
        return;
    kill(c->pid, SIGKILL);
    while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    close_fds(c);
}

void child_reset(struct child *c)
{
    uint32_t i;

    for (i = 0; i < c->file_count; i++) {
        mem_free(c->files[i].name);
        buf_release(&c->files[i].text);
    }
    buf_release(&c->in);
    buf_release(&c->event_bytes);
    buf_release(&c->result);
    mem_free(c->event_ends);
    *c = (struct child){.pid = 0};
}

void child_events(const struct child *c, struct str *into)
{
    size_t from = 0;
    uint32_t i;

    for (i = 0; i < c->event_count; i++) {
        into[i] = (struct str){c->event_bytes.data != NULL ? c->event_bytes.data + from : "",
                               c->event_ends[i] - from};
        from = c->event_ends[i];
    }
}

void child_forget_events(struct child *c)
{
    buf_reset(&c->event_bytes);
    c->event_count = 0;
}
