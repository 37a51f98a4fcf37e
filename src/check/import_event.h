/* import_event.h - one event of a foreign history, and the history that grows from them. For
 * import_*.c only. */
#ifndef CHECK_IMPORT_EVENT_H
#define CHECK_IMPORT_EVENT_H

#include "history.h"
#include "import.h"

/* The members of an event, whatever the notation. */
enum import_member {
    IMPORT_TYPE,
    IMPORT_PROCESS,
    IMPORT_F,
    IMPORT_VALUE,
    IMPORT_TIME,
    IMPORT_NODE,
    IMPORT_ERROR,
    IMPORT_KEY,
    IMPORT_FINAL,
    IMPORT_MEMBER_COUNT, /* all others */
};
enum import_member import_member(struct str name);

/* An open operation of an event without a process. */
struct anonymous {
    int32_t process; /* made up */
    struct buf f;    /* JSON text of its function */
};

struct importer {
    struct str text;
    struct imported *out; /* the history in it is ours until the end */
    struct map *nodes;
    int32_t *numbers; /* process of the history by the process in the text; -1: none now */
    size_t number_count, number_cap;
    bool *taken; /* by process of the history */
    size_t taken_count, taken_cap;
    bool *is_open; /* by process of the text */
    size_t open_cap;
    int64_t time_ns;             /* of the last event */
    bool is_started;             /* an event of a client came */
    bool has_processes;          /* an event said its process */
    int32_t anonymous_count;     /* processes made up for events that said none */
    struct anonymous *anonymous; /* the open ones; buffers behind them are kept */
    size_t open_anonymous, anonymous_cap;
    /* The event being read: JSON texts, empty where the member is absent, and where in the text
     * each stands. */
    struct buf members[IMPORT_MEMBER_COUNT];
    size_t places[IMPORT_MEMBER_COUNT];
    size_t place; /* of the event */
    struct buf name, pair;
};

void importer_init(struct importer *im, struct str text, struct imported *out);
void importer_release(struct importer *im); /* not the history */

void import_begin(struct importer *im, size_t place); /* a new event */
/* The buffer for the member's canonical JSON text, emptied; its value stands at place. */
struct buf *import_take(struct importer *im, enum import_member member, size_t place);
/* Adds the event to the history. ERR_INPUT, ERR_FULL: see import_history(). */
int import_end(struct importer *im, struct err *err);

/* "line 3, column 5: expected ..., but ..." ERR_INPUT. */
int import_refuse(const struct importer *im, size_t place, struct err *err, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

int import_json(struct importer *im, struct err *err);
int import_edn(struct importer *im, struct err *err);
int import_log(struct importer *im, struct err *err);

#endif
