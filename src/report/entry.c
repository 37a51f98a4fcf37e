#include "entry.h"

#include "../base/json.h"

static const struct {
    const char *name;
    enum entry_kind kind;
} kinds[] = {
    {"send", ENTRY_SEND},   {"recv", ENTRY_RECV}, {"drop", ENTRY_DROP},
    {"fault", ENTRY_FAULT}, {"node", ENTRY_NODE}, {"log", ENTRY_LOG},
    {"step", ENTRY_STEP},   {"note", ENTRY_NOTE}, {"blame", ENTRY_BLAME},
};

static enum entry_kind kind_of(struct str name)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (str_is(name, kinds[i].name))
            return kinds[i].kind;
    return ENTRY_OTHER;
}

static struct str *string_field(struct entry *ev, struct str key)
{
    const struct {
        const char *name;
        struct str *field;
    } fields[] = {
        {"src", &ev->src},   {"dest", &ev->dest}, {"why", &ev->why},   {"kind", &ev->fault},
        {"what", &ev->what}, {"text", &ev->text}, {"node", &ev->node},
    };

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if (str_is(key, fields[i].name))
            return fields[i].field;
    return NULL;
}

struct seen {
    bool time, kind;
};

/* Takes the member whose value the reader stands at. False if the text is broken. */
static bool take_member(struct json_reader *r, struct str key, struct entry *ev, struct seen *seen)
{
    enum json_kind kind = json_next(r);
    struct str inside = r->text;
    struct str whole;
    struct str *field;
    int64_t number;

    if (!json_skip(r, &whole))
        return false;
    if (kind == JSON_AT_NUMBER && json_to_i64(inside, &number)) {
        if (str_is(key, "t")) {
            ev->t_ns = number < 0 ? 0 : number;
            seen->time = true;
        } else if (str_is(key, "id")) {
            ev->id = (uint64_t)number;
        }
    } else if (kind == JSON_AT_STRING && str_is(key, "e")) {
        ev->kind = kind_of(inside);
        seen->kind = true;
    } else if (kind == JSON_AT_STRING && (field = string_field(ev, key)) != NULL) {
        *field = inside;
    }
    if (str_is(key, "body"))
        ev->body = whole;
    else if (str_is(key, "nodes"))
        ev->nodes = whole;
    else if (str_is(key, "ok"))
        ev->ok = kind == JSON_AT_TRUE;
    return true;
}

static bool is_message(enum entry_kind kind)
{
    return kind == ENTRY_SEND || kind == ENTRY_RECV || kind == ENTRY_DROP;
}

bool entry_parse(struct str line, bool brief, struct entry *ret_entry)
{
    struct entry ev = {0};
    struct seen seen = {0};
    struct json_reader r;

    json_reader_init(&r, line);
    if (json_next(&r) != JSON_AT_OBJECT)
        return false;
    while (json_next(&r) == JSON_AT_KEY) {
        if (!take_member(&r, r.text, &ev, &seen))
            return false;
        if (brief && seen.time && seen.kind && is_message(ev.kind)) {
            *ret_entry = ev;
            return true;
        }
    }
    if (r.kind != JSON_AT_OBJECT_END || !seen.time || !seen.kind)
        return false;
    *ret_entry = ev;
    return true;
}
