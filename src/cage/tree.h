/* tree.h - the processes below one process, as /proc shows them.
 *
 * A list is a picture of one moment: processes may fork or end while it is taken. Callers loop. */
#ifndef CAGE_TREE_H
#define CAGE_TREE_H

#include <stddef.h>
#include <sys/types.h>

struct tree_process {
    pid_t pid;
    pid_t parent;
    char state; /* as in /proc/PID/stat: R, S, D, T, t, Z ... */
};

struct tree {
    struct tree_process *process; /* by pid */
    size_t len;
    size_t cap;
};

void tree_release(struct tree *t);
void tree_below(struct tree *t, pid_t root); /* all descendants of root, without root itself */
char tree_state(pid_t pid);                  /* 0: there is no such process */

#endif
