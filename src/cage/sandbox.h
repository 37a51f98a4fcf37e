/* sandbox.h - programs that nobody vouches for: what they see, what they may ask, what they may
 * use.
 *
 * A sandbox is one program and all it starts. It sees a root folder of its own (/usr, a few files
 * of /etc, an empty /tmp, a few devices, the folders named in the spec and nothing else), no other
 * processes, no network but the one of its run, and it has no power over any of them. What it may
 * use is counted. How much of that holds depends on the machine:
 *
 *   A  everything below, and memory and tasks of the whole sandbox are counted (cgroups)
 *   B  namespaces, seccomp, Landlock; memory is counted for each process
 *   C  no namespaces: Landlock, seccomp, rlimits. Other processes can be seen, not touched
 *   D  rlimits alone
 *
 * Fail closed: a sandbox of a level stands as a whole, or the program is not run and the sentence
 * says which step failed (ERR_MACHINE). There is no quiet fall from one level to another. */
#ifndef CAGE_SANDBOX_H
#define CAGE_SANDBOX_H

#include "../base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct err;

/* In order: a greater one protects more. */
enum sandbox_level { SANDBOX_OFF, SANDBOX_D, SANDBOX_C, SANDBOX_B, SANDBOX_A };

enum sandbox_profile {
    SANDBOX_RUN,     /* a list of what is allowed: nodes */
    SANDBOX_COMPILE, /* a list of what is denied: compilers */
};

/* 0: no limit. */
struct sandbox_limits {
    int64_t memory_bytes;  /* level A: of all processes together; else of each */
    int64_t task_count;    /* processes and threads at a time */
    int64_t cpu_ns;        /* processor time of all processes together */
    int64_t wall_ns;       /* sandbox_run only: nodes live as long as their run */
    int64_t idle_ns;       /* likewise: at a stretch, with all its threads asleep */
    int64_t file_bytes;    /* in one file */
    int64_t scratch_bytes; /* in /tmp, and as much in out_dir; levels A and B */
    int64_t scratch_files; /* likewise */
    int64_t data_bytes;    /* a node's data folder: its files, and 4 KiB for each name */
    int64_t output_bytes;  /* on stdout, and as much on stderr */
};

/* What a node gets where nobody says otherwise: 1 GiB, 1024 tasks, files of 1 GiB, 256 MiB in its
 * data folder, 256 MiB of output. */
extern const struct sandbox_limits sandbox_node_limits;

/* Texts and arrays are borrowed as long as the spec is used; arrays end in NULL. Folders are
 * absolute and have the same name inside as outside. When we are root, the program is a user that
 * nobody else is: what it is to read must be readable by all (chmod o+rX; on levels A and B the
 * folders above need not be, below they must be open: chmod o+x), and folders that it may change
 * become its own. */
struct sandbox_spec {
    enum sandbox_level level; /* exactly this one; SANDBOX_OFF: no sandbox */
    enum sandbox_profile profile;
    const char *const *readable; /* files and folders that it sees besides the system's; may be
                                    NULL. One that is not there is left out */
    const char *const *writable; /* folders that it may change; may be NULL */
    struct sandbox_limits limits;
    bool network; /* IP sockets in the network namespace of the caller; else local ones only */
};

/* The strongest level that this machine offers this user. Tried once, about 20 ms. */
enum sandbox_level sandbox_level(void);
/* Why a level above sandbox_level() cannot be had, and what to type; "" if it can. */
const char *sandbox_missing(enum sandbox_level level);
const char *sandbox_level_name(enum sandbox_level level); /* "off", "A", ... */
/* "off", "A" to "D" (small letters too) and "auto", which is sandbox_level(). False: none of these.
 */
bool sandbox_level_parse(const char *text, enum sandbox_level *ret_level);
/* ERR_MACHINE and a sentence that says what is missing if the machine does not offer it. */
int sandbox_level_check(enum sandbox_level level, struct err *err);
/* Appends the first folder above path that keeps a program on this level from it: as root below
 * level B, one that is closed to others. False: there is none, or no such path. */
bool sandbox_is_closed(enum sandbox_level level, const char *path, struct buf *ret_folder);

/* ---- limits ---- */

enum sandbox_limit {
    SANDBOX_LIMIT_NONE,
    SANDBOX_LIMIT_TIME,
    SANDBOX_LIMIT_CPU,
    SANDBOX_LIMIT_MEMORY,
    SANDBOX_LIMIT_OUTPUT,
    SANDBOX_LIMIT_DISK,
    SANDBOX_LIMIT_TASKS,
    SANDBOX_LIMIT_IDLE,
};

/* Which limit ended a program. */
struct sandbox_stop {
    enum sandbox_limit limit;
    int64_t figure; /* what it had used: ns, bytes or tasks */
    int64_t bound;  /* of what it might use */
    int64_t after_ns;
};

const char *sandbox_limit_name(enum sandbox_limit limit); /* "memory", ...; "" for none */
/* Appends "256 MiB of 256 MiB memory after 0.34 s"; a sentence is "n3 was stopped: " before it. */
void sandbox_stop_text(const struct sandbox_stop *stop, struct buf *text);

/* ---- a plain command ---- */

struct sandbox_command {
    const char *path; /* absolute */
    const char *const *argv;
    const char *const *env; /* besides PATH, HOME, TMPDIR, LANG and USER; may be NULL. Nothing of
                               our own environment is passed on */
    const char *cwd;        /* NULL: out_dir, or / */
    struct str input;       /* its stdin */
    /* An empty folder that exists, or NULL. In the sandbox it is a folder in memory of the same
     * name; when every process is dead, the files in it are copied out, each one checked: regular
     * files of one name only. On a failure of the command as well. */
    const char *out_dir;
};

struct sandbox_outcome {
    int code;   /* exit status, or -1 if a signal ended it */
    int signal; /* the signal, or 0 */
    struct sandbox_stop stop;
    struct buf
        out; /* the first output_bytes of stdout and stderr (of 1 MiB, if there is no limit) */
    struct buf err;
    struct buf refused; /* a sentence for what was not copied from out_dir; "" if all was */
    int64_t wall_ns;
    int64_t cpu_ns;
    int64_t memory_peak_bytes;
};

/* Runs the command to its end and leaves nothing of it behind. 0 and an outcome, whatever the
 * program did; ERR_MACHINE: the sandbox could not be made or broke; ERR_INPUT: the program cannot
 * be executed. */
int sandbox_run(const struct sandbox_spec *spec, const struct sandbox_command *command,
                struct sandbox_outcome *ret_outcome, struct err *err);
void sandbox_outcome_release(struct sandbox_outcome *o);

/* Removes what sandboxes of processes that are dead have left (after a kill -9 of everything). */
void sandbox_sweep(void);

#endif
