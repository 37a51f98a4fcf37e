/* Requests in, replies out; what the stores may answer is tested in service_kv_test.c. */
#include "service.h"

#include "../base/mem.h"
#include "../base/prng.h"
#include "../base/test.h"

#include "service_kv.h"

/* A service and the talk with it, one line a request and one a reply. */
struct talk {
    struct prng prng;
    struct service *service;
    struct buf text;
};

static struct talk *talk_new_seed(enum service_kind kind, uint64_t seed)
{
    struct talk *t = mem_zalloc(sizeof(*t));

    prng_init(&t->prng, seed, "test");
    t->service = service_new(kind, &t->prng);
    return t;
}

static struct talk *talk_new(enum service_kind kind)
{
    return talk_new_seed(kind, 1);
}

static void talk_free(struct talk *t)
{
    service_free(t->service);
    buf_release(&t->text);
    mem_free(t);
}

static void ask(struct talk *t, const char *request)
{
    buf_addf(&t->text, "> %s\n< ", request);
    if (!service_answer(t->service, 0, str_of(request), &t->text))
        buf_add_text(&t->text, "(no answer)");
    buf_add_char(&t->text, '\n');
}

static const char *heard(struct talk *t)
{
    t->text.len = 0;
    return t->text.data;
}

TEST(lin_kv_talks_like_this)
{
    struct talk *t = talk_new(SERVICE_LIN_KV);

    ask(t, "{\"type\":\"read\",\"key\":\"x\",\"msg_id\":1}");
    ask(t, "{\"type\":\"cas\",\"key\":\"x\",\"from\":0,\"to\":1,\"msg_id\":2}");
    ask(t, "{\"type\":\"cas\",\"key\":\"x\",\"from\":0,\"to\":1,\"create_if_not_exists\":true,"
           "\"msg_id\":3}");
    ask(t, "{\"type\":\"read\",\"key\":\"x\",\"msg_id\":4}");
    ask(t, "{\"type\":\"write\",\"key\":\"x\",\"value\":{\"a\": [1, \"z\"]},\"msg_id\":5}");
    ask(t, "{\"type\":\"cas\",\"key\":\"x\",\"from\":9,\"to\":2,\"msg_id\":6}");
    ask(t,
        "{\"type\":\"cas\",\"key\":\"x\",\"from\":{\"a\":[1,\"\\u007a\"]},\"to\":2,\"msg_id\":7}");
    ask(t, "{\"type\":\"read\",\"key\":\"x\",\"msg_id\":8}");
    CHECK_TEXT(
        heard(t),
        "> {\"type\":\"read\",\"key\":\"x\",\"msg_id\":1}\n"
        "< {\"type\":\"error\",\"code\":20,\"text\":\"key does not exist\",\"in_reply_to\":1}\n"
        "> {\"type\":\"cas\",\"key\":\"x\",\"from\":0,\"to\":1,\"msg_id\":2}\n"
        "< {\"type\":\"error\",\"code\":20,\"text\":\"key does not exist\",\"in_reply_to\":2}\n"
        "> {\"type\":\"cas\",\"key\":\"x\",\"from\":0,\"to\":1,\"create_if_not_exists\":true,"
        "\"msg_id\":3}\n"
        "< {\"type\":\"cas_ok\",\"in_reply_to\":3}\n"
        "> {\"type\":\"read\",\"key\":\"x\",\"msg_id\":4}\n"
        "< {\"type\":\"read_ok\",\"value\":1,\"in_reply_to\":4}\n"
        "> {\"type\":\"write\",\"key\":\"x\",\"value\":{\"a\": [1, \"z\"]},\"msg_id\":5}\n"
        "< {\"type\":\"write_ok\",\"in_reply_to\":5}\n"
        "> {\"type\":\"cas\",\"key\":\"x\",\"from\":9,\"to\":2,\"msg_id\":6}\n"
        "< {\"type\":\"error\",\"code\":22,\"text\":\"current value {\\\"a\\\": [1, \\\"z\\\"]} is "
        "not 9\",\"in_reply_to\":6}\n"
        "> "
        "{\"type\":\"cas\",\"key\":\"x\",\"from\":{\"a\":[1,\"\\u007a\"]},\"to\":2,\"msg_id\":7}\n"
        "< {\"type\":\"cas_ok\",\"in_reply_to\":7}\n"
        "> {\"type\":\"read\",\"key\":\"x\",\"msg_id\":8}\n"
        "< {\"type\":\"read_ok\",\"value\":2,\"in_reply_to\":8}\n");
    talk_free(t);
}

