#include "search.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"
#include "../base/test.h"
#include "run.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct err err;
static char dir[64];

static struct run_result *result_of(enum valid valid, const char *sentence)
{
    struct run_result *r = mem_zalloc(sizeof(*r));

    r->valid = valid;
    r->sentence = valid == VALID_TRUE ? NULL : mem_strdup(sentence);
    r->end_ns = 1000;
    r->net.all.messages = 7;
    snprintf(r->journal_digest, sizeof(r->journal_digest), "digest");
    return r;
}

/* Every third seed is invalid, in one of two ways; seed 50 is unknown. */
static int some_fail(void *owner, uint64_t seed, const char *run_dir,
                     struct run_result **ret_result, struct buf *kind, struct err *e)
{
    (void)owner;
    (void)e;
    if (access(run_dir, W_OK) < 0)
        abort();
    *ret_result = result_of(seed == 50      ? VALID_UNKNOWN
                            : seed % 3 == 0 ? VALID_FALSE
                                            : VALID_TRUE,
                            "as it is");
    if ((*ret_result)->valid != VALID_TRUE)
        buf_add_text(kind, seed == 50 ? "luck" : seed % 2 == 0 ? "even" : "odd");
    return 0;
}

static int dies_at_five(void *owner, uint64_t seed, const char *run_dir,
                        struct run_result **ret_result, struct buf *kind, struct err *e)
{
    if (seed == 5)
        raise(SIGKILL);
    return some_fail(owner, seed, run_dir, ret_result, kind, e);
}

static int is_refused(void *owner, uint64_t seed, const char *run_dir,
                      struct run_result **ret_result, struct buf *kind, struct err *e)
{
    (void)owner;
    (void)seed;
    (void)run_dir;
    (void)ret_result;
    (void)kind;
    return err_set(e, ERR_INPUT, "there is no such program");
}

/* Valid if the worker has a processor of its own. */
static int is_pinned(void *owner, uint64_t seed, const char *run_dir,
                     struct run_result **ret_result, struct buf *kind, struct err *e)
{
    (void)owner;
    (void)seed;
    (void)run_dir;
    (void)e;
    *ret_result = result_of(search_processors() == 1 ? VALID_TRUE : VALID_FALSE, "many");
    if ((*ret_result)->valid != VALID_TRUE)
        buf_add_text(kind, "not pinned");
    return 0;
}

/* Runs count seeds from 1 on and checks that no file is left. */
static int search(struct search_config *config, struct search_result *ret_result)
{
    struct dirent *entry;
    struct err ignored;
    unsigned left = 0;
    DIR *d;
    int status;

    snprintf(dir, sizeof(dir), "/tmp/search-test-XXXXXX");
    CHECK(mkdtemp(dir) != NULL);
    config->first_seed = 1;
    config->dir = dir;
    err.text[0] = '\0';
    status = search_run(config, ret_result, &err);
    d = opendir(dir);
    while ((entry = readdir(d)) != NULL)
        left += entry->d_name[0] != '.';
    closedir(d);
    if (status == 0)
        CHECK_INT(left, 0);
    CHECK_INT(file_remove_tree(dir, &ignored), 0);
    return status;
}

TEST(every_seed_is_run_once_and_failures_are_grouped)
{
    struct search_config config = {.count = 60, .jobs = 3, .keep_going = true, .run = some_fail};
    struct search_result r;

    CHECK_INT(search(&config, &r), 0);
    CHECK(r.progress.done == 60 && r.progress.invalid == 20 && r.progress.unknown == 1);
    CHECK(r.progress.valid == 39 && r.progress.message_count == 420);
    CHECK_INT(r.progress.virtual_ns, 60000);
    CHECK_INT(r.failures.count, 3);
    CHECK_TEXT(r.failures.groups[0].first.kind, "odd");
    CHECK_INT(r.failures.groups[0].first.seed, 3);
    CHECK_INT(r.failures.groups[0].count, 10);
    CHECK_TEXT(r.failures.groups[1].first.kind, "even");
    CHECK_INT(r.failures.groups[1].first.seed, 6);
    CHECK_TEXT(r.failures.groups[1].first.digest, "digest");
    CHECK_TEXT(r.failures.groups[2].first.kind, "luck");
    CHECK_TEXT(r.failures.groups[2].first.sentence, "as it is");
    CHECK(!r.stopped);
    search_result_release(&r);
}

