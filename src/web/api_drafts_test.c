#include "api.h"

#include "judged_story.h"

static const char route[] = "/api/v1/drafts/:track/:task/:language";
static const char address[] = "/api/v1/drafts/messenger/echo/python";

static unsigned ask(struct judged_story *j, const char *method, const char *path,
                    const char *session, const char *body)
{
    unsigned status = web_say(
        &j->w,
        &(struct web_asking){.method = method, .path = path, .session = session, .body = body});

    if (status != 405)
        check_described(&j->w, method, route);
    return status;
}

static const char *web_get_as(struct web_story *w, const char *path, const char *session)
{
    CHECK_INT(web_say(w, &(struct web_asking){.method = "GET", .path = path, .session = session}),
              200);
    return w->r.body.data;
}

/* As 8, from a page that was made for 7. */
static void ask_from(struct judged_story *j, unsigned status, const char *method, const char *path,
                     const char *body)
{
    struct web_asking a = {
        .method = method, .path = path, .body = body, .session = "8", .x_eddy_person = "7"};

    if (web_say(&j->w, &a) != status)
        fail_msg("%s %s: %u", method, path, j->w.r.status);
    check_described(&j->w, method, path == address ? route : path);
}

ON_BOTH(a_draft_is_kept_and_an_old_one_does_not_replace_it)
{
    static const char first[] = "{\"files\":[{\"name\":\"main.py\",\"text\":\"a\\u00fc\"}],"
                                "\"version\":0}";
    static const char empty[] = "{\"files\":[],\"version\":1}";
    struct judged_story j;

    judged_open(&j, d, true);
    CHECK_INT(ask(&j, "GET", address, "7", NULL), 200);
    CHECK_TEXT(j.w.r.body.data, "{\"files\":[],\"version\":0}\n");
    CHECK_INT(ask(&j, "PUT", address, "7", first), 200);
    CHECK_TEXT(j.w.r.body.data, "{\"version\":1}\n");
    CHECK_INT(ask(&j, "PUT", address, "7", first), 409);
    CHECK_HAS(j.w.r.body.data, "\"draft\":{\"files\":[{\"name\":\"main.py\",\"text\":\"aü\"}],"
                               "\"version\":1}");
    CHECK_INT(ask(&j, "PUT", address, "7", empty), 200);
    CHECK_INT(ask(&j, "GET", address, "7", NULL), 200);
    CHECK_TEXT(j.w.r.body.data, "{\"files\":[],\"version\":2}\n");
    CHECK_INT(ask(&j, "GET", address, "8", NULL), 200);
    CHECK_TEXT(j.w.r.body.data, "{\"files\":[],\"version\":0}\n");
    CHECK_INT(ask(&j, "GET", address, "", NULL), 401);
    judged_close(&j);
}

TEST(what_is_no_draft_is_refused)
{
    static const struct {
        const char *path, *body;
        unsigned status;
    } cases[] = {
        {"/api/v1/drafts/messenger/echo/cobol", "{\"files\":[],\"version\":0}", 404},
        {"/api/v1/drafts/messenger/nope/python", "{\"files\":[],\"version\":0}", 404},
        {"/api/v1/drafts/later/echo/python", "{\"files\":[],\"version\":0}", 404},
        {address, "{\"files\":[]}", 400},
        {address, "{\"files\":[],\"version\":-1}", 400},
        {address, "{\"files\":[],\"version\":\"1\"}", 400},
        {address, "{\"files\":{},\"version\":0}", 400},
        {address, "{\"version\":0}", 400},
        {address, "{\"files\":[{\"name\":\"/etc/x\",\"text\":\"\"}],\"version\":0}", 400},
        {address, "{\"files\":[{\"name\":\"a\"}],\"version\":0}", 400},
        {address,
         "{\"files\":[{\"name\":\"a\",\"text\":\"\"},{\"name\":\"a\",\"text\":\"\"}],"
         "\"version\":0}",
         400},
    };
    struct judged_story j;
    struct database d;
    size_t i;

    database_init(&d, false);
    judged_open(&j, &d, false);
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (ask(&j, "PUT", cases[i].path, NULL, cases[i].body) != cases[i].status)
            fail_msg("case %zu: %u %s", i, j.w.r.status, j.w.r.body.data);
    CHECK_INT(ask(&j, "GET", address, NULL, NULL), 200);
    CHECK_TEXT(j.w.r.body.data, "{\"files\":[],\"version\":0}\n");
    judged_close(&j);
    database_release(&d);
}

/* Goal: 7 left a window open, and 8 has signed in since, in the same browser: the window says whose
 * it is, and neither its text reaches 8 nor 8's reaches it. */
TEST(an_old_window_writes_reads_and_hands_in_nothing_as_who_came_after)
{
    static const char files[] = "\"files\":[{\"name\":\"main.py\",\"text\":\"of 7\"}]";
    char draft[100], handin[200];
    struct judged_story j;
    struct database d;
    const char *page;

    snprintf(draft, sizeof(draft), "{%s,\"version\":0}", files);
    snprintf(handin, sizeof(handin),
             "{\"track\":\"messenger\",\"task\":\"echo\",\"language\":\"python\","
             "\"kind\":\"submit\",%s}",
             files);
    database_init(&d, false);
    judged_open(&j, &d, true);
    page = web_get_as(&j.w, "/tracks/messenger/echo", "7");
    CHECK_HAS(page, "<body data-person=\"7\">");
    ask_from(&j, 412, "GET", address, NULL);
    ask_from(&j, 412, "PUT", address, draft);
    ask_from(&j, 412, "POST", "/api/v1/submissions", handin);
    ask_from(&j, 412, "GET", "/api/v1/submissions", NULL);
    CHECK_INT(ask(&j, "GET", address, "8", NULL), 200);
    CHECK_TEXT(j.w.r.body.data, "{\"files\":[],\"version\":0}\n");
    CHECK_HAS(web_get_as(&j.w, "/api/v1/submissions", "8"), "\"submissions\":[]");
    judged_close(&j);
    database_release(&d);
}
