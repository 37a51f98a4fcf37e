/* From fork to exec. Each step takes something away, in an order in which none of the later steps
 * needs what is gone:
 *
 *   parent   fork into new namespaces -> write the maps of ids -> let it go on
 *   first    private root -> user namespace -> ids inside -> (forks the program) -> own powers away
 *            but those to kill and to look. Without root the user namespace comes first.
 *   program  join the cgroups -> rlimits -> bounding set -> ids -> no capabilities -> die with the
 *            parent (changing ids forgets that, so it is asked for again) -> no new privileges ->
 *            [the virtual clock's preparations] -> Landlock -> seccomp -> exec
 *
 * Ids. As root each sandbox gets two ids that nobody else on this machine has: 2^30 and up, made
 * from our process number and the slot. Inside they are 0 (the first process) and 1000 (the
 * program), so a program that breaks out is nobody. Without root there is one id, our own, which is
 * 1000 inside.
 *
 * After the fork nothing is allocated: the caller may have threads, and one of them may have held
 * the allocator's lock when the copy was made. */
#include "sandbox_parts.h"

#include "../base/err.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    INSIDE_ROOT = 0,
    INSIDE_USER = 1000,
    UID_FIRST = 1 << 30,
    SLOTS = 128, /* of one process, until ids repeat; sandboxes with equal ids still see nothing of
                    each other */
    PIDS = 1 << 22,
    CAPABILITY_LAST = 63,
    DESCRIPTORS_RUN = 1024,
    DESCRIPTORS_COMPILE = 4096,
    STACK_BYTES = 64 << 20,
};

const struct sandbox_limits sandbox_node_limits = {
    .memory_bytes = INT64_C(1) << 30,
    .task_count = 1024,
    .file_bytes = INT64_C(1) << 30,
    .scratch_bytes = INT64_C(64) << 20,
    .scratch_files = 4096,
    .data_bytes = INT64_C(256) << 20,
    .output_bytes = INT64_C(256) << 20,
};

const char *const sandbox_env[] = {"PATH=/usr/local/bin:/usr/bin:/bin",
                                   "HOME=/tmp",
                                   "TMPDIR=/tmp",
                                   "LANG=C.UTF-8",
                                   "USER=learner",
                                   NULL};

const char *sandbox_step_name(enum sandbox_step step)
{
    static const char *const names[] = {
        [STEP_NONE] = "nothing",
        [STEP_START] = "starting its first process",
        [STEP_IDS] = "taking ids of its own",
        [STEP_ROOT] = "building its root folder",
        [STEP_CGROUP] = "joining its cgroup",
        [STEP_LIMITS] = "setting its limits",
        [STEP_CAPS] = "giving up its capabilities",
        [STEP_NEWPRIV] = "giving up new privileges",
        [STEP_LANDLOCK] = "closing the file system (Landlock)",
        [STEP_SECCOMP] = "closing the list of system calls (seccomp)",
        [STEP_CHDIR] = "entering its folder",
        [STEP_EXEC] = "executing the program",
        [STEP_TRACE] = "preparing for the virtual clock",
    };

    return step < sizeof(names) / sizeof(names[0]) ? names[step] : "something unknown";
}

unsigned sandbox_slots(unsigned count)
{
    static unsigned slots = 1;

    return __atomic_fetch_add(&slots, count, __ATOMIC_RELAXED);
}

void sandbox_plan_slot(struct sandbox_plan *p, unsigned slot)
{
    if (p->uid != 0)
        p->uid = p->uid - 2 * (p->slot % SLOTS) + 2 * (slot % SLOTS);
    p->slot = slot;
}

void sandbox_plan_init(struct sandbox_plan *p, const struct sandbox_spec *spec, unsigned slot)
{
    *p = (struct sandbox_plan){.spec = *spec, .slot = slot, .cgroup_fd = {-1, -1, -1}};
    if (geteuid() == 0 && spec->level > SANDBOX_OFF)
        p->uid = UID_FIRST + ((uid_t)getpid() % PIDS) * 2 * SLOTS + 2 * (slot % SLOTS) + 1;
    if (spec->level >= SANDBOX_C)
        p->filter = sandbox_filter_new(spec->profile, spec->network);
}

