/* sandbox_parts.h - what the files of the sandbox share. Only sandbox_*.c and the cage include it.
 *
 *   sandbox_launch.c   a process with namespaces and ids; the order of its steps down to exec
 *   sandbox_root.c     the root folder that it sees
 *   sandbox_filter.c   seccomp: the two lists
 *   sandbox_landlock.c Landlock
 *   sandbox_cgroup.c   memory and tasks of all processes together
 *   sandbox_disk.c     what a node keeps in its data folder
 *   sandbox_collect.c  files out of a sandbox that is dead */
#ifndef CAGE_SANDBOX_PARTS_H
#define CAGE_SANDBOX_PARTS_H

#include "sandbox.h"

#include <stddef.h>
#include <sys/types.h>

#ifndef PLANT_SANDBOX /* tests/planted/sandbox.sh: protections left out */
#define PLANT_SANDBOX 0
#endif

enum plant_sandbox {
    PLANT_NO_SECCOMP = 1,
    PLANT_NO_PID_NAMESPACE,
    PLANT_NO_NETWORK_NAMESPACE,
    PLANT_NO_PRIVATE_ROOT,
    PLANT_WRITABLE_ROOT,
    PLANT_MEMORY_UNLIMITED,
    PLANT_TASKS_UNLIMITED,
    PLANT_KEEPS_CAPABILITIES,
    PLANT_KEEPS_DESCRIPTORS,
    PLANT_KEEPS_ENVIRONMENT,
    PLANT_NO_CPU_LIMIT,
    PLANT_NO_OUTPUT_LIMIT,
    PLANT_NO_FILE_LIMIT,
    PLANT_FOLLOWS_LINKS,
    PLANT_NO_RLIMITS,
    PLANT_LEAVES_CGROUPS,
    PLANT_NO_ARCH_CHECK,
    PLANT_LOCKS_ALLOWED,
    PLANT_NO_DISK_LIMIT,
    PLANT_UNTRACED_CHILDREN,
};

enum { SANDBOX_PATH_MAX = 4096 };

/* ---- sandbox_launch.c ---- */

enum sandbox_step {
    STEP_NONE,
    STEP_START,   /* its parent vanished */
    STEP_IDS,     /* user and group ids */
    STEP_ROOT,    /* the private root folder */
    STEP_CGROUP,  /* joining the cgroups */
    STEP_LIMITS,  /* rlimits */
    STEP_CAPS,    /* giving up capabilities */
    STEP_NEWPRIV, /* no_new_privs */
    STEP_LANDLOCK,
    STEP_SECCOMP,
    STEP_CHDIR,
    STEP_EXEC,
    STEP_TRACE,
};
const char *sandbox_step_name(enum sandbox_step step);

/* Everything that the steps need, made before the fork: after it nothing is allocated. */
struct sandbox_plan {
    struct sandbox_spec spec;
    const char *out_dir;  /* NULL: none */
    const char *data_dir; /* one more writable folder, or NULL */
    unsigned slot;        /* tells sandboxes of this process apart */
    uid_t uid;            /* outside, of the program; 0: our own */
    int cgroup_fd[3];     /* where the process writes its number; -1: none */
    struct sandbox_filter *filter;
};

/* Numbers for so many sandboxes that no other of this process has; the first of them. */
unsigned sandbox_slots(unsigned count);
/* The plan of another slot: only what the two do not share is changed. */
void sandbox_plan_slot(struct sandbox_plan *p, unsigned slot);
void sandbox_plan_init(struct sandbox_plan *p, const struct sandbox_spec *spec, unsigned slot);
void sandbox_plan_release(struct sandbox_plan *p);

/* A process in namespaces and a root of its own (levels A and B), as fork: 0 in the child. There a
 * step other than STEP_NONE has failed, with errno; else *ret_out_fd is out_dir's descriptor, if
 * there is an out_dir. */
pid_t sandbox_fork(const struct sandbox_plan *p, int *ret_out_fd, enum sandbox_step *ret_step);
/* In that process when the program's has been made: what it keeps is the power to kill. On failure
 * *ret_step says where, errno why. */
bool sandbox_settle(const struct sandbox_plan *p, enum sandbox_step *ret_step);
/* In the program's process: limits, ids, capabilities. The filter comes last (sandbox_seal). */
bool sandbox_lower(const struct sandbox_plan *p, enum sandbox_step *ret_step);
bool sandbox_seal(const struct sandbox_plan *p, enum sandbox_step *ret_step);
/* ERR_INPUT and a sentence if a folder above path is closed to the program (sandbox_is_closed). */
int sandbox_check_way(const struct sandbox_plan *p, const char *path, struct err *err);
/* As root: what a program is to read must be readable by others, and reached (sandbox_check_way),
 * as what it may write. ERR_INPUT says which is not. */
