/* What came of a submission, by its address: verdict, sentence, steps, evidence, the run drawn,
 * files. Whole without a script; one that is not over yet is followed by the island "run", which
 * loads the page again at the end. */
#include "pages.h"

#include "../accounts/people.h"
#include "../base/err.h"
#include "../course/language.h"
#include "../course/track.h"
#include "../judge/handins.h"
#include "../judge/jobs.h"
#include "../judge/submission.h"
#include "handin_json.h"
#include "html.h"
#include "outcome.h"
#include "request.h"
#include "response.h"
#include "site.h"

#include <string.h>
#include <time.h>

struct shown {
    const struct site *site;
    const struct person *reader;
    struct account maker; /* whose it is, if that is not the reader; else all zero */
    const struct handin *handin;
    const struct task *task;   /* NULL: the course has it no longer */
    const struct track *track; /* likewise */
    json_t *result;            /* NULL: none */
    struct submission files;
};

/* ---- the head ---- */

static void add_time(int64_t ms, struct buf *out)
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm date = {0};
    char text[32];

    gmtime_r(&seconds, &date);
    if (strftime(text, sizeof(text), "%Y-%m-%d %H:%M UTC", &date) > 0)
        html_addf(out, "%s", text);
}

static const char *language_title(const struct site *s, const char *name)
{
    const struct language *language = NULL;
    struct err ignored; /* a language that is no more is called by its name */

    return languages_find(s->languages, name, &language, &ignored) == 0 ? language->title : name;
}

/* What stands in the badge: the verdict, or where it is on its way. */
static const char *word_of(const struct handin *h)
{
    return h->verdict[0] != '\0' ? h->verdict : h->state;
}

static void add_trail(const struct shown *v, struct buf *out)
{
    const struct handin *h = v->handin;

    buf_add_text(out,
                 "<nav class=\"trail\" aria-label=\"Where you are\"><a href=\"/\">Tracks</a> ");
    if (v->task != NULL)
        html_addf(out, "<a href=\"/tracks/%s\">%s</a> <a href=\"/tracks/%s/%s\">%s</a> ",
                  v->track->slug, v->track->title, v->track->slug, v->task->slug, v->task->title);
    buf_add_text(out, h->kind == HANDIN_RUN ? "<span>Run " : "<span>Submission ");
    buf_add_i64(out, h->id);
    buf_add_text(out, "</span></nav>\n");
}

static void add_head(const struct shown *v, struct buf *out)
{
    const struct handin *h = v->handin;
    const char *word = word_of(h), *look = strcmp(word, "not judged") == 0 ? "warn" : word;

    add_trail(v, out);
    html_addf(out,
              "<h1>%s</h1>\n<p class=\"verdict\"><span class=\"badge %s\">%s</span> "
              "<span class=\"soft\">",
              v->task != NULL ? v->task->title : h->task, look, word);
    if (v->maker.person.id != 0)
        html_addf(out, "by <strong>%s</strong>, ",
                  v->maker.full_name[0] != '\0' ? v->maker.full_name : v->maker.person.name);
    html_addf(out, "%s, handed in ", language_title(v->site, h->language));
    add_time(h->put_ms, out);
    buf_add_text(out, h->kind == HANDIN_RUN ? "; a run on the first seed, which counts for nothing"
                                              "</span></p>\n"
                                            : "</span></p>\n");
    if (h->sentence != NULL && h->sentence[0] != '\0')
        html_addf(out, "<p class=\"sentence\">%s</p>\n", h->sentence);
}

/* ---- what came of it ---- */

static void add_waiting(const struct handin *h, struct buf *out)
{
    buf_add_text(out, "<div data-island=\"run\" data-props=\"{&quot;kind&quot;:&quot;submissions"
                      "&quot;,&quot;id&quot;:");
    buf_add_i64(out, h->id);
    buf_add_text(out, "}\">\n<p class=\"note info\">");
    if (h->place > 0)
        html_addf(out, "It waits for a worker, at place %u of the queue. ", h->place);
    else
        buf_add_text(out, "It is being judged. ");
    buf_add_text(out, "Load this page again to see what has become of it.</p>\n</div>\n");
}

