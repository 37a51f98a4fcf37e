/* jobs.h - the queue of the judge: what waits to be judged, what is, and what came out.
 *
 * (Its name is not queue.h because src/sim has a queue, of events.) A job is a text that somebody
 * put in and, later, a text that a worker gives back, in the database: SQLite for one machine,
 * PostgreSQL for many. What the texts mean is nothing of the queue's.
 *
 *     put --> queued --take--> running --finish--> done
 *                ^               |
 *                |<--give_back---+
 *                |<--fail, or the lease ended; the attempts_max'th time: --> not judged
 *
 *     cancel: from queued or running --> cancelled
 *
 * Laws: 1. Who takes a job holds it until its lease ends, and beats to renew it. Only the
 * database's clock decides when. 2. Each take has a fence of its own. Whoever comes with an old
 * one is told so (0, "it is not yours any more") and nothing changes: so a job has one result at
 * most, whatever died, slept or came late. 3. Interactive before regrade, then the order of entry;
 * but a learner has running_max jobs running at most, and what others put in goes first meanwhile.
 * 4. A job that ends attempts_max times without a result is not judged: our fault, never a fail of
 * the learner's. 5. Whoever watches needs only to ask again: hints (jobs_hear) may be lost.
 *
 * All functions: ERR_AWAY when the database is not to be reached just now (nothing is known of what
 * the call did; every call may be repeated, see each); ERR_MACHINE. Not thread-safe: one struct
 * jobs, with its own connection, a thread or process. */
#ifndef JUDGE_JOBS_H
#define JUDGE_JOBS_H

#include "../base/str.h"

struct err;
struct jobs;
struct store;

enum {
    JOB_PAYLOAD_MAX = 4 << 20, /* bytes of a payload */
    JOB_RESULT_MAX = 16 << 20,
    JOB_FILE_MAX = 8 << 20,
    JOB_FILES_MAX = 4, /* that a worker passes on; more are dropped */
    JOB_EVENT_MAX = 64 << 10,
    JOB_EVENTS_MAX = 2000,               /* a job; what is said after that is dropped */
    JOB_NAME_MAX = 200,                  /* bytes of learner, topic, needs and of a worker's name */
    JOB_RUNNING_MAX = 32,                /* the most that running_max can be */
    JOB_KEEP_MS = 14 * 24 * 3600 * 1000, /* events and files; results stay */
};

enum job_priority { JOB_INTERACTIVE, JOB_REGRADE };

enum job_state { JOB_QUEUED, JOB_RUNNING, JOB_DONE, JOB_CANCELLED, JOB_NOT_JUDGED };

/* All zero: the numbers behind each. Lease, attempts and back-off are the taker's to say. */
struct jobs_config {
    int64_t lease_ms;      /* 30000 */
    int64_t back_off_ms;   /* 2000: before the second attempt; doubles for each further one */
    uint32_t attempts_max; /* 3 */
    uint32_t running_max;  /* 2: of one learner at once, on all machines */
    uint32_t waiting_max;  /* 20: interactive jobs of one learner that may wait */
    const char *worker;    /* who takes: a name that no living worker shares; NULL: takes nothing */
    const char *offers;    /* what it can run: "c,cpp,go"; NULL: everything */
};

/* db: a path, or postgresql://... (store_open). Texts of config are copied. */
int jobs_open(const char *db, const struct jobs_config *config, struct jobs **ret_jobs,
              struct err *err);
/* The same over a connection that is there already, for the thread that has it; borrowed. Then
 * ERR_AWAY and reconnecting are both's. */
int jobs_open_on(struct store *store, const struct jobs_config *config, struct jobs **ret_jobs,
                 struct err *err);
void jobs_close(struct jobs *q); /* NULL is fine */
/* After ERR_AWAY, some time later: connects again. ERR_AWAY: still not to be reached. ERR_INPUT: a
 * newer eddy has the database now. Also fine when nothing is wrong. */
int jobs_reconnect(struct jobs *q, struct err *err);
bool jobs_is_shared(const struct jobs *q); /* other machines may use it too */

/* ---- who submits ---- */

struct job_spec {
    const char *learner; /* "": nobody's; neither running_max nor waiting_max hold for it */
    const char *topic;   /* if not "": cancels what this learner has waiting on the same topic */
    const char *needs;   /* what the worker must offer ("rust"), or "" */
    enum job_priority priority;
    struct str payload; /* UTF-8 without 0 bytes */
};

/* ERR_FULL: waiting_max is reached; ERR_INPUT: a text is too long or no UTF-8. After ERR_AWAY the
 * job may be in or not; with a topic it does no harm to put it again. */
int jobs_put(struct jobs *q, const struct job_spec *spec, int64_t *ret_id, struct err *err);
/* 1: it is cancelled (its worker hears of it at the next beat); 0: it was over, or never was. */
int jobs_cancel(struct jobs *q, int64_t id, struct err *err);

struct job_view {
    enum job_state state;
    enum job_priority priority;
    char learner[JOB_NAME_MAX + 1], topic[JOB_NAME_MAX + 1];
    char worker[JOB_NAME_MAX + 1]; /* who has or had it last; "": nobody so far */
    uint32_t attempt;              /* that runs or ran last; 0: none so far */
    uint32_t place;                /* queued: how many go before it, and 1: 1 is the next. Else 0 */
    uint32_t event_count;          /* so far */
    char why[512];                 /* not judged, or tried again: a sentence. Else "" */
    int64_t put_ms, taken_ms, over_ms; /* since 1970, the database's clock; 0: not yet */
};

/* 1 and how the job stands, or 0: there is none of this id. */
int jobs_view(struct jobs *q, int64_t id, struct job_view *ret_view, struct err *err);

