/* The verdict on logs by key. Everything is one walk over the entries of kafka_log, with what a
 * process did last to each key at hand, and one over the values. Where an error could also be the
 * fault of an unknown outcome (a send that timed out), it is not reported.
 *
 * A position of a process in a key lives from assign to assign: a key that an assign leaves out
 * forgets it. The first poll after that may start anywhere (committed offsets). */
#include "kafka.h"

#include "checker.h"
#include "history.h"
#include "kafka_cycles.h"
#include "kafka_log.h"
#include "plant.h"
#include "verdict.h"

#include "../base/map.h"
#include "../base/mem.h"

/* In the order in which one of them becomes the sentence. */
enum error_type {
    LOST_WRITE,
    G1A,
    PHANTOM,
    INCONSISTENT_OFFSETS,
    DUPLICATE,
    G1C,
    G1C_REALTIME,
    PRECOMMITTED_READ,
    INT_NONMONOTONIC_POLL,
    NONMONOTONIC_POLL,
    INT_POLL_SKIP,
    POLL_SKIP,
    INT_NONMONOTONIC_SEND,
    NONMONOTONIC_SEND,
    UNSEEN,
    MALFORMED,
    INT_SEND_SKIP,
    ERROR_TYPE_COUNT,
};

static const char *const error_names[ERROR_TYPE_COUNT] = {
    "lost-write",
    "G1a",
    "phantom",
    "inconsistent-offsets",
    "duplicate",
    "G1c",
    "G1c-realtime",
    "precommitted-read",
    "int-nonmonotonic-poll",
    "nonmonotonic-poll",
    "int-poll-skip",
    "poll-skip",
    "int-nonmonotonic-send",
    "nonmonotonic-send",
    "unseen",
    "malformed",
    "int-send-skip",
};

static bool is_allowed(enum error_type type)
{
    return type == INT_SEND_SKIP;
}

/* What the rest of a history that goes on may yet set right: a message is polled later, a value
 * sent later. */
static bool may_be_mended(enum error_type type)
{
    return type == LOST_WRITE || type == UNSEEN || type == PHANTOM;
}

struct found {
    json_t *errors;
    uint32_t count;
    char *sentence; /* of the first */
};

/* What one process did last to one key. */
struct session {
    uint32_t generation; /* of the assign that this belongs to */
    uint32_t polled;     /* entry, or KAFKA_NONE */
    uint32_t sent;
};

struct process_state {
    uint32_t generation;
    size_t assigned; /* entry of its last KAFKA_ASSIGN; none while generation is 0 */
};

struct lag {
    int64_t lag_ns;
    int64_t time_ns;
    int32_t process;
    uint32_t key;
};

struct judge {
    struct kafka_log log;
    const struct history *h;
    bool goes_on; /* the history is a beginning: count only what stays wrong */
    struct found found[ERROR_TYPE_COUNT];
    struct map *session_names; /* process and key, as bytes */
    struct session *sessions;
    size_t sessions_cap;
    struct process_state *processes;
    size_t process_count, processes_cap;
    int64_t **known_ns; /* by key and index: when the first message from there on was known */
    struct lag worst;
};

/* ---- evidence ---- */

static const char *value_word(const struct judge *j, uint32_t value, char into[VERDICT_WORD_SIZE])
{
    return verdict_word(kafka_value_text(&j->log, value), into);
}

static const char *key_word(const struct judge *j, uint32_t key, char into[VERDICT_WORD_SIZE])
{
    return verdict_word(map_text(j->log.key_names, key), into);
}

static void describe_offset(int64_t offset, struct buf *out)
{
    if (offset == KAFKA_NO_OFFSET)
        buf_add_text(out, "an offset it did not say");
    else
        buf_addf(out, "offset %lld", (long long)offset);
}

/* "process 3 at n1, 1.2 s" */
static void describe_event(const struct judge *j, uint32_t event, struct buf *out)
{
    const struct op *op = history_at(j->h, event);
    char time[DURATION_TEXT_MAX];

    buf_addf(out, "process %d at %s, %s", op->process, history_node_name(j->h, op->node),
             duration_text(op->time_ns, time));
}

