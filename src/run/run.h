/* run.h - one run: a program, a scenario and a seed become a history, a journal and verdicts.
 *
 * Owns the loop between the world (sim), the processes (cage) and the scenario (script). A run is
 * one thread. Three culprits are kept apart: what the learner's nodes did wrong is in the result
 * (blame and verdicts); what the machine refused or the scenario's author got wrong comes back as
 * a status with a sentence; bugs of ours end in ASSERT. */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include "../base/digest.h"
#include "../base/str.h"
#include "../cage/cage.h"
#include "../check/verdict.h"
#include "../sim/world.h"

#include <jansson.h>

struct err;
struct history;

enum {
    RUN_CARRIED_PER_S = 100000, /* messages; virtual clock only (world_set_carried) */
    RUN_NOTES_MAX = 32,         /* notes kept in the result; all are in the journal */
};

/* What there was of a run so far. */
struct run_moment {
    int64_t now_ns; /* on the run's clock */
    uint64_t message_count;
    uint32_t event_count; /* of the history */
};

struct run_config {
    uint64_t seed;
    uint32_t node_count;
    const char *const *node_names;
    const char *program;     /* absolute, or a name for the search path */
    const char *const *argv; /* argv[0] included, ends in NULL */
    bool bare_environment;   /* nodes get little of ours: environment.h */
    const char *scenario_path;
    struct str scenario;
    const char *part;       /* of a task; NULL: its first */
    struct str common;      /* the text of the task's common.lua; data NULL: there is none */
    uint32_t process_count; /* the first so many nodes have a process, the rest are peers of a task;
                               0: all have one */
    bool network;           /* cage_config.network; virtual clock only */
    bool follow_disks;      /* cage_config.disk_dirs; virtual clock only */
    const json_t *options;  /* of the scenario: w.options */
    int64_t latency_ns;
    enum latency_dist latency_dist;
    enum cage_clock clock;
    bool clock_fallback; /* take the real clock, with a note, where the virtual one cannot be had */
    bool entropy_real;   /* see cage.h, as the next two; virtual clock only */
    bool schedule_seeded;
    int64_t disk_latency_ns;
    int cpu_count; /* 0: all */
    /* Each node in a sandbox of its own, which also shows the program's folder (confine.h); NULL or
     * SANDBOX_OFF: in none. */
    const struct sandbox_spec *sandbox;
    const char *dir;         /* an existing folder; journal, logs and data are written there */
    double availability_min; /* negative: none asked for */
    bool maelstrom_verdict;
    bool log_stderr, log_net_send, log_net_recv; /* to our stderr as it happens */
    bool fail_fast;   /* stop once a check cannot come out valid any more (lookout.h) */
    int64_t until_ns; /* stop there on the run's clock; 0: go on to the end */
    /* At until_ns: this node is released for a debugger (cage_release), attached() is told its
     * process, and the run ends when that returns. NULL: no node. pid 0: it is not running then. */
    const char *attach;
    void (*attached)(void *owner, const char *node, int pid);
    void *attached_owner;
    const char *replay_of;   /* the folder of the run that this one repeats; NULL: none */
    const json_t *decisions; /* instead of chance (decisions.h); NULL: chance */
    bool record_decisions;   /* into the result */
    /* Asked after each round of the loop, which are many: whether the run may go on. False: it
     * stops there as if by Ctrl-C. Sees the run and is no part of it. NULL: nobody looks on. */
    bool (*watch)(void *owner, const struct run_moment *m);
    void *watch_owner;
};

/* What the run cost this machine, up to its last event; pictures come on top. */
struct run_cost {
    int64_t wall_ns;           /* since run_execute() began */
    int64_t cpu_ns;            /* of eddy itself */
    int64_t system_ns;         /* of that, inside the kernel */
    int64_t memory_peak_bytes; /* of eddy itself */
    int64_t node_cpu_ns;       /* of the nodes that ran at the end */
    uint64_t stops;            /* of their threads; see cage_stops() */
};

/* A named step of a task. */
struct run_step {
    char *name;
    int64_t from_ns, to_ns;
    bool passed;
};

/* Why one failed. */
struct run_failure {
    uint32_t step; /* its place in the list */
    char *what;    /* was looked at */
    char *expected, *seen;
    char *node; /* whose fault it seems to be; "": nobody's in particular */
    int64_t at_ns;
    json_t
        *messages; /* that led there: {id, from, to, type, body, sent-ns, received-ns, dropped} */
    json_t *evidence;             /* of a checker, or {"model": ...}; NULL: none */
    struct run_failure *shortest; /* by fewer operations of a model (model_shrink.h); NULL: none */
    uint32_t shortest_tried;      /* runs that it took to find it */
};

struct run_check {
    char *name;
    struct verdict verdict;
};

struct run_result {
    enum valid valid;
    char *sentence;             /* why it is not valid; NULL if it is */
    char *blame;                /* the broken promise that ended the run early; NULL: none */
    char *workload;             /* the scenario's name */
    enum cage_clock clock;      /* that the run had */
    enum sandbox_level sandbox; /* likewise */
    struct sandbox_stop stop;   /* the first limit of a sandbox that ended a node */
    char *stopped_node;         /* its name; NULL: none was passed */
    struct history *history;
    struct net_counts net;
    struct run_check *checks; /* that the scenario asked for */
    uint32_t check_count;
    bool is_task;
    struct run_step *steps; /* of a task, in order; only the last may not have passed */
    uint32_t step_count;
    struct run_failure *failure; /* NULL: no step failed */
    struct verdict stats, availability;
    json_t *notes;       /* texts, at most RUN_NOTES_MAX */
    uint64_t note_count; /* of all notes */
    int64_t end_ns;      /* on the run's clock */
    int64_t init_ns;     /* from run_execute() to the first init handed to a node, real time */
    struct run_cost cost;
    bool failed_fast;     /* the run ended at a violation; checks has that one check alone */
    uint32_t fatal_event; /* of the history: with it the violation was certain */
    bool stopped; /* by Ctrl-C, until_ns or the like; the rest is what was seen until then */
    /* The journal's digest and lines (base/digest.h); equal runs have equal ones. */
    char journal_digest[DIGEST_TEXT_SIZE];
    uint64_t journal_line_count;
    json_t *decisions; /* that were recorded; NULL: none were asked for */
};

/* 0 and a result (run_result_free), or negative: ERR_INPUT (program or scenario cannot be used),
 * ERR_MACHINE. */
int run_execute(const struct run_config *config, struct run_result **ret_result, struct err *err);
void run_result_free(struct run_result *r); /* NULL is fine */

#endif
