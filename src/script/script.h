/* script.h - a scenario in Lua at work in a world: strands, clients, faults, history.
 *
 * A strand is a coroutine that sleeps, waits for replies and wakes in the world's time. The Lua
 * state is closed: no files, no operating system, no clock and no chance but the world's, tables
 * walked in sorted order, a cap on memory and on instructions between two waits. So a scenario is a
 * function of the world it sees, and a broken one ends with file and line, never with a hang.
 *
 * The script acts on nodes through its host (run/run.h), which owns their processes.
 * Not thread-safe; runs only inside script_start() and the world's callbacks. */
#ifndef SCRIPT_SCRIPT_H
#define SCRIPT_SCRIPT_H

#include "../base/str.h"
#include "../cage/cage_disk.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct cage;
struct err;
struct history;
struct message;
struct message_fate;
struct op;
struct script;
struct world;

enum {
    SCRIPT_MEMORY_MAX = 1 << 30,      /* bytes of the Lua state */
    SCRIPT_STEPS_MAX = 500 * 1000000, /* instructions between two waits */
    SCRIPT_STRANDS_MAX = 100000,
    SCRIPT_STEPS_LISTED_MAX = 1000, /* named steps of a task */
    SCRIPT_TRAIL_MAX = 12,          /* messages that led to a failure */
};

/* Which folder of data a node is to be started with. */
enum script_data { SCRIPT_DATA_SAME, SCRIPT_DATA_EMPTY, SCRIPT_DATA_OF };

/* What the script asks of the one who runs it. Nodes are numbers as in the world. */
struct script_file {
    char *path; /* from the node's folder */
    uint64_t bytes;
};

struct script_files {
    struct script_file *list;
    size_t len, cap;
};
void script_files_release(struct script_files *files);

/* What a part of a task that follows disks may do to them: see cage/cage_disk.h. Nodes whose files
 * are changed do not run. */
struct script_disks {
    void (*counts)(void *owner, uint32_t node, struct cage_disk_counts *ret_counts);
    void (*trap)(void *owner, uint32_t node, uint64_t nth);
    void (*fail)(void *owner, uint32_t node, enum cage_disk_op op, uint64_t nth, int error);
    void (*limit)(void *owner, uint32_t node, uint64_t bytes);
    void (*cost)(void *owner, uint32_t node, enum cage_disk_op op, int64_t ns);
    int (*lose_power)(void *owner, uint32_t node, struct err *err);
    int (*rot)(void *owner, uint32_t node, const struct cage_disk_rot *how, struct err *err);
    int (*list)(void *owner, uint32_t node, struct script_files *files, struct err *err);
    int (*read)(void *owner, uint32_t node, const char *path, struct buf *ret_content,
                struct err *err);
    /* content.data NULL: the file is removed */
    int (*put)(void *owner, uint32_t node, const char *path, struct str content, struct err *err);
};

struct script_host {
    void *owner;
    /* Starts the node's process (again); the scenario sends init. A failure ends the story with
     * that status. */
    int (*node_start)(void *owner, uint32_t node, struct err *err);
    void (*node_kill)(void *owner, uint32_t node);
    void (*node_pause)(void *owner, uint32_t node, bool pause);
    /* From now on: see cage_clock_set(). */
    void (*node_clock)(void *owner, uint32_t node, int64_t offset_ns, int32_t drift_ppm);
    /* The node broke the protocol or its promise: the run ends as invalid with this sentence. */
    void (*blame)(void *owner, uint32_t node, const char *sentence);
    /* Worth telling, no reason to fail. */
    void (*note)(void *owner, const char *sentence);
    /* A fault begins or ends; nodes are named in text. Journal only: the history is the script's.
     */
    void (*fault)(void *owner, const char *kind, const char *what, const char *text);
    /* A client operation enters the history. */
    void (*record)(void *owner, const struct op *op);
    /* What was drawn and is no operation: what is "faults" and place the number of a fault, told
     * when it begins and again when it ends; or "end", the end of the load. json is an object as
     * in decide.lua. May be NULL. */
    void (*decided)(void *owner, const char *what, uint32_t place, struct str json);

    /* The rest is asked for by tasks only. */

    /* Before node_start: its own folder as it was, a new one, or that of another node. */
    void (*node_data)(void *owner, uint32_t node, enum script_data what, uint32_t of);
    void (*node_write)(void *owner, uint32_t node, struct str bytes); /* to its stdin, as it is */
    /* After what waits there, its stdin is over; that it exits then is no fault. */
    void (*node_end_input)(void *owner, uint32_t node);
    void (*node_allow_exit)(void *owner, uint32_t node);
    void (*node_usage)(void *owner, uint32_t node, int64_t *ret_cpu_ns, int64_t *ret_memory_bytes);
    /* A step begins (what is "begin"), or ends ("passed", "failed"); or the scenario tells
     * something ("tell"). Journal only. */
    void (*step)(void *owner, const char *what, const char *text);
    const struct script_disks *disks; /* NULL: they are not followed */
    struct cage *network;             /* whose sockets the scenario uses; NULL: it has none */
    void (*catch_up)(void *owner); /* moves the world's time to the cage's, before its news enter */
    /* Something happened at a socket of the scenario; way is "out" (to the node) or "in". Journal
     * only; may be NULL. */
    void (*net_told)(void *owner, uint32_t socket, const char *way, const char *what,
                     struct str bytes);
};

