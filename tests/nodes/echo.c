/* echo.c - echo, right and wrong. */
#include "mode.h"
#include "node.h"

static enum { RIGHT, CHANGED_TEXT, PREVIOUS_TEXT, OFF_BY_ONE, ERROR_REPLY } mode;
static const char *const modes[] = {
    "right", "changed-text", "previous-text", "off-by-one", "error-reply", NULL,
};

static struct json *previous;

static void on_echo(const struct message *m)
{
    struct json *text = json_get(m->body, "echo");
    struct message shifted = *m;

    switch (mode) {
    case RIGHT:
        node_reply(m, "echo_ok", "echo", text, NULL);
        break;
    case CHANGED_TEXT:
        node_reply(m, "echo_ok", "echo", json_string("Please echo"), NULL);
        break;
    case PREVIOUS_TEXT:
        node_reply(m, "echo_ok", "echo", previous, NULL);
        json_free(previous);
        previous = json_keep(text);
        break;
    case OFF_BY_ONE:
        shifted.msg_id--;
        node_reply(&shifted, "echo_ok", "echo", text, NULL);
        break;
    case ERROR_REPLY:
        node_error(m, NODE_UNAVAILABLE, "no echo today");
        break;
    }
}

int main(int argc, char **argv)
{
    mode = mode_parse(argc, argv, modes);
    node_on("echo", on_echo);
    return node_run();
}
