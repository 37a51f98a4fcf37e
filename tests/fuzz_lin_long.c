/* The order checkers on histories of a size that users have:
 * fuzz_lin_long [operations to check] [seed] [model]
 *
 * fuzz_lin.c tries all kinds of small histories. An unsound shortcut of a search may need more
 * operations, or more of them open at once, before it shows. So this program draws
 *   long histories   50 to 5,000 operations of 2 to 30 clients that did happen: an object in memory
 *                    served them. No checker may call them, or a beginning of them, invalid;
 *   middle ones      10 to 60 operations, up to 8 at once, mostly with one value changed or one
 *                    interval shortened, against lin_exact.h;
 *   small ones       for sequential consistency and the session guarantees, likewise.
 * Answers get lost, and then the operation happened, never happens, or happens much later. A
 * disagreement is printed as a history and ends the program with status 1; an answer "unknown" and
 * a search of ours that takes too long are counted, not compared. */
#include "lin_exact.h"
#include "lin_story.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/prng.h"
#include "base/str.h"
#include "check/history.h"
#include "check/lin_decide.h"
#include "check/lin_input.h"
#include "check/lin_jit.h"
#include "check/lin_model.h"
#include "check/lin_space.h"
#include "check/lin_weak.h"
#include "check/linearizable.h"
#include "check/verdict.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUDGET_LONG = 300000, BUDGET_WEAK = 20000, BUDGET_MIDDLE = 300000 };

/* ---- the comparison ---- */

static bool complain(const struct history *h, const struct story *st, const char *who,
                     const char *wanted, enum lin_answer got)
{
    static const char *const names[] = {"valid", "invalid", "unknown"};
    struct buf line = {0};

    printf("%s: brute force says %s, %s says %s:\n", st->subject->model, wanted, who, names[got]);
    for (uint32_t i = 0; i < history_len(h); i++) {
        buf_reset(&line);
        history_line(h, i, NULL, &line);
        printf("%.*s\n", (int)line.len, line.data);
    }
    buf_release(&line);
    return false;
}

static struct lin_input *read_in(const struct history *h, uint32_t len, const struct story *st)
{
    struct lin_input *in = NULL;
    struct err err = {.text = ""};

    if (lin_input_new(h, len, lin_model_find(st->subject->model), st->keyed, &in, &err) < 0) {
        fprintf(stderr, "fuzz_lin_long: %s\n", err.text);
        exit(3);
    }
    return in;
}

/* By the search with that beam; with -1, by whatever lin_decide() takes. */
static enum lin_answer ask(const struct history *h, uint32_t len, const struct story *st, int beam,
                           uint64_t budget)
{
    struct lin_input *in = read_in(h, len, st);
    enum lin_answer sum = LIN_VALID;

    for (uint32_t i = 0; i < in->part_count && sum != LIN_INVALID; i++) {
        struct lin_space *space = NULL;
        struct lin_result res;
        if (beam < 0) {
            lin_decide(in, &in->parts[i], budget, &space, &res, NULL);
        } else {
            struct lin_effort effort = {budget, (uint32_t)beam};
            space = lin_space_new(in, &in->parts[i]);
            lin_jit(space, &in->parts[i], &effort, &res, NULL);
        }
        lin_space_free(space);
        if (res.answer != LIN_VALID)
            sum = res.answer;
    }
    lin_input_free(in);
    return sum;
}

enum { LAWS = 1 + LIN_GUARANTEE_COUNT };

static const char *const law_names[LAWS] = {"sequential", "read your writes", "monotonic reads",
                                            "monotonic writes", "writes follow reads"};

static void ask_weak(const struct history *h, const struct story *st, uint64_t budget,
                     enum lin_answer *answers)
{
    struct lin_input *in = read_in(h, history_len(h), st);
    struct lin_space *spaces[KEYS_MAX];
    struct lin_weak_result res;

