/* handlers.h - what the node does for each type of request; schema.c lists them. */
#ifndef MESSENGER_HANDLERS_H
#define MESSENGER_HANDLERS_H

struct request;

/* basic.c: answered from what the node knows */
void on_inspect(const struct request *r);
void on_whoami(const struct request *r);
void on_echo(const struct request *r);
void on_wait(const struct request *r);
void on_trace(const struct request *r);
void on_chaos(const struct request *r);
void on_chaos_off(const struct request *r);

/* calls.c: answered with what other nodes say */
void on_proxy(const struct request *r);
void on_relay(const struct request *r);
void on_start(const struct request *r);
void on_pending(const struct request *r);

void on_batch(const struct request *r); /* batch.c */
void on_tally(const struct request *r); /* tally.c */
void on_visit(const struct request *r); /* visit.c */

#endif
