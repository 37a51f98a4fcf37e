#include "evidence.h"

#include "../base/test.h"

#include <stdio.h>

/* The lines about details, given as JSON with ' for ". */
static const char *lines_of(const char *json, const char *said)
{
    static struct buf out;
    struct buf text = {0};
    json_t *details;
    size_t i;

    buf_add_text(&text, json);
    for (i = 0; i < text.len; i++)
        if (text.data[i] == '\'')
            text.data[i] = '"';
    details = json_loads(text.data, 0, NULL);
    CHECK(details != NULL);
    buf_reset(&out);
    buf_add_text(&out, "");
    evidence_text(details, said, &out);
    json_decref(details);
    buf_release(&text);
    return out.data;
}

TEST(plain_members_are_a_line_each)
{
    CHECK_TEXT(
        lines_of("{'valid?':true,'count':3,'lost':[1,2],'none':[],'nil':null,'name':'x y'}", NULL),
        "  count                3\n  lost                 [1,2]\n  name                 x y\n");
}

TEST(operations_are_told_with_value_answer_and_times)
{
    CHECK_TEXT(
        lines_of("{'operations':[{'process':3,'f':'read','value':null,'answer':4,'invoked':1000000,"
                 "'completed':2000000},{'process':4,'f':'write','value':4,'invoked':5,'completed':"
                 "null}]}",
                 NULL),
        "  operations:\n"
        "    process 3  read -> 4  (1 ms to 2 ms)\n"
        "    process 4  write 4  (5 ns to open)\n");
}

TEST(sentences_stand_for_their_objects_and_are_said_once)
{
    CHECK_TEXT(lines_of("{'anomalies':{'G0':[{'sentence':'T1 before T2.','steps':[1]}],"
                        "'G1a':[{'sentence':'said'}]},'why':['one two','three four']}",
                        "said"),
               "  anomalies:\n    G0:\n      T1 before T2.\n    G1a:\n  why:\n    one two\n    "
               "three four\n");
}

TEST(control_characters_do_not_reach_the_terminal)
{
    CHECK_TEXT(lines_of("{'a':'x\\u001b[31my\\u0085z\\u007f'}", NULL),
               "  a                    x?[31my?z?\n");
}

TEST(long_values_and_many_lines_are_cut)
{
    struct buf json = {0};
    const char *lines;
    int count = 0;
    int i;

    buf_add_char(&json, '{');
    for (i = 0; i < 100; i++)
        buf_addf(&json, "%s'm%02d':%d", i > 0 ? "," : "", i, i);
    buf_add_char(&json, '}');
    lines = lines_of(json.data, NULL);
    for (const char *p = lines; *p != '\0'; p++)
        count += *p == '\n';
    CHECK_INT(count, EVIDENCE_LINES_MAX + 1);
    CHECK_HAS(lines, "m47");
    CHECK_HAS(lines, "--json shows the rest");
    buf_reset(&json);
    buf_add_text(&json, "{'a':'");
    for (i = 0; i < 1000; i++)
        buf_add_text(&json, "\xc3\xa4");
    buf_add_text(&json, "'}");
    lines = lines_of(json.data, NULL);
    CHECK(strlen(lines) < 2 * EVIDENCE_WIDTH_MAX);
    CHECK_HAS(lines, "\xc3\xa4...\n");
    buf_release(&json);
}
