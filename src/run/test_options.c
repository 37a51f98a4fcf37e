/* Each option is one row of the table and one arm of the switch; the order of both is the order of
 * the help. Options that depend on each other (--concurrency 4n on the number of nodes) are kept as
 * text until all are read. */
#include "test_options.h"

#include "../base/err.h"
#include "../base/flags.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../check/txn_model.h"
#include "../sim/topology.h"
#include "names.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef PLANT_FLAGS /* tests/planted/flags.sh: bugs that tests/fuzz_flags.c must find */
#define PLANT_FLAGS 0
#endif

enum option {
    OPT_WORKLOAD,
    OPT_SCENARIO,
    OPT_PART,
    OPT_BIN,
    OPT_NODE_COUNT,
    OPT_NODES,
    OPT_NODE,
    OPT_NODES_FILE,
    OPT_TIME_LIMIT,
    OPT_RATE,
    OPT_CONCURRENCY,
    OPT_LATENCY,
    OPT_LATENCY_DIST,
    OPT_NEMESIS,
    OPT_NEMESIS_INTERVAL,
    OPT_TOPOLOGY,
    OPT_AVAILABILITY,
    OPT_CONSISTENCY_MODELS,
    OPT_KEY_COUNT,
    OPT_MAX_TXN_LENGTH,
    OPT_MAX_WRITES_PER_KEY,
    OPT_RECOVERY,
    OPT_LOG_STDERR,
    OPT_LOG_NET_SEND,
    OPT_LOG_NET_RECV,
    OPT_SEED,
    OPT_STORE,
    OPT_JSON,
    OPT_MAELSTROM_VERDICT,
    OPT_FAIL_FAST,
    OPT_CLOCK,
    OPT_ENTROPY,
    OPT_SCHEDULE,
    OPT_DISK_LATENCY,
    OPT_CPUS,
    OPT_SANDBOX,
    OPT_TEST_COUNT,
    OPT_SEEDS,
    OPT_JOBS,
    OPT_SWARM,
    OPT_KEEP_GOING,
    OPT_HELP,
    OPT_NO_SSH, /* from here on Jepsen's, without meaning here */
    OPT_USERNAME,
    OPT_PASSWORD,
    OPT_SSH_PRIVATE_KEY,
    OPT_STRICT_HOST_KEY_CHECKING,
    OPT_LEAVE_DB_RUNNING,
    OPT_LOGGING_JSON,
    OPT_COUNT,
};

