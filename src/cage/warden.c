/* A request is one message: the texts, each ended by 0, behind a head of fixed length, and five
 * descriptors beside it (SCM_RIGHTS). The warden forks and the fork reads the request, so the
 * warden itself stays a loop of a few lines. It never answers: the new process speaks through its
 * gate and the keeper through its socket, and when neither could be made both end, which says the
 * same.
 *
 * A namespace is asked for with clone(2) at each start, since the first process in it must be the
 * keeper. The mount namespace is there for what is named by process number: a program whose
 * /proc/PID does not match its own getpid() would be astonished, and a JVM keeps a locked file
 * /tmp/hsperfdata_USER/PID; it complains on stdout, where only messages may stand, if another has
 * that number. No /proc, no namespace. */
#include "warden.h"

#include "../base/err.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "sandbox_parts.h"
#include "spawn.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef PLANT_CAGE
#define PLANT_CAGE 0
#endif

enum {
    REQUEST_FDS = 5,
    SOCKET_FD = 3, /* where the warden's own descriptors are */
    EDDY_FD = 4,
    CHILD_FD = 5,
    OTHER_FD = 6,
    CLOSE_MS_MAX = 10000,
};

struct request {
    uint32_t argv_len;
    uint32_t env_len;
    uint32_t text_len;
    uint32_t trace;
    uint32_t env_only;
    uint32_t node;
};

struct warden_state {
    bool namespaces;
    const struct sandbox_plan *plan; /* of node 0; NULL: no sandboxes */
    pid_t eddy;
    char jvm_folder[256]; /* where JVMs of this user keep files by process number; "": unknown */
    pid_t *keeper;
    size_t len;
    size_t cap;
};

/* ---- the warden's side ---- */

/* The name in ps and for pkill -f: that of our program would make the warden die together with
 * us, when it is needed most. The old arguments lie between arg_start and arg_end. */
static void rename_process(void)
{
    static const char name[] = "cage-warden";
    char text[4096];
    unsigned long start = 0;
    unsigned long end = 0;
    const char *field;
    ssize_t len;
    int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
    int i;

    prctl(PR_SET_NAME, name);
    if (fd < 0)
        return;
    len = read(fd, text, sizeof(text) - 1);
    close(fd);
    text[len > 0 ? len : 0] = '\0';
    field = strrchr(text, ')');
    for (i = 3; field != NULL && i <= 49; i++) { /* behind the name comes field 3 */
        field = strchr(field + 1, ' ');
        if (i == 48 && field != NULL)
            start = strtoul(field, NULL, 10);
        if (i == 49 && field != NULL)
            end = strtoul(field, NULL, 10);
    }
    if (start == 0 || end <= start + sizeof(name))
        return;
    memset((void *)start, 0, end - start);
    memcpy((void *)start, name, sizeof(name));
}

static bool own_proc(void)
{
    return mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) == 0 &&
           mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0;
}

/* Once, at the beginning: to look up a user's name takes longer than all else a keeper does. */
static void find_jvm_folder(struct warden_state *w)
{
    const struct passwd *user = getpwuid(geteuid());

    if (user != NULL && strchr(user->pw_name, '/') == NULL)
        snprintf(w->jvm_folder, sizeof(w->jvm_folder), "/tmp/hsperfdata_%s", user->pw_name);
}

