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
              "<details class=\"fold hint\">\n<summary>Hint 3</summary>\n<p>Print the answer.</p>");
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

TEST(the_next_task_is_behind_the_last_one_passed)
{
    struct web_story w;
    const char *page;

    web_open(&w);
    page = web_get(&w, "/");
    CHECK_HAS(page, "<a class=\"button primary\" href=\"/tracks/messenger/say\">Go on</a>");
    page = web_get(&w, "/tracks/messenger");
    CHECK_HAS(page, "<a class=\"button primary\" href=\"/tracks/messenger/say\">Go on</a>");
    CHECK_HAS(page, "<li class=\"passed\"><span class=\"number\">2</span>");
    CHECK_HAS(page, "<li class=\"open\"><span class=\"number\">1</span>");
    web_close(&w);
}

TEST(tasks_stand_in_parts_with_progress)
{
    struct web_story w;
    const char *page, *part, *task;

    web_open(&w);
    page = web_get(&w, "/tracks/messenger");
    part = strstr(page, "<h3 id=\"part-1\">First words</h3> <span class=\"bar\">");
    task = strstr(page, "<span class=\"number\">1</span>");
    CHECK(part != NULL && task != NULL && part < task);
    CHECK(strstr(part, "1 of 2 passed") != NULL && strstr(part, "1 of 2 passed") < task);
    web_close(&w);
}

TEST(answers_of_interview_questions_are_behind_doors)
{
    struct web_story w;
    const char *page;

    web_open(&w);
    page = web_get(&w, "/tracks/messenger");
    CHECK_HAS(page, "<details class=\"fold question\">\n<summary>");
    CHECK(strstr(page, "<h3 id=\"mistake-1\">") != NULL || strstr(page, "Mistake 1") != NULL);
    web_close(&w);
}

TEST(the_theme_comes_before_the_styles)
{
    struct web_story w;
    const char *page, *script, *style;

    web_open(&w);
    page = web_get(&w, "/");
    script = strstr(page, "<script src=\"/static/theme.");
    style = strstr(page, "<link rel=\"stylesheet\"");
    CHECK(script != NULL && style != NULL && script < style);
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

/* ---- who may ---- */

static int hello(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    (void)s, (void)err;
    response_json(r,
                  json_pack("{s:I}", "who", (json_int_t)(q->person != NULL ? q->person->id : -1)));
    return 0;
}

static int shout(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    json_t *all = request_object(q, r);

    (void)s, (void)err;
    if (all != NULL)
        response_json(r, json_pack("{s:s}", "word", request_member(all, "word")));
    json_decref(all);
    return 0;
}

static const struct route guarded[] = {
    {"GET", "/api/all", hello, ROLE_NOBODY, 0},
    {"GET", "/api/learner", hello, ROLE_LEARNER, 0},
    {"GET", "/api/teacher", hello, ROLE_TEACHER, 0},
    {"GET", "/api/admin", hello, ROLE_ADMIN, 0},
    {"GET", "/page/:x", hello, ROLE_LEARNER, 0},
    {"PUT", "/api/word", shout, ROLE_NOBODY, 40},
    {"DELETE", "/api/word", hello, ROLE_NOBODY, 0},
    {NULL, NULL, NULL, ROLE_NOBODY, 0},
};

/* The session is the name of the role. */
static int person_of(struct accounts *a, const char *session, struct person *into, struct err *err)
{
    static const char *const names[] = {"nobody", "learner", "teacher", "admin"};
    int i;

    (void)a, (void)err;
    for (i = ROLE_LEARNER; i <= ROLE_ADMIN; i++)
        if (strcmp(session, names[i]) == 0) {
            *into = (struct person){.id = 10 + i, .role = (enum role)i};
            return 1;
        }
    return 0;
}

static void guard(struct web_story *w)
{
    web_open(w);
    w->site->routes = guarded;
    w->site->accounts = (struct accounts *)w; /* nothing but person_of() looks at it */
    w->site->person_of = person_of;
}

static unsigned ask_as(struct web_story *w, const char *session, const char *path)
{
    return web_say(w, &(struct web_asking){.method = "GET", .path = path, .session = session});
}

TEST(a_route_says_who_may)
{
    static const char *const sessions[] = {"", "forged", "learner", "teacher", "admin"};
    static const char *const paths[] = {"/api/all", "/api/learner", "/api/teacher", "/api/admin"};
    static const unsigned wanted[][4] = {{200, 401, 401, 401},
                                         {200, 401, 401, 401},
                                         {200, 200, 403, 403},
                                         {200, 200, 200, 403},
                                         {200, 200, 200, 200}};
    struct web_story w;
    size_t i, k;

    guard(&w);
    for (i = 0; i < 5; i++)
        for (k = 0; k < 4; k++)
            if (ask_as(&w, sessions[i], paths[k]) != wanted[i][k])
                fail_msg("%s as \"%s\": %u", paths[k], sessions[i], w.r.status);
    CHECK_INT(ask_as(&w, "learner", "/api/learner"), 200);
    CHECK_TEXT(w.r.body.data, "{\"who\":11}\n");
    web_close(&w);
}

TEST(who_has_not_signed_in_is_led_to_the_door_and_back)
{
    struct web_story w;

    guard(&w);
    CHECK_INT(ask_as(&w, "", "/page/a?b"), 303);
    CHECK_TEXT(w.r.location.data, "/sign-in?next=/page/a%3Fb");
    web_say(&w, &(struct web_asking){
                    .method = "GET", .path = "/page/a", .query = "from=1%262&to=n", .session = ""});
    CHECK_TEXT(w.r.location.data, "/sign-in?next=/page/a%3Ffrom%3D1%25262%26to%3Dn");
    CHECK_INT(ask_as(&w, "learner", "/page/a"), 200);
    web_close(&w);
}

TEST(without_accounts_everybody_is_the_one_person_who_may_all)
{
    struct web_story w;

    web_open(&w);
    w.site->routes = guarded;
    CHECK_INT(ask_as(&w, "", "/api/admin"), 200);
    CHECK_TEXT(w.r.body.data, "{\"who\":0}\n");
    web_close(&w);
}

TEST(what_changes_something_must_come_from_a_page_of_this_server)
{
    static const struct {
        struct web_asking a;
        unsigned status;
    } cases[] = {
        {{.origin = "http://localhost:8080"}, 200},
        {{.origin = "https://LOCALHOST:8080"}, 200}, /* behind a proxy */
        {{.origin = "", .fetch_site = ""}, 200},     /* curl */
        {{.x_eddy = ""}, 403},
        {{.x_eddy = "0"}, 403},
        {{.origin = "http://evil.example"}, 403},
        {{.origin = "http://localhost:8081"}, 403},
        {{.origin = "http://evil.example/localhost:8080"}, 403},
        {{.origin = "null"}, 403},
        {{.origin = "", .fetch_site = "cross-site"}, 403},
        {{.origin = "", .fetch_site = "same-site"}, 403},
        {{.origin = "", .fetch_site = "none"}, 403},
    };
    struct web_story w;
    size_t i;

    guard(&w);
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct web_asking a = cases[i].a;
        a.method = "DELETE";
        a.path = "/api/word";
        if (web_say(&w, &a) != cases[i].status)
            fail_msg("case %zu: %u", i, w.r.status);
        a.method = "GET"; /* reading may come from anywhere */
        a.path = "/api/all";
        CHECK_INT(web_say(&w, &a), 200);
    }
    web_close(&w);
}

