/* live.h - a job of the queue, told as it goes on: server-sent events with resume.
 *
 *     event: state   how it stands, whenever that changes, and first of all
 *     event: step    what the judge says, as it says it; id: the queue's number of it, and 1
 *     event: over    the last one: the whole, with its result
 *
 * Whoever comes back with Last-Event-ID hears what he has not heard. What the whole is (a
 * submission, a run of the playground) is the owner's to say. Asks the queue five times a second at
 * most, and then with one cheap question unless something changed. */
#ifndef WEB_LIVE_H
#define WEB_LIVE_H

#include "../base/str.h"

struct err;
struct jobs;
struct request;
struct response;

struct live {
    struct jobs *jobs;
    int64_t job;
    void *owner;
    /* Appends how it stands as JSON in one line; whole: with its result. 1: it is over; 0: not yet;
     * negative: not to be had just now. */
    int (*tell)(void *owner, bool whole, struct buf *out, struct err *err);
    void (*free)(void *owner);
};

/* Makes r the stream of it. Takes the owner in every case. */
void live_start(const struct live *l, const struct request *q, struct response *r);

#endif
