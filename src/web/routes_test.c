#include "routes.h"

#include "statics.h"
#include "web_story.h"

TEST(the_first_page_shows_what_is_written_and_what_is_planned)
{
    struct web_story w;
    const char *page;

    web_open(&w);
    page = web_get(&w, "/");
    CHECK_HAS(page, "<a href=\"/tracks/messenger\">A node that talks</a>");
    CHECK_HAS(page, "1 of 2 passed");
    CHECK_HAS(page, "1 more planned");
    CHECK_HAS(page, "Later &lt;b&gt;");
    CHECK(strstr(page, "/tracks/later") == NULL);
    CHECK_HAS(page, "</html>");
    web_close(&w);
}

TEST(a_task_has_its_sections_and_its_hints_behind_doors)
{
    struct web_story w;
    const char *page;

    web_open(&w);
    page = web_get(&w, "/tracks/messenger/echo");
    CHECK_HAS(page, "<h1>Say it back</h1>");
    CHECK_HAS(page, "badge passed");
    CHECK_HAS(page, "<h2 id=\"protocol\">Protocol</h2>");
    CHECK_HAS(page,
              "<details class=\"hint\">\n<summary>Hint 3</summary>\n<p>Print the answer.</p>");
    CHECK_HAS(page, "eddy learn check echo");
    CHECK_HAS(page, "rel=\"prev\" href=\"/tracks/messenger/say\"");
    CHECK(strstr(page, "rel=\"next\"") == NULL);
    web_close(&w);
}

TEST(links_of_the_course_lead_to_pages_and_others_nowhere)
{
    struct web_story w;
    const char *page;

    web_open(&w);
    page = web_get(&w, "/tracks/messenger/say");
    CHECK_HAS(page, "<a href=\"/tracks/messenger/echo#theory\">it</a>");
    CHECK_HAS(page, "<a href=\"/docs/some\">the manual</a>");
    CHECK_HAS(page, "nothing, js.");
    CHECK(strstr(page, "javascript:") == NULL);
    web_close(&w);
}

TEST(what_a_page_says_is_no_markup)
{
    struct web_story w;
    const char *page;

    web_open(&w);
    page = web_get(&w, "/tracks/messenger");
    CHECK_HAS(page, "&lt;script&gt;alert(1)");
    CHECK(strstr(page, "<script>") == NULL);
    web_ask(&w, "GET", "/search", "\"><script>x</script>", "");
    CHECK(strstr(w.r.body.data, "<script>") == NULL);
    CHECK_HAS(w.r.body.data, "value=\"&quot;&gt;&lt;script&gt;");
    web_close(&w);
}

TEST(scripts_are_files_and_pages_are_whole_without_them)
{
    struct web_story w;
    const char *url;

    web_open(&w);
    url = statics_url(w.site->statics, "app.js");
    CHECK_HAS(web_get(&w, "/tracks/messenger/echo"), "data-island=\"editor\"");
    CHECK_HAS(w.r.body.data, "data-props=\"{&quot;track&quot;:&quot;messenger&quot;");
    CHECK_HAS(w.r.body.data, url);
    CHECK_HAS(w.r.body.data, "The editor needs JavaScript.");
    web_get(&w, url);
    CHECK(w.r.zipped.len > 0 && w.r.zipped.len < w.r.borrowed.len);
    CHECK(strncmp(w.r.zipped.data, "\x1f\x8b", 2) == 0);
    web_close(&w);
}

TEST(search_finds_text_and_marks_it_but_tells_no_hint)
{
    struct web_story w;

    web_open(&w);
    CHECK_INT(web_ask(&w, "GET", "/search", "ZEPPelin needs", ""), 200);
    CHECK_HAS(w.r.body.data, "<a href=\"/tracks/messenger/echo#theory\">Theory</a>");
    CHECK_HAS(w.r.body.data, "<mark>zeppelin</mark> &amp; more");
    web_ask(&w, "GET", "/search", "zeppelin balloon", "");
    CHECK_HAS(w.r.body.data, "No section has all of these words");
    web_ask(&w, "GET", "/search", "parse", "");
    CHECK_HAS(w.r.body.data, "No section has all of these words");
    web_close(&w);
}

TEST(progress_is_what_the_database_says)
{
    struct web_story w;
    const char *page;

    web_open(&w);
    page = web_get(&w, "/progress");
    CHECK_HAS(page, "1 of 2 passed");
    CHECK_HAS(page, "<li class=\"passed\"><a href=\"/tracks/messenger/echo\">");
    CHECK_HAS(page, "<li class=\"open\"><a href=\"/tracks/messenger/say\">");
    web_close(&w);
}

TEST(a_planned_track_says_so)
{
    struct web_story w;

    web_open(&w);
    CHECK_HAS(web_get(&w, "/tracks/later"), "planned and not written yet");
    CHECK_INT(web_ask(&w, "GET", "/tracks/later/echo", "", ""), 404);
    web_close(&w);
}

TEST(an_address_has_one_spelling)
{
    static const char *const wrong[] = {
        "",
        "x",
        "//",
        "/tracks",
        "/tracks/",
        "/Progress",
        "/docs/",
        "/docs/..",
        "/docs/some.md",
        "/docs/%2e%2e",
        "/static/",
        "/static/../src",
        "/tracks/messenger/",
        "/tracks//echo",
        "/tracks/messenger/echo/x",
        "/tracks/mess",
        "/tracks/1",
        "/api",
        "/api/v1",
        "/api/v1/tracks/nope",
        "/api/v1/tracks/messenger/tasks/nope",
        "/api/v1/tracks/messenger/tasks/echo/hints/0",
        "/api/v1/tracks/messenger/tasks/echo/hints/4",
        "/api/v1/tracks/messenger/tasks/echo/hints/1x",
    };
    struct web_story w;
    size_t i;

    web_open(&w);
    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        if (web_ask(&w, "GET", wrong[i], "", "") != 404)
            fail_msg("%s: %u", wrong[i], w.r.status);
    web_close(&w);
}

TEST(other_methods_are_refused_with_those_that_there_are)
{
    struct web_story w;

    web_open(&w);
    CHECK_INT(web_ask(&w, "POST", "/progress", "", ""), 405);
    CHECK_TEXT(w.r.allow, "GET, HEAD");
    CHECK_INT(web_ask(&w, "DELETE", "/api/v1/tracks", "", ""), 405);
    CHECK_TEXT(w.r.type, "application/problem+json");
    CHECK_INT(web_ask(&w, "HEAD", "/progress", "", ""), 200);
    CHECK_INT(web_ask(&w, "POST", "/nope", "", ""), 404);
    web_close(&w);
}

TEST(files_have_the_names_that_pages_use)
{
    struct web_story w;
    const char *page, *at;
    char name[128];

    web_open(&w);
    page = web_get(&w, "/");
    at = strstr(page, "/static/style.");
    CHECK(at != NULL);
    snprintf(name, sizeof(name), "%.*s", (int)strcspn(at, "\""), at);
    CHECK_INT(web_ask(&w, "GET", name, "", ""), 200);
    CHECK(w.r.immutable && w.r.borrowed.len > 1000 && w.r.zipped.len < w.r.borrowed.len);
    CHECK_INT(web_ask(&w, "GET", "/static/style.css", "", ""), 404);
    web_close(&w);
}
