/* manifest.h - which tables are alive, and where each of them stands: the one place that says so.
 * Replaced as a whole, by a rename. */
#ifndef LOGGER_MANIFEST_H
#define LOGGER_MANIFEST_H

#include <stddef.h>
#include <stdint.h>

struct manifest {
    uint64_t flushed_lsn; /* the tables hold everything up to it */
    uint64_t next_number; /* for the next table */
    uint64_t next_run;    /* for the next run */
    size_t count;
    struct manifest_table {
        uint64_t number;
        uint32_t level;
        uint64_t run; /* tables of one run do not overlap; of one level, a later run is newer */
    } * tables;       /* in the order in which a key is searched; the owner frees it */
};

int manifest_load(struct manifest *ret_manifest); /* all zero if there is none; -EBADMSG: damaged */
int manifest_store(const struct manifest *m);

#endif
