#include "api.h"

#include "../accounts/throttle.h"
#include "judged_story.h"

static const char route[] = "/api/v1/submissions/:id";

static const char passed[] = "{\"verdict\":\"passed\",\"sentence\":\"\",\"parts\":[]}";

ON_BOTH(what_is_handed_in_is_seen_from_the_queue_to_the_verdict)
{
    struct judged_story j;
    int64_t id = 0;

    judged_open(&j, d, false);
    CHECK_INT(judged_put(&j, NULL, JUDGED_ECHO, &id), 202);
    CHECK_HAS(j.w.r.body.data, "\"place\":1,\"url\":\"/submissions/");
    CHECK_INT(judged_get(&j, NULL, id, ""), 200);
    check_described(&j.w, "GET", route);
    CHECK_HAS(j.w.r.body.data, "\"state\":\"queued\",\"place\":1,");
    CHECK_HAS(j.w.r.body.data, "\"result\":null,\"files\":[{\"name\":\"main.py\",\"text\":"
                               "\"print(1)\\n\"}]");
    judged_take(&j);
    CHECK_INT(judged_get(&j, NULL, id, ""), 200);
    CHECK_HAS(j.w.r.body.data, "\"state\":\"running\",\"place\":0,");
    judged_finish(&j, passed, NULL);
    CHECK_INT(judged_get(&j, NULL, id, ""), 200);
    check_described(&j.w, "GET", route);
    CHECK_HAS(j.w.r.body.data, "\"verdict\":\"passed\",\"sentence\":\"\",\"report\":false,"
                               "\"result\":{\"verdict\":\"passed\"");
    CHECK_INT(web_ask(&j.w, "GET", "/api/v1/progress", "", ""), 200);
    CHECK_HAS(j.w.r.body.data, "\"passed\":[\"echo\"]");
    judged_close(&j);
}

static unsigned list(struct judged_story *j, const char *session, const char *query)
{
    unsigned status = web_say(&j->w, &(struct web_asking){.method = "GET",
                                                          .path = "/api/v1/submissions",
                                                          .query = query,
                                                          .session = session});

    check_described(&j->w, "GET", "/api/v1/submissions");
    return status;
}

ON_BOTH(a_list_has_ones_own_without_files_and_results)
{
    int64_t first = 0, second = 0, other = 0;
    struct judged_story j;
    json_t *all, *found;

    judged_open(&j, d, true);
    CHECK_INT(judged_put(&j, "7", JUDGED_ECHO, &first), 202);
    CHECK_INT(judged_put(&j, "8", JUDGED_ECHO, &other), 202);
    CHECK_INT(judged_put(&j, "7", JUDGED_ECHO, &second), 202);
    CHECK_INT(list(&j, "7", "track=messenger&task=echo"), 200);
    all = json_loads(j.w.r.body.data, 0, NULL);
    found = json_object_get(all, "submissions");
    CHECK_INT(json_array_size(found), 2);
    CHECK_INT(json_integer_value(json_object_get(json_array_get(found, 0), "id")), second);
    json_decref(all);
    CHECK_INT(list(&j, "7", "track=messenger&task=say"), 200);
    CHECK_TEXT(j.w.r.body.data, "{\"submissions\":[]}\n");
    CHECK_INT(list(&j, "", NULL), 401);
    judged_close(&j);
}

/* Goal: who may see a submission. Method: everybody asks for everything there is of one. */
ON_BOTH(nobody_sees_anothers_work_but_who_teaches_him)
{
    static const struct {
        const char *session;
        unsigned status;
    } cases[] = {{"", 401},    {"7", 200},   {"8", 404},  {"t8", 404},
                 {"t70", 200}, {"t71", 404}, {"a1", 200}, {"t7", 200}};
    static const char *const behind[] = {"", "/events", "/report", "/archive"};
    struct judged_story j;
    int64_t id = 0;
    size_t i, k;

    judged_open(&j, d, true);
    CHECK_INT(judged_put(&j, "7", JUDGED_ECHO, &id), 202);
    judged_take(&j);
    judged_finish(&j, passed, "<p>the run</p>");
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (k = 0; k < 4; k++)
            if (judged_get(&j, cases[i].session, id, behind[k]) != cases[i].status)
                fail_msg("\"%s\" of \"%s\": %u", behind[k], cases[i].session, j.w.r.status);
    CHECK_INT(judged_get(&j, "7", id + 1, ""), 404);
    CHECK_INT(judged_get(&j, "7", -1, ""), 404);
    judged_close(&j);
}

