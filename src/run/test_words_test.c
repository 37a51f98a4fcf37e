#include "test_words.h"

#include "../base/err.h"
#include "../base/str.h"
#include "../base/test.h"
#include "test_options.h"

enum { WORDS_MAX = 80 };

static void parse(char *const *argv, struct test_options *o)
{
    struct err err = {.text = ""};

    if (test_options_parse(argv, o, &err) < 0)
        fail_msg("%s", err.text);
}

/* The words of a command without quotes, after "eddy test". */
static void split(char *text, char *words[WORDS_MAX])
{
    char *rest = NULL;
    size_t n = 0;
    char *word = strtok_r(text, " ", &rest);

    for (; word != NULL && n + 1 < WORDS_MAX; word = strtok_r(NULL, " ", &rest))
        words[n++] = word;
    words[n] = NULL;
}

/* That a command's words give the same options again, and then the same command. */
static void returns(char *const *argv)
{
    struct test_options o, again;
    struct buf text = {0}, second = {0}, cut = {0};
    char *words[WORDS_MAX];
    json_t *a, *b;
    uint32_t i;

    parse(argv, &o);
    test_words(&o, 77, &text);
    buf_add_str(&cut, buf_str(&text));
    split(cut.data, words);
    parse(words + 2, &again);
    a = test_options_json(&o);
    b = test_options_json(&again);
    CHECK(json_equal(a, b));
    CHECK_INT(again.seed, 77);
    CHECK_INT(again.node_count, o.node_count);
    for (i = 0; i < o.node_count; i++)
        CHECK_TEXT(again.node_names[i], o.node_names[i]);
    CHECK_INT(again.word_count, o.word_count);
    for (i = 0; i < o.word_count; i++)
        CHECK_TEXT(again.words[i], o.words[i]);
    CHECK(again.latency_dist == o.latency_dist && again.clock == o.clock &&
          again.clock_given == o.clock_given && again.entropy_real == o.entropy_real &&
          again.schedule_seeded == o.schedule_seeded && again.availability == o.availability &&
          again.disk_latency_ns == o.disk_latency_ns && again.cpus == o.cpus);
    CHECK_TEXT(again.store, o.store);
    CHECK_TEXT(again.workload, o.workload);
    test_words(&again, 77, &second);
    CHECK_TEXT(second.data, text.data);
    json_decref(a);
    json_decref(b);
    buf_release(&text);
    buf_release(&second);
    buf_release(&cut);
    test_options_release(&o);
    test_options_release(&again);
}

#define RETURNS(...) returns((char *[]){"--bin", "node", __VA_ARGS__, NULL})

TEST(what_is_usual_is_not_said)
{
    struct test_options o;
    struct buf text = {0};

    parse((char *[]){"--bin", "./node", "--seeds", "10", "--jobs", "2", "--json", NULL}, &o);
    test_words(&o, 5, &text);
    CHECK_TEXT(text.data, "eddy test -w lin-kv --seed 5 --bin ./node");
    buf_release(&text);
    test_options_release(&o);
}

TEST(words_give_the_same_options_again)
{
    RETURNS("-w", "echo");
    RETURNS("--node-count", "5", "--concurrency", "3n", "--rate", "20", "--time-limit", "0.25");
    RETURNS("--nodes", "n1,n2,n3", "--rate", "max", "--topology", "tree3", "--recovery", "0");
    RETURNS("--nodes", "a,b,c,d,e,f", "--rate", "0.1", "--availability", "0.3", "--concurrency",
            "2");
    RETURNS("--latency", "0.0035", "--latency-dist", "exponential", "--nemesis", "kill,clock",
            "--nemesis-interval", "1234567us", "--disk-latency", "7");
    RETURNS("--clock", "virtual", "--entropy", "real", "--schedule", "seeded", "--cpus", "1");
    RETURNS("--consistency-models", "serializable,read-atomic", "--key-count", "3",
            "--max-txn-length", "2", "--max-writes-per-key", "8", "--maelstrom-verdict", "--store",
            "s/t", "--fail-fast", "--availability", "total");
    RETURNS("--clock", "real", "mode", "--", "--flag", "-x");
}

TEST(words_are_quoted_for_a_shell)
{
    struct test_options o;
    struct buf text = {0};

    parse((char *[]){"--bin", "my node", "--", "it's", "", NULL}, &o);
    test_words(&o, 5, &text);
    CHECK_HAS(text.data, " --bin 'my node' 'it'\\''s' ''");
    buf_release(&text);
    test_options_release(&o);
}
