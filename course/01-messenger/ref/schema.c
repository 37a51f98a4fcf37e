/* schema.c - the table of requests, and the one function that reads it.
 *
 * To add a request: a row here, a handler in handlers.h. Fields that no row lists are ignored, so
 * that a newer client may say more than this node understands. */
#include "schema.h"

#include "handlers.h"
#include "json.h"
#include "node.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define INTEGER_MAX ((int64_t)1 << 53)
/* clang-format off */
#define TIME(field_name) {field_name, FIELD_INTEGER, 0, 3600000, false, 0}
#define TIME_OR(field_name, value) {field_name, FIELD_INTEGER, 0, 3600000, true, value}
#define INTEGER(field_name, low, high) {field_name, FIELD_INTEGER, low, high, false, 0}
#define FIELD(field_name, kind) {field_name, kind, 0, 0, false, 0}
/* clang-format on */
#define TARGET FIELD("target", FIELD_MEMBER)
#define INNER FIELD("inner", FIELD_REQUEST)

static const struct schema schemas[] = {
    {"inspect", on_inspect, false, {FIELD("payload", FIELD_ANY)}},
    {"whoami", on_whoami, false, {{0}}},
    {"echo", on_echo, false, {FIELD("echo", FIELD_ANY)}},
    {"wait", on_wait, false, {TIME("ms")}},
    {"proxy", on_proxy, false, {TARGET, INNER, TIME("timeout_ms")}},
    {"relay",
     on_relay,
     true,
     {TARGET, INNER, TIME("timeout_ms"), INTEGER("attempts", 1, 100), TIME_OR("base_ms", 0),
      TIME_OR("cap_ms", 3600000)}},
    {"batch", on_batch, false, {FIELD("calls", FIELD_CALLS), TIME("timeout_ms")}},
    {"start", on_start, false, {TARGET, INNER, TIME("ttl_ms"), FIELD("tag", FIELD_ANY)}},
    {"pending", on_pending, false, {{0}}},
    {"trace", on_trace, false, {INTEGER("limit", 1, 1000000)}},
    {"tally", on_tally, true, {INTEGER("amount", -1000000000, 1000000000), TIME_OR("wait_ms", 0)}},
    {"chaos",
     on_chaos,
     false,
     {FIELD("drop", FIELD_CHANCE), FIELD("duplicate", FIELD_CHANCE),
      INTEGER("seed", 0, INTEGER_MAX - 1)}},
    {"chaos_off", on_chaos_off, false, {{0}}},
    {"visit", on_visit, false, {FIELD("path", FIELD_PATH), TIME("work_ms"), TIME("deadline_ms")}},
};

const struct schema *schema_find(const char *type)
{
    for (size_t i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++) {
        if (strcmp(schemas[i].type, type) == 0)
            return &schemas[i];
    }
    return NULL;
}

static bool is_number(const struct json *v)
{
    return v != NULL && (v->type == JSON_INT || v->type == JSON_REAL);
}

double schema_number_of(const struct json *v)
{
    if (!is_number(v))
        return 0;
    return v->type == JSON_INT ? (double)v->integer : strtod(v->string, NULL);
}

/* 1000, 1000.0 and 1e3 are one value, and it is whole; 2.5 is not. */
static struct json *check_integer(const struct field *f, const struct json *v)
{
    double number = schema_number_of(v);

    if (!is_number(v) || !(number >= (double)f->low && number <= (double)f->high))
        return NULL;
    return (double)(int64_t)number == number ? json_int((int64_t)number) : NULL;
}

static bool is_member(const struct json *v)
{
    return json_text_of(v) != NULL && node_is_member(json_text_of(v));
}

static bool is_request(const struct json *v)
{
    return json_text_of(json_get(v, "type")) != NULL;
}

static bool is_call(const struct json *v)
{
    return is_member(json_get(v, "target")) && is_request(json_get(v, "inner"));
}

static bool is_list_of(bool (*each)(const struct json *), const struct json *v)
{
    if (v == NULL || v->type != JSON_ARRAY)
        return false;
    for (size_t i = 0; i < json_len(v); i++) {
        if (!each(json_at(v, i)))
            return false;
    }
    return true;
}

/* The value as the handler gets it, or NULL. */
static struct json *check_field(const struct field *f, struct json *v)
{
    if (v == NULL) /* not there; a null is there */
        return f->optional ? json_int(f->otherwise) : NULL;
    switch (f->kind) {
    case FIELD_NONE:
    case FIELD_ANY:
        return v;
    case FIELD_INTEGER:
        return check_integer(f, v);
    case FIELD_CHANCE:
        return is_number(v) && schema_number_of(v) >= 0 && schema_number_of(v) <= 1 ? v : NULL;
    case FIELD_MEMBER:
        return is_member(v) ? v : NULL;
    case FIELD_PATH:
        return is_list_of(is_member, v) ? v : NULL;
    case FIELD_REQUEST:
        return is_request(v) ? v : NULL;
    case FIELD_CALLS:
        return is_list_of(is_call, v) ? v : NULL;
    }
    return NULL;
}

struct json *schema_check(const struct schema *s, const struct json *body,
                          const char **ret_bad_field)
{
    struct json *checked = json_object();

    for (const struct field *f = s->fields; f < s->fields + FIELDS_MAX && f->kind != FIELD_NONE;
         f++) {
        struct json *v = check_field(f, json_get(body, f->name));

        if (v == NULL) {
            *ret_bad_field = f->name;
            return NULL;
        }
        json_set(checked, f->name, v);
    }
    return checked;
}
