/* A client's messages carry no number of an operation; but the world is one clock, and a request is
 * sent at the very moment when its operation is invoked, to the operation's node. So the client
 * whose message leaves then is the one, and all it sends and gets until the operation ends belongs
 * to it.
 *
 * The journal is read once. Messages sent in the window are kept up to KEPT_MAX, far more than are
 * shown; those of the operations are kept beyond that. */
#include "window.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/json.h"
#include "../base/mem.h"
#include "../check/history.h"
#include "entry.h"
#include "pictures.h"
#include "story.h"

#include <stdlib.h>
#include <string.h>

#ifndef PLANT_REPORT
#define PLANT_REPORT 0 /* tests/planted/report.sh */
#endif

enum { OPERATIONS_MAX = 64, KEPT_MAX = 50000, TEXT_LINES_MAX = 12, TEXT_FAULTS_MAX = 3 };

#define NO_OPERATION UINT32_MAX

struct operation {
    uint32_t invoked; /* events of the history; the same if it never completed */
    uint32_t ended;
    struct str node;
    char *client; /* once its request was seen */
};

/* In order of what to leave out last. */
enum rank { OF_OPERATION, LOST, NEAR, BETWEEN_NODES, OF_OTHERS };

struct message {
    uint64_t id;
    int64_t sent_ns, received_ns; /* -1: not received */
    struct str src, dest, type, body;
    char *why; /* it was lost; NULL */
    uint32_t operation;
    enum rank rank;
};

struct join {
    const struct run_view *view;
    struct operation operations[OPERATIONS_MAX];
    uint32_t operation_count;
    int64_t from_ns, to_ns;
    struct message *messages; /* ascending by id */
    size_t message_count, message_cap;
    uint64_t seen;  /* messages sent in the window */
    json_t *faults; /* that may reach into the window */
    struct arena *texts;
};

/* ---- which operations ---- */

/* The evidence that the sentence is about. */
static const json_t *evidence_of(const json_t *details)
{
    const json_t *explanation = json_object_get(details, "explanation");
    const char *name;
    json_t *list;

    if (explanation != NULL)
        return json_object_get(explanation, "operations");
    json_object_foreach(json_object_get(details, "anomalies"), name, list)
    { /* the gravest comes first */
        return json_array_get(list, 0);
    }
    return NULL;
}

static int64_t time_of(const struct join *j, uint32_t event)
{
    return history_at(j->view->history, event)->time_ns;
}

static void add_operation(struct join *j, uint32_t event)
{
    const struct history *h = j->view->history;
    const struct op *op = history_at(h, event);
    uint32_t invoked = op->type == OP_INVOKE || op->pair == HISTORY_NO_PAIR ? event : op->pair;
    uint32_t pair = history_at(h, invoked)->pair;
    uint32_t ended = pair == HISTORY_NO_PAIR ? invoked : pair;

    for (uint32_t i = 0; i < j->operation_count; i++)
        if (j->operations[i].invoked == invoked)
            return;
    if (j->operation_count == OPERATIONS_MAX || op->process == HISTORY_NEMESIS)
        return;
    j->operations[j->operation_count++] =
        (struct operation){invoked, ended, str_of(history_node_name(h, op->node)), NULL};
    if (j->operation_count == 1 || time_of(j, invoked) < j->from_ns)
        j->from_ns = time_of(j, invoked);
    if (j->operation_count == 1 || time_of(j, ended) > j->to_ns)
        j->to_ns = time_of(j, ended);
}

static void collect(struct join *j, const json_t *value)
{
    const char *key;
    json_t *member;
    size_t i;

    if (json_is_array(value)) {
        json_array_foreach(value, i, member) collect(j, member);
        return;
    }
    json_object_foreach((json_t *)value, key, member)
    {
        json_int_t event = json_integer_value(member);
        bool is_event = strcmp(key, "index") == 0 && json_is_integer(member) && event >= 0 &&
                        event < history_len(j->view->history);
        if (is_event)
            add_operation(j, (uint32_t)event);
        else if (json_is_array(member) || json_is_object(member))
            collect(j, member);
    }
}

/* ---- the journal ---- */

static bool is_client(struct str name)
{
    for (size_t i = 1; i < name.len; i++)
        if (name.data[i] < '0' || name.data[i] > '9')
            return false;
    return name.len > 1 && name.data[0] == 'c';
}

static bool is_node(const struct join *j, struct str name)
{
    for (uint32_t i = 0; i < j->view->node_count; i++)
        if (str_is(name, j->view->node_names[i]))
            return true;
    return false;
}

static bool is_within(const struct join *j, const struct operation *op, int64_t t_ns)
{
    return t_ns >= time_of(j, op->invoked) && t_ns <= time_of(j, op->ended);
}

