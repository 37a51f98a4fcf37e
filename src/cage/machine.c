/* Every probe does the thing itself in a child process, since version numbers and settings tell
 * only half: containers forbid by seccomp what the kernel could do. */
#include "machine.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs try in a child; gives the errno it exits with, 0 if it succeeded. */
static int in_child(int (*try)(void))
{
    int status;
    pid_t pid = fork();

    if (pid < 0)
        return errno;
    if (pid == 0)
        _exit(try() == 0 ? 0 : errno != 0 ? errno : EINVAL);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

/* "FINE", or "MISSING (the kernel's reason); HELP". */
static bool say(struct machine_probe *p, int error, const char *fine, const char *missing,
                const char *help)
{
    p->fine = error == 0;
    if (error == 0)
        snprintf(p->text, sizeof(p->text), "%s", fine);
    else
        snprintf(p->text, sizeof(p->text), "%s (%s); %s", missing, strerror(error), help);
    return true;
}

static bool probe_kernel(struct machine_probe *p)
{
    struct utsname u;

    p->name = "kernel";
    uname(&u);
    p->fine = strcmp(u.sysname, "Linux") == 0 && strcmp(u.machine, "x86_64") == 0;
    snprintf(p->text, sizeof(p->text), "%.60s %.60s on %.60s%s", u.sysname, u.release, u.machine,
             p->fine ? "" : "; virtual time needs Linux on x86_64");
    return true;
}

static bool probe_processors(struct machine_probe *p)
{
    cpu_set_t set;
    int count;

    p->name = "processors";
    CPU_ZERO(&set);
    count = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 0;
    p->fine = count > 0;
    snprintf(p->text, sizeof(p->text), "%d for this process", count);
    return true;
}

static bool probe_real_clock(struct machine_probe *p)
{
    p->name = "real clock";
    return say(p, 0, "works everywhere", "", "");
}

static int try_ptrace(void)
{
    pid_t child = fork();
    int status;

    if (child < 0)
        return -1;
    if (child == 0) {
        for (;;)
            pause();
    }
    status = (int)ptrace(PTRACE_SEIZE, child, 0, PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD);
    if (status < 0) {
        int saved = errno;
        kill(child, SIGKILL);
        errno = saved;
    } else {
        kill(child, SIGKILL);
        waitpid(child, NULL, __WALL);
    }
    return status < 0 ? -1 : 0;
}

static bool probe_ptrace(struct machine_probe *p)
{
    p->name = "ptrace";
    return say(
        p, in_child(try_ptrace), "allowed: what the virtual clock is built on", "refused",
        "in a container give it the capability SYS_PTRACE, else see kernel.yama.ptrace_scope");
}

static int try_seccomp(void)
{
    unsigned action = SECCOMP_RET_TRACE;

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -1;
    return (int)syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action);
}

static bool probe_seccomp(struct machine_probe *p)
{
    p->name = "seccomp";
    return say(p, in_child(try_seccomp),
               "filters can be set: for the virtual clock and the sandbox", "refused",
               "in a container allow the system call seccomp");
}

/* Whether a descriptor of another process may be copied: of a child that we may trace. */
static bool may_copy_descriptors(pid_t child)
{
    int pidfd = (int)syscall(SYS_pidfd_open, child, 0);
    int copy = pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, 0, 0);
    int error = errno;

    if (copy >= 0)
        close(copy);
    if (pidfd >= 0)
        close(pidfd);
    errno = error;
    return copy >= 0 || (pidfd >= 0 && error == EBADF); /* allowed, and there is no such one */
}

static int try_descriptors(void)
{
    pid_t child = fork();
    bool may;
    int error;

    if (child < 0)
        return -1;
    if (child == 0)
        for (;;)
            pause();
    may = may_copy_descriptors(child);
    error = errno;
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    errno = error;
    return may ? 0 : -1;
}