static const struct flag table[] = {
    [OPT_WORKLOAD] = {"workload", 'w', "NAME",
                      "what clients do: one of the list below, or a .lua file [lin-kv]"},
    [OPT_SCENARIO] = {"scenario", 0, "FILE",
                      "the scenario of a task of a course, instead of a workload"},
    [OPT_PART] = {"part", 0, "NAME", "with --scenario: this part of the task alone [all]"},
    [OPT_BIN] = {"bin", 0, "PROGRAM", "the node to run; words that follow are its arguments"},
    [OPT_NODE_COUNT] = {"node-count", 0, "N", "so many nodes, called n0, n1, ..."},
    [OPT_NODES] = {"nodes", 0, "A,B,..", "these nodes [n1,n2,n3,n4,n5]"},
    [OPT_NODE] = {"node", 'n', "NAME", "this node; once for each"},
    [OPT_NODES_FILE] = {"nodes-file", 0, "FILE", "the nodes that stand there, one a line"},
    [OPT_TIME_LIMIT] = {"time-limit", 0, "SECONDS", "how long clients work [60]"},
    [OPT_RATE] = {"rate", 0, "R", "operations a second over all clients, or `max` [5]"},
    [OPT_CONCURRENCY] = {"concurrency", 0, "C", "clients; 4n is four for each node [1n]"},
    [OPT_LATENCY] = {"latency", 0, "MS", "mean latency between nodes; also 250us, 1.5ms [0]"},
    [OPT_LATENCY_DIST] = {"latency-dist", 0, "DIST", "constant, uniform or exponential [constant]"},
    [OPT_NEMESIS] = {"nemesis", 0, "A,B,..",
                     "faults: partition (or partition-KIND), kill, pause, loss, duplicate, "
                     "reorder, slow, clock (or clock-KIND)"},
    [OPT_NEMESIS_INTERVAL] = {"nemesis-interval", 0, "SECONDS",
                              "mean time between begin and end of a fault [10]"},
    [OPT_TOPOLOGY] = {"topology", 0, "T", "line, grid, tree2, tree3, tree4 or total [grid]"},
    [OPT_AVAILABILITY] = {"availability", 0, "A",
                          "part of the operations that must succeed: total, or 0 to 1"},
    [OPT_CONSISTENCY_MODELS] = {"consistency-models", 0, "A,B,..",
                                "what transactions must obey [strict-serializable]"},
    [OPT_KEY_COUNT] = {"key-count", 0, "N", "keys in use at a time"},
    [OPT_MAX_TXN_LENGTH] = {"max-txn-length", 0, "N", "operations in a transaction [4]"},
    [OPT_MAX_WRITES_PER_KEY] = {"max-writes-per-key", 0, "N",
                                "writes before a key gives way to a new one [16]"},
    [OPT_RECOVERY] = {"recovery", 0, "SECONDS", "wait before the final operations [10]"},
    [OPT_LOG_STDERR] = {"log-stderr", 0, NULL, "show what nodes write to stderr"},
    [OPT_LOG_NET_SEND] = {"log-net-send", 0, NULL, "show every message as it is sent"},
    [OPT_LOG_NET_RECV] = {"log-net-recv", 0, NULL, "show every message as it arrives"},
    [OPT_SEED] = {"seed", 0, "N", "the source of all chance; printed with each run [random]"},
    [OPT_STORE] = {"store", 0, "DIR", "where results are kept [store]"},
    [OPT_JSON] = {"json", 0, NULL, "print the result as JSON, for programs"},
    [OPT_MAELSTROM_VERDICT] = {"maelstrom-verdict", 0, NULL,
                               "judge by Maelstrom's rules where ours are stricter"},
    [OPT_FAIL_FAST] = {"fail-fast", 0, NULL,
                       "stop the run once a check can no longer come out valid, and say when"},
    [OPT_CLOCK] = {"clock", 0, "CLOCK",
                   "virtual: time jumps when all nodes wait; real: the wall clock [virtual]"},
    [OPT_ENTROPY] = {"entropy", 0, "SOURCE",
                     "what programs draw as random: from the seed, or real [seed]"},
    [OPT_SCHEDULE] = {"schedule", 0, "ORDER",
                      "which thread of a node goes next: fifo, or seeded [fifo]"},
    [OPT_DISK_LATENCY] = {"disk-latency", 0, "MS", "what an fsync costs in virtual time [0]"},
    [OPT_CPUS] = {"cpus", 0, "N", "use so many processors [all]"},
    [OPT_SANDBOX] = {"sandbox", 0, "LEVEL",
                     "nodes in a sandbox: A to D (A protects most), auto: the best that this "
                     "machine offers, or off [off]"},
    [OPT_TEST_COUNT] = {"test-count", 0, "N",
                        "so many runs, one after the other, from --seed on, until one is not "
                        "valid [1]"},
    [OPT_SEEDS] = {"seeds", 0, "N",
                   "so many runs, from --seed on, until one is not valid; each draws its own "
                   "setting"},
    [OPT_JOBS] = {"jobs", 0, "N", "with --seeds: so many runs at a time [one a processor]"},
    [OPT_SWARM] = {"swarm", 0, "on|off",
                   "with --seeds: draw nodes, clients, rate, latency, topology and faults up to "
                   "the values given, or take them as they are [on]"},
    [OPT_KEEP_GOING] = {"keep-going", 0, NULL, "with --seeds: go on after a failure"},
    [OPT_HELP] = {"help", 'h', NULL, "this list"},
    [OPT_NO_SSH] = {"no-ssh", 0, NULL, NULL},
    [OPT_USERNAME] = {"username", 0, "USER", NULL},
    [OPT_PASSWORD] = {"password", 0, "PASS", NULL},
    [OPT_SSH_PRIVATE_KEY] = {"ssh-private-key", 0, "FILE", NULL},
    [OPT_STRICT_HOST_KEY_CHECKING] = {"strict-host-key-checking", 0, NULL, NULL},
    [OPT_LEAVE_DB_RUNNING] = {"leave-db-running", 0, NULL, NULL},
    [OPT_LOGGING_JSON] = {"logging-json", 0, NULL, NULL},
    {NULL, 0, NULL, NULL},
};

