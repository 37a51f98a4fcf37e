#include "pages.h"

#include "web_story.h"

static const char *play(struct web_story *w, const char *query)
{
    const struct web_asking a = {.method = "GET", .path = "/playground", .query = query};

    CHECK_INT(web_say(w, &a), 200);
    return w->r.body.data;
}

TEST(the_playground_is_a_form_and_a_program_without_a_script)
{
    struct web_story w;
    const char *page;

    web_open(&w);
    page = play(&w, "");
    CHECK_HAS(page, "data-island=\"playground\"");
    CHECK_HAS(page,
              "&quot;workload&quot;:&quot;echo&quot;,&quot;language&quot;:&quot;python&quot;");
    CHECK_HAS(page, "<option value=\"echo\" selected>echo</option>");
    CHECK_HAS(page, "<label for=\"node-count\">Nodes</label>");
    CHECK_HAS(page, "min=\"1\" max=\"25\"");
    CHECK_HAS(page, "eddy test -w echo --node-count 5 --time-limit 10s");
    CHECK_HAS(page, "it sends back what it is sent");
    CHECK(strstr(page, "name=\"topology\"") == NULL);
    web_close(&w);
}

TEST(what_the_form_sends_is_what_the_page_shows)
{
    struct web_story w;
    const char *page;

    web_open(&w);
    page = play(&w, "workload=broadcast&language=go&node-count=7&topology=line&nemesis=kill%2Cpause"
                    "&seed=9&max-txn-length=2");
    CHECK_HAS(page, "name=\"node-count\" value=\"7\"");
    CHECK_HAS(page, "<option value=\"line\" selected>");
    CHECK_HAS(page, "eddy test -w broadcast --seed 9 --node-count 7");
    CHECK_HAS(page, "--nemesis kill,pause");
    CHECK_HAS(page, "package main");
    CHECK_HAS(page, "&quot;nemesis&quot;:&quot;kill,pause&quot;");
    CHECK(strstr(page, "max-txn-length") == NULL);
    web_close(&w);
}

TEST(settings_beyond_the_limits_are_refused_with_a_sentence)
{
    struct web_story w;

    web_open(&w);
    CHECK_HAS(play(&w, "node-count=26"),
              "These settings cannot be run: Nodes (node-count) must be");
    CHECK_HAS(play(&w, "rate=1000&time-limit=60"), "60000; a run here may have 20000");
    CHECK_HAS(play(&w, "workload=%3Cscript%3E&language=%3Cb%3E"), "These settings cannot be run");
    CHECK(strstr(w.r.body.data, "<script>") == NULL && strstr(w.r.body.data, "<b>") == NULL);
    web_close(&w);
}

TEST(a_starter_of_a_workload_is_of_that_workload)
{
    struct web_story w;

    web_open(&w);
    CHECK_INT(web_ask(&w, "GET", "/api/v1/workloads/pn-counter/starter", "", "rs"), 200);
    CHECK_HAS(w.r.body.data, "\"main\":\"main.rs\"");
    CHECK_HAS(w.r.body.data, "A total for each node");
    CHECK_INT(web_ask(&w, "GET", "/api/v1/workloads/../starter", "", "rs"), 404);
    CHECK_INT(web_ask(&w, "GET", "/api/v1/workloads/echo/starter", "", "../c"), 400);
    web_close(&w);
}

/* The form offers all languages for all workloads: each has a program. */
TEST(every_language_has_a_program_for_every_workload)
{
    struct web_story w;
    json_t *all, *workload;
    size_t i;

    web_open(&w);
    all = json_loads(web_get(&w, "/api/v1/workloads"), 0, NULL);
    CHECK_INT(json_array_size(json_object_get(all, "workloads")), 10);
    json_array_foreach(json_object_get(all, "workloads"), i, workload)
        CHECK_INT(json_array_size(json_object_get(workload, "languages")), 8);
    json_decref(all);
    web_close(&w);
}