    for (uint32_t i = 0; i < in->part_count; i++)
        spaces[i] = lin_space_new(in, &in->parts[i]);
    lin_sequential(spaces, in->parts, in->part_count, budget, &res);
    answers[0] = res.answer;
    for (int g = 0; g < LIN_GUARANTEE_COUNT; g++) {
        answers[1 + g] = LIN_VALID;
        for (uint32_t i = 0; i < in->part_count && answers[1 + g] != LIN_INVALID; i++) {
            if (!lin_session_zones(spaces[i], &in->parts[i], (enum lin_guarantee)g, &res))
                lin_session(spaces[i], &in->parts[i], (enum lin_guarantee)g, budget, &res);
            if (res.answer != LIN_VALID)
                answers[1 + g] = res.answer;
        }
    }
    for (uint32_t i = 0; i < in->part_count; i++)
        lin_space_free(spaces[i]);
    lin_input_free(in);
}

struct tally {
    long operations, sound, valid, invalid, unknown, given_up;
};

static void draw_keys(struct prng *p, const struct subject *s, struct story *st,
                      struct shape *shape)
{
    st->keyed = lin_model_find(s->model)->keyed || any(p, 8) == 0;
    shape->keys = st->keyed ? 1 + any(p, KEYS_MAX) : 1;
}

static bool try_long(struct prng *p, const struct subject *s, struct story *st, struct tally *t)
{
    int most =
        object_of(s) == TEXT || object_of(s) == LIST || object_of(s) == SET ? TEXTS_MAX : OPS_MAX;
    int wanted = (int)(50 * pow(most / 50.0, prng_unit(p)));
    int clients = any(p, 2) ? 5 + any(p, 10) : 2 + any(p, CLIENTS_MAX - 1);
    struct shape shape = draw_shape(p, s, wanted, clients);
    int beams[] = {-1, 0, 1 + any(p, 40)};
    enum lin_answer answers[LAWS];
    struct history *h;
    bool ok = true;

    draw_keys(p, s, st, &shape);
    if (object_of(s) == VALUE && any(p, 2)) /* a busy register: what searches find hardest */
        shape = (struct shape){wanted,
                               5 + any(p, 5),
                               1,
                               3 + any(p, 3),
                               .aim = 0.75,
                               .slow = any(p, 2) * 0.3,
                               .weights = {any(p, 4), 2, 2, any(p, 2)}};
    tell(p, s, &shape, st);
    h = write_down(st);
    for (int i = 0; i < 3 && ok; i++) {
        uint32_t len = i == 2 ? (uint32_t)any(p, st->event_count) : history_len(h);
        enum lin_answer got = ask(h, len, st, beams[i], BUDGET_LONG);
        t->unknown += got == LIN_UNKNOWN;
        ok = got != LIN_INVALID || complain(h, st, i == 0 ? "lin_decide" : "lin_jit", "valid", got);
    }
    if (ok && wanted < TEXTS_MAX && any(p, 2)) {
        ask_weak(h, st, BUDGET_WEAK, answers);
        for (int i = 0; i < LAWS && ok; i++)
            ok = answers[i] != LIN_INVALID || complain(h, st, law_names[i], "valid", answers[i]);
    }
    t->operations += wanted;
    t->sound++;
    history_free(h);
    return ok;
}

/* What linearizable_check() says, explanations and all. */
static enum lin_answer judge(const struct history *h, const struct story *st)
{
    struct linearizable_options options = {lin_model_find(st->subject->model), st->keyed,
                                           BUDGET_MIDDLE};
    struct verdict v;
    enum lin_answer got;

    linearizable_check(h, &options, &v);
    got = v.valid == VALID_TRUE ? LIN_VALID : v.valid == VALID_FALSE ? LIN_INVALID : LIN_UNKNOWN;
    verdict_release(&v);
    return got;
}

static bool agree(const struct history *h, const struct story *st, const char *who,
                  enum exact wanted, enum lin_answer got, struct tally *t)
{
    if (wanted == EXACT_TOO_LONG || got == LIN_UNKNOWN) {
        t->given_up += wanted == EXACT_TOO_LONG;
        t->unknown += got == LIN_UNKNOWN;
        return true;
    }
    t->valid += wanted == EXACT_YES;
    t->invalid += wanted == EXACT_NO;
    return (wanted == EXACT_YES) == (got == LIN_VALID) ||
           complain(h, st, who, wanted == EXACT_YES ? "valid" : "invalid", got);
}

