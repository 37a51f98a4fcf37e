/* reply.h - answers that all engines give. */
#ifndef LOGGER_REPLY_H
#define LOGGER_REPLY_H

#include "bytes.h"
#include "node.h"

void reply_ok(const struct message *m, const char *key, struct json *value); /* key NULL: none */
void reply_failed(const struct message *m, int status); /* 11, or 1001 with `at` */
struct json *reply_text(struct slice text);             /* a JSON string that may hold 0 bytes */

#endif
