/* members.h - what this node believes about each member, and the news that it passes on.
 *
 * News about a member is a state and an incarnation. Of two pieces of news the one with the higher
 * incarnation holds; at equal ones dead over suspect over alive. Only the member itself raises its
 * incarnation. */
#ifndef GOSSIPER_MEMBERS_H
#define GOSSIPER_MEMBERS_H

#include "json.h"

enum member_state { MEMBER_ALIVE, MEMBER_SUSPECT, MEMBER_DEAD };

struct member {
    char *name;
    enum member_state state;
    int64_t incarnation;
    int64_t since_ms; /* when it came into this state, by our clock */
    int told;         /* how often this has been passed on */
};

/* Forgets everybody; then ourselves and those of init, alive. */
void members_begin(void);

int members_count(void);
struct member *members_at(int i); /* borrowed; 0 is ourselves */
/* The member of this name, which is added, alive, if there was none. */
struct member *members_of(const char *name);

/* Our own news about somebody. */
void members_accuse(struct member *m, enum member_state state);

/* A list of news from elsewhere. True: it accused ourselves, and we have refuted it. */
bool members_hear(const struct json *news);
/* What dest should hear: first about itself if it is accused, then what has been told least often,
 * then some of the rest. Counts as told. */
struct json *members_news(const char *dest);

/* Up to `count` different live members, by lot, without ourselves and `except`; how many. */
int members_draw(int count, const char *except, struct member **ret_members);

/* Sorted names of all that are in this state. */
struct json *members_names(enum member_state state);

#endif
