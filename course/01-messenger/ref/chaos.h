/* chaos.h - faults of our own making, in everything the node sends. */
#ifndef MESSENGER_CHAOS_H
#define MESSENGER_CHAOS_H

#include <stdint.h>

struct json;

void chaos_begin(double drop, double duplicate, uint64_t seed);
void chaos_end(void);

/* How often this message leaves: once, or, while chaos is on, not at all or twice. */
int chaos_copies(const struct json *body);

#endif
