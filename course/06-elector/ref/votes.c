/* votes.c - raft.c with a clock, a disk and a network.
 *
 * Each step's results are carried out in this order: what must survive is saved, then messages are
 * sent, then the timer is set to when raft.c wants to be called next. The kit hands messages over
 * at the end of the round, so nothing leaves before it may.
 *
 * A transfer is a request that waits: for a heartbeat of the successor, or for 500 ms. */
#include "votes.h"

#include "durable.h"
#include "node.h"
#include "raft.h"
#include "wire.h"

#include <string.h>

enum { TRANSFER_MS = 500 };

static struct raft raft;
static bool stopped;
static uint64_t timer;

static struct {
    struct message *request; /* NULL: no transfer is under way */
    int to;
    uint64_t timer;
} transfer;

static void on_timer(void *owner);

static void carry_out(const struct raft_out *out, const struct message *request)
{
    int64_t wait_ms = 0;

    if (out->save)
        durable_save((struct durable){raft.term, raft.vote});
    for (int i = 0; i < out->count; i++)
        wire_send(&out->messages[i], request);
    wait_ms = raft_due(&raft) - node_now_ms();
    node_cancel(timer);
    timer = node_after(wait_ms < 1 ? 1 : (int)wait_ms, on_timer, NULL);
}

static void on_timer(void *owner)
{
    struct raft_out out;

    (void)owner;
    raft_tick(&raft, node_now_ms(), &out);
    carry_out(&out, NULL);
}

/* Transfer (Ongaro 2014, 3.10) */

static void transfer_end(bool done)
{
    struct message *request = transfer.request;

    if (request == NULL)
        return;
    transfer.request = NULL;
    node_cancel(transfer.timer);
    if (done)
        node_reply(request, "transfer_ok", "term", json_int(raft.term), NULL);
    else
        node_error(request, NODE_UNAVAILABLE, "the successor does not lead");
    node_free(request);
}

static void transfer_timeout(void *owner)
{
    (void)owner;
    transfer_end(false);
}

static void on_transfer(const struct message *m)
{
    const char *name = json_text_of(json_get(m->body, "to"));
    int to = name == NULL ? -1 : node_find(name);
    struct raft_out out;

    if (stopped || raft.role != RAFT_LEADER) {
        office_refuse(m);
    } else if (to < 0) {
        node_error(m, NODE_MALFORMED, "to is no member");
    } else if (to == raft.self) {
        node_reply(m, "transfer_ok", "term", json_int(raft.term), NULL);
    } else if (transfer.request != NULL) {
        node_error(m, NODE_UNAVAILABLE, "another transfer is under way");
    } else if (raft_hand_over(&raft, to, &out)) {
        transfer.request = node_keep(m);
        transfer.to = to;
        transfer.timer = node_after(TRANSFER_MS, transfer_timeout, NULL);
        carry_out(&out, NULL);
    }
}

static void on_message(const struct message *m)
{
    struct raft_message read;
    struct raft_out out;

    if (stopped || !wire_read(m, &read))
        return;
    raft_step(&raft, &read, node_now_ms(), &out);
    carry_out(&out, m);
    if (raft.role != RAFT_LEADER && raft.leader != RAFT_NOBODY)
        transfer_end(raft.leader == transfer.to);
}

void votes_on_start(void)
{
    struct durable saved = durable_open();
    struct raft_out nothing = {0};

    if (node_count() > RAFT_MEMBERS_MAX)
        node_log("only %d members have a vote", RAFT_MEMBERS_MAX);
    raft_init(&raft, node_self(), node_count(), saved.term, (int)saved.vote, node_random(),
              node_now_ms());
    carry_out(&nothing, NULL);
}

void votes_register(void)
{
    node_on("request_vote", on_message);
    node_on("request_vote_ok", on_message);
    node_on("append_entries", on_message);
    node_on("append_entries_ok", on_message);
    node_on("timeout_now", on_message);
    node_on("transfer", on_transfer);
}

void votes_stop(void)
{
    stopped = true;
    node_cancel(timer);
    transfer_end(false);
}

struct office votes_office(void)
{
    static const char *const roles[] = {"follower", "follower", "candidate", "leader"};

    return (struct office){roles[raft.role], raft.term,
                           raft.leader == RAFT_NOBODY ? NULL : node_name(raft.leader)};
}

bool votes_mine(int64_t *ret_token)
{
    *ret_token = raft.term;
    return raft.role == RAFT_LEADER;
}

void votes_lost(int64_t token)
{
    if (raft.role == RAFT_LEADER && raft.term == token)
        raft_resign(&raft, node_now_ms());
}
