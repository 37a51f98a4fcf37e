/* One pass over the journal, whatever its length: a run may leave two million messages, and four
 * pictures want parts of it. So lines past the window of kept messages are read only as far as
 * their kind (entry_parse, brief), which costs about as much as decompressing them.
 *
 * Invariants: 1. messages are ascending by id, because the world numbers them in order of sending;
 * a line that breaks this is counted as bad. 2. Each kept RECV or DROP follows the SEND of its
 * message in events. 3. A band's stop is never before its start.
 *
 * A stop closes the open bands of its kind that name the same nodes, or the same text where nodes
 * are not listed; if there are none, all open bands of its kind ("heal" names nobody). A second
 * start of just the same fault replaces the first. */
#include "story.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/json.h"
#include "../base/map.h"
#include "../base/mem.h"
#include "entry.h"
#include "pictures.h"

#include <stdlib.h>

/* Keeps what the inside of a JSON string means, at most max bytes of it. */
static struct str kept_text(struct story *s, struct str inside, size_t max)
{
    struct buf plain = {0};
    struct str kept;
    size_t end = 0;

    for (size_t chars = 0; end < inside.len && chars < max; chars++)
        end += inside.data[end] != '\\' ? 1 : inside.data[end + 1] == 'u' ? 6 : 2;
    json_unescape(&plain, (struct str){inside.data, end});
    kept.len = plain.len < max ? plain.len : max;
    kept.data = arena_strndup(s->arena, plain.data == NULL ? "" : plain.data, kept.len);
    buf_release(&plain);
    return kept;
}

static struct story_event *event_add(struct story *s, int64_t t_ns, enum story_kind kind,
                                     uint32_t of)
{
    struct story_event *ev;

    s->events = mem_grow(s->events, &s->events_cap, s->event_count + 1, sizeof(*s->events));
    ev = &s->events[s->event_count++];
    *ev = (struct story_event){.t_ns = t_ns, .kind = kind, .of = of};
    return ev;
}

static bool window_is_full(const struct story *s)
{
    return s->kept_events >= STORY_EVENTS_MAX || s->message_count >= 2 * STORY_EVENTS_MAX;
}

static bool is_client_name(struct str name)
{
    if (name.len < 2 || name.data[0] != 'c')
        return false;
    for (size_t i = 1; i < name.len; i++)
        if (name.data[i] < '0' || name.data[i] > '9')
            return false;
    return true;
}

enum endpoint_role story_role(const struct story *s, uint32_t endpoint)
{
    if (endpoint < s->node_count)
        return ROLE_NODE;
    return is_client_name(map_text(s->endpoints, endpoint)) ? ROLE_CLIENT : ROLE_SERVICE;
}

static uint32_t endpoint_of(struct story *s, struct str name)
{
    if (name.len > STORY_TEXT_MAX)
        name.len = STORY_TEXT_MAX;
    return map_put(s->endpoints, name, NULL);
}

/* The inside of body.type, empty if there is none. */
static struct str type_of(struct str body)
{
    struct json_reader r;
    struct str type = STR_LIT("");

    json_reader_init(&r, body);
    if (json_next(&r) != JSON_AT_OBJECT)
        return type;
    while (json_next(&r) == JSON_AT_KEY) {
        bool is_type = str_is(r.text, "type");
        struct str whole;

        if (json_next(&r) == JSON_AT_STRING && is_type)
            type = r.text;
        if (!json_skip(&r, &whole))
            break;
    }
    return type;
}

static void add_send(struct story *s, const struct entry *ev)
{
    struct story_message *m;
    struct str type = type_of(ev->body);
    bool of_init = str_is(type, "init") || str_is(type, "init_ok");

    if (s->message_count > 0 && s->messages[s->message_count - 1].id >= ev->id) {
        s->bad_lines++;
        return;
    }
    s->messages =
        mem_grow(s->messages, &s->messages_cap, s->message_count + 1, sizeof(*s->messages));
    m = &s->messages[s->message_count];
    *m = (struct story_message){
        .id = ev->id,
        .src = endpoint_of(s, ev->src),
        .dest = endpoint_of(s, ev->dest),
        .type = kept_text(s, type, STORY_TEXT_MAX),
        .body_len = ev->body.len,
        .is_error = str_is(type, "error"),
    };
    m->is_hidden =
        of_init && (story_role(s, m->src) == ROLE_CLIENT || story_role(s, m->dest) == ROLE_CLIENT);
    if (!m->is_hidden) {
        m->body.len = ev->body.len < STORY_BODY_MAX ? ev->body.len : STORY_BODY_MAX;
        m->body.data = arena_strndup(s->arena, m->body.len == 0 ? "" : ev->body.data, m->body.len);
        event_add(s, ev->t_ns, STORY_SEND, s->message_count);
        s->kept_events++;
        s->message_events++;
    }
    s->message_count++;
}

static int id_cmp(const void *key, const void *element)
{
    uint64_t a = *(const uint64_t *)key;
    uint64_t b = ((const struct story_message *)element)->id;

    return a < b ? -1 : a > b;
}

static void add_arrival(struct story *s, const struct entry *ev)
{
    const struct story_message *m = NULL;
    struct story_event *added;

    if (s->message_count > 0)
        m = bsearch(&ev->id, s->messages, s->message_count, sizeof(*m), id_cmp);
    if (m == NULL) {
        s->bad_lines++;
        return;
    }
    if (m->is_hidden)
        return;
    added = event_add(s, ev->t_ns, ev->kind == ENTRY_RECV ? STORY_RECV : STORY_DROP,
                      (uint32_t)(m - s->messages));
    if (ev->kind == ENTRY_DROP)
        added->text = kept_text(s, ev->why, STORY_TEXT_MAX);
    s->kept_events++;
    s->message_events++;
}

