/* A history as text: one JSON object a line, written by hand for speed and read with the token
 * reader of base. The writer may leave members out; the reader takes them in any order. */
#include "history.h"

#include "../base/err.h"
#include "../base/json.h"
#include "../base/map.h"

#include <string.h>

void history_line(const struct history *h, uint32_t index, const char *node_name, struct buf *out)
{
    const struct op *op = history_at(h, index);

    buf_addf(out, "{\"index\":%u,\"time\":%lld,\"process\":", index, (long long)op->time_ns);
    if (op->process == HISTORY_NEMESIS)
        buf_add_text(out, "\"nemesis\"");
    else
        buf_add_i64(out, op->process);
    buf_addf(out, ",\"type\":\"%s\",\"f\":", op_type_text(op->type));
    json_quote(out, history_f_name(h, op->f));
    buf_add_text(out, ",\"value\":");
    buf_add_str(out, op->value);
    if (op->node != HISTORY_NO_NODE) {
        buf_add_text(out, ",\"node\":");
        json_quote(out, str_of(node_name != NULL ? node_name : history_node_name(h, op->node)));
    }
    if (op->final)
        buf_add_text(out, ",\"final\":true");
    if (op->error.len > 0) {
        buf_add_text(out, ",\"error\":");
        buf_add_str(out, op->error);
    }
    buf_add_char(out, '}');
}

/* What a line said, before it becomes an event. Texts borrow from the line or from the bufs. */
struct parsed {
    struct op op;
    bool has_time, has_process, has_type;
    struct buf f;
    struct buf node; /* data NULL: none */
    struct buf value;
    struct buf error;
};

static int wrong_member(struct err *err, const char *member, const char *wanted, struct str got)
{
    bool is_long = got.len > 60;

    return err_set(err, ERR_INPUT, "\"%s\" must be %s, but it is %.*s%s", member, wanted,
                   is_long ? 60 : (int)got.len, got.data, is_long ? "..." : "");
}

static bool is_integer(const struct json_reader *r, int64_t low, int64_t high, int64_t *ret)
{
    return r->kind == JSON_AT_NUMBER && json_to_i64(r->text, ret) && *ret >= low && *ret <= high;
}

static bool read_type(struct str inside, enum op_type *ret)
{
    enum op_type type;

    for (type = OP_INVOKE; type <= OP_INFO; type++) {
        if (json_string_is(inside, op_type_text(type))) {
            *ret = type;
            return true;
        }
    }
    return false;
}

/* A name: a string that is not empty and holds no zero byte, for C's sake. */
static bool read_name(const struct json_reader *r, struct buf *name)
{
    buf_reset(name);
    if (r->kind == JSON_AT_STRING)
        json_unescape(name, r->text);
    return name->len > 0 && memchr(name->data, '\0', name->len) == NULL;
}

static bool take_time(struct parsed *p, const struct json_reader *r)
{
    p->has_time = is_integer(r, 0, INT64_MAX, &p->op.time_ns);
    return p->has_time;
}

static bool take_process(struct parsed *p, const struct json_reader *r)
{
    int64_t number;

    p->has_process = true;
    if (r->kind == JSON_AT_STRING && json_string_is(r->text, "nemesis"))
        p->op.process = HISTORY_NEMESIS;
    else if (is_integer(r, 0, HISTORY_PROCESS_MAX - 1, &number))
        p->op.process = (int32_t)number;
    else
        return false;
    return true;
}

static bool take_type(struct parsed *p, const struct json_reader *r)
{
    p->has_type = r->kind == JSON_AT_STRING && read_type(r->text, &p->op.type);
    return p->has_type;
}

static bool take_f(struct parsed *p, const struct json_reader *r)
{
    return read_name(r, &p->f);
}

static bool take_node(struct parsed *p, const struct json_reader *r)
{
    buf_reset(&p->node);
    return r->kind == JSON_AT_NULL || read_name(r, &p->node);
}

static bool take_final(struct parsed *p, const struct json_reader *r)
{
    p->op.final = r->kind == JSON_AT_TRUE;
    return r->kind == JSON_AT_TRUE || r->kind == JSON_AT_FALSE || r->kind == JSON_AT_NULL;
}

struct member {
    const char *name;
    bool (*take)(struct parsed *p, const struct json_reader *r);
    const char *wanted;
};

