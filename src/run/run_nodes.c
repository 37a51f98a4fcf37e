/* What the processes of a run do: print lines, which become messages; log; end; get stuck. */
#include "run_parts.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/json_scan.h"
#include "../base/mem.h"
#include "../cage/spawn.h"
#include "../script/script.h"
#include "journal.h"

#include <stdio.h>
#include <string.h>

void run_advance(struct run *r, int64_t now_ns, uint64_t limit)
{
    r->in_world = true;
    world_advance(r->world, now_ns, limit);
    r->in_world = false;
}

void run_catch_up(struct run *r)
{
    int64_t now = cage_now(r->cage);

    if (!r->in_world && now > world_now(r->world))
        run_advance(r, now, UINT64_MAX);
}

static void on_line(void *owner, uint32_t node, struct str line)
{
    struct run *r = owner;
    struct protocol_message m;

    if (r->blamed)
        return;
    run_catch_up(r);
    if (protocol_read(r->world, node, &r->nodes[node].clients, line, &m, &r->sentence))
        world_send(r->world, m.src, m.dest, m.body);
    else
        run_blame(r, node, r->sentence.data);
}

static void on_overlong(void *owner, uint32_t node, struct str head)
{
    struct run *r = owner;

    if (r->blamed)
        return;
    run_catch_up(r);
    buf_reset(&r->sentence);
    buf_addf(
        &r->sentence,
        "%.*s printed a line of more than %d MiB; the protocol allows no longer one. It begins: ",
        STR_ARG(run_node_name(r, node)), CAGE_LINE_MAX >> 20);
    protocol_add_excerpt(&r->sentence, head);
    run_blame(r, node, r->sentence.data);
}

static struct lines *log_of(struct run *r, uint32_t node)
{
    struct node *n = &r->nodes[node];
    struct buf path = {0};
    struct err err;

    if (n->log == NULL) {
        buf_addf(&path, "%s/node-logs/%.*s.log", r->config->dir, STR_ARG(run_node_name(r, node)));
        if (lines_create(path.data, &n->log, &err) < 0)
            n->log = NULL; /* the journal has the line all the same */
        buf_release(&path);
    }
    return n->log;
}

static void on_log(void *owner, uint32_t node, struct str line)
{
    struct run *r = owner;
    struct node *n = &r->nodes[node];
    struct lines *log = log_of(r, node);
    char **slot = &n->tail[n->tail_next++ % TAIL_LINES];

    if (log != NULL) {
        lines_add(log, line.data, line.len);
        lines_add(log, "\n", 1);
    }
    mem_free(*slot);
    *slot = mem_strndup(line.data, line.len < TAIL_LINE_MAX ? line.len : TAIL_LINE_MAX);
    journal_log(r->journal, cage_now(r->cage), run_node_name(r, node), line);
    script_saw_log(r->script, node, line);
    if (r->config->log_stderr)
        fprintf(stderr, "%.*s: %.*s\n", STR_ARG(run_node_name(r, node)), STR_ARG(line));
}

static void on_trapped(void *owner, uint32_t node)
{
    struct run *r = owner;

    run_catch_up(r);
    script_saw_trap(r->script, node);
}

/* What a node wrote may be no text, or what a terminal obeys: such bytes become U+FFFD. A sentence
 * that is not UTF-8 could not stand in results.json at all. */
static void add_shown(struct buf *out, const char *text)
{
    const char *end = text + strlen(text);

    while (text < end) {
        size_t len = json_utf8_len(text, end);
        bool control =
            (len == 1 && ((unsigned char)*text < 0x20 || *text == 0x7f) && *text != '\t') ||
            (len == 2 && memcmp(text, "\xc2\xa0", 2) < 0); /* U+0080 to U+009F */

        if (len == 0 || control)
            buf_add_text(out, "\xef\xbf\xbd");
        else
            buf_add(out, text, len);
        text += len > 0 ? len : 1;
    }
}

static void limit_text(const struct sandbox_stop *stop, char *into, size_t size)
{
    struct buf text = {0};

    sandbox_stop_text(stop, &text);
    snprintf(into, size, "was stopped: %s", text.data);
    buf_release(&text);
}

/* A limit of its sandbox: the sentence says which, also if the node was free to exit. */
static void stopped(struct run *r, uint32_t node, const struct sandbox_stop *stop, const char *text)
{
    struct str name = run_node_name(r, node);

    if (r->result->stopped_node != NULL)
        return;
    r->result->stop = *stop;
    r->result->stopped_node = mem_strndup(name.data, name.len);
    buf_reset(&r->sentence);
    buf_addf(&r->sentence, "%.*s %s", STR_ARG(name), text);
    run_blame(r, node, r->sentence.data);
}

static void on_exited(void *owner, uint32_t node, struct cage_exit how)
{
    struct run *r = owner;
    struct node *n = &r->nodes[node];
    char text[128];
    uint32_t i;

    run_catch_up(r);
    world_set_down(r->world, node, true);
    if (how.stop.limit != SANDBOX_LIMIT_NONE)
        limit_text(&how.stop, text, sizeof(text));
    else if (how.signal != 0)
        snprintf(text, sizeof(text), "was ended by signal %d (%s)", how.signal,
                 strsignal(how.signal));
    else
        snprintf(text, sizeof(text), "exited with status %d", how.code);
    journal_node(r->journal, world_now(r->world), run_node_name(r, node), "exit", text);
    script_saw_exit(r->script, node, how.code, how.signal);
    if (how.stop.limit != SANDBOX_LIMIT_NONE)
        stopped(r, node, &how.stop, text);
    if (r->blamed || n->exit_allowed)
        return;
    buf_reset(&r->sentence);
    buf_addf(&r->sentence,
             "%.*s %s while the run was going on; a node must run until it is stopped",
             STR_ARG(run_node_name(r, node)), text);
    buf_addf(&r->sentence,
             n->tail_next == 0 ? ". It wrote nothing to stderr" : ". The end of its stderr:");
    for (i = n->tail_next < TAIL_LINES ? 0 : n->tail_next - TAIL_LINES; i < n->tail_next; i++) {
        buf_add_text(&r->sentence, "\n    ");
        add_shown(&r->sentence, n->tail[i % TAIL_LINES]);
    }
    if (spawn_needs_shell(r->config->program))
        buf_addf(&r->sentence,
                 "\n%s has no #! line, so /bin/sh reads it; if it is not for the shell, give it a "
                 "first line such as #!/usr/bin/env python3",
                 r->config->program);
    run_blame(r, node, r->sentence.data);
}

static void on_stuck(void *owner, uint32_t node, struct str sentence)
{
    struct run *r = owner;
    char *text = mem_strndup(sentence.data, sentence.len);

    run_catch_up(r);
    run_blame(r, node, text);
    mem_free(text);
}

static void on_node_note(void *owner, uint32_t node __attribute__((unused)), struct str sentence)
{
    char *text = mem_strndup(sentence.data, sentence.len);

    run_note(owner, text);
    mem_free(text);
}

struct cage_events run_cage_events(struct run *r)
{
    return (struct cage_events){.owner = r,
                                .line = on_line,
                                .overlong = on_overlong,
                                .log = on_log,
                                .exited = on_exited,
                                .stuck = on_stuck,
                                .note = on_node_note,
                                .trapped = on_trapped};
}