/* Takes error and, if it is the first of its type, the sentence's text. */
static void note(struct judge *j, enum error_type type, json_t *error, struct buf *sentence)
{
    struct found *f = &j->found[type];

    if (f->errors == NULL)
        f->errors = json_array();
    verdict_list_add(f->errors, error);
    if (f->count++ == 0)
        f->sentence = buf_take(sentence);
    buf_release(sentence);
}

static json_t *key_json(const struct judge *j, uint32_t key)
{
    struct str name = map_text(j->log.key_names, key);
    json_t *text = json_stringn(name.data, name.len < VERDICT_TEXT_MAX ? name.len : 0);

    return text != NULL ? text : json_string("...");
}

static json_t *offset_json(int64_t offset)
{
    return offset == KAFKA_NO_OFFSET ? json_null() : json_integer(offset);
}

/* An error about one value, seen at one event. */
static json_t *value_json(const struct judge *j, uint32_t value, uint32_t event)
{
    return json_pack("{s:o,s:o,s:I}", "key", key_json(j, j->log.values[value].key), "value",
                     verdict_value(kafka_value_text(&j->log, value)), "index", (json_int_t)event);
}

/* An error about two messages in a row. */
static json_t *step_json(const struct judge *j, const struct kafka_entry *from,
                         const struct kafka_entry *to)
{
    return json_pack(
        "{s:o,s:[o,o],s:[o,o],s:I,s:[I,I]}", "key", key_json(j, to->key), "from",
        offset_json(from->offset), verdict_value(kafka_value_text(&j->log, from->value)), "to",
        offset_json(to->offset), verdict_value(kafka_value_text(&j->log, to->value)), "delta",
        (json_int_t)to->index - from->index, "ops", (json_int_t)from->event, (json_int_t)to->event);
}

static void note_step(struct judge *j, enum error_type type, const char *what,
                      const struct kafka_entry *from, const struct kafka_entry *to)
{
    struct buf text = {0};
    char key[VERDICT_WORD_SIZE], before[VERDICT_WORD_SIZE], after[VERDICT_WORD_SIZE];

    buf_addf(&text, "key %s: after %s at ", key_word(j, to->key, key),
             value_word(j, from->value, before));
    describe_offset(from->offset, &text);
    buf_add_text(&text, ", ");
    describe_event(j, to->event, &text);
    buf_addf(&text, ", %s %s at ", to->kind == KAFKA_POLLED ? "polled" : "sent",
             value_word(j, to->value, after));
    describe_offset(to->offset, &text);
    buf_addf(&text, ": %s", what);
    note(j, type, step_json(j, from, to), &text);
}

/* ---- steps: what a process sees and sends in a row ---- */

static struct session *session_of(struct judge *j, int32_t process, uint32_t key)
{
    struct {
        int32_t process;
        uint32_t key;
    } pair = {process, key};
    bool is_new;
    uint32_t number =
        map_put(j->session_names, (struct str){(const char *)&pair, sizeof(pair)}, &is_new);

    if (is_new) {
        j->sessions =
            mem_grow(j->sessions, &j->sessions_cap, (size_t)number + 1, sizeof(*j->sessions));
        j->sessions[number] = (struct session){0, KAFKA_NONE, KAFKA_NONE};
    }
    return &j->sessions[number];
}

static struct process_state *process_of(struct judge *j, int32_t process)
{
    size_t i = (size_t)process;

    j->processes = mem_grow(j->processes, &j->processes_cap, i + 1, sizeof(*j->processes));
    while (j->process_count <= i)
        j->processes[j->process_count++] = (struct process_state){0, 0};
    return &j->processes[i];
}

static void judge_polled(struct judge *j, uint32_t number)
{
    const struct kafka_entry *e = &j->log.entries[number];
    int32_t process = history_at(j->h, e->event)->process;
    struct session *s = session_of(j, process, e->key);
    uint32_t generation = process_of(j, process)->generation;
    const struct kafka_entry *last = s->polled != KAFKA_NONE ? &j->log.entries[s->polled] : NULL;
    bool is_known = last != NULL && s->generation == generation && last->index != KAFKA_NONE &&
                    e->index != KAFKA_NONE;

    s->generation = generation;
    s->polled = number;
    if (!is_known)
        return;
    if (e->index > last->index + 1 && !PLANTED(17))
        note_step(j, last->event == e->event ? INT_POLL_SKIP : POLL_SKIP,
                  "messages between these exist and were passed over", last, e);
    else if (e->index <= last->index && !PLANTED(18))
        note_step(j, last->event == e->event ? INT_NONMONOTONIC_POLL : NONMONOTONIC_POLL,
                  "polls must go forward", last, e);
}

