/* One pass over the journal, keeping at most PAGE_MESSAGES_MAX messages with their events.
 *
 * Which ones matter in a run that is larger is known only when from_ns is: then, each time the
 * arrays are full before that moment, the older half is dropped. So the moment is reached with at
 * least half of the arrays filled by what led there, in one pass and in bounded memory.
 *
 * Invariants: 1. messages are ascending by id. 2. Each event is about a kept message, and follows
 * its send. 3. Records know the event before which they stand, so that a reader may put them in the
 * journal's order again, also where times are equal.
 *
 * A duplicated message arrives twice; both arrivals are events. Texts in records are insides
 * of JSON strings, as in the journal: unescaping them would only mean escaping them again. */
#include "page_journal.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/json.h"
#include "../base/map.h"
#include "../base/mem.h"
#include "entry.h"
#include "page_bodies.h"
#include "page_data.h"
#include "page_text.h"
#include "pictures.h"
#include "story.h"

#include <stdlib.h>
#include <string.h>

enum {
    NAME_BYTES_MAX = 100,
    RECORD_BYTES_MAX = 2000,
    RECORD_COST = 64, /* of its numbers */
};

struct message {
    uint64_t id;
    uint32_t src, dest, type;
};

enum event_kind { EVENT_SEND, EVENT_RECV, EVENT_DROP };

struct event {
    int64_t t_ns;
    uint32_t of; /* message */
    enum event_kind kind;
    uint32_t why; /* of a drop */
};

struct record {
    int64_t t_ns;
    uint32_t event; /* the next one */
    int32_t of;     /* endpoint, or -1 */
    char kind;
    size_t at, len; /* in texts: a JSON string */
};

struct columns {
    const struct page_journal_view *journal;
    struct map *names, *types, *reasons;
    struct message *messages;
    size_t message_count, messages_cap;
    struct event *events;
    size_t event_count, events_cap;
    struct record *records;
    size_t record_count, records_cap;
    struct buf texts;
    uint64_t first;         /* messages that were dropped from the front */
    uint64_t message_total; /* of the run */
    uint64_t records_left_out, bad_lines;
    size_t message_max, event_max, texts_max;
    bool is_full;
};

/* The place of a text in map; what is beyond the cap shares the last place. */
static uint32_t intern(struct map *map, struct str inside, uint32_t cap)
{
    int64_t known;

    inside.len = page_cut(inside, NAME_BYTES_MAX);
    known = map_find(map, inside);
    if (known != MAP_NONE)
        return (uint32_t)known;
    return map_put(map, map_len(map) + 1 < cap ? inside : STR_LIT("others"), NULL);
}

static uint32_t endpoint_of(struct columns *c, struct str name)
{
    return intern(c->names, name, PAGE_NAMES_MAX);
}

/* The inside of body.type, empty if there is none. */
static struct str type_of(struct str body)
{
    struct json_reader r;
    struct str type = STR_LIT(""), whole;

    json_reader_init(&r, body);
    if (json_next(&r) != JSON_AT_OBJECT)
        return type;
    while (json_next(&r) == JSON_AT_KEY) {
        bool is_type = str_is(r.text, "type");

        if (json_next(&r) == JSON_AT_STRING && is_type)
            type = r.text;
        if (!json_skip(&r, &whole))
            break;
    }
    return type;
}

static void drop_older_half(struct columns *c)
{
    uint32_t half = (uint32_t)(c->message_count / 2);
    size_t kept = 0, record = 0;

    for (size_t i = 0; i <= c->event_count; i++) {
        while (record < c->record_count && c->records[record].event == i)
            c->records[record++].event = (uint32_t)kept;
        if (i == c->event_count || c->events[i].of < half)
            continue;
        c->events[kept] = c->events[i];
        c->events[kept++].of -= half;
    }
    c->event_count = kept;
    c->message_count -= half;
    memmove(c->messages, c->messages + half, c->message_count * sizeof(*c->messages));
    page_bodies_drop(c->journal->bodies, half);
    c->first += half;
}

/* Makes room for one more message or event; false if there is none. */
static bool make_room(struct columns *c, int64_t t_ns)
{
    int64_t from_ns = c->journal->from_ns;

#if PLANT_REPORT == 6
    from_ns = -1;
#endif
    if (c->is_full)
        return false;
    if (c->message_count < c->message_max && c->event_count < c->event_max)
        return true;
    if (t_ns < from_ns && c->message_count > 1)
        drop_older_half(c);
    c->is_full = c->message_count >= c->message_max || c->event_count >= c->event_max;
    return !c->is_full;
}

