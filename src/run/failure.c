#include "failure.h"

#include "../base/mem.h"
#include "run.h"

#include <ctype.h>
#include <string.h>

#ifndef PLANT_SEARCH
#define PLANT_SEARCH 0 /* tests/planted/search.sh */
#endif

/* ---- kinds ---- */

static bool ends_clause(const char *at)
{
    return *at == '\0' || *at == '\n' || ((*at == ':' || *at == ';' || *at == ',') && at[1] == ' ');
}

/* The end of a word; a text in quotes or in brackets is one, with its blanks. */
static const char *word_end(const char *at)
{
    bool quoted = false;
    unsigned depth = 0;

    for (; *at != '\0' && *at != '\n'; at++) {
        if (!quoted && depth == 0 && (*at == ' ' || ends_clause(at)))
            break;
        if (*at == '"')
            quoted = !quoted;
        else if (*at == '(' && !quoted)
            depth++;
        else if (*at == ')' && !quoted && depth > 0)
            depth--;
    }
    return at;
}

static bool differs_by_run(const char *word, size_t len, const char *const *names, uint32_t count)
{
    size_t i;

    if (PLANT_SEARCH == 1)
        return false;
    if (len == 4 && memcmp(word, "null", 4) == 0) /* a value like others */
        return true;
    for (i = 0; i < len; i++)
        if (isdigit((unsigned char)word[i]) || word[i] == '{' || (word[i] == ' ' && *word == '"'))
            return true;
    for (i = 0; i < count; i++)
        if (strlen(names[i]) == len && memcmp(names[i], word, len) == 0)
            return true;
    return false;
}

/* Sentences may begin with "key K: " and "process P: "; which one it was says nothing. */
static const char *skip_place(const char *sentence)
{
    static const char *const places[] = {"key ", "process "};
    size_t i;

    for (i = 0; i < 2; i++) {
        size_t len = strlen(places[i]);
        const char *colon;

        if (strncmp(sentence, places[i], len) != 0)
            continue;
        colon = word_end(sentence + len);
        if (colon[0] == ':' && colon[1] == ' ')
            sentence = colon + 2;
    }
    return sentence;
}

/* A time has a number and a unit, and is 900 ms in one run and 1.1 s in the next. */
static bool is_unit(const char *word, size_t len)
{
    static const char *const units[] = {"ns", "us", "ms", "s", "min"};
    size_t i;

    for (i = 0; i < 5; i++)
        if (strlen(units[i]) == len && memcmp(units[i], word, len) == 0)
            return true;
    return false;
}

void failure_outline(const char *sentence, const char *const *node_names, uint32_t node_count,
                     struct buf *out)
{
    const char *at = skip_place(sentence);
    size_t from = out->len;

    while (!ends_clause(at)) {
        const char *end = word_end(at);
        size_t len = (size_t)(end - at);
        bool after_hole = out->len > from && out->data[out->len - 1] == '_';
        bool hole =
            differs_by_run(at, len, node_names, node_count) || (after_hole && is_unit(at, len));

        if (out->len - from + (hole ? 1 : len) + 1 > FAILURE_KIND_MAX)
            return;
        if (!(hole && after_hole)) {
            if (out->len > from && len > 0)
                buf_add_char(out, ' ');
            buf_add(out, hole ? "_" : at, hole ? 1 : len);
        }
        at = end + strspn(end, " ");
    }
}

/* Some checkers list names of anomalies, and their sentence is about the worst one: it begins with
 * its name, or has it in brackets. */
static const char *anomaly(const struct verdict *v)
{
    const json_t *names = json_object_get(v->details, "anomaly-types");
    const char *best = NULL;
    const char *best_at = NULL;
    const json_t *item;
    size_t i;

    if (names == NULL)
        names = json_object_get(v->details, "bad-error-types");
    json_array_foreach(names, i, item)
    {
        const char *name = json_string_value(item);
        const char *at = v->sentence != NULL ? v->sentence : "";
        size_t len = strlen(name);

        while ((at = strstr(at, name)) != NULL && at[len] != ')' && at[len] != ':')
            at += len;
        if (best == NULL || (at != NULL && (best_at == NULL || at < best_at))) {
            best = name;
            best_at = at;
        }
    }
    return best;
}

