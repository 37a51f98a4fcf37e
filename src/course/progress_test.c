#include "progress.h"

#include "../store/store.h"
#include "course_story.h"

static const struct progress_key echo_c = {"messenger", "echo", "c", "/home/me/m", 0};
static const struct progress_key echo_go = {"messenger", "echo", "go", "/home/me/g", 0};
static const struct progress_key init_c = {"messenger", "init", "c", "/home/me/m", 0};

static struct store *open_store(const struct story *s)
{
    struct err err = {.text = ""};
    struct store *store = NULL;

    CHECK_INT(store_open(story_path(s, "progress.db"), &store, &err), 0);
    return store;
}

static struct progress get(struct store *store, const struct progress_key *k)
{
    struct progress p = {0};
    struct err err = {.text = ""};

    CHECK_INT(progress_get(store, k, &p, &err), 0);
    return p;
}

static void add(struct store *store, const struct progress_key *k, enum progress_verdict verdict)
{
    struct progress_result r = {verdict, verdict == PROGRESS_FAILED ? "a step" : "", 7, ""};
    struct err err = {.text = ""};

    CHECK_INT(progress_add(store, k, &r, &err), 0);
}

TEST(attempts_are_counted_and_what_was_passed_stays_so)
{
    struct story s;
    struct store *store;
    struct progress p;
    int64_t when;

    story_open(&s);
    store = open_store(&s);
    p = get(store, &echo_c);
    CHECK(!p.begun && !p.passed);
    add(store, &echo_c, PROGRESS_NOT_BUILT);
    add(store, &echo_c, PROGRESS_FAILED);
    p = get(store, &echo_c);
    CHECK(p.begun && !p.passed);
    CHECK_INT(p.attempts, 2);
    add(store, &echo_c, PROGRESS_PASSED);
    p = get(store, &echo_c);
    CHECK(p.passed && p.passed_at > 0);
    when = p.passed_at;
    add(store, &echo_c, PROGRESS_FAILED);
    p = get(store, &echo_c);
    CHECK(p.passed);
    CHECK_INT(p.passed_at, when);
    CHECK_INT(p.attempts, 4);
    store_close(store);
    story_close(&s);
}

TEST(a_task_passed_in_two_languages_counts_once)
{
    struct err err = {.text = ""};
    uint32_t count = 9;
    struct story s;
    struct store *store;

    story_open(&s);
    store = open_store(&s);
    CHECK_INT(progress_count(store, "messenger", &count, &err), 0);
    CHECK_INT(count, 0);
    add(store, &echo_c, PROGRESS_PASSED);
    add(store, &echo_go, PROGRESS_PASSED);
    add(store, &init_c, PROGRESS_FAILED);
    CHECK_INT(progress_count(store, "messenger", &count, &err), 0);
    CHECK_INT(count, 1);
    add(store, &init_c, PROGRESS_PASSED);
    CHECK_INT(progress_count(store, "messenger", &count, &err), 0);
    CHECK_INT(count, 2);
    CHECK_INT(progress_count(store, "gossiper", &count, &err), 0);
    CHECK_INT(count, 0);
    store_close(store);
    story_close(&s);
}

static void tell(void *owner, const char *track, const char *task, bool passed)
{
    buf_addf(owner, "%s/%s %s\n", track, task, passed ? "passed" : "begun");
}

TEST(each_person_has_progress_of_his_own)
{
    static const struct progress_key ada = {"messenger", "echo", "c", "", 1};
    struct err err = {.text = ""};
    struct buf told = {0};
    uint32_t count = 9;
    struct story s;
    struct store *store;

    story_open(&s);
    store = open_store(&s);
    add(store, &ada, PROGRESS_PASSED);
    CHECK_INT(progress_tasks(store, 0, tell, &told, &err), 0);
    CHECK_INT(told.len, 0);
    CHECK_INT(progress_count(store, "messenger", &count, &err), 0);
    CHECK_INT(count, 0);
    CHECK_INT(progress_tasks(store, 1, tell, &told, &err), 0);
    CHECK_TEXT(told.data, "messenger/echo passed\n");
    buf_release(&told);
    store_close(store);
    story_close(&s);
}

