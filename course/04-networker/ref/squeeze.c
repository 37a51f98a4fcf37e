/* squeeze.c - the protocol "lz": frames whose payload may be compressed, if that makes it smaller.
 *
 *     00 payload                              as it is
 *     01 original length (4 bytes) block      LZ4 */
#include "conn.h"
#include "frames.h"
#include "lz4.h"
#include "protos.h"

#include <string.h>

enum { RAW = 0, LZ4 = 1, ORIGINAL_MAX = 1000000, LZ4_HEADER = 5 };

/* The payload of what the client sent, in a buffer for the next call to overwrite. */
static bool expand(const unsigned char *frame, size_t len, const unsigned char **ret_payload,
                   size_t *ret_len)
{
    static unsigned char payload[ORIGINAL_MAX];
    size_t original;

    if (len > 0 && len - 1 <= ORIGINAL_MAX && frame[0] == RAW) {
        *ret_payload = frame + 1;
        *ret_len = len - 1;
        return true;
    }
    if (len < LZ4_HEADER || frame[0] != LZ4)
        return false;
    original = (size_t)frame[1] << 24 | (size_t)frame[2] << 16 | (size_t)frame[3] << 8 | frame[4];
    if (original > ORIGINAL_MAX ||
        !lz4_expand(frame + LZ4_HEADER, len - LZ4_HEADER, payload, original))
        return false;
    *ret_payload = payload;
    *ret_len = original;
    return true;
}

static void answer(struct conn *c, const unsigned char *payload, size_t len)
{
    static unsigned char frame[FRAME_MAX];
    size_t room = len > LZ4_HEADER ? len - LZ4_HEADER : 0; /* else it does not pay */
    size_t block = room == 0 ? 0 : lz4_compress(payload, len, frame + LZ4_HEADER, room);

    if (block == 0) {
        frame[0] = RAW;
        memcpy(frame + 1, payload, len);
        frame_put(c, frame, 1 + len);
        return;
    }
    frame[0] = LZ4;
    for (int i = 0; i < 4; i++)
        frame[1 + i] = (unsigned char)(len >> 8 * (3 - i));
    frame_put(c, frame, LZ4_HEADER + block);
}

static bool step(struct conn *c)
{
    const unsigned char *frame, *payload;
    size_t len, payload_len;

    if (!frame_first(c, &frame, &len))
        return false;
    if (expand(frame, len, &payload, &payload_len))
        answer(c, payload, payload_len);
    else
        frame_put(c, "ERR", 3);
    buffer_take(&c->in, FRAME_HEADER + len);
    return true;
}

const struct proto lz_proto = {.name = "lz", .step = step};