struct script_config {
    struct world *world;
    struct history *history;
    const char *path;      /* for messages: "workloads/echo.lua" */
    struct str source;     /* of the scenario */
    const json_t *options; /* becomes w.options; borrowed during script_open */
    /* Operations and faults that are given instead of drawn (decide.lua); NULL: none. Borrowed
     * likewise. options.concurrency must fit its workers. */
    const json_t *decisions;
    struct script_host host;

    /* Tasks only. */
    const char *part;       /* the name of the part to be run; NULL: the first */
    struct str common;      /* the folder's common.lua; data NULL: there is none */
    uint32_t process_count; /* the first so many nodes of the world are processes, the rest peers */
};

/* A check that the scenario asked for: a checker's name and its options. */
struct script_check {
    char *name;
    json_t *options;
};

/* ERR_INPUT: the scenario does not compile or returns no workload; file and line are named. */
int script_open(const struct script_config *config, struct script **ret_script, struct err *err);
void script_close(struct script *s); /* NULL is fine */

void script_start(struct script *s);                            /* runs up to the first wait */
void script_deliver(struct script *s, const struct message *m); /* to a client of the script */
void script_stop(struct script *s); /* no strand runs any more, e.g. after a blame or Ctrl-C */

/* What a task must know of what happens; without effect in a workload. A message of the world was
 * sent, reached somebody, or was lost; a process wrote a line to stderr, or ended. */
void script_saw_sent(struct script *s, const struct message *m);
void script_saw_received(struct script *s, const struct message *m);
void script_saw_dropped(struct script *s, const struct message *m, const char *why);
void script_saw_log(struct script *s, uint32_t node, struct str line);
/* The node stands before the change of its disk that was asked for. */
void script_saw_trap(struct script *s, uint32_t node);
void script_saw_exit(struct script *s, uint32_t node, int code, int signal);
/* What becomes of a message that sets out, if the task has rules (world.h). */
void script_fate(void *script, const struct message *m, struct message_fate *fate);
/* A broken promise of the node fails the step at work. */
void script_blamed(struct script *s, uint32_t node, const char *sentence);

bool script_done(const struct script *s); /* the story has ended, one way or another */
/* How it ended; 0, or ERR_INPUT and the sentence if the scenario itself is broken, or what
 * host.node_start() said, as ERR_INPUT or ERR_MACHINE. */
int script_status(const struct script *s, struct err *err);
/* Known since script_open. */
const struct script_check *script_checks(const struct script *s, uint32_t *ret_count);

/* ---- tasks ---- */

bool script_is_task(const struct script *s);

struct script_step {
    char *name;
    int64_t from_ns, to_ns; /* to_ns: its end, or where the story stands */
    bool passed, failed;    /* neither: it was at work when the run was stopped */
};

/* Why a step failed, in texts for people. */
struct script_failure {
    uint32_t step; /* its index in the list of steps */
    char *what;    /* what was looked at */
    char *expected, *seen;
    char *node; /* "" if it is nobody's */
    int64_t at_ns;
    uint64_t trail[SCRIPT_TRAIL_MAX]; /* ids of the messages that led there */
    uint32_t trail_len;
    json_t *evidence; /* of a checker or of a model; NULL: none */
};

const struct script_step *script_steps(const struct script *s, uint32_t *ret_count);
const struct script_failure *script_failure(const struct script *s); /* NULL: no step failed */
/* Appends the trail as a JSON list of {id, from, to, type, body, sent-ns, received-ns, dropped}. */
void script_trail_json(const struct script *s, json_t *list);

/* A task file read without a world. */
struct script_part {
    char *name;
    char **names; /* of the nodes, then of the peers */
    uint32_t name_count;
    uint32_t process_count; /* of them nodes with a process */
    int64_t latency_ns;
    int latency_dist; /* enum latency_dist */
    int64_t limit_ns; /* virtual time that the story may take */
    bool disk;        /* the disks of its nodes are followed */
    bool network;     /* it has sockets to its nodes */
};

struct script_plan {
    struct script_part *parts; /* at least one */
    uint32_t part_count;
    uint32_t seeds; /* a grading uses so many */
};

struct script_plan_config {
    const char *path;
    struct str source;
    struct str common; /* data NULL: there is none */
    uint64_t seed;     /* parts may draw their nodes from it */
};

/* ERR_INPUT: it is no task, or broken; file and line are named. */
int script_plan(const struct script_plan_config *config, struct script_plan **ret_plan,
                struct err *err);
void script_plan_free(struct script_plan *plan); /* NULL is fine */

/* The faults that a workload's file allows a search that is told of none, a list of names; NULL: it
 * says nothing of them. ERR_INPUT: it is broken, or names a fault that does not exist. */
int script_faults(const char *path, struct str source, json_t **ret_faults, struct err *err);

/* Facts about the scenario, valid after script_open. */
const char *script_name(const struct script *s); /* of a task: its file's, without .lua */
const char *script_summary(const struct script *s);

#endif
