/* node.c - from a line to a handler, and from a body to a line.
 *
 *     line -> message? -> for me? -> answer? ----------------------> rpc.c
 *                                    request -> schema -> seen? ---> its handler
 *
 * The order of the checks matters. What may never be answered is sorted out before anything is
 * found wrong with it, or two nodes would send each other errors about errors for ever. */
#include "node.h"

#include "chaos.h"
#include "dedupe.h"
#include "handlers.h"
#include "json.h"
#include "loop.h"
#include "prng.h"
#include "rpc.h"
#include "schema.h"
#include "trace.h"
#include "utf8.h"

#include <stdlib.h>
#include <string.h>

static char *self; /* NULL before init */
static struct json *members;
static int64_t last_id;

const char *node_name(void)
{
    return self;
}

size_t node_count(void)
{
    return json_len(members);
}

const char *node_member(size_t index)
{
    return json_text_of(json_at(members, index));
}

bool node_is_member(const char *name)
{
    for (size_t i = 0; i < node_count(); i++) {
        if (strcmp(node_member(i), name) == 0)
            return true;
    }
    return false;
}

/* Ids count up from a random million, so that an answer to a question of an earlier life never
 * fits a question of this one. They stay below 2^53. */
int64_t node_new_id(void)
{
    if (last_id == 0)
        last_id = (int64_t)(prng_system_seed() % 1000000000) * 1000000;
    return ++last_id;
}

/* Out */

struct json *node_body(const char *type)
{
    struct json *body = json_object();

    json_set(body, "type", json_string(type));
    return body;
}

void node_send(const char *dest, const struct json *body)
{
    static struct json_text line;
    int copies = chaos_copies(body);

    line.len = 0;
    json_append(&line, "{\"src\":", 7);
    json_append_string(&line, self, strlen(self));
    json_append(&line, ",\"dest\":", 8);
    json_append_string(&line, dest, strlen(dest));
    json_append(&line, ",\"body\":", 8);
    json_print(&line, body);
    json_append(&line, "}\n", 2);
    for (int i = 0; i < copies; i++) {
        loop_print(line.bytes, line.len);
        trace_add(TRACE_OUT, dest, body);
    }
}

void node_tell(const char *dest, struct json *body)
{
    json_set(body, "msg_id", json_int(node_new_id()));
    node_send(dest, body);
}

void node_reply(const struct request *r, struct json *body)
{
    if (r->msg_id < 0)
        return;
    json_set(body, "in_reply_to", json_int(r->msg_id));
    json_set(body, "msg_id", json_int(node_new_id()));
    if (r->once)
        dedupe_store(r->src, r->msg_id, body);
    node_send(r->src, body);
}

static struct json *error_body(int code, const char *text)
{
    struct json *body = node_body("error");

    json_set(body, "code", json_int(code));
    json_set(body, "text", json_string(text));
    return body;
}

void node_error(const struct request *r, int code, const char *text)
{
    node_reply(r, error_body(code, text));
}

struct request *node_keep(const struct request *r)
{
    struct request *kept = malloc(sizeof(*kept));

    if (kept == NULL)
        abort();
    *kept = *r;
    kept->src = strdup(r->src);
    kept->type = NULL;
    kept->body = NULL;
    return kept;
}

void node_free(struct request *kept)
{
    if (kept == NULL)
        return;
    free((char *)(uintptr_t)kept->src);
    free(kept);
}

/* In */

static void on_init(const struct request *r)
{
    const char *name = json_text_of(json_get(r->body, "node_id"));

    if (name == NULL || self != NULL)
        return;
    self = strdup(name);
    members = json_keep(json_get(r->body, "node_ids"));
    trace_begin();
    trace_add(TRACE_IN, r->src, r->body);
    node_reply(r, node_body("init_ok"));
}

/* Checks the fields, and whether the request was seen before; then hands it to its handler. */
static void serve(struct request *r, const struct schema *schema)
{
    const char *bad_field = NULL;
    struct json *reply;

    r->body = schema_check(schema, r->body, &bad_field);
    if (r->body == NULL) {
        struct json *body = error_body(NODE_MALFORMED, "a field is missing or not as it must be");

        json_set(body, "field", json_string(bad_field));
        node_reply(r, body);
        return;
    }
    r->once = schema->once && r->msg_id >= 0;
    switch (r->once ? dedupe_enter(r->src, r->msg_id, &reply) : DEDUPE_NEW) {
    case DEDUPE_NEW:
        schema->handler(r);
        break;
    case DEDUPE_IN_WORK:
        break; /* the answer that is coming answers this one too */
    case DEDUPE_DONE:
        node_send(r->src, reply);
        break;
    }
}

static void on_request(struct request *r)
{
    const struct schema *schema;

    if (r->type != NULL && strcmp(r->type, "error") == 0)
        return;
    if (r->type == NULL) {
        node_error(r, NODE_MALFORMED, "type must be a string");
        return;
    }
    schema = schema_find(r->type);
    if (schema == NULL)
        node_error(r, NODE_NOT_SUPPORTED, "this node knows no request of this type");
    else
        serve(r, schema);
}

static void on_line(char *line, size_t len)
{
    struct json *envelope = utf8_valid(line, len) ? json_parse(line, len) : NULL;
    const char *dest = json_text_of(json_get(envelope, "dest"));
    struct json *body = json_get(envelope, "body");
    struct request r = {
        .src = json_text_of(json_get(envelope, "src")),
        .type = json_text_of(json_get(body, "type")),
        .msg_id = json_int_of(json_get(body, "msg_id"), -1),
        .body = body,
    };

    if (r.src == NULL || dest == NULL || body == NULL || body->type != JSON_OBJECT)
        return;
    if (self == NULL) {
        if (r.type != NULL && strcmp(r.type, "init") == 0)
            on_init(&r);
        return;
    }
    if (strcmp(dest, self) != 0)
        return;
    trace_add(TRACE_IN, r.src, body);
    if (json_get(body, "in_reply_to") != NULL)
        rpc_answer(r.src, json_int_of(json_get(body, "in_reply_to"), -1), body);
    else
        on_request(&r);
}

void node_run(void)
{
    loop_run(on_line);
}
