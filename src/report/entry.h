/* entry.h - one line of a run's journal, taken apart.
 *
 * The journal (run/journal.h) holds every message, fault, log line and step as JSON lines. All
 * texts are borrowed from the line. Strings are the inside of JSON strings, still escaped;
 * json_unescape() tells what they mean. Absent ones have data NULL. */
#ifndef REPORT_ENTRY_H
#define REPORT_ENTRY_H

#include "../base/str.h"

enum entry_kind {
    ENTRY_OTHER, /* a kind that this version does not draw */
    ENTRY_SEND,
    ENTRY_RECV,
    ENTRY_DROP,
    ENTRY_FAULT,
    ENTRY_NODE,
    ENTRY_LOG,
    ENTRY_STEP,
    ENTRY_NOTE,
    ENTRY_BLAME, /* why the run ended as invalid */
};

struct entry {
    int64_t t_ns;
    enum entry_kind kind;
    uint64_t id;           /* of a message */
    struct str src, dest;  /* of a sent message */
    struct str body;       /* of a sent message: any JSON value */
    struct str why;        /* of a dropped one */
    struct str fault;      /* "partition", "kill", ... */
    struct str what;       /* of a fault: "start", "stop"; of a node: "start", "exit", ... */
    struct str text, node; /* of logs, steps, faults, nodes */
    struct str nodes;      /* of a fault: the JSON list of the nodes it touches */
    bool ok;               /* of a step */
};

/* False if the line is not a journal line (not JSON, no time, no kind). With brief, a message is
 * read only as far as its kind: enough to count it. */
bool entry_parse(struct str line, bool brief, struct entry *ret_entry);

#endif
