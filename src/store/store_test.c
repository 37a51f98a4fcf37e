#include "store.h"

#include "../base/mem.h"
#include "../base/prng.h"
#include "backend.h"
#include "database_story.h"
#include "postgres_link.h"
#include "statements.h"

#include <sys/stat.h>

static int begin(struct store *s, const char *task, int64_t at)
{
    struct err err = {.text = ""};
    struct store_value v[] = {store_integer(0), store_text("messenger"),  store_text(task),
                              store_text("c"),  store_text("/home/me/m"), store_integer(at)};

    return store_do(s, "progress_begin", v, 6, &err);
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

static struct store *open_it(const struct database *d)
{
    struct err err = {.text = ""};
    struct store *s = NULL;

    if (store_open(d->db, &s, &err) != 0)
        fail_msg("%s", err.text);
    return s;
}

ON_BOTH(a_new_database_has_all_tables_and_keeps_what_it_is_told)
{
    struct store *s = open_it(d);

    CHECK_INT(begin(s, "echo", 7), 1);
    CHECK_INT(begin(s, "echo", 8), 0); /* it was there */
    store_close(s);
    s = open_it(d);
    CHECK_INT(count_begun(s), 1);
    CHECK(store_is_server(s) == d->server);
    store_close(s);
}

ON_BOTH(rows_give_texts_and_numbers_and_a_value_may_stand_twice)
{
    struct err err = {.text = ""};
    struct store_value key[] = {store_integer(0), store_text("messenger"),  store_text("it's"),
                                store_text("c"),  store_text("/home/me/m"), store_integer(9)};
    struct store_rows *rows = NULL;
    struct store *s = open_it(d);

    CHECK_INT(begin(s, "it's", 7), 1);
    CHECK_INT(store_do(s, "progress_pass", key, 6, &err), 1);
    key[5] = store_integer(12);
    CHECK_INT(store_do(s, "progress_pass", key, 6, &err), 1);
    CHECK_INT(store_query(s, "progress_get", key, 5, &rows, &err), 0);
    CHECK_INT(store_next(rows, &err), 1);
    CHECK_TEXT(store_row_text(rows, 0), "passed");
    CHECK_INT(store_row_str(rows, 0).len, 6);
    CHECK_INT(store_row_integer(rows, 3), 9); /* the first time counts */
    CHECK_INT(store_next(rows, &err), 0);
    store_rows_close(rows);
    store_close(s);
}

/* What differs between the two, or might: sizes, signs, empty texts, letters, several rows open. */
ON_BOTH(values_come_back_as_they_went)
{
    struct err err = {.text = ""};
    static const int64_t numbers[] = {0, -1, INT64_MAX, INT64_MIN, 1LL << 40};
    static const char *const tasks[] = {"k0", "k1", "k2", "k3", "k4"};
    static const char *const texts[] = {"", "ü€😀", "a\nb\tc\\'\"%_$1", "NULL", "\\"};
    struct store *s = open_it(d);
    struct store_rows *a = NULL, *b = NULL;
    size_t i;

    for (i = 0; i < 5; i++) {
        struct store_value v[] = {store_integer(0),     store_text("t"),
                                  store_text(tasks[i]), store_text("c"),
                                  store_text(texts[i]), store_integer(numbers[i])};
        CHECK_INT(store_do(s, "progress_begin", v, 6, &err), 1);
    }
    CHECK_INT(store_query(s, "progress_begun", NULL, 0, &a, &err), 0);
    CHECK_INT(store_query(s, "progress_begun", NULL, 0, &b, &err), 0);
    CHECK_INT(store_next(a, &err), 1);
    CHECK_INT(store_next(b, &err), 1);
    CHECK_TEXT(store_row_text(a, 2), "a\nb\tc\\'\"%_$1");
    CHECK(store_row_integer(a, 3) == INT64_MAX && store_row_integer(b, 3) == INT64_MAX);
    CHECK_INT(store_next(a, &err), 1);
    CHECK_TEXT(store_row_text(b, 2), "a\nb\tc\\'\"%_$1");
    store_rows_close(a);
    store_rows_close(b);
    store_close(s);
}

ON_BOTH(a_rolled_back_change_is_gone)
{
    struct err err = {.text = ""};
    struct store *s = open_it(d);

    CHECK_INT(store_begin(s, &err), 0);
    CHECK_INT(begin(s, "echo", 1), 1);
    store_rollback(s);
    CHECK_INT(count_begun(s), 0);
    CHECK_INT(store_begin(s, &err), 0);
    CHECK_INT(begin(s, "echo", 1), 1);
    CHECK_INT(store_commit(s, &err), 0);
    CHECK_INT(count_begun(s), 1);
    store_close(s);
}

/* Goal: what a unique index forbids is told from what the machine refuses, and a transaction lives
 * on after its rollback. */
ON_BOTH(a_unique_index_says_full)
{
    struct err err = {.text = ""};
    struct store_value v[] = {store_text("7"),  store_integer(0),     store_text("t"),
                              store_text("k"),  store_text("c"),      store_text("/f"),
                              store_integer(1), store_text("passed"), store_text(""),
                              store_integer(0), store_text("")};
    struct store *s = open_it(d);

    CHECK_INT(store_do(s, "result_add", v, 11, &err), 1);
    CHECK_INT(store_begin(s, &err), 0);
    CHECK_INT(store_do(s, "result_add", v, 11, &err), ERR_FULL);
    store_rollback(s);
    v[0] = store_text("8");
    CHECK_INT(store_do(s, "result_add", v, 11, &err), 1);
    store_close(s);
}

ON_BOTH(a_newer_database_is_refused_and_left_as_it_is)
{
    struct err err = {.text = ""};
    struct store *s = open_it(d);

    store_close(s);
    database_sql(d,
                 d->server ? "UPDATE eddy_version SET version = 999" : "PRAGMA user_version = 999");
    s = NULL;
    CHECK_INT(store_open(d->db, &s, &err), ERR_INPUT);
    CHECK_HAS(err.text, "newer eddy (version 999");
    CHECK(s == NULL);
    database_sql(d,
                 d->server ? "UPDATE eddy_version SET version = -1" : "PRAGMA user_version = -1");
    CHECK_INT(store_open(d->db, &s, &err), ERR_INPUT);
    CHECK_HAS(err.text, "damaged");
}

ON_BOTH(databases_of_others_are_refused)
{
    struct err err = {.text = ""};
    struct store *s = NULL;

    if (!d->server)
        CHECK_INT(file_mkdirs(d->dir, &err), 0);
    if (!d->server)
        snprintf(d->db, sizeof(d->db), "%s/other.db", d->dir);
    database_sql(d, "CREATE TABLE cats (name TEXT)");
    CHECK_INT(store_open(d->db, &s, &err), ERR_INPUT);
    CHECK_HAS(err.text, "another program");
    database_sql(d, "SELECT name FROM cats");
}

TEST(files_that_are_no_database_are_refused)
{
    struct err err = {.text = ""};
    struct store *s = NULL;
    struct database d;
    char other[160];

    database_init(&d, false);
    snprintf(other, sizeof(other), "%s/text.db", d.dir);
    CHECK_INT(
        file_write(other, str_of("this is a letter, and a long one, to be no database\n"), &err),
        0);
    CHECK_INT(store_open(other, &s, &err), ERR_INPUT);
    CHECK_HAS(err.text, "is no database");
    CHECK_INT(store_open(d.dir, &s, &err), ERR_MACHINE);
    database_release(&d);
}

/* Goal: an address that cannot work is told apart from a server that may come back, and no sentence
 * shows the password. */
TEST(addresses_that_lead_nowhere_have_their_sentences)
{
    static const struct {
        const char *address;
        int status;
        const char *says;
    } cases[] = {
        {"postgresql://me:secret@[::1/x", ERR_INPUT, "looks like postgresql://"},
        {"postgresql://me:secret@/x?host=/nowhere", ERR_AWAY, "the database x on /nowhere"},
        {"postgresql://me:secret@127.0.0.1:1/x", ERR_AWAY, "refused"},
        {"postgresql://me:secret@/x?nonsense=1", ERR_INPUT, "looks like postgresql://"},
    };
    struct database d;
    struct err err;
    struct store *s = NULL;
    char address[300];
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        err.text[0] = '\0';
        CHECK_INT(store_open(cases[i].address, &s, &err), cases[i].status);
        CHECK_HAS(err.text, cases[i].says);
        CHECK(strstr(err.text, "secret") == NULL);
    }
    database_init(&d, true);
    snprintf(address, sizeof(address), "%snot_there", postgres_server.address);
    CHECK_INT(store_open(address, &s, &err), ERR_MACHINE);
    CHECK_HAS(err.text, "does not exist");
    database_sql(&d, "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' "
                     "LC_CTYPE 'C'");
    snprintf(address, sizeof(address), "%slatin", postgres_server.address);
    CHECK_INT(store_open(address, &s, &err), ERR_INPUT);
    CHECK_HAS(err.text, "ENCODING 'UTF8'");
    database_release(&d);
}