/* The operation whose client sends or gets this now; learns the client at its first request. */
static uint32_t operation_of(struct join *j, const struct entry *e)
{
    bool is_request = is_client(e->src);
    struct str client = is_request ? e->src : e->dest;

    for (uint32_t i = 0; i < j->operation_count && is_client(client); i++) {
        struct operation *op = &j->operations[i];
        if (op->client == NULL && is_request && str_eq(e->dest, op->node) &&
            e->t_ns == time_of(j, op->invoked))
            op->client = arena_strndup(j->texts, client.data, client.len);
        if (op->client != NULL && str_is(client, op->client) && is_within(j, op, e->t_ns))
            return i;
    }
    return NO_OPERATION;
}

/* Whether a node of some operation sends or gets this while the operation is open. */
static bool is_near(const struct join *j, const struct entry *e)
{
    for (uint32_t i = 0; i < j->operation_count; i++) {
        const struct operation *op = &j->operations[i];
        if (is_within(j, op, e->t_ns) && (str_eq(op->node, e->src) || str_eq(op->node, e->dest)))
            return true;
    }
    return false;
}

static struct str kept(struct join *j, struct str text, size_t max)
{
    size_t len = text.len < max ? text.len : max;

    return (struct str){arena_strndup(j->texts, len == 0 ? "" : text.data, len), len};
}

static struct str type_of(struct str body)
{
    struct json_reader r;
    struct str whole;

    json_reader_init(&r, body);
    if (json_next(&r) == JSON_AT_OBJECT)
        while (json_next(&r) == JSON_AT_KEY) {
            bool is_type = str_is(r.text, "type");
            if (json_next(&r) == JSON_AT_STRING && is_type)
                return r.text;
            if (!json_skip(&r, &whole))
                break;
        }
    return STR_LIT("");
}

static void on_send(struct join *j, const struct entry *e)
{
    bool between = is_node(j, e->src) && is_node(j, e->dest);
    uint32_t operation = operation_of(j, e);
    struct message *m;

    j->seen++;
    if (j->message_count >= KEPT_MAX && operation == NO_OPERATION)
        return;
    j->messages =
        mem_grow(j->messages, &j->message_cap, j->message_count + 1, sizeof(*j->messages));
    m = &j->messages[j->message_count++];
    *m = (struct message){.id = e->id, .sent_ns = e->t_ns, .received_ns = -1};
    m->operation = operation;
    m->rank = operation != NO_OPERATION ? OF_OPERATION
              : is_near(j, e)           ? NEAR
              : between                 ? BETWEEN_NODES
                                        : OF_OTHERS;
    m->src = kept(j, e->src, STORY_TEXT_MAX);
    m->dest = kept(j, e->dest, STORY_TEXT_MAX);
    m->type = kept(j, type_of(e->body), STORY_TEXT_MAX);
    m->body = kept(j, e->body, WINDOW_BODY_MAX + 1);
}

