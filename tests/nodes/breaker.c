/* breaker.c - an echo node that breaks the protocol, or dies, in the way its argument says.
 *
 * Unless the name says otherwise it behaves well until its third echo request, so that the run has
 * begun when it happens, and goes on answering afterwards where it can. */
#include "mode.h"
#include "node.h"

#include <signal.h>
#include <unistd.h>

enum { BREAK_AT = 3, CRASH_AT = 10, LATE_MS = 7000, LONG_LINE = 2 << 20, DEPTH = 100 };

static enum {
    RIGHT,
    NOT_JSON,
    NO_BODY,
    NO_DEST,
    NOT_OBJECT,
    UNKNOWN_DEST,
    FORGED_SRC,
    STRING_REPLY_TO,
    BLANK_LINE,
    LONG_LINE_MODE,
    DEEP,
    BAD_UTF8,
    WRONG_REPLY_TYPE,
    MISSING_FIELD,
    EXTRA_FIELD,
    EXTRA_TOP_KEY,
    LATE_REPLY,
    DUPLICATE_REPLY,
    INIT_SILENT,
    INIT_WRONG,
    INIT_ERROR,
    CRASH_AT_START,
    CRASH_LATER,
    EXIT_LATER,
    DEAF,
    FLOOD,
    STDERR_FLOOD,
    GRANDCHILD,
    GRANDCHILD_SESSION,
} mode;
static const char *const modes[] = {
    "right",
    "not-json",
    "no-body",
    "no-dest",
    "not-object",
    "unknown-dest",
    "forged-src",
    "string-reply-to",
    "blank-line",
    "long-line",
    "deep",
    "bad-utf8",
    "wrong-reply-type",
    "missing-field",
    "extra-field",
    "extra-top-key",
    "late-reply",
    "duplicate-reply",
    "init-silent",
    "init-wrong",
    "init-error",
    "crash-at-start",
    "crash-later",
    "exit-later",
    "deaf",
    "flood",
    "stderr-flood",
    "grandchild",
    "grandchild-session",
    NULL,
};

static int echo_count;

/* Past the kit, which would not let such lines through. */
static void raw(const char *text, size_t len)
{
    while (len > 0) {
        ssize_t n = write(STDOUT_FILENO, text, len);

        if (n < 0)
            exit(1);
        text += n;
        len -= (size_t)n;
    }
}

static void raw_line(const char *before_id, const char *after_id)
{
    char line[1024];
    int len = snprintf(line, sizeof(line), "%s%s%s\n", before_id, node_id(), after_id);

    raw(line, (size_t)len);
}

static void long_line(void)
{
    char *line = malloc(LONG_LINE + 1);

    if (line == NULL)
        abort();
    memset(line, 'x', LONG_LINE);
    line[LONG_LINE] = '\n';
    raw(line, LONG_LINE + 1);
    free(line);
}

static void deep_line(void)
{
    char open[DEPTH + 1], close[DEPTH + 1], line[1024];

    memset(open, '[', DEPTH);
    memset(close, ']', DEPTH);
    open[DEPTH] = close[DEPTH] = '\0';
    snprintf(line, sizeof(line), "\",\"dest\":\"n0\",\"body\":{\"type\":\"deep\",\"value\":%s%s}}",
             open, close);
    raw_line("{\"src\":\"", line);
}

static void flood(void)
{
    for (;;)
        raw_line("{\"src\":\"", "\",\"dest\":\"n0\",\"body\":{\"type\":\"flood\"}}");
}

static void stderr_flood(void)
{
    for (int i = 0; i < 1000000; i++)
        node_log("%d: a line of eighty bytes, again and again, until eighty megabytes are full", i);
}

static void crash(void)
{
    node_log("about to do something foolish");
    node_log("assertion failed: the impossible happened in breaker.c");
    raise(SIGSEGV);
}

