/* One connection to PostgreSQL, and how long to wait on it.
 *
 * libpq's simple calls wait until the server answers, which a server that was stopped, or that has
 * lost its network, never does; and a worker that waits for ever beats for nobody. So every
 * statement is sent and its answer awaited with poll(2) and a deadline. When the deadline passes,
 * the connection is dropped: what becomes of the statement is the server's secret then, just as
 * when the connection breaks. On the server's side lock_timeout ends the wait for a lock before our
 * patience does, so that a statement we gave up does not come alive later, and
 * idle_in_transaction_session_timeout ends a transaction whose owner was stopped in its middle.
 * Where patience is short (brief), statement_timeout does the same for all that is slow: then a
 * slow answer costs that statement, and only silence costs the connection.
 *
 * What is meant by an error is decided here, by its SQLSTATE (appendix A of the manual). */
#include "postgres_link.h"

#include "../base/clock.h"
#include "../base/err.h"
#include "../base/mem.h"
#include "../base/str.h"

#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* What an address leaves open. The numbers make a connection to a machine that went away end within
 * some 15 s. */
static const struct setting {
    const char *name, *value;
} defaults[] = {
    {"connect_timeout", "5"},      {"keepalives_idle", "5"},
    {"keepalives_interval", "5"},  {"keepalives_count", "2"},
    {"tcp_user_timeout", "10000"}, {"fallback_application_name", "eddy"},
    {"client_encoding", "UTF8"},
};

enum { DEFAULT_COUNT = sizeof(defaults) / sizeof(defaults[0]), SETTING_MAX = 128 };

static int64_t now_ms(void)
{
    return clock_real_ns() / 1000000;
}

static const char *setting(const PQconninfoOption *options, const char *name)
{
    for (; options->keyword != NULL; options++)
        if (strcmp(options->keyword, name) == 0)
            return options->val != NULL && options->val[0] != '\0' ? options->val : NULL;
    return NULL;
}

char *pg_link_title(const char *address, struct err *err)
{
    PQconninfoOption *options = PQconninfoParse(address, NULL);
    struct buf title = {0};
    const char *name, *host;

    if (options == NULL) { /* libpq's own words repeat the address, with its password */
        err_set(err, ERR_INPUT,
                "the database's address cannot be read; it looks like postgresql://USER@HOST/NAME, "
                "and special letters in a part stand as %%XX");
        return NULL;
    }
    name = setting(options, "dbname");
    host = setting(options, "host");
    if (host == NULL)
        host = setting(options, "hostaddr");
    buf_addf(&title, "the database %s on %s", name != NULL ? name : "of the default name",
             host != NULL ? host : "this machine");
    PQconninfoFree(options);
    return buf_take(&title);
}

int pg_link_is_gone(struct pg_link *l, struct err *err)
{
    const char *why = l->conn != NULL ? PQerrorMessage(l->conn) : "";
    struct str line = {why, strcspn(why, "\n")};

    err_set(err, ERR_AWAY, "%s is not to be reached%s%.*s", l->title, line.len > 0 ? ": " : "",
            STR_ARG(line));
    pg_link_drop(l);
    return ERR_AWAY;
}

void pg_link_drop(struct pg_link *l)
{
    PQfinish(l->conn);
    l->conn = NULL;
}

static void be_silent(void *owner, const PGresult *notice)
{
    (void)owner;
    (void)notice;
}

static PGconn *connect_with_defaults(const char *address)
{
    const char *names[SETTING_MAX + 1] = {0}, *values[SETTING_MAX + 1] = {0};
    PQconninfoOption *options = PQconninfoParse(address, NULL);
    const PQconninfoOption *o;
    PGconn *conn;
    size_t i, count = 0;

    if (options == NULL)
        return NULL;
    for (i = 0; i < DEFAULT_COUNT; i++)
        if (setting(options, defaults[i].name) == NULL) {
            names[count] = defaults[i].name;
            values[count++] = defaults[i].value;
        }
    for (o = options; o->keyword != NULL && count < SETTING_MAX; o++)
        if (o->val != NULL) {
            names[count] = o->keyword;
            values[count++] = o->val;
        }
    conn = PQconnectdbParams(names, values, 0);
    PQconninfoFree(options);
    return conn;
}

/* A server that is starting, ending or full is away; one that knows no such user is not. libpq
 * gives no code for a connection that failed, so the difference is whether anybody answered. */
static int explain_connect(struct pg_link *l, struct err *err)
{
    static const char *const away[] = {"could not connect",
                                       "refused",
                                       "timeout",
                                       "timed out",
                                       "starting up",
                                       "shutting down",
                                       "too many",
                                       "closed the connection",
                                       "could not translate",
                                       "unreachable",
                                       "No such file",
                                       "recovery",
                                       "not yet accepting",
                                       "reset by peer",
                                       "remaining connection slots"};
    const char *why = l->conn != NULL ? PQerrorMessage(l->conn) : "no memory";
    struct str line = {why, strcspn(why, "\n")};
    size_t i;

    for (i = 0; i < sizeof(away) / sizeof(away[0]); i++)
        if (strstr(why, away[i]) != NULL)
            return pg_link_is_gone(l, err);
    err_set(err, ERR_MACHINE, "%s: %.*s", l->title, STR_ARG(line));
    pg_link_drop(l);
    return ERR_MACHINE;
}

