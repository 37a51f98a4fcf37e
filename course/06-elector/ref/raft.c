/* raft.c - the election of Raft (Ongaro and Ousterhout 2014, section 5.2; Ongaro 2014, chapters 3,
 * 6 and 9).
 *
 *                    timeout: ask()               majority: run()            majority: lead()
 *        follower ------------------> trial ----------------------> candidate --------------->
 * leader ^  ^                       |                               |  timeout: ask()         | |
 * +---- heartbeat of the term, or a higher term: follow() +                         |
 *           +-------- a higher term, or no majority heard for 300 ms: follow() ------------------+
 *
 * Invariants:
 * 1. term never falls, and vote changes only together with term or from nobody to somebody. So a
 * member votes once a term, and since any two majorities share a member, a term has one leader.
 * 2. Whoever changes term or vote sets out->save.
 * 3. Only a vote given and a heartbeat of the term put election_due_ms off. What is refused does
 * not: a stranger who asks again and again would keep everybody quiet.
 * 4. An answer counts only in the term (and the round) in which it was asked for, once a member. */
#include "raft.h"

#include <string.h>

static int majority(const struct raft *r)
{
    return r->members / 2 + 1;
}

static void put(struct raft_out *out, struct raft_message m)
{
    if (out->count < RAFT_OUT_MAX)
        out->messages[out->count++] = m;
}

static void put_to_all(const struct raft *r, struct raft_out *out, struct raft_message m)
{
    for (m.peer = 0; m.peer < r->members; m.peer++) {
        if (m.peer != r->self)
            put(out, m);
    }
}

/* A fresh draw for every wait (section 5.2): those who tied once do not tie again. */
static void wait_anew(struct raft *r, int64_t now_ms)
{
    r->election_due_ms = now_ms + prng_between(&r->prng, RAFT_TIMEOUT_MIN_MS, RAFT_TIMEOUT_MAX_MS);
}

static void set_term(struct raft *r, int64_t term, int vote, struct raft_out *out)
{
    r->term = term;
    r->vote = vote;
    r->leader = RAFT_NOBODY;
    out->save = true;
}

/* Back to follower. A leader has no election timer, so it needs one now; the others' runs on. */
static void follow(struct raft *r, int64_t now_ms)
{
    if (r->role == RAFT_LEADER) {
        r->leader = RAFT_NOBODY;
        wait_anew(r, now_ms);
    }
    r->role = RAFT_FOLLOWER;
}

/* "If RPC request or response contains term T > currentTerm: set currentTerm = T, convert to
 * follower" (figure 2). */
static void see_term(struct raft *r, int64_t term, int64_t now_ms, struct raft_out *out)
{
    if (term <= r->term)
        return;
    set_term(r, term, RAFT_NOBODY, out);
    follow(r, now_ms);
}

static void beat(struct raft *r, int64_t now_ms, struct raft_out *out)
{
    put_to_all(r, out, (struct raft_message){.type = RAFT_APPEND_ENTRIES, .term = r->term});
    /* From the time it was due, or each beat would be a little later than the last; but a leader
     * that slept does not make up for what it missed. */
    r->heartbeat_due_ms += RAFT_HEARTBEAT_MS;
    if (r->heartbeat_due_ms <= now_ms)
        r->heartbeat_due_ms = now_ms + RAFT_HEARTBEAT_MS;
}

static void lead(struct raft *r, int64_t now_ms, struct raft_out *out)
{
    r->role = RAFT_LEADER;
    r->leader = r->self;
    for (int i = 0; i < r->members; i++)
        r->heard_ms[i] = now_ms; /* all have one timeout's time for their first answer */
    r->heartbeat_due_ms = now_ms;
    beat(r, now_ms, out);
}

static bool has_majority(const struct raft *r)
{
    int count = 0;

    for (int i = 0; i < r->members; i++)
        count += r->granted[i];
    return count >= majority(r);
}

