#include "store.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"
#include "../base/test.h"
#include "statements.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A folder of the test's own, and a path in it. */
struct place {
    char dir[64];
    char path[128];
};

static void place_init(struct place *p)
{
    snprintf(p->dir, sizeof(p->dir), "%s/eddy-store-XXXXXX",
             getenv("TMPDIR") != NULL && strlen(getenv("TMPDIR")) < 40 ? getenv("TMPDIR") : "/tmp");
    CHECK(mkdtemp(p->dir) != NULL);
    snprintf(p->path, sizeof(p->path), "%s/a/b/progress.db", p->dir);
}

static void place_release(struct place *p)
{
    struct err err;

    CHECK_INT(file_remove_tree(p->dir, &err), 0);
}

static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db = NULL;

    CHECK_INT(sqlite3_open(path, &db), SQLITE_OK);
    CHECK_INT(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static int begin(struct store *s, const char *task, int64_t at)
{
    struct err err = {.text = ""};
    struct store_value v[] = {store_text("messenger"), store_text(task), store_text("c"),
                              store_text("/home/me/m"), store_integer(at)};

    return store_do(s, "progress_begin", v, 5, &err);
}

static int count_begun(struct store *s)
{
    struct err err = {.text = ""};
    struct store_rows *rows = NULL;
    int count = 0;

    CHECK_INT(store_query(s, "progress_begun", NULL, 0, &rows, &err), 0);
    while (store_next(rows, &err) == 1)
        count++;
    store_rows_close(rows);
    return count;
}

TEST(a_new_file_has_all_tables_and_keeps_what_it_is_told)
{
    struct err err = {.text = ""};
    struct store *s = NULL;
    struct place p;

    place_init(&p);
    CHECK_INT(store_open(p.path, &s, &err), 0);
    CHECK_INT(begin(s, "echo", 7), 1);
    CHECK_INT(begin(s, "echo", 8), 0); /* it was there */
    store_close(s);
    CHECK_INT(store_open(p.path, &s, &err), 0);
    CHECK_INT(count_begun(s), 1);
    store_close(s);
    place_release(&p);
}

TEST(rows_give_texts_and_numbers_and_a_value_may_stand_twice)
{
    struct err err = {.text = ""};
    struct store_value key[] = {store_text("messenger"), store_text("it's"), store_text("c"),
                                store_text("/home/me/m"), store_integer(9)};
    struct store_rows *rows = NULL;
    struct store *s = NULL;
    struct place p;

    place_init(&p);
    CHECK_INT(store_open(p.path, &s, &err), 0);
    CHECK_INT(begin(s, "it's", 7), 1);
    CHECK_INT(store_do(s, "progress_pass", key, 5, &err), 1);
    key[4] = store_integer(12);
    CHECK_INT(store_do(s, "progress_pass", key, 5, &err), 1);
    CHECK_INT(store_query(s, "progress_get", key, 4, &rows, &err), 0);
    CHECK_INT(store_next(rows, &err), 1);
    CHECK_TEXT(store_row_text(rows, 0), "passed");
    CHECK_INT(store_row_integer(rows, 3), 9); /* the first time counts */
    CHECK_INT(store_next(rows, &err), 0);
    store_rows_close(rows);
    store_close(s);
    place_release(&p);
}

TEST(a_rolled_back_change_is_gone)
{
    struct err err = {.text = ""};
    struct store *s = NULL;
    struct place p;

    place_init(&p);
    CHECK_INT(store_open(p.path, &s, &err), 0);
    CHECK_INT(store_begin(s, &err), 0);
    CHECK_INT(begin(s, "echo", 1), 1);
    store_rollback(s);
    CHECK_INT(count_begun(s), 0);
    CHECK_INT(store_begin(s, &err), 0);
    CHECK_INT(begin(s, "echo", 1), 1);
    CHECK_INT(store_commit(s, &err), 0);
    CHECK_INT(count_begun(s), 1);
    store_close(s);
    place_release(&p);
}

TEST(a_newer_database_is_refused_and_left_as_it_is)
{
    struct err err = {.text = ""};
    struct store *s = NULL;
    struct place p;

    place_init(&p);
    CHECK_INT(store_open(p.path, &s, &err), 0);
    store_close(s);
    run_sql(p.path, "PRAGMA user_version = 999");
    s = NULL;
    CHECK_INT(store_open(p.path, &s, &err), ERR_INPUT);
    CHECK_HAS(err.text, "newer eddy (version 999");
    CHECK(s == NULL);
    place_release(&p);
}

TEST(files_of_others_are_refused)
{
    struct err err = {.text = ""};
    struct store *s = NULL;
    struct place p;
    char other[160];

    place_init(&p);
    snprintf(other, sizeof(other), "%s/other.db", p.dir);
    run_sql(other, "CREATE TABLE cats (name TEXT)");
    CHECK_INT(store_open(other, &s, &err), ERR_INPUT);
    CHECK_HAS(err.text, "another program");
    snprintf(other, sizeof(other), "%s/text.db", p.dir);
    CHECK_INT(
        file_write(other, str_of("this is a letter, and a long one, to be no database\n"), &err),
        0);
    CHECK_INT(store_open(other, &s, &err), ERR_INPUT);
    CHECK_HAS(err.text, "is no database");
    CHECK_INT(store_open(p.dir, &s, &err), ERR_MACHINE);
    place_release(&p);
}

/* Goal: a migration is applied whole or not at all. Method: a file at version 0 that already has a
 * table of that name, so that the first statement fails; and one where the last index is there. */
TEST(a_migration_that_fails_leaves_nothing)
{
    struct err err = {.text = ""};
    struct store *s = NULL;
    sqlite3 *db = NULL;
    struct place p;
    char path[160];

    place_init(&p);
    snprintf(path, sizeof(path), "%s/half.db", p.dir);
    run_sql(path, "PRAGMA application_id = 1701078137; CREATE TABLE results (id TEXT)");
    CHECK_INT(store_open(path, &s, &err), ERR_MACHINE);
    CHECK_HAS(err.text, "migration 1");
    CHECK_INT(sqlite3_open(path, &db), SQLITE_OK);
    CHECK(sqlite3_exec(db, "SELECT * FROM progress", NULL, NULL, NULL) != SQLITE_OK);
    sqlite3_close(db);
    place_release(&p);
}

/* Goal: programs that open a new database at once all succeed. Method: eight of them, held at a
 * pipe and let go together. */
TEST(many_may_open_a_new_database_at_once)
{
    enum { COUNT = 8 };
    struct place p;
    int gate[2];
    int i;

    place_init(&p);
    CHECK_INT(pipe(gate), 0);
    for (i = 0; i < COUNT; i++) {
        if (fork() == 0) {
            struct err err = {.text = ""};
            struct store *s = NULL;
            char task[32], c;
            int good;
            close(gate[1]);
            good = read(gate[0], &c, 1) == 0;
            snprintf(task, sizeof(task), "task-%d", i);
            good = good && store_open(p.path, &s, &err) == 0 && begin(s, task, i) == 1;
            store_close(s);
            _exit(good ? 0 : 1);
        }
    }
    close(gate[0]);
    close(gate[1]);
    for (i = 0; i < COUNT; i++) {
        int end = 0;
        CHECK(wait(&end) > 0);
        CHECK(WIFEXITED(end) && WEXITSTATUS(end) == 0);
    }
    place_release(&p);
}

TEST(every_statement_can_be_prepared)
{
    static const char *const names[] = {
        "progress_begin",  "progress_attempt", "progress_pass", "progress_hint", "progress_get",
        "progress_passed", "progress_begun",   "result_add",    "result_last",
    };
    struct err err = {.text = ""};
    sqlite3 *db = NULL;
    struct store *s = NULL;
    struct place p;
    size_t i;

    place_init(&p);
    CHECK_INT(store_open(p.path, &s, &err), 0);
    store_close(s);
    CHECK_INT(sqlite3_open(p.path, &db), SQLITE_OK);
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct str sql = statement_find(names[i]);
        sqlite3_stmt *statement = NULL;
        CHECK(sql.data != NULL);
        CHECK_INT(sqlite3_prepare_v2(db, sql.data, (int)sql.len, &statement, NULL), SQLITE_OK);
        sqlite3_finalize(statement);
    }
    CHECK(statement_find("progress").data == NULL);
    CHECK(statement_find("no_such").data == NULL);
    sqlite3_close(db);
    place_release(&p);
}

TEST(version_counts_the_migrations)
{
    CHECK(store_version() >= 1);
    CHECK(migration_text(store_version()).data != NULL);
    CHECK(migration_text(store_version() + 1).data == NULL);
    CHECK(migration_text(0).data == NULL);
}
