/* catalog.h - which partitions there are. */
#ifndef LOGGER_CATALOG_H
#define LOGGER_CATALOG_H

#include "json.h"
#include "part.h"

struct topic {
    char *key;
    struct part *part;
};

void catalog_open(void); /* all that the folder knows */
/* 0, -EEXIST, or -errno: then there is none. fields: as in create_log. */
int catalog_create(const char *key, const struct json *fields);
struct topic *catalog_find(const char *key); /* NULL: no such partition */
struct topic *catalog_at(size_t i);          /* NULL: there are not so many */

#endif
