#include "telling.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/test.h"
#include "../check/history.h"
#include "pictures.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const names[] = {"n0", "n1", "n2"};

static void add_op(struct history *h, int64_t t, enum op_type type, const char *f,
                   const char *value)
{
    struct op op = {.time_ns = t, .process = 4, .node = 0, .type = type, .value = str_of(value)};
    struct err err;

    op.f = history_f(h, f);
    CHECK_INT(history_add(h, &op, &err), 0);
}

/* The sentences of a journal, one a line, with "!" before what was not calm. */
static char *told(const char *journal, struct history *h)
{
    static struct buf text;
    char path[] = "/tmp/eddy-telling-XXXXXX";
    struct run_view view = {
        .title = "t", .node_count = 3, .node_names = names, .history = h, .end_ns = 1000};
    struct telling_config config = {.view = &view, .latency_ns = 10};
    struct err err = {.text = ""};
    const json_t *step;
    json_t *list;
    size_t i;

    close(mkstemp(path));
    CHECK_INT(file_write(path, str_of(journal), &err), 0);
    view.journal_path = path;
    list = telling_json(&config, &err);
    unlink(path);
    if (list == NULL)
        fail_msg("%s", err.text);
    buf_reset(&text);
    buf_reserve(&text, 1);
    json_array_foreach(list, i, step)
        buf_addf(&text, "%lld %s%s\n", (long long)json_integer_value(json_object_get(step, "time")),
                 json_is_true(json_object_get(step, "calm")) ? "" : "!",
                 json_string_value(json_object_get(step, "text")));
    json_decref(list);
    return text.data;
}

#define SEND(t, id, src, dest, body)                                                               \
    "{\"t\":" #t ",\"e\":\"send\",\"id\":" #id ",\"src\":\"" src "\",\"dest\":\"" dest             \
    "\",\"body\":" body "}\n"
#define RECV(t, id) "{\"t\":" #t ",\"e\":\"recv\",\"id\":" #id "}\n"
#define DROP(t, id, why) "{\"t\":" #t ",\"e\":\"drop\",\"id\":" #id ",\"why\":\"" why "\"}\n"
#define VOTE(n) "{\"type\":\"vote\",\"term\":" #n ",\"msg_id\":" #n "}"

TEST(an_operation_and_what_it_led_to_make_this_story)
{
    struct history *h = history_new();

    add_op(h, 5, OP_INVOKE, "write", "[0,3]");
    add_op(h, 30, OP_OK, "write", "[0,3]");
    add_op(h, 31, OP_INVOKE, "read", "[0,null]");
    add_op(h, 32, OP_OK, "read", "[0,1]");
    CHECK_TEXT(told(SEND(5, 1, "c7", "n0", "{\"type\":\"write\"}") RECV(5, 1)
                        SEND(6, 2, "n0", "n1", "{\"type\":\"copy\",\"value\":3,\"msg_id\":1}")
                            SEND(6, 3, "n0", "n2", "{\"type\":\"copy\",\"value\":3,\"msg_id\":2}")
                                RECV(16, 2) DROP(16, 3, "loss") "{\"t\":17,\"e\":\"log\",\"node\":"
                                                                "\"n1\",\"text\":\"got it\"}\n",
                    h),
               "5 c7 asks n0 to write 3 to key 0\n"
               "6 !n0 sends copy to n1 and n2 (value 3); the one to n2 is lost (loss)\n"
               "17 n1 logs: got it\n"
               "30 c7 is told that this is done: write 3 to key 0\n"
               "31 process 4 asks n0 to read key 0\n"
               "32 process 4 reads 1 from key 0\n");
    history_free(h);
}

TEST(what_repeats_is_left_out_unless_something_befalls_it)
{
    struct history *h = history_new();

    CHECK_TEXT(told(SEND(1, 1, "n0", "n1", VOTE(1)) RECV(11, 1)
                        SEND(20, 2, "n0", "n1", "{\"type\":\"vote\",\"term\":1,\"msg_id\":9}")
                            RECV(30, 2) SEND(40, 3, "n0", "n1", VOTE(1)) RECV(99, 3)
                                SEND(120, 4, "n0", "n1", VOTE(1)) DROP(130, 4, "loss")
                                    SEND(140, 5, "n0", "n1", VOTE(2)) RECV(150, 5),
                    h),
               "1 n0 sends vote to n1 (term 1)\n"
               "40 !n0 sends vote to n1 (term 1); it takes 59 ns\n"
               "120 !n0 sends vote to n1 (term 1); it is lost (loss)\n"
               "140 n0 sends vote to n1 (term 2)\n");
    history_free(h);
}

TEST(faults_and_ends_are_told)
{
    struct history *h = history_new();

    add_op(h, 7, OP_INVOKE, "read", "null");
    add_op(h, 20, OP_INFO, "read", "null");
    CHECK_TEXT(
        told("{\"t\":5,\"e\":\"node\",\"node\":\"n1\",\"what\":\"kill\",\"text\":\"\"}\n"
             "{\"t\":5,\"e\":\"fault\",\"kind\":\"kill\",\"what\":\"start\",\"text\":\"n1\"}\n"
             "{\"t\":9,\"e\":\"fault\",\"kind\":\"kill\",\"what\":\"stop\",\"text\":\"n1\"}\n"
             "{\"t\":9,\"e\":\"node\",\"node\":\"n1\",\"what\":\"restart\",\"text\":\"\"}\n",
             h),
        "5 !n1 is killed\n"
        "5 !a fault begins: kill (n1)\n"
        "7 process 4 asks n0 to read\n"
        "9 !the fault is over: kill (n1)\n"
        "9 !n1 starts again\n"
        "20 process 4 gets no definite answer to its wish to read\n");
    history_free(h);
}

TEST(a_long_story_keeps_the_deeds)
{
    struct history *h = history_new();
    struct buf journal = {0};
    const char *text;
    uint32_t lines = 0;
    int i;

    add_op(h, 100000, OP_INVOKE, "read", "null");
    for (i = 0; i < 3 * TELLING_STEPS_MAX; i++)
        buf_addf(&journal,
                 "{\"t\":%d,\"e\":\"send\",\"id\":%d,\"src\":\"n0\",\"dest\":\"n1\",\"body\":{"
                 "\"type\":\"%s\",\"term\":%d}}\n{\"t\":%d,\"e\":\"recv\",\"id\":%d}\n",
                 20 * i, i, i % 2 == 0 ? "vote" : "vote_ok", i, 20 * i + 10, i);
    text = told(journal.data, h);
    CHECK(strstr(text, "process 4 asks n0 to read") != NULL);
    CHECK(strstr(text, "vote_ok") == NULL); /* answers go first */
    for (; *text != '\0'; text++)
        lines += *text == '\n';
    CHECK_INT(lines, TELLING_STEPS_MAX);
    buf_release(&journal);
    history_free(h);
}
