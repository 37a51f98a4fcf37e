/* grades.h - what came of assignments, who is where, and where people are stuck. Reads what was
 * handed in (src/judge/handins.h notes it), changes nothing. Answers are as accounts.h says.
 *
 * A submission that waits, was cancelled or could not be judged is no attempt: that is not the
 * learner's fault. Once passed, a task is passed; later attempts take nothing away. */
#ifndef ACCOUNTS_GRADES_H
#define ACCOUNTS_GRADES_H

#include "assignments.h"

struct buf;

struct grade {
    bool passed;
    uint32_t attempts; /* that count, up to the one that passed */
    int64_t passed_ms; /* when that one was handed in; 0 */
    int64_t handin;    /* it, or else the last attempt; 0: there is none */
    bool late;         /* not passed, but in an attempt that no longer counted */
};

struct grade_row {
    struct class_member member;
    const struct grade *grades; /* of the assignment's tasks, in their order */
    uint32_t passed;            /* how many of them */
};

/* A row for each learner of the assignment's class, in the order of class_members(). How many. */
int grades_of(struct accounts *a, const struct assignment *assignment,
              void (*each)(void *owner, const struct grade_row *row), void *owner, struct err *err);
/* Those of one person alone, who need not be in the class any more: task_count grades. */
int grades_of_person(struct accounts *a, const struct assignment *assignment, int64_t person,
                     struct grade grades[ASSIGNMENT_TASKS_MAX], struct err *err);
/* Appends a table for spreadsheets (RFC 4180, UTF-8): a line of titles, then one each learner, over
 * one assignment or (assignment_id 0) all of the class. Cells that a spreadsheet would take for a
 * formula begin with an apostrophe. 0: there is no such class or assignment in it. */
int grades_csv(struct accounts *a, int64_t class_id, int64_t assignment_id, struct buf *out,
               struct err *err);
void csv_cell(struct str text, struct buf *out); /* quoted and guarded; for other tables, too */

struct standing {
    struct class_member member;
    int64_t passed;           /* tasks, ever */
    const char *track, *task; /* where he handed something in last; "" if nowhere. Borrowed */
    const char *verdict;      /* of that: "passed", "failed", ...; "": it waits or there is none */
    int64_t at_ms;
    int64_t handin;
};

/* Of each learner of a class: who is where. How many. */
int standings(struct accounts *a, int64_t class_id,
              void (*each)(void *owner, const struct standing *s), void *owner, struct err *err);

struct sticking {
    const char *track, *task; /* borrowed */
    int64_t people;           /* who tried */
    int64_t passed;           /* of them */
    int64_t attempts;         /* that failed, of those who have not passed */
    const char *said;         /* what most of the attempts that failed were told; borrowed */
};

/* Tasks that somebody of the class has tried and not passed, the most such people first; 50 at
 * most. How many. */
int stickings(struct accounts *a, int64_t class_id,
              void (*each)(void *owner, const struct sticking *s), void *owner, struct err *err);

#endif
