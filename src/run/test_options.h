/* test_options.h - what `eddy test` is asked to do. Maelstrom's options keep their names, defaults
 * and meaning. */
#ifndef RUN_TEST_OPTIONS_H
#define RUN_TEST_OPTIONS_H

#include "../cage/cage.h"
#include "../sim/world.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct err;

enum {
    OPTIONS_NEMESIS_MAX = 32,
    OPTIONS_CONCURRENCY_MAX = 10000,
    OPTIONS_SEEDS_MAX = 1000000000,
    OPTIONS_JOBS_MAX = 256,
};

/* Options that --seeds treats otherwise when they were given: bits of struct test_options.given. */
enum {
    GIVEN_NODE_COUNT = 1, /* by --node-count; the names are n0, n1, ... */
    GIVEN_RATE = 2,
    GIVEN_CONCURRENCY = 4,
    GIVEN_LATENCY = 8,
    GIVEN_LATENCY_DIST = 16,
    GIVEN_NEMESIS = 32,
    GIVEN_NEMESIS_INTERVAL = 64,
    GIVEN_TOPOLOGY = 128,
    GIVEN_SCHEDULE = 256,
};

struct test_options {
    const char *scenario; /* the file of a task; NULL: a workload runs */
    const char *part;     /* of that task; NULL: all, one after the other */
    const char *workload; /* a name, or the path of a file that ends in .lua */
    const char *bin;      /* as typed; NULL: not given */
    char **words; /* for the program, NULL at the end; the array is owned, its texts are not */
    uint32_t word_count;
    char **node_names; /* owned, all of it */
    uint32_t node_count;
    double time_limit; /* seconds */
    double rate;       /* a second, 0 and up; INFINITY: as fast as can be */
    uint32_t concurrency;
    int64_t latency_ns;
    enum latency_dist latency_dist;
    char **nemesis; /* names of faults, owned */
    uint32_t nemesis_count;
    json_t
        *faults_asked; /* names of faults that a search drew nemesis from, owned; NULL: no search */
    double nemesis_interval; /* seconds */
    const char *topology;
    double availability; /* part of operations that must succeed; negative: nothing is asked */
    json_t *consistency_models; /* list of names, owned */
    int64_t key_count;          /* 0: the workload's own choice */
    int64_t max_txn_length;
    int64_t max_writes_per_key;
    double recovery; /* seconds between the last fault and the final operations */
    bool log_stderr, log_net_send, log_net_recv;
    bool maelstrom_verdict;
    bool json;
    bool help;
    uint64_t seed;
    bool seed_given;
    const char *store;
    enum cage_clock clock;
    bool clock_given; /* by name: then there is no falling back to the other one */
    bool entropy_real;
    bool schedule_seeded;
    int64_t disk_latency_ns;
    int cpus;                    /* 0: all */
    struct sandbox_spec sandbox; /* of each node */
    unsigned given;
    uint64_t test_count; /* so many runs in turn, with seed and those after it; 1 and up */
    uint64_t seeds;      /* so many runs, with seed and those after it; 0: one run */
    uint32_t jobs;       /* at a time; 0: as many as there are processors */
    bool swarm_off;
    bool keep_going;
    bool fail_fast;
};

/* Reads the words after `eddy test` (argv ends in NULL and must outlive the options). ERR_INPUT:
 * which option is wrong and what it may be; *ret_options is untouched then. */
int test_options_parse(char *const *argv, struct test_options *ret_options, struct err *err);
void test_options_release(struct test_options *o);
void test_options_help(void);

/* The part of them that scenarios see as w.options; the caller owns it. */
json_t *test_options_json(const struct test_options *o);

#endif
