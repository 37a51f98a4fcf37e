#include "answers.h"

#include "json.h"
#include "node.h"

#include <string.h>

enum { CODE_CRASH = 13 };

bool answer_is_error(const struct json *body)
{
    const char *type = json_text_of(json_get(body, "type"));

    return type != NULL && strcmp(type, "error") == 0;
}

int answer_code(const struct json *body)
{
    return (int)json_int_of(json_get(body, "code"), CODE_CRASH);
}

struct json *answer_stripped(const struct json *body)
{
    struct json *reply = json_object();

    for (uint32_t i = 0; i < body->len; i++) {
        const struct json_member *m = &body->members[i];

        if (strcmp(m->key, "msg_id") != 0 && strcmp(m->key, "in_reply_to") != 0)
            json_set(reply, m->key, m->value);
    }
    return reply;
}

void answer_pass_on(const struct request *r, const char *type, const struct json *body)
{
    struct json *reply;

    if (answer_is_error(body)) {
        const char *text = json_text_of(json_get(body, "text"));

        node_error(r, answer_code(body), text != NULL ? text : "the other node refused");
        return;
    }
    reply = node_body(type);
    json_set(reply, "reply", answer_stripped(body));
    node_reply(r, reply);
}