static void add_event(struct columns *c, const struct entry *ev, enum event_kind kind, size_t of)
{
    c->events = mem_grow(c->events, &c->events_cap, c->event_count + 1, sizeof(*c->events));
    c->events[c->event_count++] = (struct event){
        .t_ns = ev->t_ns,
        .of = (uint32_t)of,
        .kind = kind,
        .why = kind == EVENT_DROP ? intern(c->reasons, ev->why, PAGE_TYPES_MAX) : 0,
    };
}

static void add_send(struct columns *c, const struct entry *ev)
{
    c->message_total++;
    if (!make_room(c, ev->t_ns))
        return;
    if (c->message_count > 0 && c->messages[c->message_count - 1].id >= ev->id) {
        c->bad_lines++;
        return;
    }
    c->messages =
        mem_grow(c->messages, &c->messages_cap, c->message_count + 1, sizeof(*c->messages));
    c->messages[c->message_count] = (struct message){
        .id = ev->id,
        .src = endpoint_of(c, ev->src),
        .dest = endpoint_of(c, ev->dest),
        .type = intern(c->types, type_of(ev->body), PAGE_TYPES_MAX),
    };
    page_bodies_add(c->journal->bodies, ev->body);
    add_event(c, ev, EVENT_SEND, c->message_count++);
}

static int id_cmp(const void *key, const void *element)
{
    uint64_t a = *(const uint64_t *)key;
    uint64_t b = ((const struct message *)element)->id;

    return a < b ? -1 : a > b;
}

static void add_arrival(struct columns *c, const struct entry *ev)
{
    const struct message *m = NULL;

    if (c->message_count > 0)
        m = bsearch(&ev->id, c->messages, c->message_count, sizeof(*m), id_cmp);
    if (m == NULL) {
        if (c->first == 0 && !c->is_full)
            c->bad_lines++;
        return;
    }
    if (c->event_count >= c->event_max)
        return;
    add_event(c, ev, ev->kind == ENTRY_RECV ? EVENT_RECV : EVENT_DROP, (size_t)(m - c->messages));
}

static void add_record(struct columns *c, const struct entry *ev, char kind, struct str text)
{
    struct record *r;
    size_t before = c->texts.len;

    if (c->texts.len + c->record_count * RECORD_COST > c->texts_max) {
        c->records_left_out++;
        return;
    }
    page_add_inside(&c->texts, text, RECORD_BYTES_MAX);
    c->records = mem_grow(c->records, &c->records_cap, c->record_count + 1, sizeof(*c->records));
    r = &c->records[c->record_count++];
    *r = (struct record){
        .t_ns = ev->t_ns,
        .event = (uint32_t)c->event_count,
        .of = ev->node.len > 0 ? (int32_t)endpoint_of(c, ev->node) : -1,
        .kind = kind,
        .at = before,
        .len = c->texts.len - before,
    };
}

static void add_line(struct columns *c, struct str line)
{
    struct entry ev;

    if (line.len == 0)
        return;
    if (!entry_parse(line, c->is_full, &ev)) {
        c->bad_lines++;
        return;
    }
    switch (ev.kind) {
    case ENTRY_SEND:
        add_send(c, &ev);
        break;
    case ENTRY_RECV:
    case ENTRY_DROP:
        if (!c->is_full)
            add_arrival(c, &ev);
        break;
    case ENTRY_NODE:
        add_record(c, &ev, 'n', ev.what);
        break;
    case ENTRY_LOG:
        add_record(c, &ev, 'l', ev.text);
        break;
    case ENTRY_STEP:
        if (!str_is(ev.what, "begin")) /* as in story.c */
            add_record(c, &ev, 's', ev.text);
        break;
    case ENTRY_NOTE:
        add_record(c, &ev, 'x', ev.text);
        break;
    case ENTRY_BLAME:
        add_record(c, &ev, 'b', ev.text);
        break;
    case ENTRY_FAULT: /* bands come from story.h */
    case ENTRY_OTHER:
        break;
    }
}

/* ---- out ---- */

static void add_texts(struct buf *out, const char *member, const struct map *texts)
{
    buf_addf(out, ",\n\"%s\":[", member);
    for (uint32_t i = 0; i < map_len(texts); i++) {
        buf_add_text(out, i > 0 ? "," : "");
        page_add_inside(out, map_text(texts, i), NAME_BYTES_MAX);
    }
    buf_add_char(out, ']');
}

static void begin_column(struct buf *out, const char *name)
{
    buf_addf(out, "\"%s\":[", name);
}

/* Ends a column or a list in place of its last comma. */
static void end_column(struct buf *out, const char *then)
{
    if (out->data[out->len - 1] == ',')
        out->len--;
    buf_add_char(out, ']');
    buf_add_text(out, then);
}

