/* kafka.h - logs by key: sends get offsets, polls read on from where a client stands.
 *
 * Values are lists of micro-operations:
 *   send    invoke [["send", k, v]]   ok [["send", k, [offset, v]]] (or [["send", k, v]]: unknown)
 *   poll    invoke [["poll"]]         ok [["poll", {"k": [[offset, v], ...]}]]
 *   assign  a list of keys            crash  null
 * Keys, values: any JSON. Details follow jepsen.tests.kafka: "error-types", "bad-error-types",
 * "worst-realtime-lag", "info-txn-causes", and for each error type met a list "errors" under its
 * name with its "count". Error types: inconsistent-offsets duplicate G1a precommitted-read
 * lost-write poll-skip nonmonotonic-poll int-poll-skip int-nonmonotonic-poll nonmonotonic-send
 * int-nonmonotonic-send int-send-skip unseen G1c G1c-realtime, and ours: phantom (a poll shows
 * what nobody sent) and malformed (a value of another shape; such a message is left out).
 * int-send-skip alone is allowed. */
#ifndef CHECK_KAFKA_H
#define CHECK_KAFKA_H

struct checker;
struct history;
struct verdict;

void kafka_check(const struct history *h, struct verdict *ret_verdict);

/* "kafka", no options. */
extern const struct checker kafka_checker;

#endif
