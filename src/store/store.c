/* What both databases have in common: which one it is, and how its tables come up to date.
 *
 * Migrations are applied in one transaction that begins under a lock (a writer's on SQLite, an
 * advisory one on PostgreSQL): a second program waits at its beginning, and then sees that nothing
 * is left to do. So a database is at version n with all of its tables, or at n-1 with none of the
 * new ones. After a reconnect the version is asked again, for the time without a connection is when
 * a server is upgraded. */
#include "store.h"

#include "../base/assert.h"
#include "../base/err.h"
#include "../base/map.h"
#include "../base/mem.h"
#include "backend.h"
#include "statements.h"

#include <string.h>

struct store_value store_text(const char *text)
{
    return (struct store_value){.text = str_of(text)};
}

struct store_value store_str(struct str text)
{
    return (struct store_value){.text = text.data != NULL ? text : STR_LIT("")};
}

struct store_value store_integer(int64_t value)
{
    return (struct store_value){.integer = value};
}

uint32_t store_version(void)
{
    uint32_t n = 0;

    while (migration_exists(n + 1))
        n++;
    return n;
}

static int apply(struct store *s, int64_t from, struct err *err)
{
    struct buf sql = {0};
    uint32_t n;
    int status = 0;

    for (n = (uint32_t)from + 1; status == 0 && n <= store_version(); n++) {
        buf_reset(&sql);
        migration_text(n, s->ops->dialect, &sql);
        status = s->ops->execute(s, sql.data, err);
        if (status < 0)
            err_wrap(err, "migration %u", n);
    }
    buf_release(&sql);
    return status < 0 ? status : s->ops->migration_note(s, store_version(), err);
}

static int migrate(struct store *s, struct err *err)
{
    int64_t version = 0;
    int status = s->ops->migration_begin(s, &version, err);

    if (status == 0 && version > (int64_t)store_version())
        status =
            err_set(err, ERR_INPUT,
                    "%s was changed by a newer eddy (version %lld; this one knows %u); use that "
                    "one, or another database",
                    s->title, (long long)version, store_version());
    if (status == 0 && version < 0)
        status = err_set(err, ERR_INPUT, "%s is damaged: its version is %lld; bring back a copy",
                         s->title, (long long)version);
    if (status == 0 && version < (int64_t)store_version())
        status = apply(s, version, err);
    if (status == 0)
        status = store_commit(s, err);
    if (status < 0)
        store_rollback(s);
    return status;
}

static bool is_address(const char *db)
{
    return strncmp(db, "postgresql://", 13) == 0 || strncmp(db, "postgres://", 11) == 0;
}

int store_open(const char *db, struct store **ret_store, struct err *err)
{
    struct store *s = NULL;
    int status = is_address(db) ? postgres_open(db, &s, err) : sqlite_open(db, &s, err);

    if (status < 0)
        return status;
    s->names = map_new();
    status = migrate(s, err);
    if (status < 0)
        store_close(s);
    else
        *ret_store = s;
    return status;
}

int store_copy(const char *db, const char *to, struct err *err)
{
    if (is_address(db))
        return err_set(err, ERR_INPUT,
                       "the database is on a server of PostgreSQL: pg_dump --format=custom makes "
                       "copies of it while it is in use");
    return sqlite_copy(db, to, err);
}

void store_close(struct store *s)
{
    uint32_t i;

    if (s == NULL)
        return;
    for (i = 0; i < map_len(s->names); i++) {
        mem_free(s->statements[i].name);
        mem_free(s->statements[i].sql);
    }
    mem_free(s->statements);
    map_free(s->names);
    while (s->channel_count > 0)
        mem_free(s->channels[--s->channel_count]);
    mem_free(s->title);
    s->ops->close(s);
}

int store_reconnect(struct store *s, struct err *err)
{
    uint32_t i;
    int status = s->ops->reconnect(s, err);

    if (status <= 0)
        return status;
    status = migrate(s, err);
    for (i = 0; status == 0 && i < s->channel_count; i++)
        status = s->ops->listen(s, s->channels[i], err);
    if (status < 0)
        s->ops->drop(s); /* or the next call would find a connection and ask nothing more */
    return status;
}

int store_be_brief(struct store *s, uint32_t patience_ms, struct err *err)
{
    ASSERT(patience_ms > 0);
    return s->ops->be_brief(s, patience_ms, err);
}

bool store_is_server(const struct store *s)
{
    return s->ops->is_server;
}

/* The statement of this name in the backend's dialect; its text is looked up once. */
static const struct statement *find(struct store *s, const char *name)
{
    bool new = false;
    uint32_t number = map_put(s->names, str_of(name), &new);

    if (new) {
        struct buf sql = {0};
        ASSERT(statement_text(name, s->ops->dialect, &sql));
        s->statements =
            mem_grow(s->statements, &s->statement_cap, number + 1, sizeof(*s->statements));
        s->statements[number] =
            (struct statement){.name = mem_strdup(name), .sql = buf_take(&sql), .number = number};
    }
    return &s->statements[number];
}

int store_do(struct store *s, const char *name, const struct store_value *values, uint32_t count,
             struct err *err)
{
    return s->ops->run(s, find(s, name), values, count, err);
}

int store_query(struct store *s, const char *name, const struct store_value *values, uint32_t count,
                struct store_rows **ret_rows, struct err *err)
{
    return s->ops->query(s, find(s, name), values, count, ret_rows, err);
}

int store_next(struct store_rows *r, struct err *err)
{
    return r->store->ops->next(r, err);
}

const char *store_row_text(const struct store_rows *r, uint32_t column)
{
    return r->store->ops->row_str(r, column).data;
}

struct str store_row_str(const struct store_rows *r, uint32_t column)
{
    return r->store->ops->row_str(r, column);
}

int64_t store_row_integer(const struct store_rows *r, uint32_t column)
{
    return r->store->ops->row_integer(r, column);
}

void store_rows_close(struct store_rows *r)
{
    if (r != NULL)
        r->store->ops->rows_close(r);
}

int store_ask(struct store *s, const char *name, const struct store_value *values, uint32_t count,
              int64_t *ret_value, struct err *err)
{
    struct store_rows *rows = NULL;
    int64_t value = 0;
    int found = 0;
    int status = store_query(s, name, values, count, &rows, err);

    while (status == 0 && (status = store_next(rows, err)) == 1) {
        value = store_row_integer(rows, 0);
        found = 1;
        status = 0;
    }
    store_rows_close(rows);
    if (status < 0)
        return status;
    if (found)
        *ret_value = value;
    return found;
}

int store_begin(struct store *s, struct err *err)
{
    return s->ops->execute(s, s->begin, err);
}

int store_commit(struct store *s, struct err *err)
{
    return s->ops->execute(s, "COMMIT", err);
}

void store_rollback(struct store *s)
{
    struct err ignored = {.text = ""};

    s->ops->execute(s, "ROLLBACK", &ignored); /* fails only where nothing is open any more */
}

int store_hint(struct store *s, const char *channel, int64_t number, struct err *err)
{
    return s->ops->hint(s, channel, number, err);
}

int store_listen(struct store *s, const char *channel, struct err *err)
{
    int status = s->ops->listen(s, channel, err);

    if (status < 0)
        return status;
    ASSERT(s->channel_count < STORE_CHANNELS_MAX);
    s->channels[s->channel_count++] = mem_strdup(channel);
    return 0;
}

int store_hear(struct store *s, const char **ret_channel, int64_t *ret_number, struct err *err)
{
    return s->ops->hear(s, ret_channel, ret_number, err);
}

int store_fd(const struct store *s)
{
    return s->ops->fd(s);
}