int sandbox_check_folders(const struct sandbox_plan *p, struct err *err);
/* The environment that every program has: PATH and so on; ends in NULL. */
extern const char *const sandbox_env[];

/* ---- sandbox_run.c ---- */

/* sandbox_run without asking first whether the machine offers the level. */
int sandbox_try(const struct sandbox_spec *spec, const struct sandbox_command *command,
                struct sandbox_outcome *ret_outcome, struct err *err);

/* ---- sandbox_root.c ---- */

/* pivots into a root of its own; errno on failure. */
bool sandbox_root(const struct sandbox_plan *p, int *ret_out_fd);

/* ---- sandbox_filter.c ---- */

struct sandbox_filter;
struct sandbox_filter *sandbox_filter_new(enum sandbox_profile profile, bool network);
void sandbox_filter_free(struct sandbox_filter *f);
int sandbox_filter_install(const struct sandbox_filter *f); /* 0, or -1 and errno */
size_t sandbox_filter_len(const struct sandbox_filter *f);

/* ---- sandbox_landlock.c ---- */

int sandbox_landlock_abi(void);                     /* 0: the kernel has none */
int sandbox_landlock(const struct sandbox_plan *p); /* 0, or -1 and errno */

/* ---- sandbox_cgroup.c ---- */

struct sandbox_cgroup; /* of one sandbox */

/* Whether memory and tasks can be counted; else why not, and what to type. */
bool sandbox_cgroup_works(const char **ret_why);
int sandbox_cgroup_new(const struct sandbox_limits *limits, unsigned slot,
                       struct sandbox_cgroup **ret_cgroup, struct err *err);
/* Moves a process that has not done anything yet. */
int sandbox_cgroup_add(struct sandbox_cgroup *g, pid_t pid, struct err *err);
/* Where a process writes "0" to join by itself; owned by the cgroup. */
void sandbox_cgroup_fds(const struct sandbox_cgroup *g, int fd[3]);
struct sandbox_cgroup_use {
    int64_t memory_peak_bytes;
    int64_t oom_kills;
    int64_t tasks_refused;
};
void sandbox_cgroup_use(const struct sandbox_cgroup *g, struct sandbox_cgroup_use *ret_use);
void sandbox_cgroup_free(
    struct sandbox_cgroup *g);          /* all its processes must be dead; NULL is fine */
void sandbox_cgroup_sweep(pid_t ended); /* of dead processes, and of this one (0: none) */

/* ---- sandbox_watch.c: limits that somebody has to look at ---- */

struct sandbox_load {
    int64_t cpu_ns;       /* of all that ever ran below it */
    int64_t memory_bytes; /* of the living, what is theirs alone */
    int64_t task_count;
};
void sandbox_load(pid_t root, struct sandbox_load *ret_load); /* of root and all below, by /proc */
/* No thread of any process below root computes or waits for a disk. */
bool sandbox_is_asleep(pid_t root);
enum { SANDBOX_WATCH_MS = 50 }; /* how often to look */
/* True: a limit is passed, *ret_stop says which. */
bool sandbox_watch(const struct sandbox_spec *spec, const struct sandbox_load *load,
                   struct sandbox_stop *ret_stop);
/* How a program ended, as far as limits explain it: by memory, file size or tasks. use: NULL: not
 * counted. */
struct sandbox_end {
    int signal;
    bool failed; /* a signal or a status other than 0 */
    int64_t cpu_ns;
    int64_t memory_peak_bytes;
    const struct sandbox_cgroup_use *use;
};
bool sandbox_explain(const struct sandbox_spec *spec, const struct sandbox_end *end,
                     struct sandbox_stop *ret_stop);

/* ---- sandbox_disk.c ---- */

struct sandbox_disk {
    const char *folder; /* borrowed */
    int64_t bound;      /* 0: nobody looks */
    int64_t free_bytes; /* of the whole file system, at the start */
};
void sandbox_disk_init(struct sandbox_disk *d, const struct sandbox_spec *spec, const char *folder);
enum { SANDBOX_DISK_MS = 100 }; /* how often to look */
/* As sandbox_watch; the processes are those below root. */
bool sandbox_disk_watch(const struct sandbox_disk *d, pid_t root, struct sandbox_stop *ret_stop);

/* ---- sandbox_collect.c ---- */

/* Makes a folder and all in it the property of uid; follows no link. */
int sandbox_hand_over(const char *folder, uid_t uid, struct err *err);

/* Copies the files below the folder from_fd into the folder `to`. What is no regular file of one
 * name, or too much, is left out, and a sentence about it is appended to refused. */
int sandbox_collect(int from_fd, const char *to, const struct sandbox_limits *limits,
                    struct buf *refused, struct err *err);
/* The same rules for a folder that was written in place: what breaks them is removed. */
int sandbox_collect_in_place(const char *folder, const struct sandbox_limits *limits,
                             struct buf *refused, struct err *err);

#endif
