/* lin_weak_core.h - few operations that contradict a weak model, as lin_core.h does for the strong
 * one: whatever the others did. */
#ifndef CHECK_LIN_WEAK_CORE_H
#define CHECK_LIN_WEAK_CORE_H

#include "lin_op.h"

#include <jansson.h>

struct buf;
struct lin_input;

enum { LIN_WEAK_CORE_MAX = 32 };

struct lin_weak_question {
    /* Do these parts, as many as there were, still contradict the model? False also if unsure. */
    bool (*wrong)(void *context, const struct lin_part *parts, uint64_t *work);
    void *context;
};

/* Puts operations of parts, by invocation, into ret_core (LIN_WEAK_CORE_MAX long); returns how
 * many, or 0 if no set as small was found within a bounded effort. */
uint32_t lin_weak_core(const struct lin_part *parts, uint32_t part_count,
                       const struct lin_weak_question *question, const struct lin_op **ret_core);

/* "process 3: write 1, process 4: read 2 (event 7)" for a sentence, and as JSON. */
void lin_weak_list(const struct lin_input *in, const struct lin_op *const *ops, uint32_t count,
                   struct buf *out);
json_t *lin_weak_json(const struct lin_input *in, const struct lin_op *const *ops, uint32_t count);

#endif
