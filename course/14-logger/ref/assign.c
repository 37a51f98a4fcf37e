/* assign.c - two ways to share partitions among members: by range, which depends on nothing but who
 * is there, and stickily, which starts from what was meant so far and changes as little as it can.
 *
 * Sticky is a minimum: after a change the shares are floor or ceil of partitions by members, the
 * larger ones go to those who had most, and a partition moves only if its member has gone or has
 * more than its share. */
#include "assign.h"

#include <stdlib.h>
#include <string.h>

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct member *const *)a)[0]->name,
                  ((const struct member *const *)b)[0]->name);
}

static int by_key(const void *a, const void *b)
{
    return strcmp(topic_at(*(const int *)a)->log->key, topic_at(*(const int *)b)->log->key);
}

struct plan assign_plan(const struct group *g)
{
    struct plan p = {.member_count = 0};

    for (int i = 0; i < MEMBERS_MAX; i++) {
        if (g->members[i].name[0] != '\0')
            p.members[p.member_count++] = &g->members[i];
    }
    for (int i = 0; topic_at(i) != NULL; i++) {
        if (g->logs >> i & 1)
            p.logs[p.log_count++] = i;
    }
    qsort(p.members, (size_t)p.member_count, sizeof(p.members[0]), by_name);
    qsort(p.logs, (size_t)p.log_count, sizeof(p.logs[0]), by_key);
    return p;
}

/* Neighbours to neighbours; the first members get one more if it does not come out even. */
static void by_range(struct group *g, const struct plan *p)
{
    int next = 0;

    for (int i = 0; i < p->member_count; i++) {
        int share = p->log_count / p->member_count + (i < p->log_count % p->member_count);

        for (; share > 0; share--)
            g->target[p->logs[next++]] = (int)(p->members[i] - g->members);
    }
}

/* Everyone keeps what it was to have, up to its share; those who had most get the larger shares.
 * What is left goes to those who have too little. */
static void stickily(struct group *g, const struct plan *p)
{
    int had[MEMBERS_MAX] = {0}, share[MEMBERS_MAX] = {0};
    int larger = p->log_count % p->member_count, i = 0;

    for (int k = 0; k < p->log_count; k++) {
        int *target = &g->target[p->logs[k]];

        if (*target >= 0 && g->members[*target].name[0] == '\0')
            *target = -1;
        if (*target >= 0)
            had[*target]++;
    }
    for (int k = 0; k < p->member_count; k++)
        share[p->members[k] - g->members] = p->log_count / p->member_count;
    for (; larger > 0; larger--) {
        int most = -1;

        for (int k = 0; k < p->member_count; k++) {
            int m = (int)(p->members[k] - g->members);

            if (share[m] == p->log_count / p->member_count && (most < 0 || had[m] > had[most]))
                most = m;
        }
        share[most]++;
    }
    for (int k = 0; k < p->log_count; k++) {
        int *target = &g->target[p->logs[k]];

        if (*target >= 0 && share[*target]-- <= 0)
            *target = -1;
    }
    for (int k = 0; k < p->log_count; k++) {
        int *target = &g->target[p->logs[k]];

        while (*target < 0 && share[p->members[i] - g->members] <= 0)
            i++;
        if (*target < 0) {
            *target = (int)(p->members[i] - g->members);
            share[*target]--;
        }
    }
}

void assign(struct group *g)
{
    struct plan p = assign_plan(g);

    g->generation++;
    for (int i = 0; i < META_LOGS_MAX; i++) {
        if (!(g->logs >> i & 1) || !g->is_sticky || p.member_count == 0)
            g->target[i] = -1;
    }
    if (p.member_count > 0 && g->is_sticky)
        stickily(g, &p);
    else if (p.member_count > 0)
        by_range(g, &p);
}
