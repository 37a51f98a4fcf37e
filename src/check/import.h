/* import.h - histories as other tools write them.
 *
 *   json   eddy's own history.jsonl, one object a line; or one array of such objects
 *   edn    Jepsen's, Knossos' and Elle's: maps one after the other, or one vector or list of them.
 *          Porcupine's key-value logs are of this form: :key and :value become the value [k, v]
 *   log    jepsen.log, history.txt and the etcd logs of Knossos and Porcupine:
 *          PROCESS :TYPE :F VALUE [ERROR], behind anything else in the line; other lines are
 * skipped
 *
 * An event has type, process, f, value, and perhaps time (ns), node, error, key and final? (or
 * final); everything else in it is passed over. What histories leave out is filled in:
 * - no f: "txn", as Elle's files have it.
 * - no time (or a negative one): that of the event before, or, where the whole history has none,
 *   1 ms for each event.
 * - no process in the whole history: each operation is of a process of its own; a completion is
 *   that of the only open operation of its function.
 * - processes that are no integers are faults (nemesis), whatever type they give.
 * - a process that goes on after an info event becomes a new process.
 * - completions without any invocation in the whole history: each gets one just before it.
 * - the answer of an echo is its member "echo", where Maelstrom kept the whole body.
 * Values become canonical JSON (edn.h says how). Order is that of the file. */
#ifndef CHECK_IMPORT_H
#define CHECK_IMPORT_H

#include "../base/str.h"

struct err;
struct history;

enum { IMPORT_TEXT_MAX = 1 << 30 }; /* bytes; whoever reads the file holds it */

enum import_format { IMPORT_ANY, IMPORT_JSON, IMPORT_EDN, IMPORT_LOG };
const char *import_format_text(enum import_format format); /* "any", "json", "edn", "log" */
bool import_format_find(const char *text, enum import_format *ret_format);

struct imported {
    struct history *history;   /* the caller's: history_free */
    enum import_format format; /* what it was read as */
    uint32_t skipped_lines;    /* of a log, that hold no event */
    uint32_t renamed_count;    /* processes that went on after an info event */
    bool has_times;
    bool has_invocations; /* false: they were made up */
};

/* IMPORT_ANY: looks at the beginning of text. ERR_INPUT: what it holds is no history; err says
 * line, column and what was expected. ERR_FULL: more than a history can hold. *ret_imported is
 * untouched then. */
int import_history(struct str text, enum import_format format, struct imported *ret_imported,
                   struct err *err);

#endif