/* What is kept as text until all options are read; borrowed. */
struct raw {
    const char *node_count;
    const char *nodes;
    const char *nodes_file;
    struct buf node; /* what --node named, each with a comma; owned */
    const char *concurrency;
};

static int bad(struct err *err, enum option option, const char *value, const char *wanted)
{
    return err_set(err, ERR_INPUT, "--%s %s: it must be %s", table[option].name, value, wanted);
}

static bool parse_double(const char *text, double min, double max, double *ret_value)
{
    char *end;
    double d = strtod(text, &end);

    if (end == text || *end != '\0' || !((d >= min || PLANT_FLAGS == 2) && d <= max) ||
        strspn(text, "0123456789.eE+-") != strlen(text))
        return false;
    *ret_value = d;
    return true;
}

static int parse_seconds(enum option option, const char *value, double *ret_seconds,
                         struct err *err)
{
    int64_t ns;

    if (!duration_parse(str_of(value), 1000000000, &ns) || ns > INT64_C(1000000000000000000))
        return bad(err, option, value, "a number of seconds, or a time such as 250ms or 2min");
    if (option == OPT_NEMESIS_INTERVAL && ns < 1000000) /* faults that come and go in no time */
        return bad(err, option, value, "at least 1ms");
    *ret_seconds = (double)ns / 1e9;
    return 0;
}

static int parse_count(enum option option, const char *value, int64_t max, int64_t *ret_count,
                       struct err *err)
{
    char wanted[64];
    int64_t n;

    if (!str_to_i64(str_of(value), &n) || n < 1 || n > max) {
        snprintf(wanted, sizeof(wanted), "a whole number from 1 to %lld", (long long)max);
        return bad(err, option, value, wanted);
    }
    *ret_count = n;
    return 0;
}

static int parse_models(const char *value, struct test_options *o, struct err *err)
{
    char **names;
    uint32_t count;
    uint32_t i;
    int status = 0;

    names_split(value, &names, &count);
    json_array_clear(o->consistency_models);
    for (i = 0; i < count && status == 0; i++) {
        status = txn_model_check(names[i], err);
        json_array_append_new(o->consistency_models, json_string(names[i]));
    }
    if (status < 0)
        err_wrap(err, "--consistency-models");
    names_free(names, count);
    return status;
}

static int parse_nemesis(const char *value, struct test_options *o, struct err *err)
{
    names_free(o->nemesis, o->nemesis_count);
    names_split(value, &o->nemesis, &o->nemesis_count);
    if (o->nemesis_count == 1 && strcmp(o->nemesis[0], "none") == 0) {
        names_free(o->nemesis, o->nemesis_count);
        o->nemesis = NULL;
        o->nemesis_count = 0;
    }
    if (o->nemesis_count > OPTIONS_NEMESIS_MAX)
        return bad(err, OPT_NEMESIS, value, "at most 32 faults");
    return 0;
}

static int parse_network(enum option option, const char *value, struct test_options *o,
                         struct err *err)
{
    static const char *const dists[] = {"constant", "uniform", "exponential"};
    enum topology t;
    size_t i;

    switch (option) {
    case OPT_LATENCY:
        if (!duration_parse(str_of(value), 1000000, &o->latency_ns) ||
            o->latency_ns > INT64_C(86400000000000))
            return bad(err, option, value, "milliseconds, or a time such as 250us, up to a day");
        return 0;
    case OPT_LATENCY_DIST:
        for (i = 0; i < 3; i++)
            if (strcmp(value, dists[i]) == 0) {
                o->latency_dist = (enum latency_dist)i;
                return 0;
            }
        return bad(err, option, value, "constant, uniform or exponential");
    case OPT_TOPOLOGY:
        if (!topology_parse(str_of(value), &t))
            return bad(err, option, value, "line, grid, tree, tree2, tree3, tree4 or total");
        o->topology = value;
        return 0;
    default:
        return parse_nemesis(value, o, err);
    }
}

