/* /admin: what whoever looks after a server wants to see in one look, the most urgent first. The
 * same facts as JSON: api_admin.c. */
#include "pages.h"

#include "../base/err.h"
#include "admin.h"
#include "backups.h"
#include "form.h"
#include "html.h"
#include "request.h"
#include "response.h"
#include "site.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- words for numbers ---- */

static const char *words_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL ? text : "";
}

static int64_t number_of(const json_t *object, const char *name)
{
    return (int64_t)json_integer_value(json_object_get(object, name));
}

static void add_span(int64_t ms, struct buf *out)
{
    char text[DURATION_TEXT_MAX];

    html_addf(out, "%s", duration_text(ms / 1000 * 1000000000, text));
}

/* ---- workers ---- */

static void add_tools(const json_t *tools, struct buf *out)
{
    json_t *tool;
    size_t i;

    buf_add_text(out, "<details class=\"fold\"><summary>Languages</summary><ul>\n");
    json_array_foreach(tools, i, tool) html_addf(
        out, "<li>%s%s: %s</li>\n", words_of(tool, "language"),
        json_is_true(json_object_get(tool, "fine")) ? "" : " (missing)", words_of(tool, "text"));
    buf_add_text(out, "</ul></details>");
}

static void add_worker(const json_t *w, struct buf *out)
{
    const char *state = words_of(w, "state");

    html_addf(out, "<tr><th scope=\"row\">%s</th><td><span class=\"badge %s\">%s</span>",
              words_of(w, "name"), strcmp(state, "silent") == 0 ? "bad" : "good", state);
    if (strcmp(state, "silent") == 0) {
        buf_add_text(out, " for ");
        add_span(number_of(w, "silent_ms"), out);
    }
    html_addf(out, "</td><td>%s</td><td class=\"number\">%d of %d</td><td>", words_of(w, "sandbox"),
              (int)number_of(w, "running"), (int)number_of(w, "jobs"));
    add_tools(json_object_get(w, "tools"), out);
    buf_add_text(out, "</td></tr>\n");
}

static void add_workers(const json_t *list, struct buf *out)
{
    json_t *w;
    size_t i;

    buf_add_text(out, "<section aria-labelledby=\"workers\">\n<h2 id=\"workers\">Workers</h2>\n");
    if (json_array_size(list) == 0) {
        buf_add_text(out, "<p class=\"empty\">No worker is there, so nothing is judged. <code>eddy "
                          "worker --db DATABASE</code> starts one.</p>\n</section>\n");
        return;
    }
    buf_add_text(out,
                 "<div class=\"table\" tabindex=\"0\" role=\"region\" aria-label=\"Workers\">"
                 "<table class=\"data\"><thead><tr><th>Name</th><th>State</th><th>Sandbox</th>"
                 "<th class=\"number\">Judging</th><th>What it has</th></tr></thead><tbody>\n");
    json_array_foreach(list, i, w) add_worker(w, out);
    buf_add_text(out, "</tbody></table></div>\n</section>\n");
}

/* ---- the queue ---- */

static void add_cancel(const json_t *job, struct buf *out)
{
    char path[64];
    const struct form f = {.method = "DELETE",
                           .path = path,
                           .label = "Cancel a submission",
                           .ask = "Cancel this submission? Whoever handed it in is told so."};

    snprintf(path, sizeof(path), "/admin/queue/%" PRId64, number_of(job, "id"));
    form_button(out, &f, NULL, "Cancel", "small");
}

/* "messenger/echo, python", with a link to where it is shown. */
static void add_errand(const json_t *job, struct buf *out)
{
    const char *url = words_of(job, "url"), *kind = words_of(job, "kind");

    if (url[0] != '\0')
        html_addf(out, "<a href=\"%s\">", url);
    if (strcmp(kind, "playground") == 0)
        buf_add_text(out, "playground");
    else if (kind[0] != '\0')
        html_addf(out, "%s/%s", words_of(job, "track"), words_of(job, "task"));
    else
        html_addf(out, "%s", words_of(job, "topic"));
    if (url[0] != '\0')
        buf_add_text(out, "</a>");
    if (words_of(job, "language")[0] != '\0')
        html_addf(out, ", %s", words_of(job, "language"));
}

static const char *job_kind(const json_t *job)
{
    if (strcmp(words_of(job, "priority"), "regrade") == 0)
        return "judged again";
    return strcmp(words_of(job, "kind"), "submit") == 0 ? "submission" : "run";
}