static void judge_sent(struct judge *j, uint32_t number)
{
    const struct kafka_entry *e = &j->log.entries[number];
    struct session *s = session_of(j, history_at(j->h, e->event)->process, e->key);
    const struct kafka_entry *last = s->sent != KAFKA_NONE ? &j->log.entries[s->sent] : NULL;
    bool is_internal = last != NULL && last->event == e->event;

    s->sent = number;
    if (last == NULL || last->index == KAFKA_NONE || e->index == KAFKA_NONE)
        return;
    if (e->index <= last->index)
        note_step(j, is_internal ? INT_NONMONOTONIC_SEND : NONMONOTONIC_SEND,
                  "later sends of a process must get higher offsets", last, e);
    else if (is_internal && e->index > last->index + 1)
        note_step(j, INT_SEND_SKIP, "others' messages lie between these", last, e);
}

/* Keys that were assigned before keep their position, others start anew. */
static void judge_assign(struct judge *j, size_t start)
{
    int32_t process = history_at(j->h, j->log.entries[start].event)->process;
    struct process_state *p = process_of(j, process);
    size_t i;

    for (i = start + 1; i < j->log.entry_count && j->log.entries[i].kind == KAFKA_ASSIGNED; i++) {
        struct session *s = session_of(j, process, j->log.entries[i].key);
        if (s->generation != p->generation)
            s->polled = KAFKA_NONE;
        s->generation = p->generation + 1;
    }
    p->generation++;
    p->assigned = start;
}

/* ---- lag ---- */

/* When each place of each log was first known to be filled. */
static void learn_times(struct judge *j)
{
    uint32_t key;
    size_t i;

    j->known_ns = mem_alloc(kafka_key_count(&j->log) * sizeof(*j->known_ns));
    for (key = 0; key < kafka_key_count(&j->log); key++) {
        uint32_t k;
        j->known_ns[key] = mem_alloc((j->log.index_count[key] + 1) * sizeof(**j->known_ns));
        for (k = 0; k <= j->log.index_count[key]; k++)
            j->known_ns[key][k] = INT64_MAX;
    }
    for (i = j->log.entry_count; i-- > 0;) {
        const struct kafka_entry *e = &j->log.entries[i];
        if ((e->kind == KAFKA_SENT || e->kind == KAFKA_POLLED) && e->index != KAFKA_NONE)
            j->known_ns[e->key][e->index] = history_at(j->h, e->event)->time_ns;
    }
    for (key = 0; key < kafka_key_count(&j->log); key++) {
        uint32_t k = j->log.index_count[key];
        while (k-- > 0)
            if (j->known_ns[key][k + 1] < j->known_ns[key][k])
                j->known_ns[key][k] = j->known_ns[key][k + 1];
    }
}

static void judge_lag(struct judge *j, uint32_t poll_event)
{
    const struct op *polled = history_at(j->h, poll_event);
    const struct process_state *p = process_of(j, polled->process);
    int64_t invoked_ns = history_at(j->h, polled->pair)->time_ns;
    size_t i;

    if (p->generation == 0)
        return;
    for (i = p->assigned + 1; i < j->log.entry_count && j->log.entries[i].kind == KAFKA_ASSIGNED;
         i++) {
        uint32_t key = j->log.entries[i].key;
        const struct session *s = session_of(j, polled->process, key);
        uint32_t last = s->polled != KAFKA_NONE ? j->log.entries[s->polled].index : KAFKA_NONE;
        uint32_t next = last != KAFKA_NONE ? last + 1 : 0;
        int64_t lag_ns = invoked_ns - j->known_ns[key][next];
        if (j->known_ns[key][next] != INT64_MAX && lag_ns > j->worst.lag_ns)
            j->worst = (struct lag){lag_ns, invoked_ns, polled->process, key};
    }
}

