/* script_parts.h - what the files of this room share about struct script. Nobody else includes it.
 *
 * script.c   the closed Lua state, opening, ending
 * strand.c   coroutines that wait in the world's time
 * client.c   requests and their replies
 * sys.c      the table `sys`: what Lua may ask of the world
 * sys_watch.c the part of it for faults that wait for a message
 * sys_task.c the part of it that only tasks need
 * sys_net.c  the part of that for sockets
 * h2.c       HTTP/2, for sockets
 * tls.c      TLS and certificates, for sockets
 * sys_disk.c the part of that for disks
 * member.c   messages to clients and peers of a task
 * step.c     steps of a task, and why one failed
 * observe.c  every message of a task, and counts of them
 * rule.c     what becomes of single messages
 * plan.c     a task file read without a world */
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
    bool parked;    /* of these: sys.wake() may resume it, a timer or not */
    bool awaiting;  /* of these: for any event (member.c) */
    bool listed;    /* its cookie is in the list of those, though it may have been woken since */
    int32_t next_free;
};

struct pending {
    int64_t msg_id;
    int32_t strand;
    uint64_t timer;
};

/* A client of the scenario; its endpoint is first_client + its index. */
struct client {
    int64_t next_msg_id;
    bool in_task;            /* what comes for it goes to member.c */
    struct pending *pending; /* requests without a reply yet, oldest first */
    size_t pending_len;
    size_t pending_cap;
};

/* What a task has beyond a workload. */
struct task {
    struct observe *observe;
    struct rules *rules;
    struct script_step *steps;
    size_t step_len, step_cap;
    bool step_open;
    struct script_failure *failure;
    struct socks *socks;     /* of the network */
    struct exit_seen *exits; /* by node */
    bool *trapped;           /* by node: it stands before a change of its disk */
    struct buf *logs;        /* by node */
    uint32_t node_count;
    uint64_t *awaiting; /* cookies of strands that wait for any event */
    size_t awaiting_len, awaiting_cap;
    bool wake_due; /* a timer will wake them */
};

struct exit_seen {
    bool over;
    int code, signal;
    int64_t at_ns;
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
    int32_t free_strand; /* first of the free slots, or STRAND_NONE */
    int32_t running;     /* the strand at work, or STRAND_NONE */
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
    uint32_t process_count;
    struct watch *watch;     /* NULL: nobody waits for messages of a type */
    struct task *task;       /* NULL: a workload */
    struct streams *streams; /* of a plan, where there is no world */
    struct str common;       /* valid while the scenario is loaded */
    char *common_path;
};

struct script *script_of(lua_State *lua);
void script_fail(struct script *s, const char *sentence);
/* The error on top of co's stack ends the story; the author's own line stands first. */
void script_fail_at(struct script *s, lua_State *co);

/* strand.c */
int32_t strand_spawn(struct script *s, lua_State *from,
                     int nargs); /* function and arguments on top */
/* Resumes a waiting strand with nargs values on its own stack. */
void strand_resume(struct script *s, int32_t strand, int nargs);
/* For C functions that yield: marks the running strand as waiting and, if due_ns is not INT64_MAX,
 * sets the timer that resumes it with no value. */
void strand_wait(struct script *s, int64_t due_ns);
/* The same for one that sys.wake() may resume before its time; then it is unparked first. */
void strand_park(struct script *s, int64_t due_ns);
void strand_unpark(struct script *s, int32_t strand);
/* One that waits for a timer is resumed in this instant instead, with no value, but not at once. */
void strand_wake_now(struct script *s, int32_t strand);
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
uint32_t sys_node_arg(lua_State *lua, int arg); /* a number, or a name; of any member */
uint32_t sys_dest_arg(lua_State *lua, int arg); /* of anybody */
void sys_need_strand(lua_State *lua);
/* The integer in a field of the table at arg, or otherwise if there is none. */
int64_t sys_number_field(lua_State *lua, int arg, const char *field, int64_t otherwise);

/* sys_watch.c: adds its functions to the table on top. */
void watch_open(lua_State *lua);
void watch_saw(struct script *s, const struct message *m, bool received);
void watch_free(struct watch *w); /* NULL is fine */

/* sys_task.c: likewise. */
void sys_task_open(lua_State *lua);

/* h2.c: likewise. */
void h2_open(lua_State *lua);

/* tls.c: likewise. */
void tls_open(lua_State *lua);

/* sys_disk.c: likewise. */
void sys_disk_open(lua_State *lua);

/* sys_net.c: likewise. */
void sys_net_open(lua_State *lua);
struct socks *socks_new(void);
void socks_listen(struct script *s); /* once the host is known */
void socks_free(struct socks *s);    /* NULL is fine */

/* member.c */
void member_deliver(struct script *s, const struct message *m);
void member_event(struct script *s); /* something happened: strands that await look again */
void member_open(lua_State *lua);

/* step.c */
void step_begin(struct script *s, const char *name);
/* The texts are copied; evidence is taken. Ends the story. */
struct step_fault {
    const char *what, *expected, *seen, *node;
    const uint64_t *trail;
    uint32_t trail_len;
    json_t *evidence;
};
void step_fail(struct script *s, const struct step_fault *fault);
void step_open(lua_State *lua);
void task_free(struct task *t); /* NULL is fine */

/* rule.c */
void rule_open(lua_State *lua);

/* script.c */
enum { SCRIPT_PLACE_MAX = 256 };
/* "file:line: " of the innermost function that the scenario's author wrote, or "". Returns into. */
const char *script_place(lua_State *lua, char into[SCRIPT_PLACE_MAX]);
/* A state with the prelude and the scenario loaded: what the scenario returned is on its stack. The
 * state is there also if that failed (script_close). */
struct script_text {
    const char *path;
    struct str source, common;
    uint64_t seed; /* of chance where there is no world */
};
int script_load(const struct script_text *text, struct world *world, struct script **ret_script,
                struct err *err);

#endif
