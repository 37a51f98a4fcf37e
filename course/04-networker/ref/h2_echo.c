/* h2_echo.c - the protocol "h2": a POST is given back, with its headers x-...; a GET is hello. */
#include "conn.h"
#include "h2.h"
#include "protos.h"

#include <string.h>

static void begun(struct h2_stream *s)
{
    (void)s; /* the answer comes when the whole body is there */
}

static void came(struct h2_stream *s)
{
    bool is_post = bytes_are(*headers_get(&s->request, ":method"), "POST");
    struct headers answer = {0};

    if (!s->request_ended || s->finishing)
        return;
    headers_add_text(&answer, ":status", "200");
    for (size_t i = 0; i < s->request.count; i++) {
        const struct header *h = &s->request.list[i];

        if (h->name.len > 2 && memcmp(h->name.at, "x-", 2) == 0)
            headers_add(&answer, h->name, h->value);
    }
    h2_respond(s, &answer);
    headers_release(&answer);
    h2_write(s, is_post ? (struct bytes){buffer_bytes(&s->body), s->body.len} : bytes_of("hello"));
    h2_finish(s, NULL);
}

static const struct h2_app app = {.begun = begun, .came = came};

static void opened(struct conn *c)
{
    h2_opened(c, &app);
}

const struct proto h2_proto = {.name = "h2",
                               .state_size = sizeof(struct h2),
                               .opened = opened,
                               .step = h2_step,
                               .refill = h2_refill,
                               .closed = h2_closed};
