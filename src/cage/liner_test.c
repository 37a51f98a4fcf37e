#include "liner.h"

#include "../base/test.h"

struct heard {
    struct buf text; /* lines, each ended by '|'; heads of overlong ones by '!' */
    struct liner *stop;
};

static void hear(void *owner, struct str line, bool overlong)
{
    struct heard *h = owner;

    buf_add_str(&h->text, line);
    buf_add_char(&h->text, overlong ? '!' : '|');
    if (h->stop != NULL)
        liner_stop(h->stop);
}

/* Feeds text in pieces of the given size and compares. */
static void check(enum liner_long mode, const char *text, size_t piece, const char *wanted)
{
    struct heard h = {0};
    struct liner l;
    struct str rest = str_of(text);

    liner_init(&l, 4, mode);
    buf_add_text(&h.text, "");
    while (rest.len > 0) {
        size_t len = piece < rest.len ? piece : rest.len;

        liner_feed(&l, (struct str){rest.data, len}, hear, &h);
        rest = (struct str){rest.data + len, rest.len - len};
    }
    liner_end(&l, hear, &h);
    CHECK_TEXT(h.text.len > 0 ? h.text.data : "", wanted);
    buf_release(&h.text);
    liner_release(&l);
}

/* Every way to cut the stream into reads gives the same lines. */
static void check_all(enum liner_long mode, const char *text, const char *wanted)
{
    size_t piece;

    for (piece = 1; piece <= strlen(text) + 1; piece++)
        check(mode, text, piece, wanted);
}

TEST(lines_are_cut_at_newlines_however_they_arrive)
{
    check_all(LINER_SKIP, "", "");
    check_all(LINER_SKIP, "\n", "|");
    check_all(LINER_SKIP, "a\nbcd\n\nef\n", "a|bcd||ef|");
}

TEST(a_last_line_without_newline_counts)
{
    check_all(LINER_SKIP, "a\nbc", "a|bc|");
    check_all(LINER_CUT, "abcdef", "abcd|ef|");
}

TEST(a_line_of_exactly_the_maximum_is_whole)
{
    check_all(LINER_SKIP, "abcd\nx\n", "abcd|x|");
    check_all(LINER_SKIP, "abcd", "abcd|");
    check_all(LINER_CUT, "abcd\nx\n", "abcd|x|");
    check_all(LINER_CUT, "abcdefgh\n", "abcd|efgh|");
}

TEST(an_overlong_line_is_reported_once_and_its_rest_skipped)
{
    check_all(LINER_SKIP, "abcde\nx\n", "abcd!x|");
    check_all(LINER_SKIP, "abcdefghijklm\nabcde", "abcd!abcd!");
}

TEST(a_stopped_liner_reports_nothing_more)
{
    struct heard h = {0};
    struct liner l;

    liner_init(&l, 4, LINER_SKIP);
    h.stop = &l;
    CHECK_INT(liner_feed(&l, str_of("a\nb\nc"), hear, &h), 1);
    CHECK_INT(liner_end(&l, hear, &h), 0);
    CHECK_TEXT(h.text.data, "a|");
    buf_release(&h.text);
    liner_release(&l);
}