void sandbox_plan_release(struct sandbox_plan *p)
{
    sandbox_filter_free(p->filter);
    p->filter = NULL;
}

bool sandbox_is_closed(enum sandbox_level level, const char *path, struct buf *ret_folder)
{
    char way[PATH_MAX], *end = way;
    struct stat s;

    if (geteuid() != 0 || level == SANDBOX_OFF || level >= SANDBOX_B || realpath(path, way) == NULL)
        return false;
    while ((end = strchr(end + 1, '/')) != NULL) {
        *end = '\0';
        if (stat(way, &s) == 0 && (s.st_mode & 01) == 0) {
            buf_add_text(ret_folder, way);
            return true;
        }
        *end = '/';
    }
    return false;
}

int sandbox_check_way(const struct sandbox_plan *p, const char *path, struct err *err)
{
    struct buf folder = {0};
    int status = 0;

    if (sandbox_is_closed(p->spec.level, path, &folder))
        status = err_set(
            err, ERR_INPUT,
            "%s is closed to other users, and a program in the sandbox (level %s) is one, so "
            "it cannot reach %s; type: chmod o+x %s, or keep eddy and its data elsewhere",
            folder.data, sandbox_level_name(p->spec.level), path, folder.data);
    buf_release(&folder);
    return status;
}

static int check_ways(const struct sandbox_plan *p, const char *const *path, struct err *err)
{
    int status = 0;

    for (; status == 0 && path != NULL && *path != NULL; path++)
        status = sandbox_check_way(p, *path, err);
    return status;
}

int sandbox_check_folders(const struct sandbox_plan *p, struct err *err)
{
    const char *const *path = p->spec.readable;
    int status = check_ways(p, p->spec.readable, err);
    struct stat s;

    if (status == 0)
        status = check_ways(p, p->spec.writable, err);
    if (status == 0 && p->out_dir != NULL)
        status = sandbox_check_way(p, p->out_dir, err);
    for (; status == 0 && p->uid != 0 && path != NULL && *path != NULL; path++) {
        unsigned wanted = stat(*path, &s) < 0 ? 0 : S_ISDIR(s.st_mode) ? 05 : 04;

        if (wanted != 0 && (s.st_mode & wanted) != wanted)
            status = err_set(err, ERR_INPUT,
                             "%s is not readable by others, as it must be for a program in the "
                             "sandbox; type: chmod o+rX %s",
                             *path, *path);
    }
    return status;
}

/* ---- the parent ---- */

static bool write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool fine = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

    if (fd >= 0)
        close(fd);
    return fine;
}

static bool write_map(pid_t pid, const char *which, uid_t program, uid_t own)
{
    char path[64];
    char text[128];

    snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, which);
    if (program != 0)
        snprintf(text, sizeof(text), "%d %u 1\n%d %u 1\n", INSIDE_ROOT, program - 1, INSIDE_USER,
                 program);
    else
        snprintf(text, sizeof(text), "%d %u 1\n", INSIDE_USER, own);
    return write_file(path, text);
}

static bool map_ids(const struct sandbox_plan *p, pid_t pid)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/%d/setgroups", (int)pid);
    if (p->uid == 0 && !write_file(path, "deny"))
        return false;
    return write_map(pid, "uid_map", p->uid, geteuid()) &&
           write_map(pid, "gid_map", p->uid, getegid());
}

static unsigned long namespaces(const struct sandbox_plan *p)
{
    unsigned long flags =
        CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP | CLONE_NEWNET;

    if (p->uid == 0)
        flags |= CLONE_NEWUSER;
    if (p->spec.network || PLANT_SANDBOX == PLANT_NO_NETWORK_NAMESPACE)
        flags &= ~(unsigned long)CLONE_NEWNET;
    if (PLANT_SANDBOX == PLANT_NO_PID_NAMESPACE)
        flags &= ~(unsigned long)CLONE_NEWPID;
    return flags;
}

static bool fail(enum sandbox_step *ret_step, enum sandbox_step step)
{
    *ret_step = step;
    return false;
}

