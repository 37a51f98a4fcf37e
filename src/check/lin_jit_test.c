/* The just-in-time search where small histories do not lead: beams that drop configurations,
 * checkpoints, many operations open at once, thousands that never return. Verdicts of long random
 * histories must not depend on the beam, which only decides how the search finds its way. More of
 * them, of all models: tests/fuzz_lin_long.c. */
#include "lin_jit.h"

#include "../base/err.h"
#include "../base/mem.h"
#include "../base/prng.h"
#include "../base/test.h"
#include "history.h"
#include "lin_input.h"
#include "lin_model.h"
#include "lin_space.h"

enum { CLIENTS_MAX = 80, BUDGET = 20000000 };

struct mix {
    uint32_t clients;
    uint32_t operations;
    int values;
    double lost;  /* probability that a mutator's answer gets lost */
    int broken;   /* answers changed near the end */
    double write; /* probabilities; the rest is cas */
    double read;
};

struct client {
    int stage; /* 0 idle, 1 asked, 2 happened */
    int32_t process;
    int f; /* 0 read, 1 write, 2 cas */
    int64_t x, y, answer;
    bool failed;
};

static void event(struct history *h, const struct client *c, enum op_type type)
{
    static const char *const names[] = {"read", "write", "cas"};
    struct buf value = {0};
    struct err err = {.text = ""};
    struct op op = {.process = c->process, .node = HISTORY_NO_NODE, .type = type};

    op.time_ns = history_len(h);
    op.f = history_f(h, names[c->f]);
    if (c->f == 2)
        buf_addf(&value, "[%d,%d]", (int)c->x, (int)c->y);
    else if (c->f == 1)
        buf_addf(&value, "%d", (int)c->x);
    else if (type == OP_OK && c->answer >= 0)
        buf_addf(&value, "%d", (int)c->answer);
    else
        buf_add_text(&value, "null");
    op.value = buf_str(&value);
    CHECK_INT(history_add(h, &op, &err), 0);
    buf_release(&value);
}

static void happen(struct client *c, int64_t *state)
{
    c->failed = false;
    if (c->f == 0)
        c->answer = *state;
    else if (c->f == 1)
        *state = c->x;
    else if (*state == c->x)
        *state = c->y;
    else
        c->failed = true;
}

static struct history *random_history(const struct mix *m, uint64_t seed)
{
    struct history *h = history_new();
    struct client clients[CLIENTS_MAX] = {{0}};
    struct prng p;
    int64_t state = -1;
    int32_t fresh = (int32_t)m->clients;
    int broken = m->broken;

    prng_init(&p, seed, "lin_jit_test");
    for (uint32_t i = 0; i < m->clients; i++)
        clients[i].process = (int32_t)i;
    for (uint32_t turn = 0; turn < 3 * m->operations; turn++) {
        struct client *c = &clients[prng_below(&p, m->clients)];
        if (c->stage == 0) {
            double dice = prng_unit(&p);
            c->f = dice < m->read ? 0 : dice < m->read + m->write ? 1 : 2;
            c->x = (int64_t)prng_below(&p, (uint64_t)m->values);
            c->y = (int64_t)prng_below(&p, (uint64_t)m->values);
            event(h, c, OP_INVOKE);
        } else if (c->stage == 1) {
            happen(c, &state);
        } else if (c->f != 0 && !c->failed && prng_chance(&p, m->lost)) {
            c->process = fresh++;
        } else {
            if (c->f == 0 && turn > 2 * m->operations && broken > 0) {
                c->answer = (int64_t)prng_below(&p, (uint64_t)m->values);
                broken--;
            }
            event(h, c, c->failed ? OP_FAIL : OP_OK);
        }
        c->stage = (c->stage + 1) % 3;
    }
    return h;
}

static enum lin_answer search(const struct history *h, uint32_t beam, struct lin_result *res)
{
    struct lin_input *in = NULL;
    struct lin_space *space;
    struct err err = {.text = ""};
    struct lin_effort effort = {.budget = BUDGET, .beam = beam};

    CHECK_INT(lin_input_new(h, history_len(h), lin_model_find("register"), false, &in, &err), 0);
    space = lin_space_new(in, &in->parts[0]);
    lin_jit(space, &in->parts[0], &effort, res, NULL);
    lin_space_free(space);
    lin_input_free(in);
    return res->answer;
}

