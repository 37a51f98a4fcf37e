/* alive.c - silence is not a sign of life.
 *
 *     heard ──idle_ms──▶ PING 1 ──idle_ms──▶ PING 2 ──idle_ms──▶ PING 3 ──idle_ms──▶ closed
 *       ▲                  │
 *       └──────────────────┴── PONG with the number of the last ping, or bytes of any other line
 *
 * Each connection has one timer, which starts anew when a ping has been sent. What is heard only
 * moves `heard_ms`: a timer that fires and finds that something was heard meanwhile waits for the
 * rest. So a busy peer costs one timer in idle_ms, and not one for each byte. */
#include "conn.h"
#include "lines.h"
#include "listener.h"
#include "node.h"
#include "protos.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct alive {
    int64_t heard_ms;   /* the last sign of life */
    size_t seen_len;    /* of in, in the last step */
    uint64_t timer;     /* 0: none runs */
    int open;           /* pings since then */
    unsigned last_ping; /* its number */
};

static void on_silence(void *owner);

static void start_timer(struct conn *c, int64_t ms)
{
    struct alive *a = c->state;

    a->timer = node_after((int)ms, on_silence, c);
}

static void ping(struct conn *c)
{
    struct alive *a = c->state;
    char line[32];

    a->open++;
    snprintf(line, sizeof(line), "PING %u\n", ++a->last_ping);
    buffer_put_text(&c->out, line);
    start_timer(c, c->listener->idle_ms);
    conn_turn(c);
}

static void on_silence(void *owner)
{
    struct conn *c = owner;
    struct alive *a = c->state;
    int64_t silent_ms = node_now_ms() - a->heard_ms;

    a->timer = 0;
    if (a->open == 0 && silent_ms < c->listener->idle_ms)
        start_timer(c, c->listener->idle_ms - silent_ms);
    else if (a->open < c->listener->misses_max)
        ping(c);
    else
        conn_close(c);
}

static void heard(struct conn *c)
{
    struct alive *a = c->state;

    a->heard_ms = node_now_ms();
    if (a->open > 0) {
        a->open = 0;
        node_cancel(a->timer);
        start_timer(c, c->listener->idle_ms);
    }
}

static void on_line(struct conn *c, const char *line, size_t len)
{
    struct alive *a = c->state;

    if (strncmp(line, "PONG ", 5) == 0) {
        if (a->open > 0 && strtoul(line + 5, NULL, 10) == a->last_ping)
            heard(c);
        return;
    }
    heard(c);
    buffer_put(&c->out, line, len);
    buffer_put(&c->out, "\n", 1);
}

/* Part of a line has come: a sign of life, unless it may become a PONG. */
static void on_part(struct conn *c)
{
    struct alive *a = c->state;
    size_t len = c->in.len < 5 ? c->in.len : 5;

    if (c->in.len > a->seen_len && memcmp(buffer_bytes(&c->in), "PONG ", len) != 0)
        heard(c);
    a->seen_len = c->in.len;
}

static bool step(struct conn *c)
{
    struct alive *a = c->state;
    size_t len;
    char *line = line_first(c, &len);

    if (line == NULL) {
        on_part(c);
        return false;
    }
    on_line(c, line, len);
    buffer_take(&c->in, len + 1);
    a->seen_len = 0;
    return true;
}

static void opened(struct conn *c)
{
    struct alive *a = c->state;

    a->heard_ms = node_now_ms();
    start_timer(c, c->listener->idle_ms);
}

static void closed(struct conn *c)
{
    struct alive *a = c->state;

    node_cancel(a->timer);
}

const struct proto alive_proto = {.name = "alive",
                                  .state_size = sizeof(struct alive),
                                  .opened = opened,
                                  .step = step,
                                  .closed = closed};
