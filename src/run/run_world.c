/* What the world does in a run: messages are sent, delivered, lost; each goes into the journal,
 * those to processes become lines in their inboxes. */
#include "run_parts.h"

#include "../base/clock.h"
#include "../base/mem.h"
#include "../script/script.h"
#include "decisions.h"
#include "journal.h"

#include <stdio.h>

static void on_sent(void *owner, const struct message *m)
{
    struct run *r = owner;
    struct str src = world_name(r->world, m->src);
    struct str dest = world_name(r->world, m->dest);

    journal_send(r->journal, world_now(r->world), m, src, dest);
    script_saw_sent(r->script, m);
    if (r->config->log_net_send)
        fprintf(stderr, "send %.*s -> %.*s %.*s\n", STR_ARG(src), STR_ARG(dest), (int)m->body_len,
                m->body);
}

static void on_received(struct run *r, const struct message *m)
{
    struct str src = world_name(r->world, m->src);
    struct str dest = world_name(r->world, m->dest);

    journal_recv(r->journal, world_now(r->world), m->id);
    script_saw_received(r->script, m);
    if (r->config->log_net_recv)
        fprintf(stderr, "recv %.*s -> %.*s %.*s\n", STR_ARG(src), STR_ARG(dest), (int)m->body_len,
                m->body);
}

static void on_dropped(void *owner, const struct message *m, enum drop_reason reason)
{
    struct run *r = owner;

    journal_drop(r->journal, world_now(r->world), m->id, drop_reason_text(reason));
    script_saw_dropped(r->script, m, drop_reason_text(reason));
    if (r->decisions != NULL)
        decisions_dropped(r->decisions, m, reason);
    if (reason != DROP_GONE)
        return;
    protocol_unheard(r->world, m, &r->sentence);
    run_note(r, r->sentence.data);
}

/* {"id":5,"src":"c0","dest":"n0","body":{...}}, keys in the order that Maelstrom has them. */
static void deliver_to_node(void *owner, struct message *m)
{
    struct run *r = owner;
    struct buf *line = &r->line;
    char text[256];

    on_received(r, m);
    if (m->dest >= r->process_count) { /* a peer, played by the scenario */
        script_deliver(r->script, m);
        return;
    }
    if (world_kind(r->world, m->src) == ENDPOINT_CLIENT)
        protocol_clients_add(&r->nodes[m->dest].clients, m->src);
    if (r->result->init_ns == 0)
        r->result->init_ns = clock_real_ns() - r->started_ns;
    buf_reset(line);
    buf_reserve(line, m->body_len + 64 + 2 * WORLD_NAME_MAX);
    buf_add(line, "{\"id\":", 6);
    buf_add_i64(line, (int64_t)m->id);
    buf_add(line, ",\"src\":\"", 8);
    buf_add_str(line, world_name(r->world, m->src));
    buf_add(line, "\",\"dest\":\"", 10);
    buf_add_str(line, world_name(r->world, m->dest));
    buf_add(line, "\",\"body\":", 9);
    buf_add(line, m->body, m->body_len);
    buf_add(line, "}\n", 2);
    if (cage_write(r->cage, m->dest, buf_str(line)) == 0)
        return;
    journal_drop(r->journal, world_now(r->world), m->id, drop_reason_text(DROP_FULL));
    script_saw_dropped(r->script, m, drop_reason_text(DROP_FULL));
    if (!r->nodes[m->dest].inbox_was_full) {
        r->nodes[m->dest].inbox_was_full = true;
        snprintf(
            text, sizeof(text),
            "%.*s does not read its standard input: %d MiB wait there, and further messages to "
            "it are lost",
            STR_ARG(run_node_name(r, m->dest)), CAGE_INBOX_MAX >> 20);
        run_note(r, text);
    }
}

static void deliver_to_client(void *owner, struct message *m)
{
    struct run *r = owner;

    on_received(r, m);
    script_deliver(r->script, m);
}

static void on_fate(void *owner, const struct message *m, struct message_fate *fate)
{
    struct run *r = owner;

    fates_decide(&r->fates, m, fate);
}

static void delivered_to_service(void *owner, const struct message *m)
{
    on_received(owner, m);
}

struct world_sink run_world_sink(struct run *r)
{
    return (struct world_sink){.owner = r,
                               .sent = on_sent,
                               .dropped = on_dropped,
                               .to_node = deliver_to_node,
                               .to_client = deliver_to_client,
                               .to_service = delivered_to_service,
                               .fate = on_fate};
}
