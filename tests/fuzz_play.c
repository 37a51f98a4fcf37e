/* fuzz_play - random and mutated wishes for a run of the playground.
 *
 * usage: fuzz_play [ITERATIONS [SEED]]     exit status 1 and the text if a promise is broken
 *
 * What play_parse() takes names a workload that there is, keeps each option within the limits of
 * play_table.h and all of them together, is a setting that `eddy test` takes too, and survives its
 * own text. What it refuses has a sentence without control characters and leaves the result alone.
 * Mostly sound words with a few odd ones get deeper than noise. */
#include "base/err.h"
#include "base/prng.h"
#include "judge/filename.h"
#include "judge/play.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define PICK(array) ((array)[prng_below(&chance, COUNT_OF(array))])

static struct prng chance;
static unsigned long long seed = 1;
static long iteration, taken, refused;
static const char *shown = "";

static const char *const workloads[] = {"echo",  "lin-kv",      "broadcast", "txn-list-append",
                                        "kafka", "unique-ids",  "../echo",   "echo.lua",
                                        "",      "\\u0000echo", "g-set"};
static const char *const odd_names[] = {"bin", "store", "sandbox", "clock", "seeds", "", "rate\\n"};
static const char *const odd_values[] = {
    "",
    "0",
    "-1",
    "1e9",
    "max",
    "nan",
    "0x10",
    "4n",
    "99n",
    "1.",
    ".5",
    "1..2",
    "n",
    "on",
    "--store=/tmp",
    "kill,",
    "kill,kill",
    "\\u00007",
    "5 ",
    "5\\n",
    "5;rm",
    "'",
    "2min",
    "line,grid",
    "total",
    "\\ud83d\\ude00",
    "0000000000009",
    "25",
    "100",
    "1000",
    "60",
    "0.1",
    "partition",
    "none",
    "read-committed,serializable",
};
static const char *const files[] = {
    "[{\"name\":\"main.c\",\"text\":\"int x;\"}]",
    "[{\"name\":\"main.c\",\"text\":\"\"},{\"name\":\"a/b.h\",\"text\":\"x\"}]",
    "[]",
    "{}",
    "[{\"name\":\"../x\",\"text\":\"\"}]",
    "[{\"name\":\"main.c\"}]",
};

static void must(bool fine, const char *promise, const char *what)
{
    if (fine)
        return;
    fprintf(stderr, "fuzz_play: %ld of seed %llu: not true: %s: %s\n%s\n", iteration, seed, promise,
            what, shown);
    exit(1);
}

/* ---- texts ---- */

static void add_number(const struct play_option *o, struct buf *out)
{
    double n = o->smallest + (o->largest - o->smallest) * prng_unit(&chance) *
                                 (prng_chance(&chance, 0.1) ? 1.1 : 1);

    if (o->kind == PLAY_NUMBER)
        buf_addf(out, "%.3f", n);
    else
        buf_addf(out, "%.0f%s", n, o->kind == PLAY_CLIENTS && prng_chance(&chance, 0.5) ? "n" : "");
}

static void add_choices(const struct play_option *o, struct buf *out)
{
    const char *at = o->choices;
    struct str word;
    bool first = true;

    while (play_list_next(&at, &word)) {
        if (!prng_chance(&chance, 0.2))
            continue;
        buf_addf(out, "%s%.*s", first ? "" : ",", STR_ARG(word));
        first = false;
    }
}

static void add_value(const struct play_option *o, struct buf *out)
{
    if (prng_chance(&chance, 0.06))
        buf_add_text(out, PICK(odd_values));
    else if (o->kind == PLAY_SWITCH)
        buf_add_text(out, prng_chance(&chance, 0.5) ? "on" : "off");
    else if (o->kind == PLAY_CHOICE || o->kind == PLAY_CHOICES)
        add_choices(o, out);
    else
        add_number(o, out);
}

static void add_options(struct buf *out)
{
    bool first = true;
    int i;

    for (i = 0; i < PLAY_OPTION_COUNT; i++) {
        if (!prng_chance(&chance, 0.25))
            continue;
        buf_addf(out, "%s\"%s\":\"", first ? "" : ",",
                 prng_chance(&chance, 0.01) ? PICK(odd_names) : play_options[i].name);
        add_value(&play_options[i], out);
        buf_add_char(out, '"');
        first = false;
    }
}