static void add_note(struct story *s, const struct entry *ev, enum story_kind kind)
{
    struct str text = kind == STORY_NODE ? ev->what : ev->text;
    struct story_event *added;
    bool of_node;

    if (window_is_full(s) || s->note_count >= STORY_NOTES_MAX) {
        s->notes_left_out++;
        return;
    }
    s->note_count++;
    of_node = kind == STORY_NODE || kind == STORY_LOG;
    added = event_add(s, ev->t_ns, kind, of_node ? endpoint_of(s, ev->node) : 0);
    added->text = kept_text(s, text, STORY_TEXT_MAX);
    added->ok = ev->ok;
}

static void band_close(struct story *s, struct story_band *b, int64_t t_ns)
{
    b->is_open = false;
    b->stop_ns = t_ns > b->start_ns ? t_ns : b->start_ns;
    event_add(s, t_ns, STORY_BAND_STOP, (uint32_t)(b - s->bands));
}

/* What of a fault tells it from others of its kind. */
static struct str mark_of(const struct entry *ev)
{
    return ev->nodes.len > 2 ? ev->nodes : ev->text; /* "[]" lists nobody */
}

/* Closes the open bands of this kind (and, with same, of the same mark); says how many. */
static uint32_t bands_close(struct story *s, const struct entry *ev, bool same)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < s->band_count; i++) {
        struct story_band *b = &s->bands[i];

        if (b->is_open && str_eq(b->fault, ev->fault) && (!same || str_eq(b->mark, mark_of(ev)))) {
            band_close(s, b, ev->t_ns);
            count++;
        }
    }
    return count;
}

static struct str raw_text(struct story *s, struct str text)
{
    return (struct str){arena_strndup(s->arena, text.len == 0 ? "" : text.data, text.len),
                        text.len};
}

static void add_fault(struct story *s, const struct entry *ev)
{
    struct story_band *b;

    if (str_is(ev->what, "stop")) {
        if (bands_close(s, ev, true) == 0)
            bands_close(s, ev, false);
        return;
    }
    bands_close(s, ev, true);
    if (s->band_count >= STORY_BANDS_MAX) {
        s->bands_left_out++;
        return;
    }
    s->bands = mem_grow(s->bands, &s->bands_cap, s->band_count + 1, sizeof(*s->bands));
    b = &s->bands[s->band_count];
    *b = (struct story_band){
        .start_ns = ev->t_ns,
        .kind = kept_text(s, ev->fault, STORY_TEXT_MAX),
        .text = kept_text(s, ev->text, STORY_TEXT_MAX),
        .is_open = true,
    };
    b->fault = raw_text(s, ev->fault);
    b->mark = raw_text(s, mark_of(ev));
    event_add(s, ev->t_ns, STORY_BAND_START, s->band_count++);
}

static void add_line(struct story *s, struct str line)
{
    struct entry ev;

    if (line.len == 0)
        return;
    if (!entry_parse(line, window_is_full(s), &ev)) {
        s->bad_lines++;
        return;
    }
    switch (ev.kind) {
    case ENTRY_SEND:
    case ENTRY_RECV:
    case ENTRY_DROP:
        if (window_is_full(s))
            s->message_events++;
        else if (ev.kind == ENTRY_SEND)
            add_send(s, &ev);
        else
            add_arrival(s, &ev);
        break;
    case ENTRY_FAULT:
        add_fault(s, &ev);
        break;
    case ENTRY_NODE:
        add_note(s, &ev, STORY_NODE);
        break;
    case ENTRY_LOG:
        add_note(s, &ev, STORY_LOG);
        break;
    case ENTRY_STEP:
        if (!str_is(ev.what, "begin")) /* how it ended is shown, where it ended */
            add_note(s, &ev, STORY_STEP);
        break;
    case ENTRY_NOTE:
        add_note(s, &ev, STORY_NOTE);
        break;
    case ENTRY_BLAME:
        add_note(s, &ev, STORY_STEP); /* ok is absent: it looks like a failed step */
        break;
    case ENTRY_OTHER:
        break;
    }
}

static struct story *story_new(const struct run_view *view)
{
    struct story *s = mem_zalloc(sizeof(*s));

    s->arena = arena_new();
    s->endpoints = map_new();
    for (uint32_t i = 0; i < view->node_count; i++)
        map_put(s->endpoints, str_of(view->node_names[i]), NULL);
    s->node_count = map_len(s->endpoints);
    return s;
}

static void finish(struct story *s, int64_t end_ns)
{
    for (uint32_t i = 0; i < s->band_count; i++)
        if (s->bands[i].is_open)
            s->bands[i].stop_ns = end_ns > s->bands[i].start_ns ? end_ns : s->bands[i].start_ns;
}

int story_read(const struct run_view *view, struct story **ret_story, struct err *err)
{
    struct lines_reader *in = NULL;
    struct story *s = story_new(view);
    struct str line;
    int status = 0;

    if (view->journal_path != NULL) {
        status = lines_open(view->journal_path, &in, err);
        if (status < 0)
            goto out;
        while ((status = lines_next(in, STORY_LINE_MAX, &line, err)) > 0)
            add_line(s, line);
        if (status < 0) {
            err_wrap(err, "journal %s", view->journal_path);
            goto out;
        }
    }
    finish(s, view->end_ns);
    *ret_story = s;
    s = NULL; /* the caller's from here on */
out:
    lines_reader_close(in);
    story_free(s);
    return status;
}

void story_free(struct story *s)
{
    if (s == NULL)
        return;
    mem_free(s->events);
    mem_free(s->messages);
    mem_free(s->bands);
    map_free(s->endpoints);
    arena_free(s->arena);
    mem_free(s);
}
