#include "test_options.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/test.h"

#include <math.h>
#include <unistd.h>

static struct err err;

/* False and the sentence in err, or options that the caller releases. */
static bool parse(struct test_options *o, char *const *argv)
{
    err.text[0] = '\0';
    return test_options_parse(argv, o, &err) == 0;
}

#define PARSE(o, ...) parse(o, (char *[]){"--bin", "node", __VA_ARGS__, NULL})

/* That the words are refused with a sentence that has this part, and the options left alone. */
#define REFUSED(part, ...)                                                                         \
    do {                                                                                           \
        struct test_options untouched = {.workload = "untouched"};                                 \
        CHECK(!PARSE(&untouched, __VA_ARGS__));                                                    \
        CHECK_HAS(err.text, part);                                                                 \
        CHECK_TEXT(untouched.workload, "untouched");                                               \
        CHECK(untouched.node_names == NULL);                                                       \
    } while (0)

TEST(defaults_are_those_of_maelstrom)
{
    struct test_options o;

    CHECK(parse(&o, (char *[]){"--bin", "node", NULL}));
    CHECK_TEXT(o.workload, "lin-kv");
    CHECK_INT(o.node_count, 5);
    CHECK_TEXT(o.node_names[0], "n1");
    CHECK_TEXT(o.node_names[4], "n5");
    CHECK(o.time_limit == 60 && o.rate == 5 && o.nemesis_interval == 10 && o.recovery == 10);
    CHECK_INT(o.concurrency, 5);
    CHECK_INT(o.latency_ns, 0);
    CHECK_INT(o.max_txn_length, 4);
    CHECK_INT(o.max_writes_per_key, 16);
    CHECK_INT(o.key_count, 0);
    CHECK_INT(o.nemesis_count, 0);
    CHECK(o.availability < 0 && !o.seed_given && !o.json && !o.maelstrom_verdict);
    CHECK_TEXT(o.topology, "grid");
    CHECK_TEXT(o.store, "store");
    CHECK_TEXT(json_string_value(json_array_get(o.consistency_models, 0)), "strict-serializable");
    test_options_release(&o);
}

TEST(node_count_names_nodes_from_n0)
{
    struct test_options o;

    CHECK(PARSE(&o, "--node-count", "3"));
    CHECK_INT(o.node_count, 3);
    CHECK_TEXT(o.node_names[0], "n0");
    CHECK_TEXT(o.node_names[2], "n2");
    CHECK_INT(o.concurrency, 3);
    test_options_release(&o);
    CHECK(PARSE(&o, "--nodes", " a, b-2 ,c.3"));
    CHECK_INT(o.node_count, 3);
    CHECK_TEXT(o.node_names[1], "b-2");
    test_options_release(&o);
}

TEST(names_that_would_mislead_are_refused)
{
    REFUSED("\"a\" stands there twice", "--nodes", "a,a");
    REFUSED("cannot be the name of a node", "--nodes", "c0");
    REFUSED("cannot be the name of a node", "--nodes", "lin-tso");
    REFUSED("cannot be the name of a node", "--nodes", "a/b");
    REFUSED("cannot be the name of a node", "--nodes", "-a");
    REFUSED("cannot be the name of a node", "--nodes", "..");
    REFUSED("cannot be the name of a node", "--nodes",
            "a-name-of-sixty-four-letters-is-one-too-long-for-a-node-in-eddy-1");
    REFUSED("there must be 1 to 1024", "--nodes", ", ,");
}

TEST(nodes_are_named_in_all_of_maelstroms_ways)
{
    static char path[] = "build/tests/test_options_test.nodes";
    struct test_options o;

    CHECK(PARSE(&o, "-n", "a", "--node", "b"));
    CHECK_INT(o.node_count, 2);
    CHECK_TEXT(o.node_names[1], "b");
    test_options_release(&o);
    CHECK_INT(file_write(path, STR_LIT("x\r\n y\n\nz"), &err), 0);
    CHECK(PARSE(&o, "-n", "a", "--nodes-file", path, "--nodes", "m,n"));
    CHECK_INT(o.node_count, 6);
    CHECK_TEXT(o.node_names[0], "x");
    CHECK_TEXT(o.node_names[1], "y");
    CHECK_TEXT(o.node_names[2], "z");
    CHECK_TEXT(o.node_names[3], "m");
    CHECK_TEXT(o.node_names[5], "a");
    test_options_release(&o);
    CHECK(PARSE(&o, "--nodes", "a,b,c", "--node-count", "2"));
    CHECK_INT(o.node_count, 2);
    CHECK_TEXT(o.node_names[0], "n0");
    test_options_release(&o);
    REFUSED("\"a\" stands there twice", "--nodes", "a", "-n", "a");
    REFUSED("--nodes-file", "--nodes-file", "build/tests/no-such-file");
    CHECK_INT(file_write(path, STR_LIT("\n\n"), &err), 0);
    REFUSED("there must be 1 to 1024", "--nodes-file", path);
    unlink(path);
}

