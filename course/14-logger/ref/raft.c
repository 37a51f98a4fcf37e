/* raft.c - Raft (Ongaro and Ousterhout 2014) with a log of one entry.
 *
 *                    timeout: ask()               majority: run()            majority: lead()
 *        follower ------------------> trial ----------------------> candidate ----------> leader
 *           ^ heartbeat of the term, a higher term, no majority heard: follow() <------------+
 *
 * Invariants: 1. term never falls; a member votes once a term. 2. Whoever changes term, vote or
 * entry sets out->save. 3. An entry gives way only to one of a higher (term, index); each was made
 * from the one before it in that order by a leader that had it, so the newest holds all changes
 * that were agreed on (5.4). 4. A leader counts only entries of its own term as agreed (5.4.2): the
 * first thing it does is to put its entry there anew. 5. Who has no entry votes only for others
 * who have none: its folder may be a new one, and what it knew and promised is gone. */
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

static void wait_anew(struct raft *r, int64_t now_ms)
{
    r->random = r->random * 6364136223846793005u + 1442695040888963407u;
    r->election_due_ms =
        now_ms + RAFT_TIMEOUT_MIN_MS +
        (int64_t)((r->random >> 33) % (RAFT_TIMEOUT_MAX_MS - RAFT_TIMEOUT_MIN_MS + 1));
}

static void set_term(struct raft *r, int64_t term, int vote, struct raft_out *out)
{
    r->term = term;
    r->vote = vote;
    r->leader = RAFT_NOBODY;
    out->save = true;
}

static void follow(struct raft *r, int64_t now_ms)
{
    if (r->role == RAFT_LEADER) {
        r->leader = RAFT_NOBODY;
        wait_anew(r, now_ms);
    }
    r->role = RAFT_FOLLOWER;
}

static void see_term(struct raft *r, int64_t term, int64_t now_ms, struct raft_out *out)
{
    if (term <= r->term)
        return;
    set_term(r, term, RAFT_NOBODY, out);
    follow(r, now_ms);
}

static void beat_one(const struct raft *r, int peer, struct raft_out *out)
{
    put(out, (struct raft_message){.type = RAFT_APPEND,
                                   .peer = peer,
                                   .term = r->term,
                                   .place = r->place,
                                   .has_entry = r->match[peer] != r->place.index,
                                   .commit = r->commit});
}

static void beat(struct raft *r, int64_t now_ms, struct raft_out *out)
{
    for (int i = 0; i < r->members; i++) {
        if (i != r->self)
            beat_one(r, i, out);
    }
    r->heartbeat_due_ms = now_ms + RAFT_HEARTBEAT_MS;
}

static void count_matches(struct raft *r)
{
    int count = 0;

    for (int i = 0; i < r->members; i++)
        count += i == r->self || r->match[i] == r->place.index;
    if (count >= majority(r) && r->place.term == r->term)
        r->commit = r->place.index;
}

void raft_propose(struct raft *r, int64_t now_ms, struct raft_out *out)
{
    r->place = (struct raft_place){r->term, r->place.index + 1};
    out->save = true;
    count_matches(r); /* alone, we are the majority */
    beat(r, now_ms, out);
}

static void lead(struct raft *r, int64_t now_ms, struct raft_out *out)
{
    r->role = RAFT_LEADER;
    r->leader = r->self;
    for (int i = 0; i < r->members; i++) {
        /* Who did not vote gets only half the time to be heard of. */
        r->heard_ms[i] = r->granted[i] ? now_ms : now_ms - RAFT_TIMEOUT_MIN_MS / 2;
        r->match[i] = 0;
    }
    raft_propose(r, now_ms, out);
}

static bool has_majority(const struct raft *r)
{
    int count = 0;

    for (int i = 0; i < r->members; i++)
        count += r->granted[i];
    return count >= majority(r);
}

static void begin_round(struct raft *r, enum raft_role role, int64_t now_ms)
{
    r->role = role;
    r->leader = RAFT_NOBODY;
    memset(r->granted, 0, sizeof(r->granted));
    r->granted[r->self] = true;
    wait_anew(r, now_ms);
}

static void ask_all(const struct raft *r, int64_t term, bool pre, struct raft_out *out)
{
    for (int i = 0; i < r->members; i++) {
        if (i != r->self)
            put(out,
                (struct raft_message){
                    .type = RAFT_VOTE, .peer = i, .term = term, .pre = pre, .place = r->place});
    }
}

static void run(struct raft *r, int64_t now_ms, struct raft_out *out)
{
    set_term(r, r->term + 1, r->self, out);
    begin_round(r, RAFT_CANDIDATE, now_ms);
    ask_all(r, r->term, false, out);
    if (has_majority(r))
        lead(r, now_ms, out);
}

static void ask(struct raft *r, int64_t now_ms, struct raft_out *out)
{
    begin_round(r, RAFT_TRIAL, now_ms);
    ask_all(r, r->term + 1, true, out);
    if (has_majority(r))
        run(r, now_ms, out);
}

/* Whether a candidate has all that we have (5.4.1), and invariant 5. */
static bool is_up_to_date(const struct raft *r, struct raft_place theirs)
{
    if (r->place.index == 0)
        return theirs.index == 0;
    if (theirs.term != r->place.term)
        return theirs.term > r->place.term;
    return theirs.index >= r->place.index;
}

