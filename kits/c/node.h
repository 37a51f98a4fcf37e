/* node.h - a node of a simulated cluster: messages in, messages out, timers, calls, logs.
 *
 *     static void on_echo(const struct message *m)
 *     {
 *         node_reply(m, "echo_ok", "echo", json_get(m->body, "echo"), NULL);
 *     }
 *     int main(void)
 *     {
 *         node_on("echo", on_echo);
 *         return node_run();
 *     }
 *
 * The messages are those of docs/protocol.md: lines of JSON on stdin and stdout. The kit answers
 * init itself and answers requests of unknown type with error 10. One thread: handlers, timers and
 * answers run one after the other and must not block. What they send leaves the process together,
 * at the end of the round, after everything given to disk_append() is on disk (disk.h).
 *
 * Pairs: reply, send and call take any number of (const char *key, struct json *value) for the
 * fields of the body, ended by NULL. type, msg_id and in_reply_to are put in by the kit. */
#ifndef KIT_NODE_H
#define KIT_NODE_H

#include "json.h"

/* A message that came in. Borrowed: gone when the handler returns, unless kept. */
struct message {
    const char *src, *dest, *type;
    struct json *body;
    int64_t msg_id; /* NODE_NO_ID: it has none, so it cannot be answered */
};
#define NODE_NO_ID INT64_MIN

/* Error codes (docs/protocol.md). After TIMEOUT, CRASH or an unknown code the request may or may
 * not have been carried out; after the others it certainly was not. */
enum node_code {
    NODE_OK = -1, /* not an error */
    NODE_TIMEOUT = 0,
    NODE_NOT_FOUND = 1,
    NODE_NOT_SUPPORTED = 10,
    NODE_UNAVAILABLE = 11,
    NODE_MALFORMED = 12,
    NODE_CRASH = 13,
    NODE_ABORT = 14,
    NODE_NO_KEY = 20,
    NODE_KEY_EXISTS = 21,
    NODE_PRECONDITION = 22,
    NODE_CONFLICT = 30,
};

typedef void (*node_handler)(const struct message *m);
typedef void (*node_timer)(void *owner);
/* m is NULL if no answer came in time. node_code_of(m) tells the cases apart. */
typedef void (*node_answer)(void *owner, const struct message *m);

/* Set up, in main(). */
void node_on(const char *type, node_handler handler);
void node_on_start(void (*start)(void)); /* runs when the names are known, before init_ok */
/* The event loop. At the end of stdin it goes on until the calls and node_after() timers that are
 * open then have ended, and returns 0. */
int node_run(void);
void node_stop(int status); /* node_run() returns it when this round's output has left */

/* Who is who; known from start on. Names are in the order of init, the same on all nodes. */
const char *node_id(void);
int node_count(void);
int node_self(void); /* our place among the names */
const char *node_name(int index);
int node_find(const char *name); /* -1: no node */

/* Messages. */
void node_reply(const struct message *m, const char *type, ...) __attribute__((sentinel));
void node_error(const struct message *m, enum node_code code, const char *text);
void node_send(const char *dest, const char *type, ...) __attribute__((sentinel));
/* Sends a request to a node or service; answer runs exactly once, with what dest itself answers.
 * Nothing is sent again. */
void node_call(const char *dest, int timeout_ms, node_answer answer, void *owner, const char *type,
               ...) __attribute__((sentinel));
enum node_code node_code_of(const struct message *m);

/* To answer later: a copy of the whole message, to be freed after the reply. */
struct message *node_keep(const struct message *m);
void node_free(struct message *kept);

/* Timers. */
uint64_t node_after(int ms, node_timer timer, void *owner);
uint64_t node_every(int ms, node_timer timer, void *owner);
void node_cancel(uint64_t id); /* fine if it has fired or never was */
int64_t node_now_ms(void);     /* monotonic; only differences mean something */
uint64_t node_random(void);    /* seeded by the system: differs from node to node */

/* Descriptors of your own, such as sockets. ready runs when fd can do one of the wanted things,
 * again and again as long as that is so; NODE_FAILED (error, or hung up both ways) is told unasked.
 * fd must be one that epoll takes, and should not block. Open descriptors do not keep node_run()
 * going. */
enum { NODE_READABLE = 1, NODE_WRITABLE = 2, NODE_FAILED = 4 };
typedef void (*node_ready)(int fd, int events, void *owner);
void node_watch(int fd, int wanted, node_ready ready, void *owner); /* again: changes it */
void node_unwatch(int fd); /* before close(); fine if it is not watched */

/* One line on stderr, which the harness keeps per node. stdout is for messages only. */
void node_log(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* hook runs before output leaves the process; for disk.c. */
void node_before_output(void (*hook)(void));

#endif