static void add_kind(const struct run_config *c, const char *name, const struct verdict *v,
                     struct buf *out)
{
    buf_addf(out, "%s: ", name);
    if (anomaly(v) != NULL)
        buf_add_text(out, anomaly(v));
    else
        failure_outline(v->sentence != NULL ? v->sentence : "no reason given", c->node_names,
                        c->node_count, out);
}

void failure_kind(const struct run_config *c, const struct run_result *r, struct buf *out)
{
    uint32_t i;

    if (r->blame != NULL) {
        buf_add_text(out, "protocol: ");
        failure_outline(r->blame, c->node_names, c->node_count, out);
        return;
    }
    for (i = 0; i < r->check_count && r->stats.valid <= r->valid; i++)
        if (r->checks[i].verdict.valid == r->valid) {
            add_kind(c, r->checks[i].name, &r->checks[i].verdict, out);
            return;
        }
    if (r->availability.valid == r->valid && r->stats.valid <= r->valid)
        buf_add_text(out, "availability");
    else
        add_kind(c, "stats", &r->stats, out);
}

/* ---- groups ---- */

static struct failure_group *find(struct failure_groups *g, const struct failure *f)
{
    uint32_t i;

    for (i = 0; i < g->count; i++)
        if (g->groups[i].first.valid == f->valid && strcmp(g->groups[i].first.kind, f->kind) == 0)
            return &g->groups[i];
    return NULL;
}

static void failure_release(struct failure *f)
{
    mem_free((char *)f->kind);
    mem_free((char *)f->sentence);
}

static void set_first(struct failure_group *group, const struct failure *f)
{
    failure_release(&group->first);
    group->first = *f;
    group->first.kind = mem_strdup(f->kind);
    group->first.sentence = mem_strdup(f->sentence);
}

static void add_seed(struct failure_group *group, uint64_t seed)
{
    uint32_t at = group->seed_count;

    if (at == FAILURE_SEEDS_MAX && group->seeds[--at] < seed)
        return;
    for (; at > 0 && group->seeds[at - 1] > seed; at--)
        group->seeds[at] = group->seeds[at - 1];
    group->seeds[at] = seed;
    if (group->seed_count < FAILURE_SEEDS_MAX)
        group->seed_count++;
}

static bool before(const struct failure *a, const struct failure *b)
{
    return a->valid != b->valid ? a->valid > b->valid : a->seed < b->seed;
}

/* Its first seed may have become a lower one. */
static void move_up(struct failure_groups *g, uint32_t at)
{
    for (; at > 0 && before(&g->groups[at].first, &g->groups[at - 1].first); at--) {
        struct failure_group moved = g->groups[at];
        g->groups[at] = g->groups[at - 1];
        g->groups[at - 1] = moved;
    }
}

void failure_groups_add(struct failure_groups *g, const struct failure *f)
{
    struct failure_group *group = find(g, f);

    if (group == NULL && g->count == FAILURE_GROUPS_MAX) {
        g->others++;
        return;
    }
    if (group == NULL) {
        g->groups = mem_grow(g->groups, &g->cap, g->count + 1, sizeof(*g->groups));
        group = &g->groups[g->count++];
        *group = (struct failure_group){.count = 0};
    }
    group->count++;
    add_seed(group, f->seed);
    if (group->count == 1 || f->seed < group->first.seed)
        set_first(group, f);
    move_up(g, (uint32_t)(group - g->groups));
}

void failure_groups_release(struct failure_groups *g)
{
    uint32_t i;

    for (i = 0; i < g->count; i++)
        failure_release(&g->groups[i].first);
    mem_free(g->groups);
}