/* Goal: a migration is applied whole or not at all. Method: the version says that nothing was done,
 * but a table of the first step is there already, so that its second statement fails. */
ON_BOTH(a_migration_that_fails_leaves_nothing)
{
    struct err err = {.text = ""};
    struct store *s = NULL;

    if (d->server) {
        database_sql(d, "CREATE TABLE eddy_version (version BIGINT NOT NULL); INSERT INTO "
                        "eddy_version VALUES (0); CREATE TABLE results (id TEXT)");
    } else {
        snprintf(d->db, sizeof(d->db), "%s/half.db", d->dir);
        database_sql(d, "PRAGMA application_id = 1701078137; CREATE TABLE results (id TEXT)");
    }
    CHECK_INT(store_open(d->db, &s, &err), ERR_MACHINE);
    CHECK_HAS(err.text, "migration 1");
    database_sql(d, "CREATE TABLE progress (id TEXT)"); /* fails if it is there */
}

/* Goal: a database of the version before gets the rest and keeps what it has. */
ON_BOTH(a_database_of_version_1_is_brought_up_to_date)
{
    struct err err = {.text = ""};
    struct store_value v[] = {store_integer(1), store_integer(0), store_integer(1),
                              store_text("x")};
    struct buf sql = {0};
    struct store *s;

    if (!d->server)
        snprintf(d->db, sizeof(d->db), "%s/old.db", d->dir);
    migration_text(1, d->server ? "postgresql" : "sqlite", &sql);
    buf_add_text(&sql, d->server
                           ? "CREATE TABLE eddy_version (version BIGINT NOT NULL); INSERT INTO "
                             "eddy_version VALUES (1);"
                           : "PRAGMA user_version = 1; PRAGMA application_id = 1701078137;");
    buf_add_text(&sql, "INSERT INTO progress VALUES ('t', 'k', 'c', '/f', 'begun', 0, 0, NULL, 1)");
    database_sql(d, sql.data);
    buf_release(&sql);
    s = open_it(d);
    CHECK_INT(count_begun(s), 1);
    CHECK_INT(store_do(s, "job_event_add", v, 4, &err), 1);
    store_close(s);
}

