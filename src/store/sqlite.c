/* The database as one file, through SQLite: no server, one machine.
 *
 * How far its tables are is the file's user_version, and whose file it is its application_id.
 * Writers wait for each other: a transaction begins as a writer (BEGIN IMMEDIATE), so it cannot
 * find out half-way that another one was first.
 *
 * "$1" is a named parameter to SQLite and is looked up by that name, so that a statement may use a
 * value twice, as in PostgreSQL. What PostgreSQL has and SQLite has not, now_ms(), is a function
 * that we lend it. Hints need no server: the file's data_version, a number in shared memory or in
 * its head, differs when another connection has committed. */
#include "../base/assert.h"
#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"
#include "backend.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BUSY_MS = 10000, APPLICATION_ID = 0x65646479 }; /* "eddy" */

struct sqlite {
    struct store store;
    sqlite3 *db;
    int64_t data_version; /* at the last store_hear() */
};

struct sqlite_rows {
    struct store_rows rows;
    sqlite3_stmt *statement;
};

static struct sqlite *of(const struct store *s)
{
    return (struct sqlite *)s;
}

static int failed(const struct store *s, struct err *err)
{
    switch (sqlite3_errcode(of(s)->db) & 0xff) {
    case SQLITE_NOTADB:
        return err_set(err, ERR_INPUT, "%s is no database; move it away to begin a new one",
                       s->title + strlen("the database "));
    case SQLITE_CORRUPT:
        return err_set(err, ERR_INPUT,
                       "%s is damaged; bring back a copy, or move it away to begin a new one",
                       s->title);
    case SQLITE_CONSTRAINT:
        return err_set(err, ERR_FULL, "%s: %s", s->title, sqlite3_errmsg(of(s)->db));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return err_set(err, ERR_AWAY, "%s was locked by another program for %d s", s->title,
                       BUSY_MS / 1000);
    default:
        return err_set(err, ERR_MACHINE, "%s: %s", s->title, sqlite3_errmsg(of(s)->db));
    }
}

