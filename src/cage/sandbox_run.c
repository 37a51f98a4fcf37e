/* One command in a sandbox of its own.
 *
 *     we --clone--> first process (1 in its namespace) --fork--> the program
 *      ^--- one socket: a failed step, or how it ended, and the descriptor of out_dir ---'
 *
 * The first process only waits: when the program ends it reports and ends too, and the kernel ends
 * everything else in the namespace with it, daemons included. So output is over when the first
 * process is gone, whoever still holds the pipes: we read what is in them and do not wait for their
 * end. Without namespaces (levels C, D) the first process adopts orphans and kills them by number.
 *
 * Limits in the order in which they are named when several hold: what we stopped it for, memory,
 * file size, tasks. */
#include "sandbox_parts.h"

#include "../base/clock.h"
#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KEPT_DEFAULT = 1 << 20, READ_SIZE = 1 << 16, ENV_MAX = 256, DRAIN_READS_MAX = 64 };

static const int64_t IDLE_STEP_NS = 1000000000;

enum word { WORD_OUT, WORD_FAILED, WORD_ENDED };

/* What comes over the socket. */
struct report {
    int32_t word;
    int32_t step; /* WORD_FAILED, with errno */
    int32_t error;
    int32_t status; /* WORD_ENDED, as of wait(2) */
    int64_t cpu_ns;
    int64_t peak_bytes;
};

/* One running command. */
struct running {
    const struct sandbox_spec *spec;
    const struct sandbox_command *command;
    struct sandbox_plan plan;
    struct sandbox_cgroup *cgroup;
    char scratch[64]; /* level C and D: a folder for TMPDIR; "" else */
    const char *env[ENV_MAX];
    char scratch_env[2][80];
    int theirs[3];
    int ours[3];   /* of stdout and stderr; [0] is not used */
    int report[2]; /* [0] ours */
    int pidfd;
    pid_t pid; /* of the first process */
    int out_fd;
    int64_t counted[2]; /* bytes of stdout and stderr, kept or not */
    bool reported;
    struct report end;
    int64_t start_ns;
    int64_t looked_ns; /* after the start, at its load: a look reads all of /proc */
    int64_t cpu_ns;    /* used at the last look */
    int64_t idle_ns;   /* since it used any */
    struct sandbox_stop stop;
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* ---- inside ---- */

static void tell(int fd, const struct report *report, int passed_fd)
{
    union {
        struct cmsghdr head;
        char space[CMSG_SPACE(sizeof(int))];
    } side = {0};
    struct iovec body = {(void *)(uintptr_t)report, sizeof(*report)};
    struct msghdr mail = {.msg_iov = &body, .msg_iovlen = 1};

    if (passed_fd >= 0) {
        side.head = (struct cmsghdr){
            .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int))};
        memcpy(CMSG_DATA(&side.head), &passed_fd, sizeof(passed_fd));
        mail.msg_control = &side;
        mail.msg_controllen = sizeof(side);
    }
    (void)!sendmsg(fd, &mail, MSG_NOSIGNAL);
}

_Noreturn static void die(int report_fd, enum sandbox_step step)
{
    struct report report = {.word = WORD_FAILED, .step = (int32_t)step, .error = errno};

    tell(report_fd, &report, -1);
    _exit(127);
}