/* One walk; a poll's lag is taken after its messages. */
static void walk(struct judge *j)
{
    size_t i;

    for (i = 0; i < j->log.entry_count; i++) {
        const struct kafka_entry *e = &j->log.entries[i];
        size_t end;
        if (e->kind == KAFKA_SENT)
            judge_sent(j, (uint32_t)i);
        else if (e->kind == KAFKA_ASSIGN)
            judge_assign(j, i);
        if (e->kind != KAFKA_POLL)
            continue;
        for (end = i + 1; end < j->log.entry_count && j->log.entries[end].kind == KAFKA_POLLED;
             end++)
            judge_polled(j, (uint32_t)end);
        judge_lag(j, e->event);
    }
}

/* ---- values ---- */

static void judge_failed(struct judge *j, uint32_t value)
{
    const struct kafka_value *v = &j->log.values[value];
    struct buf text = {0};
    char word[VERDICT_WORD_SIZE], key[VERDICT_WORD_SIZE];

    if (v->failed == KAFKA_NONE || v->polled == KAFKA_NONE || v->sent != KAFKA_NONE ||
        v->uncertain != KAFKA_NONE || PLANTED(19))
        return;
    buf_addf(&text, "key %s: the send of %s failed, but ", key_word(j, v->key, key),
             value_word(j, value, word));
    describe_event(j, j->log.entries[v->polled].event, &text);
    buf_add_text(&text, ", polled it");
    note(j, G1A, value_json(j, value, j->log.entries[v->polled].event), &text);
}

/* Only where every send could be read: one of another shape may have sent anything. */
static void judge_phantom(struct judge *j, uint32_t value)
{
    const struct kafka_value *v = &j->log.values[value];
    struct buf text = {0};
    char word[VERDICT_WORD_SIZE], key[VERDICT_WORD_SIZE];

    if (j->log.malformed_count > 0 || v->polled == KAFKA_NONE || v->sent != KAFKA_NONE ||
        v->failed != KAFKA_NONE || v->uncertain != KAFKA_NONE || PLANTED(23))
        return;
    buf_addf(&text, "key %s: ", key_word(j, v->key, key));
    describe_event(j, j->log.entries[v->polled].event, &text);
    buf_addf(&text, ", polled %s, which no client ever sent", value_word(j, value, word));
    note(j, PHANTOM, value_json(j, value, j->log.entries[v->polled].event), &text);
}

static void judge_twice(struct judge *j, uint32_t value)
{
    const struct kafka_value *v = &j->log.values[value];
    struct buf text = {0};
    char word[VERDICT_WORD_SIZE], key[VERDICT_WORD_SIZE];

    if (v->first_index == v->last_index || PLANTED(20))
        return;
    buf_addf(&text, "key %s: %s was seen at more than one offset", key_word(j, v->key, key),
             value_word(j, value, word));
    note(j, DUPLICATE,
         json_pack("{s:o,s:o}", "key", key_json(j, v->key), "value",
                   verdict_value(kafka_value_text(&j->log, value))),
         &text);
}

/* bound: by key, the highest first index that any poll showed; KAFKA_NONE if none. */
static void judge_unpolled(struct judge *j, uint32_t value, const uint32_t *bound)
{
    const struct kafka_value *v = &j->log.values[value];
    struct buf text = {0};
    char word[VERDICT_WORD_SIZE], key[VERDICT_WORD_SIZE];
    bool is_lost;

    if (v->sent == KAFKA_NONE || v->polled != KAFKA_NONE)
        return;
    is_lost = v->last_index != KAFKA_NONE && bound[v->key] != KAFKA_NONE &&
              v->last_index <= bound[v->key] && !PLANTED(21);
    buf_addf(&text, "key %s: the send of %s was acknowledged to ", key_word(j, v->key, key),
             value_word(j, value, word));
    describe_event(j, j->log.entries[v->sent].event, &text);
    if (is_lost) {
        buf_addf(&text,
                 " with offset %lld, but no poll ever showed it, although polls went "
                 "beyond it",
                 (long long)j->log.entries[v->sent].offset);
        note(j, LOST_WRITE, value_json(j, value, j->log.entries[v->sent].event), &text);
        buf_addf(&text, "key %s: no poll ever showed %s", key, word);
    } else {
        buf_add_text(&text, ", but by the end no poll had shown it");
    }
    note(j, UNSEEN, value_json(j, value, j->log.entries[v->sent].event), &text);
}

