/* The journal knows messages, the history knows operations. Both are walked by time: at one moment
 * an operation begins before anything else, and ends after everything else.
 *
 * Whether a message says something new is found out from its body without msg_id and in_reply_to,
 * held against the body before it on the same way and of the same type. A heartbeat has the same
 * body each time; a vote, an entry to append or a new term has not. */
#include "telling.h"

#include "../base/map.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../check/history.h"
#include "pictures.h"
#include "story.h"
#include "telling_words.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { WEIGHT_ANSWER, WEIGHT_MESSAGE, WEIGHT_DEED, LOGS_MAX = 24, NAMES_MAX = 40 };

struct step {
    int64_t t_ns;
    int weight;
    bool calm;
    struct buf text;
};

/* Messages of one sender, type and moment, which are being gathered. */
struct group {
    bool open;
    int64_t t_ns;
    uint32_t src;
    struct str type;
    const char *rest; /* of their bodies, canonical; borrowed from last */
    uint32_t dests[NAMES_MAX];
    uint32_t count;
    struct buf troubles; /* "; the one to n3 is lost (partition)" */
};

struct told {
    const struct telling_config *config;
    const struct story *story;
    struct step *steps;
    uint32_t step_count;
    size_t step_cap;
    struct map *ways; /* "src dest type" */
    char **last;      /* by way: the rest of the last body */
    size_t last_cap;
    struct group group;
    uint32_t log_count;
};

static struct str name_of(const struct told *t, uint32_t endpoint)
{
    return map_text(t->story->endpoints, endpoint);
}

static struct step *step_add(struct told *t, int64_t t_ns, int weight, bool calm)
{
    struct step *s;

    t->steps = mem_grow(t->steps, &t->step_cap, t->step_count + 1, sizeof(*t->steps));
    s = &t->steps[t->step_count++];
    *s = (struct step){.t_ns = t_ns, .weight = weight, .calm = calm};
    return s;
}

/* ---- messages ---- */

/* What became of a message: its events after the one at index. */
struct end {
    uint32_t arrivals, drops;
    int64_t arrived_ns; /* the last one */
    struct str why;
};

static struct end end_of(const struct story *s, uint32_t index, uint32_t message)
{
    struct end e = {0};
    uint32_t i;

    for (i = index + 1; i < s->event_count; i++) {
        const struct story_event *ev = &s->events[i];
        if (ev->kind == STORY_RECV && ev->of == message) {
            e.arrivals++;
            e.arrived_ns = ev->t_ns;
        } else if (ev->kind == STORY_DROP && ev->of == message) {
            e.drops++;
            e.why = ev->text;
        }
    }
    return e;
}

static void close_group(struct told *t)
{
    struct group *g = &t->group;
    struct step *s;
    uint32_t i;

    if (!g->open)
        return;
    g->open = false;
    s = step_add(t, g->t_ns, words_is_answer(g->type) ? WEIGHT_ANSWER : WEIGHT_MESSAGE,
                 g->troubles.len == 0);
    if (!s->calm)
        s->weight = WEIGHT_DEED;
    buf_addf(&s->text, "%.*s sends %.*s to ", STR_ARG(name_of(t, g->src)), STR_ARG(g->type));
    for (i = 0; i < g->count; i++)
        buf_addf(&s->text, "%s%.*s",
                 i == 0             ? ""
                 : i + 1 < g->count ? ", "
                                    : " and ",
                 STR_ARG(name_of(t, g->dests[i])));
    words_add_rest(g->rest, &s->text);
    buf_add_str(&s->text, buf_str(&g->troubles));
    buf_reset(&g->troubles);
}

