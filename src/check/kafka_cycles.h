/* kafka_cycles.h - information flow in a circle: an operation that depends on its own outcome. */
#ifndef CHECK_KAFKA_CYCLES_H
#define CHECK_KAFKA_CYCLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kafka_log;

/* One strongly connected set of operations, by their completions' (or invocations') indices. */
struct kafka_cycle {
    uint32_t *events;
    size_t len;
    bool is_realtime; /* only with the order in time it closes: G1c-realtime, else G1c */
};

/* Returns how many there are; kafka_cycles_free the list. */
size_t kafka_cycles_find(const struct kafka_log *log, struct kafka_cycle **ret_cycles);
void kafka_cycles_free(struct kafka_cycle *cycles, size_t count);

#endif