/* Goal: programs that open a new database at once all succeed. Method: eight of them, held at a
 * pipe and let go together. */
ON_BOTH(many_may_open_a_new_database_at_once)
{
    enum { COUNT = 8 };
    int gate[2];
    int i;

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
            good = good && store_open(d->db, &s, &err) == 0 && begin(s, task, i) == 1;
            store_close(s);
            if (!good)
                fprintf(stderr, "%s\n", err.text);
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
}

static void nothing(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)context;
    (void)count;
    (void)values;
}

static void prepare(const struct database *d, const char *sql)
{
    struct buf order = {0};
    sqlite3_stmt *statement = NULL;
    sqlite3 *db = NULL;

    if (d->server) {
        buf_addf(&order, "PREPARE p AS %s; DEALLOCATE p", sql);
        postgres_sql(d->db, order.data);
        buf_release(&order);
        return;
    }
    CHECK_INT(sqlite3_open(d->db, &db), SQLITE_OK);
    sqlite3_create_function(db, "now_ms", 0, SQLITE_UTF8, NULL, nothing, NULL, NULL);
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    sqlite3_finalize(statement);
    sqlite3_close(db);
}

/* Goal: each statement is sound in both dialects. */
ON_BOTH(every_statement_can_be_prepared)
{
    struct store *s = open_it(d);
    struct str name;
    uint32_t i, count = 0;

    for (i = 0; statement_name(i, &name); i++, count++) {
        struct buf sql = {0};
        char *text = mem_strndup(name.data, name.len);
        CHECK(statement_text(text, s->ops->dialect, &sql));
        CHECK(strstr(sql.data, "only: ") == NULL || strstr(sql.data, s->ops->dialect) != NULL);
        prepare(d, sql.data);
        buf_release(&sql);
        mem_free(text);
    }
    CHECK(count > 20);
    store_close(s);
}

