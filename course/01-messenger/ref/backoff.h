/* backoff.h - how long to stay away after the k-th failure. */
#ifndef MESSENGER_BACKOFF_H
#define MESSENGER_BACKOFF_H

#include <stdint.h>

/* Milliseconds to wait before attempt k + 1, k = 1, 2, ...: uniform in [0, min(cap, base * 2^k)],
 * "full jitter" (Brooker 2015). Never overflows, however large k is. */
int64_t backoff_delay_ms(int64_t base_ms, int64_t cap_ms, int k);

#endif
