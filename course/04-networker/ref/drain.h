/* drain.h - closing time: no new work, finish what is in work, a limit on patience. */
#ifndef NETWORKER_DRAIN_H
#define NETWORKER_DRAIN_H

#include <stdbool.h>

struct conn;
struct message;

void on_shutdown(const struct message *m);

bool drain_is_on(void);
void drain_count(const struct conn *c); /* it is about to close */
void drain_check(void);                 /* one has closed: was it the last? */

#endif
