/* task_story.h - a task at work in a world without processes, for tests: a node is a function here.
 *
 *     struct stage s;
 *     stage_play(&s, "run = function(w) ... end");    two nodes n0 n1, two peers n2 n3, 10 ms links
 *     CHECK_TEXT(stage_said(&s), "");                 or what failed, in one text
 *     stage_close(&s);
 *
 * What a node does with a request is told by the request's type:
 *   init, echo {echo}     answers at once
 *   twice {}              answers twice
 *   later {ms}            answers after so long
 *   wrong {code}          answers with an error
 *   odd {}                answers with a type of its own
 *   pass {to, body}       sends body to somebody
 *   crash {}              ends with status 7
 *   anything else         nothing
 * A line written by w:write is taken for a message once it is whole. */
#ifndef SCRIPT_TASK_STORY_H
#define SCRIPT_TASK_STORY_H

#include "script.h"

#include "../base/err.h"
#include "../base/mem.h"
#include "../base/test.h"
#include "../check/history.h"
#include "../sim/world.h"

#include <stdio.h>
#include <string.h>

enum { STAGE_PROCESSES = 2, STAGE_NODES = 4, STAGE_LATER_MAX = 64 };

struct stage {
    struct world *world;
    struct history *history;
    struct script *script;
    struct buf told;  /* what the scenario asked the host for, and steps, one a line */
    struct buf said;  /* see stage_said */
    struct buf input; /* raw, not a whole line yet */
    struct str common;
    json_t *options;
    uint64_t seed;
    int status;
    struct err err;
    bool mute_init;      /* nodes do not answer init */
    uint32_t input_over; /* bits of nodes */
    struct stage_later {
        struct stage *stage;
        uint32_t node, dest;
        json_t *body;
    } later[STAGE_LATER_MAX];
    size_t later_count;
};

static inline const char *stage_name(struct stage *s, uint32_t node)
{
    static char name[WORLD_NAME_MAX + 1];
    struct str n = world_name(s->world, node);

    snprintf(name, sizeof(name), "%.*s", STR_ARG(n));
    return name;
}

static inline void stage_send(struct stage *s, uint32_t from, uint32_t dest, json_t *body)
{
    char *text = json_dumps(body, JSON_COMPACT);

    world_send(s->world, from, dest, str_of(text));
    free(text);
    json_decref(body);
}

static inline void stage_on_later(void *owner, uint64_t cookie)
{
    struct stage_later *l = owner;

    (void)cookie;
    stage_send(l->stage, l->node, l->dest, l->body);
    l->body = NULL;
}

/* Takes body. */
static inline void stage_send_later(struct stage *s, uint32_t node, uint32_t dest, json_t *body,
                                    int64_t ns)
{
    struct stage_later *l = &s->later[s->later_count++];

    CHECK(s->later_count <= STAGE_LATER_MAX);
    *l = (struct stage_later){s, node, dest, body};
    world_at(s->world, world_now(s->world) + ns, stage_on_later, l, 0);
}

static inline void stage_node(struct stage *s, uint32_t node, uint32_t from, const json_t *body)
{
    const char *type = json_string_value(json_object_get(body, "type"));
    json_t *id = json_object_get(body, "msg_id");
    json_t *answer = json_object();

    json_object_set(answer, "in_reply_to", id);
    if (type == NULL)
        type = "";
    if (strcmp(type, "init") == 0 && !s->mute_init) {
        json_object_set_new(answer, "type", json_string("init_ok"));
    } else if (strcmp(type, "echo") == 0 || strcmp(type, "twice") == 0) {
        json_object_set_new(answer, "type", json_sprintf("%s_ok", type));
        json_object_set(answer, "echo", json_object_get(body, "echo"));
    } else if (strcmp(type, "wrong") == 0) {
        json_object_set_new(answer, "type", json_string("error"));
        json_object_set(answer, "code", json_object_get(body, "code"));
        json_object_set_new(answer, "text", json_string("on purpose"));
    } else if (strcmp(type, "odd") == 0) {
        json_object_set_new(answer, "type", json_string("strange"));
    } else if (strcmp(type, "later") == 0) {
        json_object_set_new(answer, "type", json_string("later_ok"));
        stage_send_later(s, node, from, answer,
                         json_integer_value(json_object_get(body, "ms")) * 1000000);
        return;
    } else if (strcmp(type, "pass") == 0) {
        const char *to = json_string_value(json_object_get(body, "to"));
        json_decref(answer);
        stage_send(s, node, world_find(s->world, str_of(to)),
                   json_incref(json_object_get(body, "body")));
        return;
    } else {
        json_decref(answer);
        if (strcmp(type, "crash") == 0)
            script_saw_exit(s->script, node, 7, 0);
        return;
    }
    if (strcmp(type, "twice") == 0)
        stage_send(s, node, from, json_deep_copy(answer));
    stage_send(s, node, from, answer);
}

