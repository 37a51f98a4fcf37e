/* backend.h - what a database must be able to do for store.c. Private to this room.
 *
 * Each function keeps the contract of the one of its name in store.h. Statements come with their
 * texts for this backend, complete; the name and number are for caches and sentences. */
#ifndef STORE_BACKEND_H
#define STORE_BACKEND_H

#include "store.h"

struct statement {
    char *name, *sql;
    uint32_t number; /* dense, from 0, in the order of first use of this struct store */
};

struct store_ops {
    const char *dialect; /* which "-- only:" lines of sql/ are meant for it */
    bool is_server;
    void (*close)(struct store *s);
    /* Makes sure of a connection, without a word about tables. 1: it is a new one. */
    int (*reconnect)(struct store *s, struct err *err);
    void (*drop)(struct store *s); /* as if the connection had broken */
    int (*be_brief)(struct store *s, uint32_t patience_ms, struct err *err);
    int (*execute)(struct store *s, const char *sql, struct err *err); /* several; no values */
    int (*run)(struct store *s, const struct statement *what, const struct store_value *values,
               uint32_t count, struct err *err);
    int (*query)(struct store *s, const struct statement *what, const struct store_value *values,
                 uint32_t count, struct store_rows **ret_rows, struct err *err);
    int (*next)(struct store_rows *r, struct err *err);
    struct str (*row_str)(const struct store_rows *r, uint32_t column);
    int64_t (*row_integer)(const struct store_rows *r, uint32_t column);
    void (*rows_close)(struct store_rows *r);
    /* Begins a transaction that no other migration can overlap, and says how far the database is.
     * ERR_INPUT: it belongs to another program. */
    int (*migration_begin)(struct store *s, int64_t *ret_version, struct err *err);
    int (*migration_note)(struct store *s, uint32_t version, struct err *err);
    int (*hint)(struct store *s, const char *channel, int64_t number, struct err *err);
    int (*listen)(struct store *s, const char *channel, struct err *err);
    int (*hear)(struct store *s, const char **ret_channel, int64_t *ret_number, struct err *err);
    int (*fd)(const struct store *s);
};

/* Each backend's own struct begins with these, and sets the first three. */
struct store {
    const struct store_ops *ops;
    char *title;       /* of the database, for sentences: "the database /home/me/progress.db" */
    const char *begin; /* the statement that begins a transaction */
    struct map *names; /* of the statements used so far */
    struct statement *statements; /* by number */
    size_t statement_cap;
    char *channels[STORE_CHANNELS_MAX]; /* listened to; owned */
    uint32_t channel_count;
};

struct store_rows {
    struct store *store;
};

/* A database that is open, but whose tables nobody has looked at yet. */
int sqlite_open(const char *path, struct store **ret_store, struct err *err);
int sqlite_copy(const char *path, const char *to, struct err *err); /* store_copy() */
int postgres_open(const char *address, struct store **ret_store, struct err *err);

#endif