TEST(tasks_of_all_languages_are_told_by_name)
{
    struct story s;
    struct store *store;
    struct buf told = {0};
    struct err err = {.text = ""};

    story_open(&s);
    store = open_store(&s);
    CHECK_INT(progress_tasks(store, 0, tell, &told, &err), 0);
    CHECK_INT(told.len, 0);
    add(store, &init_c, PROGRESS_PASSED);
    add(store, &echo_c, PROGRESS_FAILED);
    add(store, &echo_go, PROGRESS_PASSED);
    CHECK_INT(progress_tasks(store, 0, tell, &told, &err), 0);
    CHECK_TEXT(told.data, "messenger/echo begun\nmessenger/echo passed\nmessenger/init passed\n");
    buf_release(&told);
    store_close(store);
    story_close(&s);
}

struct day_story {
    struct progress_day last;
    uint32_t count;
};

static void hear_day(void *owner, const struct progress_day *day)
{
    struct day_story *d = owner;

    d->last = *day;
    d->count++;
}

TEST(days_tell_attempts_and_what_was_passed_for_the_first_time)
{
    struct progress_key other = echo_go;
    struct err err = {.text = ""};
    struct day_story d = {0};
    struct store *store;
    struct story s;
    int64_t today = progress_today();

    story_open(&s);
    store = open_store(&s);
    other.person = 7;
    add(store, &echo_c, PROGRESS_FAILED);
    add(store, &echo_c, PROGRESS_PASSED);
    add(store, &echo_go, PROGRESS_PASSED); /* the same task */
    add(store, &init_c, PROGRESS_FAILED);
    add(store, &other, PROGRESS_PASSED);
    CHECK_INT(progress_days(store, 0, today - 1, hear_day, &d, &err), 0);
    CHECK(d.count >= 1 && d.last.day >= today);
    if (d.count == 1) { /* midnight has not come in between */
        CHECK_INT(d.last.attempts, 4);
        CHECK_INT(d.last.passed, 1);
    }
    d.count = 0;
    CHECK_INT(progress_days(store, 0, today + 2, hear_day, &d, &err), 0);
    CHECK_INT(d.count, 0);
    store_close(store);
    story_close(&s);
}

TEST(hints_are_remembered)
{
    struct err err = {.text = ""};
    struct story s;
    struct store *store;

    story_open(&s);
    store = open_store(&s);
    CHECK_INT(progress_set_hints(store, &echo_c, 2, &err), 0);
    add(store, &echo_c, PROGRESS_FAILED);
    CHECK_INT(get(store, &echo_c).hints, 2);
    CHECK_INT(get(store, &echo_go).hints, 0);
    store_close(store);
    story_close(&s);
}

TEST(the_database_lies_where_the_environment_says)
{
    static const char *const no_homes[] = {"", "here", NULL};
    struct err err = {.text = ""};
    struct buf path = {0};
    size_t i;

    setenv("EDDY_STATE", "/tmp/state", 1);
    CHECK_INT(progress_path(&path, &err), 0);
    CHECK_TEXT(path.data, "/tmp/state/progress.db");
    unsetenv("EDDY_STATE");
    setenv("XDG_DATA_HOME", "/tmp/data", 1);
    buf_reset(&path);
    CHECK_INT(progress_path(&path, &err), 0);
    CHECK_TEXT(path.data, "/tmp/data/eddy/progress.db");
    unsetenv("XDG_DATA_HOME");
    setenv("HOME", "/tmp/home", 1);
    buf_reset(&path);
    CHECK_INT(progress_path(&path, &err), 0);
    CHECK_TEXT(path.data, "/tmp/home/.local/share/eddy/progress.db");
    for (i = 0; i < 3; i++) {
        if (no_homes[i] != NULL)
            setenv("HOME", no_homes[i], 1);
        else
            unsetenv("HOME");
        buf_reset(&path);
        CHECK_INT(progress_path(&path, &err), ERR_INPUT);
        CHECK_HAS(err.text, "set EDDY_STATE");
        CHECK_INT(path.len, 0);
    }
    buf_release(&path);
}