static struct exact_question question_of(const struct story *st)
{
    return (struct exact_question){object_of(st->subject), st->calls, st->count, st->events,
                                   st->event_count};
}

static bool try_middle(struct prng *p, const struct subject *s, struct story *st, struct tally *t)
{
    struct shape shape = draw_shape(p, s, 10 + any(p, 51), 2 + any(p, 7));
    struct exact_question q;
    struct history *h;
    enum exact wanted;
    bool ok;

    draw_keys(p, s, st, &shape);
    tell(p, s, &shape, st);
    for (int changes = any(p, 8) == 0 ? 0 : 1 + any(p, 8) / 7; changes > 0; changes--)
        change(p, st);
    if (!makes_sense(st))
        return true;
    q = question_of(st);
    h = write_down(st);
    wanted = exact_linearizable(&q);
    ok = agree(h, st, "linearizable_check", wanted, judge(h, st), t) &&
         agree(h, st, "lin_jit", wanted,
               ask(h, history_len(h), st, any(p, 3) ? any(p, 10) : 0, BUDGET_MIDDLE), t);
    t->operations += st->count;
    history_free(h);
    return ok;
}

static bool try_small(struct prng *p, const struct subject *s, struct story *st, struct tally *t)
{
    struct shape shape = draw_shape(p, s, 5 + any(p, 12), 2 + any(p, 4));
    enum lin_answer answers[LAWS];
    struct exact_question q;
    struct history *h;
    bool ok = true;

    draw_keys(p, s, st, &shape);
    tell(p, s, &shape, st);
    for (int changes = 1 + any(p, 3); changes > 0; changes--)
        change(p, st);
    if (!makes_sense(st))
        return true;
    q = question_of(st);
    h = write_down(st);
    ask_weak(h, st, BUDGET_MIDDLE, answers);
    for (int i = 0; i < LAWS && ok; i++) {
        enum exact wanted =
            i == 0 ? exact_sequential(&q) : exact_session(&q, (enum lin_guarantee)(i - 1));
        ok = agree(h, st, law_names[i], wanted, answers[i], t);
    }
    t->operations += st->count;
    history_free(h);
    return ok;
}

/* A round is 30 small and middle histories and a long one; for registers, which have most to
 * search, three. */
static bool fuzz(const struct subject *s, long operations, uint64_t seed)
{
    static struct story st;
    struct tally t = {0};
    struct prng p;
    bool ok = true;

    prng_init(&p, seed, s->model);
    while (ok && t.operations < operations) {
        for (int i = 0; i < 10 && ok; i++)
            ok = try_middle(&p, s, &st, &t) && try_small(&p, s, &st, &t) &&
                 try_small(&p, s, &st, &t);
        for (int i = object_of(s) == VALUE ? 3 : 1; i > 0 && ok; i--)
            ok = try_long(&p, s, &st, &t);
    }
    printf("%-13s %7ld operations: %ld long histories, %ld valid, %ld invalid; "
           "%ld unknown, %ld not compared\n",
           s->model, t.operations, t.sound, t.valid, t.invalid, t.unknown, t.given_up);
    fflush(stdout);
    return ok && t.valid > 0 && t.invalid > 0;
}

int main(int argc, char **argv)
{
    long operations = argc > 1 ? atol(argv[1]) : 60000;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    size_t count = sizeof(subjects) / sizeof(subjects[0]);
    bool ok = true;

    for (size_t i = 0; i < count; i++)
        if (argc <= 3)
            ok &= fuzz(&subjects[i], operations / (long)count, seed);
        else if (strcmp(subjects[i].model, argv[3]) == 0)
            ok &= fuzz(&subjects[i], operations, seed);
    return ok ? 0 : 1;
}
