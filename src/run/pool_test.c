#include "pool.h"

#include "../base/err.h"
#include "../base/mem.h"
#include "../base/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { PIECES = 12, ALARM_S = 600 };

struct plan {
    uint64_t hangs_from; /* these pieces never end by themselves */
    uint64_t no_later;   /* what done() says after this piece; PIECES: nothing */
    uint64_t crashes;    /* this piece ends without a text */
    bool done[PIECES];
    bool killed[PIECES]; /* done, without a text */
    uint32_t done_count;
    uint32_t over_after; /* pieces */
};

static void work(void *owner, uint64_t index, struct buf *out)
{
    const struct plan *p = owner;

    if (index == p->crashes)
        abort();
    while (index >= p->hangs_from)
        pause();
    buf_addf(out, "%d", (int)index);
}

static enum pool_next done(void *owner, uint64_t index, struct str text, const char *how)
{
    struct plan *p = owner;
    char expected[16];

    CHECK(index < PIECES && !p->done[index]);
    p->done[index] = true;
    p->done_count++;
    p->killed[index] = how != NULL;
    snprintf(expected, sizeof(expected), "%d", (int)index);
    CHECK(how != NULL ? text.len == 0 : str_is(text, expected));
    return index == p->no_later ? POOL_NO_LATER : POOL_GO_ON;
}

static bool over(void *owner)
{
    const struct plan *p = owner;

    return p->over_after > 0 && p->done_count >= p->over_after;
}

static void run(struct plan *p, uint32_t jobs, int64_t patience_ns)
{
    struct pool_config config = {
        .count = PIECES,
        .jobs = jobs,
        .owner = p,
        .patience_ns = patience_ns,
        .work = work,
        .done = done,
        .over = over,
    };
    struct err err = {.text = ""};
    bool stopped = true;

    alarm(ALARM_S); /* for a pool that waits for ever */
    CHECK_INT(pool_run(&config, &stopped, &err), 0);
    CHECK(!stopped);
    alarm(0);
}

TEST(every_piece_is_done_once)
{
    uint32_t jobs;

    for (jobs = 1; jobs <= 4; jobs++) {
        struct plan p = {.hangs_from = PIECES, .no_later = PIECES, .crashes = PIECES};

        run(&p, jobs, 0);
        CHECK_INT(p.done_count, PIECES);
    }
}

TEST(a_piece_that_crashes_costs_itself_only)
{
    struct plan p = {.hangs_from = PIECES, .no_later = PIECES, .crashes = 3};

    run(&p, 3, 0);
    CHECK_INT(p.done_count, PIECES);
    CHECK(p.killed[3] && !p.killed[2] && !p.killed[4]);
}

/* Goal: what has begun after the one of interest is killed without a word, what began before is
 * waited for. Method: all from the fourth on would go on for ever. */
TEST(later_pieces_are_killed_and_earlier_ones_waited_for)
{
    struct plan p = {.hangs_from = 4, .no_later = 3, .crashes = PIECES};
    uint64_t i;

    run(&p, 4, 0);
    for (i = 0; i < PIECES; i++)
        CHECK(p.done[i] == (i <= 3));
}

TEST(patience_has_an_end)
{
    struct plan p = {.hangs_from = 10, .no_later = PIECES, .crashes = PIECES};

    run(&p, 2, 50000000);
    CHECK_INT(p.done_count, PIECES);
    CHECK(p.killed[10] && p.killed[11]);
}

TEST(what_is_over_leaves_nobody_behind)
{
    struct plan p = {.hangs_from = 5, .no_later = PIECES, .crashes = PIECES, .over_after = 5};

    run(&p, 3, 0);
    CHECK_INT(p.done_count, 5);
}