static int sqlite_execute(struct store *s, const char *sql, struct err *err)
{
    return sqlite3_exec(of(s)->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : failed(s, err);
}

/* A number that the file keeps in its head. */
static int pragma(struct store *s, const char *sql, int64_t *ret_value, struct err *err)
{
    sqlite3_stmt *statement = NULL;
    int status = 0;

    if (sqlite3_prepare_v2(of(s)->db, sql, -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW)
        status = failed(s, err);
    else
        *ret_value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return status;
}

/* The file is eddy's if it is a new one or has our mark. */
static int sqlite_migration_begin(struct store *s, int64_t *ret_version, struct err *err)
{
    int64_t id = 0, tables = 0, version = 0;
    int status = sqlite_execute(s, s->begin, err);

    if (status == 0)
        status = pragma(s, "PRAGMA user_version", &version, err);
    if (status == 0)
        status = pragma(s, "PRAGMA application_id", &id, err);
    if (status == 0)
        status = pragma(s, "SELECT COUNT(*) FROM sqlite_master", &tables, err);
    if (status == 0 && id != APPLICATION_ID && (version != 0 || tables != 0))
        status = err_set(err, ERR_INPUT, "%s is another program's; name another one", s->title);
    if (status == 0)
        *ret_version = version;
    return status;
}

static int sqlite_migration_note(struct store *s, uint32_t version, struct err *err)
{
    char set[96];

    snprintf(set, sizeof(set), "PRAGMA user_version = %u; PRAGMA application_id = %d", version,
             APPLICATION_ID);
    return sqlite_execute(s, set, err);
}

static void bind(sqlite3_stmt *statement, const struct store_value *values, uint32_t count)
{
    char name[16];
    uint32_t i;

    ASSERT(sqlite3_bind_parameter_count(statement) == (int)count);
    for (i = 0; i < count; i++) {
        int at;
        snprintf(name, sizeof(name), "$%u", i + 1);
        at = sqlite3_bind_parameter_index(statement, name);
        ASSERT(at > 0);
        if (values[i].text.data != NULL)
            sqlite3_bind_text(statement, at, values[i].text.data, (int)values[i].text.len,
                              SQLITE_TRANSIENT);
        else
            sqlite3_bind_int64(statement, at, values[i].integer);
    }
}

static int prepare(struct store *s, const struct statement *what, const struct store_value *values,
                   uint32_t count, sqlite3_stmt **ret_statement, struct err *err)
{
    if (sqlite3_prepare_v2(of(s)->db, what->sql, -1, ret_statement, NULL) != SQLITE_OK) {
        int status = failed(s, err);
        err_wrap(err, "statement %s", what->name);
        return status;
    }
    bind(*ret_statement, values, count);
    return 0;
}

static int sqlite_run(struct store *s, const struct statement *what,
                      const struct store_value *values, uint32_t count, struct err *err)
{
    sqlite3_stmt *statement = NULL;
    int status = prepare(s, what, values, count, &statement, err);

    if (status == 0)
        status =
            sqlite3_step(statement) == SQLITE_DONE ? sqlite3_changes(of(s)->db) : failed(s, err);
    sqlite3_finalize(statement);
    return status;
}

static int sqlite_query(struct store *s, const struct statement *what,
                        const struct store_value *values, uint32_t count,
                        struct store_rows **ret_rows, struct err *err)
{
    struct sqlite_rows *r;
    sqlite3_stmt *statement = NULL;
    int status = prepare(s, what, values, count, &statement, err);

    if (status < 0)
        return status;
    r = mem_alloc(sizeof(*r));
    *r = (struct sqlite_rows){.rows.store = s, .statement = statement};
    *ret_rows = &r->rows;
    return 0;
}

static sqlite3_stmt *rows_of(const struct store_rows *r)
{
    return ((const struct sqlite_rows *)r)->statement;
}

static int sqlite_next(struct store_rows *r, struct err *err)
{
    int code = sqlite3_step(rows_of(r));

    return code == SQLITE_ROW ? 1 : code == SQLITE_DONE ? 0 : failed(r->store, err);
}

static struct str sqlite_row_str(const struct store_rows *r, uint32_t column)
{
    const char *text = (const char *)sqlite3_column_text(rows_of(r), (int)column);

    if (text == NULL)
        return STR_LIT("");
    return (struct str){text, (size_t)sqlite3_column_bytes(rows_of(r), (int)column)};
}

static int64_t sqlite_row_integer(const struct store_rows *r, uint32_t column)
{
    return sqlite3_column_int64(rows_of(r), (int)column);
}

static void sqlite_rows_close(struct store_rows *r)
{
    sqlite3_finalize(rows_of(r));
    mem_free(r);
}

static int sqlite_reconnect(struct store *s, struct err *err)
{
    (void)s;
    (void)err;
    return 0; /* who comes here waited for a lock: the next call waits again */
}

static void sqlite_drop(struct store *s)
{
    (void)s; /* there is no connection that could break */
}

static int sqlite_be_brief(struct store *s, uint32_t patience_ms, struct err *err)
{
    (void)s;
    (void)patience_ms;
    (void)err;
    return 0; /* a file does not fall silent; who waits for a writer should get his turn */
}

static int sqlite_hint(struct store *s, const char *channel, int64_t number, struct err *err)
{
    (void)s;
    (void)channel;
    (void)number;
    (void)err;
    return 0;
}

static int sqlite_listen(struct store *s, const char *channel, struct err *err)
{
    (void)channel;
    return pragma(s, "PRAGMA data_version", &of(s)->data_version, err);
}

static int sqlite_hear(struct store *s, const char **ret_channel, int64_t *ret_number,
                       struct err *err)
{
    int64_t version = 0;
    int status = pragma(s, "PRAGMA data_version", &version, err);

    if (status < 0 || version == of(s)->data_version)
        return status;
    of(s)->data_version = version;
    *ret_channel = NULL;
    *ret_number = 0;
    return 1;
}

static int sqlite_fd(const struct store *s)
{
    (void)s;
    return -1;
}

static void sqlite_close(struct store *s)
{
    ASSERT(sqlite3_close(of(s)->db) == SQLITE_OK); /* else rows are still open */
    mem_free(s);
}

static const struct store_ops ops = {
    .dialect = "sqlite",
    .is_server = false,
    .close = sqlite_close,
    .reconnect = sqlite_reconnect,
    .drop = sqlite_drop,
    .be_brief = sqlite_be_brief,
    .execute = sqlite_execute,
    .run = sqlite_run,
    .query = sqlite_query,
    .next = sqlite_next,
    .row_str = sqlite_row_str,
    .row_integer = sqlite_row_integer,
    .rows_close = sqlite_rows_close,
    .migration_begin = sqlite_migration_begin,
    .migration_note = sqlite_migration_note,
    .hint = sqlite_hint,
    .listen = sqlite_listen,
    .hear = sqlite_hear,
    .fd = sqlite_fd,
};

static int make_folder(const char *path, struct err *err)
{
    const char *slash = strrchr(path, '/');
    char *dir;
    int status;

    if (slash == NULL || slash == path)
        return 0;
    dir = mem_strndup(path, (size_t)(slash - path));
    status = file_mkdirs(dir, err);
    mem_free(dir);
    return status;
}

/* now_ms(): milliseconds since 1970, as in sql/migrate-002.sql. */
static void now_ms(sqlite3_context *context, int count, sqlite3_value **values)
{
    struct timespec t;

    (void)count;
    (void)values;
    clock_gettime(CLOCK_REALTIME, &t);
    sqlite3_result_int64(context, (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000);
}

int sqlite_open(const char *path, struct store **ret_store, struct err *err)
{
    struct sqlite *s;
    struct buf title = {0};
    sqlite3 *db = NULL;
    int status = make_folder(path, err);

    if (status < 0)
        return status;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) != SQLITE_OK) {
        status = err_set(err, ERR_MACHINE, "the database %s cannot be opened: %s", path,
                         db != NULL ? sqlite3_errmsg(db) : "no memory");
        sqlite3_close(db);
        return status;
    }
    sqlite3_busy_timeout(db, BUSY_MS);
    sqlite3_create_function(db, "now_ms", 0, SQLITE_UTF8 | SQLITE_INNOCUOUS, NULL, now_ms, NULL,
                            NULL);
    buf_addf(&title, "the database %s", path);
    s = mem_zalloc(sizeof(*s));
    s->db = db;
    s->store = (struct store){.ops = &ops, .title = buf_take(&title), .begin = "BEGIN IMMEDIATE"};
    *ret_store = &s->store;
    return 0;
}

/* ---- copies ---- */

/* 0: the copy can be read from its first to its last page. A backup that nobody has ever read is a
 * hope. */
static int check_copy(const char *path, struct err *err)
{
    sqlite3_stmt *statement = NULL;
    sqlite3 *db = NULL;
    int status = 0;

    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW ||
        strcmp((const char *)sqlite3_column_text(statement, 0), "ok") != 0)
        status = err_set(err, ERR_MACHINE, "the copy %s cannot be read again: %s", path,
                         sqlite3_errmsg(db));
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return status;
}

