/* web_story.h - a small course and a server's answers about it, for the tests of this room.
 *
 * Track 1 is written (tasks "say" and "echo", the latter passed), track 2 is planned. */
#ifndef WEB_WEB_STORY_H
#define WEB_WEB_STORY_H

#include "../course/course_story.h"
#include "../course/progress.h"
#include "../store/store.h"
#include "response.h"
#include "routes.h"
#include "site.h"

struct web_story {
    struct story story;
    struct store *store;
    struct site *site;
    struct response r;
};

UNUSED static void web_open(struct web_story *w)
{
    const struct progress_key key = {"messenger", "echo", "c", "/f"};
    const struct progress_result passed = {.step = "", .report = ""};
    struct err err = {.text = ""};
    struct buf page = {0};
    char *kits = realpath("kits", NULL);

    *w = (struct web_story){0};
    story_open(&w->story);
    story_write(&w->story, "course/planned.txt",
                "01 | messenger | A node | Foundations | 3\n02 | later | Later <b> | Others | 9\n");
    story_track_page(&page, "Prerequisites", "None. <script>alert(1)</script>");
    story_write(&w->story, "course/01-messenger/track.md", page.data);
    buf_reset(&page);
    story_task_page(&page, "What you build",
                    "See [it](02-echo.md#theory), [the manual](../../docs/some.md), "
                    "[nothing](../../src/x.c), [js](javascript:alert).");
    story_write(&w->story, "course/01-messenger/01-say.md", page.data);
    buf_reset(&page);
    story_task_page(&page, "Theory", "Everybody needs a zeppelin & more.");
    story_write(&w->story, "course/01-messenger/02-echo.md", page.data);
    story_write(&w->story, "docs/some.md", "# Some manual\n\nText of a chapter.\n");
    CHECK(kits != NULL && symlink(kits, story_path(&w->story, "kits")) == 0);
    CHECK_INT(store_open(story_path(&w->story, "x.db"), &w->store, &err), 0);
    CHECK_INT(progress_add(w->store, &key, &passed, &err), 0);
    if (site_open(w->story.dir, w->store, &w->site, &err) < 0)
        fail_msg("%s", err.text);
    buf_release(&page);
    free(kits);
}

UNUSED static void web_close(struct web_story *w)
{
    response_release(&w->r);
    site_close(w->site);
    store_close(w->store);
    story_close(&w->story);
}

/* The status; the body ends in 0. */
UNUSED static unsigned web_ask(struct web_story *w, const char *method, const char *path,
                               const char *query, const char *language)
{
    struct request q = {.method = method, .path = path, .query = query, .language = language};
    struct err err = {.text = ""};

    response_release(&w->r);
    w->r = (struct response){0};
    if (routes_answer(w->site, &q, &w->r, &err) < 0)
        fail_msg("%s: %s", path, err.text);
    buf_add_text(&w->r.body, "");
    return w->r.status;
}

UNUSED static const char *web_get(struct web_story *w, const char *path)
{
    CHECK_INT(web_ask(w, "GET", path, "", ""), 200);
    return w->r.body.data;
}

#endif
