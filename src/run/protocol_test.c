/* Each way to get a message wrong has its sentence; what is odd but right passes. */
#include "protocol.h"

#include "../base/mem.h"
#include "../base/test.h"

#include <stdio.h>

static void ignore(void *owner, const struct message *m)
{
    (void)owner;
    (void)m;
}

static void ignore_drop(void *owner, const struct message *m, enum drop_reason reason)
{
    (void)owner;
    (void)m;
    (void)reason;
}

static void ignore_delivery(void *owner, struct message *m)
{
    (void)owner;
    (void)m;
}

/* Nodes n0 to n2, one client c0. */
static struct world *small_world(void)
{
    static const char *const names[] = {"n0", "n1", "n2"};
    struct world_config config = {
        .seed = 1,
        .node_count = 3,
        .node_names = names,
        .sink = {NULL, ignore, ignore_drop, ignore_delivery, ignore_delivery, ignore, NULL},
    };
    struct world *w = world_new(&config);

    world_client_new(w);
    return w;
}

/* What is said about a line of n1; "" if nothing, then the message is in *ret. */
static const char *read_line(struct str line, struct protocol_message *ret, char *ret_dest)
{
    static char said[4096];
    struct world *w = small_world();
    struct protocol_message m = {.dest = ENDPOINT_NONE};
    struct protocol_clients clients = {0};
    struct buf sentence = {0};

    said[0] = '\0';
    if (!protocol_read(w, 1, &clients, line, &m, &sentence))
        snprintf(said, sizeof(said), "%s", sentence.data);
    else if (ret_dest != NULL)
        snprintf(ret_dest, 32, "%.*s", STR_ARG(world_name(w, m.dest)));
    if (ret != NULL)
        *ret = m;
    buf_release(&sentence);
    protocol_clients_release(&clients);
    world_free(w);
    return said;
}

static const char *fault_of(const char *line)
{
    return read_line(str_of(line), NULL, NULL);
}

TEST(a_right_message_gives_its_parts)
{
    struct protocol_message m;
    char dest[32];

    CHECK_TEXT(read_line(STR_LIT("{\"src\":\"n1\",\"dest\":\"n2\",\"body\":{\"a\": 1}}"), &m, dest),
               "");
    CHECK_TEXT(dest, "n2");
    CHECK(str_is(m.body, "{\"a\": 1}"));
}

TEST(what_the_protocol_leaves_open_is_taken)
{
    char dest[32];

    CHECK_TEXT(fault_of("{\"id\":\"x\",\"more\":[1],\"body\":{},\"dest\":\"n1\",\"src\":\"n1\"}"),
               "");
    CHECK_TEXT(fault_of(" { \"src\" : \"n1\" , \"dest\" : \"c0\" , \"body\" : { } } \r"), "");
    CHECK_TEXT(fault_of("{\"src\":\"n1\",\"dest\":\"c0\",\"body\":{\"in_reply_to\":null}}"), "");
    CHECK_TEXT(fault_of("{\"src\":\"n1\",\"dest\":\"n0\",\"body\":{\"in_reply_to\":\"x\"}}"), "");
    CHECK_TEXT(fault_of("{\"src\":\"n1\",\"dest\":\"lin-kv\",\"body\":{\"type\":3}}"), "");
    CHECK_TEXT(
        read_line(STR_LIT("{\"src\":\"\\u006e1\",\"dest\":\"n\\u0032\",\"body\":{}}"), NULL, dest),
        "");
    CHECK_TEXT(dest, "n2");
}

TEST(a_line_that_is_no_object_is_shown_with_what_is_wanted)
{
    CHECK_HAS(fault_of("hello"), "n1 printed a line that is not a message: ");
    CHECK_HAS(fault_of("hello"), "The line: \"hello\". The protocol wants one JSON object a line");
    CHECK_HAS(fault_of(""), "the line is empty");
    CHECK_HAS(fault_of("   "), "n1 printed a line that is not a message");
    CHECK_HAS(fault_of("[1]"), "found an array");
    CHECK_HAS(fault_of("3"), "n1 printed a line that is not a message");
    CHECK_HAS(fault_of("{\"src\":\"n1\"} {}"), "n1 printed a line that is not a message");
    CHECK_HAS(fault_of("{\"src\":\"n1\",\"dest\":\"n2\",\"body\":{\"a\":\"\xff\"}}"),
              "not valid UTF-8");
}

TEST(nesting_has_a_limit_and_its_sentence)
{
    struct buf line = {0};
    int i;

    buf_add_text(&line, "{\"src\":\"n1\",\"dest\":\"n2\",\"body\":{\"a\":");
    for (i = 0; i < 62; i++)
        buf_add_char(&line, '[');
    for (i = 0; i < 62; i++)
        buf_add_char(&line, ']');
    buf_add_text(&line, "}}");
    CHECK_TEXT(read_line(buf_str(&line), NULL, NULL), "");
    buf_reset(&line);
    buf_add_text(&line, "{\"src\":\"n1\",\"dest\":\"n2\",\"body\":{\"a\":");
    for (i = 0; i < 63; i++)
        buf_add_char(&line, '[');
    for (i = 0; i < 63; i++)
        buf_add_char(&line, ']');
    buf_add_text(&line, "}}");
    CHECK_HAS(read_line(buf_str(&line), NULL, NULL), "nested deeper than 64");
    buf_release(&line);
}

