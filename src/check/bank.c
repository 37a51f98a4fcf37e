/* One walk sums up every read; the total is settled between that and the judgement, since it may
 * have to be the one that most reads show. The balances of a read are looked at again only where
 * the read is wrong, so the cost is that of the text. */
#include "bank.h"

#include "checker.h"
#include "history.h"
#include "plant.h"
#include "verdict.h"

#include "../base/err.h"
#include "../base/json.h"
#include "../base/map.h"
#include "../base/mem.h"

#include <stdlib.h>

enum error { ERROR_NULL, ERROR_TOTAL, ERROR_NEGATIVE, ERROR_COUNT };
static const char *const error_names[] = {"nil-balance", "wrong-total", "negative-value"};

/* An ok read. */
struct sum {
    uint32_t event; /* its completion */
    int64_t total;
    bool has_null, has_negative;
};

struct bank {
    const struct history *h;
    struct sum *sums;
    size_t cap;
    uint32_t len;
    bool has_total;
    int64_t total;
    bool negative_allowed;
    uint32_t
        malformed; /* completion of a read that cannot be summed up; only where has_malformed */
    bool has_malformed;
    uint32_t counts[ERROR_COUNT];
    json_t *errors;
    struct verdict *v;
};

/* False: it shows no object of integers and nulls, or one too large to be added up. */
static bool sum_up(struct str value, struct sum *s)
{
    struct json_reader r;
    int64_t balance;

    json_reader_init(&r, value);
    if (json_next(&r) != JSON_AT_OBJECT)
        return false;
    while (json_next(&r) == JSON_AT_KEY) {
        if (json_next(&r) == JSON_AT_NULL) {
            s->has_null = true;
            continue;
        }
        if (r.kind != JSON_AT_NUMBER || !json_to_i64(r.text, &balance) ||
            __builtin_add_overflow(s->total, balance, &s->total))
            return false;
        s->has_negative |= balance < 0;
    }
    return true;
}

static void gather(struct bank *b)
{
    int64_t read = history_find_f(b->h, "read");

    for (uint32_t i = 0; i < history_len(b->h); i++) {
        const struct op *op = history_at(b->h, i);
        struct sum s = {.event = i};
        if (op->f != read || op->type != OP_OK)
            continue;
        if (sum_up(op->value, &s)) {
            b->sums = mem_grow(b->sums, &b->cap, b->len + 1, sizeof(*b->sums));
            b->sums[b->len++] = s;
        } else if (!b->has_malformed) {
            b->has_malformed = true;
            b->malformed = i;
        }
    }
}

static int compare_totals(const void *x, const void *y)
{
    const int64_t *a = x, *b = y;

    return (*a > *b) - (*a < *b);
}

/* What most reads show; of equally many the lowest. */
static int64_t usual_total(const struct bank *b)
{
    int64_t *totals = mem_alloc((b->len + 1) * sizeof(*totals)), usual = 0;
    uint32_t best = 0, run = 0, count = 0;

    for (uint32_t i = 0; i < b->len; i++)
        if (!b->sums[i].has_null)
            totals[count++] = b->sums[i].total;
    if (count > 0)
        qsort(totals, count, sizeof(*totals), compare_totals);
    for (uint32_t i = 0; i < count; i++) {
        run = i > 0 && totals[i] == totals[i - 1] ? run + 1 : 1;
        if (run > best) {
            best = run;
            usual = totals[i];
        }
    }
    mem_free(totals);
    return usual;
}

/* ---- why ---- */

static bool has_member(struct str object, const char *name, struct str *ret_value)
{
    struct json_reader r;
    struct str value;
    bool has = false;

    json_reader_init(&r, object);
    if (json_next(&r) != JSON_AT_OBJECT)
        return false;
    while (json_next(&r) == JSON_AT_KEY) {
        bool is_it = json_string_is(r.text, name);
        json_next(&r);
        if (!json_skip(&r, &value))
            return false;
        if (is_it) {
            *ret_value = value;
            has = true;
        }
    }
    return has;
}

/* The invocation of a transfer of just that amount that was under way during the read, or whose
 * outcome is unknown; HISTORY_NO_PAIR if there is none. */
static uint32_t suspect(const struct history *h, const struct op *read, int64_t amount)
{
    int64_t transfer = history_find_f(h, "transfer"), n;
    struct str text;

    for (uint32_t i = 0; i < history_at(h, read->pair)->pair; i++) {
        const struct op *op = history_at(h, i), *end;
        if (op->f != transfer || op->type != OP_INVOKE || op->process < 0)
            continue;
        end = history_completion(h, i);
        if (end != NULL && end->type != OP_INFO && op->pair < read->pair)
            continue;
        if (has_member(op->value, "amount", &text) && json_to_i64(text, &n) && n == amount)
            return i;
    }
    return HISTORY_NO_PAIR;
}

