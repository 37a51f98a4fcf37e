/* config.h - what a folder was made for: said once by store_config, kept in the file `config`. */
#ifndef LOGGER_CONFIG_H
#define LOGGER_CONFIG_H

#include "json.h"

#include <stdbool.h>

bool config_load(void);                      /* false: the folder is new */
int config_store(const struct json *fields); /* 0, or -errno: nothing is kept then */
/* Some fields get other values: those that may change later. */
int config_change(const struct json *fields);
const char *config_text(const char *key, const char *otherwise);
int64_t config_int(const char *key, int64_t otherwise);
bool config_bool(const char *key, bool otherwise);

#endif
