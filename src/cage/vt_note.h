/* vt_note.h - sentences about a node, for the caller's events. */
#ifndef CAGE_VT_NOTE_H
#define CAGE_VT_NOTE_H

struct vt_node;
struct vt_thread;

/* Something the reader of the result should know; the node goes on. */
void vt_note(struct vt_node *n, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The thread keeps its node busy without end. Said once until the node rests. */
void vt_stuck(struct vt_thread *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
