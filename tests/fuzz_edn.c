/* fuzz_edn - holds check/edn.h and check/import.h against generated and mutated text.
 *
 * usage: fuzz_edn [ITERATIONS [SEED]]     exit status 1 and the text if a promise is broken
 *
 * A generated value is written twice, as EDN in one of its many spellings (commas, comments, #_,
 * tags, lists for vectors, escapes) and as JSON: edn_json() must give the canonical form of the
 * JSON. A mutated text, or one glued from shards, has no known meaning; it must be read or refused
 * with a place inside it, edn_skip() must agree with edn_json(), and what is read must be canonical
 * JSON. Each text is also offered as a history in every format: it is refused with a sentence, or
 * what was read comes back the same after it was written as history.jsonl. */
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/prng.h"
#include "check/edn.h"
#include "check/history.h"
#include "check/import.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct prng chance;
static struct buf text; /* under test */
static unsigned long long seed = 1;
static long iteration;
static long count_read, count_refused, count_histories;

static void must(bool fine, const char *promise)
{
    struct buf quoted = {0};

    if (fine)
        return;
    json_quote(&quoted, buf_str(&text));
    fprintf(stderr, "fuzz_edn: text %ld of seed %llu: not true: %s\n%s\n", iteration, seed, promise,
            quoted.data);
    exit(1);
}

#define PICK(array) ((array)[prng_below(&chance, sizeof(array) / sizeof((array)[0]))])

static bool one_in(unsigned n)
{
    return prng_below(&chance, n) == 0;
}

/* Spelling and meaning. */
struct pair {
    const char *edn, *json;
};

static const struct pair scalars[] = {
    {"nil", "null"},
    {"true", "true"},
    {"false", "false"},
    {"0", "0"},
    {"-0", "0"},
    {"+17", "17"},
    {"42N", "42"},
    {"-3", "-3"},
    {"0xff", "255"},
    {"1.5", "1.5"},
    {"1.50M", "1.5"},
    {"1e2", "100.0"},
    {"-2.", "-2.0"},
    {"7M", "7.0"},
    {"1/3", "\"1/3\""},
    {":a", "\"a\""},
    {":a.b/c", "\"a.b/c\""},
    {"::d", "\"d\""},
    {"sym", "\"sym\""},
    {"-", "\"-\""},
    {"a'*+!", "\"a'*+!\""},
    {"\\a", "\"a\""},
    {"\\newline", "\"\\n\""},
    {"\\u00e4", "\"\xc3\xa4\""},
    {"\\o101", "\"A\""},
    {"\\;", "\";\""},
    {"##Inf", "\"Inf\""},
    {"\"\"", "\"\""},
    {"\"x y\"", "\"x y\""},
    {"\"\\t\\\"\\\\\"", "\"\\t\\\"\\\\\""},
    {"\"\\u20ac\"", "\"\xe2\x82\xac\""},
    {"\"\\101\\12\"", "\"A\\n\""},
    {"\"two\nlines\"", "\"two\\nlines\""},
    {"#\"re\"", "\"re\""},
    {"\"; no comment #_\"", "\"; no comment #_\""},
};
static const char *const blanks[] = {
    " ", " ", " ", ",", ", ", "\n", "\t", " ; }]) words\n", " #_x ", " #_[1 {2 3}] ", " #_#_ 4 5 "};
static const char *const tags[] = {"#inst ", "#a.b/c ", "#jepsen.history.Op",
                                   "#jepsen.independent.Tuple"};
static const char *const shards[] = {
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "#{",
    "#_",
    "#",
    "##",
    "\"",
    "\\",
    ";",
    ":",
    "\\u12",
    "0x",
    "1e",
    "007",
    "@",
    "^",
    "\xff",
    "\xc3",
    "\xe2\x82",
    "\x01",
    "\x7f",
    "1/",
    "nil",
    "true",
    "#a",
    "\\newlin",
    "'",
    "\n",
    "{:process 0 :type :invoke :f :a}",
    "{:process 0 :type :ok :f :a}",
    "0\t:invoke\t:read\tnil",
    "0\t:ok\t:read\t[1",
    "{\"process\":0,\"type\":\"invoke\",\"f\":\"a\"}",
};

