/* loop.h - the one place where the node waits.
 *
 * Everything else reacts: to a line, or to a timer. Handlers and timers run one after the other and
 * must not block. What they print leaves the process at the end of the round. */
#ifndef MESSENGER_LOOP_H
#define MESSENGER_LOOP_H

#include <stddef.h>
#include <stdint.h>

struct timer;

/* Runs until the input has ended and no timer is left. line[len] may be written to. */
void loop_run(void (*on_line)(char *line, size_t len));

int64_t loop_now_ns(void);                          /* monotonic; when this round began */
void loop_after(struct timer *t, int64_t after_ms); /* starts t, counted from loop_now_ns() */
void loop_print(const char *bytes, size_t len);

#endif
