/* script_parts.h - what the files of this room share about struct script. Nobody else includes it.
 *
 * script.c   the closed Lua state, opening, ending
 * strand.c   coroutines that wait in the world's time
 * client.c   requests and their replies
 * sys.c      the table `sys`: what Lua may ask of the world */
#ifndef SCRIPT_SCRIPT_PARTS_H
#define SCRIPT_SCRIPT_PARTS_H

#include "../base/err.h"
#include "script.h"

#include <lua.h>

enum { STRAND_NONE = -1 };

/* A coroutine. A slot is used again after its end; the generation tells the uses apart. */
struct strand {
    lua_State *co; /* NULL: the slot is free */
    int ref;       /* keeps co alive in the registry */
    uint32_t generation;
    uint64_t timer; /* what wakes it; 0 if no timer does */
    bool waiting;   /* it has yielded and nothing has resumed it yet */
};

struct pending {
    int64_t msg_id;
    int32_t strand;
    uint64_t timer;
};

/* A client of the scenario; its endpoint is first_client + its index. */
struct client {
    int64_t next_msg_id;
    struct pending *pending; /* requests without a reply yet, oldest first */
    size_t pending_len;
    size_t pending_cap;
};

struct script {
    lua_State *lua;
    size_t memory_used;
    uint64_t steps; /* instructions since the last wait */
    struct world *world;
    struct history *history;
    struct script_host host;
    char *path;
    char *name;
    char *summary;
    struct strand *strands;
    size_t strand_len, strand_cap;
    size_t strand_alive;
    int32_t running; /* the strand at work, or STRAND_NONE */
    struct client *clients;
    size_t client_len, client_cap;
    uint32_t first_client;
    struct script_check *checks;
    size_t check_len, check_cap;
    bool stopped;
    bool done;
    int status;
    struct err err;
    struct buf scratch; /* for texts on their way from Lua to the world */
    struct buf scratch_canonical;
};

struct script *script_of(lua_State *lua);
void script_fail(struct script *s, const char *sentence);

/* strand.c */
int32_t strand_spawn(struct script *s, lua_State *from,
                     int nargs); /* function and arguments on top */
/* Resumes a waiting strand with nargs values on its own stack. */
void strand_resume(struct script *s, int32_t strand, int nargs);
/* For C functions that yield: marks the running strand as waiting and, if due_ns is not INT64_MAX,
 * sets the timer that resumes it with no value. */
void strand_wait(struct script *s, int64_t due_ns);
uint64_t strand_cookie(const struct script *s, int32_t strand);
int32_t strand_from_cookie(const struct script *s,
                           uint64_t cookie); /* or STRAND_NONE: it has ended */
void strands_release(struct script *s);

/* client.c */
uint32_t client_new(struct script *s); /* its endpoint */
/* Sends body (a table at index) to dest; the running strand must yield afterwards and is resumed
 * with the reply's body, or with nothing after timeout_ns. */
void client_request(struct script *s, uint32_t client, uint32_t dest, int index,
                    int64_t timeout_ns);
void client_send(struct script *s, uint32_t client, uint32_t dest, int index);
void client_deliver(struct script *s, const struct message *m);
void clients_release(struct script *s);

/* sys.c */
void sys_open(struct script *s);

#endif