/* A window that was open when another person signed in, in the same browser. */
TEST(a_page_that_was_made_for_somebody_else_does_nothing_as_who_is_signed_in_now)
{
    static const struct {
        const char *method, *path, *session, *page;
        unsigned status;
    } cases[] = {
        {"GET", "/api/learner", "learner", "11", 200},
        {"GET", "/api/learner", "learner", NULL, 200}, /* a program, with a session of its own */
        {"GET", "/api/learner", "learner", "12", 412}, /* the other one's drafts would be shown */
        {"GET", "/api/learner", "learner", "011", 412},
        {"GET", "/api/learner", "", "11", 401},
        {"DELETE", "/api/word", "learner", "11", 200},
        {"DELETE", "/api/word", "learner", "12", 412},
        {"DELETE", "/api/word", "learner", "x", 412},
        {"DELETE", "/api/word", "", "11", 200},
        {"PUT", "/api/word", "learner", "12", 412},
    };
    struct web_story w;
    size_t i;

    guard(&w);
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (web_say(&w, &(struct web_asking){.method = cases[i].method,
                                             .path = cases[i].path,
                                             .session = cases[i].session,
                                             .body = cases[i].method[0] == 'P' ? "{}" : NULL,
                                             .x_eddy_person = cases[i].page}) != cases[i].status)
            fail_msg("case %zu: %u", i, w.r.status);
    CHECK_TEXT(w.r.type, "application/problem+json");
    w.site->accounts = NULL; /* the server was started anew without accounts */
    CHECK_INT(web_say(&w, &(struct web_asking){.method = "GET",
                                               .path = "/api/learner",
                                               .x_eddy_person = "11"}),
              412);
    web_close(&w);
}

TEST(a_body_is_json_says_so_and_fits)
{
    static const struct {
        const char *type, *body;
        unsigned status;
    } cases[] = {
        {"application/json", "{\"word\":\"hi\"}", 200},
        {"application/json; charset=utf-8", "{\"word\":\"hi\"}", 200},
        {"text/plain", "{\"word\":\"hi\"}", 415},
        {"application/jsonp", "{\"word\":\"hi\"}", 415},
        {"", "{\"word\":\"hi\"}", 415},
        {"application/json", "", 400},
        {"application/json", "[]", 400},
        {"application/json", "{\"word\":", 400},
        {"application/json", "{\"a\":1,\"a\":1}", 400},
        {"application/json", "{\"word\":\"\\u0000\"}", 400},
        {"application/json", "{\"word\":\"0123456789012345678901234567890123456789\"}", 413},
    };
    struct web_story w;
    size_t i;

    guard(&w);
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct web_asking a = {.method = "PUT",
                               .path = "/api/word",
                               .body = cases[i].body,
                               .content_type = cases[i].type};
        if (web_say(&w, &a) != cases[i].status)
            fail_msg("case %zu: %u %s", i, w.r.status, w.r.body.data);
    }
    CHECK_INT(web_say(&w, &(struct web_asking){.method = "POST", .path = "/api/word"}), 405);
    CHECK_TEXT(w.r.allow, "PUT, DELETE");
    web_close(&w);
}
