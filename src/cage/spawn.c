/* exec(2) says little: ENOENT may mean the program or the interpreter in its first line, EACCES a
 * folder or a missing permission. The learner deserves the real reason, so after a failure we look
 * at the file ourselves. The search through PATH is ours too, so that the reason can name it. */
#include "spawn.h"

#include "../base/err.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "keeper.h"
#include "sandbox_parts.h"
#include "vt_child.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { START_MS_MAX = 60000, HEAD_MAX = 256 };

/* ---- in the new process ---- */

_Noreturn static void fail(int gate_fd, enum spawn_step step)
{
    struct spawn_word word = {(int32_t)step, errno};

    (void)!send(gate_fd, &word, sizeof(word), MSG_NOSIGNAL);
    _exit(127);
}

void spawn_sandbox_failed(int gate_fd, int sandbox_step)
{
    struct spawn_word word = {SPAWN_SANDBOX + sandbox_step, errno};

    (void)!send(gate_fd, &word, sizeof(word), MSG_NOSIGNAL);
}

_Noreturn static void fail_sandbox(int gate_fd, enum sandbox_step step)
{
    spawn_sandbox_failed(gate_fd, (int)step);
    _exit(127);
}

/* The raw call: signal(2) of the C library does not touch 32 and 33, which it keeps for itself, but
 * who started us may have had them ignored, and that is inherited. */
static void default_signals(void)
{
    static const unsigned long by_default[4]; /* the kernel's struct sigaction: SIG_DFL, no flags */
    sigset_t none;
    int signal_number;

    for (signal_number = 1; signal_number < NSIG; signal_number++)
        syscall(SYS_rt_sigaction, signal_number, by_default, NULL, sizeof(uint64_t));
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void set_environment(const struct keeper_task *task)
{
    bool sandboxed = task->plan != NULL && PLANT_SANDBOX != PLANT_KEEPS_ENVIRONMENT;
    int i;

    if (task->env_only || sandboxed)
        clearenv();
    for (i = 0; sandboxed && sandbox_env[i] != NULL; i++)
        putenv((char *)(uintptr_t)sandbox_env[i]);
    for (i = 0; task->env[i] != NULL; i++)
        if (!sandboxed || strncmp(task->env[i], "EDDY_", 5) == 0)
            putenv(task->env[i]);
}

/* What the virtual clock needs is done before the sandbox closes: it asks for calls that the
 * program may not. The sandbox's filter is the last, over that of the clock. */
static void prepare(const struct keeper_task *task)
{
    enum sandbox_step step = STEP_NONE;

    if (task->plan != NULL && !sandbox_lower(task->plan, &step))
        fail_sandbox(task->gate_fd, step);
    if (task->trace != 0 && vt_child_prepare(task->trace) < 0)
        fail(task->gate_fd, SPAWN_TRACE);
    if (task->cwd[0] != '\0' && chdir(task->cwd) < 0)
        fail(task->gate_fd, SPAWN_CHDIR);
    if (task->plan != NULL && !sandbox_seal(task->plan, &step))
        fail_sandbox(task->gate_fd, step);
}

_Noreturn void spawn_child(const struct keeper_task *task, pid_t parent)
{
    struct spawn_word word = {SPAWN_HERE, 0};
    char go;
    int i;

    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(127); /* the keeper died before the line above */
    prctl(PR_SET_CHILD_SUBREAPER, 0);
    for (i = 0; i < 3; i++)
        dup2(task->stdio_fd[i], i);
    if (PLANT_SANDBOX != PLANT_KEEPS_DESCRIPTORS)
        close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    set_environment(task);
    if (send(task->gate_fd, &word, sizeof(word), MSG_NOSIGNAL) < 0 ||
        recv(task->gate_fd, &go, 1, 0) != 1)
        _exit(127);
    default_signals();
    prepare(task);
    execv(task->path, task->argv);
    fail(task->gate_fd, SPAWN_EXEC);
}

/* ---- our side of the gate ---- */

int spawn_gate(int ret_fd[2], struct err *err)
{
    int on = 1;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret_fd) < 0)
        return err_set_errno(err, ERR_MACHINE, "cannot make a socket pair");
    setsockopt(ret_fd[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)); /* brings its pid */
    return 0;
}

