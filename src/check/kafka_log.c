/* Two steps: read the micro-operations of all events into entries, then give each offset that was
 * seen its index. Offsets of a key may have gaps (that is allowed), so "the next message" means
 * the next index, not the next offset. */
#include "kafka_log.h"

#include "history.h"
#include "plant.h"

#include "../base/json.h"
#include "../base/map.h"
#include "../base/mem.h"

#include <stdlib.h>

uint32_t kafka_key_count(const struct kafka_log *log)
{
    return map_len(log->key_names);
}

uint32_t kafka_value_count(const struct kafka_log *log)
{
    return map_len(log->value_names);
}

struct str kafka_value_text(const struct kafka_log *log, uint32_t value)
{
    struct str text = map_text(log->value_names, value);

    while (text.len > 0 && *text.data != ':') {
        text.data++;
        text.len--;
    }
    return (struct str){text.data + 1, text.len - 1};
}

const char *kafka_key_text(const struct kafka_log *log, uint32_t key)
{
    return map_text(log->key_names, key).data;
}

/* ---- reading ---- */

/* Keys come as strings or as numbers. */
static uint32_t number_key(struct kafka_log *log, struct str json, bool is_inside)
{
    struct buf name = {0};
    uint32_t number;

    if (is_inside)
        json_unescape(&name, json);
    else if (json.len >= 2 && json.data[0] == '"')
        json_unescape(&name, (struct str){json.data + 1, json.len - 2});
    else
        buf_add_str(&name, json);
    number = map_put(log->key_names, buf_str(&name), NULL);
    buf_release(&name);
    return number;
}

static uint32_t number_value(struct kafka_log *log, uint32_t key, struct str json)
{
    struct buf name = {0};
    bool is_new;
    uint32_t number;

    buf_addf(&name, "%u:", key);
    buf_add_str(&name, json);
    number = map_put(log->value_names, buf_str(&name), &is_new);
    buf_release(&name);
    if (is_new) {
        log->values =
            mem_grow(log->values, &log->values_cap, (size_t)number + 1, sizeof(*log->values));
        log->values[number] = (struct kafka_value){
            key, KAFKA_NONE, KAFKA_NONE, KAFKA_NONE, KAFKA_NONE, KAFKA_NONE, KAFKA_NONE,
        };
    }
    return number;
}

static void note_role(struct kafka_log *log, const struct kafka_entry *e, uint32_t number)
{
    struct kafka_value *value = &log->values[e->value];
    uint32_t *role = e->kind == KAFKA_SENT     ? &value->sent
                     : e->kind == KAFKA_FAILED ? &value->failed
                     : e->kind == KAFKA_POLLED ? &value->polled
                                               : &value->uncertain;

    if (*role == KAFKA_NONE)
        *role = number;
}

static void add_entry(struct kafka_log *log, struct kafka_entry e)
{
    uint32_t number = (uint32_t)log->entry_count;

    e.index = KAFKA_NONE;
    log->entries =
        mem_grow(log->entries, &log->entries_cap, log->entry_count + 1, sizeof(*log->entries));
    log->entries[log->entry_count++] = e;
    if (e.kind == KAFKA_ASSIGN || e.kind == KAFKA_ASSIGNED || e.kind == KAFKA_POLL)
        return;
    note_role(log, &e, number);
    if (e.offset == KAFKA_NO_OFFSET)
        return;
    log->cells = mem_grow(log->cells, &log->cells_cap, log->cell_count + 1, sizeof(*log->cells));
    log->cells[log->cell_count++] = (struct kafka_cell){e.key, e.offset, e.value, e.event};
}

static void note_malformed(struct kafka_log *log, uint32_t event)
{
    if (log->malformed_count++ == 0)
        log->malformed_event = event;
}

/* Takes the next value of the container that r is in; false at its end or if the text is broken. */
static bool next_value(struct json_reader *r, struct str *ret)
{
    enum json_kind kind = json_next(r);

    if (kind == JSON_AT_ARRAY_END || kind == JSON_AT_OBJECT_END || kind == JSON_AT_END ||
        kind == JSON_AT_ERROR)
        return false;
    return json_skip(r, ret);
}

/* Opens a list; false if json is none. */
static bool open_list(struct json_reader *r, struct str json)
{
    json_reader_init(r, json);
    return json_next(r) == JSON_AT_ARRAY;
}

