/* schema_story.h - answers held against docs/openapi.json, for the tests of this room.
 *
 * An answer must have the members that its schema requires, none that it does not name, all of the
 * types that it names. */
#ifndef WEB_SCHEMA_STORY_H
#define WEB_SCHEMA_STORY_H

#include "web_story.h"

static inline json_t *load_description(void)
{
    json_error_t error;
    json_t *doc = json_load_file("docs/openapi.json", 0, &error);

    if (doc == NULL)
        fail_msg("docs/openapi.json:%d: %s (tests run from the top of the tree)", error.line,
                 error.text);
    return doc;
}

/* "/a/{b}" and "/a/:b" are the same address. */
static inline bool same_path(const char *described, const char *route)
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

static inline bool is_required(const json_t *schema, const char *name)
{
    json_t *required;
    size_t i;

    json_array_foreach(json_object_get(schema, "required"), i,
                       required) if (strcmp(json_string_value(required), name) == 0) return true;
    return false;
}

/* Fails unless value has exactly the members that schema names, of the types that it names. Only
 * what the description uses is known here. */
static inline void check_value(const json_t *doc, const json_t *schema, const json_t *value,
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
    if (json_is_null(value) && json_is_true(json_object_get(schema, "nullable")))
        return;
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
    if (!json_is_object(value) || properties == NULL)
        return; /* any object: of the judge's, for one */
    if (json_object_size(value) > json_object_size(properties))
        fail_msg("%s has more members than described", where);
    json_object_foreach(properties, name, part)
    {
        if (json_object_get(value, name) == NULL && !is_required(schema, name))
            continue;
        if (json_object_get(value, name) == NULL)
            fail_msg("%s has no %s", where, name);
        check_value(doc, part, json_object_get(value, name), name);
    }
}

static inline const json_t *schema_of(const json_t *get, const char *status, const char *type)
{
    const json_t *r = json_object_get(json_object_get(get, "responses"), status);

    return json_object_get(json_object_get(json_object_get(r, "content"), type), "schema");
}

/* What the description says of a method of an address as routes.c writes it; or NULL. */
static inline const json_t *described(const json_t *doc, const char *method, const char *route)
{
    json_t *paths = json_object_get(doc, "paths"), *value;
    char small[16] = "";
    const char *path;
    size_t i;

    for (i = 0; method[i] != '\0' && i < sizeof(small) - 1; i++)
        small[i] = (char)(method[i] | 0x20);
    json_object_foreach(paths, path, value)
    {
        if (same_path(path, route))
            return json_object_get(value, small);
    }
    return NULL;
}

/* The answer that w has just got to a request on this route is as described: its status is there,
 * its type too, and if that is JSON, its members. */
UNUSED static void check_described(struct web_story *w, const char *method, const char *route)
{
    json_t *doc = load_description(), *value;
    const json_t *about = described(doc, method, route);
    bool is_problem = strcmp(web_or(w->r.type, ""), "application/problem+json") == 0;
    char status[16];
    const json_t *schema;

    snprintf(status, sizeof(status), "%u", w->r.status);
    schema = schema_of(about, status, web_or(w->r.type, ""));
    if (schema == NULL && is_problem)
        schema = schema_of(about, "default", w->r.type);
    if (schema == NULL)
        fail_msg("%s %s: %s as %s is not described", method, route, status, w->r.type);
    if (strstr(w->r.type, "json") != NULL) {
        value = json_loads(w->r.body.data, 0, NULL);
        if (value == NULL)
            fail_msg("%s %s: the answer is no JSON", method, route);
        check_value(doc, schema, value, route);
        json_decref(value);
    }
    json_decref(doc);
}

#endif