/* One client alone sees its own writes: what it wrote last is the newest state. */
TEST(seq_kv_talks_like_this)
{
    struct talk *t = talk_new(SERVICE_SEQ_KV);

    ask(t, "{\"type\":\"write\",\"key\":[1],\"value\":null,\"msg_id\":1}");
    ask(t, "{\"type\":\"read\",\"key\":[ 1 ],\"msg_id\":2}");
    ask(t, "{\"type\":\"cas\",\"key\":[1],\"from\":null,\"to\":\"y\",\"msg_id\":3}");
    ask(t, "{\"type\":\"cas\",\"key\":[1],\"from\":null,\"to\":\"y\",\"msg_id\":4}");
    ask(t, "{\"type\":\"cas\",\"key\":7,\"from\":0,\"to\":1,\"create_if_not_exists\":true}");
    CHECK_TEXT(heard(t),
               "> {\"type\":\"write\",\"key\":[1],\"value\":null,\"msg_id\":1}\n"
               "< {\"type\":\"write_ok\",\"in_reply_to\":1}\n"
               "> {\"type\":\"read\",\"key\":[ 1 ],\"msg_id\":2}\n"
               "< {\"type\":\"read_ok\",\"value\":null,\"in_reply_to\":2}\n"
               "> {\"type\":\"cas\",\"key\":[1],\"from\":null,\"to\":\"y\",\"msg_id\":3}\n"
               "< {\"type\":\"cas_ok\",\"in_reply_to\":3}\n"
               "> {\"type\":\"cas\",\"key\":[1],\"from\":null,\"to\":\"y\",\"msg_id\":4}\n"
               "< {\"type\":\"error\",\"code\":22,\"text\":\"current value \\\"y\\\" is "
               "not null\",\"in_reply_to\":4}\n"
               "> {\"type\":\"cas\",\"key\":7,\"from\":0,\"to\":1,"
               "\"create_if_not_exists\":true}\n"
               "< {\"type\":\"cas_ok\"}\n");
    talk_free(t);
}

/* Two replicas: a read may come to the one that has not heard of the write, and of two writes made
 * at different replicas the second may be the one that is lost, acknowledged or not. */
TEST(lww_kv_talks_like_this)
{
    struct talk *t = talk_new_seed(SERVICE_LWW_KV, 100);

    ask(t, "{\"type\":\"cas\",\"key\":\"x\",\"from\":0,\"to\":1,\"create_if_not_exists\":true}");
    ask(t, "{\"type\":\"write\",\"key\":\"x\",\"value\":1}");
    ask(t, "{\"type\":\"read\",\"key\":\"x\"}");
    ask(t, "{\"type\":\"read\",\"key\":\"x\"}");
    ask(t, "{\"type\":\"write\",\"key\":\"x\",\"value\":2}");
    ask(t, "{\"type\":\"write\",\"key\":\"x\",\"value\":3}");
    ask(t, "{\"type\":\"read\",\"key\":\"x\"}");
    ask(t, "{\"type\":\"read\",\"key\":\"x\"}");
    CHECK_TEXT(heard(t), "> {\"type\":\"cas\",\"key\":\"x\",\"from\":0,\"to\":1,"
                         "\"create_if_not_exists\":true}\n"
                         "< {\"type\":\"error\",\"code\":20,\"text\":\"key does not exist\"}\n"
                         "> {\"type\":\"write\",\"key\":\"x\",\"value\":1}\n"
                         "< {\"type\":\"write_ok\"}\n"
                         "> {\"type\":\"read\",\"key\":\"x\"}\n"
                         "< {\"type\":\"error\",\"code\":20,\"text\":\"key does not exist\"}\n"
                         "> {\"type\":\"read\",\"key\":\"x\"}\n"
                         "< {\"type\":\"read_ok\",\"value\":1}\n"
                         "> {\"type\":\"write\",\"key\":\"x\",\"value\":2}\n"
                         "< {\"type\":\"write_ok\"}\n"
                         "> {\"type\":\"write\",\"key\":\"x\",\"value\":3}\n"
                         "< {\"type\":\"write_ok\"}\n"
                         "> {\"type\":\"read\",\"key\":\"x\"}\n"
                         "< {\"type\":\"read_ok\",\"value\":3}\n"
                         "> {\"type\":\"read\",\"key\":\"x\"}\n"
                         "< {\"type\":\"read_ok\",\"value\":2}\n");
    talk_free(t);
}

