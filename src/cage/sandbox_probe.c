/* Each row is one attack of the list in tests/hostile/, or the first of a family of them; the whole
 * list is run there. An attempt answers whether it got through; a limit is different: its attempt
 * goes on until it is stopped, and the row names the limit that must stop it. */
#include "sandbox_probe.h"

#include "../base/err.h"
#include "../base/mem.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { REFUSED = 0, THROUGH = 3, UNKNOWN = 2, TASKS = 24 };

static const int64_t mib = INT64_C(1) << 20;

/* ---- attempts: true if it got through ---- */

static bool read_secrets(void)
{
    return open("/etc/shadow", O_RDONLY | O_CLOEXEC) >= 0 ||
           open("/root", O_RDONLY | O_DIRECTORY | O_CLOEXEC) >= 0 ||
           open("/proc/1/environ", O_RDONLY | O_CLOEXEC) >= 0 ||
           open("/home/.", O_RDONLY | O_DIRECTORY | O_CLOEXEC) >= 0;
}

static bool write_system(void)
{
    return open("/usr/bin/eddy-was-here", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0 ||
           open("/eddy-was-here", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0;
}

/* A program's own /proc/self is always there; nobody else's may be. */
static bool see_processes(void)
{
    char path[64];
    int pid;

    for (pid = 1; pid < 400; pid++) {
        snprintf(path, sizeof(path), "/proc/%d/stat", pid);
        if (pid != getpid() && pid != getppid() && access(path, F_OK) == 0)
            return true;
    }
    return false;
}

static bool signal_others(void)
{
    return kill(1, 0) == 0 || (getppid() > 1 && kill(getppid(), 0) == 0);
}

static bool reach_network(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    return fd >= 0;
}

static bool reach_other_sockets(void)
{
    return socket(AF_NETLINK, SOCK_RAW, 0) >= 0 || socket(AF_PACKET, SOCK_RAW, 0) >= 0 ||
           socket(40 /* AF_VSOCK */, SOCK_STREAM, 0) >= 0 ||
           socket(38 /* AF_ALG */, SOCK_SEQPACKET, 0) >= 0;
}

static bool trace_others(void)
{
    pid_t child = fork();
    bool traced;

    if (child == 0)
        for (;;)
            pause();
    traced = child > 0 && ptrace(PTRACE_SEIZE, child, NULL, NULL) == 0;
    if (child > 0) {
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
    }
    return traced;
}

static bool gain_power(void)
{
    return setuid(0) == 0 || mount("none", "/tmp", "tmpfs", 0, NULL) == 0 || chroot("/tmp") == 0 ||
           prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1;
}

static bool make_namespace(void)
{
    return unshare(CLONE_NEWUSER) == 0 || syscall(435 /* clone3 */, NULL, 0) >= 0 ||
           errno != ENOSYS;
}

static bool use_kernel(void)
{
    char space[256] = {0};

    return (syscall(425 /* io_uring_setup */, 4, space) < 0 && errno == EFAULT) ||
           syscall(SYS_bpf, 0, space, 72) >= 0 ||
           syscall(SYS_perf_event_open, space, 0, -1, -1, 0) >= 0 ||
           syscall(SYS_keyctl, 0, -3, 1) >= 0 || syscall(SYS_userfaultfd, 0) >= 0;
}

/* The old way into the kernel, whose numbers mean other calls; it ends the process. */
static bool call_as_32_bit(void)
{
    long result = 20; /* getpid there */

    __asm__ volatile("int $0x80" : "+a"(result) : : "memory");
    return true;
}

static bool set_clock(void)
{
    struct timespec t = {.tv_sec = 1};

    return clock_settime(CLOCK_REALTIME, &t) == 0;
}

static bool find_descriptors(void)
{
    int fd;

    for (fd = 3; fd < 1024; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            return true;
    return false;
}

static bool read_environment(void)
{
    return getenv("SHELL") != NULL || getenv("SSH_CONNECTION") != NULL ||
           getenv("OLDPWD") != NULL || getenv("EDDY_PROBE") != NULL;
}

static bool use_memory(void)
{
    for (;;) {
        char *more =
            mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (more == MAP_FAILED)
            _exit(1);
        memset(more, 1, 1 << 20);
    }
}

static bool use_processor(void)
{
    while (getppid() >= 0)
        ;
    return true;
}

static bool use_output(void)
{
    static char text[4096];

    while (write(STDOUT_FILENO, text, sizeof(text)) > 0)
        ;
    return true;
}

static bool use_file_space(void)
{
    static char text[1 << 16];
    int fd = open("long", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    while (write(fd, text, sizeof(text)) > 0)
        ;
    return fd < 0;
}

static bool use_tasks(void)
{
    int i;

    for (i = 0; i < 4 * TASKS; i++) {
        pid_t child = fork();

        if (child == 0)
            for (;;)
                pause();
        if (child < 0)
            _exit(1);
    }
    return true;
}

static bool wait_for_ever(void)
{
    while (pause() < 0)
        ;
    return true;
}

/* ---- the list ---- */

static const struct probe {
    const char *name;
    bool (*attempt)(void);
    enum sandbox_limit limit;  /* that must stop it; NONE: the attempt must be refused */
    enum sandbox_level needed; /* below it nothing is promised */
    const char *fine;
    const char *missing;
} probes[] = {
    {"files", read_secrets, SANDBOX_LIMIT_NONE, SANDBOX_C,
     "of others cannot be read: passwords, home folders, the environment of services",
     "of others can be read"},
    {"system", write_system, SANDBOX_LIMIT_NONE, SANDBOX_C, "folders cannot be written",
     "folders can be written"},
    {"processes", see_processes, SANDBOX_LIMIT_NONE, SANDBOX_B, "of others cannot be seen",
     "of others can be seen, though not touched"},
    {"signals", signal_others, SANDBOX_LIMIT_NONE, SANDBOX_C, "reach nobody else",
     "reach processes of the same user"},
    {"network", reach_network, SANDBOX_LIMIT_NONE, SANDBOX_C, "cannot be reached",
     "can be reached"},
    {"sockets", reach_other_sockets, SANDBOX_LIMIT_NONE, SANDBOX_C,
     "of other kinds (netlink, packet, vsock, alg) cannot be made", "of other kinds can be made"},
    {"debugging", trace_others, SANDBOX_LIMIT_NONE, SANDBOX_C, "of other processes is refused",
     "of other processes is allowed"},
    {"powers", gain_power, SANDBOX_LIMIT_NONE, SANDBOX_C,
     "of root (setuid, mount, chroot) cannot be gained", "of root can be gained"},
    {"namespaces", make_namespace, SANDBOX_LIMIT_NONE, SANDBOX_C, "cannot be made inside",
     "can be made inside, which opens more of the kernel"},
    {"kernel", use_kernel, SANDBOX_LIMIT_NONE, SANDBOX_C,
     "interfaces with a record of holes (io_uring, bpf, perf, keys) are closed",
     "interfaces with a record of holes are open"},
    {"32-bit calls", call_as_32_bit, SANDBOX_LIMIT_NONE, SANDBOX_C, "end the program",
     "pass by the list of allowed calls"},
    {"clocks", set_clock, SANDBOX_LIMIT_NONE, SANDBOX_C, "of the machine cannot be set",
     "of the machine can be set"},
    {"descriptors", find_descriptors, SANDBOX_LIMIT_NONE, SANDBOX_D, "of ours are not handed on",
     "of ours are handed on"},
    {"environment", read_environment, SANDBOX_LIMIT_NONE, SANDBOX_D, "of ours is not handed on",
     "of ours is handed on"},
    {"memory", use_memory, SANDBOX_LIMIT_MEMORY, SANDBOX_D, "is limited", "is not limited"},
    {"cpu time", use_processor, SANDBOX_LIMIT_CPU, SANDBOX_D, "is limited", "is not limited"},
    {"wall time", wait_for_ever, SANDBOX_LIMIT_TIME, SANDBOX_D, "is limited", "is not limited"},
    {"output", use_output, SANDBOX_LIMIT_OUTPUT, SANDBOX_D, "is limited", "is not limited"},
    {"file space", use_file_space, SANDBOX_LIMIT_DISK, SANDBOX_D, "is limited", "is not limited"},
    {"tasks", use_tasks, SANDBOX_LIMIT_TASKS, SANDBOX_A,
     "(processes and threads) are counted together",
     "(processes and threads) are limited by rlimits only"},
};

int sandbox_attempt(const char *name)
{
    size_t i;

    for (i = 0; i < sizeof(probes) / sizeof(probes[0]); i++)
        if (strcmp(probes[i].name, name) == 0)
            return probes[i].attempt() ? THROUGH : REFUSED;
    return UNKNOWN;
}

static struct sandbox_spec spec_of(const struct probe *probe, enum sandbox_level level,
                                   const char *const *readable)
{
    return (struct sandbox_spec){
        .level = level,
        .profile = SANDBOX_RUN,
        .readable = readable,
        .limits = {.memory_bytes = 64 * mib,
                   .task_count = TASKS,
                   .cpu_ns = probe->limit == SANDBOX_LIMIT_CPU ? 100000000 : INT64_C(5000000000),
                   .wall_ns = probe->limit == SANDBOX_LIMIT_TIME ? 50000000 : INT64_C(10000000000),
                   .file_bytes = 4 * mib,
                   .scratch_bytes = 8 * mib,
                   .scratch_files = 64,
                   .output_bytes = 100000},
    };
}

static bool holds(const struct probe *probe, const struct sandbox_outcome *o)
{
    if (probe->limit != SANDBOX_LIMIT_NONE)
        return o->stop.limit == probe->limit;
    return o->code == REFUSED || o->signal == SIGSYS;
}

bool sandbox_probe(unsigned index, enum sandbox_level level, struct machine_probe *ret_probe)
{
    const struct probe *probe = &probes[index];
    const char *argv[] = {"eddy", "doctor", "--attempt", NULL, NULL};
    char self[PATH_MAX];
    const char *const readable[] = {self, NULL};
    char folder[] = "/tmp/eddy-probe-XXXXXX";
    struct sandbox_command command = {.path = self, .argv = argv};
    struct sandbox_spec spec;
    struct sandbox_outcome o;
    struct err err = {.text = ""};
    ssize_t len;

    if (index >= sizeof(probes) / sizeof(probes[0]))
        return false;
    len = readlink("/proc/self/exe", self, sizeof(self) - 1);
    self[len > 0 ? len : 0] = '\0';
    argv[3] = probe->name;
    ret_probe->name = probe->name;
    ret_probe->fine = false;
    if (probe->limit == SANDBOX_LIMIT_DISK && mkdtemp(folder) != NULL)
        command.out_dir = folder;
    spec = spec_of(probe, level, readable);
    setenv("EDDY_PROBE", "secret", 1);
    if (sandbox_run(&spec, &command, &o, &err) < 0) {
        snprintf(ret_probe->text, sizeof(ret_probe->text), "not tried: %.200s", err.text);
    } else {
        ret_probe->fine = holds(probe, &o);
        snprintf(ret_probe->text, sizeof(ret_probe->text), "%s%s",
                 ret_probe->fine ? probe->fine : probe->missing,
                 ret_probe->fine || level >= probe->needed ? ""
                                                           : ", as on all machines of this level");
        sandbox_outcome_release(&o);
    }
    unsetenv("EDDY_PROBE");
    if (command.out_dir != NULL) {
        char file[sizeof(folder) + 8];

        snprintf(file, sizeof(file), "%s/long", folder);
        unlink(file);
        rmdir(folder);
    }
    return true;
}
