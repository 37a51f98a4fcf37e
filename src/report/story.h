/* story.h - what of a journal the pictures need, read in one pass.
 *
 * Message events are kept up to STORY_EVENTS_MAX, those of init left out; the rest is counted.
 * Faults become bands (from start to stop) and are kept for the whole run. Every list has a cap,
 * and a count of what did not fit. Owns its texts; they are unescaped, bodies are cut to
 * STORY_BODY_MAX bytes. */
#ifndef REPORT_STORY_H
#define REPORT_STORY_H

#include "../base/str.h"

#include <stdint.h>

struct err;
struct map;
struct run_view;
struct arena;

enum {
    STORY_EVENTS_MAX = 10000,  /* sends, deliveries and drops */
    STORY_NOTES_MAX = 4000,    /* node events, log lines, steps */
    STORY_BANDS_MAX = 500,     /* faults */
    STORY_BODY_MAX = 1000,     /* bytes of a message's body */
    STORY_TEXT_MAX = 300,      /* bytes of any other text */
    STORY_LINE_MAX = 64 << 20, /* bytes of a journal line */
};

enum story_kind {
    STORY_SEND,       /* of: message */
    STORY_RECV,       /* of: message */
    STORY_DROP,       /* of: message; text: the reason */
    STORY_NODE,       /* of: endpoint; text: start, exit, kill, restart, pause, resume */
    STORY_LOG,        /* of: endpoint; text: the line */
    STORY_STEP,       /* text: the step, or whom to blame; ok */
    STORY_NOTE,       /* text */
    STORY_BAND_START, /* of: band */
    STORY_BAND_STOP,  /* of: band */
};

struct story_event {
    int64_t t_ns;
    enum story_kind kind;
    uint32_t of;
    struct str text;
    bool ok;
};

struct story_message {
    uint64_t id;
    uint32_t src, dest; /* endpoints */
    struct str type;
    struct str body; /* the first STORY_BODY_MAX bytes */
    size_t body_len; /* of the whole body */
    bool is_error;
    bool is_hidden; /* of init: known, not shown */
};

struct story_band {
    int64_t start_ns, stop_ns; /* a fault without a stop lasts until the run's end */
    struct str kind, text;
    struct str fault, mark; /* private to story.c: as they stand in the journal */
    bool is_open;           /* likewise */
};

enum endpoint_role { ROLE_NODE, ROLE_CLIENT, ROLE_SERVICE };

struct story {
    struct story_event *events; /* in the journal's order */
    uint32_t event_count;
    struct story_message *messages; /* ascending by id */
    uint32_t message_count;
    struct story_band *bands;
    uint32_t band_count;
    struct map *endpoints; /* names to numbers; the nodes come first */
    uint32_t node_count;
    uint64_t message_events; /* all sends, deliveries and drops, also those not kept */
    uint64_t kept_events;    /* of them kept */
    uint64_t notes_left_out, bands_left_out, bad_lines;
    struct arena *arena;
    size_t events_cap, messages_cap, bands_cap;
    uint32_t note_count;
};

/* view->journal_path may be NULL: the story is then empty. */
int story_read(const struct run_view *view, struct story **ret_story, struct err *err);
void story_free(struct story *s); /* NULL is fine */

enum endpoint_role story_role(const struct story *s, uint32_t endpoint);

#endif