static void default_signals(void)
{
    static const unsigned long by_default[4]; /* the kernel's struct sigaction: SIG_DFL */
    sigset_t none;
    int number;

    for (number = 1; number < NSIG; number++)
        syscall(SYS_rt_sigaction, number, by_default, NULL, sizeof(uint64_t));
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

_Noreturn static void become_program(const struct running *r)
{
    const char *cwd = r->command->cwd != NULL ? r->command->cwd : r->command->out_dir;
    enum sandbox_step step = STEP_NONE;
    int report_fd = r->report[1];
    int i;

    setsid();
    default_signals();
    for (i = 0; i < 3; i++)
        if (dup2(r->theirs[i], i) < 0)
            die(report_fd, STEP_START);
    if (PLANT_SANDBOX != PLANT_KEEPS_DESCRIPTORS)
        close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    if (!sandbox_lower(&r->plan, &step))
        die(report_fd, step);
    if (chdir(cwd != NULL ? cwd : "/") < 0)
        die(report_fd, STEP_CHDIR);
    if (!sandbox_seal(&r->plan, &step))
        die(report_fd, step);
    execve(r->command->path, (char *const *)(uintptr_t)r->command->argv,
           (char *const *)(uintptr_t)r->env);
    die(report_fd, STEP_EXEC);
}

/* Without a namespace: everything below us, until wait(2) says that nothing is left. */
static void kill_below(void)
{
    struct tree tree = {0};
    pid_t pid;
    size_t i;

    while ((pid = waitpid(-1, NULL, __WALL | WNOHANG)) >= 0 || errno == EINTR) {
        if (pid != 0)
            continue;
        tree_below(&tree, getpid());
        for (i = 0; i < tree.len; i++)
            if (tree.process[i].state != 'Z')
                kill(tree.process[i].pid, SIGKILL);
        (void)waitpid(-1, NULL, __WALL);
    }
    tree_release(&tree);
}

_Noreturn static void wait_for_program(const struct running *r, pid_t program)
{
    struct report report = {.word = WORD_ENDED};
    struct rusage used;
    pid_t pid;
    int status;

    while ((pid = waitpid(-1, &status, __WALL)) != program)
        if (pid < 0 && errno != EINTR)
            _exit(1);
    if (r->spec->level < SANDBOX_B)
        kill_below();
    getrusage(RUSAGE_CHILDREN, &used);
    report.status = status;
    report.cpu_ns = (int64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000000 +
                    (int64_t)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1000;
    report.peak_bytes = (int64_t)used.ru_maxrss * 1024;
    tell(r->report[1], &report, -1);
    _exit(0);
}

_Noreturn static void be_first(const struct running *r, int out_fd, enum sandbox_step step)
{
    struct report out = {.word = WORD_OUT};
    int report_fd = r->report[1];
    pid_t program;

    int error = errno;

    prctl(PR_SET_PDEATHSIG, SIGKILL); /* here: taking ids undoes it */
    prctl(PR_SET_NAME, "sandbox");
    setsid();
    errno = error;
    if (step != STEP_NONE)
        die(report_fd, step);
    if (r->spec->level < SANDBOX_B)
        prctl(PR_SET_CHILD_SUBREAPER, 1);
    if (out_fd >= 0) {
        tell(report_fd, &out, out_fd);
        close(out_fd);
    }
    /* fork(3) would take locks that a thread of our parent may have held at the copy. */
    program = r->spec->level >= SANDBOX_B ? (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) : fork();
    if (program == 0)
        become_program(r);
    if (program < 0 || !sandbox_settle(&r->plan, &step))
        die(report_fd, program < 0 ? STEP_START : step);
    dup2(r->report[1], 3);
    close_range(0, 2, 0);
    close_range(4, ~0U, 0);
    ((struct running *)(uintptr_t)r)->report[1] = 3;
    wait_for_program(r, program);
}

/* ---- outside: making it ---- */

/* All of the input at once: a file in memory that has no name. Nobody has to feed it. */
static int open_input(struct running *r, struct err *err)
{
    struct str input = r->command->input;
    char path[64];
    ssize_t len = 0;
    int fd;

    if (input.len == 0) {
        r->theirs[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
        return r->theirs[0] < 0 ? err_set_errno(err, ERR_MACHINE, "/dev/null cannot be opened") : 0;
    }
    fd = memfd_create("stdin", MFD_CLOEXEC);
    while (fd >= 0 && input.len > 0 && (len = write(fd, input.data, input.len)) > 0)
        input = (struct str){input.data + len, input.len - (size_t)len};
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    r->theirs[0] = open(path, O_RDONLY | O_CLOEXEC);
    close_fd(&fd);
    return r->theirs[0] < 0 || input.len > 0
               ? err_set_errno(err, ERR_MACHINE, "the sandbox cannot keep the input")
               : 0;
}

static int open_pipes(struct running *r, struct err *err)
{
    int status = open_input(r, err);
    int i;

    if (status < 0)
        return status;
    for (i = 1; i < 3; i++) {
        int fd[2];

        if (pipe2(fd, O_CLOEXEC) < 0)
            return err_set_errno(err, ERR_MACHINE, "the sandbox cannot make a pipe");
        r->ours[i] = fd[0];
        r->theirs[i] = fd[1];
        (void)fcntl(r->ours[i], F_SETFL, O_NONBLOCK);
    }
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, r->report) < 0)
        return err_set_errno(err, ERR_MACHINE, "the sandbox cannot make a socket pair");
    return 0;
}

static int make_scratch(struct running *r, struct err *err)
{
    if (r->spec->level >= SANDBOX_B || r->spec->level == SANDBOX_OFF)
        return 0;
    snprintf(r->scratch, sizeof(r->scratch), "/tmp/eddy-sandbox-XXXXXX");
    if (mkdtemp(r->scratch) == NULL) {
        r->scratch[0] = '\0';
        return err_set_errno(err, ERR_MACHINE, "the sandbox cannot make a folder in /tmp");
    }
    r->plan.data_dir = r->scratch;
    return r->plan.uid != 0 ? sandbox_hand_over(r->scratch, r->plan.uid, err) : 0;
}

static bool names_scratch(const char *variable)
{
    return strncmp(variable, "HOME=", 5) == 0 || strncmp(variable, "TMPDIR=", 7) == 0;
}

/* A later variable of the same name wins, as in execve's callee; so the command's stand first. */
static void make_env(struct running *r)
{
    const char *const *own = r->command->env;
    size_t len = 0;
    size_t i, j;

    for (i = 0; own != NULL && own[i] != NULL && len < ENV_MAX - 8; i++)
        r->env[len++] = own[i];
    for (i = 0; sandbox_env[i] != NULL; i++) {
        bool given = r->scratch[0] != '\0' && names_scratch(sandbox_env[i]);

        for (j = 0; own != NULL && own[j] != NULL; j++)
            given = given || strncmp(own[j], sandbox_env[i], strcspn(sandbox_env[i], "=") + 1) == 0;
        if (!given)
            r->env[len++] = sandbox_env[i];
    }
    if (r->scratch[0] != '\0') {
        snprintf(r->scratch_env[0], sizeof(r->scratch_env[0]), "HOME=%s", r->scratch);
        snprintf(r->scratch_env[1], sizeof(r->scratch_env[1]), "TMPDIR=%s", r->scratch);
        r->env[len++] = r->scratch_env[0];
        r->env[len++] = r->scratch_env[1];
    }
    if (PLANT_SANDBOX == PLANT_KEEPS_ENVIRONMENT)
        for (i = 0; environ[i] != NULL && len < ENV_MAX - 1; i++)
            r->env[len++] = environ[i];
    r->env[len] = NULL;
}

static int hand_over(const struct running *r, struct err *err)
{
    const char *const *path = r->spec->writable;
    int status = 0;

    for (; status == 0 && r->plan.uid != 0 && path != NULL && *path != NULL; path++)
        status = sandbox_hand_over(*path, r->plan.uid, err);
    if (status == 0 && r->plan.uid != 0 && r->spec->level < SANDBOX_B && r->plan.out_dir != NULL)
        status = sandbox_hand_over(r->plan.out_dir, r->plan.uid, err);
    return status;
}

static int make(struct running *r, struct err *err)
{
    unsigned slot = sandbox_slots(1);
    int status;

    sandbox_plan_init(&r->plan, r->spec, slot);
    r->plan.out_dir = r->command->out_dir;
    status = sandbox_check_folders(&r->plan, err);
    if (status == 0)
        status = hand_over(r, err);
    if (status == 0)
        status = open_pipes(r, err);
    if (status == 0)
        status = make_scratch(r, err);
    if (status == 0 && r->spec->level == SANDBOX_A)
        status = sandbox_cgroup_new(&r->spec->limits, slot, &r->cgroup, err);
    if (status < 0)
        return status;
    if (r->cgroup != NULL)
        sandbox_cgroup_fds(r->cgroup, r->plan.cgroup_fd);
    make_env(r);
    return 0;
}

static int launch(struct running *r, struct err *err)
{
    enum sandbox_step step = STEP_NONE;
    int out_fd = -1;
    int i;

    r->start_ns = clock_real_ns();
    r->pid = r->spec->level >= SANDBOX_B ? sandbox_fork(&r->plan, &out_fd, &step) : fork();
    if (r->pid == 0)
        be_first(r, out_fd, step);
    if (r->pid < 0)
        return err_set_errno(err, ERR_MACHINE, "the sandbox cannot be started");
    r->pidfd = (int)syscall(SYS_pidfd_open, r->pid, 0);
    for (i = 0; i < 3; i++)
        close_fd(&r->theirs[i]);
    close_fd(&r->report[1]);
    return r->pidfd < 0 ? err_set_errno(err, ERR_MACHINE, "the kernel has no pidfd_open") : 0;
}

/* ---- outside: until it ends ---- */

static void hear_report(struct running *r)
{
    union {
        struct cmsghdr head;
        char space[CMSG_SPACE(sizeof(int))];
    } side = {0};
    struct report report;
    struct iovec body = {&report, sizeof(report)};
    struct msghdr mail = {
        .msg_iov = &body, .msg_iovlen = 1, .msg_control = &side, .msg_controllen = sizeof(side)};
    struct cmsghdr *cmsg;

    while (recvmsg(r->report[0], &mail, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) == sizeof(report)) {
        cmsg = CMSG_FIRSTHDR(&mail);
        if (report.word == WORD_OUT && cmsg != NULL && cmsg->cmsg_type == SCM_RIGHTS &&
            r->out_fd < 0) {
            memcpy(&r->out_fd, CMSG_DATA(cmsg), sizeof(r->out_fd));
        } else if (report.word != WORD_OUT && (!r->reported || r->end.word == WORD_ENDED)) {
            r->reported = true; /* the first failure is the reason */
            r->end = report;
        }
        mail.msg_controllen = sizeof(side);
    }
}

/* True: bytes came. What is beyond the cap is counted and dropped. */
static bool hear_stream(struct running *r, int which, struct buf *into)
{
    int64_t bound = r->spec->limits.output_bytes;
    size_t cap = bound > 0 ? (size_t)bound : KEPT_DEFAULT;
    char space[READ_SIZE];
    ssize_t len;

    if (r->ours[1 + which] < 0)
        return false;
    len = read(r->ours[1 + which], space, sizeof(space));
    if (len < 0)
        return errno == EINTR;
    if (len == 0) {
        close_fd(&r->ours[1 + which]);
        return false;
    }
    r->counted[which] += len;
    if (into->len < cap)
        buf_add(into, space, (size_t)len < cap - into->len ? (size_t)len : cap - into->len);
    if (bound > 0 && r->counted[which] > bound && r->stop.limit == SANDBOX_LIMIT_NONE &&
        PLANT_SANDBOX != PLANT_NO_OUTPUT_LIMIT)
        r->stop = (struct sandbox_stop){SANDBOX_LIMIT_OUTPUT, r->counted[which], bound, 0};
    return true;
}

/* Since the last look, for passed_ns. A look that comes late says nothing about what went before
 * it: this process, or the whole machine, may have been held up. */
static void look_for_idleness(struct running *r, const struct sandbox_load *load, int64_t passed_ns)
{
    int64_t bound_ns = r->spec->limits.idle_ns;
    bool idle = bound_ns > 0 && load->cpu_ns == r->cpu_ns && sandbox_is_asleep(r->pid);

    r->cpu_ns = load->cpu_ns;
    r->idle_ns = idle ? r->idle_ns + (passed_ns < IDLE_STEP_NS ? passed_ns : 0) : 0;
    if (idle && r->idle_ns >= bound_ns && r->stop.limit == SANDBOX_LIMIT_NONE)
        r->stop = (struct sandbox_stop){SANDBOX_LIMIT_IDLE, r->idle_ns, bound_ns, 0};
}

static void look_at_limits(struct running *r)
{
    const struct sandbox_limits *l = &r->spec->limits;
    int64_t elapsed = clock_real_ns() - r->start_ns;
    struct sandbox_load load;

    if (r->stop.limit != SANDBOX_LIMIT_NONE)
        return;
    if (l->wall_ns > 0 && elapsed >= l->wall_ns)
        r->stop = (struct sandbox_stop){SANDBOX_LIMIT_TIME, elapsed, l->wall_ns, 0};
    else if ((l->cpu_ns > 0 || l->idle_ns > 0 || r->spec->level < SANDBOX_A) &&
             elapsed - r->looked_ns >= SANDBOX_WATCH_MS * INT64_C(1000000)) {
        sandbox_load(r->pid, &load);
        sandbox_watch(r->spec, &load, &r->stop);
        look_for_idleness(r, &load, elapsed - r->looked_ns);
        r->looked_ns = elapsed;
    }
}

static int next_look_ms(const struct running *r)
{
    const struct sandbox_limits *l = &r->spec->limits;
    int64_t left_ns = l->wall_ns - (clock_real_ns() - r->start_ns);
    bool watched =
        l->cpu_ns > 0 || l->idle_ns > 0 || (r->spec->level < SANDBOX_A && l->memory_bytes > 0);

    if (l->wall_ns > 0 && left_ns < SANDBOX_WATCH_MS * INT64_C(1000000))
        return left_ns <= 0 ? 0 : (int)(left_ns / 1000000) + 1;
    return watched || l->wall_ns > 0 ? SANDBOX_WATCH_MS : -1;
}

/* The kernel ends all that is in its namespace with the first process. Where there is none, the
 * first process must live on to adopt what we kill below it, and then ends by itself. */
static void end_all(const struct running *r)
{
    struct tree tree = {0};
    size_t i;

    if (r->spec->level >= SANDBOX_B) {
        kill(r->pid, SIGKILL);
        return;
    }
    tree_below(&tree, r->pid);
    for (i = 0; i < tree.len; i++)
        kill(tree.process[i].pid, SIGKILL);
    tree_release(&tree);
}

/* Until the first process is gone. */
static void attend(struct running *r, struct sandbox_outcome *o)
{
    bool gone = false;

    while (!gone) {
        struct pollfd waiting[] = {
            {.fd = r->pidfd, .events = POLLIN},
            {.fd = r->report[0], .events = POLLIN},
            {.fd = r->ours[1], .events = POLLIN},
            {.fd = r->ours[2], .events = POLLIN},
        };

        if (poll(waiting, 4, next_look_ms(r)) < 0 && errno != EINTR)
            break;
        gone = (waiting[0].revents & POLLIN) != 0;
        if (waiting[1].revents != 0)
            hear_report(r);
        hear_stream(r, 0, &o->out);
        hear_stream(r, 1, &o->err);
        look_at_limits(r);
        if (r->stop.limit == SANDBOX_LIMIT_NONE)
            continue;
        if (r->stop.after_ns == 0)
            r->stop.after_ns = clock_real_ns() - r->start_ns;
        end_all(r);
    }
}

static void finish(struct running *r, struct sandbox_outcome *o)
{
    int i;

    while (waitpid(r->pid, NULL, __WALL) < 0 && errno == EINTR)
        ;
    hear_report(r);
    for (i = 0; i < DRAIN_READS_MAX && hear_stream(r, 0, &o->out); i++)
        ;
    for (i = 0; i < DRAIN_READS_MAX && hear_stream(r, 1, &o->err); i++)
        ;
}

static void fill_outcome(struct running *r, struct sandbox_outcome *o)
{
    struct sandbox_cgroup_use use;
    struct sandbox_end end = {.cpu_ns = r->end.cpu_ns, .memory_peak_bytes = r->end.peak_bytes};

    o->wall_ns = clock_real_ns() - r->start_ns;
    o->cpu_ns = r->end.cpu_ns;
    o->memory_peak_bytes = r->end.peak_bytes;
    if (r->cgroup != NULL) {
        sandbox_cgroup_use(r->cgroup, &use);
        end.use = &use;
        o->memory_peak_bytes = use.memory_peak_bytes;
    }
    o->code = r->reported && WIFEXITED(r->end.status) ? WEXITSTATUS(r->end.status) : -1;
    o->signal = !r->reported ? SIGKILL : WIFSIGNALED(r->end.status) ? WTERMSIG(r->end.status) : 0;
    end.signal = o->signal;
    end.failed = o->code != 0;
    o->stop = r->stop;
    if (o->stop.limit == SANDBOX_LIMIT_NONE && sandbox_explain(r->spec, &end, &o->stop))
        o->stop.after_ns = o->wall_ns;
}

static int explain_failure(const struct running *r, struct err *err)
{
    if (r->end.step == STEP_EXEC && r->end.error == EACCES &&
        sandbox_check_way(&r->plan, r->command->path, err) < 0)
        return ERR_INPUT;
    errno = r->end.error;
    if (r->end.step == STEP_EXEC)
        return err_set_errno(err, ERR_INPUT, "%s cannot be executed in the sandbox",
                             r->command->path);
    return err_set_errno(err, ERR_MACHINE, "the sandbox (level %s) failed at %s",
                         sandbox_level_name(r->spec->level),
                         sandbox_step_name((enum sandbox_step)r->end.step));
}

static int collect(struct running *r, struct sandbox_outcome *o, struct err *err)
{
    int fd = r->out_fd;

    if (r->command->out_dir == NULL)
        return 0;
    if (r->spec->level < SANDBOX_B || PLANT_SANDBOX == PLANT_NO_PRIVATE_ROOT)
        return sandbox_collect_in_place(r->command->out_dir, &r->spec->limits, &o->refused, err);
    r->out_fd = -1;
    if (fd < 0)
        return err_set(err, ERR_MACHINE, "the sandbox did not hand over its folder");
    return sandbox_collect(fd, r->command->out_dir, &r->spec->limits, &o->refused, err);
}

static void release(struct running *r)
{
    struct err ignored;
    int i;

    for (i = 0; i < 3; i++) {
        close_fd(&r->ours[i]);
        close_fd(&r->theirs[i]);
    }
    for (i = 0; i < 2; i++)
        close_fd(&r->report[i]);
    close_fd(&r->pidfd);
    close_fd(&r->out_fd);
    sandbox_cgroup_free(r->cgroup);
    sandbox_plan_release(&r->plan);
    if (r->scratch[0] != '\0')
        (void)file_remove_tree(r->scratch, &ignored);
}

int sandbox_run(const struct sandbox_spec *spec, const struct sandbox_command *command,
                struct sandbox_outcome *ret_outcome, struct err *err)
{
    int status = sandbox_level_check(spec->level, err);

    return status < 0 ? status : sandbox_try(spec, command, ret_outcome, err);
}

int sandbox_try(const struct sandbox_spec *spec, const struct sandbox_command *command,
                struct sandbox_outcome *ret_outcome, struct err *err)
{
    struct running r = {.spec = spec,
                        .command = command,
                        .theirs = {-1, -1, -1},
                        .ours = {-1, -1, -1},
                        .report = {-1, -1},
                        .pidfd = -1,
                        .out_fd = -1};
    struct sandbox_outcome o = {0};
    int status = make(&r, err);

    if (status == 0)
        status = launch(&r, err);
    if (status == 0) {
        attend(&r, &o);
        finish(&r, &o);
        fill_outcome(&r, &o);
        if (r.reported && r.end.word == WORD_FAILED)
            status = explain_failure(&r, err);
        else if (!r.reported && r.stop.limit == SANDBOX_LIMIT_NONE)
            status = err_set(err, ERR_MACHINE, "the first process of the sandbox was killed");
        else
            status = collect(&r, &o, err);
    }
    release(&r);
    if (status == 0)
        *ret_outcome = o;
    else
        sandbox_outcome_release(&o);
    return status;
}

void sandbox_outcome_release(struct sandbox_outcome *o)
{
    buf_release(&o->out);
    buf_release(&o->err);
    buf_release(&o->refused);
}

void sandbox_sweep(void)
{
    sandbox_cgroup_sweep(0);
}
