#include "api.h"

#include "../accounts/throttle.h"
#include "judged_story.h"

#define RUN(options, files)                                                                        \
    "{\"workload\":\"echo\",\"options\":" options ",\"language\":\"py\",\"files\":" files "}"
#define MAIN "[{\"name\":\"main.py\",\"text\":\"print('<b>')\\n\"}]"

static const char passed[] =
    "{\"verdict\":\"passed\",\"sentence\":\"\",\"valid\":true,\"seed\":7,\"command\":"
    "\"eddy test -w echo --seed 7\",\"end-ns\":2000000000,\"statistics\":{\"operations\":{\"by-f\":"
    "{\"echo\":{\"count\":41,\"ok-count\":41,\"fail-count\":0,\"info-count\":0}}},\"messages\":"
    "{\"all\":{\"msg-count\":90},\"servers\":{\"msg-count\":8}}}}";
static const char failed[] =
    "{\"verdict\":\"failed\",\"sentence\":\"n0 said <script>\",\"valid\":false,\"evidence\":"
    "[\"<img src=x>\"],\"build\":{\"text\":\"<i>\"},\"limit\":{\"node\":\"n1\",\"name\":\"memory\","
    "\"figure\":9,\"bound\":8},\"notes\":[3]}";

struct run_story {
    struct judged_story j;
    char id[32];
};

/* The status; the answer is as described. id: of the run, if it was taken. */
static unsigned put(struct run_story *s, const char *session, const char *body)
{
    unsigned status = web_say(
        &s->j.w, &(struct web_asking){
                     .method = "POST", .path = "/api/v1/runs", .session = session, .body = body});
    json_t *answer = json_loads(s->j.w.r.body.data, 0, NULL);

    check_described(&s->j.w, "POST", "/api/v1/runs");
    if (status == 202)
        snprintf(s->id, sizeof(s->id), "%s", json_string_value(json_object_get(answer, "id")));
    json_decref(answer);
    return status;
}

static unsigned ask(struct run_story *s, const char *session, const char *method,
                    const char *behind)
{
    char path[120];

    snprintf(path, sizeof(path), "/api/v1/runs/%s%s", s->id, behind);
    return web_say(&s->j.w,
                   &(struct web_asking){.method = method, .path = path, .session = session});
}

static const char *page(struct run_story *s)
{
    char path[64];

    snprintf(path, sizeof(path), "/runs/%s", s->id);
    return web_get(&s->j.w, path);
}

ON_BOTH(a_run_is_seen_from_the_queue_to_the_verdict)
{
    struct run_story s;

    judged_open(&s.j, d, false);
    CHECK_INT(put(&s, NULL, RUN("{\"seed\":\"7\"}", MAIN)), 202);
    CHECK_INT(strlen(s.id), 22);
    CHECK_HAS(s.j.w.r.body.data, "\"place\":1,\"url\":\"/runs/");
    CHECK_HAS(page(&s), "&quot;kind&quot;:&quot;runs&quot;");
    CHECK_INT(ask(&s, NULL, "GET", ""), 200);
    check_described(&s.j.w, "GET", "/api/v1/runs/:id");
    CHECK_HAS(s.j.w.r.body.data, "\"language\":\"python\",\"state\":\"queued\",\"place\":1,");
    CHECK_HAS(s.j.w.r.body.data, "\"concurrency\":\"2n\"");
    CHECK_HAS(s.j.w.r.body.data, "\"seed\":\"7\"");
    judged_take(&s.j);
    CHECK_HAS(s.j.job.payload.data, "\"language\":\"python\"");
    judged_finish(&s.j, passed, "<p>the run</p>");
    CHECK_INT(ask(&s, NULL, "GET", ""), 200);
    check_described(&s.j.w, "GET", "/api/v1/runs/:id");
    CHECK_HAS(s.j.w.r.body.data, "\"verdict\":\"passed\",\"sentence\":\"\",\"report\":true,");
    CHECK_INT(ask(&s, NULL, "GET", "/report"), 200);
    check_described(&s.j.w, "GET", "/api/v1/runs/:id/report");
    CHECK_TEXT(s.j.w.r.body.data, "<p>the run</p>");
    CHECK_HAS(s.j.w.r.csp, "sandbox");
    CHECK_HAS(page(&s), "Everything that must hold held.");
    CHECK_HAS(s.j.w.r.body.data, "<th scope=\"row\">echo</th><td>41</td>");
    CHECK_HAS(s.j.w.r.body.data, "eddy test -w echo --seed 7");
    CHECK_HAS(s.j.w.r.body.data, "/playground?workload=echo&amp;language=python&amp;seed=7");
    CHECK_HAS(s.j.w.r.body.data, "&lt;b&gt;");
    CHECK(strstr(s.j.w.r.body.data, "data-island=\"run\"") == NULL);
    judged_close(&s.j);
}

TEST(nothing_that_a_program_said_becomes_markup)
{
    struct run_story s;
    struct database d;

    database_init(&d, false);
    judged_open(&s.j, &d, false);
    CHECK_INT(put(&s, NULL, RUN("{}", MAIN)), 202);
    judged_take(&s.j);
    judged_finish(&s.j, failed, NULL);
    CHECK_HAS(page(&s), "n0 said &lt;script&gt;");
    CHECK_HAS(s.j.w.r.body.data, "&lt;img src=x&gt;");
    CHECK_HAS(s.j.w.r.body.data, "&lt;i&gt;");
    CHECK_HAS(s.j.w.r.body.data, "n1 was ended by a limit, memory: 9 where 8");
    CHECK(strstr(s.j.w.r.body.data, "<img src=x") == NULL &&
          strstr(s.j.w.r.body.data, "<i>") == NULL);
    CHECK_INT(ask(&s, NULL, "GET", "/report"), 404);
    check_described(&s.j.w, "GET", "/api/v1/runs/:id/report");
    judged_close(&s.j);
    database_release(&d);
}

