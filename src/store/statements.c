#include "statements.h"

#include "../base/assert.h"
#include "../base/embedded.h"

#include <stdio.h>
#include <string.h>

static const char mark[] = "-- name: ";
static const char only[] = "-- only: ";

static struct str find_in(struct str text, const char *what)
{
    const char *at = memmem(text.data, text.len, what, strlen(what));

    if (at == NULL)
        return (struct str){NULL, 0};
    return (struct str){at, text.len - (size_t)(at - text.data)};
}

/* The lines of sql that are meant for the dialect. */
static void add_lines(struct str sql, const char *dialect, struct buf *out)
{
    while (sql.len > 0) {
        const char *end = memchr(sql.data, '\n', sql.len);
        size_t len = end != NULL ? (size_t)(end - sql.data) + 1 : sql.len;
        struct str line = {sql.data, len};
        struct str whose = find_in(line, only);

        if (whose.data == NULL ||
            strncmp(whose.data + sizeof(only) - 1, dialect, strlen(dialect)) == 0)
            buf_add_str(out, line);
        sql = (struct str){sql.data + len, sql.len - len};
    }
}

/* Statement *i of a file: its name, and what follows up to the next. If there are not so many, *i
 * is lower by as many as there are. */
static bool statement_in(const char *path, uint32_t *i, struct str *ret_name, struct str *ret_sql)
{
    const struct embedded *e = embedded_find(path);
    struct str rest, next;
    const char *end;

    ASSERT(e != NULL);
    rest = find_in((struct str){e->text, e->len}, mark);
    for (; rest.data != NULL; rest = next, (*i)--) {
        rest = (struct str){rest.data + sizeof(mark) - 1, rest.len - (sizeof(mark) - 1)};
        next = find_in(rest, mark);
        if (*i > 0)
            continue;
        end = memchr(rest.data, '\n', rest.len);
        ASSERT(end != NULL);
        *ret_name = (struct str){rest.data, (size_t)(end - rest.data)};
        *ret_sql = (struct str){end + 1, rest.len - next.len - ret_name->len - 1};
        return true;
    }
    return false;
}

static bool statement_at(uint32_t i, struct str *ret_name, struct str *ret_sql)
{
    return statement_in("src/store/sql/statements.sql", &i, ret_name, ret_sql) ||
           statement_in("src/store/sql/accounts.sql", &i, ret_name, ret_sql);
}

bool statement_name(uint32_t i, struct str *ret_name)
{
    struct str sql;

    return statement_at(i, ret_name, &sql);
}

bool statement_text(const char *name, const char *dialect, struct buf *out)
{
    struct str found, sql;
    uint32_t i;

    for (i = 0; statement_at(i, &found, &sql); i++)
        if (str_is(found, name)) {
            add_lines(sql, dialect, out);
            return true;
        }
    return false;
}

static const struct embedded *migration_find(uint32_t n)
{
    char path[64];

    snprintf(path, sizeof(path), "src/store/sql/migrate-%03u.sql", n);
    return embedded_find(path);
}

bool migration_exists(uint32_t n)
{
    return migration_find(n) != NULL;
}

void migration_text(uint32_t n, const char *dialect, struct buf *out)
{
    const struct embedded *e = migration_find(n);

    ASSERT(e != NULL);
    add_lines((struct str){e->text, e->len}, dialect, out);
}
