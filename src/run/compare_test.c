#include "compare.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"
#include "../base/test.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A story of a run; %s is the run's own folder. */
static const char *const story[] = {
    "{\"t\":0,\"e\":\"node\",\"node\":\"n0\",\"what\":\"start\",\"text\":\"\"}",
    "{\"t\":5,\"e\":\"send\",\"id\":0,\"src\":\"c3\",\"dest\":\"n1\",\"body\":{\"a\":[{\"e\":2}]}}",
    "{\"t\":7,\"e\":\"recv\",\"id\":0}",
    "{\"t\":7,\"e\":\"send\",\"id\":1,\"src\":\"n1\",\"dest\":\"lin-kv\",\"body\":{}}",
    "{\"t\":8,\"e\":\"log\",\"node\":\"n2\",\"text\":\"data in %s/data/n2\"}",
    "{\"t\":9,\"e\":\"drop\",\"id\":1,\"why\":\"loss\"}",
};
enum { STORY_LEN = sizeof(story) / sizeof(story[0]) };

struct pair {
    char old_dir[64], new_dir[64];
};

static void setup(struct pair *p)
{
    strcpy(p->old_dir, "/tmp/eddy-compare-a-XXXXXX");
    strcpy(p->new_dir, "/tmp/eddy-compare-bb-XXXXXX"); /* of another length */
    CHECK(mkdtemp(p->old_dir) != NULL && mkdtemp(p->new_dir) != NULL);
}

static void teardown(const struct pair *p)
{
    struct err err;

    CHECK(file_remove_tree(p->old_dir, &err) == 0);
    CHECK(file_remove_tree(p->new_dir, &err) == 0);
}

/* Writes the first count lines of the story, line `at` replaced by text (at < 0: none). */
static void tell(const char *dir, int count, int at, const char *text)
{
    char path[128];
    char line[512];
    struct lines *out = NULL;
    struct err err;
    int i;

    snprintf(path, sizeof(path), "%s/journal.jsonl.zst", dir);
    CHECK(lines_create(path, &out, &err) == 0);
    for (i = 0; i < count; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        int len = snprintf(line, sizeof(line), i == at ? text : story[i], dir);
#pragma GCC diagnostic pop
        lines_add(out, line, (size_t)len);
        lines_add(out, "\n", 1);
    }
    CHECK(lines_close(out, &err) == 0);
}

static struct compare_result compare(const struct pair *p, int64_t until_ns, bool broken_off)
{
    struct compare_config config = {p->old_dir, p->new_dir, until_ns, broken_off};
    struct compare_result result = {0};
    struct err err = {.text = ""};

    CHECK_INT(compare_journals(&config, &result, &err), 0);
    return result;
}

TEST(equal_runs_are_identical_though_their_folders_differ)
{
    struct pair p;
    struct compare_result r;

    setup(&p);
    tell(p.old_dir, STORY_LEN, -1, NULL);
    tell(p.new_dir, STORY_LEN, -1, NULL);
    r = compare(&p, INT64_MAX, false);
    CHECK(!r.differs);
    CHECK_INT(r.line_count, STORY_LEN);
    compare_release(&r);
    teardown(&p);
}