static int parse_load(enum option option, const char *value, struct test_options *o,
                      struct err *err)
{
    switch (option) {
    case OPT_RATE:
        if (strcmp(value, "max") == 0)
            o->rate = INFINITY;
        else if (!parse_double(value, 0, 1e9, &o->rate))
            return bad(err, option, value, "a number of operations a second, 0 or more, or max");
        return 0;
    case OPT_AVAILABILITY:
        if (strcmp(value, "total") == 0)
            o->availability = 1;
        else if (strcmp(value, "none") == 0)
            o->availability = -1;
        else if (!parse_double(value, 0, 1, &o->availability))
            return bad(err, option, value, "total, none, or a number from 0 to 1");
        return 0;
    case OPT_KEY_COUNT:
        return parse_count(option, value, 100000, &o->key_count, err);
    case OPT_MAX_TXN_LENGTH:
        return parse_count(option, value, 1000, &o->max_txn_length, err);
    default:
        return parse_count(option, value, 1000000000, &o->max_writes_per_key, err);
    }
}

static int parse_run(enum option option, const char *value, struct test_options *o, struct err *err)
{
    int64_t n = 0;
    int status;

    if (option == OPT_SEED) {
        if (!str_to_i64(str_of(value), &n) || n < 0)
            return bad(err, option, value, "a whole number, 0 or more");
        o->seed = (uint64_t)n;
        o->seed_given = true;
        return 0;
    }
    status = parse_count(option, value, 1024, &n, err);
    o->cpus = (int)n;
    return status;
}

/* One of two words. */
static int parse_choice(enum option option, const char *value, const char *first,
                        const char *second, bool *ret_second, struct err *err)
{
    char wanted[64];

    if (strcmp(value, first) != 0 && strcmp(value, second) != 0) {
        snprintf(wanted, sizeof(wanted), "%s or %s", first, second);
        return bad(err, option, value, wanted);
    }
    *ret_second = strcmp(value, second) == 0;
    return 0;
}

static int parse_clock(enum option option, const char *value, struct test_options *o,
                       struct err *err)
{
    bool is_virtual = false;
    int status;

    switch (option) {
    case OPT_CLOCK:
        status = parse_choice(option, value, "real", "virtual", &is_virtual, err);
        o->clock = is_virtual ? CAGE_CLOCK_VIRTUAL : CAGE_CLOCK_REAL;
        o->clock_given = true;
        return status;
    case OPT_ENTROPY:
        return parse_choice(option, value, "seed", "real", &o->entropy_real, err);
    case OPT_SCHEDULE:
        return parse_choice(option, value, "fifo", "seeded", &o->schedule_seeded, err);
    default:
        if (!duration_parse(str_of(value), 1000000, &o->disk_latency_ns) ||
            o->disk_latency_ns > INT64_C(60000000000))
            return bad(err, option, value, "milliseconds, or a time such as 250us, up to a minute");
        return 0;
    }
}

static int parse_search(enum option option, const char *value, struct test_options *o,
                        struct err *err)
{
    int64_t n = 0;
    bool on = false;
    int status;

    if (option == OPT_SWARM) {
        status = parse_choice(option, value, "off", "on", &on, err);
        o->swarm_off = !on;
        return status;
    }
    status = parse_count(option, value, option == OPT_JOBS ? OPTIONS_JOBS_MAX : OPTIONS_SEEDS_MAX,
                         &n, err);
    if (option == OPT_SEEDS)
        o->seeds = (uint64_t)n;
    else if (option == OPT_TEST_COUNT)
        o->test_count = (uint64_t)n;
    else
        o->jobs = (uint32_t)n;
    return status;
}