TEST(the_sender_is_the_node_itself)
{
    CHECK_HAS(fault_of("{\"dest\":\"n2\",\"body\":{}}"),
              "n1 sent a message without \"src\"; the protocol wants its own name, \"n1\"");
    CHECK_HAS(fault_of("{\"src\":\"n2\",\"dest\":\"n2\",\"body\":{}}"),
              "n1 sent a message whose \"src\" is \"n2\"; the protocol wants its own name, \"n1\"");
    CHECK_HAS(fault_of("{\"src\":1,\"dest\":\"n2\",\"body\":{}}"), "whose \"src\" is 1;");
    CHECK_HAS(fault_of("{\"src\":\"n1 \",\"dest\":\"n2\",\"body\":{}}"), "its own name, \"n1\"");
}

TEST(the_receiver_exists)
{
    CHECK_HAS(fault_of("{\"src\":\"n1\",\"body\":{}}"), "n1 sent a message without \"dest\"");
    CHECK_HAS(fault_of("{\"src\":\"n1\",\"dest\":2,\"body\":{}}"),
              "whose \"dest\" is not a string");
    CHECK_HAS(
        fault_of("{\"src\":\"n1\",\"dest\":\"n3\",\"body\":{}}"),
        "n1 sent a message to \"n3\", which does not exist; the nodes are n0 to n2, the services");
    CHECK_HAS(fault_of("{\"src\":\"n1\",\"dest\":\"c1\",\"body\":{}}"),
              "to \"c1\", which does not exist");
    CHECK_HAS(fault_of("{\"src\":\"n1\",\"dest\":\"\",\"body\":{}}"),
              "to \"\", which does not exist");
}

TEST(the_body_is_an_object)
{
    CHECK_HAS(fault_of("{\"src\":\"n1\",\"dest\":\"n2\"}"),
              "n1 sent a message without \"body\"; the protocol wants a JSON object there");
    CHECK_HAS(
        fault_of("{\"src\":\"n1\",\"dest\":\"n2\",\"body\":[]}"),
        "n1 sent a message whose \"body\" is not an object; the protocol wants a JSON object");
}

TEST(answers_to_clients_carry_an_integer)
{
    static const char *const wrong[] = {"\"1\"", "1.0", "1e2", "[]", "true"};
    size_t i;

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        char line[256];
        snprintf(line, sizeof(line),
                 "{\"src\":\"n1\",\"dest\":\"c0\",\"body\":{\"in_reply_to\":%s}}", wrong[i]);
        CHECK_HAS(fault_of(line),
                  "n1 answered a client with an \"in_reply_to\" that is not an integer");
    }
}

TEST(long_and_hostile_lines_are_shown_in_part_and_without_control_characters)
{
    char line[2000];
    const char *said;

    memset(line, 'x', sizeof(line) - 1);
    line[sizeof(line) - 1] = '\0';
    said = fault_of(line);
    CHECK(strlen(said) < 1000);
    CHECK_HAS(said, "... (1999 bytes)");
    said = fault_of("\x1b[2J\a");
    CHECK(strchr(said, '\x1b') == NULL && strchr(said, '\a') == NULL);
}

TEST(an_excerpt_ends_between_characters)
{
    struct buf out = {0};
    char text[200];
    size_t i;

    for (i = 0; i + 2 < sizeof(text); i += 3)
        memcpy(text + i, "\xe2\x82\xac", 3); /* 160 is no multiple of 3 */
    protocol_add_excerpt(&out, (struct str){text, i});
    CHECK(strstr(out.data, "\\u") == NULL && strstr(out.data, "\xef\xbf\xbd") == NULL);
    CHECK_HAS(out.data, "\xe2\x82\xac\"... (");
    buf_release(&out);
}

TEST(a_message_to_a_client_that_has_gone_has_its_note)
{
    struct world *w = small_world();
    struct buf said = {0};
    struct message *m = mem_zalloc(sizeof(*m) + 64);

    m->src = 1;
    m->dest = world_find(w, STR_LIT("c0"));
    m->body_len = (uint32_t)snprintf(m->body, 64, "{\"type\":\"x_ok\",\"in_reply_to\":17}");
    protocol_unheard(w, m, &said);
    CHECK_HAS(said.data, "n1 answered request 17 of c0 at ");
    m->body_len = (uint32_t)snprintf(m->body, 64, "{\"type\":\"x\"}");
    protocol_unheard(w, m, &said);
    CHECK_HAS(said.data, "n1 sent c0 a message at ");
    buf_release(&said);
    mem_free(m);
    world_free(w);
}

/* Goal: a node may pass a client's request on under the client's name, but only a request that it
 * has got itself. */
TEST(a_request_is_passed_on_in_the_name_of_a_client_that_asked)
{
    struct world *w = small_world();
    endpoint_t c0 = world_find(w, STR_LIT("c0"));
    struct str line = STR_LIT("{\"src\":\"c0\",\"dest\":\"n2\",\"body\":{\"msg_id\":1}}");
    struct protocol_clients clients = {0};
    struct protocol_message m;
    struct buf said = {0};

    CHECK(!protocol_read(w, 1, &clients, line, &m, &said));
    CHECK_HAS(said.data, "whose \"src\" is \"c0\"");
    protocol_clients_add(&clients, c0);
    CHECK(protocol_clients_has(&clients, c0) && !protocol_clients_has(&clients, c0 + 1));
    CHECK(!protocol_clients_has(&clients, c0 + 6400));
    CHECK(protocol_read(w, 1, &clients, line, &m, &said));
    CHECK(m.src == c0 && m.dest == 2);
    buf_release(&said);
    protocol_clients_release(&clients);
    world_free(w);
}
