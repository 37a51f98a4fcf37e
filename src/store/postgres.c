/* The database on a server of PostgreSQL, for many machines.
 *
 * A statement is prepared on the server when it is first used on a connection, under its own name.
 * Values travel as text and take their types from the place where they stand. An answer is there
 * as a whole before the first row is looked at, so rows may be kept open while other statements
 * run.
 *
 * For a thread that others wait for (store_be_brief) a connection that fell silent is given up
 * early, and the next one is made elsewhere (postgres_dial.c): so silence costs such a thread one
 * patience and not one at each call. It cannot come back in the middle of a transaction, since
 * nothing but store_reconnect() takes it.
 *
 * How far the tables are stands in a table of one row, eddy_version, and a schema that has tables
 * but not this one is somebody else's. Migrations exclude each other by an advisory lock that
 * the transaction holds. */
#include "../base/assert.h"
#include "../base/err.h"
#include "../base/mem.h"
#include "backend.h"
#include "postgres_dial.h"
#include "postgres_link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUES_MAX = 16, INTEGER_TEXT = 24 };

struct postgres {
    struct store store;
    struct pg_link link;
    struct pg_dial *dial; /* who connects again if nobody may wait (brief); else NULL */
    bool *prepared;       /* by number of the statement; on this connection */
    size_t prepared_cap;
};

struct postgres_rows {
    struct store_rows rows;
    PGresult *answer;
    int at; /* the row that store_next() gave last; -1: none so far */
};

static struct postgres *of(const struct store *s)
{
    return (struct postgres *)s;
}

static int postgres_execute(struct store *s, const char *sql, struct err *err)
{
    struct pg_link *l = &of(s)->link;
    int status = 0;

    PQclear(pg_link_answer(l, l->conn != NULL && PQsendQuery(l->conn, sql), &status, err));
    return status;
}

/* One value that a text of SQL gives. */
static int ask(struct store *s, const char *sql, int64_t *ret_value, struct err *err)
{
    struct pg_link *l = &of(s)->link;
    int status = 0;
    PGresult *answer =
        pg_link_answer(l, l->conn != NULL && PQsendQuery(l->conn, sql), &status, err);

    if (status == 0)
        *ret_value = strtoll(PQntuples(answer) > 0 ? PQgetvalue(answer, 0, 0) : "0", NULL, 10);
    PQclear(answer);
    return status;
}

static const char lock[] = "BEGIN; SET LOCAL lock_timeout = 0; "
                           "SELECT pg_advisory_xact_lock(1701078137)"; /* "eddy" */
/* 0: nothing is there; 1: our table; 2: tables of others. */
static const char whose[] =
    "SELECT CASE WHEN EXISTS (SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND "
    "tablename = 'eddy_version') THEN 1 WHEN EXISTS (SELECT 1 FROM pg_class c WHERE c.relnamespace "
    "= current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'f', 'S') AND NOT EXISTS (SELECT "
    "1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')) THEN 2 ELSE 0 END";

static int begin_locked(struct store *s, int64_t *ret_version, struct err *err)
{
    int64_t owner = 0, version = 0;
    int status = postgres_execute(s, lock, err);

    if (status == 0)
        status = ask(s, whose, &owner, err);
    if (status == 0 && owner == 1)
        status = ask(s, "SELECT MAX(version) FROM eddy_version", &version, err);
    if (status == 0 && owner == 2)
        status = err_set(err, ERR_INPUT, "%s is another program's; name another one", s->title);
    if (status == 0)
        *ret_version = version;
    return status;
}

/* Others that migrate, and tables that are large, may take their time, but for one who is brief:
 * he comes again. */
static int postgres_migration_begin(struct store *s, int64_t *ret_version, struct err *err)
{
    struct pg_link *l = &of(s)->link;
    int64_t patience_ms = l->patience_ms;
    int status;

    if (!l->brief)
        l->patience_ms = 0;
    status = begin_locked(s, ret_version, err);
    l->patience_ms = patience_ms;
    return status;
}

static int postgres_migration_note(struct store *s, uint32_t version, struct err *err)
{
    char sql[200];

    snprintf(sql, sizeof(sql),
             "CREATE TABLE IF NOT EXISTS eddy_version (version BIGINT NOT NULL); "
             "DELETE FROM eddy_version; INSERT INTO eddy_version VALUES (%u)",
             version);
    return postgres_execute(s, sql, err);
}

