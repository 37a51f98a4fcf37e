/* machines.h - which workers there are: each writes a row about itself into the database that all
 * share, and renews it.
 *
 * For people who look after them, and for nothing else: who may take a job is the queue's business
 * (jobs.h), and a worker that cannot write its row judges all the same. Only the database's clock
 * counts. Errors as in jobs.h. */
#ifndef JUDGE_MACHINES_H
#define JUDGE_MACHINES_H

#include "jobs.h"

enum {
    MACHINE_BEAT_MS = 10000,                 /* how often a worker renews its row */
    MACHINE_SILENT_MS = 3 * MACHINE_BEAT_MS, /* after so long it is not heard of any more */
    MACHINE_TOOLS_MAX = 16 << 10,
};

/* What a worker says of itself. Texts are borrowed. */
struct machine {
    const char *sandbox; /* the level's name: "A" */
    const char *tools;   /* JSON: [{"language", "version"}, {"language", "missing"}] */
    uint32_t jobs;       /* at a time */
    bool draining;       /* takes nothing more */
    int64_t cache_bytes, free_bytes;
};

/* name: under which it takes jobs. The first one makes the row. ERR_INPUT: tools is longer than
 * MACHINE_TOOLS_MAX. */
int machines_beat(struct jobs *q, const char *name, const struct machine *m, struct err *err);
/* It has ended; no such row is fine. */
int machines_leave(struct jobs *q, const char *name, struct err *err);
/* Forgets those that have been silent for so long; how many. */
int machines_forget(struct jobs *q, int64_t older_ms, struct err *err);

struct machine_view {
    const char *name;
    struct machine machine;
    int64_t began_ms, beat_ms; /* since 1970 */
    int64_t silent_ms;         /* since its last beat */
    uint32_t running;          /* jobs that it has now */
};

/* Each row, by name; what the view points to is borrowed for the call. How many, or negative. */
int machines_list(struct jobs *q, void (*each)(void *owner, const struct machine_view *view),
                  void *owner, struct err *err);

#endif
