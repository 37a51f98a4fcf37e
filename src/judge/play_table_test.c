#include "play_table.h"

#include "../base/err.h"
#include "../base/test.h"

#include <string.h>

static struct err err;

static int check(const char *option, const char *value)
{
    int at = play_option_find(str_of(option));

    CHECK(at >= 0);
    err.text[0] = '\0';
    return play_option_check(&play_options[at], str_of(value), &err);
}

#define TAKEN(option, value) CHECK_INT(check(option, value), 0)
#define REFUSED(option, value, part)                                                               \
    do {                                                                                           \
        CHECK_INT(check(option, value), ERR_INPUT);                                                \
        CHECK_HAS(err.text, part);                                                                 \
    } while (0)

TEST(numbers_have_a_smallest_and_a_largest)
{
    TAKEN("node-count", "1");
    TAKEN("node-count", "25");
    TAKEN("node-count", "");
    REFUSED("node-count", "0", "a whole number from 1 to 25");
    REFUSED("node-count", "26", "Nodes (node-count)");
    REFUSED("node-count", "2.5", "whole number");
    REFUSED("node-count", "-1", "whole number");
    REFUSED("node-count", "1e1", "whole number");
    REFUSED("node-count", "0x2", "whole number");
    REFUSED("node-count", " 2", "whole number");
    REFUSED("node-count", "0000000000002", "whole number");
    TAKEN("time-limit", "0001.5");
    TAKEN("time-limit", "60");
    REFUSED("time-limit", "60.1", "from 1 to 60 s");
    REFUSED("time-limit", "1..5", "a number");
    REFUSED("time-limit", "1.5.5", "a number");
    REFUSED("time-limit", ".5", "a number");
    REFUSED("time-limit", "5.", "a number");
    REFUSED("time-limit", "nan", "a number");
    REFUSED("rate", "max", "0.1 to 1000 a second");
    TAKEN("seed", "4294967295");
    REFUSED("seed", "4294967296", "4294967295");
}

TEST(clients_may_be_counted_by_node)
{
    TAKEN("concurrency", "1");
    TAKEN("concurrency", "100");
    TAKEN("concurrency", "4n");
    REFUSED("concurrency", "n", "so many a node");
    REFUSED("concurrency", "4nn", "so many a node");
    REFUSED("concurrency", "0n", "so many a node");
    REFUSED("node-count", "4n", "a whole number");
}

TEST(choices_are_words_of_their_list)
{
    TAKEN("latency-dist", "uniform");
    REFUSED("latency-dist", "uniform,constant", "one of these: constant,uniform");
    REFUSED("latency-dist", "unif", "one of these");
    TAKEN("nemesis", "partition");
    TAKEN("nemesis", "kill,pause,clock");
    REFUSED("nemesis", "kill,kill", "each once");
    REFUSED("nemesis", "kill,", "some of these");
    REFUSED("nemesis", ",", "some of these");
    REFUSED("nemesis", "kill, pause", "some of these");
    REFUSED("nemesis", "meteor", "some of these");
    TAKEN("fail-fast", "on");
    REFUSED("fail-fast", "yes", "on or off");
}

TEST(a_zero_byte_ends_no_value)
{
    int at = play_option_find(STR_LIT("seed"));

    CHECK_INT(play_option_check(&play_options[at], (struct str){"7\0", 2}, &err), ERR_INPUT);
}

TEST(workloads_say_what_they_are)
{
    struct play_workload w;
    uint32_t i;

    for (i = 0; play_workload_at(i, &w); i++) {
        CHECK(w.summary.len > 20 && w.text.len > 100);
        CHECK(w.summary.data[w.summary.len - 1] == '.');
    }
    CHECK_INT(i, 10);
    CHECK(play_workload_find(STR_LIT("g-set"), &w));
    CHECK_TEXT(w.path, "workloads/g-set.lua");
    CHECK(!play_workload_find(STR_LIT("g-se"), &w));
    CHECK(!play_workload_find(STR_LIT("../g-set"), &w));
}

TEST(options_of_some_workloads_name_workloads)
{
    struct play_workload w;
    struct str name;
    const char *at;
    int i;

    for (i = 0; i < PLAY_OPTION_COUNT; i++)
        for (at = play_options[i].workloads; play_list_next(&at, &name);)
            CHECK(play_workload_find(name, &w));
    i = play_option_find(STR_LIT("topology"));
    CHECK(play_option_is_for(&play_options[i], "broadcast"));
    CHECK(!play_option_is_for(&play_options[i], "echo"));
}