static void add_trouble(struct told *t, const struct story_message *m, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void add_trouble(struct told *t, const struct story_message *m, const char *format, ...)
{
    struct group *g = &t->group;
    char what[128];
    va_list args;

    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    if (g->count == 1)
        buf_addf(&g->troubles, "; it %s", what);
    else
        buf_addf(&g->troubles, "; the one to %.*s %s", STR_ARG(name_of(t, m->dest)), what);
}

/* Among nodes and services only: what clients send and get is told as operations. Returns whether
 * it was out of the calm by more than a fault that is told anyway. */
static bool deviates(const struct told *t, const struct story_event *ev, const struct end *e)
{
    if (e->drops > 0 && (str_is(e->why, "loss") || str_is(e->why, "rule")))
        return true;
    return e->arrivals > 1 ||
           (e->arrivals == 1 && e->arrived_ns - ev->t_ns != t->config->latency_ns);
}

static void tell_trouble(struct told *t, const struct story_event *ev,
                         const struct story_message *m, const struct end *e)
{
    int64_t took_ns = e->arrived_ns - ev->t_ns;
    char time[DURATION_TEXT_MAX];

    if (e->drops > 0 && e->arrivals == 0)
        add_trouble(t, m, str_is(e->why, "down") ? "finds nobody there (%.*s)" : "is lost (%.*s)",
                    STR_ARG(e->why));
    else if (e->arrivals > 1)
        add_trouble(t, m, "arrives %u times", e->arrivals);
    else if (e->arrivals == 1 && took_ns != t->config->latency_ns)
        add_trouble(t, m, took_ns > t->config->latency_ns ? "takes %s" : "takes only %s",
                    duration_text(took_ns, time));
    else if (e->arrivals == 0 && e->drops == 0)
        add_trouble(t, m, "is still on its way at the end");
}

static bool is_news(struct told *t, const struct story_message *m, const char **ret_rest)
{
    struct buf way = {0};
    char *rest = words_rest(m->body);
    bool is_new;
    uint32_t number;

    buf_addf(&way, "%.*s %.*s %.*s", STR_ARG(name_of(t, m->src)), STR_ARG(name_of(t, m->dest)),
             STR_ARG(m->type));
    number = map_put(t->ways, buf_str(&way), &is_new);
    buf_release(&way);
    t->last = mem_grow(t->last, &t->last_cap, (size_t)number + 1, sizeof(*t->last));
    if (!is_new && strcmp(t->last[number], rest) == 0) {
        mem_free(rest);
        *ret_rest = t->last[number];
        return false;
    }
    if (!is_new)
        mem_free(t->last[number]);
    t->last[number] = rest;
    *ret_rest = rest;
    return true;
}

static void tell_send(struct told *t, uint32_t index)
{
    const struct story *s = t->story;
    const struct story_event *ev = &s->events[index];
    const struct story_message *m = &s->messages[ev->of];
    struct group *g = &t->group;
    const char *rest;
    struct end e;
    bool news;

    if (story_role(s, m->src) == ROLE_CLIENT || story_role(s, m->dest) == ROLE_CLIENT)
        return;
    if (g->open && (g->src != m->src || g->t_ns != ev->t_ns || !str_eq(g->type, m->type)))
        close_group(t);
    /* Before the body of the group's first message may be replaced as the last of its way. */
    if (g->open && strcmp(g->rest, "") != 0) {
        char *other = words_rest(m->body);
        bool same = strcmp(g->rest, other) == 0;
        mem_free(other);
        if (!same)
            close_group(t);
    }
    news = is_news(t, m, &rest);
    e = end_of(s, index, ev->of);
    if (!news && !deviates(t, ev, &e))
        return;
    if (!g->open) {
        g->open = true;
        g->t_ns = ev->t_ns;
        g->src = m->src;
        g->type = m->type;
        g->rest = rest;
        g->count = 0;
    }
    if (g->count < NAMES_MAX)
        g->dests[g->count++] = m->dest;
    tell_trouble(t, ev, m, &e);
}

/* ---- the rest of the journal ---- */

static void tell_node(struct told *t, const struct story_event *ev)
{
    const char *words = words_node(ev->text);

    if (words != NULL)
        buf_addf(&step_add(t, ev->t_ns, WEIGHT_DEED, false)->text, "%.*s %s",
                 STR_ARG(name_of(t, ev->of)), words);
}

static void tell_log(struct told *t, const struct story_event *ev)
{
    if (t->log_count++ >= LOGS_MAX)
        return;
    buf_addf(&step_add(t, ev->t_ns, WEIGHT_MESSAGE, true)->text, "%.*s logs: %.*s",
             STR_ARG(name_of(t, ev->of)), STR_ARG(ev->text));
}

static void tell_band(struct told *t, const struct story_event *ev, bool begins)
{
    const struct story_band *b = &t->story->bands[ev->of];

    words_add_fault(b->kind, b->text, begins, &step_add(t, ev->t_ns, WEIGHT_DEED, false)->text);
}

static void tell_event(struct told *t, uint32_t index)
{
    const struct story_event *ev = &t->story->events[index];

    if (ev->kind == STORY_SEND) {
        tell_send(t, index);
        return;
    }
    if (ev->kind == STORY_RECV || ev->kind == STORY_DROP)
        return;
    close_group(t);
    switch (ev->kind) {
    case STORY_NODE:
        tell_node(t, ev);
        break;
    case STORY_LOG:
        tell_log(t, ev);
        break;
    case STORY_STEP:
        buf_addf(&step_add(t, ev->t_ns, WEIGHT_DEED, true)->text, "%.*s", STR_ARG(ev->text));
        break;
    case STORY_BAND_START:
        tell_band(t, ev, true);
        break;
    case STORY_BAND_STOP:
        tell_band(t, ev, false);
        break;
    default:
        break;
    }
}

/* ---- operations ---- */

/* The client that sent the request of an invocation: the first that sends to its node then. */
static struct str client_of(const struct told *t, const struct op *invoke)
{
    uint32_t i;

    for (i = 0; i < t->story->event_count; i++) {
        const struct story_event *ev = &t->story->events[i];
        const struct story_message *m;
        if (ev->kind != STORY_SEND || ev->t_ns != invoke->time_ns)
            continue;
        m = &t->story->messages[ev->of];
        if (story_role(t->story, m->src) == ROLE_CLIENT && (int64_t)m->dest == invoke->node)
            return name_of(t, m->src);
    }
    return (struct str){NULL, 0};
}

static void tell_op(struct told *t, uint32_t index)
{
    const struct history *h = t->config->view->history;
    const struct op *op = history_at(h, index);
    const struct op *invoke = op->type == OP_INVOKE ? op : history_at(h, op->pair);
    struct str name = client_of(t, invoke);
    struct str node = {"nobody", 6};
    struct buf who = {0};
    struct step *s;

    close_group(t);
    if (name.data != NULL)
        buf_add_str(&who, name);
    else
        buf_addf(&who, "process %d", op->process);
    if (op->node >= 0 && (uint32_t)op->node < t->config->view->node_count)
        node = str_of(t->config->view->node_names[op->node]);
    s = step_add(t, op->time_ns, WEIGHT_DEED, true);
    words_add_op(h, op, invoke, buf_str(&who), node, &s->text);
    buf_release(&who);
}

/* ---- all of it ---- */

static bool is_of_client(const struct op *op)
{
    return op->process != HISTORY_NEMESIS && (op->type == OP_INVOKE || op->pair != HISTORY_NO_PAIR);
}

static void walk(struct told *t)
{
    const struct history *h = t->config->view->history;
    uint32_t op = 0, ev = 0;

    while (op < history_len(h) || ev < t->story->event_count) {
        const struct op *o = op < history_len(h) ? history_at(h, op) : NULL;
        int64_t event_ns = ev < t->story->event_count ? t->story->events[ev].t_ns : INT64_MAX;

        if (o != NULL &&
            (o->time_ns < event_ns || (o->time_ns == event_ns && o->type == OP_INVOKE))) {
            if (is_of_client(o))
                tell_op(t, op);
            op++;
        } else {
            tell_event(t, ev++);
        }
    }
    close_group(t);
}

/* Takes out the lightest until there are few enough: of equal ones those that come first, for what
 * matters is mostly near the end. */
static void thin_out(struct told *t)
{
    uint32_t excess = t->step_count > TELLING_STEPS_MAX ? t->step_count - TELLING_STEPS_MAX : 0;
    int weight;
    uint32_t i, kept = 0;

    for (weight = WEIGHT_ANSWER; weight <= WEIGHT_DEED && excess > 0; weight++)
        for (i = 0; i < t->step_count && excess > 0; i++)
            if (t->steps[i].weight == weight) {
                t->steps[i].weight = -1;
                excess--;
            }
    for (i = 0; i < t->step_count; i++) {
        if (t->steps[i].weight >= 0)
            t->steps[kept++] = t->steps[i];
        else
            buf_release(&t->steps[i].text);
    }
    t->step_count = kept;
}

json_t *telling_json(const struct telling_config *config, struct err *err)
{
    struct told t = {.config = config};
    struct story *story = NULL;
    json_t *list;
    uint32_t i;

    if (story_read(config->view, &story, err) < 0)
        return NULL;
    t.story = story;
    t.ways = map_new();
    walk(&t);
    thin_out(&t);
    list = json_array();
    for (i = 0; i < t.step_count; i++) {
        struct step *s = &t.steps[i];
        json_array_append_new(list,
                              json_pack("{s:I, s:s%, s:b}", "time", (json_int_t)s->t_ns, "text",
                                        s->text.data, s->text.len, "calm", (int)s->calm));
        buf_release(&s->text);
    }
    for (i = 0; i < map_len(t.ways); i++)
        mem_free(t.last[i]);
    mem_free(t.last);
    mem_free(t.steps);
    buf_release(&t.group.troubles);
    map_free(t.ways);
    story_free(story);
    return list;
}
