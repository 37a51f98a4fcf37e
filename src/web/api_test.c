/* docs/openapi.json against the routes and their answers: each address of the one is in the other,
 * and an answer has exactly the members that its schema names, of the types that it names. */
#include "api.h"

#include "web_story.h"

static json_t *load_description(void)
{
    json_error_t error;
    json_t *doc = json_load_file("docs/openapi.json", 0, &error);

    if (doc == NULL)
        fail_msg("docs/openapi.json:%d: %s (tests run from the top of the tree)", error.line,
                 error.text);
    return doc;
}

/* "/a/{b}" and "/a/:b" are the same address. */
static bool same_path(const char *described, const char *route)
{
    while (*described != '\0' && *route != '\0') {
        if (*described == '{' && *route == ':') {
            described += strcspn(described, "}") + 1;
            route += strcspn(route, "/");
        } else if (*described++ != *route++) {
            return false;
        }
    }
    return *described == *route;
}

TEST(routes_and_description_have_the_same_addresses)
{
    json_t *doc = load_description(), *paths = json_object_get(doc, "paths"), *value;
    const struct route *r;
    const char *path;
    size_t count = 0;

    for (r = routes; r->method != NULL; r++) {
        bool found = false;
        if (strncmp(r->path, "/api/", 5) != 0)
            continue;
        count++;
        json_object_foreach(paths, path, value) found |= same_path(path, r->path);
        if (!found)
            fail_msg("%s is not in docs/openapi.json", r->path);
    }
    CHECK_INT(json_object_size(paths), count);
    json_decref(doc);
}

/* NULL, or what is wrong. Only what the description uses is known here. */
static void check_value(const json_t *doc, const json_t *schema, const json_t *value,
                        const char *where)
{
    const char *ref = json_string_value(json_object_get(schema, "$ref")), *type, *name;
    json_t *part, *allowed, *properties;
    bool one = false;
    size_t i;

    if (ref != NULL)
        schema = json_object_get(json_object_get(json_object_get(doc, "components"), "schemas"),
                                 strrchr(ref, '/') + 1);
    type = json_string_value(json_object_get(schema, "type"));
    if (type == NULL)
        fail_msg("%s: a schema without a type", where);
    if (!(strcmp(type, "object") == 0    ? json_is_object(value)
          : strcmp(type, "array") == 0   ? json_is_array(value)
          : strcmp(type, "string") == 0  ? json_is_string(value)
          : strcmp(type, "integer") == 0 ? json_is_integer(value)
          : strcmp(type, "boolean") == 0 ? json_is_boolean(value)
                                         : false))
        fail_msg("%s is no %s", where, type);
    allowed = json_object_get(schema, "enum");
    json_array_foreach(allowed, i, part) one |= json_equal(part, value);
    if (allowed != NULL && !one)
        fail_msg("%s is none of its words", where);
    json_array_foreach(value, i, part)
        check_value(doc, json_object_get(schema, "items"), part, where);
    properties = json_object_get(schema, "properties");
    if (!json_is_object(value))
        return;
    CHECK_INT(json_object_size(value), json_object_size(properties));
    json_object_foreach(properties, name, part)
    {
        if (json_object_get(value, name) == NULL)
            fail_msg("%s has no %s", where, name);
        check_value(doc, part, json_object_get(value, name), name);
    }
}

static const json_t *schema_of(const json_t *get, const char *status, const char *type)
{
    const json_t *r = json_object_get(json_object_get(get, "responses"), status);

    return json_object_get(json_object_get(json_object_get(r, "content"), type), "schema");
}

static void check_answer(struct web_story *w, const json_t *doc, const json_t *schema,
                         const char *where)
{
    json_t *value = json_loads(w->r.body.data, 0, NULL);

    if (value == NULL)
        fail_msg("%s: the answer is no JSON", where);
    check_value(doc, schema, value, where);
    json_decref(value);
}

/* The address with the examples of the description put in. */
static void fill_in(const char *path, const json_t *get, struct buf *out)
{
    json_t *parameter;
    size_t i;

    while (*path != '\0') {
        size_t len = strcspn(path + 1, "}");
        if (*path != '{') {
            buf_add_char(out, *path++);
            continue;
        }
        json_array_foreach(json_object_get(get, "parameters"), i, parameter)
        {
            const char *name = json_string_value(json_object_get(parameter, "name"));
            if (strlen(name) == len && strncmp(path + 1, name, len) == 0)
                buf_add_text(out, json_string_value(json_object_get(parameter, "example")));
        }
        path += len + 2;
    }
}

TEST(answers_are_as_described)
{
    json_t *doc = load_description(), *value;
    struct web_story w;
    const char *path;

    web_open(&w);
    json_object_foreach(json_object_get(doc, "paths"), path, value)
    {
        const json_t *get = json_object_get(value, "get");
        struct buf address = {0};
        fill_in(path, get, &address);
        CHECK_INT(web_ask(&w, "GET", address.data, "", "python"), 200);
        CHECK_TEXT(w.r.type, "application/json");
        check_answer(&w, doc, schema_of(get, "200", "application/json"), address.data);
        CHECK_INT(web_ask(&w, "PUT", address.data, "", "python"), 405);
        check_answer(&w, doc, schema_of(get, "default", "application/problem+json"), address.data);
        buf_release(&address);
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
    track = json_array_get(json_object_get(all, "tracks"), 1);
    CHECK_TEXT(json_string_value(json_object_get(track, "state")), "planned");
    CHECK_INT(json_integer_value(json_object_get(track, "planned")), 9);
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
