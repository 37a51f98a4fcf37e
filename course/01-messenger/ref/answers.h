/* answers.h - how an answer of another node is passed on. */
#ifndef MESSENGER_ANSWERS_H
#define MESSENGER_ANSWERS_H

#include <stdbool.h>

struct json;
struct request;

bool answer_is_error(const struct json *body);
int answer_code(const struct json *body); /* of an error; 13 if it has none */

/* body without msg_id and in_reply_to: those numbers mean something between two nodes only. */
struct json *answer_stripped(const struct json *body);

/* Answers r with `type` and the peer's answer as reply, or with the peer's error. */
void answer_pass_on(const struct request *r, const char *type, const struct json *body);

#endif