/* Of seeds 1 to 10 the even ones have no luck with cas; it never succeeds at all if the owner says
 * so. Seed 4 is unknown for another reason as well. */
static int some_have_no_luck(void *owner, uint64_t seed, const char *run_dir,
                             struct run_result **ret_result, struct buf *kind, struct err *e)
{
    const bool *never = owner;
    bool lucky = seed % 2 == 1;
    struct run_result *r = result_of(lucky ? VALID_TRUE : VALID_UNKNOWN, "no cas");

    (void)run_dir;
    (void)e;
    r->stats.valid = r->valid;
    r->stats.details =
        json_pack("{s:{s:{s:b, s:i}, s:{s:b, s:i}}}", "by-f", "cas", "valid?", lucky || *never,
                  "ok-count", lucky && !*never, "read", "valid?", 1, "ok-count", 1);
    if (!lucky) {
        json_object_set_new(json_object_get(json_object_get(r->stats.details, "by-f"), "cas"),
                            "valid?", json_false());
        buf_add_text(kind, "stats");
    }
    if (seed == 4)
        r->availability.valid = VALID_UNKNOWN;
    *ret_result = r;
    return 0;
}

TEST(bad_luck_in_one_run_is_excused_by_luck_in_another)
{
    bool never = false;
    struct search_config config = {.count = 10, .jobs = 2, .owner = &never, .keep_going = true};
    struct search_result r;

    config.run = some_have_no_luck;
    CHECK_INT(search(&config, &r), 0);
    CHECK(r.progress.valid == 9 && r.progress.unknown == 1 && r.progress.invalid == 0);
    CHECK_INT(r.failures.count, 1);
    CHECK_INT(r.failures.groups[0].first.seed, 4);
    search_result_release(&r);
}

TEST(what_never_succeeds_in_any_run_stays_unknown)
{
    bool never = true;
    struct search_config config = {.count = 10, .jobs = 2, .owner = &never, .keep_going = true};
    struct search_result r;

    config.run = some_have_no_luck;
    CHECK_INT(search(&config, &r), 0);
    CHECK(r.progress.valid == 5 && r.progress.unknown == 5 && r.progress.invalid == 0);
    CHECK_INT(r.failures.groups[0].count, 5);
    CHECK_INT(r.failures.groups[0].first.seed, 2);
    search_result_release(&r);
}

TEST(no_run_begins_after_a_failure)
{
    struct search_config config = {.count = 60, .jobs = 1, .run = some_fail};
    struct search_result r;

    CHECK_INT(search(&config, &r), 0);
    CHECK_INT(r.progress.done, 3);
    CHECK_INT(r.failures.count, 1);
    search_result_release(&r);
    config.jobs = 4;
    CHECK_INT(search(&config, &r), 0);
    CHECK(r.progress.done >= 3 && r.progress.done <= 10);
    CHECK_INT(r.failures.groups[0].first.seed, 3);
    search_result_release(&r);
}

TEST(a_worker_that_dies_names_its_seed)
{
    struct search_config config = {.count = 9, .jobs = 2, .keep_going = true, .run = dies_at_five};
    struct search_result r;

    CHECK_INT(search(&config, &r), ERR_MACHINE);
    CHECK_HAS(err.text, "seed 5: its process ended without a result, by signal 9");
}

TEST(what_a_run_refuses_ends_the_search)
{
    struct search_config config = {.count = 1000000000, .jobs = 2, .run = is_refused};
    struct search_result r;

    CHECK_INT(search(&config, &r), ERR_INPUT);
    CHECK_HAS(err.text, ": there is no such program");
}

TEST(workers_are_pinned_on_request)
{
    struct search_config config = {.count = 4, .jobs = 2, .pin = true, .run = is_pinned};
    struct search_result r;
    uint32_t before = search_processors();

    CHECK_INT(search(&config, &r), 0);
    CHECK_INT(r.progress.valid, 4);
    CHECK_INT(search_processors(), before);
    search_result_release(&r);
}