static void add_job(const json_t *job, bool may_cancel, struct buf *out)
{
    html_addf(out, "<tr><th scope=\"row\">%d</th><td>", (int)number_of(job, "id"));
    add_errand(job, out);
    html_addf(out, "</td><td>%s</td><td>", job_kind(job));
    layout_time(number_of(job, "put_ms"), out);
    html_addf(out, "</td><td>%s", words_of(job, "worker"));
    if (words_of(job, "why")[0] != '\0')
        html_addf(out, "<p class=\"small\">%s</p>", words_of(job, "why"));
    buf_add_text(out, "</td><td class=\"number\">");
    if (may_cancel)
        add_cancel(job, out);
    buf_add_text(out, "</td></tr>\n");
}

static void add_states(const char *here, struct buf *out)
{
    static const char *const links[][2] = {{"queued", "queued"},
                                           {"running", "running"},
                                           {"not judged", "not+judged"},
                                           {"cancelled", "cancelled"},
                                           {"done", "done"}};
    size_t i;

    buf_add_text(out, "<nav class=\"cluster\" aria-label=\"State\">");
    for (i = 0; i < sizeof(links) / sizeof(links[0]); i++)
        html_addf(out, "<a href=\"/admin?state=%s#queue\"%s>%s</a>\n", links[i][1],
                  strcmp(links[i][0], here) == 0 ? " aria-current=\"true\"" : "", links[i][0]);
    buf_add_text(out, "</nav>\n");
}

static void add_counts(const json_t *queue, struct buf *out)
{
    html_addf(out, "<p>%d wait, %d run, %d could not be judged.", (int)number_of(queue, "queued"),
              (int)number_of(queue, "running"), (int)number_of(queue, "not_judged"));
    if (number_of(queue, "queued") > 0) {
        buf_add_text(out, " The first has waited for ");
        add_span(number_of(queue, "oldest_ms"), out);
        buf_add_char(out, '.');
    }
    buf_add_text(out, "</p>\n");
}

static void add_queue(const json_t *queue, struct buf *out)
{
    const char *state = words_of(queue, "state");
    bool may_cancel = strcmp(state, "queued") == 0 || strcmp(state, "running") == 0;
    const json_t *jobs = json_object_get(queue, "jobs");
    json_t *job;
    size_t i;

    buf_add_text(out, "<section aria-labelledby=\"queue\">\n<h2 id=\"queue\">Queue</h2>\n");
    add_counts(queue, out);
    add_states(state, out);
    if (json_array_size(jobs) == 0) {
        html_addf(out, "<p class=\"empty\">Nothing is %s.</p>\n</section>\n", state);
        return;
    }
    buf_add_text(out, "<div class=\"table\" tabindex=\"0\" role=\"region\" aria-label=\"Queue\">"
                      "<table class=\"data\"><thead><tr><th>Number</th><th>What</th><th>Kind</th>"
                      "<th>Since</th><th>Worker</th><th><span class=\"visually-hidden\">Cancel"
                      "</span></th></tr></thead><tbody>\n");
    json_array_foreach(jobs, i, job) add_job(job, may_cancel, out);
    buf_add_text(out, "</tbody></table></div>\n</section>\n");
}

static void add_regrade(struct buf *out)
{
    const struct form f = {.method = "POST",
                           .path = "/admin/regrades",
                           .label = "Judge a task's submissions again",
                           .told = "They wait now, behind what learners hand in.",
                           .ask = "Judge all submissions of this task again?"};
    const struct field track = {.name = "track",
                                .label = "Track",
                                .help = "As in its address: "
                                        "messenger"};
    const struct field task = {.name = "task", .label = "Task", .help = "Likewise: echo"};

    buf_add_text(out, "<details class=\"fold\"><summary>Judge a task again</summary>\n<p>After a "
                      "mistake in a grader: what was handed in last by each learner is judged "
                      "again, and the new verdict counts.</p>\n");
    form_begin(out, &f);
    form_field(out, &track);
    form_field(out, &task);
    form_end(out, "Judge again", "");
    buf_add_text(out, "</details>\n");
}

/* ---- the machine ---- */

static void add_sandbox(const json_t *sandbox, struct buf *out)
{
    json_t *missing;
    size_t i;

    html_addf(out,
              "<section aria-labelledby=\"sandbox\">\n<h2 id=\"sandbox\">Sandbox of this machine"
              "</h2>\n<p>Level %s. %s</p>\n",
              words_of(sandbox, "level"), words_of(sandbox, "means"));
    json_array_foreach(json_object_get(sandbox, "missing"), i, missing)
        html_addf(out, "<p class=\"note warn\">For level %s: %s</p>\n", words_of(missing, "level"),
                  words_of(missing, "why"));
    buf_add_text(out, "</section>\n");
}

