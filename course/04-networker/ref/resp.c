/* resp.c - a small Redis: PING, ECHO, SET, GET, DEL, INCR on one table for all connections. */
#include "conn.h"
#include "protos.h"
#include "resp_read.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static struct table data;

static void put_bulk(struct conn *c, struct bytes b)
{
    char head[32];

    snprintf(head, sizeof(head), "$%zu\r\n", b.len);
    buffer_put_text(&c->out, head);
    buffer_put(&c->out, b.at, b.len);
    buffer_put_text(&c->out, "\r\n");
}

static void put_integer(struct conn *c, int64_t i)
{
    char line[32];

    snprintf(line, sizeof(line), ":%" PRId64 "\r\n", i);
    buffer_put_text(&c->out, line);
}

static void on_ping(struct conn *c, const struct command *m)
{
    if (m->count == 1)
        buffer_put_text(&c->out, "+PONG\r\n");
    else
        put_bulk(c, m->words[1]);
}

static void on_echo(struct conn *c, const struct command *m)
{
    put_bulk(c, m->words[1]);
}

static void on_set(struct conn *c, const struct command *m)
{
    table_set(&data, m->words[1], m->words[2]);
    buffer_put_text(&c->out, "+OK\r\n");
}

static void on_get(struct conn *c, const struct command *m)
{
    struct bytes value;

    if (table_get(&data, m->words[1], &value))
        put_bulk(c, value);
    else
        buffer_put_text(&c->out, "$-1\r\n");
}

static void on_del(struct conn *c, const struct command *m)
{
    int gone = 0;

    for (int i = 1; i < m->count; i++)
        gone += table_remove(&data, m->words[i]);
    put_integer(c, gone);
}

/* A whole decimal number that fits, and nothing else. */
static bool to_integer(struct bytes b, int64_t *ret_i)
{
    char text[24], *end;

    if (b.len == 0 || b.len >= sizeof(text) || memchr(b.at, '\0', b.len) != NULL ||
        (b.at[0] != '-' && (b.at[0] < '0' || b.at[0] > '9')))
        return false;
    memcpy(text, b.at, b.len);
    text[b.len] = '\0';
    errno = 0;
    *ret_i = strtoll(text, &end, 10);
    return *end == '\0' && end != text && errno == 0;
}

static void on_incr(struct conn *c, const struct command *m)
{
    struct bytes value = {"0", 1};
    char text[24];
    int64_t i;

    table_get(&data, m->words[1], &value);
    if (!to_integer(value, &i) || i == INT64_MAX) {
        buffer_put_text(&c->out, "-ERR value is not an integer or out of range\r\n");
        return;
    }
    snprintf(text, sizeof(text), "%" PRId64, i + 1);
    table_set(&data, m->words[1], (struct bytes){text, strlen(text)});
    put_integer(c, i + 1);
}

static const struct {
    const char *name;
    int words_min, words_max; /* the name counts */
    void (*run)(struct conn *c, const struct command *m);
} commands[] = {
    {"PING", 1, 2, on_ping}, {"ECHO", 2, 2, on_echo}, {"SET", 3, 3, on_set},
    {"GET", 2, 2, on_get},   {"INCR", 2, 2, on_incr}, {"DEL", 2, RESP_WORDS_MAX, on_del},
};

static void run(struct conn *c, const struct command *m)
{
    struct bytes name = m->words[0];

    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strlen(commands[i].name) != name.len ||
            strncasecmp(commands[i].name, name.at, name.len) != 0)
            continue;
        if (m->count < commands[i].words_min || m->count > commands[i].words_max)
            buffer_put_text(&c->out, "-ERR wrong number of arguments\r\n");
        else
            commands[i].run(c, m);
        return;
    }
    buffer_put_text(&c->out, "-ERR unknown command\r\n");
}

static bool step(struct conn *c)
{
    static struct command command;
    enum resp_result result = resp_read(buffer_bytes(&c->in), c->in.len, &command);

    if (result == RESP_MALFORMED) {
        buffer_put_text(&c->out, "-ERR protocol\r\n");
        conn_finish(c);
    }
    if (result != RESP_WHOLE)
        return false;
    if (command.count > 0)
        run(c, &command);
    buffer_take(&c->in, command.len);
    return true;
}

const struct proto resp_proto = {.name = "resp", .step = step};
