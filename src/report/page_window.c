/* Checkers write an operation as an object with its times: "time", or "invoked" and "completed".
 * The window spans those of the evidence. Lists that illustrate what is no failure (the slowest
 * elements, say) would stretch it over the whole run, so they are passed over. A promise that
 * a node broke ends the run at once: then the end is where to look. */
#include "page_window.h"

#include <string.h>

struct window {
    int64_t from_ns, to_ns;
    bool is_set;
};

static bool is_illustration(const char *key)
{
    static const char *const keys[] = {"worst-stale", "worst-realtime-lag", "latencies"};

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (strcmp(key, keys[i]) == 0)
            return true;
    return false;
}

static bool is_time(const char *key)
{
    return strcmp(key, "time") == 0 || strcmp(key, "invoked") == 0 || strcmp(key, "completed") == 0;
}

static void take(struct window *w, int64_t t_ns)
{
    if (!w->is_set || t_ns < w->from_ns)
        w->from_ns = t_ns;
    if (!w->is_set || t_ns > w->to_ns)
        w->to_ns = t_ns;
    w->is_set = true;
}

static void collect(struct window *w, const json_t *value)
{
    const char *key;
    json_t *member;
    size_t i;

    if (json_is_object(value) && !json_is_true(json_object_get(value, "valid?"))) {
        json_object_foreach((json_t *)value, key, member)
        {
            if (json_is_integer(member) && is_time(key))
                take(w, json_integer_value(member));
            else if (!is_illustration(key))
                collect(w, member);
        }
    } else if (json_is_array(value)) {
        json_array_foreach(value, i, member) collect(w, member);
    }
}

bool page_window(const json_t *results, int64_t *ret_from_ns, int64_t *ret_to_ns)
{
    struct window w = {0};

    if (!json_is_false(json_object_get(results, "valid?")))
        return false;
    collect(&w, json_object_get(results, "workload"));
    if (!w.is_set && json_is_string(json_object_get(json_object_get(results, "workload"), "error")))
        take(&w, json_integer_value(json_object_get(json_object_get(results, "run"), "end-ns")));
    if (!w.is_set)
        return false;
    *ret_from_ns = w.from_ns;
    *ret_to_ns = w.to_ns;
    return true;
}