/* In the child: asks the parent for the maps and waits for them. */
static bool await_maps(int gate_fd)
{
    char go;

    return send(gate_fd, "", 1, MSG_NOSIGNAL) == 1 && recv(gate_fd, &go, 1, 0) == 1;
}

static bool take_ids(void)
{
    return setgroups(0, NULL) == 0 && setresgid(INSIDE_ROOT, INSIDE_ROOT, INSIDE_ROOT) == 0 &&
           setresuid(INSIDE_ROOT, INSIDE_ROOT, INSIDE_ROOT) == 0;
}

/* As root: everything is mounted with root's powers, which may reach folders that are closed to
 * others, and then left behind for good; the mounts belong to a user namespace above ours. */
static bool enter_as_root(const struct sandbox_plan *p, int gate_fd, int *ret_out_fd,
                          enum sandbox_step *ret_step)
{
    if (!sandbox_root(p, ret_out_fd))
        return fail(ret_step, STEP_ROOT);
    sethostname("sandbox", 7);
    if (unshare(CLONE_NEWUSER) < 0 || !await_maps(gate_fd) || !take_ids())
        return fail(ret_step, STEP_IDS);
    return true;
}

/* Without root the powers to mount come with the user namespace. */
static bool enter_as_user(const struct sandbox_plan *p, int gate_fd, int *ret_out_fd,
                          enum sandbox_step *ret_step)
{
    if (!await_maps(gate_fd))
        return fail(ret_step, STEP_IDS);
    if (!sandbox_root(p, ret_out_fd))
        return fail(ret_step, STEP_ROOT);
    sethostname("sandbox", 7);
    return true;
}

pid_t sandbox_fork(const struct sandbox_plan *p, int *ret_out_fd, enum sandbox_step *ret_step)
{
    int gate[2];
    pid_t pid;
    int error;
    char ready;

    *ret_step = STEP_NONE;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, gate) < 0)
        return -1;
    /* The raw call: it copies everything, as fork does. */
    pid = (pid_t)syscall(SYS_clone, namespaces(p) | SIGCHLD, 0, 0, 0, 0);
    if (pid == 0) {
        close(gate[1]);
        if (p->uid != 0)
            enter_as_root(p, gate[0], ret_out_fd, ret_step);
        else
            enter_as_user(p, gate[0], ret_out_fd, ret_step);
        error = errno;
        close(gate[0]);
        errno = error;
        return 0;
    }
    error = errno;
    close(gate[0]);
    /* A child that fails before says so itself. */
    if (pid > 0 && recv(gate[1], &ready, 1, 0) == 1 &&
        (!map_ids(p, pid) || send(gate[1], "", 1, MSG_NOSIGNAL) != 1)) {
        error = errno;
        kill(pid, SIGKILL);
        waitpid(pid, NULL, __WALL);
        pid = -1;
    }
    close(gate[1]);
    errno = error;
    return pid;
}

/* ---- the first process ---- */

static bool keep_capabilities(uint64_t kept)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {
        {.effective = (uint32_t)kept, .permitted = (uint32_t)kept},
        {.effective = (uint32_t)(kept >> 32), .permitted = (uint32_t)(kept >> 32)},
    };

    return syscall(SYS_capset, &head, data) == 0;
}

static void drop_bounding_set(void)
{
    unsigned long capability;

    for (capability = 0; capability <= CAPABILITY_LAST; capability++)
        if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0)
            return; /* the last that this kernel knows was the one before */
}

bool sandbox_settle(const struct sandbox_plan *p, enum sandbox_step *ret_step)
{
    if (p->spec.level < SANDBOX_B)
        return true;
    drop_bounding_set();
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    /* To kill, to look at processes, and at folders that their owner has closed. */
    if (!keep_capabilities(UINT64_C(1) << CAP_KILL | UINT64_C(1) << CAP_SYS_PTRACE |
                           UINT64_C(1) << CAP_DAC_READ_SEARCH))
        return fail(ret_step, STEP_CAPS);
    return true;
}

/* ---- the program's process ---- */