/* [offset, value]; the offset may be null. False if json is something else. */
static bool read_pair(struct str json, int64_t *ret_offset, struct str *ret_value)
{
    struct json_reader r;
    struct str offset, value, more;

    if (!open_list(&r, json) || !next_value(&r, &offset) || !next_value(&r, &value) ||
        next_value(&r, &more))
        return false;
    if (str_is(offset, "null"))
        *ret_offset = KAFKA_NO_OFFSET;
    else if (!json_to_i64(offset, ret_offset))
        return false;
    *ret_value = value;
    return true;
}

static bool read_send(struct kafka_log *log, uint32_t event, enum kafka_kind kind,
                      struct json_reader *r)
{
    struct str key, value;
    struct kafka_entry e = {.kind = kind, .event = event, .offset = KAFKA_NO_OFFSET};

    if (!next_value(r, &key) || !next_value(r, &value))
        return false;
    if (kind == KAFKA_SENT)
        read_pair(value, &e.offset, &value); /* else the value alone: its offset is not known */
    e.key = number_key(log, key, false);
    e.value = number_value(log, e.key, value);
    add_entry(log, e);
    return true;
}

/* The messages of one key: [[offset, value], ...] or null. */
static bool read_messages(struct kafka_log *log, uint32_t event, uint32_t key, struct str json)
{
    struct json_reader r;
    struct str pair, value;
    bool good = true;

    if (str_is(json, "null"))
        return true;
    if (!open_list(&r, json))
        return false;
    while (next_value(&r, &pair)) {
        struct kafka_entry e = {.kind = KAFKA_POLLED, .event = event, .key = key};
        if (!read_pair(pair, &e.offset, &value)) {
            good = false;
            continue;
        }
        e.value = number_value(log, key, value);
        add_entry(log, e);
    }
    return good;
}

static bool read_poll(struct kafka_log *log, uint32_t event, struct json_reader *r)
{
    struct json_reader keys;
    struct str map, messages;
    bool good = true;

    add_entry(log, (struct kafka_entry){.kind = KAFKA_POLL, .event = event});
    if (!next_value(r, &map))
        return false;
    if (str_is(map, "null"))
        return true;
    json_reader_init(&keys, map);
    if (json_next(&keys) != JSON_AT_OBJECT)
        return false;
    while (json_next(&keys) == JSON_AT_KEY) {
        uint32_t key = number_key(log, keys.text, true);
        if (!next_value(&keys, &messages))
            return false;
        good &= read_messages(log, event, key, messages);
    }
    return good;
}

/* One micro-operation. A poll shows something only where it is ok. */
static bool read_micro(struct kafka_log *log, uint32_t event, enum kafka_kind send_kind,
                       struct str json)
{
    struct json_reader r;

    if (!open_list(&r, json) || json_next(&r) != JSON_AT_STRING)
        return false;
    if (json_string_is(r.text, "send"))
        return read_send(log, event, send_kind, &r);
    if (json_string_is(r.text, "poll"))
        return send_kind != KAFKA_SENT || read_poll(log, event, &r);
    return false;
}

static void read_micros(struct kafka_log *log, uint32_t event, enum kafka_kind send_kind)
{
    struct json_reader r;
    struct str micro;

    if (!open_list(&r, history_at(log->h, event)->value)) {
        note_malformed(log, event);
        return;
    }
    while (next_value(&r, &micro))
        if (!read_micro(log, event, send_kind, micro))
            note_malformed(log, event);
}

static void read_assign(struct kafka_log *log, uint32_t event)
{
    struct json_reader r;
    struct str key;

    if (!open_list(&r, history_at(log->h, event)->value)) {
        note_malformed(log, event);
        return;
    }
    add_entry(log, (struct kafka_entry){.kind = KAFKA_ASSIGN, .event = event});
    while (next_value(&r, &key))
        add_entry(log, (struct kafka_entry){.kind = KAFKA_ASSIGNED,
                                            .event = event,
                                            .key = number_key(log, key, false)});
}