static unsigned take_back(struct judged_story *j, const char *session, int64_t id)
{
    char path[64];
    unsigned status;

    snprintf(path, sizeof(path), "/api/v1/submissions/%lld", (long long)id);
    status =
        web_say(&j->w, &(struct web_asking){.method = "DELETE", .path = path, .session = session});
    check_described(&j->w, "DELETE", route);
    return status;
}

ON_BOTH(who_handed_it_in_may_take_it_back)
{
    struct judged_story j;
    int64_t id = 0;

    judged_open(&j, d, true);
    CHECK_INT(judged_put(&j, "7", JUDGED_ECHO, &id), 202);
    CHECK_INT(take_back(&j, "8", id), 404);
    CHECK_INT(take_back(&j, "t70", id), 403);
    CHECK_INT(take_back(&j, "7", id), 200);
    CHECK_HAS(j.w.r.body.data, "\"state\":\"cancelled\"");
    CHECK_HAS(j.w.r.body.data, "\"verdict\":null");
    CHECK_INT(take_back(&j, "7", id), 200); /* it stays so */
    judged_close(&j);
}

#define HAND_IN(kind, track, task, language, files)                                                \
    "{\"track\":\"" track "\",\"task\":\"" task "\",\"language\":\"" language                      \
    "\",\"kind\":\"" kind "\",\"files\":" files "}"
#define MAIN "[{\"name\":\"main.py\",\"text\":\"\"}]"

TEST(what_cannot_be_judged_is_refused_with_a_sentence)
{
    static const struct {
        const char *body, *why;
    } cases[] = {
        {"[]", "JSON object"},
        {HAND_IN("look", "messenger", "echo", "python", MAIN), "kind"},
        {HAND_IN("run", "nowhere", "echo", "python", MAIN), "no such task"},
        {HAND_IN("run", "later", "echo", "python", MAIN), "no such task"},
        {HAND_IN("run", "messenger", "echoes", "python", MAIN), "no such task"},
        {HAND_IN("run", "messenger", "echo", "cobol", MAIN), "python"},
        {HAND_IN("run", "messenger", "echo", "python", "[]"), "one at least"},
        {HAND_IN("run", "messenger", "echo", "python", "[{\"name\":\"../x\",\"text\":\"\"}]"),
         ".."},
        {HAND_IN("run", "messenger", "echo", "python", "[1]"), "file 1"},
        {"{\"track\":\"messenger\",\"task\":\"echo\",\"language\":\"python\",\"kind\":\"submit\","
         "\"seed\":3,\"files\":" MAIN "}",
         "seeds"},
        {"{\"track\":\"messenger\",\"task\":\"echo\",\"language\":\"python\",\"kind\":\"submit\","
         "\"seeds\":1,\"files\":" MAIN "}",
         "seeds"},
        {"{\"track\":\"messenger\",\"task\":\"echo\",\"language\":\"python\",\"kind\":\"submit\","
         "\"person\":1,\"files\":" MAIN "}",
         "person"},
    };
    struct judged_story j;
    struct database d;
    int64_t id = 0;
    size_t i;

    database_init(&d, false);
    judged_open(&j, &d, false);
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (judged_put(&j, NULL, cases[i].body, &id) != 400)
            fail_msg("case %zu: %u", i, j.w.r.status);
        CHECK_HAS(j.w.r.body.data, cases[i].why);
    }
    CHECK_INT(judged_put(&j, NULL, HAND_IN("run", "messenger", "echo", "py", MAIN), &id), 202);
    CHECK_INT(judged_get(&j, NULL, id, ""), 200);
    CHECK_HAS(j.w.r.body.data, "\"language\":\"python\"");
    judged_close(&j);
    database_release(&d);
}

ON_BOTH(too_many_that_wait_are_told_so)
{
    struct judged_story j;
    int64_t id = 0;
    int i;

    judged_open(&j, d, true);
    for (i = 0; i < 3; i++)
        CHECK_INT(judged_put(&j, "7", JUDGED_ECHO, &id), 202);
    CHECK_INT(judged_put(&j, "7", JUDGED_ECHO, &id), 429);
    CHECK_HAS(j.w.r.body.data, "wait already");
    CHECK_INT(judged_put(&j, "8", JUDGED_ECHO, &id), 202);
    judged_close(&j);
}

