/* story.h - for tests: a sink that writes down all that happens, one line an event, so that golden
 * traces read like a story. Only files called *_test.c include it. */
#ifndef SIM_STORY_H
#define SIM_STORY_H

#include "world.h"

#include "../base/mem.h"

#include <stdio.h>

struct story {
    struct world *world;
    struct buf text;
    const char *node_names[WORLD_NODES_MAX];
    uint64_t delivered[WORLD_NODES_MAX]; /* by receiving endpoint */
    uint64_t sent, received, dropped[DROP_REASON_COUNT];
    bool is_quiet; /* counts only */
};

static inline void story_line(struct story *s, const char *verb, const struct message *m,
                              const char *why)
{
    char at[DURATION_TEXT_MAX];

    if (s->is_quiet)
        return;
    buf_addf(&s->text, "%s: %.*s %s %.*s %.*s%s%s\n", duration_text(world_now(s->world), at),
             STR_ARG(world_name(s->world, m->src)), verb, STR_ARG(world_name(s->world, m->dest)),
             (int)m->body_len, m->body, why[0] != '\0' ? " dropped: " : "", why);
}

static inline void story_sent(void *owner, const struct message *m)
{
    struct story *s = owner;

    s->sent++;
    story_line(s, "->", m, "");
}

static inline void story_dropped(void *owner, const struct message *m, enum drop_reason reason)
{
    struct story *s = owner;

    s->dropped[reason]++;
    story_line(s, "-x", m, drop_reason_text(reason));
}

static inline void story_got(void *owner, const struct message *m)
{
    struct story *s = owner;

    s->received++;
    if (m->dest < WORLD_NODES_MAX)
        s->delivered[m->dest]++;
    story_line(s, "=>", m, "");
}

static inline void story_to(void *owner, struct message *m)
{
    story_got(owner, m);
}

/* Nodes n0, n1, ... The rest of config is the caller's, with sink.fate, which gets the story as its
 * owner; fills in names and the rest of the sink. */
static inline struct story *story_new(struct world_config config)
{
    struct story *s = mem_zalloc(sizeof(*s));
    uint32_t i;

    for (i = 0; i < config.node_count; i++) {
        char name[16];
        int len = snprintf(name, sizeof(name), "n%u", i);
        s->node_names[i] = mem_strndup(name, (size_t)len);
    }
    config.node_names = s->node_names;
    config.sink = (struct world_sink){s,        story_sent, story_dropped,   story_to,
                                      story_to, story_got,  config.sink.fate};
    s->world = world_new(&config);
    for (i = 0; i < config.node_count; i++)
        mem_free((void *)s->node_names[i]);
    return s;
}

static inline void story_free(struct story *s)
{
    world_check(s->world);
    world_free(s->world);
    buf_release(&s->text);
    mem_free(s);
}

/* The text so far, and begins anew. Borrowed until the next event. */
static inline const char *story_text(struct story *s)
{
    const char *text = s->text.data != NULL ? s->text.data : "";

    s->text.len = 0;
    return text;
}

static inline endpoint_t story_find(const struct story *s, const char *name)
{
    return world_find(s->world, str_of(name));
}

static inline void story_send(struct story *s, const char *src, const char *dest, const char *body)
{
    world_send(s->world, story_find(s, src), story_find(s, dest), str_of(body));
}

/* Until nothing is left to happen. */
static inline void story_finish(struct story *s)
{
    while (world_next_ns(s->world) != INT64_MAX)
        world_advance(s->world, world_next_ns(s->world), UINT64_MAX);
}

#endif
