/* window.h - what went over the network while things went wrong, joined with a checker's evidence.
 *
 * Where details of a checker that found the run invalid name operations, they get
 *
 *   "window": {"from": ns, "to": ns,
 *              "messages": [{"id", "src", "dest", "type", "sent", "received" or "lost", "body",
 *                            "process": whose operation it belongs to, if any}, ...],
 *              "message-count": all that were sent in that time,
 *              "faults": [{"kind", "text", "from", "to" (null: to the end)}, ...],
 *              "fault-count"}
 *
 * from and to are the first and the last moment of these operations. Bounded: of many messages
 * those of the operations come first, then lost ones, then what their nodes sent or got meanwhile,
 * later ones before earlier ones; the list itself is in order of time. */
#ifndef REPORT_WINDOW_H
#define REPORT_WINDOW_H

#include "../base/str.h"

#include <jansson.h>

struct err;
struct run_view;

enum { WINDOW_MESSAGES_MAX = 48, WINDOW_FAULTS_MAX = 16, WINDOW_BODY_MAX = 200 };

/* details: of one checker, or of several by name (results.json's "workload"). Reads the journal of
 * the view once for each that has something to join; without a journal nothing happens. */
int window_add(json_t *details, const struct run_view *view, struct err *err);

/* Appends a few lines for a person: the faults of that time and the messages that matter most, at
 * most 12. Nothing where details (of one checker) have no window. */
void window_text(const json_t *details, struct buf *out);

#endif
