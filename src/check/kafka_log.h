/* kafka_log.h - what a kafka history says, flattened: one entry for each message sent or polled.
 *
 * Keys and values are dense numbers; a value is numbered within its key, so equal values of two
 * keys have two numbers. Keys are names: 9 and "9" are one key. Every offset that was seen of a
 * key has an index, dense and in order of offsets. */
#ifndef CHECK_KAFKA_LOG_H
#define CHECK_KAFKA_LOG_H

#include "../base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct history;
struct map;

#define KAFKA_NONE UINT32_MAX
#define KAFKA_NO_OFFSET INT64_MIN

enum kafka_kind {
    KAFKA_ASSIGN,    /* an ok assign starts; its keys follow as KAFKA_ASSIGNED */
    KAFKA_ASSIGNED,  /* key */
    KAFKA_POLL,      /* an ok poll starts; its messages follow as KAFKA_POLLED */
    KAFKA_POLLED,    /* key, value, offset, index */
    KAFKA_SENT,      /* a send of known success: key, value, offset, index */
    KAFKA_FAILED,    /* a send that failed definitely: key, value */
    KAFKA_UNCERTAIN, /* a send of unknown outcome: key, value */
};

struct kafka_entry {
    enum kafka_kind kind;
    uint32_t event; /* the completion; the invocation where there is none */
    uint32_t key;
    uint32_t value;
    int64_t offset; /* or KAFKA_NO_OFFSET */
    uint32_t index; /* of the offset, or of the value's first; KAFKA_NONE if neither is known */
};

struct kafka_value {
    uint32_t key;
    uint32_t first_index; /* KAFKA_NONE if no offset of it is known */
    uint32_t last_index;
    uint32_t sent; /* entry of its KAFKA_SENT, or KAFKA_NONE; likewise the next two */
    uint32_t failed;
    uint32_t uncertain;
    uint32_t polled; /* the first KAFKA_POLLED */
};

/* One offset of one key that was seen to hold a value. */
struct kafka_cell {
    uint32_t key;
    int64_t offset;
    uint32_t value;
    uint32_t event; /* where it was seen first */
};

struct kafka_log {
    const struct history *h;
    struct map *key_names;       /* texts */
    struct map *value_names;     /* "KEY NUMBER:JSON" */
    struct kafka_entry *entries; /* in order of completion; sends without one at their invocation */
    size_t entry_count, entries_cap;
    struct kafka_value *values;
    size_t values_cap;
    struct kafka_cell *cells; /* by key, offset, value; each triple once */
    size_t cell_count, cells_cap;
    uint32_t *index_count; /* by key: how many offsets were seen */
    uint32_t malformed_count;
    uint32_t malformed_event; /* the first */
};

void kafka_log_init(struct kafka_log *log, const struct history *h);
void kafka_log_release(struct kafka_log *log);

uint32_t kafka_key_count(const struct kafka_log *log);
uint32_t kafka_value_count(const struct kafka_log *log);
struct str kafka_value_text(const struct kafka_log *log, uint32_t value); /* JSON */
const char *kafka_key_text(const struct kafka_log *log, uint32_t key);

#endif
