/* A message is one block of malloc, shared by its copies. There is no pool of blocks: sending and
 * delivering 80 bytes takes 33 ns in all on an idle core (bench/sim_bench.c), allocation included.
 */
#include "message.h"

#include "../base/assert.h"
#include "../base/mem.h"

#include <string.h>

struct message *message_new(struct str body)
{
    struct message *m = mem_alloc(sizeof(*m) + body.len + 1);

    ASSERT(body.len < UINT32_MAX);
    m->refs = 1;
    m->doomed = false;
    m->body_len = (uint32_t)body.len;
    if (body.len > 0)
        memcpy(m->body, body.data, body.len);
    m->body[body.len] = '\0'; /* for debuggers; nobody relies on it */
    return m;
}

struct message *message_with_body(const struct message *m, struct str body)
{
    struct message *changed = message_new(body);

    changed->id = m->id;
    changed->sent_ns = m->sent_ns;
    changed->src = m->src;
    changed->dest = m->dest;
    return changed;
}

struct message *message_hold(struct message *m)
{
    m->refs++;
    return m;
}

void message_drop(struct message *m)
{
    if (m != NULL && --m->refs == 0)
        mem_free(m);
}

const char *drop_reason_text(enum drop_reason reason)
{
    static const char *const texts[] = {
        [DROP_PARTITION] = "partition", [DROP_LOSS] = "loss", [DROP_DOWN] = "down",
        [DROP_GONE] = "gone",           [DROP_FULL] = "full", [DROP_RULE] = "rule",
    };

    ASSERT((size_t)reason < sizeof(texts) / sizeof(texts[0]));
    return texts[reason];
}