static void describe_suspect(const struct history *h, uint32_t transfer, struct buf *out)
{
    const struct op *op = history_at(h, transfer), *end = history_completion(h, transfer);
    char from_word[VERDICT_WORD_SIZE], to_word[VERDICT_WORD_SIZE], time[DURATION_TEXT_MAX];
    struct str from, to;

    buf_addf(out, "; just that much was moved by the transfer that process %d began at %s",
             op->process, duration_text(op->time_ns, time));
    if (has_member(op->value, "from", &from) && has_member(op->value, "to", &to))
        buf_addf(out, ", from %s to %s", verdict_word(from, from_word), verdict_word(to, to_word));
    if (end == NULL || end->type == OP_INFO)
        buf_add_text(out, ", whose outcome is unknown");
    else if (end->type == OP_FAIL)
        buf_add_text(out, ", which failed");
}

/* "process 3: the read from 1 ms to 2 ms" */
static void describe_read(const struct bank *b, uint32_t event, struct buf *out)
{
    const struct op *op = history_at(b->h, event);
    char from[DURATION_TEXT_MAX], to[DURATION_TEXT_MAX];

    buf_addf(out, "process %d: the read from %s to %s", op->process,
             duration_text(history_at(b->h, op->pair)->time_ns, from),
             duration_text(op->time_ns, to));
}

/* The nearest read with the right total: before, or else behind. */
static uint32_t good_read(const struct bank *b, uint32_t at)
{
    for (uint32_t i = at; i-- > 0;)
        if (!b->sums[i].has_null && b->sums[i].total == b->total)
            return b->sums[i].event;
    for (uint32_t i = at + 1; i < b->len; i++)
        if (!b->sums[i].has_null && b->sums[i].total == b->total)
            return b->sums[i].event;
    return HISTORY_NO_PAIR;
}

static void blame_total(struct bank *b, uint32_t at)
{
    const struct sum *s = &b->sums[at];
    uint32_t events[3] = {s->event}, count = 1, good = good_read(b, at), transfer;
    int64_t lower = s->total < b->total ? s->total : b->total;
    uint64_t off = (uint64_t)(s->total < b->total ? b->total : s->total) - (uint64_t)lower;
    struct buf text = {0};

    describe_read(b, s->event, &text);
    buf_addf(&text, " shows %lld in all, %llu too %s: the accounts hold %lld", (long long)s->total,
             (unsigned long long)off, s->total < b->total ? "little" : "much", (long long)b->total);
    if (!b->has_total)
        buf_add_text(&text, " in most reads");
    transfer = off <= INT64_MAX ? suspect(b->h, history_at(b->h, s->event), (int64_t)off)
                                : HISTORY_NO_PAIR;
    if (transfer != HISTORY_NO_PAIR) {
        describe_suspect(b->h, transfer, &text);
        events[count++] = transfer;
    }
    if (good != HISTORY_NO_PAIR)
        events[count++] = good;
    verdict_explain(b->v, b->h, events, count);
    verdict_blame(b->v, VALID_FALSE, "%s", text.data);
    buf_release(&text);
}

/* The first account whose balance is null, or below 0. */
static void blame_balance(struct bank *b, uint32_t at, bool is_null)
{
    const struct sum *s = &b->sums[at];
    struct str key = STR_LIT(""), value = STR_LIT("");
    char word[VERDICT_WORD_SIZE];
    struct buf text = {0};
    struct json_reader r;

    json_reader_init(&r, history_at(b->h, s->event)->value);
    json_next(&r);
    while (json_next(&r) == JSON_AT_KEY) {
        struct str inside = r.text;
        json_next(&r);
        if (is_null ? r.kind != JSON_AT_NULL : r.kind != JSON_AT_NUMBER || r.text.data[0] != '-')
            continue;
        key = inside;
        value = is_null ? STR_LIT("no balance") : r.text;
        break;
    }
    describe_read(b, s->event, &text);
    buf_addf(&text, " shows %s%.*s for account %s", is_null ? "" : "a balance of ", STR_ARG(value),
             verdict_word(key, word));
    verdict_explain(b->v, b->h, &s->event, 1);
    verdict_blame(b->v, VALID_FALSE, "%s", text.data);
    buf_release(&text);
}

