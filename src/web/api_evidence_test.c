#include "api.h"

#include "../judge/archive.h"
#include "../judge/submission.h"
#include "judged_story.h"

static const char passed[] = "{\"verdict\":\"passed\",\"sentence\":\"\"}";

ON_BOTH(a_report_is_shown_in_a_sandbox_of_its_own)
{
    struct judged_story j;
    int64_t id = 0;

    judged_open(&j, d, false);
    CHECK_INT(judged_put(&j, NULL, JUDGED_ECHO, &id), 202);
    CHECK_INT(judged_get(&j, NULL, id, "/report"), 404);
    check_described(&j.w, "GET", "/api/v1/submissions/:id/report");
    judged_take(&j);
    judged_finish(&j, passed, "<html>the run</html>");
    CHECK_INT(judged_get(&j, NULL, id, "/report"), 200);
    check_described(&j.w, "GET", "/api/v1/submissions/:id/report");
    CHECK_TEXT(j.w.r.body.data, "<html>the run</html>");
    CHECK(strncmp(j.w.r.csp, "sandbox allow-scripts;", 22) == 0);
    CHECK(strstr(j.w.r.csp, "allow-same-origin") == NULL);
    CHECK_INT(judged_get(&j, NULL, id, ""), 200);
    CHECK_HAS(j.w.r.body.data, "\"report\":true");
    judged_close(&j);
}

static unsigned download(struct judged_story *j, int64_t id, const char *query)
{
    char path[80];
    unsigned status;

    snprintf(path, sizeof(path), "/api/v1/submissions/%lld/archive", (long long)id);
    status = web_say(&j->w, &(struct web_asking){.method = "GET", .path = path, .query = query});
    check_described(&j->w, "GET", "/api/v1/submissions/:id/archive");
    return status;
}

/* The bytes of the last answer, which the story's own 0 follows. */
static unsigned upload(struct judged_story *j, struct str bytes, const char *type)
{
    struct request q = {.method = "POST",
                        .path = "/api/v1/archives",
                        .body = bytes,
                        .headers = {.host = "localhost",
                                    .origin = "",
                                    .fetch_site = "",
                                    .x_eddy = "1",
                                    .x_eddy_person = "",
                                    .content_type = type,
                                    .session = "",
                                    .cookie = "",
                                    .last_event_id = "",
                                    .address = ""}};
    struct response r = {0};
    struct err err = {.text = ""};

    CHECK_INT(routes_answer(j->w.site, &q, &r, &err), 0);
    response_release(&j->w.r);
    j->w.r = r;
    if (r.later.work != NULL)
        CHECK_INT(web_answer_later(&j->w, &err), 0);
    buf_add_text(&j->w.r.body, "");
    check_described(&j->w, "POST", "/api/v1/archives");
    return j->w.r.status;
}

ON_BOTH(an_archive_comes_back_as_the_files_that_went_into_it)
{
    static const char *const queries[] = {"", "format=zip", "format=tar.gz"};
    struct judged_story j;
    int64_t id = 0;
    size_t i;

    judged_open(&j, d, false);
    CHECK_INT(judged_put(&j, NULL, JUDGED_ECHO, &id), 202);
    for (i = 0; i < 3; i++) {
        struct buf bytes;
        CHECK_INT(download(&j, id, queries[i]), 200);
        CHECK_HAS(j.w.r.disposition.data, "filename=\"messenger-python.");
        bytes = j.w.r.body;
        j.w.r.body = (struct buf){0};
        CHECK_INT(upload(&j, buf_str(&bytes), i == 2 ? "" : "application/zip"), 200);
        CHECK_HAS(j.w.r.body.data, "{\"track\":\"messenger\",\"task\":\"echo\",\"language\":"
                                   "\"python\",\"files\":[");
        CHECK_HAS(j.w.r.body.data, "{\"name\":\"main.py\",\"text\":\"print(1)\\n\"}");
        CHECK_HAS(j.w.r.body.data, "\"name\":\"kit/");
        buf_release(&bytes);
    }
    CHECK_INT(download(&j, id, "format=rar"), 400);
    judged_close(&j);
}

TEST(what_is_no_archive_is_refused_with_a_sentence)
{
    struct judged_story j;
    struct database d;

    database_init(&d, false);
    judged_open(&j, &d, false);
    CHECK_INT(upload(&j, STR_LIT("PK\3\4 no archive at all"), "application/zip"), 400);
    CHECK_INT(upload(&j, STR_LIT(""), "application/zip"), 400);
    CHECK_HAS(j.w.r.body.data, "must be an archive");
    judged_close(&j);
    database_release(&d);
}