static void note_given(enum option option, struct test_options *o)
{
    static const unsigned bits[OPT_COUNT] = {
        [OPT_NODE_COUNT] = GIVEN_NODE_COUNT,
        [OPT_RATE] = GIVEN_RATE,
        [OPT_CONCURRENCY] = GIVEN_CONCURRENCY,
        [OPT_LATENCY] = GIVEN_LATENCY,
        [OPT_LATENCY_DIST] = GIVEN_LATENCY_DIST,
        [OPT_NEMESIS] = GIVEN_NEMESIS,
        [OPT_NEMESIS_INTERVAL] = GIVEN_NEMESIS_INTERVAL,
        [OPT_TOPOLOGY] = GIVEN_TOPOLOGY,
        [OPT_SCHEDULE] = GIVEN_SCHEDULE,
    };

    o->given |= bits[option];
}

/* What makes sense with many runs, and with one. */
static int check_search(const struct test_options *o, struct err *err)
{
    if (o->seeds == 0 && (o->jobs > 0 || o->swarm_off || o->keep_going))
        return err_set(err, ERR_INPUT,
                       "--jobs, --swarm and --keep-going are for many runs; add --seeds N");
    if (o->seeds > 0 && (o->log_stderr || o->log_net_send || o->log_net_recv))
        return err_set(err, ERR_INPUT,
                       "--seeds: many runs cannot show their logs at the same time; leave out "
                       "--log-stderr, --log-net-send and --log-net-recv");
    if (o->seeds > 0 && o->test_count > 1)
        return err_set(err, ERR_INPUT, "--seeds and --test-count exclude each other; give one");
    if (o->seed > INT64_MAX - (o->seeds > 0 ? o->seeds : o->test_count))
        return err_set(err, ERR_INPUT, "--%s: there are not so many seeds after --seed %llu",
                       o->seeds > 0 ? "seeds" : "test-count", (unsigned long long)o->seed);
    return 0;
}

static int take(enum option option, const char *value, struct test_options *o, struct raw *raw,
                struct err *err)
{
    note_given(option, o);
    switch (option) {
    case OPT_TEST_COUNT:
    case OPT_SEEDS:
    case OPT_JOBS:
    case OPT_SWARM:
        return parse_search(option, value, o, err);
    case OPT_KEEP_GOING:
        o->keep_going = true;
        return 0;
    case OPT_WORKLOAD:
        o->workload = value;
        return 0;
    case OPT_SCENARIO:
        o->scenario = value;
        return 0;
    case OPT_PART:
        o->part = value;
        return 0;
    case OPT_BIN:
        if (value[0] == '\0')
            return bad(err, option, value, "the path of a program");
        o->bin = value;
        return 0;
    case OPT_NODE_COUNT:
        raw->node_count = value;
        return 0;
    case OPT_NODES:
        raw->nodes = value;
        return 0;
    case OPT_NODE:
        buf_addf(&raw->node, "%s,", value);
        return 0;
    case OPT_NODES_FILE:
        raw->nodes_file = value;
        return 0;
    case OPT_CONCURRENCY:
        raw->concurrency = value;
        return 0;
    case OPT_TIME_LIMIT:
        return parse_seconds(option, value, &o->time_limit, err);
    case OPT_NEMESIS_INTERVAL:
        return parse_seconds(option, value, &o->nemesis_interval, err);
    case OPT_RECOVERY:
        return parse_seconds(option, value, &o->recovery, err);
    case OPT_LATENCY:
    case OPT_LATENCY_DIST:
    case OPT_NEMESIS:
    case OPT_TOPOLOGY:
        return parse_network(option, value, o, err);
    case OPT_RATE:
    case OPT_AVAILABILITY:
    case OPT_KEY_COUNT:
    case OPT_MAX_TXN_LENGTH:
    case OPT_MAX_WRITES_PER_KEY:
        return parse_load(option, value, o, err);
    case OPT_CONSISTENCY_MODELS:
        return parse_models(value, o, err);
    case OPT_CLOCK:
    case OPT_ENTROPY:
    case OPT_SCHEDULE:
    case OPT_DISK_LATENCY:
        return parse_clock(option, value, o, err);
    case OPT_SEED:
    case OPT_CPUS:
        return parse_run(option, value, o, err);
    case OPT_SANDBOX:
        if (!sandbox_level_parse(value, &o->sandbox.level))
            return bad(err, option, value, "A, B, C, D, auto or off");
        return 0;
    case OPT_STORE:
        if (value[0] == '\0')
            return bad(err, option, value, "the path of a folder");
        o->store = value;
        return 0;
    case OPT_LOG_STDERR:
        o->log_stderr = true;
        return 0;
    case OPT_LOG_NET_SEND:
        o->log_net_send = true;
        return 0;
    case OPT_LOG_NET_RECV:
        o->log_net_recv = true;
        return 0;
    case OPT_JSON:
        o->json = true;
        return 0;
    case OPT_MAELSTROM_VERDICT:
        o->maelstrom_verdict = true;
        return 0;
    case OPT_FAIL_FAST:
        o->fail_fast = true;
        return 0;
    case OPT_HELP:
        o->help = true;
        return 0;
    case OPT_NO_SSH:
    case OPT_USERNAME:
    case OPT_PASSWORD:
    case OPT_SSH_PRIVATE_KEY:
    case OPT_STRICT_HOST_KEY_CHECKING:
    case OPT_LEAVE_DB_RUNNING:
    case OPT_LOGGING_JSON:
    case OPT_COUNT:
        return 0;
    }
    return 0;
}

