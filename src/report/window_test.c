#include "window.h"

#include "../base/test.h"
#include "example.h"

enum { MS = 1000000 };

/* What was invalid about the operations that begin at these events, joined with the journal. */
static json_t *joined(struct example *e, const char *evidence)
{
    json_t *details = json_loads(evidence, 0, NULL);
    struct err err = {.text = ""};

    CHECK(details != NULL);
    example_write_journal(e);
    CHECK_INT(window_add(details, &e->view, &err), 0);
    return details;
}

#define STALE_READ                                                                                 \
    "{\"valid?\":false,\"explanation\":{\"operations\":[{\"index\":0},{\"index\":2}]}}"

/* A write at n0, 10 to 20 ms, whose copy to n1 is lost; a stale read from n0 at 30 to 32 ms. */
static void tell_stale_read(struct example *e)
{
    example_init(e);
    example_op(e, 3, "write", "5", 10 * MS, 10 * MS, OP_OK);
    example_op(e, 4, "read", "null", 30 * MS, 2 * MS, OP_OK);
    example_line(e, "{\"t\":1000000,\"e\":\"fault\",\"kind\":\"loss\",\"what\":\"start\",\"text\":"
                    "\"early\"}");
    example_line(e, "{\"t\":2000000,\"e\":\"fault\",\"kind\":\"loss\",\"what\":\"stop\"}");
    example_line(e, "{\"t\":5000000,\"e\":\"fault\",\"kind\":\"partition\",\"what\":\"start\","
                    "\"text\":\"n0 | n1\"}");
    example_send(e, 9 * MS, 1, "n2", "n1", "{\"type\":\"before\"}");
    example_recv(e, 9 * MS, 1);
    example_send(e, 10 * MS, 2, "c7", "n0", "{\"type\":\"write\",\"value\":5}");
    example_recv(e, 11 * MS, 2);
    example_send(e, 12 * MS, 3, "n0", "n1", "{\"type\":\"copy\"}");
    example_drop(e, 12 * MS, 3, "partition");
    example_send(e, 20 * MS, 4, "n0", "c7", "{\"type\":\"write_ok\"}");
    example_recv(e, 20 * MS, 4);
    example_send(e, 25 * MS, 5, "c9", "n0", "{\"type\":\"read\"}");
    example_send(e, 30 * MS, 6, "c8", "n0", "{\"type\":\"read\"}");
    example_recv(e, 30 * MS, 6);
    example_send(e, 32 * MS, 7, "n0", "c8", "{\"type\":\"read_ok\",\"value\":null}");
    example_recv(e, 32 * MS, 7);
    example_line(e, "{\"t\":40000000,\"e\":\"fault\",\"kind\":\"kill\",\"what\":\"start\"}");
    example_send(e, 41 * MS, 8, "n0", "n1", "{\"type\":\"after\"}");
}

