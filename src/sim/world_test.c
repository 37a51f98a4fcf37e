#include "story.h"

#include "../base/prng.h"
#include "../base/test.h"

enum { MS = 1000000 };

static struct story *three_nodes(int64_t latency_ns)
{
    return story_new((struct world_config){.seed = 1, .node_count = 3, .latency_ns = latency_ns});
}

TEST(a_request_and_its_reply_make_this_story)
{
    struct story *s = three_nodes(10 * MS);

    world_client_new(s->world);
    story_send(s, "c0", "n0", "ask");
    story_finish(s);
    story_send(s, "n0", "n1", "forward");
    story_send(s, "n0", "n0", "note to self");
    story_finish(s);
    story_send(s, "n0", "c0", "answer");
    story_finish(s);
    CHECK_TEXT(story_text(s), "0 ns: c0 -> n0 ask\n"
                              "0 ns: c0 => n0 ask\n"
                              "0 ns: n0 -> n1 forward\n"
                              "0 ns: n0 -> n0 note to self\n"
                              "10 ms: n0 => n1 forward\n"
                              "10 ms: n0 => n0 note to self\n"
                              "10 ms: n0 -> c0 answer\n"
                              "10 ms: n0 => c0 answer\n");
    story_free(s);
}