/* As Maelstrom has it: --node-count overrides names, and all that name some add up. */
static int make_names(struct test_options *o, const struct raw *raw, struct err *err)
{
    struct buf list = {0};
    int64_t count = 0;
    int status = 0;

    if (raw->node_count != NULL) {
        status = parse_count(OPT_NODE_COUNT, raw->node_count, WORLD_NODES_MAX, &count, err);
        if (status == 0)
            names_count((uint32_t)count, &o->node_names, &o->node_count);
        return status;
    }
    if (raw->nodes_file != NULL)
        status = names_read(raw->nodes_file, &list, err);
    if (raw->nodes != NULL)
        buf_addf(&list, "%s,", raw->nodes);
    buf_add(&list, raw->node.data, raw->node.len);
    if (raw->nodes_file == NULL && raw->nodes == NULL && raw->node.len == 0)
        buf_add_text(&list, "n1,n2,n3,n4,n5");
    if (status == 0) {
        names_split(list.len > 0 ? list.data : "", &o->node_names, &o->node_count);
        status = names_check(o->node_names, o->node_count, err);
    }
    buf_release(&list);
    return status;
}

static int make_concurrency(struct test_options *o, const char *text, struct err *err)
{
    struct str number = str_of(text);
    int64_t n;
    int64_t factor = 1;

    if (number.len > 0 && number.data[number.len - 1] == 'n') {
        factor = o->node_count;
        number.len--;
    }
    if (!str_to_i64(number, &n) || n < 1 ||
        n > OPTIONS_CONCURRENCY_MAX / (PLANT_FLAGS == 1 ? 1 : factor))
        return bad(err, OPT_CONCURRENCY, text,
                   "a number of clients such as 10, or so many for each node, such as 4n; at most "
                   "10000 in all");
    o->concurrency = (uint32_t)(n * factor);
    return 0;
}

/* Where the real clock was only fallen back to, the run has a note instead. */
static int check_clock_faults(const struct test_options *o, struct err *err)
{
    uint32_t i;

    for (i = 0; i < o->nemesis_count; i++)
        if (o->clock_given && o->clock == CAGE_CLOCK_REAL &&
            strncmp(o->nemesis[i], "clock", 5) == 0)
            return err_set(
                err, ERR_INPUT,
                "--nemesis %s: the clocks of nodes can be set wrong in virtual time only; "
                "leave out --clock real",
                o->nemesis[i]);
    return 0;
}

/* A task says itself which nodes, links and faults it wants. */
static int check_task(const struct test_options *o, struct err *err)
{
    if (o->scenario == NULL)
        return o->part == NULL ? 0
                               : err_set(err, ERR_INPUT,
                                         "--part is for the parts of a task; add --scenario FILE");
    if (o->given != 0 || o->seeds > 0 || o->test_count > 1)
        return err_set(
            err, ERR_INPUT,
            "--scenario: a task says itself which nodes, links and faults it wants; leave "
            "out --node-count, --latency, --nemesis, --seeds, --test-count and their like");
    return 0;
}

