/* fuzz_flags - random and mutated command lines for `eddy test`.
 *
 * usage: fuzz_flags [ITERATIONS [SEED]]     exit status 1 and the command line if a promise is
 * broken
 *
 * For every line the parser either fails, with ERR_INPUT, a sentence that names an option, and the
 * result untouched; or it succeeds, with options that are within the ranges that --help and the
 * header state. Parsing the same words twice gives the same. Mostly sound words with a few odd ones
 * get deeper than noise, so lines are put together from a stock of both. */
#include "base/err.h"
#include "base/mem.h"
#include "base/prng.h"
#include "base/str.h"
#include "run/test_options.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 24, WORD_MAX = 96 };

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define PICK(array) ((array)[prng_below(&chance, COUNT_OF(array))])

static struct prng chance;
static unsigned long long seed = 1;
static long iteration, taken, refused;
static char words[WORDS_MAX][WORD_MAX];
static char *argv_now[WORDS_MAX + 1];

static const char *const options[] = {
    "--workload",
    "-w",
    "--bin",
    "--node-count",
    "--nodes",
    "--node",
    "-n",
    "--nodes-file",
    "--test-count",
    "--no-ssh",
    "--username",
    "--time-limit",
    "--rate",
    "--concurrency",
    "--latency",
    "--latency-dist",
    "--nemesis",
    "--nemesis-interval",
    "--topology",
    "--availability",
    "--consistency-models",
    "--key-count",
    "--max-txn-length",
    "--max-writes-per-key",
    "--recovery",
    "--log-stderr",
    "--log-net-send",
    "--log-net-recv",
    "--seed",
    "--store",
    "--json",
    "--maelstrom-verdict",
    "--fail-fast",
    "--cpus",
    "--clock",
    "--entropy",
    "--schedule",
    "--sandbox",
    "--seeds",
    "--jobs",
    "--swarm",
    "--keep-going",
    "--help",
    "-h",
    "--",
    "-",
    "--node-cuont",
    "-x",
    "--=",
    "---",
};
static const char *const values[] = {
    "echo",
    "broadcast",
    "./node",
    "a b",
    "n1,n2",
    "a,,b",
    ",",
    " ",
    "",
    "c1",
    "seq-kv",
    "0",
    "1",
    "2",
    "3",
    "5",
    "100",
    "1024",
    "1025",
    "10000",
    "10001",
    "100000",
    "-1",
    "-0",
    "+1",
    "01",
    "1.5",
    "1e3",
    "1e400",
    "nan",
    "inf",
    "0x10",
    "9223372036854775807",
    "9223372036854775808",
    "99999999999999999999999",
    "1n",
    "4n",
    "0n",
    "n",
    "10000n",
    "250us",
    "1.5ms",
    "2s",
    "1min",
    "1h",
    "300000h",
    "1day",
    "max",
    "total",
    "none",
    "constant",
    "uniform",
    "exponential",
    "partition",
    "kill,pause",
    "partition-one, slow",
    "line",
    "grid",
    "tree",
    "tree2",
    "total",
    "virtual",
    "real",
    "seed",
    "fifo",
    "seeded",
    "read-committed",
    "read-committed,serializable",
    "=",
    "--",
    "\xff\xfe",
    "%s%n",
    "\n",
};

static void complain(const char *promise, const char *sentence)
{
    int i;

    fprintf(stderr, "fuzz_flags: line %ld of seed %llu: not true: %s\neddy test", iteration, seed,
            promise);
    for (i = 0; argv_now[i] != NULL; i++)
        fprintf(stderr, " '%s'", argv_now[i]);
    fprintf(stderr, "\n%s\n", sentence);
    exit(1);
}

static void must(bool fine, const char *promise, const char *sentence)
{
    if (!fine)
        complain(promise, sentence);
}

/* ---- making lines ---- */

static void mutate(char *word)
{
    size_t len = strlen(word);

    if (len == 0 || !prng_chance(&chance, 0.1))
        return;
    if (prng_chance(&chance, 0.5))
        word[prng_below(&chance, len)] = (char)(1 + prng_below(&chance, 255));
    else
        word[prng_below(&chance, len)] = '\0';
}

/* An option and its value, in one word or two. Returns how many words that were. */
static int add_option(int at)
{
    const char *option = PICK(options);

    if (prng_chance(&chance, 0.3)) {
        snprintf(words[at], WORD_MAX, "%s=%s", option, PICK(values));
        return 1;
    }
    snprintf(words[at], WORD_MAX, "%s", option);
    if (at + 1 == WORDS_MAX || prng_chance(&chance, 0.1))
        return 1;
    snprintf(words[at + 1], WORD_MAX, "%s", PICK(values));
    return 2;
}

static void make_line(void)
{
    int count = 0;
    int wanted = (int)prng_below(&chance, 8);
    int i;

    if (prng_chance(&chance, 0.9)) {
        snprintf(words[count++], WORD_MAX, "--bin");
        snprintf(words[count++], WORD_MAX, "./node");
    }
    while (wanted-- > 0 && count < WORDS_MAX)
        count += add_option(count);
    for (i = 0; i < count; i++) {
        mutate(words[i]);
        argv_now[i] = words[i];
    }
    argv_now[count] = NULL;
}

/* ---- the promises ---- */

