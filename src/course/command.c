/* The command's end is the end of its process, not the end of its output: what it leaves running
 * in the background may hold the pipe for ever. So after the process has gone we take what lies in
 * the pipe and kill its group.
 *
 *     fork, setpgid --> poll(pipe, pidfd) --> process gone --> drain --> kill group, reap
 *                            +---- limit over or Ctrl-C ---> kill group ---^ */
#include "command.h"

#include "../base/clock.h"
#include "../base/err.h"
#include "../cage/cage.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TICK_MS = 100, CHUNK = 16 << 10 };

/* In the child; does not return. */
static void become(const struct command *c, int out)
{
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    if (null < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
        _exit(127);
    if (c->dir != NULL && chdir(c->dir) < 0) {
        dprintf(2, "cannot enter the folder %s: %s\n", c->dir, strerror(errno));
        _exit(127);
    }
    execl("/bin/sh", "sh", "-c", c->shell, (char *)NULL);
    _exit(127);
}

/* Takes what there is without waiting; false at the end of the pipe. */
static bool take(const struct command *c, struct command_result *r, int fd)
{
    char part[CHUNK];
    ssize_t n;

    while ((n = read(fd, part, sizeof(part))) > 0) {
        size_t room = c->output_max - r->output.len;
        r->cut |= (size_t)n > room;
        buf_add(&r->output, part, (size_t)n < room ? (size_t)n : room);
    }
    return n < 0 && (errno == EAGAIN || errno == EINTR);
}

/* Until the process is gone; true if it must be killed. */
static bool wait_for_end(const struct command *c, struct command_result *r, int fd, int pid_fd,
                         int64_t began)
{
    bool open = true;

    for (;;) {
        struct pollfd polled[] = {{.fd = pid_fd, .events = POLLIN},
                                  {.fd = open ? fd : -1, .events = POLLIN}};
        poll(polled, 2, TICK_MS);
        if (open)
            open = take(c, r, fd);
        if (polled[0].revents != 0)
            return false;
        if (clock_real_ns() - began > c->limit_ns) {
            r->timed_out = true;
            return true;
        }
        if (cage_stop_asked())
            return true;
    }
}

static int hear(const struct command *c, struct command_result *r, pid_t pid, int fd,
                struct err *err)
{
    int64_t began = clock_real_ns();
    int pid_fd = (int)syscall(SYS_pidfd_open, pid, 0);
    int end = 0;
    bool killed;

    if (pid_fd < 0) {
        err_set_errno(err, ERR_MACHINE, "pidfd_open");
        kill(-pid, SIGKILL);
        waitpid(pid, &end, 0);
        return ERR_MACHINE;
    }
    killed = wait_for_end(c, r, fd, pid_fd, began);
    if (killed)
        kill(-pid, SIGKILL);
    take(c, r, fd);
    while (waitpid(pid, &end, 0) < 0 && errno == EINTR)
        ;
    kill(-pid, SIGKILL); /* what it left in its group; the group lives while one is in it */
    close(pid_fd);
    r->took_ns = clock_real_ns() - began;
    r->code = WIFEXITED(end) ? WEXITSTATUS(end) : -1;
    r->signal = WIFSIGNALED(end) ? WTERMSIG(end) : 0;
    if (killed && !r->timed_out)
        return err_set(err, ERR_STOPPED, "stopped by a signal");
    return 0;
}

int command_run(const struct command *c, struct command_result *ret_result, struct err *err)
{
    struct command_result r = {0};
    int ends[2];
    pid_t pid;
    int status;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_set_errno(err, ERR_MACHINE, "no pipe for a command");
    pid = fork();
    if (pid == 0)
        become(c, ends[1]);
    close(ends[1]);
    if (pid < 0) {
        status = err_set_errno(err, ERR_MACHINE, "no process for a command");
    } else {
        setpgid(pid, pid); /* whichever of the two comes first */
        fcntl(ends[0], F_SETFL, O_NONBLOCK);
        status = hear(c, &r, pid, ends[0], err);
    }
    close(ends[0]);
    if (status < 0)
        command_result_release(&r);
    else
        *ret_result = r;
    return status;
}

void command_result_release(struct command_result *r)
{
    buf_release(&r->output);
}
