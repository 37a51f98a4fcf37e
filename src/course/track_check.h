/* track_check.h - whether a track is complete on disk: its pages, scenarios, reference and patches.
 *
 * Nothing is built or run here; that is prove.h. */
#ifndef COURSE_TRACK_CHECK_H
#define COURSE_TRACK_CHECK_H

struct course;
struct err;
struct faults;
struct mistakes;
struct task;
struct track;

enum { MISTAKES_A_TASK_MIN = 2 };

/* Everything of the track, or of one task only (NULL: all). Faults name files as seen from the
 * course's home. *ret_mistakes are the track's, also broken ones; the caller releases them. */
int track_check(const struct course *c, const struct track *t, const struct task *only,
                struct mistakes *ret_mistakes, struct faults *f, struct err *err);

#endif
