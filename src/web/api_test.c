/* docs/openapi.json against the routes and their answers. What changes something, and what there
 * is only after that, is held to it in the test that its description names ("x-test"). */
#include "api.h"

#include "schema_story.h"

TEST(routes_and_description_have_the_same_addresses_and_methods)
{
    json_t *doc = load_description(), *value;
    const struct route *r;
    const char *path;
    size_t count = 0, described_count = 0;

    for (r = routes; r->method != NULL; r++) {
        if (strncmp(r->path, "/api/", 5) != 0)
            continue;
        count++;
        if (described(doc, r->method, r->path) == NULL)
            fail_msg("%s %s is not in docs/openapi.json", r->method, r->path);
    }
    json_object_foreach(json_object_get(doc, "paths"), path, value) described_count +=
        json_object_size(value);
    CHECK_INT(described_count, count);
    json_decref(doc);
}

/* "/tracks/{track}?language={}": the address with the examples of the description put in. */
static void fill_in(const char *path, const json_t *about, struct buf *address, struct buf *query)
{
    json_t *parameters = json_object_get(about, "parameters"), *p;
    size_t i;

    while (*path != '\0') {
        size_t len = strcspn(path + 1, "}");
        if (*path != '{') {
            buf_add_char(address, *path++);
            continue;
        }
        json_array_foreach(parameters, i, p)
        {
            const char *name = json_string_value(json_object_get(p, "name"));
            if (strlen(name) == len && strncmp(path + 1, name, len) == 0)
                buf_add_text(address, json_string_value(json_object_get(p, "example")));
        }
        path += len + 2;
    }
    buf_add_text(query, "");
    json_array_foreach(parameters, i, p)
    {
        if (strcmp(json_string_value(json_object_get(p, "in")), "query") == 0)
            buf_addf(query, "%s=%s&", json_string_value(json_object_get(p, "name")),
                     json_string_value(json_object_get(p, "example")));
    }
}

static void ask_as_described(struct web_story *w, const char *path, const json_t *about)
{
    struct web_asking asking = {.method = "GET"};
    struct buf address = {0}, query = {0};

    fill_in(path, about, &address, &query);
    asking.path = address.data;
    asking.query = query.data;
    CHECK_INT(web_say(w, &asking), 200);
    check_described(w, "GET", path);
    asking.method = "PATCH";
    CHECK_INT(web_say(w, &asking), 405);
    check_described(w, "GET", path);
    buf_release(&address);
    buf_release(&query);
}

/* That the test which a description names is there and names the address. */
static void check_told_elsewhere(const char *test, const char *path)
{
    struct err err = {.text = ""};
    struct buf file = {0}, text = {0};

    buf_addf(&file, "src/web/%s.c", test);
    if (file_read(file.data, 1 << 20, &text, &err) < 0)
        fail_msg("%s: %s", path, err.text);
    if (strstr(text.data, "check_described(") == NULL)
        fail_msg("%s says that %s holds it to its description, which does not", path, test);
    buf_release(&file);
    buf_release(&text);
}

TEST(answers_are_as_described)
{
    json_t *doc = load_description(), *methods, *about;
    const char *path, *method;
    struct web_story w;

    web_open(&w);
    json_object_foreach(json_object_get(doc, "paths"), path, methods)
    {
        json_object_foreach(methods, method, about)
        {
            const char *test = json_string_value(json_object_get(about, "x-test"));
            if (test != NULL)
                check_told_elsewhere(test, path);
            else if (strcmp(method, "get") == 0)
                ask_as_described(&w, path, about);
            else
                fail_msg("%s %s names no test in \"x-test\"", method, path);
        }
    }
    web_close(&w);
    json_decref(doc);
}

TEST(tracks_say_what_is_written_planned_and_passed)
{
    struct web_story w;
    json_t *all, *track;

    web_open(&w);
    all = json_loads(web_get(&w, "/api/v1/tracks"), 0, NULL);
    track = json_array_get(json_object_get(all, "tracks"), 0);
    CHECK_TEXT(json_string_value(json_object_get(track, "state")), "written");
    CHECK_INT(json_array_size(json_object_get(track, "tasks")), 2);
    CHECK(json_is_true(
        json_object_get(json_array_get(json_object_get(track, "tasks"), 1), "passed")));
    CHECK(json_is_false(
        json_object_get(json_array_get(json_object_get(track, "tasks"), 0), "passed")));
    CHECK_INT(json_array_size(json_object_get(track, "parts")), 1);
    track = json_array_get(json_object_get(track, "parts"), 0);
    CHECK_TEXT(json_string_value(json_object_get(track, "title")), "First words");
    CHECK_INT(json_integer_value(json_object_get(track, "passed")), 1);
    track = json_object_get(track, "tasks");
    CHECK_INT(json_array_size(track), 2);
    CHECK_TEXT(json_string_value(json_array_get(track, 1)), "echo");
    track = json_array_get(json_object_get(all, "tracks"), 1);
    CHECK_TEXT(json_string_value(json_object_get(track, "state")), "planned");
    CHECK_INT(json_integer_value(json_object_get(track, "planned")), 9);
    CHECK_INT(json_array_size(json_object_get(all, "tracks")), 2);
    track = json_array_get(json_object_get(all, "capstones"), 0);
    CHECK_TEXT(json_string_value(json_object_get(track, "slug")), "whole");
    json_decref(all);
    web_close(&w);
}

TEST(a_language_that_is_none_is_refused_with_those_that_there_are)
{
    struct web_story w;

    web_open(&w);
    CHECK_INT(web_ask(&w, "GET", "/api/v1/tracks/messenger/tasks/echo/starter", "", "../../etc"),
              400);
    CHECK_HAS(w.r.body.data, "python");
    CHECK_INT(web_ask(&w, "GET", "/api/v1/tracks/messenger/tasks/echo/starter", "", ""), 400);
    web_close(&w);
}