/* Each kind of line, changed in turn, is found where it stands, with its time and its node. */
TEST(every_kind_of_line_counts)
{
    static const struct {
        int at;
        const char *text;
        int64_t t_ns;
        const char *node;
    } changes[] = {
        {0, "{\"t\":0,\"e\":\"node\",\"node\":\"n0\",\"what\":\"kill\",\"text\":\"\"}", 0, "n0"},
        {1, "{\"t\":5,\"e\":\"send\",\"id\":0,\"src\":\"c3\",\"dest\":\"n1\",\"body\":{\"a\":1}}",
         5, "n1"},
        {2, "{\"t\":6,\"e\":\"recv\",\"id\":0}", 6, "n1"},
        {3, "{\"t\":7,\"e\":\"send\",\"id\":1,\"src\":\"n1\",\"dest\":\"seq-kv\",\"body\":{}}", 7,
         "n1"},
        {4, "{\"t\":8,\"e\":\"log\",\"node\":\"n2\",\"text\":\"data in %s/data/n3\"}", 8, "n2"},
        {5, "{\"t\":9,\"e\":\"drop\",\"id\":1,\"why\":\"down\"}", 9, "n1"},
        {5, "{\"t\":9,\"e\":\"note\",\"text\":\"something\"}", 9, NULL},
        {5, "{\"t\":9,\"e\":\"fault\",\"kind\":\"kill\",\"what\":\"start\",\"text\":\"n0\"}", 9,
         NULL},
        {5, "{\"t\":9,\"e\":\"blame\",\"node\":\"n2\",\"text\":\"why\"}", 9, "n2"},
    };
    struct pair p;
    size_t i;

    setup(&p);
    tell(p.old_dir, STORY_LEN, -1, NULL);
    for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        struct compare_result r;
        tell(p.new_dir, STORY_LEN, changes[i].at, changes[i].text);
        r = compare(&p, INT64_MAX, false);
        CHECK(r.differs);
        CHECK_INT(r.line_count, changes[i].at);
        CHECK_INT(r.t_ns, changes[i].t_ns);
        CHECK((r.node == NULL) == (changes[i].node == NULL));
        if (r.node != NULL)
            CHECK_TEXT(r.node, changes[i].node);
        CHECK(r.old_line != NULL && r.new_line != NULL && strcmp(r.old_line, r.new_line) != 0);
        compare_release(&r);
    }
    teardown(&p);
}

TEST(a_journal_that_ends_early_differs_there)
{
    struct pair p;
    struct compare_result r;

    setup(&p);
    tell(p.old_dir, STORY_LEN, -1, NULL);
    tell(p.new_dir, 4, -1, NULL);
    r = compare(&p, INT64_MAX, false);
    CHECK(r.differs && r.new_line == NULL);
    CHECK_HAS(r.old_line, "data in");
    CHECK_INT(r.t_ns, 8);
    CHECK_TEXT(r.node, "n2");
    compare_release(&r);

    r = compare(&p, INT64_MAX, true); /* only the old one may end early */
    CHECK(r.differs);
    compare_release(&r);
    teardown(&p);
}

TEST(what_the_new_run_says_after_a_broken_off_one_does_not_count)
{
    struct pair p;
    struct compare_result r;

    setup(&p);
    tell(p.old_dir, 3, -1, NULL);
    tell(p.new_dir, STORY_LEN, -1, NULL);
    r = compare(&p, INT64_MAX, true);
    CHECK(!r.differs);
    CHECK_INT(r.line_count, 3);
    compare_release(&r);
    r = compare(&p, INT64_MAX, false);
    CHECK(r.differs && r.old_line == NULL);
    CHECK_TEXT(r.node, "n1");
    compare_release(&r);
    teardown(&p);
}

TEST(lines_from_until_on_do_not_count)
{
    struct pair p;
    struct compare_result r;

    setup(&p);
    tell(p.old_dir, STORY_LEN, -1, NULL);
    tell(p.new_dir, STORY_LEN, 5, "{\"t\":9,\"e\":\"drop\",\"id\":1,\"why\":\"down\"}");
    r = compare(&p, 9, false);
    CHECK(!r.differs);
    CHECK_INT(r.line_count, 5);
    compare_release(&r);
    r = compare(&p, 10, false);
    CHECK(r.differs);
    compare_release(&r);
    teardown(&p);
}

TEST(the_last_time_is_that_of_the_last_line)
{
    struct pair p;
    struct err err;
    int64_t last = -1;

    setup(&p);
    tell(p.old_dir, STORY_LEN, -1, NULL);
    tell(p.new_dir, 0, -1, NULL);
    CHECK_INT(compare_last_time(p.old_dir, &last, &err), 0);
    CHECK_INT(last, 9);
    CHECK_INT(compare_last_time(p.new_dir, &last, &err), 0);
    CHECK_INT(last, 0);
    teardown(&p);
}

TEST(a_missing_journal_is_an_error)
{
    struct pair p;
    struct compare_result r = {0};
    struct err err = {.text = ""};
    struct compare_config config;

    setup(&p);
    config = (struct compare_config){p.old_dir, p.new_dir, INT64_MAX, false};
    CHECK(compare_journals(&config, &r, &err) < 0);
    CHECK_HAS(err.text, "journal.jsonl.zst");
    teardown(&p);
}
