/* log.h - an append-only log in segments. What may be believed of it after a crash is its business.
 *
 * Laws: 1. lsns count 1, 2, 3 without gaps. 2. What log_sync() has covered survives everything but
 * rot; the rest is a prefix of what was appended. 3. Rot of what can be proven to have been durable
 * is reported, never cut off. 4. Every segment but the last is durable. */
#ifndef LOGGER_LOG_H
#define LOGGER_LOG_H

#include "record.h"

struct log_config {
    uint64_t segment_bytes;
    uint32_t index_every;
    uint64_t from; /* what comes before this lsn is kept elsewhere */
};

/* Recovers what the folder holds. The process ends if a file cannot be read or written. */
void log_open(const struct log_config *config);

/* 0, or -errno: then the record is not there, and the lsn goes to another. -EBADMSG: damaged log.
 */
int log_append(struct slice data, uint64_t *ret_lsn);
/* Everything appended is durable; or -errno, and what was appended since the last one is gone. */
int log_sync(void);
/* The same, but on failure what was appended stays, to be tried again. */
int log_sync_keeping(void);

uint64_t log_first(void);
uint64_t log_last(void);
uint64_t log_durable(void);
uint64_t log_corrupt_at(void); /* the first damaged lsn; 0: none known */
uint64_t log_kept_bytes(void);

/* Calls fn from lsn on until it says false or the end is reached. -EBADMSG: damage came first. */
typedef bool (*log_fn)(void *owner, const struct record *r);
int log_read(uint64_t lsn, log_fn fn, void *owner);

/* Begins a new segment, so that log_forget() can reach all that there is now. */
int log_roll(void);
/* Removes the segments that hold nothing from lsn on. */
int log_forget(uint64_t lsn);

#endif