static void make_text(struct buf *out)
{
    uint64_t count = prng_chance(&chance, 0.2) ? prng_below(&chance, 4) : 0;

    buf_addf(out, "{\"workload\":\"%s\",\"options\":{", workloads[prng_below(&chance, 6)]);
    if (prng_chance(&chance, 0.1)) {
        buf_reset(out);
        buf_addf(out, "{\"workload\":\"%s\",\"options\":{", PICK(workloads));
    }
    add_options(out);
    buf_addf(out, "},\"language\":\"%s\",\"files\":%s}",
             prng_chance(&chance, 0.95) ? "c" : "../../c",
             prng_chance(&chance, 0.9) ? files[prng_below(&chance, 2)] : PICK(files));
    while (count-- > 0)
        out->data[prng_below(&chance, out->len)] = "\"\\{}[],:0\x01\xff/."[prng_below(&chance, 13)];
}

/* ---- the promises ---- */

static void check_taken(const struct play *p)
{
    struct err err = {.text = ""};
    struct play_workload w;
    struct play_setting s;
    int i;

    must(play_workload_find(str_of(p->workload), &w), "the workload is one", p->workload);
    for (i = 0; i < PLAY_OPTION_COUNT; i++)
        if (p->values[i] != NULL) {
            must(play_option_is_for(&play_options[i], p->workload), "its options", p->values[i]);
            must(p->values[i][0] != '\0', "nothing empty", play_options[i].name);
            must(play_option_check(&play_options[i], str_of(p->values[i]), &err) == 0, "limits",
                 err.text);
        }
    must(play_setting_init(&s, p, &err) == 0, "eddy test takes it", err.text);
    must(s.options.node_count >= 1 && s.options.node_count <= 25, "1 to 25 nodes", "");
    must(s.options.concurrency >= 1 && s.options.concurrency <= PLAY_CLIENTS_MAX, "clients", "");
    must(s.options.time_limit >= 1 && s.options.time_limit <= 60, "1 to 60 s", "");
    must(s.options.rate * s.options.time_limit <= PLAY_OPERATIONS_MAX, "operations", "");
    must(s.options.latency_ns <= 10000000000, "10 s of latency", "");
    must(s.options.seeds == 0 && s.options.scenario == NULL && s.options.word_count == 0,
         "one run of a workload", "");
    must(s.options.sandbox.level == SANDBOX_OFF && strcmp(s.options.store, "store") == 0,
         "nothing of the machine's", s.options.store);
    play_setting_release(&s);
}

static void check_text(const struct play *p)
{
    struct play again = {0};
    struct err err = {.text = ""};
    struct buf text = {0}, text_again = {0};

    play_text(p, &text);
    must(play_is(buf_str(&text)), "it is a run", text.data);
    must(play_parse(buf_str(&text), &again, &err) == 0, "it survives", err.text);
    play_text(&again, &text_again);
    must(strcmp(text.data, text_again.data) == 0, "as it was", text.data);
    play_release(&again);
    buf_release(&text);
    buf_release(&text_again);
}

static void check_sentence(int status, const struct err *err)
{
    json_t *sentence = json_string(err->text);
    size_t i;

    must(status == ERR_INPUT, "the sender's fault", err->text);
    must(strlen(err->text) > 10 && sentence != NULL, "a sentence in UTF-8", err->text);
    json_decref(sentence);
    for (i = 0; err->text[i] != '\0'; i++)
        must((unsigned char)err->text[i] >= 0x20 && err->text[i] != 0x7f, "no control characters",
             err->text);
}

static void one(void)
{
    struct play p = {0};
    struct err err = {.text = ""};
    struct buf text = {0};
    int status;

    make_text(&text);
    shown = text.data;
    status = play_parse(buf_str(&text), &p, &err);
    if (status == 0) {
        taken++;
        check_taken(&p);
        check_text(&p);
    } else {
        refused++;
        check_sentence(status, &err);
        must(p.workload == NULL && p.program.files == NULL, "left alone", "");
    }
    play_release(&p);
    buf_release(&text);
}

int main(int argc, char **argv)
{
    long iterations = argc > 1 ? strtol(argv[1], NULL, 10) : 20000;

    if (argc > 2)
        seed = strtoull(argv[2], NULL, 10);
    prng_init(&chance, seed, "play");
    for (iteration = 0; iteration < iterations; iteration++)
        one();
    printf("fuzz_play: %ld, %ld taken, %ld refused\n", iterations, taken, refused);
    return taken > iterations / 20 && refused > iterations / 20 ? 0 : 1;
}