static void add_number(struct buf *out, int64_t number)
{
    buf_add_i64(out, number);
    buf_add_char(out, ',');
}

static void add_messages(const struct columns *c, struct buf *out)
{
    buf_addf(out, ",\n\"messages\":{\"first\":%llu,\"all\":%llu,", (unsigned long long)c->first,
             (unsigned long long)c->message_total);
    begin_column(out, "src");
    for (size_t i = 0; i < c->message_count; i++)
        add_number(out, c->messages[i].src);
    end_column(out, ",");
    begin_column(out, "dest");
    for (size_t i = 0; i < c->message_count; i++)
        add_number(out, c->messages[i].dest);
    end_column(out, ",");
    begin_column(out, "type");
    for (size_t i = 0; i < c->message_count; i++)
        add_number(out, c->messages[i].type);
    end_column(out, "}");
}

static void add_events(const struct columns *c, struct buf *out)
{
    int64_t last_ns = 0;

    buf_add_text(out, ",\n\"events\":{");
    begin_column(out, "of");
    for (size_t i = 0; i < c->event_count; i++) {
        const struct event *ev = &c->events[i];

        add_number(out, ev->kind == EVENT_SEND   ? 0
                        : ev->kind == EVENT_RECV ? (int64_t)ev->of + 1
                                                 : -(int64_t)ev->of - 1);
    }
    end_column(out, ",");
    begin_column(out, "dt");
    for (size_t i = 0; i < c->event_count; i++) {
        add_number(out, c->events[i].t_ns - last_ns);
        last_ns = c->events[i].t_ns;
    }
    end_column(out, ",");
    begin_column(out, "why");
    for (size_t i = 0; i < c->event_count; i++)
        if (c->events[i].kind == EVENT_DROP)
            add_number(out, c->events[i].why);
    end_column(out, "}");
}

static void add_records(const struct columns *c, struct buf *out)
{
    buf_add_text(out, ",\n\"records\":[");
    for (size_t i = 0; i < c->record_count; i++) {
        const struct record *r = &c->records[i];

        buf_addf(out, "[%u,%lld,\"%c\",%d,", r->event, (long long)r->t_ns, r->kind, r->of);
        buf_add(out, c->texts.data + r->at, r->len);
        buf_add_text(out, "],");
    }
    end_column(out, "");
}

static void add_left_out(const struct columns *c, struct buf *out)
{
    buf_addf(out, ",\n\"journal_left_out\":{\"messages\":%llu,\"records\":%llu,\"bad_lines\":%llu}",
             (unsigned long long)(c->message_total - c->message_count),
             (unsigned long long)c->records_left_out, (unsigned long long)c->bad_lines);
}

static int read_lines(struct columns *c, const char *path, struct err *err)
{
    struct lines_reader *in = NULL;
    struct str line;
    int status = lines_open(path, &in, err);

    if (status < 0)
        return status;
    while ((status = lines_next(in, STORY_LINE_MAX, &line, err)) > 0)
        add_line(c, line);
    if (status < 0)
        err_wrap(err, "journal %s", path);
    lines_reader_close(in);
    return status;
}

static void columns_release(struct columns *c)
{
    map_free(c->names);
    map_free(c->types);
    map_free(c->reasons);
    mem_free(c->messages);
    mem_free(c->events);
    mem_free(c->records);
    buf_release(&c->texts);
}

int page_journal_add(const struct page_journal_view *journal, struct buf *out, struct err *err)
{
    const struct run_view *view = journal->view;
    struct columns c = {
        .journal = journal,
        .names = map_new(),
        .types = map_new(),
        .reasons = map_new(),
        .message_max = PAGE_MESSAGES_MAX / journal->share,
        .event_max = PAGE_EVENTS_MAX / journal->share,
        .texts_max = PAGE_LIST_BYTES_MAX / journal->share,
    };
    int status = 0;

    for (uint32_t i = 0; i < view->node_count; i++)
        map_put(c.names, str_of(view->node_names[i]), NULL);
    if (view->journal_path != NULL)
        status = read_lines(&c, view->journal_path, err);
    if (status >= 0) {
        buf_addf(out, ",\n\"node_count\":%u", view->node_count);
        add_texts(out, "names", c.names);
        add_texts(out, "types", c.types);
        add_texts(out, "reasons", c.reasons);
        add_messages(&c, out);
        add_events(&c, out);
        add_records(&c, out);
        add_left_out(&c, out);
        status = 0;
    }
    columns_release(&c);
    return status;
}