/* Goal: who may do what. Whoever has the address may look, also who has not signed in. */
ON_BOTH(who_has_the_address_may_see_it_and_who_asked_may_take_it_back)
{
    static const char *const behind[] = {"", "/events"};
    struct run_story s;
    size_t i;

    judged_open(&s.j, d, true);
    CHECK_INT(put(&s, "", RUN("{}", MAIN)), 401);
    CHECK_INT(put(&s, "7", RUN("{}", MAIN)), 202);
    for (i = 0; i < 2; i++) {
        CHECK_INT(ask(&s, "", "GET", behind[i]), 200);
        CHECK_INT(ask(&s, "8", "GET", behind[i]), 200);
    }
    page(&s);
    CHECK_INT(ask(&s, "", "DELETE", ""), 401);
    CHECK_INT(ask(&s, "8", "DELETE", ""), 403);
    check_described(&s.j.w, "DELETE", "/api/v1/runs/:id");
    CHECK_INT(ask(&s, "7", "DELETE", ""), 200);
    check_described(&s.j.w, "DELETE", "/api/v1/runs/:id");
    CHECK_HAS(s.j.w.r.body.data, "\"state\":\"cancelled\"");
    s.id[5] = s.id[5] == 'x' ? 'y' : 'x';
    for (i = 0; i < 2; i++)
        CHECK_INT(ask(&s, "7", "GET", behind[i]), 404);
    CHECK_INT(ask(&s, "a1", "GET", "/report"), 404);
    CHECK_INT(ask(&s, "a1", "DELETE", ""), 404);
    judged_close(&s.j);
}

TEST(what_cannot_be_run_is_refused_with_a_sentence)
{
    static const struct {
        const char *body, *why;
    } cases[] = {
        {"", "JSON"},
        {"[]", "JSON object"},
        {RUN("{\"node-count\":\"26\"}", MAIN), "1 to 25"},
        {RUN("{\"store\":\"/tmp\"}", MAIN), "no option"},
        {RUN("{\"rate\":\"1000\",\"time-limit\":\"60\"}", MAIN), "60000"},
        {RUN("{}", "[]"), "one at least"},
        {RUN("{}", "[{\"name\":\"../x\",\"text\":\"\"}]"), ".."},
        {"{\"workload\":\"echo\",\"language\":\"cobol\",\"files\":" MAIN "}", "python"},
        {"{\"workload\":\"ecco\",\"language\":\"c\",\"files\":" MAIN "}", "lin-kv"},
    };
    struct run_story s;
    struct database d;
    size_t i;

    database_init(&d, false);
    judged_open(&s.j, &d, false);
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (put(&s, NULL, cases[i].body) != 400)
            fail_msg("case %zu: %u", i, s.j.w.r.status);
        CHECK_HAS(s.j.w.r.body.data, cases[i].why);
    }
    s.j.w.site->closed = "The sandbox is too weak here.";
    CHECK_INT(put(&s, NULL, RUN("{}", MAIN)), 503);
    judged_close(&s.j);
    database_release(&d);
}

ON_BOTH(too_many_runs_that_wait_are_told_so)
{
    struct run_story s;
    int i;

    judged_open(&s.j, d, true);
    for (i = 0; i < 3; i++)
        CHECK_INT(put(&s, "7", RUN("{}", MAIN)), 202);
    CHECK_INT(put(&s, "7", RUN("{}", MAIN)), 429);
    CHECK_INT(put(&s, "8", RUN("{}", MAIN)), 202);
    judged_close(&s.j);
}

/* Goal: nobody takes the machine by asking again and again.
 * Method: a throttle as the server has it; runs are cancelled at once, so that none waits. */
TEST(who_asks_too_often_must_wait)
{
    struct run_story s;
    struct database d;
    int i;

    database_init(&d, false);
    judged_open(&s.j, &d, false);
    s.j.w.site->throttle = throttle_new();
    for (i = 0; i < 1000 && put(&s, NULL, RUN("{}", MAIN)) == 202; i++)
        CHECK_INT(ask(&s, NULL, "DELETE", ""), 200);
    CHECK(i > 3 && i < 1000);
    CHECK_INT(s.j.w.r.status, 429);
    CHECK_HAS(s.j.w.r.body.data, "too often");
    throttle_free(s.j.w.site->throttle);
    judged_close(&s.j);
    database_release(&d);
}

/* ---- as it goes on ---- */

ON_BOTH(a_stream_tells_the_run_as_it_goes_on)
{
    struct run_story s;
    struct buf got = {0};

    judged_open(&s.j, d, false);
    CHECK_INT(put(&s, NULL, RUN("{}", MAIN)), 202);
    CHECK_INT(ask(&s, NULL, "GET", "/events"), 200);
    check_described(&s.j.w, "GET", "/api/v1/runs/:id/events");
    judged_hear(&s.j, "\"state\":\"queued\"", &got);
    judged_take(&s.j);
    judged_say(&s.j, "{\"event\":\"running\",\"virtual-ns\":5}");
    judged_hear(&s.j, "id: 1\nevent: step\ndata: {\"event\":\"running\",\"virtual-ns\":5}", &got);
    CHECK(strstr(got.data, "\"files\"") == NULL);
    judged_finish(&s.j, passed, NULL);
    judged_hear(&s.j, "event: over\ndata: {", &got);
    CHECK_HAS(got.data, "\"verdict\":\"passed\",\"sentence\":\"\",\"report\":false,\"result\":{");
    judged_close(&s.j);
    buf_release(&got);
}