TEST(a_name_must_be_whole)
{
    struct buf sql = {0};

    CHECK(!statement_text("progress", "sqlite", &sql));
    CHECK(!statement_text("no_such", "sqlite", &sql));
    CHECK(statement_text("progress_get", "sqlite", &sql));
    CHECK(strstr(sql.data, "progress_passed") == NULL); /* the next one's name */
    buf_release(&sql);
}

TEST(version_counts_the_migrations)
{
    CHECK(store_version() >= 3);
    CHECK(migration_exists(store_version()));
    CHECK(!migration_exists(store_version() + 1));
    CHECK(!migration_exists(0));
}

/* ---- a server that goes and comes ---- */

/* Goal: a server that crashed is ERR_AWAY, for everything, until store_reconnect(); then all is as
 * before, statements and listening too. */
TEST(a_server_that_is_gone_is_away_until_it_comes_back)
{
    struct err err = {.text = ""};
    struct store_rows *rows = NULL;
    struct store *s, *other;
    const char *channel = NULL;
    int64_t number = 0;
    struct database d;
    int heard;

    database_init(&d, true);
    s = open_it(&d);
    CHECK_INT(begin(s, "echo", 1), 1);
    CHECK_INT(store_listen(s, "work", &err), 0);
    CHECK_INT(store_begin(s, &err), 0);
    CHECK_INT(begin(s, "lost", 1), 1);
    postgres_order("stop");
    CHECK_INT(store_commit(s, &err), ERR_AWAY);
    store_rollback(s);
    CHECK_INT(begin(s, "echo", 1), ERR_AWAY);
    CHECK_INT(store_query(s, "progress_begun", NULL, 0, &rows, &err), ERR_AWAY);
    CHECK_INT(store_reconnect(s, &err), ERR_AWAY);
    CHECK_HAS(err.text, "is not to be reached");
    CHECK_INT(store_fd(s), -1);
    CHECK_INT(store_hear(s, &channel, &number, &err), ERR_AWAY);
    postgres_order("start");
    CHECK_INT(store_reconnect(s, &err), 0);
    CHECK_INT(store_reconnect(s, &err), 0);
    CHECK_INT(count_begun(s), 1);
    other = open_it(&d);
    CHECK_INT(store_hint(other, "work", 42, &err), 0);
    while ((heard = store_hear(s, &channel, &number, &err)) == 0)
        continue;
    CHECK_INT(heard, 1);
    CHECK_TEXT(channel, "work");
    CHECK_INT(number, 42);
    store_close(other);
    store_close(s);
    database_release(&d);
}

TEST(after_an_upgrade_meanwhile_the_old_program_is_refused)
{
    struct err err = {.text = ""};
    struct store *s;
    struct database d;

    database_init(&d, true);
    s = open_it(&d);
    database_sql(&d, "UPDATE eddy_version SET version = 999");
    postgres_order("crash");
    CHECK_INT(begin(s, "echo", 1), ERR_AWAY);
    CHECK_INT(store_reconnect(s, &err), ERR_INPUT);
    CHECK_HAS(err.text, "newer eddy");
    CHECK_INT(store_reconnect(s, &err), ERR_INPUT); /* and no second try gets in */
    CHECK_INT(begin(s, "echo", 1), ERR_AWAY);
    store_close(s);
    database_release(&d);
}

/* Goal: a server that lives but does not answer does not hold us for ever. */
TEST(a_server_that_does_not_answer_is_away_after_a_while)
{
    struct err err = {.text = ""};
    struct pg_link l = {.patience_ms = 2000};
    struct database d;
    int status = 0;

    database_init(&d, true);
    l.address = d.db;
    l.title = "the database x";
    CHECK_INT(pg_link_connect(&l, &err), 0);
    postgres_order("freeze");
    CHECK(pg_link_answer(&l, PQsendQuery(l.conn, "SELECT 1"), &status, &err) == NULL);
    postgres_order("thaw");
    CHECK_INT(status, ERR_AWAY);
    CHECK(l.conn == NULL);
    CHECK_INT(pg_link_connect(&l, &err), 0);
    PQclear(pg_link_answer(&l, PQsendQuery(l.conn, "SELECT 1"), &status, &err));
    CHECK_INT(status, 0);
    pg_link_drop(&l);
    database_release(&d);
}

/* Goal: who is brief waits for a silent server once, and never to get back to it; then all is as it
 * was. Method: a thousand tries, each of which would take seconds if it waited. */
