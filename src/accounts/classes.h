/* classes.h - classes: who is in, who teaches. Answers are as accounts.h says.
 *
 * A class has any number of teachers, who see what its learners do here; one joins by a link
 * (LINK_CLASS), by an invitation that names a class, or by being added. Who leaves keeps his work;
 * the class no longer sees it. */
#ifndef ACCOUNTS_CLASSES_H
#define ACCOUNTS_CLASSES_H

#include "../base/str.h"

struct accounts;
struct err;

enum { CLASS_TITLE_MAX = 120, CLASS_MEMBERS_MAX = 1000, CLASS_LIST_MAX = 500 };

enum class_part { CLASS_NO_MEMBER = -1, CLASS_LEARNER = 0, CLASS_TEACHER = 1 };

struct class_view {
    int64_t id;
    char title[CLASS_TITLE_MAX + 1];
    int64_t made_ms;
    int64_t learner_count;
    enum class_part part; /* of the person who was asked for */
};

/* NULL, or a sentence on what is wrong with a title (of a class or of an assignment). */
const char *title_problem(struct str title);

/* teacher becomes its first. 0: the title is none. */
int class_add(struct accounts *a, struct str title, int64_t teacher, int64_t *ret_id,
              struct err *err);
int class_find(struct accounts *a, int64_t id, int64_t person, struct class_view *ret_class,
               struct err *err);
/* Those that the person is in, or all (for an admin); the newest first. How many. */
int class_list(struct accounts *a, int64_t person, bool all,
               void (*each)(void *owner, const struct class_view *c), void *owner, struct err *err);
int class_set_title(struct accounts *a, int64_t id, struct str title, struct err *err);
/* With its assignments and links; nobody's work is touched. */
int class_delete(struct accounts *a, int64_t id, struct err *err);

/* 1 also if he was in already (and then he keeps his part). 0: there is no such class, or it is
 * full. */
int class_join(struct accounts *a, int64_t id, int64_t person, bool teaches, struct err *err);
/* By a link; uses it up unless he was in. 0: it is no good, or the class is full. */
int class_join_by_link(struct accounts *a, struct str token, int64_t person, int64_t *ret_id,
                       struct err *err);
/* 0: he is not in, or is the last teacher of it. */
int class_leave(struct accounts *a, int64_t id, int64_t person, struct err *err);

struct class_member {
    int64_t person;
    const char *name, *full_name; /* borrowed */
    bool teaches;
    int64_t joined_ms, seen_ms;
};

/* Teachers first, then by full name. How many. */
int class_members(struct accounts *a, int64_t id,
                  void (*each)(void *owner, const struct class_member *m), void *owner,
                  struct err *err);
/* 1: this teacher teaches a class that the person is in. */
int class_teaches(struct accounts *a, int64_t teacher, int64_t person, struct err *err);

#endif