int pg_link_settle(struct pg_link *l, struct err *err)
{
    long long own_ms = l->patience_ms * 4 / 5; /* the server's, of ours */
    struct buf settings = {0};
    int status = 0;

    buf_addf(&settings, "SET lock_timeout = %lld; SET idle_in_transaction_session_timeout = '5s'",
             own_ms);
    if (l->brief)
        buf_addf(&settings, "; SET statement_timeout = %lld", own_ms);
    PQclear(
        pg_link_answer(l, l->conn != NULL && PQsendQuery(l->conn, settings.data), &status, err));
    buf_release(&settings);
    return status;
}

int pg_link_connect(struct pg_link *l, struct err *err)
{
    const char *encoding;

    pg_link_drop(l);
    l->conn = connect_with_defaults(l->address);
    if (l->conn == NULL || PQstatus(l->conn) != CONNECTION_OK)
        return explain_connect(l, err);
    PQsetNoticeReceiver(l->conn, be_silent, NULL);
    PQsetnonblocking(l->conn, 1);
    encoding = PQparameterStatus(l->conn, "server_encoding");
    if (encoding == NULL || strcmp(encoding, "UTF8") != 0) {
        pg_link_drop(l);
        return err_set(
            err, ERR_INPUT,
            "%s keeps texts in another encoding than UTF8; make it anew with CREATE DATABASE "
            "... ENCODING 'UTF8' TEMPLATE template0",
            l->title);
    }
    return pg_link_settle(l, err);
}

/* Until something may be read (or written, if there is something to write). False: the deadline
 * has passed or the connection is broken. */
static bool wait_for_server(struct pg_link *l, int64_t deadline_ms)
{
    struct pollfd p = {.fd = PQsocket(l->conn), .events = POLLIN};
    int flushed = PQflush(l->conn);
    int64_t left_ms = deadline_ms - now_ms();
    int ready;

    if (flushed < 0 || p.fd < 0)
        return false;
    if (flushed > 0)
        p.events |= POLLOUT;
    if (l->patience_ms != 0 && left_ms <= 0)
        return false;
    ready = poll(&p, 1, l->patience_ms != 0 ? (int)left_ms : -1);
    if (ready > 0 && (p.revents & (POLLIN | POLLHUP | POLLERR)) != 0)
        return PQconsumeInput(l->conn) == 1;
    return true; /* written, interrupted, or late: the next turn tells */
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static int explain(struct pg_link *l, const PGresult *answer, struct err *err)
{
    static const char *const later[] = {"40001", "40P01", "55P03", "57014", "53300"};
    const char *code = PQresultErrorField(answer, PG_DIAG_SQLSTATE);
    const char *words = PQresultErrorField(answer, PG_DIAG_MESSAGE_PRIMARY);
    size_t i;

    if (PQstatus(l->conn) != CONNECTION_OK || code == NULL || begins(code, "08") ||
        begins(code, "57P") || begins(code, "25006") || begins(code, "25P03"))
        return pg_link_is_gone(l, err);
    if (words == NULL)
        words = "an error without words";
    for (i = 0; i < sizeof(later) / sizeof(later[0]); i++)
        if (strcmp(code, later[i]) == 0)
            return err_set(err, ERR_AWAY, "%s: %s", l->title, words);
    if (strcmp(code, "23505") == 0)
        return err_set(err, ERR_FULL, "%s: %s", l->title, words);
    if (begins(code, "XX00"))
        return err_set(err, ERR_INPUT, "%s is damaged: %s; bring back a copy", l->title, words);
    return err_set(err, ERR_MACHINE, "%s: %s", l->title, words);
}

PGresult *pg_link_answer(struct pg_link *l, int sent, int *ret_status, struct err *err)
{
    int64_t deadline_ms = now_ms() + l->patience_ms;
    PGresult *last = NULL, *next;

    if (l->conn == NULL || !sent) {
        *ret_status = pg_link_is_gone(l, err);
        return NULL;
    }
    for (;;) {
        while (PQflush(l->conn) > 0 || PQisBusy(l->conn))
            if (!wait_for_server(l, deadline_ms)) {
                PQclear(last);
                *ret_status = pg_link_is_gone(l, err);
                return NULL;
            }
        next = PQgetResult(l->conn);
        if (next == NULL)
            break;
        PQclear(last);
        last = next;
    }
    if (last != NULL &&
        (PQresultStatus(last) == PGRES_COMMAND_OK || PQresultStatus(last) == PGRES_TUPLES_OK)) {
        *ret_status = 0;
        return last;
    }
    *ret_status = explain(l, last, err);
    PQclear(last);
    return NULL;
}

int pg_link_listen(struct pg_link *l, struct err *err)
{
    if (l->conn == NULL || PQconsumeInput(l->conn) != 1)
        return pg_link_is_gone(l, err);
    return 0;
}