static void add_disk(const json_t *places, struct buf *out)
{
    json_t *place;
    size_t i;

    buf_add_text(out, "<section aria-labelledby=\"disk\">\n<h2 id=\"disk\">Disk</h2>\n<div "
                      "class=\"table\" tabindex=\"0\" role=\"region\" aria-label=\"Disk\"><table "
                      "class=\"data\"><thead><tr><th>What</th><th>Where</th><th "
                      "class=\"number\">Used</th><th class=\"number\">Free there</th></tr></thead>"
                      "<tbody>\n");
    json_array_foreach(places, i, place)
    {
        html_addf(out, "<tr><th scope=\"row\">%s</th><td>%s</td><td class=\"number\">",
                  words_of(place, "what"), words_of(place, "where"));
        layout_bytes(number_of(place, "bytes"), out);
        buf_add_text(out, "</td><td class=\"number\">");
        if (number_of(place, "free_bytes") > 0)
            layout_bytes(number_of(place, "free_bytes"), out);
        buf_add_text(out, "</td></tr>\n");
    }
    buf_add_text(out, "</tbody></table></div>\n</section>\n");
}

/* ---- backups ---- */

static void add_backup(void *out, const char *name, int64_t bytes, int64_t made_s)
{
    char path[64];
    const struct form f = {
        .method = "DELETE", .path = path, .label = "Remove a backup", .ask = "Remove this backup?"};

    snprintf(path, sizeof(path), "/admin/backups/%s", name);
    html_addf(out,
              "<tr><th scope=\"row\"><a href=\"/api/v1/admin/backups/%s\" download>%s</a></th><td>",
              name, name);
    layout_time(made_s * 1000, out);
    buf_add_text(out, "</td><td class=\"number\">");
    layout_bytes(bytes, out);
    buf_add_text(out, "</td><td class=\"number\">");
    form_button(out, &f, NULL, "Remove", "small");
    buf_add_text(out, "</td></tr>\n");
}

static int add_backups(const struct site *s, struct buf *out, struct err *err)
{
    const struct form make = {.method = "POST", .path = "/admin/backups", .label = "Back up"};
    int count;

    buf_add_text(out, "<section aria-labelledby=\"backups\">\n<h2 id=\"backups\">Backups</h2>\n");
    if (!backups_possible(s)) {
        buf_add_text(out,
                     "<p>The database is on a server of PostgreSQL, whose own tools copy it: "
                     "<code>pg_dump --format=custom eddy &gt; eddy.dump</code>.</p>\n</section>\n");
        return 0;
    }
    buf_add_text(out, "<p>A copy of everything, made while all goes on. Keep some on another "
                      "machine; they hold hashes of passwords and all programs.</p>\n");
    form_button(out, &make, NULL, "Back up now", "");
    buf_add_text(out, "<div class=\"table\" tabindex=\"0\" role=\"region\" aria-label=\"Backups\">"
                      "<table class=\"data\"><tbody>\n");
    count = backups_list(s, add_backup, out, err);
    buf_add_text(out, "</tbody></table></div>\n</section>\n");
    return count < 0 ? count : 0;
}

/* ---- the page ---- */

struct facts {
    json_t *workers, *queue, *disk, *sandbox;
};

static int gather(const struct site *s, const struct request *q, struct facts *f, struct err *err)
{
    const char *word = request_value(q, "state");
    enum job_state state = JOB_QUEUED;
    int status;

    admin_find_state(word, &state); /* another word shows what waits */
    status = admin_workers(s, &f->workers, err);
    if (status == 0)
        status = admin_queue(s, state, &f->queue, err);
    if (status == 0)
        status = admin_disk(s, &f->disk, err);
    f->sandbox = admin_sandbox();
    return status;
}

int page_admin(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    struct layout l = {.title = "Server", .here = "/admin", .who = q->person};
    struct facts f = {NULL, NULL, NULL, NULL};
    int status = gather(s, q, &f, err);
    struct buf *out;

    if (status == 0) {
        out = response_html(r, 200);
        layout_begin(s, &l, out);
        buf_add_text(out, "<h1>Server</h1>\n");
        if (s->accounts != NULL)
            buf_add_text(out, "<p><a href=\"/admin/people\">People and invitations</a></p>\n");
        add_workers(f.workers, out);
        add_queue(f.queue, out);
        add_regrade(out);
        add_sandbox(f.sandbox, out);
        add_disk(f.disk, out);
        status = add_backups(s, out, err);
        layout_end(out);
    }
    json_decref(f.workers);
    json_decref(f.queue);
    json_decref(f.disk);
    json_decref(f.sandbox);
    return status;
}