/* Goal: the beam changes no verdict. Method: beams of 1, 2, 5 and as many as there are. */
static void compare_beams(const struct mix *m, uint64_t seeds, int *valid, int *invalid)
{
    static const uint32_t beams[] = {1, 2, 5, 64};

    for (uint64_t seed = 0; seed < seeds; seed++) {
        struct history *h = random_history(m, seed);
        struct lin_result res, narrow;
        enum lin_answer wanted = search(h, 1 << 18, &res);
        for (size_t i = 0; i < sizeof(beams) / sizeof(beams[0]); i++)
            CHECK_INT(search(h, beams[i], &narrow), wanted);
        CHECK(wanted != LIN_UNKNOWN);
        *valid += wanted == LIN_VALID;
        *invalid += wanted == LIN_INVALID;
        history_free(h);
    }
}

TEST(a_narrow_beam_changes_no_verdict)
{
    int valid = 0, invalid = 0;

    compare_beams(&(struct mix){8, 400, 4, 0, 0, 0.3, 0.4}, 3, &valid, &invalid);
    CHECK_INT(invalid, 0); /* they happened */
    compare_beams(&(struct mix){8, 400, 4, 0, 6, 0.3, 0.4}, 5, &valid, &invalid);
    compare_beams(&(struct mix){5, 800, 8, 0, 2, 0.5, 0.4}, 3, &valid, &invalid);
    CHECK(valid >= 3 && invalid >= 2);
}

TEST(lost_answers_change_no_verdict)
{
    int valid = 0, invalid = 0;

    compare_beams(&(struct mix){5, 300, 5, 0.02, 0, 0.3, 0.4}, 3, &valid, &invalid);
    CHECK_INT(invalid, 0);
    compare_beams(&(struct mix){5, 200, 6, 0.03, 8, 0.3, 0.5}, 5, &valid, &invalid);
    CHECK(invalid >= 2);
}

/* More than 64 open at once need more than one word of bits. */
TEST(eighty_clients_fit)
{
    struct history *h = random_history(&(struct mix){80, 600, 1000, 0, 0, 0.2, 0.8}, 1);
    struct lin_result res;

    CHECK_INT(search(h, 0, &res), LIN_VALID);
    history_free(h);
}

TEST(a_thousand_lost_writes_are_counted_not_named)
{
    struct history *h = random_history(&(struct mix){4, 3000, 5, 0.4, 0, 0.5, 0.5}, 2);
    struct lin_result res;

    CHECK_INT(search(h, 0, &res), LIN_VALID);
    history_free(h);
}

/* reached is where the contradiction is complete: without the last event all is well. */
TEST(an_invalid_history_is_valid_up_to_the_event_before)
{
    struct mix m = {8, 600, 8, 0, 20, 0.3, 0.4};
    int checked = 0;

    for (uint64_t seed = 0; seed < 12; seed++) {
        struct history *h = random_history(&m, seed);
        struct lin_result res, shorter;
        struct lin_input *in = NULL;
        struct err err = {.text = ""};
        if (search(h, 0, &res) == LIN_INVALID) {
            CHECK_INT(lin_input_new(h, res.reached, lin_model_find("register"), false, &in, &err),
                      0);
            struct lin_space *space = lin_space_new(in, &in->parts[0]);
            lin_jit(space, &in->parts[0], &(struct lin_effort){.budget = BUDGET}, &shorter, NULL);
            CHECK_INT(shorter.answer, LIN_VALID);
            lin_space_free(space);
            lin_input_free(in);
            checked++;
        }
        history_free(h);
    }
    CHECK(checked > 2);
}

TEST(a_spent_budget_is_unknown)
{
    struct history *h = random_history(&(struct mix){8, 600, 4, 0, 0, 0.3, 0.4}, 1);
    struct lin_input *in = NULL;
    struct err err = {.text = ""};
    struct lin_result res;

    CHECK_INT(lin_input_new(h, history_len(h), lin_model_find("register"), false, &in, &err), 0);
    struct lin_space *space = lin_space_new(in, &in->parts[0]);
    lin_jit(space, &in->parts[0], &(struct lin_effort){.budget = 100}, &res, NULL);
    CHECK_INT(res.answer, LIN_UNKNOWN);
    CHECK(res.reached > 0 && res.reached < history_len(h));
    lin_space_free(space);
    lin_input_free(in);
    history_free(h);
}
