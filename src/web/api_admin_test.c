#include "admin.h"

#include "schema_story.h"

#include "../judge/jobs.h"
#include "../judge/machines.h"
#include "../judge/plays.h"
#include "api.h"
#include "backups.h"

struct scene {
    struct web_story w;
    struct jobs *jobs;
    char db[200];
};

static void open_scene(struct scene *s)
{
    struct jobs_config config = {.worker = "w/1"};
    struct err err = {.text = ""};

    web_open(&s->w);
    snprintf(s->db, sizeof(s->db), "%s", story_path(&s->w.story, "x.db"));
    CHECK_INT(jobs_open(s->db, &config, &s->jobs, &err), 0);
    s->w.site->jobs = s->jobs;
    s->w.site->db = s->db;
}

static void close_scene(struct scene *s)
{
    jobs_close(s->jobs);
    web_close(&s->w);
}

static const char *say(struct scene *s, unsigned status, const char *method, const char *path,
                       const char *route, const char *query, const char *body)
{
    struct web_asking a = {.method = method, .path = path, .query = query, .body = body};

    if (web_say(&s->w, &a) != status)
        fail_msg("%s %s: %u, and not %u: %s", method, path, s->w.r.status, status,
                 s->w.r.body.data);
    check_described(&s->w, method, route);
    return s->w.r.body.data;
}

static int64_t put(struct scene *s, const char *topic)
{
    struct job_spec spec = {"", topic, "", JOB_INTERACTIVE, STR_LIT("x")};
    struct err err = {.text = ""};
    int64_t id = 0;

    CHECK_INT(jobs_put(s->jobs, &spec, &id, &err), 0);
    return id;
}

TEST(workers_are_told_with_what_they_have)
{
    const struct machine m = {.sandbox = "A",
                              .tools = "[{\"language\":\"c\",\"version\":\"gcc <x>\"},"
                                       "{\"language\":\"go\",\"missing\":\"install it\"},7]",
                              .jobs = 2};
    struct err err = {.text = ""};
    const char *answer, *page;
    struct scene s;

    open_scene(&s);
    CHECK_INT(machines_beat(s.jobs, "w/1", &m, &err), 0);
    answer = say(&s, 200, "GET", "/api/v1/admin/workers", "/api/v1/admin/workers", "", "");
    CHECK_HAS(answer, "\"state\":\"working\"");
    CHECK_HAS(answer, "{\"language\":\"go\",\"fine\":false,\"text\":\"install it\"}");
    page = web_get(&s.w, "/admin");
    CHECK_HAS(page, "gcc &lt;x&gt;");
    CHECK_HAS(page, "go (missing)");
    close_scene(&s);
}

TEST(the_queue_is_told_by_state_and_what_waits_can_be_cancelled)
{
    struct scene s;
    char path[80];
    int64_t id;

    open_scene(&s);
    id = put(&s, "<b>&");
    CHECK_HAS(say(&s, 200, "GET", "/api/v1/admin/queue", "/api/v1/admin/queue", "", ""),
              "\"queued\":1");
    CHECK_HAS(web_get(&s.w, "/admin"), "&lt;b&gt;&amp;");
    say(&s, 400, "GET", "/api/v1/admin/queue", "/api/v1/admin/queue", "state=all", "");
    snprintf(path, sizeof(path), "/api/v1/admin/queue/%lld", (long long)id);
    say(&s, 200, "DELETE", path, "/api/v1/admin/queue/:job", "", "");
    say(&s, 409, "DELETE", path, "/api/v1/admin/queue/:job", "", "");
    say(&s, 404, "DELETE", "/api/v1/admin/queue/9", "/api/v1/admin/queue/:job", "", "");
    say(&s, 404, "DELETE", "/api/v1/admin/queue/x", "/api/v1/admin/queue/:job", "", "");
    CHECK_HAS(
        say(&s, 200, "GET", "/api/v1/admin/queue", "/api/v1/admin/queue", "state=cancelled", ""),
        "\"state\":\"cancelled\"");
    close_scene(&s);
}

/* A submission, a run for a look, a run of the playground, and a job that is none of these. */
TEST(the_queue_says_what_waits_in_it_and_where_it_is_shown)
{
    static const char handin[] = "{\"track\":\"messenger\",\"task\":\"echo\","
                                 "\"language\":\"python\",\"kind\":\"%s\",\"files\":"
                                 "[{\"name\":\"main.py\",\"text\":\"x\"}]}";
    static const char play[] = "{\"workload\":\"echo\",\"options\":{},\"language\":\"c\","
                               "\"files\":[{\"name\":\"main.c\",\"text\":\"x\"}]}";
    static const char *const kinds[] = {"submit", "run"};
    char body[300], shown[100], address[PLAYS_ADDRESS_LEN + 1];
    struct scene s;
    size_t i;

    open_scene(&s);
    for (i = 0; i < 2; i++) {
        snprintf(body, sizeof(body), handin, kinds[i]);
        say(&s, 202, "POST", "/api/v1/submissions", "/api/v1/submissions", "", body);
    }
    say(&s, 202, "POST", "/api/v1/runs", "/api/v1/runs", "", play);
    snprintf(address, sizeof(address), "%.22s", strstr(s.w.r.body.data, "\"id\":\"") + 6);
    put(&s, "of old");
    say(&s, 200, "GET", "/api/v1/admin/queue", "/api/v1/admin/queue", "", "");
    CHECK_HAS(s.w.r.body.data, "\"kind\":\"submit\",\"track\":\"messenger\",\"task\":\"echo\","
                               "\"language\":\"python\",\"url\":\"/submissions/1\"");
    CHECK_HAS(s.w.r.body.data, "\"url\":\"/submissions/2\"");
    CHECK_HAS(s.w.r.body.data, "\"kind\":\"playground\"");
    CHECK_HAS(s.w.r.body.data, "\"kind\":\"\"");
    web_get(&s.w, "/admin");
    CHECK_HAS(s.w.r.body.data, "<a href=\"/submissions/1\">messenger/echo</a>, python</td>"
                               "<td>submission</td>");
    CHECK_HAS(s.w.r.body.data, "<a href=\"/submissions/2\">messenger/echo</a>, python</td>"
                               "<td>run</td>");
    snprintf(shown, sizeof(shown), "<a href=\"/runs/%s\">playground</a>, c</td><td>run</td>",
             address);
    CHECK_HAS(s.w.r.body.data, shown);
    CHECK_HAS(s.w.r.body.data, "<td>of old</td>");
    close_scene(&s);
}