static struct message *find_message(struct join *j, uint64_t id)
{
    size_t low = 0, high = j->message_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (j->messages[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < j->message_count && j->messages[low].id == id ? &j->messages[low] : NULL;
}

static void on_arrival(struct join *j, const struct entry *e)
{
    struct message *m = find_message(j, e->id);

    if (m == NULL || m->received_ns >= 0)
        return;
    if (e->kind == ENTRY_RECV) {
        m->received_ns = e->t_ns;
    } else if (m->why == NULL) {
        m->why = arena_strndup(j->texts, e->why.data, e->why.len);
        if (m->rank != OF_OPERATION)
            m->rank = LOST;
    }
}

static json_t *text_json(struct str escaped, size_t max)
{
    struct buf plain = {0};
    json_t *text;

    json_unescape(&plain, escaped);
    if (plain.len > max)
        for (plain.len = max;
             plain.len > 0 && ((unsigned char)plain.data[plain.len] & 0xc0) == 0x80;)
            plain.len--;
    text = json_stringn(plain.data != NULL ? plain.data : "", plain.len);
    buf_release(&plain);
    return text != NULL ? text : json_string("?");
}

/* A fault that ended before the window is forgotten again. */
static void on_fault(struct join *j, const struct entry *e)
{
    json_t *kind = text_json(e->fault, STORY_TEXT_MAX);
    json_t *text = text_json(e->text, STORY_TEXT_MAX);
    bool stops = str_is(e->what, "stop");
    json_t *fault = NULL;

    for (size_t i = json_array_size(j->faults); stops && i-- > 0 && fault == NULL;) {
        json_t *open = json_array_get(j->faults, i);
        if (json_is_null(json_object_get(open, "to")) &&
            json_equal(json_object_get(open, "kind"), kind)) {
            fault = open;
            json_object_set_new(open, "to", json_integer(e->t_ns));
            if (e->t_ns < j->from_ns)
                json_array_remove(j->faults, i);
        }
    }
    if (!stops && e->t_ns <= j->to_ns)
        json_array_append_new(j->faults, json_pack("{s:O, s:O, s:I, s:n}", "kind", kind, "text",
                                                   text, "from", (json_int_t)e->t_ns, "to"));
    json_decref(kind);
    json_decref(text);
}

static void on_line(struct join *j, struct str line)
{
    struct entry e;

    if (!entry_parse(line, true, &e))
        return;
    if (e.kind == ENTRY_SEND) {
        if (e.t_ns < j->from_ns || e.t_ns > j->to_ns || !entry_parse(line, false, &e))
            return;
        on_send(j, &e);
    } else if (e.kind == ENTRY_RECV || e.kind == ENTRY_DROP) {
        if (e.t_ns >= j->from_ns && entry_parse(line, false, &e))
            on_arrival(j, &e);
    } else if (e.kind == ENTRY_FAULT && entry_parse(line, false, &e)) {
        on_fault(j, &e);
    }
}

static int read_journal(struct join *j, struct err *err)
{
    struct lines_reader *in = NULL;
    struct str line;
    int status = lines_open(j->view->journal_path, &in, err);

    if (status < 0)
        return status;
    while ((status = lines_next(in, STORY_LINE_MAX, &line, err)) > 0)
        if (line.len > 0)
            on_line(j, line);
    if (status < 0)
        err_wrap(err, "journal %s", j->view->journal_path);
    lines_reader_close(in);
    return status;
}

/* ---- the result ---- */

static int by_rank(const void *a, const void *b)
{
    const struct message *x = a, *y = b;

    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    return x->id > y->id ? -1 : x->id < y->id;
}

static int by_id(const void *a, const void *b)
{
    const struct message *x = a, *y = b;

    return x->id < y->id ? -1 : x->id > y->id;
}

static json_t *body_json(struct str body)
{
    json_t *value = NULL;

    if (body.len <= WINDOW_BODY_MAX)
        value = json_loadb(body.data, body.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    return value != NULL ? value : json_null(); /* the sentence shows its beginning */
}

/* Control characters of strangers' texts become '?', and what is too long is cut. */
static void add_safe(struct buf *out, struct str text, size_t max)
{
    size_t i;

    for (i = 0; i < text.len && (i < max || ((unsigned char)text.data[i] & 0xc0) == 0x80); i++) {
        unsigned char c = (unsigned char)text.data[i];
        bool is_c1 = c == 0xc2 && i + 1 < text.len && (unsigned char)text.data[i + 1] < 0xa0;
        buf_add_char(out, is_c1 || c < 0x20 || c == 0x7f ? '?' : (char)c);
        i += is_c1;
    }
    buf_add_text(out, i < text.len ? "..." : "");
}

static json_t *sentence_json(struct buf *sentence)
{
    json_t *text = json_stringn(sentence->data, sentence->len);

    buf_release(sentence);
    return text != NULL ? text : json_string("?"); /* not UTF-8 */
}

/* "3.36 s: c14 to n5 {"type":"read"}, lost: partition" */
static json_t *message_sentence(const struct message *m)
{
    struct buf out = {0};
    char time[DURATION_TEXT_MAX];

    buf_addf(&out, "%s: ", duration_text(m->sent_ns, time));
    add_safe(&out, m->src, 24);
    buf_add_text(&out, " to ");
    add_safe(&out, m->dest, 24);
    buf_add_char(&out, ' ');
    add_safe(&out, m->body, 80);
    if (m->received_ns > m->sent_ns)
        buf_addf(&out, ", arrived at %s", duration_text(m->received_ns, time));
    else if (m->received_ns < 0)
        buf_addf(&out, m->why != NULL ? ", lost: %s" : ", never arrived", m->why);
    return sentence_json(&out);
}

static json_t *message_json(const struct join *j, const struct message *m)
{
    json_t *o =
        json_pack("{s:I, s:o, s:o, s:o, s:I}", "id", (json_int_t)m->id, "src",
                  text_json(m->src, STORY_TEXT_MAX), "dest", text_json(m->dest, STORY_TEXT_MAX),
                  "type", text_json(m->type, STORY_TEXT_MAX), "sent", (json_int_t)m->sent_ns);

    if (m->received_ns >= 0)
        json_object_set_new(o, "received", json_integer(m->received_ns));
    else if (m->why != NULL && PLANT_REPORT != 8)
        json_object_set_new(o, "lost", json_string(m->why));
    if (m->operation != NO_OPERATION)
        json_object_set_new(
            o, "process",
            json_integer(
                history_at(j->view->history, j->operations[m->operation].invoked)->process));
    json_object_set_new(o, "body", body_json(m->body));
    json_object_set_new(o, "sentence", message_sentence(m));
    return o;
}

static json_t *messages_json(struct join *j)
{
    json_t *list = json_array();
    size_t shown = j->message_count < WINDOW_MESSAGES_MAX ? j->message_count : WINDOW_MESSAGES_MAX;

    if (j->message_count > 0) {
        qsort(j->messages, j->message_count, sizeof(*j->messages), by_rank);
        qsort(j->messages, shown, sizeof(*j->messages), by_id);
    }
    for (size_t i = 0; i < shown; i++)
        json_array_append_new(list, message_json(j, &j->messages[i]));
    return list;
}

/* "partition from 3.1 s to 3.7 s: n1 n2 | n3" */
static json_t *fault_sentence(const json_t *fault)
{
    const json_t *to = json_object_get(fault, "to");
    const char *text = json_string_value(json_object_get(fault, "text"));
    struct buf out = {0};
    char time[DURATION_TEXT_MAX];

    add_safe(&out, str_of(json_string_value(json_object_get(fault, "kind"))), 40);
    buf_addf(&out, " from %s",
             duration_text(json_integer_value(json_object_get(fault, "from")), time));
    if (json_is_integer(to))
        buf_addf(&out, " to %s", duration_text(json_integer_value(to), time));
    else
        buf_add_text(&out, " to the end");
    buf_add_text(&out, text[0] != '\0' ? ": " : "");
    add_safe(&out, str_of(text), 100);
    return sentence_json(&out);
}

static json_t *window_json(struct join *j)
{
    size_t fault_count = json_array_size(j->faults), i;
    json_t *fault;

    while (json_array_size(j->faults) > WINDOW_FAULTS_MAX) /* the latest are the likeliest */
        json_array_remove(j->faults, 0);
    json_array_foreach(j->faults, i, fault)
        json_object_set_new(fault, "sentence", fault_sentence(fault));
    return json_pack("{s:I, s:I, s:o, s:I, s:O, s:I}", "from", (json_int_t)j->from_ns, "to",
                     (json_int_t)j->to_ns, "messages", messages_json(j), "message-count",
                     (json_int_t)j->seen, "faults", j->faults, "fault-count",
                     (json_int_t)fault_count);
}

static int join_one(json_t *details, const struct run_view *view, struct err *err)
{
    struct join j = {.view = view, .faults = json_array(), .texts = arena_new()};
    int status = 0;

    collect(&j, evidence_of(details));
    if (j.operation_count > 0)
        status = read_journal(&j, err);
    if (status == 0 && j.operation_count > 0)
        json_object_set_new(details, "window", window_json(&j));
    json_decref(j.faults);
    mem_free(j.messages);
    arena_free(j.texts);
    return status;
}

int window_add(json_t *details, const struct run_view *view, struct err *err)
{
    const char *name;
    json_t *member;
    int status = 0;

    if (view->journal_path == NULL)
        return 0;
    if (json_is_false(json_object_get(details, "valid?")))
        status = join_one(details, view, err);
    json_object_foreach(details, name,
                        member) if (status == 0 && json_object_get(member, "valid?") != NULL)
        status = window_add(member, view, err);
    return status;
}

/* ---- for a person ---- */

/* Those of the operations and those that were lost; all where there are few. */
static bool matters(const json_t *message, size_t count)
{
    return count <= TEXT_LINES_MAX || json_object_get(message, "process") != NULL ||
           json_object_get(message, "lost") != NULL;
}

static void add_lines(const json_t *list, size_t max, bool all, struct buf *out)
{
    size_t count = json_array_size(list), i;
    size_t shown = 0;
    const json_t *item;

    json_array_foreach(list, i, item)
    {
        if ((!all && !matters(item, count)) || shown++ >= max)
            continue;
        buf_add_text(out, "    ");
        buf_add_text(out, json_string_value(json_object_get(item, "sentence")));
        buf_add_char(out, '\n');
    }
    if (shown > max)
        buf_addf(out, "    and %zu more\n", shown - max);
}

void window_text(const json_t *details, struct buf *out)
{
    const json_t *window = json_object_get(details, "window");
    char from[DURATION_TEXT_MAX], to[DURATION_TEXT_MAX];

    if (window == NULL)
        return;
    buf_addf(out, "meanwhile, from %s to %s (%lld messages in all)\n",
             duration_text(json_integer_value(json_object_get(window, "from")), from),
             duration_text(json_integer_value(json_object_get(window, "to")), to),
             (long long)json_integer_value(json_object_get(window, "message-count")));
    add_lines(json_object_get(window, "faults"), TEXT_FAULTS_MAX, true, out);
    add_lines(json_object_get(window, "messages"), TEXT_LINES_MAX - TEXT_FAULTS_MAX, false, out);
}