TEST(lin_tso_counts)
{
    struct talk *t = talk_new(SERVICE_LIN_TSO);

    ask(t, "{\"type\":\"ts\",\"msg_id\":1}");
    ask(t, "{\"msg_id\":2,\"type\":\"ts\"}");
    ask(t, "{\"type\":\"ts\"}");
    CHECK_TEXT(heard(t), "> {\"type\":\"ts\",\"msg_id\":1}\n"
                         "< {\"type\":\"ts_ok\",\"ts\":0,\"in_reply_to\":1}\n"
                         "> {\"msg_id\":2,\"type\":\"ts\"}\n"
                         "< {\"type\":\"ts_ok\",\"ts\":1,\"in_reply_to\":2}\n"
                         "> {\"type\":\"ts\"}\n"
                         "< {\"type\":\"ts_ok\",\"ts\":2}\n");
    talk_free(t);
}

/* --- odd requests ------------------------------------------------------------------------ */

static void check_error(enum service_kind kind, const char *request, const char *code_and_text)
{
    struct talk *t = talk_new(kind);

    ask(t, request);
    CHECK_HAS(heard(t), code_and_text);
    talk_free(t);
}

TEST(a_missing_key_is_named)
{
    check_error(SERVICE_LIN_KV, "{\"type\":\"read\",\"msg_id\":3}",
                "\"code\":12,\"text\":\"a read request to lin-kv needs the field \\\"key\\\"\","
                "\"in_reply_to\":3}");
    check_error(SERVICE_SEQ_KV, "{\"type\":\"cas\",\"from\":1,\"to\":2}",
                "\"code\":12,\"text\":\"a cas request to seq-kv needs the field \\\"key\\\"\"}");
}

/* A cas that is to create has no need of "from", and serialisers leave out what is null or empty.
 */
TEST(any_other_missing_field_counts_as_null)
{
    struct talk *t = talk_new(SERVICE_LIN_KV);

    ask(t, "{\"type\":\"cas\",\"key\":1,\"from\":5}");
    CHECK_HAS(heard(t), "\"code\":20");
    ask(t, "{\"type\":\"cas\",\"key\":1,\"to\":[],\"create_if_not_exists\":null}");
    CHECK_HAS(heard(t), "\"code\":20");
    ask(t, "{\"type\":\"cas\",\"key\":1,\"to\":[],\"create_if_not_exists\":true}");
    CHECK_HAS(heard(t), "< {\"type\":\"cas_ok\"}\n");
    ask(t, "{\"type\":\"cas\",\"key\":1,\"to\":2,\"create_if_not_exists\":true}");
    CHECK_HAS(heard(t), "\"code\":22,\"text\":\"current value [] is not null\"");
    ask(t, "{\"type\":\"write\",\"key\":1}");
    CHECK_HAS(heard(t), "< {\"type\":\"write_ok\"}\n");
    ask(t, "{\"type\":\"read\",\"key\":1}");
    CHECK_HAS(heard(t), "< {\"type\":\"read_ok\",\"value\":null}\n");
    ask(t, "{\"type\":\"cas\",\"key\":1,\"to\":2}");
    CHECK_HAS(heard(t), "< {\"type\":\"cas_ok\"}\n");
    ask(t, "{\"type\":\"cas\",\"key\":1,\"from\":2}");
    CHECK_HAS(heard(t), "< {\"type\":\"cas_ok\"}\n");
    ask(t, "{\"type\":\"read\",\"key\":1}");
    CHECK_HAS(heard(t), "< {\"type\":\"read_ok\",\"value\":null}\n");
    talk_free(t);
}

TEST(an_unknown_type_is_answered)
{
    check_error(
        SERVICE_LIN_KV, "{\"type\":\"delete\",\"key\":1,\"msg_id\":3}",
        "\"code\":10,\"text\":\"lin-kv answers \\\"read\\\", \\\"write\\\" and \\\"cas\\\", "
        "not \\\"delete\\\"\",\"in_reply_to\":3}");
    check_error(SERVICE_LIN_TSO, "{\"type\":\"read\"}",
                "\"code\":10,\"text\":\"lin-tso answers \\\"ts\\\", not \\\"read\\\"\"}");
    check_error(SERVICE_LIN_KV, "{\"type\":5}", "not a message without a type\"}");
    check_error(SERVICE_LIN_TSO, "{}", "not a message without a type\"}");
}