/* VACUUM INTO reads within one transaction, which nobody has to wait for; but it leaves it to us
 * that the bytes reach the disk. The empty file is ours before, so that its mode is. */
static int copy_into(sqlite3 *db, const char *fresh, struct err *err)
{
    sqlite3_stmt *statement = NULL;
    int fd = open(fresh, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    int status = 0;

    if (fd < 0)
        return err_set_errno(err, ERR_MACHINE, "the copy %s", fresh);
    if (sqlite3_prepare_v2(db, "VACUUM INTO $1", -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_bind_text(statement, 1, fresh, -1, SQLITE_TRANSIENT) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_DONE)
        status = err_set(err, sqlite3_errcode(db) == SQLITE_BUSY ? ERR_AWAY : ERR_MACHINE,
                         "the copy %s: %s", fresh, sqlite3_errmsg(db));
    sqlite3_finalize(statement);
    if (status == 0 && fsync(fd) < 0)
        status = err_set_errno(err, ERR_MACHINE, "the copy %s", fresh);
    close(fd);
    return status;
}

int sqlite_copy(const char *path, const char *to, struct err *err)
{
    struct store *s = NULL;
    struct buf fresh = {0};
    int64_t id = 0;
    int status;

    if (access(path, F_OK) < 0 || access(to, F_OK) == 0)
        return err_set(err, ERR_INPUT, "%s",
                       access(to, F_OK) == 0 ? "there is a file of the copy's name already"
                                             : "there is no such database");
    status = make_folder(to, err);
    if (status == 0)
        status = sqlite_open(path, &s, err);
    if (status < 0)
        return status;
    buf_addf(&fresh, "%s.new", to);
    status = pragma(s, "PRAGMA application_id", &id, err);
    if (status == 0 && id != APPLICATION_ID)
        status = err_set(err, ERR_INPUT, "%s is no database of eddy's", path);
    if (status == 0)
        status = copy_into(of(s)->db, fresh.data, err);
    if (status == 0)
        status = check_copy(fresh.data, err);
    if (status == 0 && link(fresh.data, to) < 0) /* not rename(): that would replace one */
        status = err_set_errno(err, ERR_MACHINE, "the copy %s", to);
    unlink(fresh.data);
    buf_release(&fresh);
    mem_free(s->title);
    sqlite_close(s);
    return status;
}
