/* storm.c WINDOW - load for throughput benchmarks. The nodes form a ring; each puts WINDOW small
 * messages into it, and every node passes each on to the next. Also answers echo.
 *
 * It must cost next to nothing itself, so it does not parse what it can recognise: the harness
 * passes bodies on untouched, hence a storm message is a line that ends in STORM_TAIL, and passing
 * it on is copying one prepared line. Everything else takes the slow way through the kit's JSON. */
#include "json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STORM_TAIL "\"body\":{\"type\":\"s\"}}"

enum { BUFFER_SIZE = 1 << 20 };

static char in[BUFFER_SIZE + 1];
static struct json_text out;
static char self[80];       /* empty before init */
static char passed_on[256]; /* the line for the next node */
static size_t passed_on_len;
static long window, early; /* early: storm messages that came before our init */

static void flush(void)
{
    size_t done = 0;

    while (done < out.len) {
        ssize_t n = write(STDOUT_FILENO, out.bytes + done, out.len - done);

        if (n < 0 && errno != EINTR)
            exit(1);
        if (n > 0)
            done += (size_t)n;
    }
    out.len = 0;
}

static void pass_on(void)
{
    if (self[0] == '\0')
        early++;
    else
        json_append(&out, passed_on, passed_on_len);
}

static void reply(const struct json *envelope, const char *type, const char *key,
                  struct json *value)
{
    struct json *message = json_object(), *body = json_object();

    json_set(body, "type", json_string(type));
    json_set(body, "in_reply_to", json_get(json_get(envelope, "body"), "msg_id"));
    if (key != NULL)
        json_set(body, key, value);
    json_set(message, "src", json_string(self));
    json_set(message, "dest", json_get(envelope, "src"));
    json_set(message, "body", body);
    json_print(&out, message);
    json_append(&out, "\n", 1);
}

static void on_init(const struct json *envelope)
{
    struct json *body = json_get(envelope, "body"), *ids = json_get(body, "node_ids");
    size_t next = 0;

    snprintf(self, sizeof(self), "%s", json_text_of(json_get(body, "node_id")));
    for (size_t i = 0; i < json_len(ids); i++) {
        if (strcmp(json_text_of(json_at(ids, i)), self) == 0)
            next = (i + 1) % json_len(ids);
    }
    passed_on_len = (size_t)snprintf(passed_on, sizeof(passed_on),
                                     "{\"src\":\"%s\",\"dest\":\"%s\"," STORM_TAIL "\n", self,
                                     json_text_of(json_at(ids, next)));
    reply(envelope, "init_ok", NULL, NULL);
    for (long i = 0; i < window + early; i++)
        pass_on();
}

static void slow_line(char *line, size_t len)
{
    struct json *envelope = json_parse(line, len);
    struct json *body = json_get(envelope, "body");
    const char *type = json_text_of(json_get(body, "type"));

    if (type != NULL && strcmp(type, "init") == 0)
        on_init(envelope);
    else if (type != NULL && strcmp(type, "echo") == 0)
        reply(envelope, "echo_ok", "echo", json_get(body, "echo"));
    else if (type != NULL && strcmp(type, "s") == 0)
        pass_on();
    json_reset();
}

static void line_take(char *line, size_t len)
{
    size_t tail = strlen(STORM_TAIL);

    if (len > tail && memcmp(line + len - tail, STORM_TAIL, tail) == 0)
        pass_on();
    else
        slow_line(line, len);
}

int main(int argc, char **argv)
{
    size_t len = 0;

    window = argc > 1 ? strtol(argv[1], NULL, 10) : 1;
    for (;;) {
        ssize_t n = read(STDIN_FILENO, in + len, BUFFER_SIZE - len);
        char *line = in, *end;

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0;
        len += (size_t)n;
        while ((end = memchr(line, '\n', (size_t)(in + len - line))) != NULL) {
            line_take(line, (size_t)(end - line));
            line = end + 1;
        }
        len -= (size_t)(line - in);
        memmove(in, line, len);
        if (len == BUFFER_SIZE)
            return 1; /* a line longer than any the protocol allows */
        flush();
    }
}
