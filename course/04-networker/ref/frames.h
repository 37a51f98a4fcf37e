/* frames.h - messages with their length in front: 4 bytes, big-endian, then the payload.
 *
 * A length above FRAME_MAX is answered by the frame "ERR too long" and ends the connection; nothing
 * is kept or waited for on the word of such a length. */
#ifndef NETWORKER_FRAMES_H
#define NETWORKER_FRAMES_H

#include <stdbool.h>
#include <stddef.h>

struct conn;

enum { FRAME_MAX = 1 << 20, FRAME_HEADER = 4 };

/* The payload of the first frame of in, if all of it is there. Take FRAME_HEADER + len when done.
 */
bool frame_first(struct conn *c, const unsigned char **ret_payload, size_t *ret_len);

void frame_put(struct conn *c, const void *payload, size_t len);

#endif
