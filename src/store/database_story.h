/* database_story.h - databases for tests: a file of SQLite, or one on a server of PostgreSQL that
 * the test program starts for itself (tests/postgres.sh) and that ends with it.
 *
 * ON_BOTH(promise) { ... } makes two tests of one body, which gets an empty database each time. */
#ifndef STORE_DATABASE_STORY_H
#define STORE_DATABASE_STORY_H

#include "../base/err.h"
#include "../base/file.h"
#include "../base/test.h"

#include <fcntl.h>
#include <libpq-fe.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct database {
    bool server;
    char dir[64];
    char db[256]; /* for store_open() */
};

/* The server of this test program. */
static struct {
    pid_t pid;
    int orders;
    FILE *answers;
    char address[200];
    unsigned schemas;
} postgres_server;

static inline void postgres_end(void)
{
    close(postgres_server.orders);
    waitpid(postgres_server.pid, NULL, 0);
}

static inline void postgres_start(void)
{
    int in[2], out[2];
    char line[200] = "nothing";

    CHECK(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0);
    postgres_server.pid = fork();
    CHECK(postgres_server.pid >= 0);
    if (postgres_server.pid == 0) {
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        execl("/bin/sh", "sh", "tests/postgres.sh", (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    postgres_server.orders = in[1];
    postgres_server.answers = fdopen(out[0], "r");
    CHECK(fgets(line, sizeof(line), postgres_server.answers) != NULL);
    if (strncmp(line, "ready ", 6) != 0)
        fail_msg("tests/postgres.sh, run from the top of the tree, said: %s", line);
    line[strcspn(line, "\n")] = '\0';
    snprintf(postgres_server.address, sizeof(postgres_server.address), "%s", line + 6);
    atexit(postgres_end);
}

/* "crash", "stop", "start": see tests/postgres.sh. */
static inline void postgres_order(const char *order)
{
    char line[200] = "";

    CHECK(dprintf(postgres_server.orders, "%s\n", order) > 0);
    CHECK(fgets(line, sizeof(line), postgres_server.answers) != NULL);
    CHECK_TEXT(line, "done\n");
}

static inline void postgres_sql(const char *address, const char *sql)
{
    PGconn *c = PQconnectdb(address);
    PGresult *answer = PQexec(c, sql);

    if (PQresultStatus(answer) != PGRES_COMMAND_OK && PQresultStatus(answer) != PGRES_TUPLES_OK)
        fail_msg("%s: %s", sql, PQerrorMessage(c));
    PQclear(answer);
    PQfinish(c);
}

/* Past the store: what another program might do. */
static inline void database_sql(const struct database *d, const char *sql)
{
    sqlite3 *db = NULL;
    char *why = NULL;

    if (d->server) {
        postgres_sql(d->db, sql);
        return;
    }
    CHECK_INT(sqlite3_open(d->db, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 10000);
    if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s: %s", sql, why);
    sqlite3_close(db);
}

/* A database that nobody has opened. The first one on PostgreSQL starts the server. */
static inline void database_init(struct database *d, bool server)
{
    const char *tmp = getenv("TMPDIR");
    char sql[120];

    *d = (struct database){.server = server};
    snprintf(d->dir, sizeof(d->dir), "%s/eddy-store-XXXXXX",
             tmp != NULL && strlen(tmp) < 40 ? tmp : "/tmp");
    CHECK(mkdtemp(d->dir) != NULL);
    snprintf(d->db, sizeof(d->db), "%s/a/b/progress.db", d->dir);
    if (!server)
        return;
    if (postgres_server.pid == 0)
        postgres_start();
    postgres_order("thaw"); /* a test that failed may have left it frozen */
    /* A schema is as good as a database here, and is made much faster. */
    snprintf(sql, sizeof(sql), "CREATE SCHEMA t%u", ++postgres_server.schemas);
    snprintf(d->db, sizeof(d->db), "%spostgres", postgres_server.address);
    postgres_sql(d->db, sql);
    snprintf(d->db, sizeof(d->db), "%spostgres&options=-csearch_path%%3Dt%u",
             postgres_server.address, postgres_server.schemas);
}

static inline void database_release(struct database *d)
{
    struct err err;

    CHECK_INT(file_remove_tree(d->dir, &err), 0);
}

#define ON_BOTH(name)                                                                              \
    static void name(struct database *d);                                                          \
    TEST(name##_on_sqlite)                                                                         \
    {                                                                                              \
        struct database d;                                                                         \
        database_init(&d, false);                                                                  \
        name(&d);                                                                                  \
        database_release(&d);                                                                      \
    }                                                                                              \
    TEST(name##_on_postgresql)                                                                     \
    {                                                                                              \
        struct database d;                                                                         \
        database_init(&d, true);                                                                   \
        name(&d);                                                                                  \
        database_release(&d);                                                                      \
    }                                                                                              \
    static void name(struct database *d)

#endif
