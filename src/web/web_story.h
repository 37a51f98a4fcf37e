/* web_story.h - a small course and a server's answers about it, for the tests of this room.
 *
 * Track 1 is written (tasks "say" and "echo", the latter passed; one part), track 2 is planned. */
#ifndef WEB_WEB_STORY_H
#define WEB_WEB_STORY_H

#include "../base/mem.h"
#include "../course/course_story.h"
#include "../course/progress.h"
#include "../store/store.h"
#include "request.h"
#include "response.h"
#include "routes.h"
#include "site.h"
#include "url.h"

#include <stdio.h>

struct web_story {
    struct story story;
    struct store *store;
    struct site *site;
    struct response r;
};

/* db: as of store_open(); NULL: a file of the story's own. */
UNUSED static void web_open_at(struct web_story *w, const char *db)
{
    const struct progress_key key = {"messenger", "echo", "c", "/f", 0};
    const struct progress_result passed = {.step = "", .report = ""};
    struct err err = {.text = ""};
    struct buf page = {0};
    char *kits = realpath("kits", NULL);

    *w = (struct web_story){0};
    story_open(&w->story);
    story_write(&w->story, "course/planned.txt",
                "01 | messenger | A node | Foundations | 3\n02 | later | Later <b> | Others | 9 | "
                "messenger\n03 | whole | All of it | Capstones | 5 | later\n");
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
    CHECK_INT(store_open(db != NULL ? db : story_path(&w->story, "x.db"), &w->store, &err), 0);
    CHECK_INT(progress_add(w->store, &key, &passed, &err), 0);
    if (site_open(w->story.dir, w->store, &w->site, &err) < 0)
        fail_msg("%s", err.text);
    buf_release(&page);
    free(kits);
}

UNUSED static void web_open(struct web_story *w)
{
    web_open_at(w, NULL);
}

UNUSED static void web_close(struct web_story *w)
{
    response_release(&w->r);
    site_close(w->site);
    store_close(w->store);
    story_close(&w->story);
}

/* A request as a browser of this server's own pages sends it, but for what is said here. */
struct web_asking {
    const char *method, *path;
    const char *query;   /* "q=a%20b&language=c"; NULL: none */
    const char *body;    /* NULL: none */
    const char *session; /* the cookie; NULL: none */
    const char *cookie;  /* all cookies; NULL: none */
    const char *origin, *fetch_site, *x_eddy, *content_type, *last_event_id; /* NULL: the usual */
    const char *x_eddy_person;                                               /* NULL: none */
};

static inline const char *web_or(const char *text, const char *usual)
{
    return text != NULL ? text : usual;
}

static inline void web_split(const char *query, struct request_values *values)
{
    char name[64];

    while (*query != '\0') {
        size_t len = strcspn(query, "&"), name_len = strcspn(query, "=&");
        char *raw = mem_strndup(query + name_len + 1, len > name_len ? len - name_len - 1 : 0);
        snprintf(name, sizeof(name), "%.*s", (int)name_len, query);
        request_values_add(values, name, raw);
        mem_free(raw);
        query += len + (query[len] == '&');
    }
}

/* What must be worked for is worked for at once. */
static inline int web_answer_later(struct web_story *w, struct err *err)
{
    struct response_later later = w->r.later;
    int status;

    later.work(later.owner);
    w->r.later.work = NULL;
    response_release(&w->r);
    w->r = (struct response){0};
    status = later.answer(later.owner, w->site, &w->r, err);
    if (later.free != NULL)
        later.free(later.owner);
    return status;
}

/* The status; the body ends in 0. */
UNUSED static unsigned web_say(struct web_story *w, const struct web_asking *a)
{
    struct request_values values = {.count = 0};
    struct request q = {.method = a->method,
                        .path = a->path,
                        .body = str_of(web_or(a->body, "")),
                        .values = &values,
                        .headers = {.host = "localhost:8080",
                                    .origin = web_or(a->origin, "http://localhost:8080"),
                                    .fetch_site = web_or(a->fetch_site, "same-origin"),
                                    .x_eddy = web_or(a->x_eddy, "1"),
                                    .x_eddy_person = web_or(a->x_eddy_person, ""),
                                    .content_type = web_or(a->content_type, "application/json"),
                                    .last_event_id = web_or(a->last_event_id, ""),
                                    .cookie = web_or(a->cookie, ""),
                                    .session = web_or(a->session, ""),
                                    .address = "127.0.0.1"}};
    struct err err = {.text = ""};
    int status;

    web_split(web_or(a->query, ""), &values);
    response_release(&w->r);
    w->r = (struct response){0};
    status = routes_answer(w->site, &q, &w->r, &err);
    if (status == 0 && w->r.later.work != NULL)
        status = web_answer_later(w, &err);
    request_values_release(&values);
    if (status < 0)
        fail_msg("%s: %s", a->path, err.text);
    buf_add_text(&w->r.body, "");
    return w->r.status;
}

/* query: the value of q, as it is; likewise language. */
UNUSED static unsigned web_ask(struct web_story *w, const char *method, const char *path,
                               const char *query, const char *language)
{
    struct web_asking a = {.method = method, .path = path};
    struct buf raw = {0};

    buf_add_text(&raw, "q=");
    url_encode(str_of(query), &raw);
    buf_add_text(&raw, "&language=");
    url_encode(str_of(language), &raw);
    a.query = raw.data;
    web_say(w, &a);
    buf_release(&raw);
    return w->r.status;
}

UNUSED static const char *web_get(struct web_story *w, const char *path)
{
    CHECK_INT(web_ask(w, "GET", path, "", ""), 200);
    return w->r.body.data;
}

#endif