/* Each node its own folder for the JVM's files. A JVM runs without it, so nothing may fail here. */
static void own_jvm_files(const char *folder)
{
    if (folder[0] != '\0' && (mkdir(folder, 0755) == 0 || errno == EEXIST))
        (void)!mount("tmpfs", folder, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=755");
}

/* A process that is 1 in a namespace of its own if that can be had. The raw call shares nothing
 * and copies everything, as fork does; the keeper is single-threaded. */
static pid_t fork_keeper(struct warden_state *w, const struct sandbox_plan *plan,
                         enum sandbox_step *ret_step)
{
    pid_t pid = -1;
    int no_fd = -1;

    if (plan != NULL && plan->spec.level >= SANDBOX_B)
        return sandbox_fork(plan, &no_fd, ret_step); /* all of it or nothing */
    if (w->namespaces)
        pid = (pid_t)syscall(SYS_clone, CLONE_NEWPID | CLONE_NEWNS | SIGCHLD, 0, 0, 0, 0);
    return pid >= 0 ? pid : fork();
}

static void remember_keeper(struct warden_state *w, pid_t pid)
{
    w->keeper = mem_grow(w->keeper, &w->cap, w->len + 1, sizeof(pid));
    w->keeper[w->len++] = pid;
}

/* Once, at the beginning: whether a namespace with a /proc works here. The child that tries it says
 * so before it ends: the kernel takes some milliseconds to take a namespace down, in which the
 * first node can be started. Until then it counts as a keeper that has nothing to keep. */
static bool namespaces_work(struct warden_state *w)
{
    int answer[2];
    bool works = false;
    pid_t pid;
    char yes;

    if (pipe2(answer, O_CLOEXEC) < 0)
        return false;
    pid = (pid_t)syscall(SYS_clone, CLONE_NEWPID | CLONE_NEWNS | SIGCHLD, 0, 0, 0, 0);
    if (pid == 0) {
        if (own_proc())
            (void)!write(answer[1], "y", 1);
        _exit(0);
    }
    close(answer[1]);
    if (pid > 0) {
        remember_keeper(w, pid);
        works = read(answer[0], &yes, 1) == 1;
    }
    close(answer[0]);
    return works;
}

static char **cut_texts(const char **at, const char *end, uint32_t count)
{
    char **texts = mem_zalloc((count + 1) * sizeof(*texts));
    uint32_t i;

    for (i = 0; i < count && *at < end; i++) {
        texts[i] = (char *)*at;
        *at += strlen(*at) + 1;
    }
    return texts;
}

_Noreturn static void run_keeper(const struct warden_state *w, const struct sandbox_plan *plan,
                                 const char *message, size_t len, const int fd[REQUEST_FDS])
{
    const struct request *r = (const struct request *)message;
    const char *at = message + sizeof(*r);
    const char *end = message + len;
    struct keeper_task task = {
        .control_fd = fd[0],
        .gate_fd = fd[1],
        .stdio_fd = {fd[2], fd[3], fd[4]},
        .trace = r->trace,
        .env_only = r->env_only != 0,
        .eddy_fd = fcntl(EDDY_FD, F_GETFD) < 0 ? -1 : EDDY_FD,
        .node = r->node,
        .plan = plan,
    };

    prctl(PR_SET_NAME, "cage-keeper");
    if (getpid() == 1 && plan == NULL) {
        if (!own_proc())
            _exit(1);
        own_jvm_files(w->jvm_folder);
    }
    prctl(PR_SET_CHILD_SUBREAPER, PLANT_CAGE != 1);
    close(SOCKET_FD);
    close(CHILD_FD);
    task.path = at;
    at += strlen(at) + 1;
    task.cwd = at;
    at += strlen(at) + 1;
    task.data = at;
    at += strlen(at) + 1;
    task.argv = cut_texts(&at, end, r->argv_len);
    task.env = cut_texts(&at, end, r->env_len);
    keeper_main(&task);
}

/* The folder that the node may change is the third text. */
static void plan_node(const struct warden_state *w, const char *message, struct sandbox_plan *plan)
{
    const char *path = message + sizeof(struct request);
    const char *cwd = path + strlen(path) + 1;
    const char *data = cwd + strlen(cwd) + 1;

    if (w->plan == NULL)
        return;
    *plan = *w->plan;
    sandbox_plan_slot(plan, w->plan->slot + ((const struct request *)message)->node);
    plan->data_dir = data[0] != '\0' ? data : NULL;
}

/* False: our process closed its end. */
static bool serve(struct warden_state *w, char *message)
{
    union {
        struct cmsghdr head;
        char space[CMSG_SPACE(REQUEST_FDS * sizeof(int))];
    } side = {0};
    struct iovec body = {message, sizeof(struct request) + WARDEN_TEXT_MAX};
    struct msghdr mail = {
        .msg_iov = &body, .msg_iovlen = 1, .msg_control = &side, .msg_controllen = sizeof(side)};
    ssize_t len = recvmsg(SOCKET_FD, &mail, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    struct cmsghdr *cmsg;
    struct sandbox_plan plan;
    enum sandbox_step step = STEP_NONE;
    int fd[REQUEST_FDS];
    pid_t pid;
    int i;

    if (len < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    cmsg = len > 0 ? CMSG_FIRSTHDR(&mail) : NULL;
    if (cmsg == NULL || cmsg->cmsg_len != CMSG_LEN(sizeof(fd)))
        return false;
    memcpy(fd, CMSG_DATA(cmsg), sizeof(fd));
    plan_node(w, message, &plan);
    pid = fork_keeper(w, w->plan != NULL ? &plan : NULL, &step);
    if (pid == 0 && step != STEP_NONE) {
        spawn_sandbox_failed(fd[1], (int)step);
        _exit(1);
    }
    if (pid == 0)
        run_keeper(w, w->plan != NULL ? &plan : NULL, message, (size_t)len, fd);
    for (i = 0; i < REQUEST_FDS; i++)
        close(fd[i]);
    if (pid > 0)
        remember_keeper(w, pid);
    return true;
}

static bool forget_keeper(struct warden_state *w, pid_t pid)
{
    size_t i;

    for (i = 0; i < w->len; i++)
        if (w->keeper[i] == pid) {
            w->keeper[i] = w->keeper[--w->len];
            return true;
        }
    return false;
}

/* Children that are no keepers had a keeper that was killed. One pass a death is enough: killing
 * them brings the next ones up to us, and their deaths the next pass. */
static void kill_strangers(const struct warden_state *w)
{
    struct tree tree = {0};
    size_t i;
    size_t j;

    tree_below(&tree, getpid());
    for (i = 0; i < tree.len; i++) {
        const struct tree_process *p = &tree.process[i];
        bool is_keeper = p->parent != getpid() || p->state == 'Z';

        for (j = 0; j < w->len; j++)
            is_keeper = is_keeper || w->keeper[j] == p->pid;
        if (!is_keeper)
            kill(p->pid, SIGKILL);
    }
    tree_release(&tree);
}

/* False: there are no children. */
static bool reap(struct warden_state *w)
{
    bool orphans = false;

    for (;;) {
        int status;
        pid_t pid = waitpid(-1, &status, WNOHANG | __WALL);

        if (pid < 0 && errno == EINTR)
            continue;
        if (pid <= 0) {
            if (orphans)
                kill_strangers(w);
            return pid == 0;
        }
        /* A keeper ends with 0 only when nothing is left below it. */
        if (!forget_keeper(w, pid) || status != 0)
            orphans = true;
    }
}

/* Our process is gone. The keepers know it too and end by themselves; one that does not (stopped
 * by the program it keeps) is killed, and its children come to us. */
_Noreturn static void finish(struct warden_state *w)
{
    struct pollfd child = {.fd = CHILD_FD, .events = POLLIN};
    struct signalfd_siginfo info;
    size_t i;

    close(SOCKET_FD);
    while (reap(w)) {
        if (poll(&child, 1, CLOSE_MS_MAX / 5) == 0) {
            for (i = 0; i < w->len; i++)
                kill(w->keeper[i], SIGKILL);
            kill_strangers(w);
        }
        (void)!read(CHILD_FD, &info, sizeof(info));
    }
    if (w->plan != NULL && w->plan->spec.level >= SANDBOX_A && kill(w->eddy, 0) < 0)
        sandbox_cgroup_sweep(w->eddy); /* killed: it could not do so itself */
    _exit(0);
}

_Noreturn static void warden_loop(const struct warden_options *options, pid_t eddy)
{
    struct warden_state w = {0};
    char *message = mem_alloc(sizeof(struct request) + WARDEN_TEXT_MAX);
    struct pollfd waiting[3] = {
        {.fd = SOCKET_FD, .events = POLLIN},
        {.fd = CHILD_FD, .events = POLLIN},
        {.fd = fcntl(EDDY_FD, F_GETFD) < 0 ? -1 : EDDY_FD, .events = POLLIN},
    };

    w.plan = options->plan;
    w.eddy = eddy;
    w.namespaces = options->namespaces && w.plan == NULL && PLANT_CAGE != 1 && namespaces_work(&w);
    if (w.namespaces)
        find_jvm_folder(&w);
    for (;;) {
        struct signalfd_siginfo info;

        if (poll(waiting, 3, -1) < 0)
            continue;
        if (waiting[1].revents != 0) {
            (void)!read(CHILD_FD, &info, sizeof(info));
            reap(&w);
        }
        if (waiting[0].revents != 0 && !serve(&w, message))
            finish(&w);
        if (waiting[2].revents != 0)
            finish(&w);
    }
}

/* Descriptors 0-2 lead nowhere, 3-5 are the warden's own, all others are closed: a pipe of our
 * process that stayed open here would keep somebody else waiting. */
static bool settle(int socket_fd, int eddy_fd)
{
    sigset_t all;
    sigset_t child;
    int low_fd[3];
    int i;

    setsid();
    rename_process();
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    signal(SIGCHLD, SIG_DFL); /* ignored, it would reap by itself */
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    low_fd[0] = fcntl(socket_fd, F_DUPFD, 16);
    low_fd[1] = eddy_fd < 0 ? -1 : fcntl(eddy_fd, F_DUPFD, 16);
    low_fd[2] = signalfd(-1, &child, SFD_NONBLOCK);
    low_fd[2] = low_fd[2] < 0 ? -1 : fcntl(low_fd[2], F_DUPFD, 16);
    if (low_fd[0] < 0 || low_fd[2] < 0)
        return false;
    for (i = 0; i < 3; i++) {
        close(i);
        if (open("/dev/null", O_RDWR) != i)
            return false;
    }
    close(EDDY_FD);
    for (i = 0; i < 3; i++)
        if (low_fd[i] >= 0)
            dup3(low_fd[i], SOCKET_FD + i, O_CLOEXEC);
    return close_range(OTHER_FD, ~0U, 0) == 0;
}

/* ---- our side ---- */

/* Counts from the processor we are on, so that many cages at once spread over the machine. The
 * warden inherits it, and the nodes from the warden. */
static void restrict_cpus(struct warden *w, int count)
{
    cpu_set_t chosen;
    int here = sched_getcpu();
    int i;

    CPU_ZERO(&chosen);
    if (count <= 0 || here < 0 || sched_getaffinity(0, sizeof(w->cpus), &w->cpus) < 0)
        return;
    for (i = 0; i < CPU_SETSIZE && CPU_COUNT(&chosen) < count; i++)
        if (CPU_ISSET((here + i) % CPU_SETSIZE, &w->cpus))
            CPU_SET((here + i) % CPU_SETSIZE, &chosen);
    w->restricted = sched_setaffinity(0, sizeof(chosen), &chosen) == 0;
}

static void free_cpus(struct warden *w)
{
    if (w->restricted)
        sched_setaffinity(0, sizeof(w->cpus), &w->cpus);
    w->restricted = false;
}

int warden_open(const struct warden_options *options, struct warden *ret_warden, struct err *err)
{
    struct warden w = {.fd = -1};
    int fd[2];
    int eddy_fd;
    int size = 2 * WARDEN_TEXT_MAX;
    pid_t eddy = getpid();
    pid_t pid;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) < 0)
        return err_set_errno(err, ERR_MACHINE, "the cage cannot make a socket pair");
    setsockopt(fd[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
    eddy_fd = (int)syscall(SYS_pidfd_open, getpid(), 0);
    restrict_cpus(&w, options->cpu_count);
    pid = fork();
    if (pid == 0) {
        if (!settle(fd[1], eddy_fd))
            _exit(1);
        warden_loop(options, eddy);
    }
    sched_yield(); /* on one processor: it tries the namespaces while we go on */
    if (eddy_fd >= 0)
        close(eddy_fd);
    close(fd[1]);
    if (pid < 0) {
        close(fd[0]);
        free_cpus(&w);
        return err_set_errno(err, ERR_MACHINE, "the cage cannot start its warden process");
    }
    w.fd = fd[0];
    w.pid = pid;
    *ret_warden = w;
    return 0;
}

static bool wait_until_gone(pid_t pid, int64_t ms)
{
    struct pollfd gone = {.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN};
    struct timespec moment = {.tv_nsec = 1000000};
    int status;

    if (gone.fd >= 0) {
        while (poll(&gone, 1, (int)ms) < 0 && errno == EINTR)
            ;
        close(gone.fd);
        ms = 0;
    }
    for (;;) {
        pid_t done = waitpid(pid, &status, WNOHANG);

        if (done == pid || (done < 0 && errno != EINTR))
            return true;
        if (done == 0 && ms-- <= 0)
            return false;
        nanosleep(&moment, NULL);
    }
}

void warden_close(struct warden *w)
{
    if (w->fd < 0)
        return;
    close(w->fd);
    if (!wait_until_gone(w->pid, CLOSE_MS_MAX)) {
        kill(w->pid, SIGKILL);
        wait_until_gone(w->pid, CLOSE_MS_MAX);
    }
    free_cpus(w);
    w->fd = -1;
}

static uint32_t add_texts(struct buf *to, const char *const *texts)
{
    uint32_t count = 0;

    for (; texts != NULL && texts[count] != NULL; count++)
        buf_add(to, texts[count], strlen(texts[count]) + 1);
    return count;
}

int warden_start(const struct warden *w, const struct keeper_task *task, struct err *err)
{
    int fd[REQUEST_FDS] = {task->control_fd, task->gate_fd, task->stdio_fd[0], task->stdio_fd[1],
                           task->stdio_fd[2]};
    union {
        struct cmsghdr head;
        char space[CMSG_SPACE(sizeof(fd))];
    } side = {0};
    struct request request = {.trace = task->trace, .env_only = task->env_only, .node = task->node};
    struct buf text = {0};
    struct iovec body[2];
    struct msghdr mail = {
        .msg_iov = body, .msg_iovlen = 2, .msg_control = &side, .msg_controllen = sizeof(side)};
    struct cmsghdr *cmsg = CMSG_FIRSTHDR(&mail);
    int status = 0;

    buf_add(&text, task->path, strlen(task->path) + 1);
    buf_add(&text, task->cwd, strlen(task->cwd) + 1);
    buf_add(&text, task->data, strlen(task->data) + 1);
    request.argv_len = add_texts(&text, (const char *const *)task->argv);
    request.env_len = add_texts(&text, (const char *const *)task->env);
    request.text_len = (uint32_t)text.len;
    body[0] = (struct iovec){&request, sizeof(request)};
    body[1] = (struct iovec){text.data, text.len};
    *cmsg = (struct cmsghdr){
        .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(fd))};
    memcpy(CMSG_DATA(cmsg), fd, sizeof(fd));
    if (text.len > WARDEN_TEXT_MAX)
        status = err_set(err, ERR_INPUT, "its arguments and environment take %zu bytes, over %d",
                         text.len, WARDEN_TEXT_MAX);
    else if (sendmsg(w->fd, &mail, MSG_NOSIGNAL) < 0)
        status = err_set_errno(err, ERR_MACHINE, "the warden process does not answer");
    buf_release(&text);
    return status;
}
