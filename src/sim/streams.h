/* streams.h - the named streams of chance of one run (../base/prng.h).
 *
 * A stream depends on the seed and its name only, not on when or whether others are made. */
#ifndef SIM_STREAMS_H
#define SIM_STREAMS_H

#include <stdint.h>

struct prng;
struct streams;

struct streams *streams_new(uint64_t seed);
void streams_free(struct streams *s); /* NULL is fine */

/* The stream called name, made at first use; borrowed, and stays where it is. */
struct prng *streams_get(struct streams *s, const char *name);

#endif
