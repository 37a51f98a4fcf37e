#include "history_story.h"

#include "../base/map.h"
#include "../base/mem.h"
#include "../base/prng.h"

TEST(a_completion_finds_its_invocation_and_takes_its_node)
{
    struct history *h = story("0@2 invoke add 5\n"
                              "1 invoke read\n"
                              "0 ok add 5\n"
                              "nemesis info start-partition \"one\"\n"
                              "1 fail read\n"
                              "0 invoke read\n");

    CHECK_INT(history_len(h), 6);
    CHECK_INT(history_at(h, 0)->pair, 2);
    CHECK_INT(history_at(h, 2)->pair, 0);
    CHECK_INT(history_at(h, 2)->node, 2);
    CHECK(history_at(h, 0)->value.data == history_at(h, 2)->value.data);
    CHECK_INT(history_at(h, 3)->pair, HISTORY_NO_PAIR);
    CHECK(history_completion(h, 1) == history_at(h, 4));
    CHECK(history_completion(h, 5) == NULL);
    CHECK_TEXT(history_node_name(h, 2), "n2");
    CHECK_TEXT(history_node_name(h, HISTORY_NO_NODE), "no node");
    CHECK(str_is(history_at(h, 1)->value, "null"));
    CHECK_INT(history_find_f(h, "write"), MAP_NONE);
    history_free(h);
}

static int add(struct history *h, int32_t process, enum op_type type, const char *f,
               struct err *err)
{
    struct op op = {
        .process = process, .node = HISTORY_NO_NODE, .f = history_f(h, f), .type = type};

    return history_add(h, &op, err);
}

TEST(what_a_process_may_not_do_is_refused_with_a_sentence)
{
    struct history *h = history_new();
    struct err err = {.text = ""};

    CHECK_INT(add(h, 0, OP_OK, "read", &err), ERR_INPUT);
    CHECK_HAS(err.text, "process 0 has an ok event without an open invocation");
    CHECK_INT(add(h, 0, OP_INVOKE, "read", &err), 0);
    CHECK_INT(add(h, 0, OP_INVOKE, "read", &err), ERR_INPUT);
    CHECK_HAS(err.text, "has no completion yet");
    CHECK_INT(add(h, 0, OP_OK, "write", &err), ERR_INPUT);
    CHECK_HAS(err.text, "completes the function write, but its open invocation, event 0, is of");
    CHECK_INT(add(h, 0, OP_INFO, "read", &err), 0);
    CHECK_INT(add(h, 0, OP_INVOKE, "read", &err), ERR_INPUT);
    CHECK_HAS(err.text, "after an info event");
    CHECK_INT(add(h, HISTORY_NEMESIS, OP_OK, "stop", &err), ERR_INPUT);
    CHECK_HAS(err.text, "nemesis");
    CHECK_INT(history_len(h), 2);
    history_free(h);
}

TEST(caps_are_reached_with_a_sentence)
{
    struct history *h = history_new();
    struct err err = {.text = ""};
    struct op far = {.process = 0, .node = HISTORY_NODE_MAX, .f = history_f(h, "x")};

    CHECK_INT(add(h, HISTORY_PROCESS_MAX, OP_INVOKE, "x", &err), ERR_FULL);
    CHECK_HAS(err.text, "is not between 0 and 1999999");
    CHECK_INT(add(h, HISTORY_PROCESS_MAX - 1, OP_INVOKE, "x", &err), 0);
    CHECK_INT(history_add(h, &far, &err), ERR_FULL);
    CHECK_HAS(err.text, "node number 65536");
    history_limit(h, 2);
    CHECK_INT(add(h, 1, OP_INVOKE, "x", &err), 0);
    CHECK_INT(add(h, 2, OP_INVOKE, "x", &err), ERR_FULL);
    CHECK_HAS(err.text, "holds 2 events");
    CHECK_INT(history_len(h), 2);
    history_free(h);
}

static int parse(struct history *h, struct map *nodes, const char *line, struct err *err)
{
    return history_parse_line(h, str_of(line), nodes, err);
}