/* Receives one word; its sender's pid as we see it comes beside it. Like recv. */
static ssize_t hear(int gate_fd, int timeout_ms, struct spawn_word *ret_word, pid_t *ret_pid)
{
    union {
        struct cmsghdr head;
        char space[CMSG_SPACE(sizeof(struct ucred))];
    } side = {0};
    struct iovec body = {ret_word, sizeof(*ret_word)};
    struct msghdr mail = {
        .msg_iov = &body, .msg_iovlen = 1, .msg_control = &side, .msg_controllen = sizeof(side)};
    struct pollfd waiting = {.fd = gate_fd, .events = POLLIN};
    struct cmsghdr *cmsg;
    struct ucred sender;
    ssize_t len;

    while (poll(&waiting, 1, timeout_ms) < 0 && errno == EINTR)
        ;
    len = recvmsg(gate_fd, &mail, MSG_DONTWAIT);
    cmsg = len > 0 ? CMSG_FIRSTHDR(&mail) : NULL;
    if (cmsg != NULL && cmsg->cmsg_type == SCM_CREDENTIALS) {
        memcpy(&sender, CMSG_DATA(cmsg), sizeof(sender));
        *ret_pid = sender.pid;
    }
    return len;
}

static int explain_sandbox(const struct spawn_word *word, struct err *err)
{
    errno = word->error;
    return err_set_errno(err, ERR_MACHINE, "the sandbox failed at %s",
                         sandbox_step_name((enum sandbox_step)(word->step - SPAWN_SANDBOX)));
}

pid_t spawn_wait(int gate_fd, struct err *err)
{
    struct spawn_word word;
    pid_t pid = 0;
    ssize_t len = hear(gate_fd, START_MS_MAX, &word, &pid);

    if (len == (ssize_t)sizeof(word) && word.step == SPAWN_HERE && pid > 0)
        return pid;
    if (len == (ssize_t)sizeof(word) && word.step >= SPAWN_SANDBOX)
        return explain_sandbox(&word, err);
    return err_set(err, ERR_MACHINE,
                   len < 0 ? "no process came up within a minute"
                           : "the machine gives no new process; is a limit on processes reached?");
}

void spawn_go(int gate_fd)
{
    (void)!send(gate_fd, "", 1, MSG_NOSIGNAL);
}

/* ---- why it did not start ---- */

/* The first bytes of the file, as text; "" if they cannot be read. */
static size_t read_head(const char *path, char into[HEAD_MAX])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t len = fd < 0 ? 0 : read(fd, into, HEAD_MAX - 1);

    if (fd >= 0)
        close(fd);
    len = len < 0 ? 0 : len;
    into[len] = '\0';
    return (size_t)len;
}

bool spawn_needs_shell(const char *path)
{
    char head[HEAD_MAX];
    struct stat st;
    size_t len, i;

    if (stat(path, &st) < 0 || !S_ISREG(st.st_mode) || access(path, X_OK) < 0)
        return false;
    len = read_head(path, head);
    for (i = 0; i < len; i++)
        if ((unsigned char)head[i] < ' ' && strchr("\t\n\v\f\r\b\033", head[i]) == NULL)
            return false;
    return len > 0 && strlen(head) == len && strncmp(head, "#!", 2) != 0;
}

/* The interpreter in "#! /bin/x arguments", cut out of head in place; NULL: there is none. */
static char *interpreter(char head[HEAD_MAX])
{
    char *name;

    if (strncmp(head, "#!", 2) != 0)
        return NULL;
    name = head + 2 + strspn(head + 2, " \t");
    name[strcspn(name, " \t\n")] = '\0';
    return name;
}

static int explain_missing(const char *path, struct err *err)
{
    char head[HEAD_MAX];
    char *name;
    size_t len;

    if (access(path, F_OK) < 0)
        return err_set(err, ERR_INPUT, "there is no program at %s", path);
    read_head(path, head);
    name = interpreter(head);
    if (name == NULL)
        return err_set(err, ERR_INPUT,
                       "%s is there, but the loader it asks for is not on this machine; was it "
                       "built for another system?",
                       path);
    len = strlen(name);
    if (len > 0 && name[len - 1] == '\r') {
        name[len - 1] = '\0';
        return err_set(err, ERR_INPUT,
                       "the first line of %s ends as Windows ends lines, so its interpreter %s is "
                       "not found; run: sed -i 's/\\r$//' %s",
                       path, name, path);
    }
    return err_set(err, ERR_INPUT,
                   "the first line of %s names the interpreter %s, which is not there; install it "
                   "or correct the line",
                   path, name);
}

