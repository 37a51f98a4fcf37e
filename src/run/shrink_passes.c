#include "shrink_passes.h"

#include "../base/mem.h"
#include "ddmin.h"
#include "trials.h"

#include <string.h>

enum { NODES_ALL_SUBSETS = 5, CANDIDATES_MAX = 64, WAYS = 2 };

void shrink_adopt(struct shrink *s, json_t *candidate)
{
    const struct trial *t = trials_known(s->trials, candidate);
    json_t *as_it_was = json_copy(candidate);
    json_t *old = s->best;

    json_object_set(as_it_was, "decisions", t->decisions);
    if (trials_first(s->trials, &as_it_was, 1) == 0)
        s->best = json_incref(as_it_was);
    else
        s->best = json_incref(candidate);
    json_decref(as_it_was);
    json_decref(old);
}

bool shrink_try(struct shrink *s, json_t **candidates, uint32_t count)
{
    int found = trials_first(s->trials, candidates, count);
    uint32_t i;

    if (found >= 0)
        shrink_adopt(s, candidates[found]);
    for (i = 0; i < count; i++)
        json_decref(candidates[i]);
    return found >= 0;
}

/* ---- lists ---- */

struct list_pass {
    struct shrink *s;
    json_t *from; /* the best as the pass began */
    const char *list;
};

/* What is left of single messages may be found by their numbers or by their times; both are tried.
 * Gives how many ways there are. */
static uint32_t ways_of(const struct list_pass *p, const bool *keep, json_t *ret_ways[WAYS])
{
    ret_ways[0] = candidate_keep(p->from, p->list, keep);
    if (json_array_size(candidate_list(ret_ways[0], "messages")) == 0)
        return 1;
    ret_ways[1] = candidate_by_time(ret_ways[0]);
    return WAYS;
}

static int first_of(void *owner, bool *const *attempts, uint32_t count)
{
    const struct list_pass *p = owner;
    json_t **candidates = mem_alloc(WAYS * count * sizeof(json_t *));
    uint32_t *attempt_of = mem_alloc(WAYS * count * sizeof(*attempt_of));
    uint32_t i, n = 0;
    int found;

    for (i = 0; i < count; i++) {
        uint32_t ways = ways_of(p, attempts[i], candidates + n);
        for (; ways > 0; ways--)
            attempt_of[n++] = i;
    }
    found = trials_first(p->s->trials, candidates, n);
    if (found >= 0)
        found = (int)attempt_of[found];
    for (i = 0; i < n; i++)
        json_decref(candidates[i]);
    mem_free(candidates);
    mem_free(attempt_of);
    return found;
}

static bool enough(void *owner)
{
    const struct list_pass *p = owner;

    return trials_over(p->s->trials);
}

static bool minimize(struct shrink *s, const char *list)
{
    struct list_pass p = {s, json_incref(s->best), list};
    struct ddmin d = {
        .count = (uint32_t)json_array_size(candidate_list(s->best, list)),
        .width = s->config->jobs,
        .owner = &p,
        .first = first_of,
        .enough = enough,
    };
    bool *keep = mem_alloc(d.count * sizeof(*keep));
    bool any;
    uint32_t i;

    for (i = 0; i < d.count; i++)
        keep[i] = true;
    any = ddmin_run(&d, keep);
    if (any) {
        json_t *ways[WAYS];
        shrink_try(s, ways, ways_of(&p, keep, ways)); /* known by now */
    }
    mem_free(keep);
    json_decref(p.from);
    return any;
}

bool shrink_faults(struct shrink *s)
{
    return minimize(s, "faults");
}

bool shrink_operations(struct shrink *s)
{
    return minimize(s, "operations");
}

bool shrink_final(struct shrink *s)
{
    return minimize(s, "final");
}

bool shrink_messages(struct shrink *s)
{
    return minimize(s, "messages");
}

/* ---- nodes ---- */

static uint32_t bits(uint32_t mask)
{
    return (uint32_t)__builtin_popcount(mask);
}

/* Few nodes: every smaller set of them, small sets first. Many: each without one. */
static uint32_t node_sets(uint32_t count, uint32_t *masks)
{
    uint32_t all = count < 32 ? (1u << count) - 1 : UINT32_MAX;
    uint32_t n = 0, size, mask, i;

    if (count > NODES_ALL_SUBSETS) {
        for (i = 0; i < count && i < 32; i++)
            masks[n++] = all & ~(1u << i);
        return n;
    }
    for (size = 1; size < count; size++)
        for (mask = 1; mask < all; mask++)
            if (bits(mask) == size)
                masks[n++] = mask;
    return n;
}

bool shrink_nodes(struct shrink *s)
{
    json_t *candidates[CANDIDATES_MAX];
    uint32_t masks[CANDIDATES_MAX];
    bool any = false;

    for (;;) {
        struct candidate_size size;
        uint32_t count, i;

        candidate_size(s->best, &size);
        count = node_sets(size.nodes, masks);
        for (i = 0; i < count; i++)
            candidates[i] = candidate_with_nodes(s->best, masks[i]);
        if (!shrink_try(s, candidates, count))
            return any;
        any = true;
    }
}

/* ---- clients ---- */

bool shrink_clients(struct shrink *s)
{
    json_t *candidates[CANDIDATES_MAX];
    bool any = false;

    for (;;) {
        struct candidate_size size;
        uint32_t count = 0, from, to;

        candidate_size(s->best, &size);
        candidates[0] = candidate_without_idle(s->best);
        if (json_array_size(candidate_list(candidates[0], "workers")) < size.workers)
            count++;
        else
            json_decref(candidates[0]);
        for (from = size.workers; from-- > 1;)
            for (to = 0; to < from && count < CANDIDATES_MAX; to++)
                candidates[count++] = candidate_merge_workers(s->best, from, to);
        if (count == 0 || !shrink_try(s, candidates, count))
            return any;
        any = true;
    }
}

/* ---- values ---- */

bool shrink_values(struct shrink *s)
{
    json_t *simple = candidate_renumber(s->best);

    if (!json_equal(simple, s->best))
        shrink_try(s, &simple, 1); /* nicer, not smaller */
    else
        json_decref(simple);
    return false;
}
