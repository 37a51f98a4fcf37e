/* handins.h - what people handed in: which job of the queue judges it, and what came of it.
 *
 *     put --> open --its job is over, settle--> noted: verdict, sentence, progress
 *
 * Laws: 1. What was handed in is judged once and noted once, whoever looks and however often:
 * settle() may be called by several at the same time, and by a server that was killed in between.
 * 2. It is over for nobody before its progress is noted. 3. A look (HANDIN_RUN) is no attempt:
 * nothing but a submission (HANDIN_SUBMIT) that was judged counts, and what is not judged or was
 * cancelled counts for nothing. 4. A submission is one attempt, however often it is judged. When it
 * is judged again (regrade.h), its verdict and what follows from it (grades) stay as they are until
 * there is another verdict, and then are that one's; a second look that is not judged or is
 * cancelled changes nothing. Progress only grows: what was passed stays passed, since when it was;
 * what passes by a second look was passed when it was handed in. What was not judged at first is an
 * attempt when it is.
 *
 * Whose it is, is a number of src/accounts and no more; who may see it is asked elsewhere. All: 0
 * and up, ERR_AWAY, ERR_MACHINE, ERR_INPUT if the database is damaged. Not thread-safe, as struct
 * jobs. */
#ifndef JUDGE_HANDINS_H
#define JUDGE_HANDINS_H

#include "submission.h"

struct err;
struct jobs;

enum handin_kind { HANDIN_RUN, HANDIN_SUBMIT };

enum { HANDINS_LIST_MAX = 200 };

#define HANDIN_REPORT "report.html"

struct handin {
    int64_t id, person, job;
    enum handin_kind kind;
    char track[SUBMISSION_WORD_MAX + 1], task[SUBMISSION_WORD_MAX + 1];
    char language[SUBMISSION_WORD_MAX + 1];
    char state[16];          /* "queued", "running", "done", "cancelled", "not judged" */
    uint32_t place;          /* queued: 1 is the next; else 0 */
    uint32_t event_count;    /* of its job, so far */
    uint32_t attempt;        /* of its job */
    int64_t put_ms, over_ms; /* since 1970; over_ms 0: not yet */
    char verdict[16];        /* "passed", "failed", "not judged"; "": not over, or cancelled */
    bool judged_before;      /* it is not over, but had a verdict once */
    char *sentence;          /* why; "" if there is none to say */
    bool has_report;         /* jobs_file(q, job, HANDIN_REPORT) has it */
};
void handin_release(struct handin *h); /* all zero is fine */
bool handin_is_over(const struct handin *h);
const char *handin_kind_word(enum handin_kind kind); /* "run", "submit" */

struct handin_spec {
    int64_t person;
    enum handin_kind kind;
    const struct submission *submission; /* whose seeds is set here, by the kind */
};

/* Puts a job into the queue. A run takes the place of one of his that still waits. ERR_FULL: too
 * many of his wait; ERR_INPUT: it cannot be a job; both with a sentence for him. */
int handins_put(struct jobs *q, const struct handin_spec *spec, int64_t *ret_id, struct err *err);

/* 1 and how it stands, noted by now if its job is over; 0: there is none. */
int handins_view(struct jobs *q, int64_t id, struct handin *ret_handin, struct err *err);
/* The newest first, HANDINS_LIST_MAX at most; track and task may be "": of all. */
int handins_list(struct jobs *q, int64_t person, const char *track, const char *task,
                 void (*each)(void *owner, const struct handin *h), void *owner, struct err *err);
/* 1 and its files; 0: there is none. */
int handins_files(struct jobs *q, int64_t id, struct submission *ret_submission, struct err *err);
/* 1: it is cancelled; 0: it was over. */
int handins_cancel(struct jobs *q, const struct handin *h, struct err *err);

/* Notes whatever is over; how many. To be called every second or so, for what nobody looks at. */
int handins_settle(struct jobs *q, struct err *err);

#endif