static int explain_denied(const char *path, struct err *err)
{
    char head[HEAD_MAX];
    char *name;
    struct stat st;

    if (stat(path, &st) < 0)
        return err_set_errno(err, ERR_INPUT, "%s cannot be reached", path);
    if (S_ISDIR(st.st_mode))
        return err_set(err, ERR_INPUT, "%s is a folder, not a program", path);
    if (!S_ISREG(st.st_mode))
        return err_set(err, ERR_INPUT, "%s is not a file that can be run", path);
    if (access(path, X_OK) < 0)
        return err_set(err, ERR_INPUT, "%s is not executable; run: chmod +x %s", path, path);
    read_head(path, head);
    name = interpreter(head);
    if (name != NULL)
        return err_set(err, ERR_INPUT,
                       "the first line of %s names the interpreter %s, which cannot be run", path,
                       name);
    return err_set(err, ERR_INPUT, "the system does not allow to run %s", path);
}

static int explain_format(const char *path, struct err *err)
{
    char head[HEAD_MAX];
    size_t len = read_head(path, head);

    if (len == 0)
        return err_set(err, ERR_INPUT, "%s is empty", path);
    if (memcmp(head, "\177ELF", len < 4 ? len : 4) == 0)
        return err_set(err, ERR_INPUT,
                       "%s is a program for another kind of processor; build it on this machine",
                       path);
    return err_set(err, ERR_INPUT,
                   "%s is neither a program nor a script with a #! line; give it a first line such "
                   "as #!/usr/bin/env python3",
                   path);
}

static int explain(const struct spawn_word *word, const char *path, const char *cwd,
                   struct err *err)
{
    if (word->step >= SPAWN_SANDBOX)
        return explain_sandbox(word, err);
    if (word->step == SPAWN_CHDIR) {
        errno = word->error;
        return err_set_errno(err, ERR_INPUT, "its folder %s cannot be entered", cwd);
    }
    if (word->step == SPAWN_TRACE) {
        errno = word->error;
        return err_set_errno(err, ERR_MACHINE,
                             "the virtual clock needs a seccomp filter, which was refused; use "
                             "--clock real, or allow seccomp");
    }
    switch (word->error) {
    case ENOENT:
    case ENOTDIR:
        return explain_missing(path, err);
    case EACCES:
        return explain_denied(path, err);
    case ENOEXEC:
        return explain_format(path, err);
    case E2BIG:
        return err_set(err, ERR_INPUT, "the arguments and environment of %s are too long", path);
    case ETXTBSY:
        return err_set(err, ERR_INPUT, "%s is open for writing; is it still being built?", path);
    default:
        errno = word->error;
        return err_set_errno(err, ERR_INPUT, "%s cannot be run", path);
    }
}

int spawn_result(int gate_fd, bool wait, const char *path, const char *cwd, struct err *err)
{
    struct spawn_word word;
    pid_t pid;
    ssize_t len = hear(gate_fd, wait ? START_MS_MAX : 0, &word, &pid);

    if (len == 0 || (len < 0 && errno == ECONNRESET))
        return 1;
    if (len == (ssize_t)sizeof(word))
        return explain(&word, path, cwd, err);
    if (!wait)
        return 0;
    return err_set(err, ERR_MACHINE, "%s did not come up within a minute", path);
}

/* ---- PATH ---- */

static char *join(const char *folder, size_t folder_len, const char *name)
{
    struct buf path = {0};

    buf_add(&path, folder, folder_len);
    buf_addf(&path, "%s%s", folder_len > 0 ? "/" : "./", name);
    return buf_take(&path);
}

static bool is_program(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

int spawn_find(const char *name, const char *search_path, char **ret_path, struct err *err)
{
    const char *at = search_path;

    if (name[0] == '/') {
        *ret_path = mem_strdup(name);
        return 0;
    }
    if (strchr(name, '/') != NULL) {
        char *here = getcwd(NULL, 0);

        if (here == NULL)
            return err_set_errno(err, ERR_MACHINE, "the current folder has no name");
        *ret_path = join(here, strlen(here), name);
        free(here);
        return 0;
    }
    for (; name[0] != '\0' && at != NULL; at = strchr(at, ':') ? strchr(at, ':') + 1 : NULL) {
        char *path = join(at, strcspn(at, ":"), name);

        if (is_program(path)) {
            *ret_path = path;
            return 0;
        }
        mem_free(path);
    }
    return err_set(err, ERR_INPUT,
                   "there is no program called \"%s\" in the folders of PATH; a program in the "
                   "current folder is written ./%s",
                   name, name);
}
