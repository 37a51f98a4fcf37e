/* store.h on SQLite: one file, no server.
 *
 * Which migrations a file has had is its user_version. They are applied in one transaction that
 * begins as a writer (BEGIN IMMEDIATE): a second program waits at its beginning, and then sees that
 * nothing is left to do. So a file is at version n with all of its tables, or at n-1 with none of
 * the new ones.
 *
 * "$1" is a named parameter to SQLite and is looked up by that name, so that a statement may use a
 * value twice, as in PostgreSQL. */
#include "store.h"

#include "../base/assert.h"
#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"
#include "statements.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

enum { BUSY_MS = 10000, APPLICATION_ID = 0x65646479 }; /* "eddy" */

struct store {
    sqlite3 *db;
    char *path;
};

struct store_rows {
    struct store *store;
    sqlite3_stmt *statement;
};

struct store_value store_text(const char *text)
{
    return (struct store_value){.text = str_of(text)};
}

struct store_value store_integer(int64_t value)
{
    return (struct store_value){.integer = value};
}

static int failed(const struct store *s, struct err *err)
{
    int code = sqlite3_errcode(s->db);

    if (code == SQLITE_NOTADB)
        return err_set(err, ERR_INPUT, "%s is no database; move it away to begin a new one",
                       s->path);
    if (code == SQLITE_CORRUPT)
        return err_set(err, ERR_INPUT,
                       "the database %s is damaged; bring back a copy, or move it away to begin a "
                       "new one",
                       s->path);
    return err_set(err, ERR_MACHINE, "the database %s: %s", s->path, sqlite3_errmsg(s->db));
}

static int execute(struct store *s, const char *sql, struct err *err)
{
    return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : failed(s, err);
}

/* A number that the file keeps in its head. */
static int pragma(struct store *s, const char *sql, int64_t *ret_value, struct err *err)
{
    sqlite3_stmt *statement = NULL;
    int status = 0;

    if (sqlite3_prepare_v2(s->db, sql, -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW)
        status = failed(s, err);
    else
        *ret_value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return status;
}

uint32_t store_version(void)
{
    uint32_t n = 0;

    while (migration_text(n + 1).data != NULL)
        n++;
    return n;
}

static int apply(struct store *s, int64_t from, struct err *err)
{
    uint32_t n;
    char set[64];

    for (n = (uint32_t)from + 1; n <= store_version(); n++) {
        int status = execute(s, migration_text(n).data, err);
        if (status < 0) {
            err_wrap(err, "migration %u", n);
            return status;
        }
    }
    snprintf(set, sizeof(set), "PRAGMA user_version = %u; PRAGMA application_id = %d",
             store_version(), APPLICATION_ID);
    return execute(s, set, err);
}

/* Whether the file is eddy's: a new one, or one with our mark. */
static int check_owner(struct store *s, int64_t version, struct err *err)
{
    int64_t id = 0, tables = 0;
    int status = pragma(s, "PRAGMA application_id", &id, err);

    if (status == 0)
        status = pragma(s, "SELECT COUNT(*) FROM sqlite_master", &tables, err);
    if (status == 0 && id != APPLICATION_ID && (version != 0 || tables != 0))
        return err_set(err, ERR_INPUT, "%s is a database of another program", s->path);
    return status;
}

static int migrate(struct store *s, struct err *err)
{
    int64_t version = 0;
    int status = store_begin(s, err);

    if (status < 0)
        return status;
    status = pragma(s, "PRAGMA user_version", &version, err);
    if (status == 0)
        status = check_owner(s, version, err);
    if (status == 0 && version > (int64_t)store_version())
        status = err_set(err, ERR_INPUT,
                         "the database %s was changed by a newer eddy (version %lld; this one "
                         "knows %u); use that one, or set EDDY_STATE to another folder",
                         s->path, (long long)version, store_version());
    if (status == 0 && version < (int64_t)store_version())
        status = apply(s, version, err);
    if (status == 0)
        return store_commit(s, err);
    store_rollback(s);
    return status;
}

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

int store_open(const char *path, struct store **ret_store, struct err *err)
{
    struct store *s = mem_zalloc(sizeof(*s));
    int status = make_folder(path, err);

    s->path = mem_strdup(path);
    if (status == 0 && sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                                       NULL) != SQLITE_OK)
        status = err_set(err, ERR_MACHINE, "the database %s cannot be opened: %s", path,
                         s->db != NULL ? sqlite3_errmsg(s->db) : "no memory");
    if (status == 0) {
        sqlite3_busy_timeout(s->db, BUSY_MS);
        status = migrate(s, err);
    }
    if (status < 0)
        store_close(s);
    else
        *ret_store = s;
    return status;
}

void store_close(struct store *s)
{
    if (s == NULL)
        return;
    ASSERT(sqlite3_close(s->db) == SQLITE_OK); /* else rows are still open */
    mem_free(s->path);
    mem_free(s);
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

static int prepare(struct store *s, const char *name, const struct store_value *values,
                   uint32_t count, sqlite3_stmt **ret_statement, struct err *err)
{
    struct str sql = statement_find(name);

    ASSERT(sql.data != NULL);
    if (sqlite3_prepare_v2(s->db, sql.data, (int)sql.len, ret_statement, NULL) != SQLITE_OK) {
        failed(s, err);
        err_wrap(err, "statement %s", name);
        return ERR_MACHINE;
    }
    bind(*ret_statement, values, count);
    return 0;
}

int store_do(struct store *s, const char *name, const struct store_value *values, uint32_t count,
             struct err *err)
{
    sqlite3_stmt *statement = NULL;
    int status = prepare(s, name, values, count, &statement, err);

    if (status == 0)
        status = sqlite3_step(statement) == SQLITE_DONE ? sqlite3_changes(s->db) : failed(s, err);
    sqlite3_finalize(statement);
    return status;
}

int store_query(struct store *s, const char *name, const struct store_value *values, uint32_t count,
                struct store_rows **ret_rows, struct err *err)
{
    sqlite3_stmt *statement = NULL;
    int status = prepare(s, name, values, count, &statement, err);

    if (status < 0)
        return status;
    *ret_rows = mem_alloc(sizeof(**ret_rows));
    **ret_rows = (struct store_rows){s, statement};
    return 0;
}

int store_next(struct store_rows *r, struct err *err)
{
    int code = sqlite3_step(r->statement);

    return code == SQLITE_ROW ? 1 : code == SQLITE_DONE ? 0 : failed(r->store, err);
}

const char *store_row_text(const struct store_rows *r, uint32_t column)
{
    const unsigned char *text = sqlite3_column_text(r->statement, (int)column);

    return text != NULL ? (const char *)text : "";
}

int64_t store_row_integer(const struct store_rows *r, uint32_t column)
{
    return sqlite3_column_int64(r->statement, (int)column);
}

void store_rows_close(struct store_rows *r)
{
    if (r == NULL)
        return;
    sqlite3_finalize(r->statement);
    mem_free(r);
}

int store_begin(struct store *s, struct err *err)
{
    return execute(s, "BEGIN IMMEDIATE", err);
}

int store_commit(struct store *s, struct err *err)
{
    return execute(s, "COMMIT", err);
}

void store_rollback(struct store *s)
{
    sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL); /* fails only where there is nothing open */
}