static int prepare(struct postgres *p, const struct statement *what, struct err *err)
{
    int status = 0;

    if (what->number >= p->prepared_cap) {
        size_t had = p->prepared_cap;
        p->prepared =
            mem_grow(p->prepared, &p->prepared_cap, what->number + 1, sizeof(*p->prepared));
        memset(p->prepared + had, 0, (p->prepared_cap - had) * sizeof(*p->prepared));
    }
    if (p->prepared[what->number])
        return 0;
    PQclear(pg_link_answer(&p->link, PQsendPrepare(p->link.conn, what->name, what->sql, 0, NULL),
                           &status, err));
    p->prepared[what->number] = status == 0;
    return status;
}

/* The answer to a statement with its values, or NULL with *ret_status and err. */
static PGresult *perform(struct store *s, const struct statement *what,
                         const struct store_value *values, uint32_t count, int *ret_status,
                         struct err *err)
{
    struct postgres *p = of(s);
    const char *texts[VALUES_MAX];
    char numbers[VALUES_MAX][INTEGER_TEXT];
    char *copies[VALUES_MAX] = {0};
    PGresult *answer = NULL;
    uint32_t i;
    int status;

    ASSERT(count <= VALUES_MAX);
    status = p->link.conn != NULL ? prepare(p, what, err) : pg_link_is_gone(&p->link, err);
    for (i = 0; i < count; i++) {
        if (values[i].text.data != NULL)
            texts[i] = copies[i] = mem_strndup(values[i].text.data, values[i].text.len);
        else
            texts[i] = numbers[i];
        snprintf(numbers[i], INTEGER_TEXT, "%lld", (long long)values[i].integer);
    }
    if (status == 0)
        answer = pg_link_answer(
            &p->link,
            PQsendQueryPrepared(p->link.conn, what->name, (int)count, texts, NULL, NULL, 0),
            &status, err);
    for (i = 0; i < count; i++)
        mem_free(copies[i]);
    if (status < 0 && status != ERR_AWAY)
        err_wrap(err, "statement %s", what->name);
    *ret_status = status;
    return answer;
}

static int postgres_run(struct store *s, const struct statement *what,
                        const struct store_value *values, uint32_t count, struct err *err)
{
    int status = 0;
    PGresult *answer = perform(s, what, values, count, &status, err);

    if (answer != NULL)
        status = (int)strtol(PQcmdTuples(answer), NULL, 10);
    PQclear(answer);
    return status;
}

static int postgres_query(struct store *s, const struct statement *what,
                          const struct store_value *values, uint32_t count,
                          struct store_rows **ret_rows, struct err *err)
{
    struct postgres_rows *r;
    int status = 0;
    PGresult *answer = perform(s, what, values, count, &status, err);

    if (answer == NULL)
        return status;
    r = mem_alloc(sizeof(*r));
    *r = (struct postgres_rows){.rows.store = s, .answer = answer, .at = -1};
    *ret_rows = &r->rows;
    return 0;
}

static int postgres_next(struct store_rows *rows, struct err *err)
{
    struct postgres_rows *r = (struct postgres_rows *)rows;

    (void)err;
    if (r->at + 1 >= PQntuples(r->answer))
        return 0;
    r->at++;
    return 1;
}

static struct str postgres_row_str(const struct store_rows *rows, uint32_t column)
{
    const struct postgres_rows *r = (const struct postgres_rows *)rows;

    return (struct str){PQgetvalue(r->answer, r->at, (int)column),
                        (size_t)PQgetlength(r->answer, r->at, (int)column)};
}

static int64_t postgres_row_integer(const struct store_rows *rows, uint32_t column)
{
    return strtoll(postgres_row_str(rows, column).data, NULL, 10);
}

static void postgres_rows_close(struct store_rows *rows)
{
    PQclear(((struct postgres_rows *)rows)->answer);
    mem_free(rows);
}

static int take_connection(struct postgres *p, struct err *err)
{
    pg_link_drop(&p->link);
    p->link.conn = pg_dial_take(p->dial);
    return p->link.conn != NULL ? 0 : pg_link_is_gone(&p->link, err);
}

