#include "xml.h"

#include "../base/test.h"

static void check_text(struct str in, const char *wanted)
{
    struct buf out = {0};

    xml_text(&out, in);
    CHECK_TEXT(out.data == NULL ? "" : out.data, wanted);
    buf_release(&out);
}

TEST(what_has_a_meaning_in_xml_becomes_an_entity)
{
    check_text(STR_LIT("a<b>&\"'c"), "a&lt;b&gt;&amp;&quot;&#39;c");
    check_text(STR_LIT("</script>"), "&lt;/script&gt;");
    check_text(STR_LIT(""), "");
    check_text(STR_LIT("größer → 𝄞"), "größer → 𝄞");
}

TEST(what_xml_cannot_carry_becomes_a_replacement_character)
{
    check_text(STR_LIT("a\0b\x01\x1b[31m"), "a�b��[31m");
    check_text(STR_LIT("\x7f\xc2\x85"), "��");
    check_text(STR_LIT("tab\tand\nline"), "tab\tand\nline");
    check_text(STR_LIT("\xff"), "�");
    check_text(STR_LIT("\xc3"), "�");                /* cut short */
    check_text(STR_LIT("\xc0\xbc"), "��");           /* an overlong '<' */
    check_text(STR_LIT("\xe0\x80\xbc"), "���");      /* and a longer one */
    check_text(STR_LIT("\xed\xa0\x80"), "���");      /* a surrogate */
    check_text(STR_LIT("\xf4\x90\x80\x80"), "����"); /* past U+10FFFF */
    check_text(STR_LIT("\xef\xbf\xbf"), "�");        /* U+FFFF */
}

TEST(text_cannot_turn_its_surroundings_around)
{
    check_text(STR_LIT("a\u202eb\u2066c"), "a�b�c");
}

TEST(a_cut_falls_between_characters_and_is_marked)
{
    struct buf out = {0};

    xml_cut(&out, STR_LIT("äöü"), 3);
    CHECK_TEXT(out.data, "ä… (6 bytes)");
    buf_reset(&out);
    xml_label(&out, STR_LIT("äöü"), 3);
    CHECK_TEXT(out.data, "ä…");
    buf_reset(&out);
    xml_cut(&out, STR_LIT("äöü"), 6);
    CHECK_TEXT(out.data, "äöü");
    buf_release(&out);
}

TEST(times_and_counts_read_well)
{
    char time[TIME_TEXT_MAX], count[COUNT_TEXT_MAX];

    CHECK_TEXT(time_text(0, time), "0");
    CHECK_TEXT(time_text(750, time), "750 ns");
    CHECK_TEXT(time_text(350000, time), "350 µs");
    CHECK_TEXT(time_text(12500000, time), "12.5 ms");
    CHECK_TEXT(time_text(999990000, time), "1.000 s");
    CHECK_TEXT(time_text(3204000000, time), "3.204 s");
    CHECK_TEXT(count_text(999, count), "999");
    CHECK_TEXT(count_text(1234567, count), "1,234,567");
}
