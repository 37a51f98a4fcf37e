/* The pages of people, teachers and admins: what they show, to whom, and that no text of strangers
 * is markup in any of them (town_get()). Who may see them at all: roles_test.c. */
#include "teaching.h"

#include "town_story.h"

static const char *path_of(const char *format, int64_t a, int64_t b)
{
    static char path[200];

    snprintf(path, sizeof(path), format, (long long)a, (long long)b);
    return path;
}

TEST(a_class_shows_who_is_where_and_where_people_are_stuck)
{
    const char *page;
    struct town t;

    town_open(&t);
    page = town_get(&t, TEACHER, path_of("/teach/classes/%lld", t.class_id, 0));
    CHECK_HAS(page, "Theirs &lt;b&gt;");
    CHECK_HAS(page, "&lt;b&gt;Ann&quot;");
    CHECK_HAS(page, "Where people are stuck");
    CHECK_HAS(page, "1 of 1");
    CHECK_HAS(page, "&lt;b&gt;n1&lt;/b&gt; said nothing");
    CHECK_HAS(page, path_of("href=\"/submissions/%lld\"><span class=\"badge queued\">waits",
                            t.handin + 1, 0));
    CHECK(strstr(page, ">other<") == NULL); /* of the other class */
    CHECK_HAS(town_get(&t, TEACHER, "/teach"), "Theirs");
    CHECK(strstr(t.web.r.body.data, "Another") == NULL);
    CHECK_HAS(town_get(&t, ADMIN, "/teach"), "Another");
    town_close(&t);
}

TEST(an_assignment_is_a_grid_for_teachers_and_a_row_for_the_learner)
{
    const char *page;
    struct town t;

    town_open(&t);
    page = town_get(&t, TEACHER,
                    path_of("/teach/classes/%lld/assignments/%lld", t.class_id, t.assignment));
    CHECK_HAS(page, "0 of 1");
    CHECK_HAS(page, "<span class=\"badge failed\">failed</span>");
    CHECK_HAS(page,
              path_of("/api/v1/classes/%lld/grades.csv?assignment=%lld", t.class_id, t.assignment));
    page = town_get(&t, LEARNER, path_of("/classes/%lld", t.class_id, 0));
    CHECK_HAS(page, "First &lt;b&gt;week");
    CHECK_HAS(page, "<span class=\"badge failed\">failed</span>");
    town_close(&t);
}

TEST(a_learners_work_is_shown_to_who_teaches_him)
{
    struct town t;

    town_open(&t);
    CHECK_HAS(
        town_get(&t, TEACHER,
                 path_of("/teach/classes/%lld/people/%lld", t.class_id, t.people[LEARNER].id)),
        "&lt;b&gt;n1&lt;/b&gt; said nothing");
    /* somebody of another class, though he exists, and an assignment of another class */
    CHECK_INT(town_say(&t, TEACHER,
                       (struct web_asking){.method = "GET",
                                           .path = path_of("/teach/classes/%lld/people/%lld",
                                                           t.class_id, t.people[OTHER].id)}),
              404);
    CHECK_INT(town_say(&t, STRANGE,
                       (struct web_asking){.method = "GET",
                                           .path = path_of("/teach/classes/%lld/assignments/%lld",
                                                           t.other_class, t.assignment)}),
              404);
    town_close(&t);
}

TEST(ones_account_shows_ones_own)
{
    const char *page;
    struct town t;

    town_open(&t);
    page = town_get(&t, LEARNER, "/account");
    CHECK_HAS(page, "value=\"&lt;b&gt;Ann&quot;");
    CHECK_HAS(page, "Theirs &lt;b&gt;");
    CHECK_HAS(page, "/me/export");
    CHECK(strstr(page, "you teach") == NULL);
    CHECK_HAS(town_get(&t, TEACHER, "/account"), "you teach");
    town_close(&t);
}

TEST(the_menu_shows_what_one_may_have)
{
    const char *page;
    struct town t;

    town_open(&t);
    page = town_get(&t, NOBODY, "/");
    CHECK_HAS(page, "href=\"/sign-in\"");
    CHECK(strstr(page, "href=\"/admin\"") == NULL && strstr(page, "href=\"/teach\"") == NULL);
    page = town_get(&t, LEARNER, "/");
    CHECK_HAS(page, "href=\"/account\"");
    CHECK(strstr(page, "href=\"/sign-in\"") == NULL && strstr(page, "href=\"/teach\"") == NULL);
    page = town_get(&t, TEACHER, "/");
    CHECK_HAS(page, "href=\"/teach\"");
    CHECK(strstr(page, "href=\"/admin\"") == NULL);
    CHECK_HAS(town_get(&t, ADMIN, "/"), "href=\"/admin\"");
    t.web.site->accounts = NULL;
    page = town_get(&t, NOBODY, "/");
    CHECK(strstr(page, "href=\"/account\"") == NULL && strstr(page, "href=\"/sign-in\"") == NULL);
    town_close(&t);
}

