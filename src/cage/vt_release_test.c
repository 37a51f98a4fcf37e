/* A released node must be free for another tracer: this test is one. Run from the root of the
 * repository. */
#include "cage.h"

#include "../base/err.h"
#include "../base/mem.h"
#include "../base/test.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ALARM_S = 600, TIDS_MAX = 16 };

struct seen {
    bool resting;
    uint32_t exits;
};

static void on_line(void *owner, uint32_t node, struct str line)
{
    struct seen *s = owner;

    (void)node;
    s->resting = s->resting || str_is(line, "resting");
}

static void on_exited(void *owner, uint32_t node, struct cage_exit how)
{
    struct seen *s = owner;

    (void)node, (void)how;
    s->exits++;
}

static void ignore(void *owner, uint32_t node, struct str text)
{
    (void)owner, (void)node, (void)text;
}

/* tests/vt/resting.c at rest, as node 0. */
static struct cage *open_resting(enum cage_clock clock, struct seen *s)
{
    struct cage_config config = {
        .node_count = 1,
        .clock = clock,
        .seed = 1,
        .events = {s, on_line, ignore, ignore, on_exited, ignore, ignore, NULL},
    };
    char path[] = "/tmp/eddy-release-XXXXXX";
    int fd = mkstemp(path);
    char command[256];
    const char *argv[] = {path, NULL};
    struct cage_program program = {.path = path, .argv = argv};
    struct err err = {.text = ""};
    struct cage *cage;

    alarm(ALARM_S);
    if (cage_open(&config, &cage, &err) < 0) {
        print_message("SKIPPED: %s\n", err.text);
        skip();
    }
    close(fd);
    snprintf(command, sizeof(command), "cc -D_GNU_SOURCE -g -o %s tests/vt/resting.c -lpthread",
             path);
    if (system(command) != 0)
        fail_msg("%s failed", command);
    if (cage_start(cage, 0, &program, &err) < 0)
        fail_msg("%s", err.text);
    while (!s->resting || cage_now(cage) < 1000000)
        if (cage_wait(cage, s->resting ? cage_now(cage) + 1000000 : INT64_MAX, &err) != 0)
            fail_msg("it does not come to rest: %s", err.text);
    unlink(path);
    return cage;
}

static int threads_of(pid_t pid, pid_t tids[TIDS_MAX])
{
    char path[64];
    DIR *dir;
    struct dirent *entry;
    int count = 0;

    snprintf(path, sizeof(path), "/proc/%d/task", pid);
    dir = opendir(path);
    while (dir != NULL && (entry = readdir(dir)) != NULL)
        if (entry->d_name[0] != '.' && count < TIDS_MAX)
            tids[count++] = atoi(entry->d_name);
    closedir(dir);
    return count;
}

/* In a child, since one process cannot play the tracer twice: 0 if every thread lets itself be
 * attached to, stopped and read. */
static int trace_all(pid_t pid)
{
    pid_t tids[TIDS_MAX];
    int count = threads_of(pid, tids);
    struct user_regs_struct regs;
    int i, status;

    if (count != 4)
        return 1;
    for (i = 0; i < count; i++)
        if (ptrace(PTRACE_ATTACH, tids[i], NULL, NULL) < 0)
            return 2;
    for (i = 0; i < count; i++) {
        if (waitpid(tids[i], &status, __WALL) != tids[i] || !WIFSTOPPED(status))
            return 3;
        if (ptrace(PTRACE_GETREGS, tids[i], NULL, &regs) < 0)
            return 4;
        errno = 0;
        ptrace(PTRACE_PEEKDATA, tids[i], (void *)regs.rsp, NULL);
        if (errno != 0 || ptrace(PTRACE_DETACH, tids[i], NULL, NULL) < 0)
            return 5;
    }
    return 0;
}

static void second_tracer_comes(enum cage_clock clock)
{
    struct seen s = {0};
    struct cage *cage = open_resting(clock, &s);
    pid_t pid = cage_pid(cage, 0);
    pid_t child;
    int status = -1;

    cage_release(cage, 0);
    CHECK_INT(cage_pid(cage, 0), pid);
    child = fork();
    if (child == 0)
        _exit(trace_all(pid));
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    CHECK(WIFEXITED(status));
    CHECK_INT(WEXITSTATUS(status), 0);
    CHECK_INT(s.exits, 0);
    cage_close(cage);
    CHECK_INT(kill(pid, 0), -1); /* orderly: nothing is left of it */
    alarm(0);
}

TEST(a_released_node_is_free_for_another_tracer)
{
    second_tracer_comes(CAGE_CLOCK_VIRTUAL);
}

TEST(on_the_real_clock_it_only_stands_still)
{
    second_tracer_comes(CAGE_CLOCK_REAL);
}

TEST(a_released_node_can_be_killed)
{
    struct seen s = {0};
    struct cage *cage = open_resting(CAGE_CLOCK_VIRTUAL, &s);
    pid_t pid = cage_pid(cage, 0);

    cage_release(cage, 0);
    cage_kill(cage, 0);
    CHECK(!cage_running(cage, 0));
    CHECK_INT(kill(pid, 0), -1);
    cage_close(cage);
    alarm(0);
}