TEST(who_is_brief_does_not_wait_for_a_silent_server)
{
    struct err err = {.text = ""};
    struct store *s, *other;
    const char *channel = NULL;
    int64_t number = 0;
    struct database d;
    int i;

    database_init(&d, true);
    s = open_it(&d);
    CHECK_INT(store_be_brief(s, 3000, &err), 0);
    CHECK_INT(store_listen(s, "work", &err), 0);
    CHECK_INT(begin(s, "echo", 1), 1);
    CHECK_INT(store_begin(s, &err), 0);
    postgres_order("freeze");
    CHECK_INT(begin(s, "lost", 1), ERR_AWAY);
    for (i = 0; i < 1000; i++) {
        CHECK_INT(store_reconnect(s, &err), ERR_AWAY);
        CHECK_INT(begin(s, "lost", 1), ERR_AWAY);
    }
    CHECK_HAS(err.text, "is not to be reached");
    postgres_order("thaw");
    CHECK_INT(begin(s, "lost", 1), ERR_AWAY); /* the transaction is over, whoever is there again */
    while (store_reconnect(s, &err) == ERR_AWAY)
        usleep(1000);
    CHECK_INT(store_reconnect(s, &err), 0);
    CHECK_INT(count_begun(s), 1);
    other = open_it(&d);
    CHECK_INT(store_hint(other, "work", 42, &err), 0);
    while ((i = store_hear(s, &channel, &number, &err)) == 0)
        continue;
    CHECK_INT(i, 1);
    CHECK_TEXT(channel, "work");
    store_close(other);
    postgres_order("freeze");
    CHECK_INT(begin(s, "lost", 1), ERR_AWAY);
    CHECK_INT(store_reconnect(s, &err), ERR_AWAY);
    store_close(s); /* while somebody is at it */
    postgres_order("thaw");
    database_release(&d);
}

/* Goal: what is slow but not silent costs the statement and not the connection. Method: a row that
 * somebody else holds. */
TEST(who_is_brief_gives_up_what_is_slow_and_stays)
{
    struct err err = {.text = ""};
    struct store *s, *other;
    struct database d;

    database_init(&d, true);
    s = open_it(&d);
    other = open_it(&d);
    CHECK_INT(store_be_brief(s, 3000, &err), 0);
    CHECK_INT(store_begin(other, &err), 0);
    CHECK_INT(begin(other, "echo", 1), 1);
    CHECK_INT(begin(s, "echo", 2), ERR_AWAY);
    store_rollback(other);
    CHECK_INT(begin(s, "echo", 3), 1);
    store_close(other);
    store_close(s);
    database_release(&d);
}

ON_BOTH(a_store_may_be_brief_from_the_start)
{
    struct err err = {.text = ""};
    struct store *s = open_it(d);

    CHECK_INT(store_be_brief(s, 5000, &err), 0);
    CHECK_INT(store_reconnect(s, &err), 0);
    CHECK_INT(begin(s, "echo", 1), 1);
    CHECK_INT(count_begun(s), 1);
    store_close(s);
}

/* Goal: on a file, too, one hears that somebody changed something, and never of oneself. */
TEST(a_change_by_another_program_is_heard_on_sqlite)
{
    struct err err = {.text = ""};
    const char *channel = "";
    int64_t number = 7;
    struct store *s, *other;
    struct database d;

    database_init(&d, false);
    s = open_it(&d);
    other = open_it(&d);
    CHECK_INT(store_listen(s, "work", &err), 0);
    CHECK_INT(begin(s, "own", 1), 1);
    CHECK_INT(store_hear(s, &channel, &number, &err), 0);
    CHECK_INT(begin(other, "echo", 1), 1);
    CHECK_INT(store_hint(other, "work", 1, &err), 0);
    CHECK_INT(store_hear(s, &channel, &number, &err), 1);
    CHECK(channel == NULL && number == 0);
    CHECK_INT(store_hear(s, &channel, &number, &err), 0);
    CHECK_INT(store_fd(s), -1);
    store_close(other);
    store_close(s);
    database_release(&d);
}

/* Goal: whatever bytes a file has, opening and using it ends in a sentence or works. Method: files
 * that are cut or have bytes changed at random, all statements that read. */