/* A new round of asking, in which only we have said yes yet. */
static void begin_round(struct raft *r, enum raft_role role, int64_t now_ms)
{
    r->role = role;
    r->leader = RAFT_NOBODY;
    memset(r->granted, 0, sizeof(r->granted));
    r->granted[r->self] = true;
    wait_anew(r, now_ms);
}

/* The real election: a new term, our own vote, and everybody is asked (section 5.2). */
static void run(struct raft *r, int64_t now_ms, struct raft_out *out)
{
    set_term(r, r->term + 1, r->self, out);
    begin_round(r, RAFT_CANDIDATE, now_ms);
    put_to_all(r, out, (struct raft_message){.type = RAFT_REQUEST_VOTE, .term = r->term});
    if (has_majority(r))
        lead(r, now_ms, out);
}

/* The trial before it, for the term that would come (Ongaro 2014, 9.6). */
static void ask(struct raft *r, int64_t now_ms, struct raft_out *out)
{
    begin_round(r, RAFT_TRIAL, now_ms);
    put_to_all(r, out,
               (struct raft_message){.type = RAFT_REQUEST_VOTE, .term = r->term + 1, .pre = true});
    if (has_majority(r))
        run(r, now_ms, out);
}

static bool hears_leader(const struct raft *r, int64_t now_ms)
{
    return r->role == RAFT_LEADER ||
           (r->leader != RAFT_NOBODY && now_ms - r->leader_heard_ms < RAFT_TIMEOUT_MIN_MS);
}

/* Says what we would do, and changes nothing. A yes bears the term that was asked for, which tells
 * the asker which round it belongs to; a no bears ours, from which the asker may learn. */
static void on_trial(struct raft *r, const struct raft_message *m, int64_t now_ms,
                     struct raft_out *out)
{
    bool yes = m->term > r->term && !hears_leader(r, now_ms);

    put(out, (struct raft_message){.type = RAFT_REQUEST_VOTE_OK,
                                   .peer = m->peer,
                                   .term = yes ? m->term : r->term,
                                   .pre = true,
                                   .yes = yes});
}

static void on_request_vote(struct raft *r, const struct raft_message *m, int64_t now_ms,
                            struct raft_out *out)
{
    bool yes;

    see_term(r, m->term, now_ms, out);
    yes = m->term == r->term && (r->vote == RAFT_NOBODY || r->vote == m->peer);
    if (yes) {
        out->save |= r->vote == RAFT_NOBODY;
        r->vote = m->peer;
        wait_anew(r, now_ms);
    }
    put(out, (struct raft_message){
                 .type = RAFT_REQUEST_VOTE_OK, .peer = m->peer, .term = r->term, .yes = yes});
}

static void on_vote(struct raft *r, const struct raft_message *m, int64_t now_ms,
                    struct raft_out *out)
{
    enum raft_role asked_as = m->pre ? RAFT_TRIAL : RAFT_CANDIDATE;
    int64_t asked_for = m->pre ? r->term + 1 : r->term;

    if (!m->yes)
        see_term(r, m->term, now_ms, out);
    if (!m->yes || r->role != asked_as || m->term != asked_for)
        return;
    r->granted[m->peer] = true;
    if (!has_majority(r))
        return;
    if (m->pre)
        run(r, now_ms, out);
    else
        lead(r, now_ms, out);
}

static void on_heartbeat(struct raft *r, const struct raft_message *m, int64_t now_ms,
                         struct raft_out *out)
{
    bool yes = m->term >= r->term;

    see_term(r, m->term, now_ms, out);
    if (yes && r->role == RAFT_LEADER)
        return; /* a second leader of our term: cannot be, and is no reason to obey */
    if (yes) {
        follow(r, now_ms);
        r->leader = m->peer;
        r->leader_heard_ms = now_ms;
        wait_anew(r, now_ms);
    }
    put(out, (struct raft_message){
                 .type = RAFT_APPEND_ENTRIES_OK, .peer = m->peer, .term = r->term, .yes = yes});
}

