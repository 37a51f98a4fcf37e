/* members.c - beliefs and rumours (Das, Gupta, Motivala: SWIM, 2002, 4.1 and 4.2).
 *
 * A piece of news is passed on with each message until it has been told about 3 log2 n times; what
 * was told least often goes first. By then everybody knows it, with a chance that can be computed
 * as in task 5. Messages have room for some more, which is filled with what we believe about
 * members drawn by lot: a node that knows one member only learns about all others in that way, and
 * what a rumour did not reach is repaired.
 *
 * The dead stay in the list. If they were forgotten, old news could bring them to life. */
#include "members.h"

#include "node.h"

#include <stdlib.h>
#include <string.h>

enum {
    NEWS_MAX = 20,   /* in a message: 1,000 bytes, which fits into any packet */
    FRESH_MAX = 12,  /* of these, rumours */
    TELL_FACTOR = 3, /* times log2 of the number of members */
    OLD_NEWS = 1000, /* told often enough */
};

static const char *const state_names[] = {"alive", "suspect", "dead"};

static struct member **members; /* each one stays where it is: probes point to it */
static int count, cap;

/* Lots are drawn by the hundred; one question to the system is enough (splitmix64). */
static uint64_t draw(void)
{
    static uint64_t state;
    uint64_t z;

    if (state == 0)
        state = node_random() | 1;
    z = state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static struct member *add(const char *name)
{
    struct member *m = calloc(1, sizeof(*m));

    if (count == cap) {
        cap = 2 * cap + 16;
        members = realloc(members, (size_t)cap * sizeof(struct member *));
    }
    if (m == NULL || members == NULL)
        abort();
    m->name = strdup(name);
    m->since_ms = node_now_ms();
    members[count++] = m;
    return m;
}

/* Whom everybody has from the beginning is no news; ourselves we announce, we may be new. */
void members_begin(void)
{
    count = 0;
    add(node_id());
    for (int i = 0; i < node_count(); i++) {
        if (i != node_self())
            add(node_name(i))->told = OLD_NEWS;
    }
}

int members_count(void)
{
    return count;
}

struct member *members_at(int i)
{
    return members[i];
}

struct member *members_of(const char *name)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(members[i]->name, name) == 0)
            return members[i];
    }
    return add(name);
}

static int tell_limit(void)
{
    int log2 = 1;

    while (1 << log2 < count)
        log2++;
    return TELL_FACTOR * log2;
}

static void believe(struct member *m, enum member_state state, int64_t incarnation)
{
    m->state = state;
    m->incarnation = incarnation;
    m->since_ms = node_now_ms();
    m->told = 0;
}

void members_accuse(struct member *m, enum member_state state)
{
    if (state > m->state)
        believe(m, state, m->incarnation);
}

static bool read_state(const char *name, enum member_state *ret_state)
{
    for (int i = MEMBER_ALIVE; name != NULL && i <= MEMBER_DEAD; i++) {
        if (strcmp(name, state_names[i]) == 0) {
            *ret_state = (enum member_state)i;
            return true;
        }
    }
    return false;
}

/* SWIM 4.2. The only place where our own incarnation grows. */
static bool refute(struct member *self, enum member_state state, int64_t incarnation)
{
    if (state == MEMBER_ALIVE || incarnation < self->incarnation)
        return false;
    believe(self, MEMBER_ALIVE, incarnation + 1);
    return true;
}

static bool hear(const struct json *piece)
{
    const char *name = json_text_of(json_get(piece, "node"));
    int64_t incarnation = json_int_of(json_get(piece, "incarnation"), 0);
    enum member_state state;
    struct member *m;

    if (name == NULL || !read_state(json_text_of(json_get(piece, "state")), &state))
        return false;
    m = members_of(name);
    if (m == members[0])
        return refute(m, state, incarnation);
    if (incarnation > m->incarnation || (incarnation == m->incarnation && state > m->state))
        believe(m, state, incarnation);
    return false;
}

bool members_hear(const struct json *news)
{
    bool refuted = false;

    for (size_t i = 0; i < json_len(news); i++)
        refuted |= hear(json_at(news, i));
    return refuted;
}

static void put(struct json *news, struct member *m)
{
    struct json *piece = json_object();

    json_set(piece, "node", json_string(m->name));
    json_set(piece, "state", json_string(state_names[m->state]));
    json_set(piece, "incarnation", json_int(m->incarnation));
    json_push(news, piece);
    m->told++;
}

/* A shuffled list of all, so that who is equal has equal chances. */
static struct member **shuffled(void)
{
    struct member **list = json_scratch((size_t)count * sizeof(struct member *));

    for (int i = 0; i < count; i++) {
        int j = (int)(draw() % (uint64_t)(i + 1));

        list[i] = list[j];
        list[j] = members[i];
    }
    return list;
}

static int by_told(const void *left, const void *right)
{
    const struct member *a = *(struct member *const *)left, *b = *(struct member *const *)right;

    return (a->told > b->told) - (a->told < b->told);
}

struct json *members_news(const char *dest)
{
    struct json *news = json_array();
    struct member *about = members_of(dest);
    struct member **list = shuffled();
    int limit = tell_limit(), fresh = 0;

    if (about->state != MEMBER_ALIVE)
        put(news, about);
    qsort(list, (size_t)count, sizeof(struct member *), by_told);
    while (fresh < count && fresh < FRESH_MAX && list[fresh]->told < limit)
        put(news, list[fresh++]);
    list = shuffled();
    for (int i = 0; i < count && json_len(news) < NEWS_MAX; i++) {
        if (list[i]->told >= limit)
            put(news, list[i]);
    }
    return news;
}

int members_draw(int wanted, const char *except, struct member **ret_members)
{
    struct member **list = shuffled();
    int found = 0;

    for (int i = 0; i < count && found < wanted; i++) {
        if (list[i] != members[0] && list[i]->state == MEMBER_ALIVE &&
            strcmp(list[i]->name, except) != 0)
            ret_members[found++] = list[i];
    }
    return found;
}

static int by_text(const void *left, const void *right)
{
    return strcmp(json_text_of(*(struct json *const *)left),
                  json_text_of(*(struct json *const *)right));
}

struct json *members_names(enum member_state state)
{
    struct json *names = json_array();

    for (int i = 0; i < count; i++) {
        if (members[i]->state == state)
            json_push(names, json_string(members[i]->name));
    }
    if (names->len > 1)
        qsort(names->items, names->len, sizeof(struct json *), by_text);
    return names;
}
