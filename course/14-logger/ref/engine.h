/* engine.h - what main.c needs to know of an engine: a row each. */
#ifndef LOGGER_ENGINE_H
#define LOGGER_ENGINE_H

#include <stdint.h>

struct engine {
    const char *name;   /* in store_config */
    void (*open)(void); /* recovers what the folder holds; the config is known */
    void (*routes)(void);
};

extern const struct engine engine_wal, engine_kv, engine_lsm, engine_btree, engine_dlog;

/* Registers a request that only this engine understands; others answer it with error 10. */
struct message;
void engine_on(const char *type, const struct engine *engine,
               void (*handler)(const struct message *m));
/* The log, as configured; the engine has what comes before lsn from. */
void engine_open_log(uint64_t from);

#endif