struct job_event {
    uint32_t number;  /* from 0, without gaps */
    uint32_t attempt; /* where it is higher than the event's before, the job began anew */
    struct str text;  /* borrowed */
};

/* Events from number `from` on, in order, through hear(), and then how the job stands: a view that
 * is over has all its events told. 1, or 0: there is none of this id. hear may be NULL. */
int jobs_watch(struct jobs *q, int64_t id, uint32_t from,
               void (*hear)(void *owner, const struct job_event *event), void *owner,
               struct job_view *ret_view, struct err *err);
/* 1: appends the text that the worker gave; 0: the job is not done. */
int jobs_result(struct jobs *q, int64_t id, struct buf *out, struct err *err);
/* Likewise a file that came with it ("report.html"); 0 also when it was forgotten meanwhile. */
int jobs_file(struct jobs *q, int64_t id, const char *name, struct buf *out, struct err *err);

/* ---- who judges ---- */

struct job {
    int64_t id;
    int64_t fence;
    uint32_t attempt; /* from 1 */
    bool is_last;     /* it came to nothing before, and this is its last attempt */
    enum job_priority priority;
    uint32_t event_count; /* of all attempts so far */
    char *learner;
    struct str payload; /* owned; ends in 0 */
};

/* 1 and a job, to be released with job_release(); 0: none may be taken now. After ERR_AWAY a job
 * may have been taken: its lease will end. */
int jobs_take(struct jobs *q, struct job *ret_job, struct err *err);
/* Likewise for one who has other jobs running: he gets none whose is_last would be set. What made
 * earlier attempts come to nothing may be the job itself, and may do harm to all beside it. If such
 * a one is next he gets nothing at all, so that he has nothing left some day and takes it alone. */
int jobs_take_beside(struct jobs *q, struct job *ret_job, struct err *err);
void job_release(struct job *job);

/* These say 1, or 0: the job is not yours any more (cancelled, or the lease ended and others
 * have it); then drop the work. After ERR_AWAY repeat them until they answer: what is done is not
 * done twice, and a finish that went through before the connection broke says 1 again. */
int jobs_beat(struct jobs *q, const struct job *job, struct err *err);
int jobs_holds(struct jobs *q, const struct job *job, struct err *err); /* without renewing it */
/* Events that may be watched from now on; all of them or none. What is above JOB_EVENTS_MAX or
 * JOB_EVENT_MAX is dropped. */
int jobs_say(struct jobs *q, struct job *job, const struct str *events, uint32_t count,
             struct err *err);
/* A file to be had beside the result, once the job is done; replaces one of this name. ERR_INPUT:
 * it is no text, or larger than JOB_FILE_MAX. */
int jobs_put_file(struct jobs *q, const struct job *job, const char *name, struct str text,
                  struct err *err);
int jobs_finish(struct jobs *q, const struct job *job, struct str result, struct err *err);
/* Back to its place in the queue, as if it had not been taken. */
int jobs_give_back(struct jobs *q, const struct job *job, struct err *err);
/* This attempt came to nothing: queued again after the back-off, or not judged. */
int jobs_fail(struct jobs *q, const struct job *job, const char *why, struct err *err);

/* Jobs whose lease has ended: queued again or not judged; how many. Anybody may call it at any
 * time, and every worker does, every few seconds. */
int jobs_sweep(struct jobs *q, struct err *err);
/* The same at once, for all that a worker of this name holds: it is known to be dead. */
int jobs_sweep_worker(struct jobs *q, const char *worker, struct err *err);
/* Forgets the events of jobs that have been over for so long, and their files; how many. Results
 * stay. */
int jobs_forget_events(struct jobs *q, int64_t older_ms, struct err *err);
int jobs_forget_files(struct jobs *q, int64_t older_ms, struct err *err);
/* Both, of what is older than JOB_KEEP_MS; 0. To be called now and then by whoever may; workers may
 * lack the right to (ERR_MACHINE), then the server on the web does it. */
int jobs_forget(struct jobs *q, struct err *err);

/* ---- hints ---- */

enum jobs_hint {
    JOBS_HINT_NONE,
    JOBS_HINT_WORK,   /* something was put in */
    JOBS_HINT_CANCEL, /* job *ret_id was cancelled: a beat tells whether it is one's own */
    JOBS_HINT_NEWS,   /* events or an end of job *ret_id */
    JOBS_HINT_ANY,    /* any of these, of some job (SQLite) */
};

/* From now on, hints come of work and cancellings (for who takes), of news (for who watches), or
 * both. Each is a hint only: ask again every few seconds as well. */
int jobs_listen(struct jobs *q, bool work, bool news, struct err *err);
/* The next hint, until it is NONE; never waits. */
int jobs_hear(struct jobs *q, enum jobs_hint *ret_hint, int64_t *ret_id, struct err *err);
/* Readable when there may be a hint; -1: there is no such thing here (SQLite), so call jobs_hear()
 * some times a second, which is cheap. */
int jobs_fd(const struct jobs *q);

struct jobs_counts {
    int64_t queued, running, not_judged;
    int64_t oldest_ms; /* how long the first of the queue has waited */
};
int jobs_count(struct jobs *q, struct jobs_counts *ret_counts, struct err *err);

const char *jobs_state_word(enum job_state state); /* "queued", ..., "not judged" */
/* Some jobs of a state, limit at most: those that wait in their order (places are their own, from
 * 1), all others with the newest first. What is told is borrowed. How many, or negative. */
int jobs_list(struct jobs *q, enum job_state state, uint32_t limit,
              void (*each)(void *owner, int64_t id, const struct job_view *view), void *owner,
              struct err *err);

#endif