TEST(a_task_that_is_none_is_not_judged_again)
{
    struct scene s;

    open_scene(&s);
    CHECK_HAS(say(&s, 202, "POST", "/api/v1/admin/regrades", "/api/v1/admin/regrades", "",
                  "{\"track\":\"messenger\",\"task\":\"echo\"}"),
              "\"count\":0");
    say(&s, 404, "POST", "/api/v1/admin/regrades", "/api/v1/admin/regrades", "",
        "{\"track\":\"messenger\",\"task\":\"nope\"}");
    say(&s, 404, "POST", "/api/v1/admin/regrades", "/api/v1/admin/regrades", "", "{}");
    say(&s, 400, "POST", "/api/v1/admin/regrades", "/api/v1/admin/regrades", "", "[]");
    close_scene(&s);
}

TEST(the_machine_is_told)
{
    struct scene s;

    open_scene(&s);
    CHECK_HAS(say(&s, 200, "GET", "/api/v1/admin/sandbox", "/api/v1/admin/sandbox", "", ""),
              "\"level\":\"");
    CHECK_HAS(say(&s, 200, "GET", "/api/v1/admin/disk", "/api/v1/admin/disk", "", ""),
              "\"what\":\"database\"");
    close_scene(&s);
}

/* ---- backups ---- */

static const char backup_route[] = "/api/v1/admin/backups/:backup";

TEST(a_backup_is_made_listed_sent_and_removed)
{
    char name[BACKUP_NAME_SIZE] = "", path[120];
    struct err err = {.text = ""};
    struct store *copy = NULL;
    const char *at;
    struct scene s;

    open_scene(&s);
    say(&s, 201, "POST", "/api/v1/admin/backups", "/api/v1/admin/backups", "", "");
    at = strstr(s.w.r.body.data, "eddy-");
    CHECK(at != NULL);
    snprintf(name, sizeof(name), "%.*s", (int)sizeof(name) - 1, at);
    CHECK(backups_is_name(str_of(name)));
    CHECK_HAS(say(&s, 200, "GET", "/api/v1/admin/backups", "/api/v1/admin/backups", "", ""), name);
    CHECK_HAS(web_get(&s.w, "/admin"), name);
    snprintf(path, sizeof(path), "/api/v1/admin/backups/%s", name);
    say(&s, 200, "GET", path, backup_route, "", "");
    CHECK_HAS(s.w.r.disposition.data, name);
    CHECK_HAS(s.w.r.file.data, name);
    CHECK_INT(store_open(s.w.r.file.data, &copy, &err), 0);
    store_close(copy);
    say(&s, 200, "DELETE", path, backup_route, "", "");
    say(&s, 404, "GET", path, backup_route, "", "");
    say(&s, 404, "DELETE", path, backup_route, "", "");
    close_scene(&s);
}

/* Goal: no other file can be read or removed under the name of a backup. Method: files that are
 * there, beside and above, and a link with a good name. */
TEST(nothing_else_is_a_backup)
{
    static const char *const names[] = {"..",
                                        "x.db",
                                        "%2e%2e%2fx.db",
                                        "eddy-20260102-030405.db.new",
                                        "eddy-2026010x-030405.db",
                                        "eddy-20260102-030405.dbx",
                                        "Eddy-20260102-030405.db",
                                        "eddy-20260102-030405.db"};
    char path[120];
    struct scene s;
    size_t i;

    open_scene(&s);
    story_write(&s.w.story, "backups/eddy-20260102-030405.db.new", "half");
    story_write(&s.w.story, "backups/x.db", "mine");
    CHECK(symlink(s.db, story_path(&s.w.story, "backups/eddy-20260102-030405.db")) == 0);
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(path, sizeof(path), "/api/v1/admin/backups/%s", names[i]);
        say(&s, 404, "GET", path, backup_route, "", "");
        say(&s, 404, "DELETE", path, backup_route, "", "");
    }
    CHECK_HAS(say(&s, 200, "GET", "/api/v1/admin/backups", "/api/v1/admin/backups", "", ""),
              "\"backups\":[]");
    CHECK(access(s.db, F_OK) == 0);
    close_scene(&s);
}

TEST(without_a_file_there_are_no_backups)
{
    struct scene s;

    open_scene(&s);
    s.w.site->db = NULL;
    CHECK_HAS(say(&s, 200, "GET", "/api/v1/admin/backups", "/api/v1/admin/backups", "", ""),
              "\"possible\":false");
    say(&s, 409, "POST", "/api/v1/admin/backups", "/api/v1/admin/backups", "", "");
    say(&s, 404, "GET", "/api/v1/admin/backups/eddy-20260102-030405.db", backup_route, "", "");
    close_scene(&s);
}
