/* assign.h - a consumer group, and who of it should read which partition. */
#ifndef LOGGER_ASSIGN_H
#define LOGGER_ASSIGN_H

#include "replica.h"

enum { MEMBERS_MAX = 64, NAME_MAX_LEN = 63 };

struct member {
    char name[NAME_MAX_LEN + 1]; /* "": a free place */
    int64_t session_ms;
    int64_t heard_ms;
    int64_t asked_ms; /* since when it should give something up; 0: it need not */
};

struct group {
    char name[NAME_MAX_LEN + 1];
    int64_t generation;
    bool is_sticky;
    uint64_t logs; /* bit i: the partition with id i belongs to the topics */
    struct member members[MEMBERS_MAX];
    int owner[META_LOGS_MAX], target[META_LOGS_MAX]; /* places of members; -1: nobody */
    int64_t since[META_LOGS_MAX];                    /* generation in which the owner got it */
    struct group *next;
};

/* The members and partitions that there are, sorted. */
struct plan {
    const struct member *members[MEMBERS_MAX]; /* in the order of names */
    int member_count;
    int logs[META_LOGS_MAX]; /* in the order of keys */
    int log_count;
};
struct plan assign_plan(const struct group *g);

/* The members have changed: a new generation, new targets. Owners stay. */
void assign(struct group *g);

#endif