static void on_heartbeat_ok(struct raft *r, const struct raft_message *m, int64_t now_ms,
                            struct raft_out *out)
{
    see_term(r, m->term, now_ms, out);
    if (r->role == RAFT_LEADER && m->term == r->term)
        r->heard_ms[m->peer] = now_ms;
}

/* No trial: the leader itself wants us, so that it is heard is no reason to refuse (Ongaro 2014,
 * 3.10). One of an old term was meant for an election long past. */
static void on_timeout_now(struct raft *r, const struct raft_message *m, int64_t now_ms,
                           struct raft_out *out)
{
    if (m->term == r->term && (r->role == RAFT_FOLLOWER || r->role == RAFT_TRIAL))
        run(r, now_ms, out);
}

void raft_init(struct raft *r, int self, int members, int64_t term, int vote, uint64_t seed,
               int64_t now_ms)
{
    *r = (struct raft){.self = self,
                       .members = members,
                       .prng = {seed},
                       .term = term,
                       .vote = vote,
                       .leader = RAFT_NOBODY};
    wait_anew(r, now_ms);
}

void raft_step(struct raft *r, const struct raft_message *m, int64_t now_ms, struct raft_out *out)
{
    out->save = false;
    out->count = 0;
    switch (m->type) {
    case RAFT_REQUEST_VOTE:
        if (m->pre)
            on_trial(r, m, now_ms, out);
        else
            on_request_vote(r, m, now_ms, out);
        break;
    case RAFT_REQUEST_VOTE_OK:
        on_vote(r, m, now_ms, out);
        break;
    case RAFT_APPEND_ENTRIES:
        on_heartbeat(r, m, now_ms, out);
        break;
    case RAFT_APPEND_ENTRIES_OK:
        on_heartbeat_ok(r, m, now_ms, out);
        break;
    case RAFT_TIMEOUT_NOW:
        on_timeout_now(r, m, now_ms, out);
        break;
    }
}

/* Has a majority, ourselves included, answered within an election timeout (Ongaro 2014, 6.2)? */
static bool hears_majority(const struct raft *r, int64_t now_ms)
{
    int count = 1;

    for (int i = 0; i < r->members; i++)
        count += i != r->self && now_ms - r->heard_ms[i] < RAFT_TIMEOUT_MAX_MS;
    return count >= majority(r);
}

void raft_tick(struct raft *r, int64_t now_ms, struct raft_out *out)
{
    out->save = false;
    out->count = 0;
    if (r->role == RAFT_LEADER) {
        if (!hears_majority(r, now_ms))
            follow(r, now_ms);
        else if (now_ms >= r->heartbeat_due_ms)
            beat(r, now_ms, out);
    } else if (now_ms >= r->election_due_ms) {
        ask(r, now_ms, out);
    }
}

/* The check of the majority is made with the heartbeats, and besides as soon as it can fail. */
int64_t raft_due(const struct raft *r)
{
    int64_t due = r->role == RAFT_LEADER ? r->heartbeat_due_ms : r->election_due_ms;

    for (int i = 0; r->role == RAFT_LEADER && i < r->members; i++) {
        int64_t deaf_ms = r->heard_ms[i] + RAFT_TIMEOUT_MAX_MS;

        if (i != r->self && deaf_ms < due && deaf_ms > due - RAFT_HEARTBEAT_MS)
            due = deaf_ms;
    }
    return due;
}

bool raft_hand_over(struct raft *r, int to, struct raft_out *out)
{
    out->save = false;
    out->count = 0;
    if (r->role != RAFT_LEADER)
        return false;
    put(out, (struct raft_message){.type = RAFT_TIMEOUT_NOW, .peer = to, .term = r->term});
    return true;
}

void raft_resign(struct raft *r, int64_t now_ms)
{
    follow(r, now_ms);
}