TEST(options_of_jepsen_for_other_machines_do_nothing)
{
    struct test_options o;

    CHECK(PARSE(&o, "--no-ssh", "--username", "root", "--password=x", "--ssh-private-key", "k",
                "--strict-host-key-checking", "--leave-db-running", "--logging-json", "word"));
    CHECK_INT(o.word_count, 1);
    CHECK_INT(o.given, 0);
    test_options_release(&o);
}

TEST(a_test_may_be_run_several_times)
{
    struct test_options o;

    CHECK(parse(&o, (char *[]){"--bin", "node", NULL}));
    CHECK_INT(o.test_count, 1);
    test_options_release(&o);
    CHECK(PARSE(&o, "--test-count", "10", "--log-stderr"));
    CHECK_INT(o.test_count, 10);
    CHECK_INT(o.seeds, 0);
    test_options_release(&o);
    REFUSED("--test-count 0: it must be a whole number", "--test-count", "0");
    REFUSED("exclude each other", "--test-count", "2", "--seeds", "2");
    REFUSED("--test-count: there are not so many seeds", "--test-count", "2", "--seed",
            "9223372036854775807");
    REFUSED("leave out", "--test-count", "2", "--scenario", "task.lua");
}

TEST(concurrency_counts_clients_or_clients_a_node)
{
    struct test_options o;

    CHECK(PARSE(&o, "--concurrency", "4n", "--node-count", "3"));
    CHECK_INT(o.concurrency, 12);
    test_options_release(&o);
    CHECK(PARSE(&o, "--concurrency", "10000"));
    CHECK_INT(o.concurrency, 10000);
    test_options_release(&o);
    REFUSED("--concurrency 10001: it must be", "--concurrency", "10001");
    REFUSED("--concurrency 3334n: it must be", "--concurrency", "3334n", "--node-count", "3");
    REFUSED("--concurrency 0: it must be", "--concurrency", "0");
    REFUSED("--concurrency n: it must be", "--concurrency", "n");
}

TEST(latency_is_in_milliseconds_and_finer_with_a_unit)
{
    struct test_options o;

    CHECK(PARSE(&o, "--latency", "100"));
    CHECK_INT(o.latency_ns, 100000000);
    test_options_release(&o);
    CHECK(PARSE(&o, "--latency", "250us", "--latency-dist", "exponential"));
    CHECK_INT(o.latency_ns, 250000);
    CHECK_INT(o.latency_dist, LATENCY_EXPONENTIAL);
    test_options_release(&o);
    CHECK(PARSE(&o, "--latency", "1.5"));
    CHECK_INT(o.latency_ns, 1500000);
    test_options_release(&o);
    REFUSED("--latency 25h: it must be", "--latency", "25h");
    REFUSED("--latency -1: it must be", "--latency", "-1");
    REFUSED("--latency-dist normal: it must be", "--latency-dist", "normal");
}

/* Maelstrom takes "a,b" for one unknown name. */
TEST(lists_need_no_blanks_and_forgive_them)
{
    struct test_options o;

    CHECK(PARSE(&o, "--consistency-models", "read-committed,serializable"));
    CHECK_INT(json_array_size(o.consistency_models), 2);
    CHECK_TEXT(json_string_value(json_array_get(o.consistency_models, 1)), "serializable");
    test_options_release(&o);
    CHECK(PARSE(&o, "--nemesis", "partition,  kill ,", "--consistency-models",
                " PL-2 , serializable "));
    CHECK_INT(o.nemesis_count, 2);
    CHECK_TEXT(o.nemesis[1], "kill");
    CHECK_TEXT(json_string_value(json_array_get(o.consistency_models, 0)), "PL-2");
    test_options_release(&o);
    REFUSED("--consistency-models: there is no consistency model \"sometimes\"",
            "--consistency-models", "serializable,sometimes");
    CHECK(PARSE(&o, "--nemesis", "kill", "--nemesis", "none"));
    CHECK_INT(o.nemesis_count, 0);
    test_options_release(&o);
}

TEST(the_list_of_faults_has_a_cap)
{
    REFUSED("--nemesis", "--nemesis",
            "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,"
            "32,33");
}

