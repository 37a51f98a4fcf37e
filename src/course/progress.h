/* progress.h - what learners have begun and passed, in the database. */
#ifndef COURSE_PROGRESS_H
#define COURSE_PROGRESS_H

#include "../base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct err;
struct store;

/* Whose progress: a task in a language, in a folder. Borrowed texts. */
struct progress_key {
    const char *track, *task; /* slugs */
    const char *language;
    const char *folder; /* absolute; "": in the browser */
    int64_t person;     /* of src/accounts; 0: the one of a machine without accounts */
};

struct progress {
    bool begun, passed;
    uint32_t attempts, hints;
    int64_t passed_at; /* seconds since 1970; 0: not passed */
};

enum progress_verdict { PROGRESS_PASSED, PROGRESS_FAILED, PROGRESS_NOT_BUILT };

struct progress_result {
    enum progress_verdict verdict;
    const char *step;   /* that failed, or "" */
    uint64_t seed;      /* likewise */
    const char *report; /* the folder of its files, or "" */
};

/* Appends the path of the database: $EDDY_STATE/progress.db, else eddy/progress.db in
 * $XDG_DATA_HOME or ~/.local/share. ERR_INPUT: there is no home either. */
int progress_path(struct buf *out, struct err *err);
int progress_open(struct store **ret_store, struct err *err); /* as store_open() */

int progress_get(struct store *s, const struct progress_key *k, struct progress *ret_progress,
                 struct err *err);
int progress_begin(struct store *s, const struct progress_key *k, struct err *err);
/* One check: an attempt, its result, and the task as passed if it was; all or nothing. */
int progress_add(struct store *s, const struct progress_key *k, const struct progress_result *r,
                 struct err *err);
/* The same within a transaction of the caller's. */
int progress_note(struct store *s, const struct progress_key *k, const struct progress_result *r,
                  struct err *err);
/* A second look at what was noted before (a grader was mended): no attempt and no result is added,
 * and nothing that was passed is taken away. If it passed now and was not passed so far, it was
 * passed when it was handed in: at, in seconds since 1970. Within a transaction of the caller's. */
int progress_note_again(struct store *s, const struct progress_key *k, bool passed, int64_t at,
                        struct err *err);
/* From now on so many hints were shown. */
int progress_set_hints(struct store *s, const struct progress_key *k, uint32_t hints,
                       struct err *err);
/* How many tasks of a track person 0 has passed, in whatever language and folder. */
int progress_count(struct store *s, const char *track, uint32_t *ret_count, struct err *err);
/* Calls each with every task that the person has begun or passed, in whatever language and folder,
 * by track and task; with one that was passed here and begun there, twice. */
int progress_tasks(struct store *s, int64_t person,
                   void (*each)(void *owner, const char *track, const char *task, bool passed),
                   void *owner, struct err *err);

/* ---- by day ---- */

struct progress_day {
    int64_t day;       /* since 1970-01-01, as UTC has days */
    uint32_t attempts; /* checks and submissions */
    uint32_t passed;   /* tasks that were passed for the first time */
};

int64_t progress_today(void);
/* The days from since on, in order, but for those on which nothing was done. */
int progress_days(struct store *s, int64_t person, int64_t since,
                  void (*each)(void *owner, const struct progress_day *day), void *owner,
                  struct err *err);

#endif