static bool hears_leader(const struct raft *r, int64_t now_ms)
{
    return r->role == RAFT_LEADER ||
           (r->leader != RAFT_NOBODY && now_ms - r->leader_heard_ms < RAFT_TIMEOUT_MIN_MS);
}

static void on_trial(struct raft *r, const struct raft_message *m, int64_t now_ms,
                     struct raft_out *out)
{
    bool yes = m->term > r->term && !hears_leader(r, now_ms) && is_up_to_date(r, m->place);

    put(out, (struct raft_message){.type = RAFT_VOTE_OK,
                                   .peer = m->peer,
                                   .term = yes ? m->term : r->term,
                                   .pre = true,
                                   .yes = yes});
}

static void on_vote(struct raft *r, const struct raft_message *m, int64_t now_ms,
                    struct raft_out *out)
{
    bool yes;

    see_term(r, m->term, now_ms, out);
    yes = m->term == r->term && (r->vote == RAFT_NOBODY || r->vote == m->peer) &&
          is_up_to_date(r, m->place);
    if (yes) {
        out->save |= r->vote == RAFT_NOBODY;
        r->vote = m->peer;
        wait_anew(r, now_ms);
    }
    put(out,
        (struct raft_message){.type = RAFT_VOTE_OK, .peer = m->peer, .term = r->term, .yes = yes});
}

static void on_vote_ok(struct raft *r, const struct raft_message *m, int64_t now_ms,
                       struct raft_out *out)
{
    enum raft_role asked_as = m->pre ? RAFT_TRIAL : RAFT_CANDIDATE;

    if (!m->yes)
        see_term(r, m->term, now_ms, out);
    if (!m->yes || r->role != asked_as || m->term != (m->pre ? r->term + 1 : r->term))
        return;
    r->granted[m->peer] = true;
    if (!has_majority(r))
        return;
    if (m->pre)
        run(r, now_ms, out);
    else
        lead(r, now_ms, out);
}

static bool is_newer(struct raft_place a, struct raft_place b)
{
    return a.term != b.term ? a.term > b.term : a.index > b.index;
}

static void on_append(struct raft *r, const struct raft_message *m, int64_t now_ms,
                      struct raft_out *out)
{
    bool yes = m->term >= r->term;

    see_term(r, m->term, now_ms, out);
    if (yes && r->role == RAFT_LEADER)
        return;
    if (yes) {
        follow(r, now_ms);
        r->leader = m->peer;
        r->leader_heard_ms = now_ms;
        wait_anew(r, now_ms);
        if (m->has_entry && is_newer(m->place, r->place)) {
            r->place = m->place;
            out->take = out->save = true;
        }
        if (r->place.term == m->place.term && r->place.index == m->place.index)
            r->commit = m->commit;
    }
    put(out, (struct raft_message){.type = RAFT_APPEND_OK,
                                   .peer = m->peer,
                                   .term = r->term,
                                   .yes = yes,
                                   .place = r->place});
}

static void on_append_ok(struct raft *r, const struct raft_message *m, int64_t now_ms,
                         struct raft_out *out)
{
    int64_t before = r->commit;

    see_term(r, m->term, now_ms, out);
    if (r->role != RAFT_LEADER || m->term != r->term)
        return;
    r->heard_ms[m->peer] = now_ms;
    r->match[m->peer] = m->place.term == r->place.term ? m->place.index : 0;
    count_matches(r);
    if (r->commit != before)
        beat(r, now_ms, out); /* all hear at once that it is agreed */
    else if (r->match[m->peer] != r->place.index)
        beat_one(r, m->peer, out);
}

void raft_init(struct raft *r, int self, int members, int64_t term, int vote,
               struct raft_place place, uint64_t seed, int64_t now_ms)
{
    *r = (struct raft){.self = self,
                       .members = members,
                       .random = seed,
                       .term = term,
                       .vote = vote,
                       .place = place,
                       .leader = RAFT_NOBODY};
    wait_anew(r, now_ms);
    if (members == 1)
        r->election_due_ms = now_ms; /* nobody else could lead */
}

void raft_step(struct raft *r, const struct raft_message *m, int64_t now_ms, struct raft_out *out)
{
    *out = (struct raft_out){.count = 0};
    switch (m->type) {
    case RAFT_VOTE:
        if (m->pre)
            on_trial(r, m, now_ms, out);
        else
            on_vote(r, m, now_ms, out);
        break;
    case RAFT_VOTE_OK:
        on_vote_ok(r, m, now_ms, out);
        break;
    case RAFT_APPEND:
        on_append(r, m, now_ms, out);
        break;
    case RAFT_APPEND_OK:
        on_append_ok(r, m, now_ms, out);
        break;
    }
}

bool raft_hears_majority(const struct raft *r, int64_t now_ms)
{
    int count = 1;

    for (int i = 0; i < r->members; i++)
        count += i != r->self && now_ms - r->heard_ms[i] < RAFT_TIMEOUT_MAX_MS;
    return count >= majority(r);
}

void raft_tick(struct raft *r, int64_t now_ms, struct raft_out *out)
{
    *out = (struct raft_out){.count = 0};
    if (r->role == RAFT_LEADER) {
        if (!raft_hears_majority(r, now_ms))
            follow(r, now_ms);
        else if (now_ms >= r->heartbeat_due_ms)
            beat(r, now_ms, out);
    } else if (now_ms >= r->election_due_ms) {
        ask(r, now_ms, out);
    }
}
