/* Reading requests and writing replies; what the answers are is decided in service_kv.c and
 * service_tso.c. Requests come from learners' programs and can be anything: whatever is odd ends
 * in an error reply that says what is, not in silence (where Maelstrom gives no reply, a node
 * waits for ever and nobody knows why). */
#include "service.h"

#include "service_kv.h"
#include "service_tso.h"

#include "../base/assert.h"
#include "../base/json.h"
#include "../base/mem.h"

#include <string.h>

/* Longest piece of a learner's text that an error quotes, in bytes. */
enum { QUOTE_MAX = 200 };

enum error_code {
    ERROR_NOT_SUPPORTED = 10,
    ERROR_MALFORMED = 12,
    ERROR_ABORT = 14,
    ERROR_NO_KEY = 20,
    ERROR_PRECONDITION = 22,
};

struct service {
    enum service_kind kind;
    struct kv *kv; /* all but lin-tso */
    struct tso tso;
    struct buf key;  /* of the request in hand, canonical */
    struct buf text; /* of the error in hand */
};

/* The raw texts of the fields that any request may have; data NULL where absent. */
struct request {
    struct str type; /* inside of the string; data NULL too if it is no string */
    struct str msg_id, in_reply_to;
    struct str key, value, from, to, create_if_not_exists;
};

const char *service_name(enum service_kind kind)
{
    static const char *const names[] = {
        [SERVICE_SEQ_KV] = "seq-kv",
        [SERVICE_LIN_KV] = "lin-kv",
        [SERVICE_LWW_KV] = "lww-kv",
        [SERVICE_LIN_TSO] = "lin-tso",
    };

    ASSERT((size_t)kind < SERVICE_COUNT);
    return names[kind];
}

struct service *service_new(enum service_kind kind, struct prng *prng)
{
    static const enum kv_law laws[] = {
        [SERVICE_SEQ_KV] = KV_SEQ,
        [SERVICE_LIN_KV] = KV_LIN,
        [SERVICE_LWW_KV] = KV_LWW,
    };
    struct service *s = mem_zalloc(sizeof(*s));

    s->kind = kind;
    if (kind != SERVICE_LIN_TSO)
        s->kv = kv_new(laws[kind], prng);
    return s;
}

void service_free(struct service *s)
{
    if (s == NULL)
        return;
    kv_free(s->kv);
    buf_release(&s->key);
    buf_release(&s->text);
    mem_free(s);
}

/* --- reading ----------------------------------------------------------------------------- */

static struct str *field_of(struct request *r, struct str name)
{
    const struct {
        const char *name;
        struct str *field;
    } fields[] = {
        {"type", &r->type},
        {"msg_id", &r->msg_id},
        {"in_reply_to", &r->in_reply_to},
        {"key", &r->key},
        {"value", &r->value},
        {"from", &r->from},
        {"to", &r->to},
        {"create_if_not_exists", &r->create_if_not_exists},
    };
    size_t i;

    for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if (json_string_is(name, fields[i].name))
            return fields[i].field;
    return NULL;
}

static bool read_request(struct str body, struct request *ret_request)
{
    struct request request = {0};
    struct json_reader r;

    json_reader_init(&r, body);
    if (json_next(&r) != JSON_AT_OBJECT)
        return false;
    while (json_next(&r) == JSON_AT_KEY) {
        struct str *field = field_of(&request, r.text);
        struct str raw;
        bool is_string = json_next(&r) == JSON_AT_STRING;
        struct str inside = r.text;

        if (!json_skip(&r, &raw))
            return false;
        if (field == &request.type)
            *field = is_string ? inside : (struct str){NULL, 0};
        else if (field != NULL)
            *field = raw;
    }
    if (r.kind != JSON_AT_OBJECT_END)
        return false;
    *ret_request = request;
    return true;
}

/* --- replying ---------------------------------------------------------------------------- */

static void end_reply(struct buf *reply, const struct request *request)
{
    if (request->msg_id.data != NULL) {
        buf_add_text(reply, ",\"in_reply_to\":");
        buf_add_str(reply, request->msg_id);
    }
    buf_add_char(reply, '}');
}

static void reply_ok(struct buf *reply, const struct request *request, const char *type)
{
    buf_addf(reply, "{\"type\":\"%s\"", type);
    end_reply(reply, request);
}

/* With the text that stands in s->text. */
static void reply_error(struct service *s, struct buf *reply, const struct request *request,
                        enum error_code code)
{
    buf_addf(reply, "{\"type\":\"error\",\"code\":%d,\"text\":", code);
    json_quote(reply, buf_str(&s->text));
    end_reply(reply, request);
}

static void quote_into(struct buf *text, struct str s)
{
    bool is_long = s.len > QUOTE_MAX;

    buf_add(text, s.data, is_long ? QUOTE_MAX : s.len);
    if (is_long)
        buf_add_text(text, "...");
}

