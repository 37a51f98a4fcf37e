/* echo.c - the same bytes back. A message is whatever has come. */
#include "conn.h"
#include "protos.h"

static bool step(struct conn *c)
{
    if (c->in.len == 0)
        return false;
    buffer_put(&c->out, buffer_bytes(&c->in), c->in.len);
    buffer_take(&c->in, c->in.len);
    return true;
}

const struct proto echo_proto = {.name = "echo", .step = step};