static void judge_values(struct judge *j)
{
    uint32_t key_count = kafka_key_count(&j->log);
    uint32_t *bound = mem_alloc(key_count * sizeof(*bound));
    uint32_t i;

    for (i = 0; i < key_count; i++)
        bound[i] = KAFKA_NONE;
    for (i = 0; i < kafka_value_count(&j->log); i++) {
        const struct kafka_value *v = &j->log.values[i];
        if (v->polled != KAFKA_NONE && v->first_index != KAFKA_NONE &&
            (bound[v->key] == KAFKA_NONE || v->first_index > bound[v->key]))
            bound[v->key] = v->first_index;
    }
    for (i = 0; i < kafka_value_count(&j->log); i++) {
        judge_failed(j, i);
        judge_phantom(j, i);
        judge_twice(j, i);
        judge_unpolled(j, i, bound);
    }
    mem_free(bound);
}

/* One offset, two values. */
static void judge_cells(struct judge *j)
{
    size_t i;

    for (i = 1; i < j->log.cell_count; i++) {
        const struct kafka_cell *a = &j->log.cells[i - 1];
        const struct kafka_cell *b = &j->log.cells[i];
        struct buf text = {0};
        char first[VERDICT_WORD_SIZE], second[VERDICT_WORD_SIZE], key[VERDICT_WORD_SIZE];
        if (a->key != b->key || a->offset != b->offset || PLANTED(22))
            continue;
        buf_addf(&text, "key %s: offset %lld was seen to hold %s (", key_word(j, a->key, key),
                 (long long)a->offset, value_word(j, a->value, first));
        describe_event(j, a->event, &text);
        buf_addf(&text, ") and %s (", value_word(j, b->value, second));
        describe_event(j, b->event, &text);
        buf_add_text(&text, ")");
        note(j, INCONSISTENT_OFFSETS,
             json_pack("{s:o,s:o,s:[o,o]}", "key", key_json(j, a->key), "offset",
                       offset_json(a->offset), "values",
                       verdict_value(kafka_value_text(&j->log, a->value)),
                       verdict_value(kafka_value_text(&j->log, b->value))),
             &text);
    }
}

static void judge_precommitted(struct judge *j)
{
    size_t i;

    for (i = 0; i < j->log.entry_count; i++) {
        const struct kafka_entry *e = &j->log.entries[i];
        struct buf text = {0};
        uint32_t sent = e->kind == KAFKA_POLLED ? j->log.values[e->value].sent : KAFKA_NONE;
        if (sent == KAFKA_NONE || j->log.entries[sent].event != e->event)
            continue;
        describe_event(j, e->event, &text);
        buf_add_text(&text, ", polled what the same operation sends");
        note(j, PRECOMMITTED_READ, value_json(j, e->value, e->event), &text);
    }
}

static void judge_cycles(struct judge *j)
{
    struct kafka_cycle *cycles;
    size_t count = kafka_cycles_find(&j->log, &cycles);
    size_t i, k;

    for (i = 0; i < count; i++) {
        json_t *events = json_array();
        struct buf text = {0};
        buf_addf(&text, "%zu operations depend on each other in a circle%s: ", cycles[i].len,
                 cycles[i].is_realtime ? " (a poll shows a message that was sent only afterwards)"
                                       : "");
        for (k = 0; k < cycles[i].len; k++) {
            verdict_list_add(events, json_integer(cycles[i].events[k]));
            if (k < 4) {
                buf_add_text(&text, k > 0 ? "; " : "");
                describe_event(j, cycles[i].events[k], &text);
            }
        }
        note(j, cycles[i].is_realtime ? G1C_REALTIME : G1C, events, &text);
    }
    kafka_cycles_free(cycles, count);
}

static void judge_malformed(struct judge *j)
{
    struct buf text = {0};
    char word[VERDICT_WORD_SIZE];
    const struct op *op;

    if (j->log.malformed_count == 0)
        return;
    op = history_at(j->h, j->log.malformed_event);
    describe_event(j, j->log.malformed_event, &text);
    buf_addf(&text,
             ", has a value of another shape than [[\"send\", key, [offset, value]]] or "
             "[[\"poll\", {key: [[offset, value], ...]}]]: %s",
             verdict_word(op->value, word));
    note(j, MALFORMED, json_integer(j->log.malformed_event), &text);
    j->found[MALFORMED].count = j->log.malformed_count;
}

/* ---- the report ---- */

