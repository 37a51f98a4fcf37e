/* registers.h - keys, and for each the one fact that holds now. Older ones leave the set. */
#ifndef GOSSIPER_REGISTERS_H
#define GOSSIPER_REGISTERS_H

#include "json.h"

/* The fact of this key; borrowed until the next registers_put(). NULL: there was never one. */
struct json *registers_get(const struct json *key);
/* From now on this is it. Its number in the set. */
int registers_put(const struct json *key, const struct json *fact);

#endif
