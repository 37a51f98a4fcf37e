#include "form.h"

#include "../base/test.h"

#include <jansson.h>

TEST(a_form_says_what_is_sent_and_no_text_in_it_is_markup)
{
    const struct form f = {.method = "POST", .path = "/session", .next = "/\"'><script>"};
    const struct field field = {.name = "password",
                                .label = "<b>Password",
                                .kind = FIELD_PASSWORD,
                                .value = "\"onfocus=x",
                                .help = "12 & more",
                                .autocomplete = "current-password"};
    struct buf out = {0};

    form_begin(&out, &f);
    form_field(&out, &field);
    form_hidden(&out, "a", "\"><i>");
    form_hidden_number(&out, "n", -5);
    form_end(&out, "Go & see", "primary");
    CHECK_HAS(out.data, "method=\"post\"");
    CHECK_HAS(out.data, "&quot;path&quot;:&quot;/session&quot;");
    CHECK(strstr(out.data, "<script>") == NULL && strstr(out.data, "<b>") == NULL);
    CHECK(strstr(out.data, "<i>") == NULL && strstr(out.data, "\"onfocus") == NULL);
    CHECK_HAS(out.data, "value=\"-5\"");
    CHECK_HAS(out.data, "type=\"password\"");
    CHECK_HAS(out.data, "aria-describedby=\"h-password\"");
    CHECK_HAS(out.data, "Go &amp; see");
    CHECK_HAS(out.data, " required");
    buf_release(&out);
}

TEST(a_button_is_a_form_with_values)
{
    const struct form f = {.method = "DELETE", .path = "/x/1", .ask = "Really?"};
    const char *const values[] = {"role", "teacher", NULL};
    struct buf out = {0};

    form_button(&out, &f, values, "End", "small danger");
    CHECK_HAS(out.data, "name=\"role\" value=\"teacher\"");
    CHECK_HAS(out.data, "<button class=\"button small danger\">End</button>");
    CHECK_HAS(out.data, "&quot;ask&quot;:&quot;Really?&quot;");
    buf_reset(&out);
    form_button(&out, &f, NULL, "End", "small");
    CHECK(strstr(out.data, "hidden") == NULL);
    buf_release(&out);
}