/* A look takes the place of the one before, so it is not the queue that is full. */
TEST(who_submits_all_the_time_is_held_back)
{
    struct judged_story j;
    struct database d;
    int64_t id = 0;
    int taken = 0;

    database_init(&d, false);
    judged_open(&j, &d, false);
    j.w.site->throttle = throttle_new();
    while (judged_put(&j, NULL, HAND_IN("run", "messenger", "echo", "python", MAIN), &id) == 202)
        CHECK(++taken < 200);
    CHECK_INT(j.w.r.status, 429);
    CHECK_HAS(j.w.r.body.data, "too often");
    CHECK(taken > 5);
    throttle_free(j.w.site->throttle);
    j.w.site->throttle = NULL;
    judged_close(&j);
    database_release(&d);
}

TEST(a_server_that_takes_nothing_says_why)
{
    struct judged_story j;
    struct database d;
    int64_t id = 0;

    database_init(&d, false);
    judged_open(&j, &d, false);
    j.w.site->closed = "The sandbox is too weak here.";
    CHECK_INT(judged_put(&j, NULL, JUDGED_ECHO, &id), 503);
    CHECK_HAS(j.w.r.body.data, "too weak");
    j.w.site->closed = NULL;
    j.w.site->jobs = NULL;
    CHECK_INT(judged_put(&j, NULL, JUDGED_ECHO, &id), 503);
    CHECK_INT(list(&j, NULL, NULL), 200);
    judged_close(&j);
    database_release(&d);
}

/* ---- as it goes on ---- */

static void check_in_order(const char *text, const char *const *parts, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        const char *at = strstr(text, parts[i]);
        if (at == NULL)
            fail_msg("\"%s\" does not follow in \"%s\"", parts[i], text);
        text = at + strlen(parts[i]);
    }
}

ON_BOTH(a_stream_tells_states_steps_and_the_end_in_order)
{
    static const char *const wanted[] = {"event: state\ndata: {",
                                         "\"state\":\"queued\"",
                                         "event: state\ndata: {",
                                         "\"state\":\"running\"",
                                         "id: 1\nevent: step\ndata: {\"event\":\"building\"}\n\n",
                                         ("id: 2\nevent: step\ndata: "
                                          "{\"event\":\"step\"}\n\n"),
                                         "id: 3\nevent: over\ndata: {",
                                         "\"result\":{\"verdict\":\"passed\""};
    struct judged_story j;
    struct buf got = {0};
    int64_t id = 0;

    judged_open(&j, d, false);
    CHECK_INT(judged_put(&j, NULL, JUDGED_ECHO, &id), 202);
    CHECK_INT(judged_get(&j, NULL, id, "/events"), 200);
    check_described(&j.w, "GET", "/api/v1/submissions/:id/events");
    judged_hear(&j, "queued", &got);
    judged_take(&j);
    judged_say(&j, "{\"event\":\"building\"}");
    judged_hear(&j, "building", &got);
    judged_say(&j, "{\"event\":\"step\"}");
    judged_finish(&j, passed, NULL);
    judged_hear(&j, "event: over", &got);
    check_in_order(got.data, wanted, 8);
    CHECK_INT(j.w.r.stream.next(j.w.r.stream.owner, &got) <= 0, 1);
    CHECK_INT(web_ask(&j.w, "GET", "/api/v1/progress", "", ""), 200);
    CHECK_HAS(j.w.r.body.data, "\"passed\":[\"echo\"]"); /* who heard the end finds it noted */
    judged_close(&j);
    buf_release(&got);
}

ON_BOTH(who_comes_back_hears_what_he_has_not_heard)
{
    struct judged_story j;
    struct buf got = {0};
    char path[80];
    int64_t id = 0;

    judged_open(&j, d, false);
    CHECK_INT(judged_put(&j, NULL, JUDGED_ECHO, &id), 202);
    judged_take(&j);
    judged_say(&j, "{\"event\":\"one\"}");
    judged_say(&j, "{\"event\":\"two\"}");
    judged_say(&j, "{\"event\":\"three\"}");
    judged_finish(&j, passed, NULL);
    snprintf(path, sizeof(path), "/api/v1/submissions/%lld/events", (long long)id);
    web_say(&j.w, &(struct web_asking){.method = "GET", .path = path, .last_event_id = "2"});
    judged_hear(&j, "event: over", &got);
    CHECK(strstr(got.data, "\"one\"") == NULL && strstr(got.data, "\"two\"") == NULL);
    CHECK_HAS(got.data, "id: 3\nevent: step\ndata: {\"event\":\"three\"}");
    buf_reset(&got);
    web_say(&j.w,
            &(struct web_asking){.method = "GET", .path = path, .last_event_id = "-7 or what"});
    judged_hear(&j, "event: over", &got);
    CHECK_HAS(got.data, "id: 1\n");
    judged_close(&j);
    buf_release(&got);
}
