/* manifest.h - which tables are alive: the one place that says so. Replaced as a whole, by a
 * rename. */
#ifndef LOGGER_MANIFEST_H
#define LOGGER_MANIFEST_H

#include <stddef.h>
#include <stdint.h>

struct manifest {
    uint64_t flushed_lsn; /* the tables hold everything up to it */
    uint64_t next_number; /* for the next table */
    size_t count;
    uint64_t *numbers; /* oldest first; the owner frees it */
};

int manifest_load(struct manifest *ret_manifest); /* all zero if there is none; -EBADMSG: damaged */
int manifest_store(const struct manifest *m);

#endif