static bool probe_descriptors(struct machine_probe *p)
{
    p->name = "descriptors";
    return say(p, in_child(try_descriptors),
               "of our programs can be looked at (pidfd_getfd): for the virtual clock",
               "of our programs cannot be looked at with pidfd_getfd",
               "in Docker run with --cap-add SYS_PTRACE");
}

bool machine_fixes_addresses(void)
{
    int old = personality(0xffffffff); /* asks only */
    bool fixes = old >= 0 && personality((unsigned)old | ADDR_NO_RANDOMIZE) >= 0;

    if (fixes)
        personality((unsigned)old);
    return fixes;
}

static bool probe_addresses(struct machine_probe *p)
{
    bool fixes = machine_fixes_addresses();

    p->name = "addresses";
    return say(p, fixes ? 0 : errno,
               "of memory can be the same in each run: Node.js programs need it to repeat",
               "of memory differ from run to run, so Node.js programs hardly ever repeat",
               "in Docker run with --security-opt seccomp=unconfined");
}

static int try_pid_namespace(void)
{
    return unshare(CLONE_NEWPID);
}

static bool probe_pid_namespace(struct machine_probe *p)
{
    p->name = "pid namespace";
    return say(p, in_child(try_pid_namespace),
               "can be made: the kernel ends all of a run's processes with the run",
               "cannot be made",
               "a run's processes are hunted down one by one instead, which works too. As root, or "
               "in a container with SYS_ADMIN, it can be made");
}

static int try_user_namespace(void)
{
    return unshare(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET);
}

static bool probe_user_namespace(struct machine_probe *p)
{
    p->name = "user namespace";
    return say(p, in_child(try_user_namespace), "can be made: for the sandbox", "cannot be made",
               "see the level of the sandbox below");
}

static bool probe_cgroup(struct machine_probe *p)
{
    bool v2 = access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0;
    bool v1 = access("/sys/fs/cgroup/memory", F_OK) == 0;

    p->name = "cgroups";
    p->fine = v1 || v2;
    snprintf(p->text, sizeof(p->text), "%s",
             v2   ? "version 2: memory and CPU of nodes can be limited"
             : v1 ? "version 1: memory and CPU of nodes can be limited"
                  : "none: memory of nodes is limited by rlimits only");
    return true;
}

bool machine_probe(unsigned index, struct machine_probe *ret_probe)
{
    static bool (*const probes[])(struct machine_probe *) = {
        probe_kernel,         probe_processors,  probe_real_clock, probe_ptrace,
        probe_seccomp,        probe_descriptors, probe_addresses,  probe_pid_namespace,
        probe_user_namespace, probe_cgroup,
    };

    return index < sizeof(probes) / sizeof(probes[0]) && probes[index](ret_probe);
}

/* What the virtual clock is built on, tried at once on one child: a run that starts should not pay
 * for finding words. */
static bool try_virtual_clock(void)
{
    struct machine_probe kernel;
    unsigned action = SECCOMP_RET_TRACE;
    pid_t child;
    bool fine;

    if (!probe_kernel(&kernel) || !kernel.fine ||
        syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) < 0)
        return false;
    child = fork();
    if (child == 0)
        for (;;)
            pause();
    fine = child > 0 && ptrace(PTRACE_SEIZE, child, 0, PTRACE_O_EXITKILL) == 0 &&
           may_copy_descriptors(child);
    if (child > 0) {
        kill(child, SIGKILL);
        waitpid(child, NULL, __WALL);
    }
    return fine;
}

bool machine_has_virtual_clock(struct machine_probe *ret_missing)
{
    static bool (*const needed[])(struct machine_probe *) = {probe_kernel, probe_ptrace,
                                                             probe_seccomp, probe_descriptors};
    unsigned i;

    if (try_virtual_clock())
        return true;
    for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
        if (needed[i](ret_missing) && !ret_missing->fine)
            return false;
    return true;
}