/* Goal: signing in leads to an address of this server and to no other. */
TEST(after_signing_in_one_stays_on_this_server)
{
    static const char *const elsewhere[] = {"//evil.example", "/%5Cevil.example",
                                            "https://evil.example", "javascript:alert(1)", ""};
    struct town t;
    char query[100];
    size_t i;

    town_open(&t);
    for (i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++) {
        snprintf(query, sizeof(query), "next=%s", elsewhere[i]);
        CHECK_INT(
            town_say(&t, LEARNER,
                     (struct web_asking){.method = "GET", .path = "/sign-in", .query = query}),
            303);
        CHECK_TEXT(t.web.r.location.data, "/");
        CHECK_INT(
            town_say(&t, NOBODY,
                     (struct web_asking){.method = "GET", .path = "/sign-in", .query = query}),
            200);
        CHECK(strstr(t.web.r.body.data, "evil") == NULL &&
              strstr(t.web.r.body.data, "javascript:") == NULL);
    }
    CHECK_INT(town_say(&t, LEARNER,
                       (struct web_asking){
                           .method = "GET", .path = "/sign-in", .query = "next=/tracks/messenger"}),
              303);
    CHECK_TEXT(t.web.r.location.data, "/tracks/messenger");
    town_close(&t);
}

TEST(the_link_of_a_class_survives_signing_in)
{
    struct town t;

    town_open(&t);
    CHECK_INT(town_say(&t, NOBODY,
                       (struct web_asking){.method = "GET", .path = "/join", .query = "link=abc"}),
              200);
    CHECK_HAS(t.web.r.body.data, "/sign-in?next=/join%3Flink%3Dabc");
    CHECK_INT(town_say(&t, LEARNER,
                       (struct web_asking){
                           .method = "GET", .path = "/join", .query = "link=%22%3E%3Cb%3E"}),
              200);
    CHECK_HAS(t.web.r.body.data, "value=\"&quot;&gt;&lt;b&gt;\"");
    town_close(&t);
}

TEST(people_are_shown_to_admins_with_what_can_be_changed)
{
    const char *page;
    struct town t;

    town_open(&t);
    page = town_get(&t, ADMIN, "/admin/people");
    CHECK_HAS(page, "Make a teacher");
    CHECK_HAS(page, "Make a learner");
    CHECK_HAS(page, path_of("/admin/users/%lld", t.people[LEARNER].id, 0));
    CHECK_HAS(town_get(&t, ADMIN, "/admin"), "href=\"/admin/people\"");
    town_close(&t);
}

/* Also on pages that nobody asks for: one that says no, and somebody's work. */
TEST(every_page_knows_who_reads_it)
{
    static const char *const places[] = {"/playground",         "/none",
                                         "/tracks/none",        "/admin",
                                         "/teach/classes/9999", "/submissions/9999"};
    struct town t;
    size_t i;

    town_open(&t);
    for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        struct web_asking a = {.method = "GET", .path = places[i]};
        town_say(&t, LEARNER, a);
        CHECK_HAS(t.web.r.body.data, "href=\"/account\"");
        CHECK(strstr(t.web.r.body.data, "href=\"/sign-in\"") == NULL);
        CHECK_HAS(t.web.r.body.data, path_of("data-person=\"%lld\"", t.people[LEARNER].id, 0));
    }
    CHECK_HAS(town_get(&t, NOBODY, "/"), "data-person=\"nobody\"");
    CHECK_HAS(town_get(&t, LEARNER, path_of("/submissions/%lld", t.handin, 0)),
              "href=\"/account\"");
    CHECK(strstr(t.web.r.body.data, "by <strong>") == NULL);
    CHECK_HAS(town_get(&t, TEACHER, path_of("/submissions/%lld", t.handin, 0)),
              "by <strong>&lt;b&gt;Ann");
    town_close(&t);
}

static const char *ask(struct town *t, const char *path, const char *query)
{
    struct web_asking a = {.method = "GET", .path = path, .query = query};

    CHECK_INT(town_say(t, NOBODY, a), 200);
    return t->web.r.body.data;
}

TEST(who_comes_in_goes_on_to_where_he_was_going)
{
    struct err err = {.text = ""};
    struct link_spec spec = {
        .kind = LINK_SIGN_UP, .role = ROLE_LEARNER, .uses = 1, .lasts_ms = 86400000};
    char token[SECRET_TEXT_SIZE], query[200];
    struct town t;

    town_open(&t);
    CHECK_HAS(ask(&t, "/join", "link=a%26b"), "/sign-in?next=/join%3Flink%3Da%2526b\"");
    CHECK_HAS(t.web.r.body.data, "/sign-up?next=/join%3Flink%3Da%2526b\"");
    CHECK_HAS(ask(&t, "/sign-in", "next=/progress"), "/sign-up?next=/progress\"");
    CHECK_HAS(ask(&t, "/sign-up", "next=/progress"), "&quot;next&quot;:&quot;/progress&quot;");
    CHECK_HAS(ask(&t, "/sign-up", "next=//evil.example"), "&quot;next&quot;:&quot;/&quot;");
    spec.class_id = t.class_id;
    CHECK(link_new(t.accounts, &spec, token, &err) >= 0);
    snprintf(query, sizeof(query), "invitation=%s", token);
    CHECK_HAS(ask(&t, "/sign-up", query),
              path_of("&quot;next&quot;:&quot;/classes/%lld&quot;", t.class_id, 0));
    CHECK_HAS(town_get(&t, TEACHER, path_of("/teach/classes/%lld", t.class_id, 0)),
              "<input type=\"hidden\" name=\"class\" data-as=\"number\"");
    town_close(&t);
}