/* ---- judgement ---- */

static json_t *error_json(const struct bank *b, const struct sum *s, enum error type)
{
    const struct op *op = history_at(b->h, s->event);

    return json_pack("{s:s, s:I, s:I, s:I, s:i, s:o}", "type", error_names[type], "total",
                     (json_int_t)s->total, "index", (json_int_t)s->event, "time",
                     (json_int_t)op->time_ns, "process", op->process, "value",
                     verdict_value(op->value));
}

static void keep_extreme(json_t *entry, const char *name, json_t *error, bool lower)
{
    json_int_t old, total = json_integer_value(json_object_get(error, "total"));
    const json_t *kept = json_object_get(entry, name);

    old = json_integer_value(json_object_get(kept, "total"));
    if (kept == NULL || (lower ? total < old : total > old))
        json_object_set(entry, name, error);
}

static void note_error(struct bank *b, const struct sum *s, enum error type)
{
    json_t *error = error_json(b, s, type), *entry = json_object_get(b->errors, error_names[type]);

    if (b->counts[type]++ == 0) {
        entry = json_pack("{s:O}", "first", error);
        json_object_set_new(b->errors, error_names[type], entry);
    }
    if (json_object_get(b->v->details, "first-error") == NULL)
        json_object_set(b->v->details, "first-error", error);
    if (type == ERROR_TOTAL) {
        keep_extreme(entry, "lowest", error, true);
        keep_extreme(entry, "highest", error, false);
    }
    json_object_set_new(entry, "count", json_integer(b->counts[type]));
    json_decref(error);
}

static void judge_read(struct bank *b, uint32_t at)
{
    const struct sum *s = &b->sums[at];

    if (s->has_null) {
        note_error(b, s, ERROR_NULL);
        blame_balance(b, at, true);
    } else if (s->total != b->total && !(PLANTED(28) && s->total > b->total)) {
        note_error(b, s, ERROR_TOTAL);
        blame_total(b, at);
    } else if (s->has_negative && !b->negative_allowed && !PLANTED(29)) {
        note_error(b, s, ERROR_NEGATIVE);
        blame_balance(b, at, false);
    }
}

static void write_details(struct bank *b)
{
    json_t *details = b->v->details;
    uint32_t count = 0;

    for (enum error e = 0; e < ERROR_COUNT; e++)
        count += b->counts[e];
    json_object_set_new(details, "read-count", json_integer(b->len));
    json_object_set_new(details, "error-count", json_integer(count));
    if (b->len > 0) {
        json_object_set_new(details, "total", json_integer(b->total));
        json_object_set_new(details, "total-is",
                            json_string(b->has_total ? "given" : "what most reads show"));
    }
    json_object_set_new(details, "errors", b->errors);
}

static int run(const struct history *h, const json_t *options, struct verdict *ret_verdict,
               struct err *err)
{
    const json_t *total = option_value(options, "total");
    struct bank b = {
        .h = h,
        .has_total = total != NULL,
        .negative_allowed = option_flag(options, "negative_balances", false),
        .v = ret_verdict,
    };
    char word[VERDICT_WORD_SIZE];

    if (total != NULL && !json_is_integer(total))
        return err_set(err, ERR_INPUT, "checker bank: the option total must be an integer");
    verdict_init(ret_verdict);
    b.errors = json_object();
    gather(&b);
    b.total = b.has_total ? (int64_t)json_integer_value(total) : usual_total(&b);
    for (uint32_t i = 0; i < b.len; i++)
        judge_read(&b, i);
    if (b.has_malformed)
        verdict_blame(ret_verdict, VALID_UNKNOWN,
                      "process %d reads %s, which is no map of accounts to balances",
                      history_at(h, b.malformed)->process,
                      verdict_word(history_at(h, b.malformed)->value, word));
    if (b.len == 0)
        verdict_blame(ret_verdict, VALID_UNKNOWN, "no read was answered, so no total was seen");
    write_details(&b);
    mem_free(b.sums);
    verdict_finish(ret_verdict);
    return 0;
}

static const struct checker_option known_options[] = {
    {"total", OPTION_NUMBER, "what all balances sum to; without it what most reads show"},
    {"negative_balances", OPTION_FLAG, "a balance may be below 0 (without it: no)"},
    {NULL, 0, NULL},
};

const struct checker bank_checker = {
    "bank",        "Every read of all accounts shows the same total, and no balance below 0.",
    known_options, run,
    run, /* two reads that differ, and a balance below 0, stay what they are */
};