/* What happens at the third request, beside the answer. */
static void misbehave(void)
{
    switch (mode) {
    case NOT_JSON:
        raw_line("hello from ", ", this is meant for people");
        break;
    case NO_BODY:
        raw_line("{\"src\":\"", "\",\"dest\":\"n0\"}");
        break;
    case NO_DEST:
        raw_line("{\"src\":\"", "\",\"body\":{\"type\":\"x\"}}");
        break;
    case NOT_OBJECT:
        raw_line("[\"", "\"]");
        break;
    case UNKNOWN_DEST:
        raw_line("{\"src\":\"", "\",\"dest\":\"n999\",\"body\":{\"type\":\"x\"}}");
        break;
    case FORGED_SRC:
        raw_line("{\"src\":\"not-", "\",\"dest\":\"n0\",\"body\":{\"type\":\"x\"}}");
        break;
    case STRING_REPLY_TO:
        raw_line("{\"src\":\"",
                 "\",\"dest\":\"c0\",\"body\":{\"type\":\"echo_ok\",\"in_reply_to\":\"1\"}}");
        break;
    case BLANK_LINE:
        raw("\n", 1);
        break;
    case LONG_LINE_MODE:
        long_line();
        break;
    case DEEP:
        deep_line();
        break;
    case BAD_UTF8:
        raw_line("{\"src\":\"",
                 "\",\"dest\":\"n0\",\"body\":{\"type\":\"x\",\"text\":\"\xC3\x28\"}}");
        break;
    case FLOOD:
        flood();
        break;
    case STDERR_FLOOD:
        stderr_flood();
        break;
    default:
        break;
    }
}

static void answer_late(void *owner)
{
    struct message *m = owner;

    node_reply(m, "echo_ok", "echo", json_get(m->body, "echo"), NULL);
    node_free(m);
}

static void on_echo(const struct message *m)
{
    struct json *text = json_get(m->body, "echo");
    char line[1024];

    echo_count++;
    if (echo_count == BREAK_AT)
        misbehave();
    if (mode == CRASH_LATER && echo_count == CRASH_AT)
        crash();
    if (mode == EXIT_LATER && echo_count == CRASH_AT)
        exit(3);

    if (mode == WRONG_REPLY_TYPE && echo_count >= BREAK_AT) {
        node_reply(m, "echo_okay", "echo", text, NULL);
    } else if (mode == MISSING_FIELD && echo_count >= BREAK_AT) {
        node_reply(m, "echo_ok", NULL);
    } else if (mode == EXTRA_FIELD && echo_count >= BREAK_AT) {
        node_reply(m, "echo_ok", "echo", text, "extra", json_int(1), NULL);
    } else if (mode == EXTRA_TOP_KEY) { /* allowed */
        snprintf(
            line, sizeof(line),
            "\",\"dest\":\"%s\",\"id\":7,\"trace\":[1],\"body\":{\"type\":\"echo_ok\",\"echo\":%s,"
            "\"in_reply_to\":%lld}}",
            m->src, json_show(text), (long long)m->msg_id);
        raw_line("{\"src\":\"", line);
    } else if (mode == LATE_REPLY && echo_count == BREAK_AT) {
        node_after(LATE_MS, answer_late, node_keep(m));
    } else {
        node_reply(m, "echo_ok", "echo", text, NULL);
        if (mode == DUPLICATE_REPLY)
            node_reply(m, "echo_ok", "echo", text, NULL);
    }
}

/* A child that holds our stdout open; with a session of its own it also leaves our process group.
 */
static void on_start(void)
{
    if (mode != GRANDCHILD && mode != GRANDCHILD_SESSION)
        return;
    if (fork() == 0) {
        if (mode == GRANDCHILD_SESSION)
            setsid();
        sleep(1000);
        _exit(0);
    }
}

static void init_badly(void)
{
    static char line[64 << 10];
    struct json *envelope, *body;
    char reply[256];

    if (fgets(line, sizeof(line), stdin) == NULL)
        exit(1);
    envelope = json_parse(line, strlen(line));
    body = json_get(envelope, "body");
    snprintf(reply, sizeof(reply),
             "{\"src\":\"%s\",\"dest\":\"%s\",\"body\":{\"in_reply_to\":%lld,\"type\":%s}}\n",
             json_text_of(json_get(body, "node_id")), json_text_of(json_get(envelope, "src")),
             (long long)json_int_of(json_get(body, "msg_id"), 0),
             mode == INIT_WRONG ? "\"init_okay\"" : "\"error\",\"code\":13,\"text\":\"no disk\"");
    raw(reply, strlen(reply));
}

int main(int argc, char **argv)
{
    mode = mode_parse(argc, argv, modes);
    if (mode == CRASH_AT_START) {
        fprintf(stderr, "cannot find my configuration\n");
        return 1;
    }
    if (mode == INIT_WRONG || mode == INIT_ERROR)
        init_badly();
    while (mode == DEAF)
        sleep(1000);
    while (mode == INIT_SILENT || mode == INIT_WRONG || mode == INIT_ERROR) {
        if (getchar() == EOF)
            return 0;
    }
    node_on_start(on_start);
    node_on("echo", on_echo);
    return node_run();
}
