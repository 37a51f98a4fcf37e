/* From the members of an event to an event of a history, and what must be made up on the way.
 *
 * history.h wants what eddy's own runs keep to: a process invokes, completes, and never works again
 * after an info. Foreign histories bend this in known ways (import.h lists them), and this file
 * straightens them. Invariant: numbers[p] is the history's process for p from p's invocation to
 * its info completion. It is p itself unless p was used up before. */
#include "import_event.h"

#include "../base/err.h"
#include "../base/json.h"
#include "../base/map.h"
#include "../base/mem.h"
#include "edn.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { STEP_NS = 1000000 };

static const struct {
    struct str name;
    enum import_member member;
} names[] = {
    {{"type", 4}, IMPORT_TYPE},    {{"process", 7}, IMPORT_PROCESS}, {{"f", 1}, IMPORT_F},
    {{"value", 5}, IMPORT_VALUE},  {{"time", 4}, IMPORT_TIME},       {{"node", 4}, IMPORT_NODE},
    {{"error", 5}, IMPORT_ERROR},  {{"key", 3}, IMPORT_KEY},         {{"final", 5}, IMPORT_FINAL},
    {{"final?", 6}, IMPORT_FINAL},
};

enum import_member import_member(struct str name)
{
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (name.len == names[i].name.len && name.data[0] == names[i].name.data[0] &&
            memcmp(name.data, names[i].name.data, name.len) == 0)
            return names[i].member;
    return IMPORT_MEMBER_COUNT;
}

void importer_init(struct importer *im, struct str text, struct imported *out)
{
    *im = (struct importer){.text = text, .out = out, .nodes = map_new()};
    out->history = history_new();
    out->has_invocations = true;
}

void importer_release(struct importer *im)
{
    size_t i;

    map_free(im->nodes);
    mem_free(im->numbers);
    mem_free(im->taken);
    mem_free(im->is_open);
    for (i = 0; i < im->anonymous_cap; i++)
        buf_release(&im->anonymous[i].f);
    mem_free(im->anonymous);
    for (i = 0; i < IMPORT_MEMBER_COUNT; i++)
        buf_release(&im->members[i]);
    buf_release(&im->name);
    buf_release(&im->pair);
}