static const struct member members[] = {
    {"time", take_time, "an integer of nanoseconds, 0 or more"},
    {"process", take_process, "a process number from 0 to 1999999, or \"nemesis\""},
    {"type", take_type, "\"invoke\", \"ok\", \"fail\" or \"info\""},
    {"f", take_f, "a name, as a string that is not empty"},
    {"node", take_node, "a name, as a string that is not empty, or null"},
    {"final", take_final, "true or false"},
};
_Static_assert(HISTORY_PROCESS_MAX == 2000000, "the sentence above says the bound");

static const struct member *member_of(struct str key)
{
    size_t i;

    for (i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        if (json_string_is(key, members[i].name))
            return &members[i];
    return NULL;
}

static int not_json(const struct json_reader *r, struct err *err)
{
    return err_set(err, ERR_INPUT, "column %zu: %s", r->at + 1, r->error);
}

/* With the reader on a key: takes its value in. */
static int read_member(struct json_reader *r, struct parsed *p, struct err *err)
{
    struct str key = r->text;
    const struct member *member = member_of(key);
    struct json_reader start;
    struct str value;

    json_next(r);
    start = *r;
    if (r->kind == JSON_AT_ERROR || !json_skip(r, &value))
        return not_json(r, err);
    if (member != NULL && !member->take(p, &start))
        return wrong_member(err, member->name, member->wanted, value);
    if (json_string_is(key, "value")) {
        buf_reset(&p->value);
        json_canonical(&p->value, value);
    } else if (json_string_is(key, "error")) {
        buf_reset(&p->error);
        if (start.kind != JSON_AT_NULL)
            json_canonical(&p->error, value);
    }
    return 0;
}

static int read_members(struct str line, struct parsed *p, struct err *err)
{
    struct json_reader r;
    int status = 0;

    json_reader_init(&r, line);
    if (json_next(&r) == JSON_AT_ERROR)
        return not_json(&r, err);
    if (r.kind != JSON_AT_OBJECT)
        return err_set(err, ERR_INPUT,
                       "column 1: an event must be a JSON object, like "
                       "{\"time\":0,\"process\":0,\"type\":\"invoke\",\"f\":\"read\"}");
    while (status == 0 && json_next(&r) == JSON_AT_KEY)
        status = read_member(&r, p, err);
    if (status < 0)
        return status;
    if (r.kind == JSON_AT_ERROR || json_next(&r) != JSON_AT_END)
        return not_json(&r, err);
    return 0;
}

static int check_complete(const struct parsed *p, struct err *err)
{
    const char *missing = !p->has_time      ? "time"
                          : !p->has_process ? "process"
                          : !p->has_type    ? "type"
                          : p->f.len == 0   ? "f"
                                            : NULL;

    if (missing == NULL)
        return 0;
    return err_set(err, ERR_INPUT, "the event has no \"%s\"; time, process, type and f are needed",
                   missing);
}

/* The number of the node's name, which both the map and the history learn if it is new. */
static int number_node(struct history *h, struct map *nodes, struct str name, int32_t *ret,
                       struct err *err)
{
    bool is_new = false;
    uint32_t number;

    if (name.len == 0)
        return 0;
    if (map_len(nodes) >= HISTORY_NODE_MAX && map_find(nodes, name) == MAP_NONE)
        return err_set(err, ERR_FULL, "more than %d nodes", HISTORY_NODE_MAX);
    number = map_put(nodes, name, &is_new);
    if (is_new)
        history_name_node(h, (int32_t)number, name);
    *ret = (int32_t)number;
    return 0;
}

int history_parse_line(struct history *h, struct str line, struct map *nodes, struct err *err)
{
    struct parsed p = {.op = {.node = HISTORY_NO_NODE}};
    int status = read_members(line, &p, err);

    if (status == 0)
        status = check_complete(&p, err);
    if (status == 0)
        status = number_node(h, nodes, buf_str(&p.node), &p.op.node, err);
    if (status == 0) {
        p.op.f = history_f(h, buf_str(&p.f).data);
        p.op.value = buf_str(&p.value);
        p.op.error = buf_str(&p.error);
        status = history_add(h, &p.op, err);
    }
    buf_release(&p.f);
    buf_release(&p.node);
    buf_release(&p.value);
    buf_release(&p.error);
    return status;
}