static int64_t number(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

TEST(messages_and_faults_of_the_operations_are_joined)
{
    struct example e;
    json_t *details, *window, *messages, *faults;

    tell_stale_read(&e);
    details = joined(&e, STALE_READ);
    window = json_object_get(details, "window");
    messages = json_object_get(window, "messages");
    faults = json_object_get(window, "faults");
    CHECK_INT(number(window, "from"), 10 * MS);
    CHECK_INT(number(window, "to"), 32 * MS);
    CHECK_INT(number(window, "message-count"), 6);
    CHECK_INT(json_array_size(messages), 6);
    CHECK_INT(number(json_array_get(messages, 0), "process"), 3);
    CHECK_INT(number(json_array_get(messages, 0), "received"), 11 * MS);
    CHECK_TEXT(json_string_value(json_object_get(json_array_get(messages, 1), "lost")),
               "partition");
    CHECK_INT(number(json_array_get(messages, 2), "process"), 3);
    CHECK(json_object_get(json_array_get(messages, 3), "process") == NULL); /* somebody else's */
    CHECK_INT(number(json_array_get(messages, 5), "process"), 4);
    CHECK_INT(json_array_size(faults), 1);
    CHECK_TEXT(json_string_value(json_object_get(json_array_get(faults, 0), "sentence")),
               "partition from 5 ms to the end: n0 | n1");
    json_decref(details);
    example_release(&e);
}

TEST(a_person_reads_faults_and_messages)
{
    struct example e;
    struct buf text = {0};
    json_t *details;

    tell_stale_read(&e);
    details = joined(&e, STALE_READ);
    window_text(details, &text);
    CHECK_HAS(text.data, "meanwhile, from 10 ms to 32 ms (6 messages in all)\n"
                         "    partition from 5 ms to the end: n0 | n1\n"
                         "    10 ms: c7 to n0 {\"type\":\"write\",\"value\":5}, arrived at 11 ms\n"
                         "    12 ms: n0 to n1 {\"type\":\"copy\"}, lost: partition\n");
    CHECK_HAS(text.data, "    25 ms: c9 to n0 {\"type\":\"read\"}, never arrived\n");
    buf_release(&text);
    json_decref(details);
    example_release(&e);
}

TEST(what_is_valid_or_names_no_operation_has_no_window)
{
    static const char *const quiet[] = {
        "{\"valid?\":true,\"explanation\":{\"operations\":[{\"index\":0}]}}",
        "{\"valid?\":false,\"errors\":[{\"index\":0}]}",
        "{\"valid?\":false,\"explanation\":{\"operations\":[{\"index\":77},{\"index\":-1}]}}",
    };

    for (size_t i = 0; i < sizeof(quiet) / sizeof(quiet[0]); i++) {
        struct example e;
        json_t *details;
        tell_stale_read(&e);
        details = joined(&e, quiet[i]);
        CHECK(json_object_get(details, "window") == NULL);
        json_decref(details);
        example_release(&e);
    }
}

TEST(several_checkers_have_their_own_windows)
{
    struct example e;
    json_t *details;

    tell_stale_read(&e);
    details = joined(&e, "{\"valid?\":false,\"a\":" STALE_READ
                         ",\"b\":{\"valid?\":false,\"anomalies\":{\"G1a\":[{\"op\":{\"index\":3}}],"
                         "\"G2\":[{\"op\":{\"index\":0}}]}}}");
    CHECK_INT(number(json_object_get(json_object_get(details, "a"), "window"), "from"), 10 * MS);
    CHECK_INT(number(json_object_get(json_object_get(details, "b"), "window"), "from"), 30 * MS);
    CHECK(json_object_get(details, "window") == NULL);
    json_decref(details);
    example_release(&e);
}

/* Those of the operations stay, however many others there are, and lost ones before the rest. */
TEST(a_window_is_bounded_and_keeps_what_matters)
{
    struct example e;
    struct buf text = {0};
    json_t *details, *messages;

    example_init(&e);
    example_op(&e, 0, "read", "1", 10 * MS, 90 * MS, OP_OK);
    for (int i = 0; i < 40; i++)
        example_line(&e, "{\"t\":5,\"e\":\"fault\",\"kind\":\"slow\",\"what\":\"start\"}");
    example_send(&e, 10 * MS, 0, "c0", "n0", "{\"type\":\"read\"}");
    for (uint64_t i = 1; i <= 300; i++) {
        example_send(&e, 11 * MS + (int64_t)i, i, "n1", "n2", "{\"type\":\"gossip\\u001b[31m\"}");
        if (i % 100 == 7)
            example_drop(&e, 12 * MS, i, "loss");
        else
            example_recv(&e, 12 * MS, i);
    }
    details = joined(&e, "{\"valid?\":false,\"explanation\":{\"operations\":[{\"index\":1}]}}");
    messages = json_object_get(json_object_get(details, "window"), "messages");
    CHECK_INT(json_array_size(messages), WINDOW_MESSAGES_MAX);
    CHECK_INT(number(json_object_get(details, "window"), "message-count"), 301);
    CHECK_INT(number(json_array_get(messages, 0), "id"), 0);
    CHECK_INT(number(json_array_get(messages, 1), "id"), 7);
    CHECK_INT(number(json_array_get(messages, 3), "id"), 207);
    CHECK_INT(number(json_array_get(messages, WINDOW_MESSAGES_MAX - 1), "id"), 300);
    CHECK_INT(json_array_size(json_object_get(json_object_get(details, "window"), "faults")),
              WINDOW_FAULTS_MAX);
    window_text(details, &text);
    CHECK_HAS(text.data, "c0 to n0");
    CHECK_INT(count_of(text.data, "\n"), 1 + 3 + 1 + 4);
    CHECK(strchr(text.data, '\x1b') == NULL);
    buf_release(&text);
    json_decref(details);
    example_release(&e);
}
