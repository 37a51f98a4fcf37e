#include "pages.h"

#include "judged_story.h"

static const char *look(struct judged_story *j, const char *session, int64_t id, unsigned wanted)
{
    struct web_asking a = {.method = "GET", .session = session};
    char path[64];

    snprintf(path, sizeof(path), "/submissions/%lld", (long long)id);
    a.path = path;
    CHECK_INT(web_say(&j->w, &a), wanted);
    return j->w.r.body.data;
}

ON_BOTH(a_submission_is_followed_and_then_told)
{
    struct judged_story j;
    const char *page;
    int64_t id = 0;

    judged_open(&j, d, false);
    CHECK_INT(judged_put(&j, "", JUDGED_ECHO, &id), 202);
    page = look(&j, "", id, 200);
    CHECK_HAS(page, "<span class=\"badge queued\">queued</span>");
    CHECK_HAS(page, "at place 1 of the queue");
    CHECK_HAS(page, "data-island=\"run\" data-props=\"{&quot;kind&quot;:&quot;submissions&quot;,");
    CHECK_HAS(page, "<summary><code>main.py</code></summary>\n<pre tabindex=\"0\"><code>print(1)");
    judged_take(&j);
    CHECK_HAS(look(&j, "", id, 200), "It is being judged.");
    judged_finish(
        &j,
        "{\"verdict\":\"failed\",\"sentence\":\"\\\"x\\\" failed: <b>\",\"seeds\":5,\"parts\":[{"
        "\"name\":\"\",\"steps\":[{\"name\":\"It <i>answers</i>\",\"passed\":false,"
        "\"failure\":{\"what\":\"no\",\"seen\":\"<script>\"}}]}]}",
        "<html></html>");
    page = look(&j, "", id, 200);
    CHECK_HAS(page, "<span class=\"badge failed\">failed</span>");
    CHECK_HAS(page, "<p class=\"sentence\">&quot;x&quot; failed: &lt;b&gt;</p>");
    CHECK_HAS(page, "Why “It &lt;i&gt;answers&lt;/i&gt;” failed");
    CHECK_HAS(page, "<iframe class=\"report\"");
    CHECK_HAS(page, "<a href=\"/tracks/messenger/echo\">");
    CHECK(strstr(page, "data-island=\"run\"") == NULL && strstr(page, "<script>") == NULL);
    judged_close(&j);
}

ON_BOTH(a_submission_is_shown_to_whom_it_concerns)
{
    struct judged_story j;
    int64_t id = 0;

    judged_open(&j, d, true);
    CHECK_INT(judged_put(&j, "7", JUDGED_ECHO, &id), 202);
    CHECK_HAS(look(&j, "7", id, 200), "badge queued");
    CHECK_HAS(look(&j, "t70", id, 200), "badge queued");
    CHECK_HAS(look(&j, "a1", id, 200), "badge queued");
    CHECK_HAS(look(&j, "8", id, 404), "You have no submission of this number.");
    CHECK_HAS(look(&j, "t71", id, 404), "You have no submission of this number.");
    look(&j, "7", id + 1, 404);
    look(&j, "", id, 303);
    judged_close(&j);
}

TEST(without_a_queue_there_is_none)
{
    struct web_story w;

    web_open(&w);
    CHECK_INT(web_ask(&w, "GET", "/submissions/1", "", ""), 404);
    CHECK_INT(web_ask(&w, "GET", "/submissions/x", "", ""), 404);
    web_close(&w);
}