/* Never above what we have ourselves; the rest is the caller's to be told by sandbox_level. */
static bool limit(int which, int64_t value)
{
    struct rlimit now;

    if (getrlimit((__rlimit_resource_t)which, &now) < 0)
        return false;
    if (now.rlim_max != RLIM_INFINITY && (rlim_t)value > now.rlim_max)
        value = (int64_t)now.rlim_max;
    now.rlim_cur = now.rlim_max = (rlim_t)value;
    return setrlimit((__rlimit_resource_t)which, &now) == 0;
}

static bool limit_if(int which, int64_t value)
{
    return value <= 0 || limit(which, value);
}

/* A handler of core dumps behind a pipe is started even at 0, but not at 1. RLIMIT_AS is not used:
 * Go, Node.js and the JVM reserve far more addresses than they use. */
static bool set_limits(const struct sandbox_plan *p)
{
    const struct sandbox_limits *l = &p->spec.limits;
    bool counted = p->spec.level >= SANDBOX_A;
    int64_t cpu_s = l->cpu_ns > 0 ? l->cpu_ns / 1000000000 + 2 : 0;
    int64_t file_bytes = PLANT_SANDBOX == PLANT_NO_FILE_LIMIT ? 0 : l->file_bytes;
    bool compile = p->spec.profile == SANDBOX_COMPILE;

    if (PLANT_SANDBOX == PLANT_NO_RLIMITS)
        return true;
    if (PLANT_SANDBOX == PLANT_NO_CPU_LIMIT)
        cpu_s = 0;
    return limit(RLIMIT_CORE, 1) && limit(RLIMIT_MEMLOCK, 0) && limit(RLIMIT_MSGQUEUE, 0) &&
           limit(RLIMIT_NICE, 0) && limit(RLIMIT_RTPRIO, 0) &&
           limit(RLIMIT_NOFILE, compile ? DESCRIPTORS_COMPILE : DESCRIPTORS_RUN) &&
           limit(RLIMIT_STACK, compile ? STACK_BYTES : STACK_BYTES / 8) &&
           limit_if(RLIMIT_CPU, cpu_s) && limit_if(RLIMIT_FSIZE, file_bytes) &&
           (counted || (p->spec.level < SANDBOX_B && p->uid == 0) ||
            PLANT_SANDBOX == PLANT_TASKS_UNLIMITED || limit_if(RLIMIT_NPROC, l->task_count)) &&
           (counted || PLANT_SANDBOX == PLANT_MEMORY_UNLIMITED ||
            limit_if(RLIMIT_DATA, l->memory_bytes));
}

static bool join_cgroups(const struct sandbox_plan *p)
{
    size_t i;

    for (i = 0; i < sizeof(p->cgroup_fd) / sizeof(p->cgroup_fd[0]); i++)
        if (p->cgroup_fd[i] >= 0 && write(p->cgroup_fd[i], "0", 1) != 1)
            return false;
    return true;
}

static bool become(uid_t id)
{
    return setgroups(0, NULL) == 0 && setresgid(id, id, id) == 0 && setresuid(id, id, id) == 0;
}

bool sandbox_lower(const struct sandbox_plan *p, enum sandbox_step *ret_step)
{
    if (!join_cgroups(p))
        return fail(ret_step, STEP_CGROUP);
    umask(077);
    if (!set_limits(p))
        return fail(ret_step, STEP_LIMITS);
    if (p->spec.level > SANDBOX_OFF && PLANT_SANDBOX != PLANT_KEEPS_CAPABILITIES) {
        if (p->uid != 0 || p->spec.level >= SANDBOX_B)
            drop_bounding_set();
        if (p->uid != 0 && !become(p->spec.level >= SANDBOX_B ? INSIDE_USER : p->uid))
            return fail(ret_step, STEP_IDS);
        if (!keep_capabilities(0))
            return fail(ret_step, STEP_CAPS);
    }
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        return fail(ret_step, STEP_START);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return fail(ret_step, STEP_NEWPRIV);
    return true;
}

bool sandbox_seal(const struct sandbox_plan *p, enum sandbox_step *ret_step)
{
    if (p->spec.level < SANDBOX_C)
        return true;
    if (sandbox_landlock(p) < 0)
        return fail(ret_step, STEP_LANDLOCK);
    if (sandbox_filter_install(p->filter) < 0)
        return fail(ret_step, STEP_SECCOMP);
    return true;
}
