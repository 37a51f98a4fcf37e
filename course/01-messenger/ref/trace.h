/* trace.h - the last messages that came in and went out. */
#ifndef MESSENGER_TRACE_H
#define MESSENGER_TRACE_H

#include <stddef.h>

struct json;

enum { TRACE_MAX = 100 };
enum trace_dir { TRACE_IN, TRACE_OUT };

void trace_begin(void); /* init has come: times are counted from here */
void trace_add(enum trace_dir dir, const char *peer, const struct json *body);
struct json *trace_entries(size_t limit); /* the last of them, oldest first, in scratch memory */

#endif