static bool is_text(const char *text, const char *const *list)
{
    for (; *list != NULL; list++)
        if (strcmp(text, *list) == 0)
            return true;
    return false;
}

static void check_names(const struct test_options *o)
{
    uint32_t i, j;

    must(o->node_count >= 1 && o->node_count <= WORLD_NODES_MAX, "1 to 1024 nodes", "");
    for (i = 0; i < o->node_count; i++) {
        size_t len = strlen(o->node_names[i]);
        must(len > 0 && len < WORLD_NAME_MAX, "the length of a node's name", o->node_names[i]);
        must(strpbrk(o->node_names[i], "\"\\/ \n\t") == NULL,
             "a node's name stands in JSON as it is", o->node_names[i]);
    }
    if (o->node_count <= 16) /* n0, n1, ... are distinct by their making */
        for (i = 0; i < o->node_count; i++)
            for (j = 0; j < i; j++)
                must(strcmp(o->node_names[i], o->node_names[j]) != 0, "names are distinct",
                     o->node_names[i]);
}

static void check_ranges(const struct test_options *o)
{
    static const char *const topologies[] = {"line",  "grid",  "tree",  "tree2",
                                             "tree3", "tree4", "total", NULL};
    uint32_t i;

    must(o->bin != NULL || o->help, "a program is given", "");
    must(o->bin == NULL || o->bin[0] != '\0', "the program has a name", "");
    must(o->store[0] != '\0', "the store has a name", "");
    must(o->time_limit >= 0 && o->time_limit <= 1e9, "the time limit", "");
    must(o->nemesis_interval >= 0.001 && o->nemesis_interval <= 1e9, "the nemesis interval", "");
    must(o->recovery >= 0 && o->recovery <= 1e9, "the recovery", "");
    must(o->rate >= 0 && (isinf(o->rate) || o->rate <= 1e9), "the rate", "");
    must(o->concurrency >= 1 && o->concurrency <= OPTIONS_CONCURRENCY_MAX, "1 to 10000 clients",
         "");
    must(o->latency_ns >= 0 && o->latency_ns <= INT64_C(86400000000000), "up to a day's latency",
         "");
    must(o->latency_dist <= LATENCY_EXPONENTIAL, "a distribution", "");
    must(o->nemesis_count <= OPTIONS_NEMESIS_MAX, "at most 32 faults", "");
    for (i = 0; i < o->nemesis_count; i++)
        must(o->nemesis[i][0] != '\0', "a fault has a name", "");
    must(is_text(o->topology, topologies), "a known topology", o->topology);
    must(o->availability == -1 || (o->availability >= 0 && o->availability <= 1), "availability",
         "");
    must(json_is_array(o->consistency_models), "models are a list", "");
    must(o->key_count >= 0 && o->key_count <= 100000, "the number of keys", "");
    must(o->max_txn_length >= 1 && o->max_txn_length <= 1000, "the length of transactions", "");
    must(o->max_writes_per_key >= 1 && o->max_writes_per_key <= 1000000000, "writes per key", "");
    must(o->test_count >= 1 && o->test_count <= OPTIONS_SEEDS_MAX, "the number of runs", "");
    must(o->cpus >= 0 && o->cpus <= 1024, "the number of processors", "");
}

static void check_words(const struct test_options *o)
{
    uint32_t i;

    for (i = 0; i < o->word_count; i++)
        must(o->words[i] != NULL, "words are there", "");
    must(o->words == NULL || o->words[o->word_count] == NULL, "words end with NULL", "");
}

static void check_success(const struct test_options *o)
{
    json_t *json = test_options_json(o);

    check_names(o);
    check_ranges(o);
    check_words(o);
    must(json_is_object(json), "what scenarios see is an object", "");
    json_decref(json);
}

/* A sentence that a person can act on: it names an option that there is, or the one that there
 * is not, and carries no control characters but those that were typed. */
static void check_sentence(const struct err *err)
{
    must(strlen(err->text) > 10, "a failure has a sentence", err->text);
    must(strstr(err->text, " -") != NULL || err->text[0] == '-', "it names an option", err->text);
}

static void check_line(void)
{
    static const struct test_options untouched = {.workload = "untouched"};
    struct test_options o = untouched, again;
    struct err err = {.text = ""}, err_again = {.text = ""};
    int status = test_options_parse(argv_now, &o, &err);
    int status_again = test_options_parse(argv_now, &again, &err_again);

    must(status == status_again && strcmp(err.text, err_again.text) == 0, "twice the same",
         err.text);
    if (status == 0) {
        taken++;
        check_success(&o);
        test_options_release(&o);
        test_options_release(&again);
        return;
    }
    refused++;
    must(status == ERR_INPUT, "the user's fault", err.text);
    must(memcmp(&o, &untouched, sizeof(o)) == 0, "options are untouched on failure", err.text);
    check_sentence(&err);
}

int main(int argc, char **argv)
{
    long iterations = argc > 1 ? strtol(argv[1], NULL, 10) : 200000;

    if (argc > 2)
        seed = strtoull(argv[2], NULL, 10);
    prng_init(&chance, seed, "flags");
    for (iteration = 0; iteration < iterations; iteration++) {
        make_line();
        check_line();
    }
    printf("fuzz_flags: %ld lines, %ld taken, %ld refused\n", iterations, taken, refused);
    return taken > 0 && refused > 0 ? 0 : 1;
}