int import_refuse(const struct importer *im, size_t place, struct err *err, const char *format, ...)
{
    struct text_place at = text_place(im->text, place);
    char text[ERR_TEXT_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return err_set(err, ERR_INPUT, "line %zu, column %zu: %s", at.line, at.column, text);
}

void import_begin(struct importer *im, size_t place)
{
    size_t i;

    im->place = place;
    for (i = 0; i < IMPORT_MEMBER_COUNT; i++)
        buf_reset(&im->members[i]);
}

struct buf *import_take(struct importer *im, enum import_member member, size_t place)
{
    im->places[member] = place;
    buf_reset(&im->members[member]);
    return &im->members[member];
}

/* A member's text; empty where it is absent or null. */
static struct str member(const struct importer *im, enum import_member m)
{
    struct str text = buf_str(&im->members[m]);

    return str_is(text, "null") ? STR_LIT("") : text;
}

/* The same without quotes, if it is a string; names may not hold a 0 byte, for C's sake. */
static bool is_name(struct importer *im, enum import_member m, struct buf *ret_name)
{
    struct str text = member(im, m);

    buf_reset(ret_name);
    if (text.len < 3 || text.data[0] != '"')
        return false;
    json_unescape(ret_name, (struct str){text.data + 1, text.len - 2});
    return memchr(ret_name->data, '\0', ret_name->len) == NULL;
}

/* What the reader of the text expected of a member, and what came. */
static int wrong_member(const struct importer *im, enum import_member m, const char *name,
                        const char *wanted, struct err *err)
{
    struct str got = buf_str(&im->members[m]);
    bool is_long = got.len > 60;

    if (got.len == 0)
        return import_refuse(im, im->place, err,
                             "expected an event with %s \"%s\", but it has none",
                             strchr("aeiou", name[0]) != NULL ? "an" : "a", name);
    return import_refuse(im, im->places[m], err, "expected %s as \"%s\", but found %.*s%s", wanted,
                         name, is_long ? 60 : (int)got.len, got.data, is_long ? "..." : "");
}

static int read_type(struct importer *im, enum op_type *ret, struct err *err)
{
    struct str text = member(im, IMPORT_TYPE);
    enum op_type type;

    for (type = OP_INVOKE; type <= OP_INFO && text.len > 2; type++)
        if (str_is((struct str){text.data + 1, text.len - 2}, op_type_text(type))) {
            *ret = type;
            return 0;
        }
    return wrong_member(im, IMPORT_TYPE, "type", "invoke, ok, fail or info", err);
}

static void add_anonymous(struct importer *im, int32_t process, struct str f)
{
    size_t old = im->anonymous_cap;
    struct anonymous *a;

    im->anonymous =
        mem_grow(im->anonymous, &im->anonymous_cap, im->open_anonymous + 1, sizeof(*im->anonymous));
    if (im->anonymous_cap > old)
        memset(im->anonymous + old, 0, (im->anonymous_cap - old) * sizeof(*im->anonymous));
    a = &im->anonymous[im->open_anonymous++];
    a->process = process;
    buf_reset(&a->f);
    buf_add_str(&a->f, f);
}

/* The open operation that a completion of f can only be; *ret NULL: there is none. */
static int only_open(struct importer *im, struct str f, struct anonymous **ret, struct err *err)
{
    *ret = NULL;
    for (size_t i = 0; i < im->open_anonymous; i++) {
        if (!str_eq(buf_str(&im->anonymous[i].f), f))
            continue;
        if (*ret != NULL)
            return import_refuse(im, im->place, err,
                                 "expected a \"process\": several operations of this function are "
                                 "open, and nobody can say which of them this completes");
        *ret = &im->anonymous[i];
    }
    return 0;
}

/* Where no event says its process, each operation is of a process of its own: an order of sessions
 * is not made up. A completion is that of the only open operation of its function. */
static int anonymous_process(struct importer *im, int32_t *ret, struct err *err)
{
    bool is_invocation = str_is(member(im, IMPORT_TYPE), "\"invoke\"");
    struct anonymous *found = NULL, closed;
    int status = is_invocation ? 0 : only_open(im, member(im, IMPORT_F), &found, err);

    if (status < 0)
        return status;
    if (found != NULL) { /* the last one takes its place, and it is kept for its memory */
        closed = *found;
        *found = im->anonymous[--im->open_anonymous];
        im->anonymous[im->open_anonymous] = closed;
        *ret = closed.process;
        return 0;
    }
    if (im->anonymous_count < HISTORY_PROCESS_MAX)
        im->anonymous_count++;
    *ret = im->anonymous_count - 1;
    if (is_invocation)
        add_anonymous(im, *ret, member(im, IMPORT_F));
    return 0;
}

/* *ret is the process in the text; HISTORY_NEMESIS for everything that is no number. */
static int read_process(struct importer *im, int32_t *ret, struct err *err)
{
    struct str text = member(im, IMPORT_PROCESS);
    int64_t number;

    if (im->members[IMPORT_PROCESS].len == 0 && !im->has_processes) {
        return anonymous_process(im, ret, err);
    }
    if (im->anonymous_count > 0)
        return import_refuse(im, im->place, err,
                             "expected an event without \"process\", as all before are");
    im->has_processes = true;

    if (text.len > 0 && text.data[0] == '"') {
        *ret = HISTORY_NEMESIS;
        return 0;
    }
    if (!json_to_i64(text, &number) || number < 0 || number >= HISTORY_PROCESS_MAX)
        return wrong_member(im, IMPORT_PROCESS, "process", "a number from 0 to 1999999 or a name",
                            err);
    *ret = (int32_t)number;
    return 0;
}
_Static_assert(HISTORY_PROCESS_MAX == 2000000, "the sentence above says the bound");

static int read_f(struct importer *im, uint32_t *ret, struct err *err)
{
    if (member(im, IMPORT_F).len == 0) {
        *ret = history_f(im->out->history, "txn");
        return 0;
    }
    if (!is_name(im, IMPORT_F, &im->name))
        return wrong_member(im, IMPORT_F, "f", "the name of a function", err);
    *ret = history_f(im->out->history, im->name.data);
    return 0;
}

static int read_time(struct importer *im, int64_t *ret, struct err *err)
{
    struct str text = member(im, IMPORT_TIME);
    int64_t time_ns;

    if (text.len == 0)
        time_ns = -1;
    else if (!json_to_i64(text, &time_ns))
        return wrong_member(im, IMPORT_TIME, "time", "an integer of nanoseconds", err);
    if (time_ns >= 0) {
        im->out->has_times = true;
        im->time_ns = time_ns;
    } else if (!im->out->has_times) {
        im->time_ns = (int64_t)history_len(im->out->history) * STEP_NS;
    }
    *ret = im->time_ns;
    return 0;
}

static int read_node(struct importer *im, int32_t *ret, struct err *err)
{
    bool is_new = false;
    uint32_t number;

    *ret = HISTORY_NO_NODE;
    if (member(im, IMPORT_NODE).len == 0)
        return 0;
    if (!is_name(im, IMPORT_NODE, &im->name))
        return wrong_member(im, IMPORT_NODE, "node", "a name", err);
    if (map_len(im->nodes) == HISTORY_NODE_MAX &&
        map_find(im->nodes, buf_str(&im->name)) == MAP_NONE)
        return err_set(err, ERR_FULL, "more than %d nodes", HISTORY_NODE_MAX);
    number = map_put(im->nodes, buf_str(&im->name), &is_new);
    if (is_new)
        history_name_node(im->out->history, (int32_t)number, buf_str(&im->name));
    *ret = (int32_t)number;
    return 0;
}

/* The value; with a member "key" it is [key, value]. */
static struct str read_value(struct importer *im)
{
    struct str value = member(im, IMPORT_VALUE);

    if (im->members[IMPORT_KEY].len == 0)
        return value;
    buf_reset(&im->pair);
    buf_add_char(&im->pair, '[');
    buf_add_str(&im->pair, buf_str(&im->members[IMPORT_KEY]));
    buf_add_char(&im->pair, ',');
    buf_add_str(&im->pair, value.len > 0 ? value : STR_LIT("null"));
    buf_add_char(&im->pair, ']');
    return buf_str(&im->pair);
}

static void reach(struct importer *im, size_t process)
{
    if (process < im->number_count)
        return;
    im->numbers = mem_grow(im->numbers, &im->number_cap, process + 1, sizeof(*im->numbers));
    im->is_open = mem_grow(im->is_open, &im->open_cap, process + 1, sizeof(*im->is_open));
    memset(im->numbers + im->number_count, 0xff,
           (process + 1 - im->number_count) * sizeof(*im->numbers));
    memset(im->is_open + im->number_count, 0, process + 1 - im->number_count);
    im->number_count = process + 1;
}

static bool is_taken(const struct importer *im, size_t number)
{
    return number < im->taken_count && im->taken[number];
}

static void take_number(struct importer *im, size_t number)
{
    if (number >= im->taken_count) {
        im->taken = mem_grow(im->taken, &im->taken_cap, number + 1, sizeof(*im->taken));
        memset(im->taken + im->taken_count, 0, number + 1 - im->taken_count);
        im->taken_count = number + 1;
    }
    im->taken[number] = true;
}

/* The process of the history that is now the text's process. */
static int32_t current_number(struct importer *im, int32_t process)
{
    size_t number = (size_t)process;

    reach(im, number);
    if (im->numbers[process] >= 0)
        return im->numbers[process];
    if (is_taken(im, number)) {
        number = im->taken_count;
        im->out->renamed_count++;
    }
    take_number(im, number);
    im->numbers[process] = (int32_t)number;
    return im->numbers[process];
}

/* history_add(), and its sentence with the place of the event in front. */
static int add(struct importer *im, const struct op *op, struct err *err)
{
    int status = history_add(im->out->history, op, err);

    if (status < 0) {
        struct text_place at = text_place(im->text, im->place);
        err_wrap(err, "line %zu, column %zu", at.line, at.column);
    }
    return status;
}

/* Histories that hold completions only get their invocations here. */
static int invoke_before(struct importer *im, const struct op *op, struct err *err)
{
    struct op invocation = *op;

    im->out->has_invocations = false;
    invocation.type = OP_INVOKE;
    invocation.error = STR_LIT("");
    return add(im, &invocation, err);
}

static int add_client_event(struct importer *im, struct op *op, int32_t process, struct err *err)
{
    op->process = current_number(im, process);
    if (op->type == OP_INVOKE && !im->out->has_invocations)
        return import_refuse(im, im->place, err,
                             "expected a completion: the history begins with completions without "
                             "invocations, and either all operations have theirs or none");
    if (op->type != OP_INVOKE && !im->is_open[process] &&
        (!im->is_started || !im->out->has_invocations)) {
        int status = invoke_before(im, op, err);
        if (status < 0)
            return status;
    }
    int status = add(im, op, err);
    if (status < 0)
        return status;
    im->is_started = true;
    im->is_open[process] = op->type == OP_INVOKE;
    if (op->type == OP_INFO)
        im->numbers[process] = -1;
    return 0;
}

static int add_nemesis_event(struct importer *im, struct op *op, struct err *err)
{
    op->process = HISTORY_NEMESIS;
    op->type = OP_INFO;
    op->node = HISTORY_NO_NODE;
    op->f =
        history_f(im->out->history, is_name(im, IMPORT_F, &im->name) ? im->name.data : "nemesis");
    return add(im, op, err);
}

/* Maelstrom keeps the whole body of an echo's answer; its "echo" is the value. */
static struct str echoed(struct str value)
{
    struct json_reader r;
    struct str member_value;

    json_reader_init(&r, value);
    if (json_next(&r) != JSON_AT_OBJECT)
        return value;
    while (json_next(&r) == JSON_AT_KEY) {
        bool is_echo = json_string_is(r.text, "echo");
        json_next(&r);
        if (json_skip(&r, &member_value) && is_echo)
            return member_value;
    }
    return value;
}

static int read_client_event(struct importer *im, struct op *op, int32_t process, struct err *err)
{
    int status = read_type(im, &op->type, err);

    if (status == 0)
        status = read_f(im, &op->f, err);
    if (status == 0 && op->type == OP_OK && str_is(history_f_name(im->out->history, op->f), "echo"))
        op->value = echoed(op->value);
    if (status == 0)
        status = read_node(im, &op->node, err);
    return status < 0 ? status : add_client_event(im, op, process, err);
}

int import_end(struct importer *im, struct err *err)
{
    struct op op = {
        .value = read_value(im),
        .error = member(im, IMPORT_ERROR),
        .final = str_is(member(im, IMPORT_FINAL), "true"),
    };
    int32_t process = HISTORY_NEMESIS;
    int status = read_process(im, &process, err);

    if (status == 0)
        status = read_time(im, &op.time_ns, err);
    if (status < 0)
        return status;
    if (process == HISTORY_NEMESIS)
        return add_nemesis_event(im, &op, err);
    return read_client_event(im, &op, process, err);
}
