#include "statements.h"

#include "../base/assert.h"
#include "../base/embedded.h"

#include <stdio.h>
#include <string.h>

static const char mark[] = "-- name: ";

struct str statement_find(const char *name)
{
    const struct embedded *e = embedded_find("src/store/sql/statements.sql");
    size_t len = strlen(name);
    const char *at;

    ASSERT(e != NULL);
    for (at = strstr(e->text, mark); at != NULL; at = strstr(at, mark)) {
        const char *end;
        at += sizeof(mark) - 1;
        if (strncmp(at, name, len) != 0 || at[len] != '\n')
            continue;
        at += len + 1;
        end = strstr(at, mark);
        return (struct str){at, end != NULL ? (size_t)(end - at) : strlen(at)};
    }
    return (struct str){NULL, 0};
}

struct str migration_text(uint32_t n)
{
    const struct embedded *e;
    char path[64];

    snprintf(path, sizeof(path), "src/store/sql/migrate-%03u.sql", n);
    e = embedded_find(path);
    return e != NULL ? (struct str){e->text, e->len} : (struct str){NULL, 0};
}
