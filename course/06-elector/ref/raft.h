/* raft.h - who leads, decided by votes: Raft's election without a log.
 *
 * A step function: a message or the time goes in, messages to be sent come out. It never waits,
 * reads no clock and touches no disk; node.c's side does that. Members are numbers from 0, time is
 * milliseconds of any clock that only counts.
 *
 * Law: when out->save is set after a step, `term` and `vote` must be on disk before any message in
 * out leaves the process. */
#ifndef RAFT_H
#define RAFT_H

#include "prng.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    RAFT_MEMBERS_MAX = 64,
    RAFT_OUT_MAX = 2 * RAFT_MEMBERS_MAX, /* one step never asks for more messages */
    RAFT_NOBODY = -1,
    RAFT_TIMEOUT_MIN_MS = 150,
    RAFT_TIMEOUT_MAX_MS = 300,
    RAFT_HEARTBEAT_MS = 50,
};

enum raft_role {
    RAFT_FOLLOWER,
    RAFT_TRIAL, /* asks whether an election would be won; to the outside a follower */
    RAFT_CANDIDATE,
    RAFT_LEADER,
};

enum raft_type {
    RAFT_REQUEST_VOTE,
    RAFT_REQUEST_VOTE_OK,
    RAFT_APPEND_ENTRIES,
    RAFT_APPEND_ENTRIES_OK,
    RAFT_TIMEOUT_NOW,
};

struct raft_message {
    enum raft_type type;
    int peer; /* whom it is from, or whom it goes to */
    int64_t term;
    bool pre; /* request_vote and its answer: a trial */
    bool yes; /* answers: granted, ok */
};

struct raft_out {
    bool save;
    int count;
    struct raft_message messages[RAFT_OUT_MAX];
};

struct raft {
    int self, members;
    struct prng prng;

    int64_t term; /* durable */
    int vote;     /* durable: whom we voted for in this term, or RAFT_NOBODY */

    enum raft_role role;
    int leader;              /* of this term, as far as we know */
    int64_t leader_heard_ms; /* when the leader's last valid heartbeat came */
    int64_t election_due_ms; /* not while leader */

    bool granted[RAFT_MEMBERS_MAX];     /* trial, candidate: who has said yes in this round */
    int64_t heard_ms[RAFT_MEMBERS_MAX]; /* leader: last answer of this term */
    int64_t heartbeat_due_ms;           /* leader */
};

/* term and vote as they were saved; 0 and RAFT_NOBODY the first time. */
void raft_init(struct raft *r, int self, int members, int64_t term, int vote, uint64_t seed,
               int64_t now_ms);
/* Each of these sets *out anew. */
void raft_step(struct raft *r, const struct raft_message *m, int64_t now_ms, struct raft_out *out);
void raft_tick(struct raft *r, int64_t now_ms, struct raft_out *out);
/* When raft_tick wants to be called next. */
int64_t raft_due(const struct raft *r);

/* Asks `to` to start an election at once. False: we do not lead. */
bool raft_hand_over(struct raft *r, int to, struct raft_out *out);
/* Somebody else has proof that we are not the leader any more. */
void raft_resign(struct raft *r, int64_t now_ms);

#endif
