/* run_parts.h - what the files of one run share. Nobody else includes it.
 *
 * run.c        opening, the loop, closing
 * run_world.c  what the world does: deliveries, losses, rules
 * run_nodes.c  what the processes do: lines, logs, ends
 * run_disk.c   what it asks of disks
 * run_host.c   what the scenario asks for: starting, killing, clocks, records */
#ifndef RUN_RUN_PARTS_H
#define RUN_RUN_PARTS_H

#include "confine.h"
#include "fates.h"
#include "pressure.h"
#include "protocol.h"
#include "run.h"

struct decisions;
struct journal;
struct lines;
struct lookout;
struct script;
struct script_disks;
struct script_host;

enum { TAIL_LINES = 5, TAIL_LINE_MAX = 512 };

struct node {
    struct lines *log;      /* node-logs/NAME.log; NULL before the first line */
    char *tail[TAIL_LINES]; /* the last lines of stderr, for the sentence about a crash */
    uint32_t tail_next;
    uint32_t starts;
    struct protocol_clients clients; /* that it knows */
    bool inbox_was_full;
    bool exit_allowed;   /* until the next start */
    char *data;          /* name of its folder of data; NULL: its own */
    uint32_t data_count; /* how many empty ones it was given */
};

struct run {
    const struct run_config *config;
    struct run_result *result;
    struct world *world;
    struct cage *cage;
    uint32_t process_count; /* nodes with a number below have a process; the others are peers */
    struct script *script;
    struct lookout *lookout; /* NULL unless config->fail_fast */
    struct journal *journal;
    struct lines *history_file;
    json_t *record; /* run.json; NULL: none can be made */
    struct node *nodes;
    struct buf line;     /* on its way to a node, or to history.jsonl */
    struct buf sentence; /* about a line that breaks the protocol */
    int64_t started_ns;  /* real time of run_execute() */
    bool blamed;
    bool in_world; /* the world is carrying out an event */
    struct pressure pressure;
    struct fates fates;          /* rules of the scenario first, then decisions */
    struct decisions *decisions; /* given, or recorded; NULL: neither */
    struct confine confine;      /* config->sandbox is not NULL: its spec and where nodes start */
    bool clock_noted;            /* that clock faults have no effect, if so */
};

struct str run_node_name(const struct run *r, uint32_t node);

/* The first blame counts: what follows a broken promise is no news. */
void run_blame(void *owner, uint32_t node, const char *sentence);
void run_note(void *owner, const char *text);

/* Moves the world's time to now_ns; at most limit events. */
void run_advance(struct run *r, int64_t now_ns, uint64_t limit);
/* Before something a process did enters the world. The cage may report from within an event of the
 * world (a kill drains the pipes first): then it is that event's time. */
void run_catch_up(struct run *r);

struct world_sink run_world_sink(struct run *r);
struct cage_events run_cage_events(struct run *r);
struct script_host run_script_host(struct run *r);
/* Appends the path of the node's folder of data. */
void run_data_path(const struct run *r, uint32_t node, struct buf *path);
/* That path is another one now. */
void run_disk_moved(struct run *r, uint32_t node);
extern const struct script_disks run_script_disks;

#endif
