/* child.h - one job in a process of its own: what it says comes through a pipe, and its end is
 * seen whatever it was. Private to the worker. */
#ifndef JUDGE_CHILD_H
#define JUDGE_CHILD_H

#include "jobs.h"

#include <stdbool.h>
#include <sys/types.h>

struct err;
struct job_voice;

enum { CHILD_WHY_MAX = 300 };

struct child_file {
    char *name;
    struct buf text;
};

struct child {
    pid_t pid; /* 0: none runs */
    int pidfd, pipe_fd;
    struct buf in; /* read, and not yet a whole message */
    struct buf event_bytes;
    size_t *event_ends; /* event i is event_bytes up to event_ends[i], from the end before */
    size_t event_cap;
    uint32_t event_count; /* that child_events() gives */
    struct child_file files[JOB_FILES_MAX];
    uint32_t file_count;
    struct buf result;
    bool has_result;
    char why[CHILD_WHY_MAX]; /* without a result: a sentence */
    int64_t kill_ms;         /* asked to end; at that time it is made to. 0: not asked */
};

struct child_start {
    const struct job *job;
    const char *folder;
    uint32_t slot, slot_count; /* which share of the processors it gets */
    int queue_fd; /* the worker's connection, which is nothing for the child; -1: none */
    int (*judge)(const struct job *job, struct job_voice *voice, void *owner, struct err *err);
    void *owner;
};

/* All zero is no child. */
int child_start(struct child *c, const struct child_start *start, struct err *err);
/* Takes in what it has said; true when it has ended, and then has_result or why says how. */
bool child_hear(struct child *c);
/* SIGTERM, and SIGKILL 2 s later if it has not ended (child_tick()). Any number of times. */
void child_end(struct child *c, int64_t now_ms);
void child_tick(struct child *c, int64_t now_ms);
void child_kill(struct child *c);  /* at once, and waits until it is gone */
void child_reset(struct child *c); /* of one that has ended: forgets everything */

/* The events since child_forget_events(), borrowed. into has room for event_count of them. */
void child_events(const struct child *c, struct str *into);
void child_forget_events(struct child *c);

#endif
