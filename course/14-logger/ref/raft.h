/* raft.h - agreement on one small thing, the cluster's metadata: Raft with a log of one entry.
 *
 * The metadata is a few kilobytes, so each entry holds all of it, and the newest entry stands for
 * all before it, as if a snapshot were taken after each. What is left of Raft are terms, votes, and
 * the comparison of (term, index) of the last entry.
 *
 * A step function: a message or the time goes in, messages to be sent come out. It reads no clock
 * and touches no disk. Members are numbers from 0. Law: when out->save is set after a step, term,
 * vote and the entry must be on disk before any message in out leaves the process. */
#ifndef LOGGER_RAFT_H
#define LOGGER_RAFT_H

#include <stdbool.h>
#include <stdint.h>

enum {
    RAFT_MEMBERS_MAX = 16,
    RAFT_OUT_MAX = 2 * RAFT_MEMBERS_MAX,
    RAFT_NOBODY = -1,
    RAFT_TIMEOUT_MIN_MS = 800,
    RAFT_TIMEOUT_MAX_MS = 1300,
    RAFT_HEARTBEAT_MS = 300,
};

enum raft_role {
    RAFT_FOLLOWER,
    RAFT_TRIAL, /* asks whether an election would be won; to the outside a follower */
    RAFT_CANDIDATE,
    RAFT_LEADER,
};

enum raft_type { RAFT_VOTE, RAFT_VOTE_OK, RAFT_APPEND, RAFT_APPEND_OK };

struct raft_place {
    int64_t term, index; /* of an entry; 0, 0: none yet */
};

struct raft_message {
    enum raft_type type;
    int peer; /* whom it is from, or whom it goes to */
    int64_t term;
    bool pre;                /* vote and its answer: a trial */
    bool yes;                /* answers: granted, ok */
    bool has_entry;          /* append: the entry itself goes with it */
    struct raft_place place; /* vote: the candidate's; append: the leader's; append_ok: ours */
    int64_t commit;          /* append: the index up to which all is agreed */
};

struct raft_out {
    bool save;
    bool take; /* the entry that came with the message is ours now; implies save */
    int count;
    struct raft_message messages[RAFT_OUT_MAX];
};

struct raft {
    int self, members;
    uint64_t random;

    int64_t term;            /* durable */
    int vote;                /* durable */
    struct raft_place place; /* durable, as is the entry that it is the place of */
    int64_t commit;          /* an index; the entry is agreed on when place.index <= commit */

    enum raft_role role;
    int leader;              /* of this term, as far as we know */
    int64_t leader_heard_ms; /* when its last valid message came */
    int64_t election_due_ms; /* not while leader */

    bool granted[RAFT_MEMBERS_MAX];
    int64_t heard_ms[RAFT_MEMBERS_MAX]; /* leader: last answer of this term */
    int64_t match[RAFT_MEMBERS_MAX];    /* leader: index that is on its disk; 0: not known */
    int64_t heartbeat_due_ms;
};

void raft_init(struct raft *r, int self, int members, int64_t term, int vote,
               struct raft_place place, uint64_t seed, int64_t now_ms);
void raft_step(struct raft *r, const struct raft_message *m, int64_t now_ms, struct raft_out *out);
void raft_tick(struct raft *r, int64_t now_ms, struct raft_out *out);
/* Leader: a new entry takes the place of the one before; it must have been agreed on. */
void raft_propose(struct raft *r, int64_t now_ms, struct raft_out *out);
bool raft_hears_majority(const struct raft *r, int64_t now_ms); /* leader */

#endif