/* ---- the sink ---- */

static inline void stage_sent(void *owner, const struct message *m)
{
    script_saw_sent(((struct stage *)owner)->script, m);
}

static inline void stage_dropped(void *owner, const struct message *m, enum drop_reason reason)
{
    script_saw_dropped(((struct stage *)owner)->script, m, drop_reason_text(reason));
}

static inline void stage_to_node(void *owner, struct message *m)
{
    struct stage *s = owner;
    json_t *body;

    script_saw_received(s->script, m);
    if (m->dest >= STAGE_PROCESSES) {
        script_deliver(s->script, m);
        return;
    }
    body = json_loadb(m->body, m->body_len, JSON_ALLOW_NUL, NULL);
    stage_node(s, m->dest, m->src, body);
    json_decref(body);
}

static inline void stage_to_client(void *owner, struct message *m)
{
    struct stage *s = owner;

    script_saw_received(s->script, m);
    script_deliver(s->script, m);
}

static inline void stage_to_service(void *owner, const struct message *m)
{
    script_saw_received(((struct stage *)owner)->script, m);
}

static inline void stage_fate(void *owner, const struct message *m, struct message_fate *fate)
{
    script_fate(((struct stage *)owner)->script, m, fate);
}

/* ---- the host ---- */

static inline int stage_start(void *owner, uint32_t node, struct err *err)
{
    struct stage *s = owner;

    (void)err;
    world_set_down(s->world, node, false);
    buf_addf(&s->told, "start %s\n", stage_name(s, node));
    return 0;
}

static inline void stage_kill(void *owner, uint32_t node)
{
    struct stage *s = owner;

    world_set_down(s->world, node, true);
    buf_addf(&s->told, "kill %s\n", stage_name(s, node));
}

static inline void stage_pause(void *owner, uint32_t node, bool pause)
{
    struct stage *s = owner;

    buf_addf(&s->told, "%s %s\n", pause ? "pause" : "resume", stage_name(s, node));
}

static inline void stage_clock(void *owner, uint32_t node, int64_t offset_ns, int32_t drift_ppm)
{
    struct stage *s = owner;

    buf_addf(&s->told, "clock %s %lld %d\n", stage_name(s, node), (long long)offset_ns, drift_ppm);
}

static inline void stage_blame(void *owner, uint32_t node, const char *sentence)
{
    struct stage *s = owner;

    script_blamed(s->script, node, sentence);
    script_stop(s->script);
}

static inline void stage_note(void *owner, const char *sentence)
{
    struct stage *s = owner;

    buf_addf(&s->told, "note %s\n", sentence);
}

static inline void stage_fault(void *owner, const char *kind, const char *what, const char *text)
{
    struct stage *s = owner;

    buf_addf(&s->told, "fault %s %s %s\n", kind, what, text);
}

static inline void stage_record(void *owner, const struct op *op)
{
    struct stage *s = owner;
    struct err err;

    CHECK_INT(history_add(s->history, op, &err), 0);
}

static inline void stage_data(void *owner, uint32_t node, enum script_data what, uint32_t of)
{
    struct stage *s = owner;

    if (what != SCRIPT_DATA_SAME)
        buf_addf(&s->told, "data %u %s %u\n", node, what == SCRIPT_DATA_OF ? "of" : "empty", of);
}

static inline void stage_write(void *owner, uint32_t node, struct str bytes)
{
    struct stage *s = owner;
    char *end;

    buf_add_str(&s->input, bytes);
    while (s->input.len > 0 && (end = memchr(s->input.data, '\n', s->input.len)) != NULL) {
        size_t len = (size_t)(end - s->input.data) + 1;
        json_t *line = json_loadb(s->input.data, len, 0, NULL);
        const char *src = json_string_value(json_object_get(line, "src"));

        if (src != NULL)
            stage_node(s, node, world_find(s->world, str_of(src)), json_object_get(line, "body"));
        json_decref(line);
        memmove(s->input.data, s->input.data + len, s->input.len - len);
        s->input.len -= len;
    }
}

static inline void stage_end_input(void *owner, uint32_t node)
{
    struct stage *s = owner;

    buf_addf(&s->told, "end-input %s\n", stage_name(s, node));
    script_saw_exit(s->script, node, 0, 0);
}

