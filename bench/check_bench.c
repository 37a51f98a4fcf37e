/* check_bench [ELEMENTS] [READS] - how long the checkers take, in CPU time of one thread.
 *
 * set-full: all elements are added, then every read shows all of them, in a new order each time,
 * as a node with a hash table would answer. kafka: as many sends and polls of ten keys. */
#include "check/checker.h"
#include "check/history.h"
#include "check/verdict.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/prng.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double cpu_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void add(struct history *h, int32_t process, enum op_type type, const char *f,
                const struct buf *value)
{
    struct err err = {.text = ""};
    struct op op = {.time_ns = history_len(h) * 1000ll,
                    .process = process,
                    .node = process % 5,
                    .f = history_f(h, f),
                    .type = type,
                    .value = buf_str(value)};

    if (history_add(h, &op, &err) < 0)
        abort();
}

static struct history *set_history(uint32_t elements, uint32_t reads)
{
    struct history *h = history_new();
    uint32_t *order = mem_alloc(elements * sizeof(*order));
    struct buf value = {0}, nothing = {0};
    struct prng chance;
    uint32_t i, k;

    prng_init(&chance, 1, "order");
    for (i = 0; i < elements; i++) {
        order[i] = i;
        buf_reset(&value);
        buf_add_i64(&value, i);
        add(h, 0, OP_INVOKE, "add", &value);
        add(h, 0, OP_OK, "add", &value);
    }
    for (i = 0; i < reads; i++) {
        buf_reset(&value);
        for (k = 0; k < elements; k++) {
            uint64_t other = prng_below(&chance, elements);
            uint32_t kept = order[k];
            order[k] = order[other];
            order[other] = kept;
        }
        for (k = 0; k < elements; k++) {
            buf_add_char(&value, k == 0 ? '[' : ',');
            buf_add_i64(&value, order[k]);
        }
        buf_add_char(&value, ']');
        add(h, 1 + (int32_t)(i % 5), OP_INVOKE, "read", &nothing);
        add(h, 1 + (int32_t)(i % 5), OP_OK, "read", &value);
    }
    mem_free(order);
    buf_release(&value);
    return h;
}

static struct history *kafka_history(uint32_t messages)
{
    struct history *h = history_new();
    struct buf value = {0};
    uint32_t i;

    for (i = 0; i < messages; i++) {
        buf_reset(&value);
        buf_addf(&value, "[[\"send\",\"%u\",%u]]", i % 10, i);
        add(h, 0, OP_INVOKE, "send", &value);
        buf_reset(&value);
        buf_addf(&value, "[[\"send\",\"%u\",[%u,%u]]]", i % 10, i / 10, i);
        add(h, 0, OP_OK, "send", &value);
        buf_reset(&value);
        buf_addf(&value, "[[\"poll\",{\"%u\":[[%u,%u]]}]]", i % 10, i / 10, i);
        add(h, 1, OP_INVOKE, "poll", &(struct buf){0});
        add(h, 1, OP_OK, "poll", &value);
    }
    buf_release(&value);
    return h;
}

static void measure(const char *name, struct history *h)
{
    struct verdict v;
    struct err err = {.text = ""};
    double began = cpu_s();

    if (checker_run(checker_find(name), h, NULL, &v, &err) < 0)
        abort();
    printf("%-10s %9u events  %7.3f s  %s\n", name, history_len(h), cpu_s() - began,
           v.valid == VALID_TRUE ? "valid" : v.sentence);
    verdict_release(&v);
    history_free(h);
}

int main(int argc, char **argv)
{
    uint32_t elements = argc > 1 ? (uint32_t)atoi(argv[1]) : 10000;
    uint32_t reads = argc > 2 ? (uint32_t)atoi(argv[2]) : 10000;

    measure("set-full", set_history(elements, reads));
    measure("kafka", kafka_history(elements * 10));
    return 0;
}
