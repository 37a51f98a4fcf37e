#include "messages_layout.h"

#include "../base/map.h"
#include "../base/mem.h"

#include <math.h>

enum {
    ROW_PX = 15,
    SLOPE_PX = 10,
    LEFT_PX = 108,
    CLIENT_GAP_PX = 92,
    NOTES_PX = 300,
    TOP_PX = 150
};

static void mark_active(const struct story *s, bool *active)
{
    for (uint32_t i = 0; i < s->event_count; i++) {
        const struct story_event *ev = &s->events[i];

        if (ev->kind == STORY_SEND || ev->kind == STORY_RECV || ev->kind == STORY_DROP) {
            active[s->messages[ev->of].src] = true;
            active[s->messages[ev->of].dest] = true;
        } else if (ev->kind == STORY_NODE) {
            active[ev->of] = s->node_count <= LAYOUT_NODES_ALL_MAX || active[ev->of];
        }
    }
    for (uint32_t i = 0; i < s->node_count && s->node_count <= LAYOUT_NODES_ALL_MAX; i++)
        active[i] = true;
}

/* Clients stand left, nodes in the middle, services right. Clients come and go, a new one for each
 * operation that ended unknown, so they share a few lanes. */
static void give_lanes(struct layout *l, const struct story *s, const bool *active)
{
    static const enum endpoint_role order[] = {ROLE_CLIENT, ROLE_NODE, ROLE_SERVICE};
    uint32_t endpoint_count = map_len(s->endpoints);

    for (size_t role = 0; role < 3; role++) {
        uint32_t first = l->lane_count, seen = 0;

        for (uint32_t i = 0; i < endpoint_count; i++) {
            uint32_t lane = l->lane_count;

            l->lane_of[i] = story_role(s, i) == order[role] ? LAYOUT_NO_LANE : l->lane_of[i];
            if (!active[i] || story_role(s, i) != order[role])
                continue;
            if (order[role] == ROLE_CLIENT && seen >= LAYOUT_CLIENT_LANES_MAX)
                lane = first + seen % LAYOUT_CLIENT_LANES_MAX;
            else
                l->lanes[l->lane_count++] = (struct lane){.endpoint = i, .role = order[role]};
            l->lanes[lane].endpoint_count++;
            l->lane_of[i] = (int32_t)lane;
            seen++;
        }
    }
}

static void place_lanes(struct layout *l)
{
    uint32_t n = l->lane_count;
    double gap = n <= 8 ? 150 : n <= 14 ? 120 : n <= 40 ? 92 : n <= 120 ? 64 : 44;
    double x = LEFT_PX;

    for (uint32_t i = 0; i < n; i++) {
        if (i > 0)
            x += (l->lanes[i - 1].role == ROLE_CLIENT ? fmax(gap, CLIENT_GAP_PX) : gap) +
                 (l->lanes[i].role != l->lanes[i - 1].role ? 30 : 0);
        l->lanes[i].x = x;
    }
    l->left = LEFT_PX;
    l->right = x;
    l->width = fmax(x + NOTES_PX, 960);
}

/* More room for longer waits, but by their magnitude only. */
static double gap_px(int64_t wait_ns)
{
    return 3 + 6 * log10(1 + (double)wait_ns / 1e4);
}

struct cursor {
    int64_t t_ns;
    double moment_y; /* where this moment begins */
    double lowest;   /* the lowest place taken so far */
    double *free_y;  /* by lane: the next free place */
};

static void advance(struct cursor *c, int64_t t_ns)
{
    if (t_ns <= c->t_ns)
        return;
    c->moment_y = c->lowest + gap_px(t_ns - c->t_ns);
    c->lowest = c->moment_y;
    c->t_ns = t_ns;
}

static int32_t lane_of_event(const struct layout *l, const struct story *s,
                             const struct story_event *ev)
{
    switch (ev->kind) {
    case STORY_SEND:
        return l->lane_of[s->messages[ev->of].src];
    case STORY_RECV:
    case STORY_DROP:
        return l->lane_of[s->messages[ev->of].dest];
    case STORY_NODE:
    case STORY_LOG:
        return l->lane_of[ev->of];
    default:
        return LAYOUT_NO_LANE;
    }
}

static double place(struct layout *l, const struct story *s, struct cursor *c, uint32_t i,
                    double *notes_y)
{
    const struct story_event *ev = &s->events[i];
    int32_t lane = lane_of_event(l, s, ev);
    double y = c->moment_y;

    if (ev->kind == STORY_LOG) /* a tick on the lane; takes no place of its own */
        return lane == LAYOUT_NO_LANE ? y : fmax(y, c->free_y[lane] - ROW_PX * 0.5);
    if (ev->kind == STORY_STEP || ev->kind == STORY_NOTE || ev->kind == STORY_BAND_START ||
        ev->kind == STORY_BAND_STOP) {
        y = fmax(y, *notes_y);
        *notes_y = y + (ev->kind == STORY_BAND_STOP ? 2 : ROW_PX + 1);
        return y;
    }
    if (lane != LAYOUT_NO_LANE)
        y = fmax(y, c->free_y[lane]);
    if (ev->kind == STORY_RECV || ev->kind == STORY_DROP)
        y = fmax(y, l->sent_y[ev->of] + SLOPE_PX);
    if (ev->kind == STORY_SEND)
        l->sent_y[ev->of] = y;
    if (lane != LAYOUT_NO_LANE)
        c->free_y[lane] = y + ROW_PX;
    return y;
}

static void place_events(struct layout *l, const struct story *s)
{
    struct cursor c = {.t_ns = s->event_count > 0 ? s->events[0].t_ns : 0};
    double notes_y = TOP_PX + ROW_PX;

    c.free_y = mem_zalloc((l->lane_count + 1) * sizeof(*c.free_y));
    c.moment_y = TOP_PX + ROW_PX;
    c.lowest = c.moment_y;
    for (uint32_t i = 0; i < s->event_count; i++) {
        advance(&c, s->events[i].t_ns);
        l->y[i] = place(l, s, &c, i, &notes_y);
        c.lowest = fmax(c.lowest, l->y[i]);
    }
    l->top = TOP_PX;
    l->bottom = c.lowest + 30;
    mem_free(c.free_y);
}

void layout_init(struct layout *l, const struct story *s)
{
    uint32_t endpoint_count = map_len(s->endpoints);
    bool *active = mem_zalloc((endpoint_count + 1) * sizeof(*active));

    *l = (struct layout){0};
    l->lanes = mem_zalloc((endpoint_count + 1) * sizeof(*l->lanes));
    l->lane_of = mem_zalloc((endpoint_count + 1) * sizeof(*l->lane_of));
    l->y = mem_zalloc((s->event_count + 1) * sizeof(*l->y));
    l->sent_y = mem_zalloc((s->message_count + 1) * sizeof(*l->sent_y));
    mark_active(s, active);
    give_lanes(l, s, active);
    place_lanes(l);
    place_events(l, s);
    for (uint32_t i = 0; i < s->node_count; i++)
        l->quiet_nodes += l->lane_of[i] == LAYOUT_NO_LANE;
    mem_free(active);
}

void layout_release(struct layout *l)
{
    mem_free(l->lanes);
    mem_free(l->lane_of);
    mem_free(l->y);
    mem_free(l->sent_y);
}
