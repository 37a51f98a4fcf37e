/* assignments.h - what a class is asked to do until when. Answers are as accounts.h says.
 *
 * An assignment names tasks of the course by their slugs; whether there are such tasks is for the
 * caller to know (src/course). What counts: of each task the first attempts_max submissions
 * (all, if it is 0) that were handed in at due_ms or earlier (whenever, if it is 0). */
#ifndef ACCOUNTS_ASSIGNMENTS_H
#define ACCOUNTS_ASSIGNMENTS_H

#include "../base/str.h"
#include "classes.h"

enum {
    ASSIGNMENT_TASKS_MAX = 50,
    ASSIGNMENTS_MAX = 200, /* of a class */
    ASSIGNMENT_SLUG_MAX = 100,
    ASSIGNMENT_ATTEMPTS_MAX = 1000,
};

struct assignment_task {
    char track[ASSIGNMENT_SLUG_MAX + 1], task[ASSIGNMENT_SLUG_MAX + 1];
};

struct assignment {
    int64_t id, class_id;
    char title[CLASS_TITLE_MAX + 1];
    int64_t due_ms;       /* since 1970; 0: none */
    int64_t attempts_max; /* 0: all */
    int64_t made_ms;
    uint32_t task_count;
    struct assignment_task tasks[ASSIGNMENT_TASKS_MAX];
};

/* id 0: a new one of class_id; else this one is changed. *assignment gets its id and made_ms.
 * 0: a title, task or number is none, or the class has ASSIGNMENTS_MAX. */
int assignment_put(struct accounts *a, struct assignment *assignment, struct err *err);
int assignment_find(struct accounts *a, int64_t id, struct assignment *ret_assignment,
                    struct err *err);
/* Those with a deadline first, by deadline. How many. */
int assignment_list(struct accounts *a, int64_t class_id,
                    void (*each)(void *owner, const struct assignment *assignment), void *owner,
                    struct err *err);
int assignment_delete(struct accounts *a, int64_t id, struct err *err);

#endif