TEST(rates_availability_and_counts_keep_their_ranges)
{
    struct test_options o;

    CHECK(PARSE(&o, "--rate", "max", "--availability", "total"));
    CHECK(isinf(o.rate) && o.availability == 1);
    test_options_release(&o);
    CHECK(PARSE(&o, "--rate", "0.5", "--availability", "0.99"));
    CHECK(o.rate == 0.5 && o.availability == 0.99);
    test_options_release(&o);
    REFUSED("--rate nan: it must be", "--rate", "nan");
    REFUSED("--rate 0x10: it must be", "--rate", "0x10");
    REFUSED("--rate -1: it must be", "--rate", "-1");
    REFUSED("--availability 1.1: it must be", "--availability", "1.1");
    REFUSED("--key-count 100001: it must be a whole number from 1 to 100000", "--key-count",
            "100001");
    REFUSED("--max-txn-length 0: it must be", "--max-txn-length", "0");
    REFUSED("--cpus 1025: it must be", "--cpus", "1025");
    REFUSED("--seed 9223372036854775808: it must be", "--seed", "9223372036854775808");
    REFUSED("--nemesis-interval 999us: it must be at least 1ms", "--nemesis-interval", "999us");
    REFUSED("--topology star: it must be", "--topology", "star");
}

TEST(words_and_what_follows_two_dashes_go_to_the_program)
{
    struct test_options o;

    CHECK(PARSE(&o, "a", "--rate", "1", "b", "--", "--rate", "-x"));
    CHECK_INT(o.word_count, 4);
    CHECK_TEXT(o.words[1], "b");
    CHECK_TEXT(o.words[2], "--rate");
    CHECK(o.words[4] == NULL && o.rate == 1);
    test_options_release(&o);
}

TEST(the_last_of_several_equal_options_counts)
{
    struct test_options o;

    CHECK(PARSE(&o, "--rate", "1", "--rate", "2", "--nemesis", "kill", "--nemesis", "pause"));
    CHECK(o.rate == 2);
    CHECK_INT(o.nemesis_count, 1);
    CHECK_TEXT(o.nemesis[0], "pause");
    test_options_release(&o);
}

TEST(many_seeds_have_options_of_their_own)
{
    struct test_options o;

    CHECK(PARSE(&o, "--seeds", "1000", "--jobs", "4", "--swarm", "off", "--keep-going", "--rate",
                "3"));
    CHECK(o.seeds == 1000 && o.jobs == 4 && o.swarm_off && o.keep_going);
    CHECK_INT(o.given, GIVEN_RATE);
    test_options_release(&o);
    REFUSED("add --seeds", "--jobs", "2");
    REFUSED("add --seeds", "--keep-going");
    REFUSED("add --seeds", "--swarm", "off");
    REFUSED("--seeds 0: it must be a whole number from 1 to 1000000000", "--seeds", "0");
    REFUSED("--jobs 257: it must be a whole number from 1 to 256", "--seeds", "2", "--jobs", "257");
    REFUSED("--swarm maybe: it must be off or on", "--seeds", "2", "--swarm", "maybe");
    REFUSED("leave out --log-stderr", "--seeds", "2", "--log-stderr");
    REFUSED("not so many seeds", "--seeds", "2", "--seed", "9223372036854775807");
}

TEST(help_needs_no_program_and_all_else_does)
{
    struct test_options o;

    CHECK(parse(&o, (char *[]){"--help", NULL}));
    CHECK(o.help);
    test_options_release(&o);
    CHECK(!parse(&o, (char *[]){"-w", "echo", NULL}));
    CHECK_HAS(err.text, "--bin is missing");
    CHECK(!parse(&o, (char *[]){"--bin", "", NULL}));
    CHECK_HAS(err.text, "--bin");
}

TEST(scenarios_see_times_in_nanoseconds_and_no_rate_for_the_highest)
{
    struct test_options o;
    json_t *json;

    CHECK(PARSE(&o, "--time-limit", "1.5", "--rate", "max", "--nemesis", "kill"));
    json = test_options_json(&o);
    CHECK_INT(json_integer_value(json_object_get(json, "time_limit_ns")), 1500000000);
    CHECK_INT(json_integer_value(json_object_get(json, "recovery_ns")), 10000000000);
    CHECK(json_is_null(json_object_get(json, "rate")));
    CHECK(json_is_null(json_object_get(json, "key_count")));
    CHECK_TEXT(json_string_value(json_array_get(json_object_get(json, "nemesis"), 0)), "kill");
    json_decref(json);
    test_options_release(&o);
}
