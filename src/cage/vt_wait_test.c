/* A thread that is asleep in the kernel may be woken by somebody else, at any moment. Run from the
 * root of the repository. */
#include "cage.h"

#include "../base/err.h"
#include "../base/test.h"
#include "program_story.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ALARM_S = 600 };

struct seen {
    bool done;
    uint32_t exits, stuck;
};

static void on_line(void *owner, uint32_t node, struct str line)
{
    struct seen *s = owner;

    (void)node;
    s->done = s->done || str_is(line, "done");
}

static void on_exited(void *owner, uint32_t node, struct cage_exit how)
{
    struct seen *s = owner;

    (void)node, (void)how;
    s->exits++;
}

static void on_stuck(void *owner, uint32_t node, struct str sentence)
{
    struct seen *s = owner;

    (void)node, (void)sentence;
    s->stuck++;
}

static void ignore(void *owner, uint32_t node, struct str text)
{
    (void)owner, (void)node, (void)text;
}

/* Takes the lock and gives it back until it is killed. */
static pid_t start_rival(const char *path)
{
    pid_t pid = fork();
    int fd;

    if (pid != 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    fd = open(path, O_RDWR);
    while (flock(fd, LOCK_EX) == 0 && flock(fd, LOCK_UN) == 0)
        ;
    _exit(1);
}

/* Between finding a thread asleep and believing it are some microseconds. Who finds it asleep has
 * read the place it sleeps at; so here each read takes longer, and many wake-ups fall in between.
 */
ssize_t read(int fd, void *into, size_t len)
{
    const struct timespec moment = {.tv_nsec = 200000};
    ssize_t got = syscall(SYS_read, fd, into, len);

    nanosleep(&moment, NULL);
    return got;
}

/* Goal: what a thread reports is heard, also if it wakes while we look whether it sleeps. Method: a
 * process outside of the cage takes and gives the lock that the node wants. */
TEST(who_wakes_while_we_look_is_heard)
{
    char path[] = "/tmp/eddy-lock-XXXXXX";
    const char *argv[] = {program_built("lock", ""), path, "300", NULL};
    struct cage_program program = {.path = argv[0], .argv = argv};
    struct seen s = {0};
    struct cage_config config = {
        .node_count = 1,
        .clock = CAGE_CLOCK_VIRTUAL,
        .seed = 1,
        .events = {&s, on_line, ignore, ignore, on_exited, on_stuck, ignore, NULL},
    };
    struct err err = {.text = ""};
    struct cage *cage;
    pid_t rival;

    close(mkstemp(path));
    rival = start_rival(path); /* before the cage, which keeps to one processor from then on */
    alarm(ALARM_S);
    if (cage_open(&config, &cage, &err) < 0) {
        print_message("SKIPPED: %s\n", err.text);
        kill(rival, SIGKILL);
        skip();
    }
    CHECK_INT(cage_start(cage, 0, &program, &err), 0);
    while (s.exits == 0) {
        cage_clock_set(cage, 0, 0, 0); /* nothing else would have it looked at again */
        CHECK_INT(cage_wait(cage, cage_now(cage) + 1, &err), 0);
    }
    CHECK(s.done);
    CHECK_INT(s.stuck, 0);
    cage_close(cage);
    alarm(0);
    kill(rival, SIGKILL);
    waitpid(rival, NULL, 0);
    unlink(path);
}
