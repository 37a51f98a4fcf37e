/* frames.c - framing, and the protocol "frame": each payload comes back reversed. */
#include "frames.h"

#include "conn.h"
#include "protos.h"

#include <stdint.h>

bool frame_first(struct conn *c, const unsigned char **ret_payload, size_t *ret_len)
{
    const unsigned char *b = (const unsigned char *)buffer_bytes(&c->in);
    static const char too_long[] = "ERR too long";
    uint32_t len;

    if (c->in.len < FRAME_HEADER)
        return false;
    len = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
    if (len > FRAME_MAX) {
        frame_put(c, too_long, sizeof(too_long) - 1);
        conn_finish(c);
        return false;
    }
    if (c->in.len < FRAME_HEADER + len)
        return false;
    *ret_payload = b + FRAME_HEADER;
    *ret_len = len;
    return true;
}

void frame_put(struct conn *c, const void *payload, size_t len)
{
    unsigned char header[FRAME_HEADER] = {(unsigned char)(len >> 24), (unsigned char)(len >> 16),
                                          (unsigned char)(len >> 8), (unsigned char)len};

    buffer_put(&c->out, header, sizeof(header));
    buffer_put(&c->out, payload, len);
}

static bool step(struct conn *c)
{
    const unsigned char *payload;
    size_t len, start;

    if (!frame_first(c, &payload, &len))
        return false;
    frame_put(c, payload, len);
    start = c->out.len - len;
    for (size_t i = 0; i < len; i++)
        buffer_bytes(&c->out)[start + i] = (char)payload[len - 1 - i];
    buffer_take(&c->in, FRAME_HEADER + len);
    return true;
}

const struct proto frame_proto = {.name = "frame", .step = step};
