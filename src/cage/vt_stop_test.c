/* A node whose threads are held is killed, by itself or from outside: it has ended. Run from
 * the root of the repository. */
#include "cage.h"

#include "../base/err.h"
#include "../base/test.h"
#include "program_story.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SECOND_NS = 1000000000 };

struct seen {
    uint32_t exits;
    struct cage_exit how;
};

static void on_exited(void *owner, uint32_t node, struct cage_exit how)
{
    struct seen *s = owner;

    (void)node;
    s->exits++;
    s->how = how;
}

static void ignore(void *owner, uint32_t node, struct str text)
{
    (void)owner, (void)node, (void)text;
}

/* Kills who has locked the file, as soon as something stands in it. Numbers of processes would not
 * tell who that is: each node counts its own. */
static pid_t start_killer(const char *path)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    struct stat s = {.st_size = 0};
    pid_t pid = fork();
    int fd;

    if (pid != 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    fd = open(path, O_RDWR);
    while (s.st_size == 0) {
        usleep(1000);
        fstat(fd, &s);
    }
    if (fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type == F_WRLCK)
        kill(lock.l_pid, SIGKILL);
    _exit(0);
}

static bool has_ended(pid_t pid)
{
    siginfo_t info = {.si_pid = 0};

    waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT);
    return info.si_pid == pid;
}

/* Goal: the end of such a node is told, and not when it is next looked at, by chance. */
static void check_told(const char *who, int signal)
{
    char path[] = "/tmp/eddy-killed-XXXXXX";
    const char *argv[] = {program_built("killed", ""), who, path, NULL};
    struct cage_program program = {.path = argv[0], .argv = argv};
    struct seen s = {0};
    struct cage_config config = {
        .node_count = 1,
        .clock = CAGE_CLOCK_VIRTUAL,
        .seed = 1,
        .events = {&s, ignore, ignore, ignore, on_exited, ignore, ignore, NULL},
    };
    struct err err = {.text = ""};
    struct cage *cage;
    bool over = signal != SIGKILL; /* nobody kills who makes a fault */
    pid_t killer;

    close(mkstemp(path));
    killer = start_killer(path); /* before the cage, which keeps to one processor from then on */
    if (cage_open(&config, &cage, &err) < 0) {
        print_message("SKIPPED: %s\n", err.text);
        kill(killer, SIGKILL);
        skip();
    }
    CHECK_INT(cage_start(cage, 0, &program, &err), 0);
    do {
        over = over || has_ended(killer); /* then the wait is one after the kill */
        CHECK_INT(cage_wait(cage, cage_now(cage) + SECOND_NS, &err), 0);
    } while (s.exits == 0 && !over);
    CHECK_INT(s.exits, 1);
    CHECK_INT(s.how.signal, signal);
    cage_close(cage);
    kill(killer, SIGKILL);
    waitpid(killer, NULL, 0);
    unlink(path);
}

TEST(a_thread_makes_a_fault_while_the_first_one_waits)
{
    check_told("fault", SIGSEGV);
}

TEST(a_process_is_killed_while_its_first_thread_waits)
{
    check_told("thread", SIGKILL);
}

TEST(a_first_process_is_killed_while_another_one_computes)
{
    check_told("child", SIGKILL);
}
