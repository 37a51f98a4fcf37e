/* service.h - the key-value stores and the timestamp oracle that a run offers to its nodes:
 * Maelstrom's seq-kv, lin-kv, lww-kv and lin-tso.
 *
 * A service is a step function: a request in, the body of the reply out. It knows nothing of time
 * and of the network. Its chance comes from the stream it is given.
 *
 * Requests and replies, on top of type and msg_id or in_reply_to:
 *     read {key}                                    read_ok {value}
 *     write {key, value}                            write_ok
 *     cas {key, from, to, create_if_not_exists}     cas_ok
 *     ts                                            ts_ok {ts}
 * or error {code, text}: 20 no such key, 22 the current value is not from, 12 the key is missing,
 * 10 no such type, 14 the store is full. Any other field that is absent counts as null. Keys and
 * values are any JSON, equal if their canonical texts are (json.h); a value comes back as it was
 * written. */
#ifndef SIM_SERVICE_H
#define SIM_SERVICE_H

#include "../base/str.h"

#include <stdint.h>

enum service_kind { SERVICE_SEQ_KV, SERVICE_LIN_KV, SERVICE_LWW_KV, SERVICE_LIN_TSO };

enum { SERVICE_COUNT = 4 };

struct prng;
struct service;

const char *service_name(enum service_kind kind); /* "seq-kv", ... */

struct service *service_new(enum service_kind kind, struct prng *prng); /* borrows prng */
void service_free(struct service *s);                                   /* NULL is fine */

/* Carries out one request of client (any small number that stands for it) and appends the body of
 * the reply. False, with nothing done, if body is itself a reply: those get no answer, so that
 * nobody can send services round in circles. */
bool service_answer(struct service *s, uint32_t client, struct str body, struct buf *ret_reply);

#endif