TEST(a_line_is_read_in_any_order_and_written_in_ours)
{
    struct history *h = history_new();
    struct map *nodes = map_new();
    struct err err = {.text = ""};
    struct buf out = {0};

    CHECK_INT(parse(h, nodes,
                    "{ \"f\":\"txn\", \"type\":\"invoke\",\"node\":\"left\", \"process\":3,"
                    "\"value\":{\"b\": 1.0, \"a\":\"\\u0041\"},\"time\":12, \"odd\":[{}]}",
                    &err),
              0);
    CHECK_INT(parse(h, nodes,
                    "{\"time\":15,\"process\":3,\"type\":\"info\",\"f\":\"txn\",\"final\":true,"
                    "\"error\":[\"timeout\"]}",
                    &err),
              0);
    CHECK_INT(parse(h, nodes, "{\"time\":16,\"process\":\"nemesis\",\"type\":\"info\",\"f\":\"x\"}",
                    &err),
              0);
    history_line(h, 0, NULL, &out);
    CHECK_TEXT(out.data, "{\"index\":0,\"time\":12,\"process\":3,\"type\":\"invoke\",\"f\":\"txn\","
                         "\"value\":{\"a\":\"A\",\"b\":1.0},\"node\":\"left\"}");
    buf_reset(&out);
    history_line(h, 1, "right", &out);
    CHECK_TEXT(out.data,
               "{\"index\":1,\"time\":15,\"process\":3,\"type\":\"info\",\"f\":\"txn\","
               "\"value\":null,\"node\":\"right\",\"final\":true,\"error\":[\"timeout\"]}");
    buf_reset(&out);
    history_line(h, 2, NULL, &out);
    CHECK_TEXT(out.data, "{\"index\":2,\"time\":16,\"process\":\"nemesis\",\"type\":\"info\","
                         "\"f\":\"x\",\"value\":null}");
    buf_release(&out);
    map_free(nodes);
    history_free(h);
}

TEST(each_broken_line_has_its_sentence)
{
    static const struct {
        const char *line, *part;
    } broken[] = {
        {"", "column 1"},
        {"[]", "must be a JSON object"},
        {"{\"time\":1", "column"},
        {"{\"time\":1}x", "column 11"},
        {"{\"time\":-1}", "\"time\" must be an integer of nanoseconds, 0 or more, but it is -1"},
        {"{\"time\":1.5}", "\"time\" must be"},
        {"{\"process\":\"nemeses\"}", "\"process\" must be"},
        {"{\"process\":2000000}", "\"process\" must be"},
        {"{\"type\":\"maybe\"}", "\"type\" must be"},
        {"{\"f\":\"\"}", "\"f\" must be a name"},
        {"{\"f\":\"a\\u0000b\"}", "\"f\" must be a name"},
        {"{\"node\":1}", "\"node\" must be a name"},
        {"{\"final\":1}", "\"final\" must be true or false"},
        {"{}", "the event has no \"time\""},
        {"{\"time\":1,\"process\":1,\"type\":\"ok\"}", "the event has no \"f\""},
        {"{\"time\":1,\"process\":1,\"type\":\"ok\",\"f\":\"x\"}", "without an open invocation"},
    };
    struct map *nodes = map_new();
    struct history *h = history_new();
    size_t i;

    for (i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        struct err err = {.text = ""};
        CHECK_INT(parse(h, nodes, broken[i].line, &err), ERR_INPUT);
        CHECK_HAS(err.text, broken[i].part);
    }
    CHECK_INT(history_len(h), 0);
    history_free(h);
    map_free(nodes);
}

/* Goal: no line, however broken, crashes the reader or leaves it without a sentence; and what it
 * took comes back from the writer unchanged.
 * Method: random bytes changed, cut and repeated in a good line. */
TEST(broken_lines_never_crash)
{
    static const char good[] =
        "{\"index\":7,\"time\":1234,\"process\":3,\"type\":\"invoke\",\"f\":\"read\","
        "\"value\":[1,{\"a\":\"\\ud83d\\ude00\"},null],\"node\":\"n1\",\"final\":true,"
        "\"error\":[\"timeout\",\"x\"]}";
    static const char bytes[] = "{}[]\",:\\0123456789.eE+-ntfu\x80\xff ";
    struct prng chance;
    int taken = 0;
    int i;

    prng_init(&chance, 1, "lines");
    for (i = 0; i < 20000; i++) {
        struct history *h = history_new();
        struct map *nodes = map_new();
        struct err err = {.text = ""};
        char line[sizeof(good)];
        size_t len = sizeof(good) - 1;
        uint64_t changes = prng_below(&chance, 4);
        memcpy(line, good, sizeof(good));
        while (changes-- > 0)
            line[prng_below(&chance, len)] = bytes[prng_below(&chance, sizeof(bytes) - 1)];
        if (prng_chance(&chance, 0.1))
            len = prng_below(&chance, len);
        if (history_parse_line(h, (struct str){line, len}, nodes, &err) < 0) {
            CHECK(err.text[0] != '\0' && history_len(h) == 0);
        } else {
            struct history *again = history_new();
            struct map *again_nodes = map_new();
            struct buf first = {0}, second = {0};
            history_line(h, 0, NULL, &first);
            CHECK_INT(history_parse_line(again, buf_str(&first), again_nodes, &err), 0);
            history_line(again, 0, NULL, &second);
            CHECK_TEXT(second.data, first.data);
            buf_release(&first);
            buf_release(&second);
            map_free(again_nodes);
            history_free(again);
            taken++;
        }
        map_free(nodes);
        history_free(h);
    }
    CHECK(taken > 1000 && taken < 19000);
}
