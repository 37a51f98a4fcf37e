/* read_bench [TRANSACTIONS] - how fast histories are read, in each notation.
 *
 * Makes a history of list-append transactions as Elle's generator would (3 operations each on
 * average, keys that retire after 32 appends, 10 clients), writes it as history.jsonl, EDN and a
 * text log, and reads each back: CPU time of the best of three, and the size of the text. */
#include "base/assert.h"
#include "base/err.h"
#include "base/prng.h"
#include "base/str.h"
#include "check/history.h"
#include "check/import.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

enum { CLIENTS = 10, KEYS = 5, APPENDS_MAX = 32 };

struct txns {
    struct prng chance;
    uint32_t keys[KEYS];
    uint32_t lens[KEYS];
    uint32_t next_key;
};

/* One transaction as micro-operations: what was asked and what came back. */
static void make_txn(struct txns *t, struct buf *asked, struct buf *got)
{
    uint64_t count = 1 + prng_below(&t->chance, 5);
    uint64_t i;

    buf_add_char(asked, '[');
    buf_add_char(got, '[');
    for (i = 0; i < count; i++) {
        uint64_t k = prng_below(&t->chance, KEYS);
        const char *comma = i > 0 ? "," : "";
        if (prng_below(&t->chance, 2) == 0) {
            buf_addf(asked, "%s[\"r\",%u,null]", comma, t->keys[k]);
            buf_addf(got, "%s[\"r\",%u,[", comma, t->keys[k]);
            for (uint32_t v = 1; v <= t->lens[k]; v++)
                buf_addf(got, "%s%u", v > 1 ? "," : "", v);
            buf_add_text(got, "]]");
        } else {
            t->lens[k]++;
            buf_addf(asked, "%s[\"append\",%u,%u]", comma, t->keys[k], t->lens[k]);
            buf_addf(got, "%s[\"append\",%u,%u]", comma, t->keys[k], t->lens[k]);
        }
        if (t->lens[k] == APPENDS_MAX) {
            t->keys[k] = t->next_key++;
            t->lens[k] = 0;
        }
    }
    buf_add_char(asked, ']');
    buf_add_char(got, ']');
}

static void add_event(struct history *h, int32_t process, enum op_type type, struct str value)
{
    struct err err;
    struct op op = {.time_ns = (int64_t)history_len(h) * 1700,
                    .process = process,
                    .node = HISTORY_NO_NODE,
                    .f = history_f(h, "txn"),
                    .type = type,
                    .value = value};

    ASSERT(history_add(h, &op, &err) == 0);
}

static struct history *make_history(uint32_t count)
{
    struct history *h = history_new();
    struct txns t = {.next_key = KEYS};
    struct buf asked = {0};
    struct buf got[CLIENTS] = {0};
    uint32_t i;

    prng_init(&t.chance, 1, "read_bench");
    for (i = 0; i < KEYS; i++)
        t.keys[i] = i;
    for (i = 0; i < count + CLIENTS; i++) {
        struct buf *mine = &got[i % CLIENTS];
        if (mine->len > 0)
            add_event(h, (int32_t)(i % CLIENTS), OP_OK, buf_str(mine));
        buf_reset(mine);
        buf_reset(&asked);
        if (i >= count)
            continue;
        make_txn(&t, &asked, mine);
        add_event(h, (int32_t)(i % CLIENTS), OP_INVOKE, buf_str(&asked));
    }
    for (i = 0; i < CLIENTS; i++)
        buf_release(&got[i]);
    buf_release(&asked);
    return h;
}

/* JSON of micro-operations as Clojure would print it. */
static void add_edn(struct buf *out, struct str json)
{
    size_t i;

    for (i = 0; i < json.len; i++) {
        char c = json.data[i];
        if (c == '"') {
            buf_add_char(out, ':');
            while (json.data[++i] != '"')
                buf_add_char(out, json.data[i]);
        } else if (c == 'n') {
            buf_add_text(out, "nil");
            i += 3;
        } else {
            buf_add_char(out, c == ',' ? ' ' : c);
        }
    }
}

static void write_as(const struct history *h, enum import_format format, struct buf *out)
{
    uint32_t i;

    for (i = 0; i < history_len(h); i++) {
        const struct op *op = history_at(h, i);
        if (format == IMPORT_JSON) {
            history_line(h, i, NULL, out);
        } else if (format == IMPORT_EDN) {
            buf_addf(out, "{:type :%s, :f :txn, :value ", op_type_text(op->type));
            add_edn(out, op->value);
            buf_addf(out, ", :process %d, :time %lld, :index %u}", op->process,
                     (long long)op->time_ns, i);
        } else {
            buf_addf(out, "INFO  jepsen.util - %d\t:%s\t:txn\t", op->process,
                     op_type_text(op->type));
            add_edn(out, op->value);
        }
        buf_add_char(out, '\n');
    }
}

static double cpu_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void measure(const struct history *h, enum import_format format)
{
    struct buf text = {0};
    double best = 1e9;
    int round;

    write_as(h, format, &text);
    for (round = 0; round < 3; round++) {
        struct imported got = {0};
        struct err err;
        double began = cpu_seconds();
        ASSERT(import_history(buf_str(&text), IMPORT_ANY, &got, &err) == 0);
        double took = cpu_seconds() - began;
        ASSERT(got.format == format && history_len(got.history) == history_len(h));
        best = took < best ? took : best;
        history_free(got.history);
    }
    printf("%-6s %8.1f MB %8.0f ms CPU %8.0f MB/s\n", import_format_text(format),
           (double)text.len / 1e6, best * 1e3, (double)text.len / 1e6 / best);
    buf_release(&text);
}

int main(int argc, char **argv)
{
    long count = argc > 1 ? strtol(argv[1], NULL, 10) : 100000;
    struct history *h;
    struct rusage usage;

    if (count < 1 || count > 2000000) {
        fprintf(stderr, "usage: read_bench [TRANSACTIONS]: from 1 to 2000000\n");
        return 1;
    }
    h = make_history((uint32_t)count);
    printf("%ld transactions, %u events\n", count, history_len(h));
    measure(h, IMPORT_JSON);
    measure(h, IMPORT_EDN);
    measure(h, IMPORT_LOG);
    history_free(h);
    getrusage(RUSAGE_SELF, &usage);
    printf("most memory %ld MB\n", usage.ru_maxrss / 1024);
    return 0;
}
