/* A worker is a process of its own, for it must survive what it judges, and the server must survive
 * it. The same program is started again with other words: /proc/self/exe, so that a server that was
 * replaced on the disk while it ran starts workers of its own version as long as the file is open.
 *
 *     up --ended--> waiting (1 s; doubling up to 30 s while it ends within 10 s) --> up
 *
 * Rules: 1. A worker dies with the server (PR_SET_PDEATHSIG: SIGKILL); its own children die with
 * it in the same way, and its next life, which knows its name by the folder, gives the jobs back at
 * once. To let it end in order was tried: then the next server's worker waits for the folder until
 * the last job is judged. 2. The database's address may hold a password: it goes through the
 * environment and not through the command line, which every user can read. 3. Between fork and exec
 * only what a process with threads may call. 4. One that says that it was asked for nonsense
 * (status 3) is not started again: it would say so for ever. */
#include "serve_workers.h"

#include "../base/clock.h"
#include "../base/err.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "commands.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    STEADY_MS = 10000, /* who lived so long had no trouble in starting */
    WAIT_MS = 1000,
    WAIT_MAX_MS = 30000,
    STOP_MS = 10000,
    STOP_STEP_MS = 10,
    NICENESS = 10,
    WORDS = 10,
};

struct child {
    char *folder;
    char *argv[WORDS];
    pid_t pid; /* 0: waiting */
    int64_t began_ms, due_ms, wait_ms;
    bool hopeless; /* rule 4 */
};

struct serve_workers {
    struct child children[SERVE_WORKERS_MAX];
    uint32_t count;
    char **environment; /* with EDDY_DB */
    char *db_word;
};

static int64_t now_ms(void)
{
    return clock_real_ns() / 1000000;
}

/* ---- what it is told ---- */

/* Ours, with another EDDY_DB. */
static void make_environment(struct serve_workers *w, const char *db)
{
    static const char key[] = "EDDY_DB=";
    struct buf word = {0};
    size_t count = 0, i, at = 0;

    while (environ[count] != NULL)
        count++;
    w->environment = mem_zalloc((count + 2) * sizeof(char *));
    for (i = 0; i < count; i++)
        if (strncmp(environ[i], key, sizeof(key) - 1) != 0)
            w->environment[at++] = environ[i];
    buf_addf(&word, "%s%s", key, db);
    w->db_word = buf_take(&word);
    w->environment[at] = w->db_word;
}

static void name_words(struct child *c, const struct serve_workers_config *config, uint32_t number)
{
    struct buf folder = {0};
    int at = 0;

    buf_add_text(&folder, config->folder);
    if (config->count > 1)
        buf_addf(&folder, "/%u", number + 1);
    c->folder = buf_take(&folder);
    c->argv[at++] = (char *)"eddy";
    c->argv[at++] = (char *)"worker";
    c->argv[at++] = (char *)"--quiet";
    c->argv[at++] = (char *)"--folder";
    c->argv[at++] = c->folder;
    if (config->languages != NULL) {
        c->argv[at++] = (char *)"--languages";
        c->argv[at++] = (char *)config->languages;
    }
    if (config->weak)
        c->argv[at++] = (char *)"--allow-weak-sandbox";
    c->argv[at] = NULL;
}

/* ---- starting ---- */

static void become_worker(const struct serve_workers *w, const struct child *c, pid_t server)
{
    sigset_t none;
    int null;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != server)
        _exit(EXIT_MACHINE);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setpriority(PRIO_PROCESS, 0, NICENESS);
    null = open("/dev/null", O_RDWR | O_CLOEXEC);
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    close_range(STDERR_FILENO + 1, ~0U, 0);
    execve("/proc/self/exe", c->argv, w->environment);
    _exit(EXIT_MACHINE);
}

static int start(const struct serve_workers *w, struct child *c, struct err *err)
{
    pid_t server = getpid(), pid = fork();

    if (pid == 0)
        become_worker(w, c, server);
    if (pid < 0)
        return err_set_errno(err, ERR_MACHINE, "no process for a worker");
    c->pid = pid;
    c->began_ms = now_ms();
    return 0;
}

int serve_workers_start(const struct serve_workers_config *config,
                        struct serve_workers **ret_workers, struct err *err)
{
    struct serve_workers *w = mem_zalloc(sizeof(*w));
    int status = 0;
    uint32_t i;

    w->count = config->count;
    make_environment(w, config->db);
    for (i = 0; i < w->count; i++)
        name_words(&w->children[i], config, i);
    for (i = 0; i < w->count && status == 0; i++)
        status = start(w, &w->children[i], err);
    if (status < 0)
        serve_workers_stop(w);
    else
        *ret_workers = w;
    return status;
}

/* ---- while they run ---- */

static void note_end(struct child *c, int end, int64_t now)
{
    if (WIFEXITED(end) && WEXITSTATUS(end) == EXIT_USAGE) {
        c->hopeless = true;
        fprintf(stderr, "a worker cannot work here (it says why above); nothing is judged by it\n");
        return;
    }
    c->wait_ms = now - c->began_ms >= STEADY_MS || c->wait_ms == 0 ? WAIT_MS
                 : c->wait_ms < WAIT_MAX_MS / 2                    ? c->wait_ms * 2
                                                                   : WAIT_MAX_MS;
    c->due_ms = now + c->wait_ms;
    if (WIFSIGNALED(end))
        fprintf(stderr, "a worker ended by signal %d; it is started again\n", WTERMSIG(end));
    else
        fprintf(stderr, "a worker ended with status %d; it is started again\n", WEXITSTATUS(end));
}

void serve_workers_tick(struct serve_workers *w)
{
    int64_t now = now_ms();
    struct err err = {.text = ""};
    uint32_t i;

    for (i = 0; i < w->count; i++) {
        struct child *c = &w->children[i];
        int end = 0;
        if (c->pid != 0 && waitpid(c->pid, &end, WNOHANG) == c->pid) {
            c->pid = 0;
            note_end(c, end, now);
        } else if (c->pid == 0 && !c->hopeless && now >= c->due_ms && start(w, c, &err) < 0) {
            c->due_ms = now + WAIT_MAX_MS;
            fprintf(stderr, "%s\n", err.text);
        }
    }
}

/* ---- the end ---- */

static void tell_all(const struct serve_workers *w, int number)
{
    uint32_t i;

    for (i = 0; i < w->count; i++)
        if (w->children[i].pid != 0)
            kill(w->children[i].pid, number);
}

static bool all_ended(struct serve_workers *w, int options)
{
    bool all = true;
    uint32_t i;

    for (i = 0; i < w->count; i++) {
        struct child *c = &w->children[i];
        if (c->pid != 0 && waitpid(c->pid, NULL, options) == c->pid)
            c->pid = 0;
        all &= c->pid == 0;
    }
    return all;
}

/* Two signals, for the first one lets a worker judge what it has begun. They differ, since two of
 * one kind may arrive as one. */
void serve_workers_stop(struct serve_workers *w)
{
    int64_t until_ms = now_ms() + STOP_MS;
    uint32_t i;

    if (w == NULL)
        return;
    tell_all(w, SIGTERM);
    tell_all(w, SIGINT);
    while (!all_ended(w, WNOHANG) && now_ms() < until_ms)
        poll(NULL, 0, STOP_STEP_MS);
    tell_all(w, SIGKILL);
    all_ended(w, 0);
    for (i = 0; i < w->count; i++)
        mem_free(w->children[i].folder);
    mem_free(w->environment);
    mem_free(w->db_word);
    mem_free(w);
}
