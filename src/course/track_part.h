/* track_part.h - the parts of a track: tasks that belong together, under a title.
 *
 * The head of track.md says where each part begins, by the number of its first task:
 *
 *     part from 1: A node that answers
 *     part from 6: Calls to other nodes
 *
 * A part ends where the next one begins, so each task is in one part, and a task that is added
 * needs no new line. Reading is lenient: a line that is not understood, or that goes back, is left
 * out; tasks before the first part belong to it; and a part of which no task is written yet is not
 * there. track_parts_check() is the strict one. */
#ifndef COURSE_TRACK_PART_H
#define COURSE_TRACK_PART_H

#include <stdbool.h>
#include <stdint.h>

struct faults;
struct page;
struct page_field;
struct track;
struct track_part;

/* A longer track without parts is a fault: nobody sees where they are in it. */
enum { TRACK_TASKS_UNDIVIDED_MAX = 6 };

/* Whether a field of the head is about parts, well written or not. */
bool track_part_is_field(const struct page_field *field);
/* Fills t->parts, which are empty, from the head of its track.md; t->tasks are there. */
void track_parts_read(struct track *t, const struct page *page);
/* The part that begins with this task, or NULL: it begins none, or the track has no parts. */
const struct track_part *track_part_beginning(const struct track *t, uint32_t task_index);
/* Whether the parts cover all tasks, written or planned, in order. shown: what faults are said of.
 */
void track_parts_check(const struct track *t, const struct page *page, const char *shown,
                       struct faults *f);

#endif
