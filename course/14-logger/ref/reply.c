#include "reply.h"

#include "log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { CODE_CORRUPT = 1001 };

void reply_ok(const struct message *m, const char *key, struct json *value)
{
    char type[128];

    snprintf(type, sizeof(type), "%s_ok", m->type);
    if (key == NULL)
        node_reply(m, type, NULL);
    else
        node_reply(m, type, key, value, NULL);
}

void reply_failed(const struct message *m, int status)
{
    if (status == -EBADMSG)
        node_reply(m, "error", "code", json_int(CODE_CORRUPT), "text", json_string("corrupt"), "at",
                   json_int((int64_t)log_corrupt_at()), NULL);
    else
        node_error(m, NODE_UNAVAILABLE, strerror(-status));
}

/* What was stored is valid UTF-8, but it may hold 0 bytes: json_string() would stop there. */
struct json *reply_text(struct slice data)
{
    struct json *text = json_string("");
    char *copy = json_scratch(data.len + 1);

    if (data.len > 0)
        memcpy(copy, data.data, data.len);
    copy[data.len] = '\0';
    text->string = copy;
    text->len = (uint32_t)data.len;
    return text;
}