TEST(a_damaged_file_is_a_sentence)
{
    enum { TURNS = 300 };
    struct err err = {.text = ""};
    struct database d;
    struct buf sound = {0};
    struct store *s;
    struct prng p;
    int i, refused = 0;

    database_init(&d, false);
    s = open_it(&d);
    for (i = 0; i < 200; i++) {
        char task[32];
        snprintf(task, sizeof(task), "task-%d", i);
        CHECK_INT(begin(s, task, i), 1);
    }
    store_close(s);
    CHECK_INT(file_read(d.db, 1 << 24, &sound, &err), 0);
    prng_init(&p, 1, "damage");
    for (i = 0; i < TURNS; i++) {
        struct buf bad = {0};
        struct store_rows *rows = NULL;
        size_t len = prng_chance(&p, 0.3) ? prng_below(&p, sound.len) : sound.len;
        uint64_t changes = prng_below(&p, 40);
        int status;
        buf_add(&bad, sound.data, len);
        while (changes-- > 0 && len > 0)
            bad.data[prng_below(&p, prng_chance(&p, 0.5) && len > 200 ? 200 : len)] =
                (char)prng_next(&p);
        CHECK_INT(file_write(d.db, buf_str(&bad), &err), 0);
        buf_release(&bad);
        err.text[0] = '\0';
        s = NULL;
        status = store_open(d.db, &s, &err);
        if (status == 0)
            status = store_query(s, "progress_begun", NULL, 0, &rows, &err);
        while (status == 0 && (status = store_next(rows, &err)) == 1)
            status = store_row_text(rows, 2) != NULL ? 0 : 1;
        store_rows_close(rows);
        if (status == 0 && s != NULL)
            status = begin(s, "new", 1) < 0 ? ERR_MACHINE : 0;
        else if (status < 0)
            CHECK(err.text[0] != '\0');
        refused += status < 0;
        store_close(s);
    }
    CHECK(refused > TURNS / 4);
    buf_release(&sound);
    database_release(&d);
}

/* ---- copies ---- */

/* Goal: a copy is what the database was at that moment, while others have it open. */
TEST(a_copy_is_what_the_database_was)
{
    struct err err = {.text = ""};
    struct database d;
    struct store *s, *copy = NULL;
    char to[128], fresh[140];
    struct stat st;

    database_init(&d, false);
    snprintf(to, sizeof(to), "%s/copies/one.db", d.dir);
    snprintf(fresh, sizeof(fresh), "%s.new", to);
    s = open_it(&d);
    CHECK_INT(begin(s, "one", 1), 1);
    CHECK_INT(begin(s, "two", 2), 1);
    if (store_copy(d.db, to, &err) != 0)
        fail_msg("%s", err.text);
    CHECK_INT(begin(s, "three", 3), 1);
    CHECK_INT(stat(to, &st), 0);
    CHECK_INT(st.st_mode & 0777, 0600);
    CHECK(access(fresh, F_OK) < 0);
    CHECK_INT(store_open(to, &copy, &err), 0); /* with all tables, and eddy's mark */
    CHECK_INT(count_begun(copy), 1);
    CHECK_INT(begin(copy, "two", 9), 0);
    CHECK_INT(begin(copy, "three", 9), 1);
    store_close(copy);
    store_close(s);
    database_release(&d);
}

TEST(a_copy_that_cannot_be_is_refused_and_harms_nothing)
{
    struct err err = {.text = ""};
    struct database d;
    struct buf text = {0};
    char to[128], other[128];

    database_init(&d, false);
    store_close(open_it(&d));
    snprintf(to, sizeof(to), "%s/there", d.dir);
    snprintf(other, sizeof(other), "%s/other.db", d.dir);
    CHECK_INT(file_write(to, STR_LIT("precious"), &err), 0);
    CHECK_INT(store_copy(d.db, to, &err), ERR_INPUT);
    CHECK_INT(file_read(to, 100, &text, &err), 0);
    CHECK_TEXT(text.data, "precious");
    CHECK_INT(store_copy(to, other, &err), ERR_INPUT); /* no database */
    CHECK(access(other, F_OK) < 0);
    CHECK_INT(store_copy(other, to, &err), ERR_INPUT); /* nothing there, and nothing is made */
    CHECK(access(other, F_OK) < 0);
    CHECK_INT(store_copy("postgresql://nowhere/x", other, &err), ERR_INPUT);
    CHECK_HAS(err.text, "pg_dump");
    buf_release(&text);
    database_release(&d);
}