static void add_report(const struct handin *h, struct buf *out)
{
    if (!h->has_report)
        return;
    buf_add_text(out, "<h2 id=\"report\">The run, drawn</h2>\n<p class=\"no-print\"><a href=\""
                      "/api/v1/submissions/");
    buf_add_i64(out, h->id);
    buf_add_text(out, "/report\">In a window of its own</a></p>\n<iframe class=\"report\" "
                      "loading=\"lazy\" sandbox=\"allow-scripts\" title=\"The run as a space-time "
                      "diagram\" src=\"/api/v1/submissions/");
    buf_add_i64(out, h->id);
    buf_add_text(out, "/report\"></iframe>\n");
}

static void add_files(const struct shown *v, struct buf *out)
{
    uint32_t i;

    buf_add_text(out,
                 "<h2 id=\"files\">Files</h2>\n<p class=\"no-print\"><a class=\"button small\" "
                 "href=\"/api/v1/submissions/");
    buf_add_i64(out, v->handin->id);
    buf_add_text(out, "/archive\">Download as a folder</a></p>\n");
    for (i = 0; i < v->files.file_count; i++)
        html_addf(out,
                  "<details class=\"fold\"%s>\n<summary><code>%s</code></summary>\n"
                  "<pre tabindex=\"0\"><code>%s</code></pre>\n</details>\n",
                  v->files.file_count == 1 ? " open" : "", v->files.files[i].name,
                  v->files.files[i].data);
}

static void show(const struct shown *v, struct buf *out)
{
    struct layout l = {.title = v->task != NULL ? v->task->title : v->handin->task,
                       .look = "result",
                       .who = v->reader};

    layout_begin(v->site, &l, out);
    add_head(v, out);
    if (!handin_is_over(v->handin))
        add_waiting(v->handin, out);
    else if (v->result != NULL)
        outcome_html(v->result, out);
    add_report(v->handin, out);
    add_files(v, out);
    layout_end(out);
}

/* ---- the page ---- */

static void find_task(struct shown *v)
{
    const struct site_track *st = site_track(v->site, str_of(v->handin->track));
    const struct page *page = NULL;

    v->task = st != NULL ? site_task(st, str_of(v->handin->task), &page) : NULL;
    v->track = st != NULL ? st->track : NULL;
}

/* A teacher or an admin looks at somebody's work, and is told whose. */
static int read_maker(struct shown *v, struct err *err)
{
    if (v->site->accounts == NULL || v->reader->id == v->handin->person)
        return 0;
    return people_find(v->site->accounts, v->handin->person, &v->maker, err);
}

static int read_all(struct shown *v, struct err *err)
{
    json_t *into = json_object();
    int status = handin_json_result(v->site->jobs, v->handin, into, err);

    v->result = json_incref(json_object_get(into, "result"));
    json_decref(into);
    if (status == 0)
        status = handins_files(v->site->jobs, v->handin->id, &v->files, err);
    if (status >= 0)
        status = read_maker(v, err);
    find_task(v);
    return status < 0 ? status : 0;
}

int page_submission(const struct site *s, const struct request *q, struct response *r,
                    struct err *err)
{
    struct handin h = {.id = 0};
    struct shown v = {.site = s, .reader = q->person, .handin = &h};
    int status = handin_for(s, q, q->words[0], &h, r, err);

    if (status == 0)
        page_error(s, 404, "You have no submission of this number.", r);
    if (status != 1)
        return status;
    status = read_all(&v, err);
    if (status == 0)
        show(&v, response_html(r, 200));
    json_decref(v.result);
    submission_release(&v.files);
    handin_release(&h);
    return status;
}
