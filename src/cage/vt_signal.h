/* vt_signal.h - letting signals reach threads that we hold. */
#ifndef CAGE_VT_SIGNAL_H
#define CAGE_VT_SIGNAL_H

#include <stdbool.h>

struct vt_node;

/* Signals may have been sent since the threads last ran: lets those go for which one is pending,
 * and buries processes that were killed. True if something was put into the queue or buried. */
bool vt_signals_check(struct vt_node *n);

/* Buries processes that somebody outside of the node killed while they were held: nothing else
 * tells of that. True if there were any. */
bool vt_signals_bury_killed(struct vt_node *n);

#endif