static void reply_no_such_type(struct service *s, struct buf *reply, const struct request *request)
{
    buf_addf(&s->text, "%s answers %s, not ", service_name(s->kind),
             s->kind == SERVICE_LIN_TSO ? "\"ts\"" : "\"read\", \"write\" and \"cas\"");
    if (request->type.data == NULL) {
        buf_add_text(&s->text, "a message without a type");
    } else {
        buf_add_char(&s->text, '"');
        quote_into(&s->text, request->type);
        buf_add_char(&s->text, '"');
    }
    reply_error(s, reply, request, ERROR_NOT_SUPPORTED);
}

/* True if the key is there; else the reply says that it is not. */
static bool has_key(struct service *s, struct buf *reply, const struct request *request)
{
    if (request->key.data != NULL)
        return true;
    buf_addf(&s->text, "a %.*s request to %s needs the field \"key\"", STR_ARG(request->type),
             service_name(s->kind));
    reply_error(s, reply, request, ERROR_MALFORMED);
    return false;
}

/* Programs leave out what is null, or what they take for nothing: "from" where a cas is to create.
 */
static struct str or_null(struct str field)
{
    return field.data != NULL ? field : STR_LIT("null");
}

static bool is_true(struct str field)
{
    return field.data != NULL && !str_is(field, "false") && !str_is(field, "null");
}

static void reply_result(struct service *s, struct buf *reply, const struct request *request,
                         enum kv_result result, struct str current, const char *type_ok)
{
    switch (result) {
    case KV_OK:
        reply_ok(reply, request, type_ok);
        break;
    case KV_NO_KEY:
        buf_add_text(&s->text, "key does not exist");
        reply_error(s, reply, request, ERROR_NO_KEY);
        break;
    case KV_MISMATCH:
        buf_add_text(&s->text, "current value ");
        quote_into(&s->text, current);
        buf_add_text(&s->text, " is not ");
        quote_into(&s->text, or_null(request->from));
        reply_error(s, reply, request, ERROR_PRECONDITION);
        break;
    case KV_FULL:
        buf_addf(&s->text, "%s is full: it holds at most %d keys, and %d MiB of keys and values",
                 service_name(s->kind), KV_KEYS_MAX, KV_BYTES_MAX >> 20);
        reply_error(s, reply, request, ERROR_ABORT);
        break;
    }
}

/* --- the requests ------------------------------------------------------------------------ */

static void answer_read(struct service *s, uint32_t client, const struct request *r,
                        struct buf *reply)
{
    struct str value = {NULL, 0};
    enum kv_result result = kv_read(s->kv, client, buf_str(&s->key), &value);

    if (result != KV_OK) {
        reply_result(s, reply, r, result, value, "");
        return;
    }
    buf_add_text(reply, "{\"type\":\"read_ok\",\"value\":");
    buf_add_str(reply, value);
    end_reply(reply, r);
}

static void answer_write(struct service *s, uint32_t client, const struct request *r,
                         struct buf *reply)
{
    struct str value = or_null(r->value);

    reply_result(s, reply, r, kv_write(s->kv, client, buf_str(&s->key), value), value, "write_ok");
}

static void answer_cas(struct service *s, uint32_t client, const struct request *r,
                       struct buf *reply)
{
    struct str current = {NULL, 0};
    struct kv_cas cas = {buf_str(&s->key), or_null(r->from), or_null(r->to),
                         is_true(r->create_if_not_exists)};
    enum kv_result result = kv_cas(s->kv, client, &cas, &current);

    reply_result(s, reply, r, result, current, "cas_ok");
}

static void answer_ts(struct service *s, const struct request *r, struct buf *reply)
{
    buf_add_text(reply, "{\"type\":\"ts_ok\",\"ts\":");
    buf_add_i64(reply, tso_take(&s->tso));
    end_reply(reply, r);
}

static void answer_kv(struct service *s, uint32_t client, const struct request *r,
                      struct buf *reply)
{
    static const struct {
        const char *type;
        void (*answer)(struct service *, uint32_t, const struct request *, struct buf *);
    } types[] = {{"read", answer_read}, {"write", answer_write}, {"cas", answer_cas}};
    size_t i;

    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (r->type.data == NULL || !json_string_is(r->type, types[i].type))
            continue;
        if (has_key(s, reply, r)) {
            buf_reset(&s->key);
            json_canonical(&s->key, r->key);
            types[i].answer(s, client, r, reply);
        }
        return;
    }
    reply_no_such_type(s, reply, r);
}

bool service_answer(struct service *s, uint32_t client, struct str body, struct buf *ret_reply)
{
    struct request request = {0};

    buf_reset(&s->text);
    if (!read_request(body, &request)) {
        buf_addf(&s->text, "the body of a request to %s must be a JSON object",
                 service_name(s->kind));
        reply_error(s, ret_reply, &request, ERROR_MALFORMED);
        return true;
    }
    /* Rust's serde writes a field that has nothing to say as null. */
    if (request.in_reply_to.data != NULL && !str_is(request.in_reply_to, "null"))
        return false;
    if (s->kind != SERVICE_LIN_TSO)
        answer_kv(s, client, &request, ret_reply);
    else if (request.type.data != NULL && json_string_is(request.type, "ts"))
        answer_ts(s, &request, ret_reply);
    else
        reply_no_such_type(s, ret_reply, &request);
    return true;
}