static void make_value(struct buf *edn, struct buf *json, int room);

static void make_blank(struct buf *edn)
{
    buf_add_text(edn, PICK(blanks));
}

/* Elements behind an opening that was written already. */
static void make_elements(struct buf *edn, struct buf *json, int room, uint64_t count)
{
    uint64_t i;

    for (i = 0; i < count; i++) {
        buf_add_text(json, i > 0 ? "," : "");
        make_blank(edn);
        make_value(edn, json, room);
        make_blank(edn);
    }
}

static void make_map(struct buf *edn, struct buf *json, int room, uint64_t count)
{
    uint64_t i;

    buf_add_char(edn, '{');
    buf_add_char(json, '{');
    for (i = 0; i < count; i++) {
        buf_addf(edn, one_in(2) ? ":k%llu" : "\"k%llu\"", (unsigned long long)i);
        buf_addf(json, "%s\"k%llu\":", i > 0 ? "," : "", (unsigned long long)i);
        make_blank(edn);
        make_value(edn, json, room);
        make_blank(edn);
    }
    buf_add_char(edn, '}');
    buf_add_char(json, '}');
}

static void make_value(struct buf *edn, struct buf *json, int room)
{
    uint64_t kind = prng_below(&chance, room > 0 ? 8 : 4);
    uint64_t count = prng_below(&chance, 5);
    struct pair scalar = PICK(scalars);

    if (one_in(20) && kind < 5)
        buf_add_text(edn, PICK(tags));
    if (edn->len > 0 && kind < 4)
        buf_add_char(edn, ' ');
    switch (kind) {
    case 4:
    case 5:
        buf_add_char(edn, kind == 4 ? '[' : '(');
        buf_add_char(json, '[');
        make_elements(edn, json, room - 1, count);
        buf_add_char(edn, kind == 4 ? ']' : ')');
        buf_add_char(json, ']');
        break;
    case 6:
        make_map(edn, json, room - 1, count);
        break;
    case 7: /* numbers of one digit are sorted as texts too */
        buf_addf(edn, "#{%llu %llu}", (unsigned long long)(5 + count), (unsigned long long)count);
        buf_addf(json, "[%llu,%llu]", (unsigned long long)count, (unsigned long long)(5 + count));
        break;
    default:
        buf_add_text(edn, scalar.edn);
        buf_add_text(json, scalar.json);
        break;
    }
}

static void check_known(struct str json)
{
    struct buf wanted = {0};
    struct buf got = {0};
    struct edn_reader r;

    must(json_canonical(&wanted, json), "the meaning is JSON");
    edn_reader_init(&r, buf_str(&text));
    must(edn_next(&r) != EDN_ERROR && r.kind != EDN_END, "a sound text begins with a form");
    must(edn_json(&r, &got), "a sound text is read");
    must(str_eq(buf_str(&got), buf_str(&wanted)), "the JSON is what the EDN means");
    must(edn_next(&r) == EDN_END, "nothing is left behind the form");
    buf_release(&wanted);
    buf_release(&got);
}

/* Walks by edn_json and by edn_skip side by side. */
static void check_unknown(void)
{
    struct edn_reader r;
    struct edn_reader skipping;
    struct err err = {.text = ""};
    struct buf json = {0};
    struct buf again = {0};

    edn_reader_init(&r, buf_str(&text));
    edn_reader_init(&skipping, buf_str(&text));
    while (edn_next(&r) != EDN_END && r.kind != EDN_ERROR) {
        buf_reset(&json);
        buf_reset(&again);
        must(edn_next(&skipping) == r.kind, "two walks see the same");
        bool skipped = edn_skip(&skipping);
        if (!edn_json(&r, &json))
            break;
        must(skipped && skipping.at == r.at, "edn_skip ends where edn_json ends");
        must(json_canonical(&again, buf_str(&json)) && str_eq(buf_str(&again), buf_str(&json)),
             "edn_json gives canonical JSON");
    }
    if (r.kind == EDN_ERROR) {
        must(r.at <= text.len && edn_explain(&r, &err) == ERR_INPUT &&
                 strncmp(err.text, "line ", 5) == 0,
             "a fault lies in the text and is explained");
        count_refused++;
    } else {
        count_read++;
    }
    buf_release(&json);
    buf_release(&again);
}