static void set_defaults(struct test_options *o)
{
    *o = (struct test_options){
        .workload = "lin-kv",
        .time_limit = 60,
        .rate = 5,
        .nemesis_interval = 10,
        .topology = "grid",
        .availability = -1,
        .consistency_models = json_pack("[s]", "strict-serializable"),
        .max_txn_length = 4,
        .max_writes_per_key = 16,
        .test_count = 1,
        .recovery = 10,
        .store = "store",
        .clock = CAGE_CLOCK_VIRTUAL,
        .sandbox = {.profile = SANDBOX_RUN, .limits = sandbox_node_limits},
    };
}

int test_options_parse(char *const *argv, struct test_options *ret_options, struct err *err)
{
    struct test_options o;
    struct raw raw = {.concurrency = "1n"};
    struct flags flags;
    size_t words_cap = 0;
    const char *value;
    int got;

    set_defaults(&o);
    flags_init(&flags, table, argv);
    while ((got = flags_next(&flags, &value, err)) != FLAGS_END) {
        if (got == FLAGS_WORD) {
            o.words = mem_grow(o.words, &words_cap, o.word_count + 2, sizeof(*o.words));
            o.words[o.word_count++] = (char *)value;
            o.words[o.word_count] = NULL;
        } else if (got >= 0) {
            got = take((enum option)got, value, &o, &raw, err);
        }
        if (got < 0 && got != FLAGS_WORD)
            goto fail;
    }
    got = make_names(&o, &raw, err);
    if (got == 0)
        got = make_concurrency(&o, raw.concurrency, err);
    if (got == 0)
        got = check_clock_faults(&o, err);
    if (got == 0)
        got = check_search(&o, err);
    if (got == 0)
        got = check_task(&o, err);
    if (got == 0 && o.bin == NULL && !o.help)
        got = err_set(err, ERR_INPUT, "--bin is missing: which program is to be run?");
    if (got < 0)
        goto fail;
    buf_release(&raw.node);
    *ret_options = o;
    return 0;
fail:
    buf_release(&raw.node);
    test_options_release(&o);
    return got;
}

void test_options_release(struct test_options *o)
{
    names_free(o->node_names, o->node_count);
    names_free(o->nemesis, o->nemesis_count);
    mem_free(o->words);
    json_decref(o->consistency_models);
    json_decref(o->faults_asked);
}

void test_options_help(void)
{
    flags_print_help(table);
    printf("\nJepsen's options for machines that one logs in to (--no-ssh, --username, --password, "
           "--ssh-private-key,\n--strict-host-key-checking, --leave-db-running, --logging-json) "
           "are taken and do nothing: nodes run here.\n");
}

json_t *test_options_json(const struct test_options *o)
{
    json_t *nemesis = json_array();
    json_t *all;
    uint32_t i;

    for (i = 0; i < o->nemesis_count; i++)
        json_array_append_new(nemesis, json_string(o->nemesis[i]));
    all = json_pack(
        "{s:I, s:I, s:I, s:s, s:I, s:I, s:I, s:b, s:o, s:O}", "concurrency",
        (json_int_t)o->concurrency, "time_limit_ns", (json_int_t)llround(o->time_limit * 1e9),
        "latency_ns", (json_int_t)o->latency_ns, "topology", o->topology, "max_txn_length",
        (json_int_t)o->max_txn_length, "max_writes_per_key", (json_int_t)o->max_writes_per_key,
        "nemesis_interval_ns", (json_int_t)llround(o->nemesis_interval * 1e9), "maelstrom_verdict",
        (int)o->maelstrom_verdict, "nemesis", nemesis, "consistency_models", o->consistency_models);
    if (o->faults_asked != NULL)
        json_object_set(all, "faults_asked", o->faults_asked);
    json_object_set_new(all, "recovery_ns", json_integer(llround(o->recovery * 1e9)));
    json_object_set_new(all, "key_count",
                        o->key_count > 0 ? json_integer(o->key_count) : json_null());
    json_object_set_new(all, "rate", isinf(o->rate) ? json_null() : json_real(o->rate));
    return all;
}
