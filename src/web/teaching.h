/* teaching.h - what the pages of teachers share: whose class it is, and the pieces of their tables.
 */
#ifndef WEB_TEACHING_H
#define WEB_TEACHING_H

#include "../accounts/classes.h"
#include "../accounts/grades.h"

struct request;
struct response;
struct site;

/* 1: the class of this word, which the one who asks teaches, or he is an admin; 0: r says that
 * there is none, whether or not it is another's. Negative. */
int teaching_class(const struct site *s, const struct request *q, struct str word,
                   struct class_view *ret_class, struct response *r, struct err *err);

/* A trail up to here: classes, the class, and what follows. */
void teaching_trail(const struct class_view *c, const char *here, struct buf *out);
/* "Full name" with the name behind it, as a link to what he handed in. */
void teaching_person(int64_t class_id, const struct class_member *m, struct buf *out);
/* The task's title as a link; slugs as they are if the course has no such task any more. */
void teaching_task(const struct site *s, const char *track, const char *task, struct buf *out);
/* passed, failed, passed in an attempt that does not count (any more) or open, with words for those
 * who see no colours. */
void teaching_grade(const struct grade *g, struct buf *out);
void teaching_due(int64_t due_ms, struct buf *out);

#endif
