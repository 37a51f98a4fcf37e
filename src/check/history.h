/* history.h - what clients asked and what they got: the input of every checker.
 *
 * A history is a list of events in the order they happened; checkers go by this order, and use
 * times for latencies and sentences only. An invocation (OP_INVOKE) is followed by at most
 * one completion of the same process: OP_OK, OP_FAIL (certainly did not happen) or OP_INFO (may
 * have happened, or may yet). A process with an OP_INFO is used no more. Values are JSON texts,
 * canonical (json_canonical), so that equal values are equal texts. Pure; owns its texts. */
#ifndef CHECK_HISTORY_H
#define CHECK_HISTORY_H

#include "../base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct err;
struct history;

enum op_type { OP_INVOKE, OP_OK, OP_FAIL, OP_INFO };
const char *op_type_text(enum op_type type); /* "invoke", "ok", "fail", "info" */

enum {
    HISTORY_NEMESIS = -1, /* the process of faults: always OP_INFO, no pairs */
    HISTORY_NO_NODE = -1,
};
#define HISTORY_NO_PAIR UINT32_MAX

enum {
    HISTORY_LEN_MAX = 20000000,
    HISTORY_PROCESS_MAX = 2000000,
    HISTORY_NODE_MAX = 65536,
};

struct op {
    int64_t time_ns;
    int32_t process; /* from 0; HISTORY_NEMESIS */
    int32_t node;    /* the node it was sent to; HISTORY_NO_NODE if none or unknown */
    uint32_t f;      /* number of the function's name: history_f() */
    enum op_type type;
    bool final;       /* an operation of the final phase, after all faults are healed */
    uint32_t pair;    /* index of its completion or invocation; HISTORY_NO_PAIR */
    struct str value; /* JSON text, "null" if there is none */
    struct str error; /* JSON text, empty if there is none */
};

struct history *history_new(void);
void history_free(struct history *h); /* NULL is fine */

/* A copy of its first len events, with the same numbers of functions and names of nodes. What
 * completes later is open in it. */
struct history *history_beginning(const struct history *h, uint32_t len);

/* Lowers the cap on events from HISTORY_LEN_MAX. */
void history_limit(struct history *h, uint32_t len_max);

/* Copies op in, its texts too; op->pair is ignored and set here, and a completion without a node
 * gets that of its invocation. ERR_INPUT: an invocation of a process that has one open or that
 * ended with OP_INFO; a completion of a process that has none open, or of another function; a
 * nemesis event that is not OP_INFO. ERR_FULL: HISTORY_LEN_MAX (or history_limit) events, or a
 * process or node number of HISTORY_PROCESS_MAX or HISTORY_NODE_MAX and up. Nothing is added then.
 */
int history_add(struct history *h, const struct op *op, struct err *err);

/* The name of a node, for sentences and files; without one, node 2 is called "n2". */
void history_name_node(struct history *h, int32_t node, struct str name);
/* Borrowed; "no node" for HISTORY_NO_NODE. The same place each time, so it ends in 0. */
const char *history_node_name(const struct history *h, int32_t node);

uint32_t history_len(const struct history *h);
const struct op *history_at(const struct history *h, uint32_t index); /* borrowed */
uint32_t history_f(struct history *h, const char *name);              /* enters it if new */
int64_t history_find_f(const struct history *h, const char *name);    /* or MAP_NONE */
/* The completion of the invocation at index, or NULL while there is none. */
const struct op *history_completion(const struct history *h, uint32_t index);
uint32_t history_f_count(const struct history *h);
struct str history_f_name(const struct history *h, uint32_t f);

/* One event as a line of history.jsonl, without newline:
 * {"index":7,"time":1234,"process":3,"type":"ok","f":"read","value":[1,2],"node":"n1","final":true,
 *  "error":["timeout","..."]}. time in ns; process "nemesis" for faults; node, final and error only
 * where there are any. node_name NULL: the name that the history knows. */
void history_line(const struct history *h, uint32_t index, const char *node_name, struct buf *out);
/* Adds the event of such a line; "index" and members it does not know are passed over. Node names
 * map to numbers by nodes (a struct map), entering new ones, and become names of the history.
 * ERR_INPUT, ERR_FULL: err says the column or the member, and what was expected; nothing is added.
 */
struct map;
int history_parse_line(struct history *h, struct str line, struct map *nodes, struct err *err);

#endif