/* The distinct errors of operations of unknown outcome. */
static json_t *info_causes(const struct history *h)
{
    struct map *seen = map_new();
    json_t *list = json_array();
    uint32_t i;

    for (i = 0; i < history_len(h) && map_len(seen) < VERDICT_LIST_MAX; i++) {
        const struct op *op = history_at(h, i);
        bool is_new = false;
        if (op->process == HISTORY_NEMESIS || op->type != OP_INFO || op->error.len == 0)
            continue;
        map_put(seen, op->error, &is_new);
        if (is_new)
            json_array_append_new(list, verdict_value(op->error));
    }
    map_free(seen);
    return list;
}

static json_t *lag_json(const struct judge *j)
{
    if (j->worst.lag_ns == 0)
        return json_pack("{s:i}", "lag", 0);
    return json_pack("{s:I,s:i,s:o,s:I}", "time", (json_int_t)j->worst.time_ns, "process",
                     j->worst.process, "key", key_json(j, j->worst.key), "lag",
                     (json_int_t)j->worst.lag_ns);
}

/* The operations of an error: its "index", or its "ops". */
static void explain(const struct judge *j, const json_t *error, struct verdict *v)
{
    const json_t *ops = json_object_get(error, "ops");
    uint32_t events[2], count = 0;

    if (json_is_integer(json_object_get(error, "index")))
        events[count++] = (uint32_t)json_integer_value(json_object_get(error, "index"));
    for (size_t i = 0; i < json_array_size(ops) && count < 2; i++)
        events[count++] = (uint32_t)json_integer_value(json_array_get(ops, i));
    if (count > 0)
        verdict_explain(v, j->h, events, count);
}

static void write_found(struct judge *j, struct verdict *v)
{
    json_t *types = json_array();
    json_t *bad = json_array();
    int type;

    for (type = 0; type < ERROR_TYPE_COUNT; type++) {
        struct found *f = &j->found[type];
        if (f->count == 0)
            continue;
        json_array_append_new(types, json_string(error_names[type]));
        json_object_set_new(
            v->details, error_names[type],
            json_pack("{s:I,s:o}", "count", (json_int_t)f->count, "errors", f->errors));
        if (!is_allowed((enum error_type)type) &&
            !(j->goes_on && may_be_mended((enum error_type)type) && !PLANTED(27))) {
            json_array_append_new(bad, json_string(error_names[type]));
            verdict_blame(v, VALID_FALSE, "%s: %s", error_names[type], f->sentence);
            explain(j, json_array_get(f->errors, 0), v);
        }
        mem_free(f->sentence);
    }
    json_object_set_new(v->details, "error-types", types);
    json_object_set_new(v->details, "bad-error-types", bad);
}

static void judge_release(struct judge *j)
{
    uint32_t key;

    for (key = 0; key < kafka_key_count(&j->log); key++)
        mem_free(j->known_ns[key]);
    mem_free(j->known_ns);
    map_free(j->session_names);
    mem_free(j->sessions);
    mem_free(j->processes);
    kafka_log_release(&j->log);
}

static void check(const struct history *h, bool goes_on, struct verdict *ret_verdict)
{
    struct judge j = {.h = h, .goes_on = goes_on, .session_names = map_new()};

    verdict_init(ret_verdict);
    kafka_log_init(&j.log, h);
    learn_times(&j);
    walk(&j);
    judge_values(&j);
    judge_cells(&j);
    judge_precommitted(&j);
    judge_cycles(&j);
    judge_malformed(&j);
    write_found(&j, ret_verdict);
    json_object_set_new(ret_verdict->details, "worst-realtime-lag", lag_json(&j));
    json_object_set_new(ret_verdict->details, "info-txn-causes", info_causes(h));
    verdict_finish(ret_verdict);
    judge_release(&j);
}

void kafka_check(const struct history *h, struct verdict *ret_verdict)
{
    check(h, false, ret_verdict);
}

static int broken(const struct history *h, const json_t *options, struct verdict *ret_verdict,
                  struct err *err)
{
    (void)options;
    (void)err;
    check(h, true, ret_verdict);
    return 0;
}

static int run(const struct history *h, const json_t *options, struct verdict *ret_verdict,
               struct err *err)
{
    (void)options;
    (void)err;
    kafka_check(h, ret_verdict);
    return 0;
}

const struct checker kafka_checker = {
    "kafka", "Messages keep their offsets, none is lost, and polls see them in order.", NULL, run,
    broken,
};