static int postgres_reconnect(struct store *s, struct err *err)
{
    struct postgres *p = of(s);
    int status;

    if (p->link.conn != NULL && PQstatus(p->link.conn) == CONNECTION_OK)
        return 0;
    memset(p->prepared, 0, p->prepared_cap * sizeof(*p->prepared));
    status = p->dial != NULL ? take_connection(p, err) : pg_link_connect(&p->link, err);
    return status < 0 ? status : 1;
}

static void postgres_drop(struct store *s)
{
    pg_link_drop(&of(s)->link);
}

static int postgres_be_brief(struct store *s, uint32_t patience_ms, struct err *err)
{
    struct postgres *p = of(s);

    p->link.patience_ms = patience_ms;
    p->link.brief = true;
    if (p->dial == NULL)
        p->dial = pg_dial_new(&p->link);
    return pg_link_settle(&p->link, err);
}

static int postgres_hint(struct store *s, const char *channel, int64_t number, struct err *err)
{
    char sql[96];

    snprintf(sql, sizeof(sql), "NOTIFY eddy_%s, '%lld'", channel, (long long)number);
    return postgres_execute(s, sql, err);
}

static int postgres_listen(struct store *s, const char *channel, struct err *err)
{
    char sql[64];

    snprintf(sql, sizeof(sql), "LISTEN eddy_%s", channel);
    return postgres_execute(s, sql, err);
}

static const char *channel_of(const struct store *s, const PGnotify *n)
{
    uint32_t i;

    for (i = 0; i < s->channel_count; i++)
        if (strncmp(n->relname, "eddy_", 5) == 0 && strcmp(n->relname + 5, s->channels[i]) == 0)
            return s->channels[i];
    return NULL;
}

static int postgres_hear(struct store *s, const char **ret_channel, int64_t *ret_number,
                         struct err *err)
{
    struct pg_link *l = &of(s)->link;
    int status = pg_link_listen(l, err);
    PGnotify *n;

    while (status == 0 && (n = PQnotifies(l->conn)) != NULL) {
        if (n->be_pid != PQbackendPID(l->conn)) { /* what we said ourselves is no news */
            *ret_channel = channel_of(s, n);
            *ret_number = strtoll(n->extra, NULL, 10);
            status = 1;
        }
        PQfreemem(n);
    }
    return status;
}

static int postgres_fd(const struct store *s)
{
    return of(s)->link.conn != NULL ? PQsocket(of(s)->link.conn) : -1;
}

static void postgres_close(struct store *s)
{
    struct postgres *p = of(s);

    pg_dial_free(p->dial);
    pg_link_drop(&p->link);
    mem_free(p->link.address);
    mem_free(p->prepared);
    mem_free(p);
}

static const struct store_ops ops = {
    .dialect = "postgresql",
    .is_server = true,
    .close = postgres_close,
    .reconnect = postgres_reconnect,
    .drop = postgres_drop,
    .be_brief = postgres_be_brief,
    .execute = postgres_execute,
    .run = postgres_run,
    .query = postgres_query,
    .next = postgres_next,
    .row_str = postgres_row_str,
    .row_integer = postgres_row_integer,
    .rows_close = postgres_rows_close,
    .migration_begin = postgres_migration_begin,
    .migration_note = postgres_migration_note,
    .hint = postgres_hint,
    .listen = postgres_listen,
    .hear = postgres_hear,
    .fd = postgres_fd,
};

int postgres_open(const char *address, struct store **ret_store, struct err *err)
{
    struct postgres *p;
    char *title = pg_link_title(address, err);
    int status;

    if (title == NULL)
        return ERR_INPUT;
    p = mem_zalloc(sizeof(*p));
    p->store = (struct store){.ops = &ops, .title = title, .begin = "BEGIN"};
    p->link = (struct pg_link){
        .address = mem_strdup(address), .title = title, .patience_ms = LINK_PATIENCE_MS};
    status = pg_link_connect(&p->link, err);
    if (status < 0) {
        mem_free(title);
        postgres_close(&p->store);
        return status;
    }
    *ret_store = &p->store;
    return 0;
}
