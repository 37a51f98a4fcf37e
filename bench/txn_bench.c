/* txn_bench.c - what it costs to judge transactions: CPU time of one thread and memory.
 *
 * Ten processes, one to eight operations a transaction, ten keys in use at a time, each written 16
 * times and then replaced, as the workloads txn-list-append and txn-rw-register do. Three kinds of
 * runs: sound ones; stale ones, where one transaction in twenty reads a state some 50 transactions
 * old; and skewed ones, where transactions see a snapshot of when they began.
 *
 * One process a row, so that rows do not share memory.
 *
 *     build/bench/txn_bench [TRANSACTIONS [NAME]]     default: 1,000 to 1,000,000, all kinds of
 * runs; NAME: sound, stale or skewed */
#include "base/err.h"
#include "base/mem.h"
#include "base/prng.h"
#include "check/checker.h"
#include "check/history.h"
#include "check/txn_history.h"
#include "check/verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    PROCESSES = 10,
    ACTIVE_KEYS = 10,
    WRITES_PER_KEY = 16,
    MOPS_MAX = 8,
    STALE_BY = 50,
};

enum run_kind { SOUND, STALE, SKEWED };

/* The writes to a key: value i is i + 1; at[i] is the transaction that made it. */
struct key {
    uint32_t at[WRITES_PER_KEY];
    uint32_t count;
};

struct maker {
    struct history *h;
    struct prng chance;
    enum txn_kind kind;
    enum run_kind run;
    struct key *keys;
    uint32_t key_count;
    uint32_t active[ACTIVE_KEYS];
    struct buf asked[PROCESSES], got[PROCESSES];
    uint32_t began[PROCESSES];
    int64_t time_ns;
};