TEST(what_is_not_an_object_is_answered)
{
    check_error(SERVICE_LIN_KV, "[1]",
                "\"code\":12,\"text\":\"the body of a request to lin-kv must be a JSON object\"}");
    check_error(SERVICE_LIN_TSO, "{\"type\":\"ts\"", "\"code\":12");
    check_error(SERVICE_LIN_TSO, "", "\"code\":12");
}

TEST(replies_get_no_answer)
{
    check_error(SERVICE_LIN_KV, "{\"type\":\"error\",\"code\":10,\"in_reply_to\":3}",
                "(no answer)");
    check_error(SERVICE_LIN_TSO, "{\"type\":\"ts\",\"in_reply_to\":3}", "(no answer)");
}

TEST(a_request_that_replies_to_null_is_a_request)
{
    struct talk *t = talk_new(SERVICE_SEQ_KV);

    ask(t, "{\"type\":\"write\",\"key\":1,\"value\":2,\"msg_id\":1,\"in_reply_to\":null}");
    CHECK_HAS(heard(t), "< {\"type\":\"write_ok\",\"in_reply_to\":1}\n");
    talk_free(t);
}

TEST(long_values_are_cut_in_errors)
{
    struct talk *t = talk_new(SERVICE_LIN_KV);
    struct buf request = {0};
    int i;

    buf_add_text(&request, "{\"type\":\"write\",\"key\":1,\"value\":\"");
    for (i = 0; i < 1000; i++)
        buf_add_text(&request, "\xc3\xa4");
    buf_add_text(&request, "\"}");
    ask(t, request.data);
    t->text.len = 0;
    ask(t, "{\"type\":\"cas\",\"key\":1,\"from\":1,\"to\":2}");
    CHECK(t->text.len < 600);
    CHECK_HAS(t->text.data, "... is not 1");
    buf_release(&request);
    talk_free(t);
}

/* Numbers are told apart as Maelstrom does, key order and blanks are not. */
TEST(keys_and_values_are_compared_by_meaning)
{
    struct talk *t = talk_new(SERVICE_LIN_KV);

    ask(t, "{\"type\":\"write\",\"key\":{\"b\":1,\"a\":[true]},\"value\":1}");
    t->text.len = 0;
    ask(t, "{\"type\":\"read\",\"key\":{ \"a\":[true], \"b\":1 }}");
    CHECK_HAS(heard(t), "< {\"type\":\"read_ok\",\"value\":1}");
    ask(t, "{\"type\":\"cas\",\"key\":{ \"a\":[true], \"b\":1 },\"from\":1.0,\"to\":2}");
    CHECK_HAS(heard(t), "\"code\":22,\"text\":\"current value 1 is not 1.0\"");
    ask(t, "{\"type\":\"read\",\"key\":\"1\"}");
    CHECK_HAS(heard(t), "\"code\":20");
    talk_free(t);
}

TEST(a_full_store_refuses_what_would_grow_it)
{
    enum service_kind kinds[] = {SERVICE_LIN_KV, SERVICE_SEQ_KV, SERVICE_LWW_KV};
    size_t len = KV_BYTES_MAX / 2;
    struct buf request = {0};
    int i;

    buf_add_text(&request, "{\"type\":\"write\",\"key\":1,\"value\":\"");
    buf_reserve(&request, len);
    memset(request.data + request.len, 'x', len);
    request.len += len;
    buf_add_text(&request, "\"}");
    for (i = 0; i < 3; i++) {
        struct talk *t = talk_new(kinds[i]);

        CHECK(service_answer(t->service, 0, buf_str(&request), &t->text));
        CHECK_HAS(heard(t), "write_ok");
        CHECK(service_answer(t->service, 0, buf_str(&request), &t->text));
        CHECK_HAS(heard(t), "is full: it holds at most 262144 keys, and 64 MiB of keys and values");
        CHECK_HAS(t->text.data, "\"code\":14");
        ask(t, "{\"type\":\"write\",\"key\":1,\"value\":2}");
        CHECK_HAS(heard(t), "write_ok");
        talk_free(t);
    }
    buf_release(&request);
}