static void read_event(struct kafka_log *log, uint32_t i)
{
    const struct op *op = history_at(log->h, i);
    struct str f = history_f_name(log->h, op->f);
    bool is_micro = str_is(f, "send") || str_is(f, "poll") || str_is(f, "txn");

    if (op->process == HISTORY_NEMESIS)
        return;
    if (is_micro && op->type == OP_INVOKE && op->pair == HISTORY_NO_PAIR)
        read_micros(log, i, KAFKA_UNCERTAIN);
    else if (is_micro && op->type == OP_OK)
        read_micros(log, i, KAFKA_SENT);
    else if (is_micro && op->type == OP_FAIL) /* what it asked stands in its invocation */
        read_micros(log, op->pair, KAFKA_FAILED);
    else if (is_micro && op->type == OP_INFO)
        read_micros(log, op->pair, KAFKA_UNCERTAIN);
    else if (str_is(f, "assign") && op->type == OP_OK)
        read_assign(log, i);
}

/* ---- indices ---- */

static int by_place(const void *a, const void *b)
{
    const struct kafka_cell *x = a;
    const struct kafka_cell *y = b;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    if (x->value != y->value)
        return x->value < y->value ? -1 : 1;
    return (x->event > y->event) - (x->event < y->event);
}

/* Sorts the cells, keeps each once, and numbers the offsets of each key. */
static void index_cells(struct kafka_log *log)
{
    size_t kept = 0;
    size_t i;

    if (log->cell_count > 1)
        qsort(log->cells, log->cell_count, sizeof(*log->cells), by_place);
    log->index_count = mem_zalloc(kafka_key_count(log) * sizeof(*log->index_count));
    for (i = 0; i < log->cell_count; i++) {
        struct kafka_cell *cell = &log->cells[i];
        struct kafka_cell *last = kept > 0 ? &log->cells[kept - 1] : NULL;
        struct kafka_value *value = &log->values[cell->value];
        bool is_same_offset = last != NULL && last->key == cell->key && //
                              last->offset == cell->offset;
        if (is_same_offset && last->value == cell->value)
            continue;
        if (!is_same_offset)
            log->index_count[cell->key]++;
        value->last_index = log->index_count[cell->key] - 1;
        if (value->first_index == KAFKA_NONE)
            value->first_index = value->last_index;
        log->cells[kept++] = *cell;
    }
    log->cell_count = kept;
}

/* The index of an offset, by binary search over the first cells of the key. */
static uint32_t index_of(const struct kafka_log *log, const size_t *key_start,
                         const uint32_t *cell_index, uint32_t key, int64_t offset)
{
    size_t low = key_start[key];
    size_t high = key_start[key + 1];

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (log->cells[middle].offset < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return cell_index[low];
}

static void index_entries(struct kafka_log *log)
{
    uint32_t key_count = kafka_key_count(log);
    size_t *key_start = mem_zalloc(((size_t)key_count + 1) * sizeof(*key_start));
    uint32_t *cell_index = mem_alloc(log->cell_count * sizeof(*cell_index));
    uint32_t key;
    size_t i;

    for (i = 0; i < log->cell_count; i++) {
        const struct kafka_cell *cell = &log->cells[i];
        bool is_first = i == 0 || log->cells[i - 1].key != cell->key;
        bool is_same = !is_first && log->cells[i - 1].offset == cell->offset;
        key_start[cell->key + 1] = i + 1;
        cell_index[i] = is_first ? 0 : cell_index[i - 1] + !is_same;
    }
    for (key = 0; key < key_count; key++) /* keys without a cell */
        if (key_start[key + 1] < key_start[key])
            key_start[key + 1] = key_start[key];
    for (i = 0; i < log->entry_count; i++) {
        struct kafka_entry *e = &log->entries[i];
        if (e->kind != KAFKA_POLLED && e->kind != KAFKA_SENT)
            continue;
        e->index = e->offset != KAFKA_NO_OFFSET
                       ? index_of(log, key_start, cell_index, e->key, e->offset)
                       : log->values[e->value].first_index;
    }
    mem_free(key_start);
    mem_free(cell_index);
}

void kafka_log_init(struct kafka_log *log, const struct history *h)
{
    uint32_t i;

    *log = (struct kafka_log){.h = h, .key_names = map_new(), .value_names = map_new()};
    for (i = 0; i < history_len(h); i++)
        read_event(log, i);
    index_cells(log);
    index_entries(log);
}

void kafka_log_release(struct kafka_log *log)
{
    map_free(log->key_names);
    map_free(log->value_names);
    mem_free(log->entries);
    mem_free(log->values);
    mem_free(log->cells);
    mem_free(log->index_count);
    *log = (struct kafka_log){0};
}