static double cpu_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void add_event(struct maker *m, int32_t process, enum op_type type, struct str value)
{
    struct err err;
    struct op op = {
        .time_ns = m->time_ns += 1000,
        .process = process,
        .node = process % 5,
        .f = history_f(m->h, "txn"),
        .type = type,
        .value = value,
    };

    if (history_add(m->h, &op, &err) < 0) {
        fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
}

/* What a transaction that sees all up to number now reads; own writes always. */
static void add_read(struct maker *m, const struct key *key, uint32_t now, uint32_t self,
                     struct buf *out)
{
    uint32_t seen = 0;
    uint32_t i;

    while (seen < key->count && (key->at[seen] <= now || key->at[seen] == self))
        seen++;
    if (m->kind == TXN_REGISTERS) {
        if (seen == 0)
            buf_add_text(out, "null");
        else
            buf_add_i64(out, seen);
        return;
    }
    buf_add_char(out, '[');
    for (i = 0; i < seen; i++)
        buf_addf(out, "%s%u", i > 0 ? "," : "", i + 1);
    buf_add_char(out, ']');
}

/* The transaction happens now; it is number self. */
static void make_txn(struct maker *m, uint32_t process, uint32_t self)
{
    struct buf *asked = &m->asked[process];
    struct buf *got = &m->got[process];
    uint32_t mops = 1 + (uint32_t)prng_below(&m->chance, MOPS_MAX);
    uint32_t now = self;
    uint32_t i;

    if (m->run == STALE && prng_below(&m->chance, 20) == 0)
        now = self > STALE_BY ? self - STALE_BY : 0;
    if (m->run == SKEWED)
        now = m->began[process];
    buf_reset(asked);
    buf_reset(got);
    for (i = 0; i < mops; i++) {
        uint64_t slot = prng_below(&m->chance, ACTIVE_KEYS);
        uint32_t number = m->active[slot];
        struct key *key = &m->keys[number];
        buf_addf(asked, "%c", i == 0 ? '[' : ',');
        buf_addf(got, "%c", i == 0 ? '[' : ',');
        if (prng_below(&m->chance, 2) == 0) {
            buf_addf(asked, "[\"r\",%u,null]", number);
            buf_addf(got, "[\"r\",%u,", number);
            add_read(m, key, now, self, got);
            buf_add_char(got, ']');
            continue;
        }
        key->at[key->count++] = self;
        buf_addf(asked, "[\"%s\",%u,%u]", m->kind == TXN_LISTS ? "append" : "w", number,
                 key->count);
        buf_addf(got, "[\"%s\",%u,%u]", m->kind == TXN_LISTS ? "append" : "w", number, key->count);
        if (key->count == WRITES_PER_KEY)
            m->active[slot] = m->key_count++;
    }
    buf_add_char(asked, ']');
    buf_add_char(got, ']');
}

/* Each process invokes, and completes once its turn comes again; it takes effect at its invocation,
 * so that the history is sound in real time. */
static struct history *make(enum txn_kind kind, enum run_kind run, uint32_t txns)
{
    struct maker m = {.h = history_new(), .kind = kind, .run = run};
    uint32_t i;

    prng_init(&m.chance, 1, "txn_bench");
    m.keys = mem_zalloc(((size_t)txns + ACTIVE_KEYS) * sizeof(*m.keys));
    for (; m.key_count < ACTIVE_KEYS; m.key_count++)
        m.active[m.key_count] = m.key_count;
    for (i = 1; i <= txns; i++) {
        uint32_t process = (uint32_t)prng_below(&m.chance, PROCESSES);
        if (m.got[process].len > 0)
            add_event(&m, (int32_t)process, OP_OK, buf_str(&m.got[process]));
        m.began[process] = i > PROCESSES ? i - PROCESSES : 0;
        make_txn(&m, process, i);
        add_event(&m, (int32_t)process, OP_INVOKE, buf_str(&m.asked[process]));
    }
    for (i = 0; i < PROCESSES; i++) {
        if (m.got[i].len > 0)
            add_event(&m, (int32_t)i, OP_OK, buf_str(&m.got[i]));
        buf_release(&m.asked[i]);
        buf_release(&m.got[i]);
    }
    mem_free(m.keys);
    return m.h;
}

static long rss_kb(void)
{
    FILE *f = fopen("/proc/self/statm", "r");
    long size = 0, resident = 0;

    if (f != NULL) {
        if (fscanf(f, "%ld %ld", &size, &resident) != 2)
            resident = 0;
        fclose(f);
    }
    return resident * 4;
}

static const char *const runs[] = {"sound", "stale", "skewed"};

static void measure(enum txn_kind kind, enum run_kind run, uint32_t txns)
{
    struct history *h = make(kind, run, txns);
    struct txn_history t;
    struct verdict v;
    struct err err;
    long before_kb = rss_kb();
    struct rusage usage;
    double begin_s = cpu_s(), parsed_s, done_s;

    txn_history_init(&t, h, kind);
    txn_history_release(&t);
    parsed_s = cpu_s();
    checker_run(checker_find(kind == TXN_LISTS ? "list-append" : "rw-register"), h, NULL, &v, &err);
    done_s = cpu_s();
    getrusage(RUSAGE_SELF, &usage);
    printf("%-11s %-6s %8u txns: %7.1f ms parsing, %7.1f ms judging; history %ld MB, peak %ld MB; "
           "%s\n",
           kind == TXN_LISTS ? "list-append" : "rw-register", runs[run], txns,
           (parsed_s - begin_s) * 1e3, (done_s - parsed_s - (parsed_s - begin_s)) * 1e3,
           before_kb / 1024, usage.ru_maxrss / 1024, v.valid == VALID_TRUE ? "valid" : "invalid");
    if (getenv("TXN_BENCH_TYPES") != NULL)
        json_dumpf(json_object_get(v.details, "anomaly-counts"), stdout, JSON_COMPACT), puts("");
    verdict_release(&v);
    history_free(h);
}

static bool measure_apart(enum txn_kind kind, enum run_kind run, uint32_t txns)
{
    pid_t child = fork();
    int status = 0;

    if (child == 0) {
        measure(kind, run, txns);
        fflush(stdout);
        _exit(0);
    }
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

int main(int argc, char **argv)
{
    static const uint32_t sizes[] = {1000, 10000, 100000, 1000000};
    uint32_t only = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 0;
    size_t i, count = only > 0 ? 1 : sizeof(sizes) / sizeof(sizes[0]);
    int kind, run;

    mem_keep_freed(); /* as eddy check does */
    for (kind = TXN_LISTS; kind <= TXN_REGISTERS; kind++)
        for (run = SOUND; run <= SKEWED; run++)
            for (i = 0; i < count && (argc < 3 || strcmp(argv[2], runs[run]) == 0); i++)
                if (!measure_apart((enum txn_kind)kind, (enum run_kind)run,
                                   only > 0 ? only : sizes[i]))
                    return 1;
    return 0;
}
