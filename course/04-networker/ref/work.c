/* work.c - WORK <id> <ms> is answered by DONE <id> so many milliseconds later.
 *
 * The requests of one connection run side by side: each has its own timer, and the answers leave as
 * the timers fire. A request knows its connection until that is closed; the timer then finds nobody
 * to answer. */
#include "conn.h"
#include "drain.h"
#include "lines.h"
#include "node.h"
#include "protos.h"

#include <stdlib.h>
#include <string.h>

enum { MS_MAX = 1000000 };

struct request {
    struct conn *conn; /* NULL: gone */
    struct request *next, **at;
    char id[];
};

struct work {
    struct request *open;
};

static void answer(struct conn *c, const char *word, const char *id)
{
    buffer_put_text(&c->out, word);
    buffer_put_text(&c->out, id);
    buffer_put(&c->out, "\n", 1);
}

static void on_done(void *owner)
{
    struct request *r = owner;
    struct conn *c = r->conn;

    if (c != NULL) {
        *r->at = r->next;
        if (r->next != NULL)
            r->next->at = r->at;
        answer(c, "DONE ", r->id);
        c->busy--;
        if (drain_is_on())
            c->answered++;
        conn_turn(c);
    }
    free(r);
}

static void begin(struct conn *c, const char *id, int ms)
{
    struct work *w = c->state;
    struct request *r = malloc(sizeof(*r) + strlen(id) + 1);

    if (r == NULL) {
        node_log("out of memory");
        exit(1);
    }
    strcpy(r->id, id);
    r->conn = c;
    r->next = w->open;
    r->at = &w->open;
    if (r->next != NULL)
        r->next->at = &r->next;
    w->open = r;
    c->busy++;
    node_after(ms, on_done, r);
}

/* The id and the time in a line, which is cut up; false: it is no request. */
static bool parse(char *line, char **ret_id, int *ret_ms)
{
    char *blank = strrchr(line, ' '), *end;
    long ms;

    if (strncmp(line, "WORK ", 5) != 0 || blank < line + 6)
        return false;
    ms = strtol(blank + 1, &end, 10);
    if (end == blank + 1 || *end != '\0' || ms < 0 || ms > MS_MAX)
        return false;
    *blank = '\0';
    *ret_id = line + 5;
    *ret_ms = (int)ms;
    return true;
}

static bool step(struct conn *c)
{
    size_t len;
    char *line = line_first(c, &len), *id;
    int ms;

    if (line == NULL)
        return false;
    if (!parse(line, &id, &ms))
        buffer_put_text(&c->out, "ERROR\n");
    else if (drain_is_on())
        answer(c, "CLOSED ", id);
    else
        begin(c, id, ms);
    buffer_take(&c->in, len + 1);
    return true;
}

static void closed(struct conn *c)
{
    struct work *w = c->state;

    for (struct request *r = w->open; r != NULL; r = r->next)
        r->conn = NULL;
}

const struct proto work_proto = {
    .name = "work", .state_size = sizeof(struct work), .step = step, .closed = closed};