static void write_history(const struct history *h, struct buf *out)
{
    uint32_t i;

    for (i = 0; i < history_len(h); i++) {
        history_line(h, i, NULL, out);
        buf_add_char(out, '\n');
    }
}

static void check_history(enum import_format format)
{
    struct imported got = {0};
    struct imported back = {0};
    struct err err = {.text = ""};
    struct buf once = {0};
    struct buf twice = {0};

    if (import_history(buf_str(&text), format, &got, &err) < 0) {
        must(err.text[0] != '\0' && got.history == NULL, "a refusal has a sentence");
        return;
    }
    count_histories++;
    write_history(got.history, &once);
    must(import_history(buf_str(&once), IMPORT_ANY, &back, &err) == 0,
         "a history that was written is read");
    write_history(back.history, &twice);
    must(str_eq(buf_str(&once), buf_str(&twice)), "a history comes back the same");
    history_free(got.history);
    history_free(back.history);
    buf_release(&once);
    buf_release(&twice);
}

static void mutate(void)
{
    size_t at = prng_below(&chance, text.len + 1);
    size_t drop = prng_below(&chance, 3);
    const char *shard = one_in(3) ? "" : PICK(shards);
    char *tail;

    drop = drop > text.len - at ? text.len - at : drop;
    if (text.len == 0)
        return;
    tail = mem_strndup(text.data + at + drop, text.len - at - drop);
    size_t tail_len = text.len - at - drop;
    text.len = at;
    buf_add_text(&text, shard);
    buf_add(&text, tail, tail_len);
    mem_free(tail);
}

static void make_events(void)
{
    static const char *const types[] = {":invoke", ":ok", ":fail", ":info"};
    uint64_t count = 1 + prng_below(&chance, 6);
    struct buf json = {0};

    while (count-- > 0) {
        buf_addf(&text, "{:process %llu, :type %s, :f :read, :value ",
                 (unsigned long long)prng_below(&chance, 3), PICK(types));
        make_value(&text, &json, 2);
        buf_add_text(&text, one_in(2) ? ", :time 5}\n" : "}\n");
    }
    buf_release(&json);
}

static void one_text(void)
{
    struct buf json = {0};
    uint64_t kind = prng_below(&chance, 4);

    buf_reset(&text);
    buf_add_text(&text, "");
    if (kind == 0) {
        make_events();
    } else if (kind == 1) {
        uint64_t count = prng_below(&chance, 12);
        while (count-- > 0)
            buf_add_text(&text, PICK(shards));
    } else {
        make_value(&text, &json, 4);
        check_known(buf_str(&json));
    }
    buf_release(&json);
    check_unknown();
    if (kind == 2 || kind == 0) {
        mutate();
        check_unknown();
    }
    check_history((enum import_format)prng_below(&chance, IMPORT_LOG + 1));
}

int main(int argc, char **argv)
{
    long iterations = argc > 1 ? strtol(argv[1], NULL, 10) : 100000;

    if (argc > 2)
        seed = strtoull(argv[2], NULL, 10);
    prng_init(&chance, seed, "fuzz_edn");
    for (iteration = 0; iteration < iterations; iteration++)
        one_text();
    printf("fuzz_edn: %ld texts: %ld read, %ld refused, %ld histories\n", iterations, count_read,
           count_refused, count_histories);
    buf_release(&text);
    return 0;
}
