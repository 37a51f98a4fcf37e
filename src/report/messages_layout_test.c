#include "messages_layout.h"

#include "../base/test.h"
#include "example.h"

static void check_laws(const struct story *s, const struct layout *l)
{
    double lowest = 0, lane_y[64] = {0};
    int64_t t_ns = -1;
    double earlier = 0; /* the lowest of all earlier times */

    for (uint32_t i = 0; i < s->event_count; i++) {
        const struct story_event *ev = &s->events[i];
        const struct story_message *m = &s->messages[ev->of];
        int32_t lane = l->lane_of[ev->kind == STORY_SEND ? m->src : m->dest];

        if (ev->t_ns > t_ns) {
            earlier = lowest;
            t_ns = ev->t_ns;
        }
        CHECK(l->y[i] > earlier);
        CHECK(l->y[i] > lane_y[lane]);
        CHECK(ev->kind == STORY_SEND || l->y[i] > l->sent_y[ev->of]);
        CHECK(l->y[i] < l->bottom);
        lane_y[lane] = l->y[i];
        lowest = l->y[i] > lowest ? l->y[i] : lowest;
    }
}

TEST(before_is_above)
{
    struct example e;
    struct layout l;
    struct story *s;

    example_init(&e);
    for (uint64_t i = 0; i < 300; i++) {
        example_send(&e, (int64_t)(i / 3) * 1000, 2 * i, i % 5 == 0 ? "c1" : example_nodes[i % 3],
                     example_nodes[(i + 1) % 3], "{\"type\":\"a\"}");
        if (i % 2 == 0)
            example_recv(&e, (int64_t)(i / 3) * 1000, 2 * i);
        else if (i > 6)
            example_drop(&e, (int64_t)(i / 3) * 1000, 2 * i - 12 + 6, "loss");
    }
    s = example_story(&e);
    layout_init(&l, s);
    CHECK_INT(l.lane_count, 4);
    check_laws(s, &l);
    layout_release(&l);
    story_free(s);
    example_release(&e);
}

TEST(many_clients_share_few_lanes)
{
    struct example e;
    struct layout l;
    struct story *s;
    char name[24];

    example_init(&e);
    for (uint64_t i = 0; i < 50; i++) {
        snprintf(name, sizeof(name), "c%d", (int)i);
        example_send(&e, 1, i, name, "n0", "{\"type\":\"a\"}");
    }
    s = example_story(&e);
    layout_init(&l, s);
    CHECK_INT(l.lane_count, LAYOUT_CLIENT_LANES_MAX + 3);
    CHECK_INT(l.lanes[0].endpoint_count + l.lanes[1].endpoint_count + l.lanes[2].endpoint_count +
                  l.lanes[3].endpoint_count,
              50);
    layout_release(&l);
    story_free(s);
    example_release(&e);
}