static inline void stage_allow_exit(void *owner, uint32_t node)
{
    struct stage *s = owner;

    buf_addf(&s->told, "allow-exit %s\n", stage_name(s, node));
}

static inline void stage_usage(void *owner, uint32_t node, int64_t *ret_cpu_ns, int64_t *ret_bytes)
{
    (void)owner;
    *ret_cpu_ns = 1500000000 + node;
    *ret_bytes = 4096;
}

static inline void stage_step(void *owner, const char *what, const char *text)
{
    struct stage *s = owner;

    buf_addf(&s->told, "step %s %s\n", what, text);
}

/* ---- the stage ---- */

static inline void stage_open(struct stage *s, const char *source, const char *part)
{
    static const char *const names[] = {"n0", "n1", "n2", "n3"};
    struct world_config world = {
        .seed = s->seed,
        .node_count = STAGE_NODES,
        .node_names = names,
        .latency_ns = 10000000,
        .sink = {s, stage_sent, stage_dropped, stage_to_node, stage_to_client, stage_to_service,
                 stage_fate},
    };
    json_t *options = s->options != NULL ? json_incref(s->options) : json_object();
    struct script_config config = {
        .path = "course/task.lua",
        .source = str_of(source),
        .options = options,
        .part = part,
        .common = s->common,
        .process_count = STAGE_PROCESSES,
    };

    s->world = world_new(&world);
    s->history = history_new();
    config.world = s->world;
    config.history = s->history;
    config.host = (struct script_host){
        .owner = s,
        .node_start = stage_start,
        .node_kill = stage_kill,
        .node_pause = stage_pause,
        .node_clock = stage_clock,
        .blame = stage_blame,
        .note = stage_note,
        .fault = stage_fault,
        .record = stage_record,
        .node_data = stage_data,
        .node_write = stage_write,
        .node_end_input = stage_end_input,
        .node_allow_exit = stage_allow_exit,
        .node_usage = stage_usage,
        .step = stage_step,
    };
    s->status = script_open(&config, &s->script, &s->err);
    json_decref(options);
}

/* Runs the whole file up to its end, or until nothing is left to happen. */
static inline void stage_run(struct stage *s, const char *source, const char *part)
{
    stage_open(s, source, part);
    if (s->status < 0)
        return;
    script_start(s->script);
    while (!script_done(s->script) && world_next_ns(s->world) != INT64_MAX) {
        world_advance(s->world, world_next_ns(s->world), 1);
        if (script_failure(s->script) != NULL)
            break;
    }
    world_check(s->world);
    s->status = script_status(s->script, &s->err);
}

/* The same for a task with these fields. */
static inline void stage_play(struct stage *s, const char *fields)
{
    struct buf source = {0};

    buf_addf(&source, "return task { %s }", fields);
    stage_run(s, source.data, NULL);
    buf_release(&source);
}

/* "" if the story came to its end; "STEP: WHAT: expected EXPECTED, saw SEEN"; or the sentence about
 * a broken scenario. */
static inline const char *stage_said(struct stage *s)
{
    const struct script_failure *f = s->script != NULL ? script_failure(s->script) : NULL;
    uint32_t count;

    buf_reset(&s->said);
    if (s->status < 0)
        buf_add_text(&s->said, s->err.text);
    else if (f != NULL)
        buf_addf(&s->said, "%s: %s: expected %s, saw %s",
                 script_steps(s->script, &count)[f->step].name, f->what, f->expected, f->seen);
    else if (!script_done(s->script))
        buf_add_text(&s->said, "the story hangs");
    return s->said.data != NULL ? s->said.data : "";
}

static inline void stage_close(struct stage *s)
{
    size_t i;

    for (i = 0; i < s->later_count; i++)
        json_decref(s->later[i].body);
    if (s->script != NULL)
        script_close(s->script);
    history_free(s->history);
    world_free(s->world);
    json_decref(s->options);
    buf_release(&s->told);
    buf_release(&s->said);
    buf_release(&s->input);
}

/* What came of a run() with this body, in the step "it"; a fresh stage each time. */
static inline const char *stage_try(const char *body)
{
    static char said[4096];
    struct stage s = {.seed = 1};
    struct buf fields = {0};

    buf_addf(&fields, "run = function(w) w:step('it', function()\n%s\nend) end", body);
    stage_play(&s, fields.data);
    snprintf(said, sizeof(said), "%s", stage_said(&s));
    stage_close(&s);
    buf_release(&fields);
    return said;
}

#endif
