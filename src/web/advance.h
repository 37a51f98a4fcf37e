/* advance.h - how far somebody is, and which task comes next. */
#ifndef WEB_ADVANCE_H
#define WEB_ADVANCE_H

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct site;
struct site_progress;
struct task;
struct track;
struct track_part;

uint32_t advance_passed(const struct site_progress *p, const struct track *t);
/* Begun or passed. */
uint32_t advance_begun(const struct site_progress *p, const struct track *t);
uint32_t advance_part_passed(const struct site_progress *p, const struct track *t,
                             const struct track_part *part);
/* Of all tracks. */
uint32_t advance_all_passed(const struct site *s, const struct site_progress *p);
uint32_t advance_all_tasks(const struct site *s);

/* The next task of this track: the first one that was begun and not passed, else the first one
 * behind the last that was passed, else the first that was not passed. NULL: all are, or there are
 * none. */
const struct task *advance_in_track(const struct site_progress *p, const struct track *t);
/* The next task of all, and its track: of the first track in hand, else of the first one of which
 * nothing was begun. NULL: everything is passed, or nothing is written. */
const struct task *advance_next(const struct site *s, const struct site_progress *p,
                                const struct track **ret_track);

#endif
