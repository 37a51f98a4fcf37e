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

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct err;
struct history;
struct message;
struct op;
struct script;
struct world;

enum {
    SCRIPT_MEMORY_MAX = 1 << 30,      /* bytes of the Lua state */
    SCRIPT_STEPS_MAX = 500 * 1000000, /* instructions between two waits */
    SCRIPT_STRANDS_MAX = 100000,
};

/* What the script asks of the one who runs it. Nodes are numbers as in the world. */
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

bool script_done(const struct script *s); /* the story has ended, one way or another */
/* How it ended; 0, or ERR_INPUT and the sentence if the scenario itself is broken, or what
 * host.node_start() said, as ERR_INPUT or ERR_MACHINE. */
int script_status(const struct script *s, struct err *err);
/* Known since script_open. */
const struct script_check *script_checks(const struct script *s, uint32_t *ret_count);

/* Facts about the scenario, valid after script_open. */
const char *script_name(const struct script *s);
const char *script_summary(const struct script *s);

#endif
