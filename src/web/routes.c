#include "routes.h"

#include "../base/err.h"
#include "api.h"
#include "pages.h"
#include "response.h"

#include <string.h>

const struct route routes[] = {
    {"GET", "/", page_home},
    {"GET", "/tracks/:track", page_track},
    {"GET", "/tracks/:track/:task", page_task},
    {"GET", "/progress", page_progress},
    {"GET", "/search", page_search},
    {"GET", "/docs", page_docs},
    {"GET", "/docs/:name", page_doc},
    {"GET", "/static/:file", page_static},
    {"GET", "/api/v1/tracks", api_tracks},
    {"GET", "/api/v1/tracks/:track", api_track},
    {"GET", "/api/v1/tracks/:track/tasks/:task", api_task},
    {"GET", "/api/v1/tracks/:track/tasks/:task/hints/:number", api_hint},
    {"GET", "/api/v1/tracks/:track/tasks/:task/starter", api_starter},
    {"GET", "/api/v1/languages", api_languages},
    {"GET", "/api/v1/progress", api_progress},
    {"GET", "/api/v1/search-index", api_search_index},
    {NULL, NULL, NULL},
};

/* The next word of a path behind its "/"; *at moves behind it. */
static struct str next_word(const char **at)
{
    struct str word = {*at + 1, strcspn(*at + 1, "/")};

    *at = word.data + word.len;
    return word;
}

/* Words are compared as they came: an address has one spelling, and nothing is decoded, so there is
 * no second way to write "/" or "..". */
static bool matches(const char *pattern, const char *path, struct request *q)
{
    size_t count = 0;

    while (*pattern == '/' && *path == '/') {
        struct str wanted = next_word(&pattern), got = next_word(&path);
        if (wanted.len > 0 && wanted.data[0] == ':') {
            if (got.len == 0 || count == REQUEST_WORDS_MAX)
                return false;
            q->words[count++] = got;
        } else if (!str_eq(wanted, got)) {
            return false;
        }
    }
    return *pattern == '\0' && *path == '\0';
}

static bool method_fits(const char *wanted, const char *got)
{
    return strcmp(wanted, got) == 0 || (strcmp(wanted, "GET") == 0 && strcmp(got, "HEAD") == 0);
}

void routes_error(const struct site *s, const char *path, unsigned status, const char *detail,
                  struct response *r)
{
    if (strncmp(path, "/api/", 5) == 0)
        response_problem(r, status, detail);
    else
        page_error(s, status, detail, r);
}

int routes_answer(const struct site *s, struct request *q, struct response *r, struct err *err)
{
    const struct route *route;
    bool known = false;
    int status;

    for (route = routes; route->method != NULL; route++) {
        if (!matches(route->path, q->path, q))
            continue;
        known = true;
        if (!method_fits(route->method, q->method))
            continue;
        status = route->handler(s, q, r, err);
        if (status < 0)
            routes_error(s, q->path, 500,
                         "The server could not do this; its log says why. Please try again.", r);
        return status;
    }
    if (!known) {
        routes_error(s, q->path, 404, "There is nothing at this address.", r);
        return 0;
    }
    routes_error(s, q->path, 405, "This address can only be read: GET or HEAD.", r);
    r->allow = "GET, HEAD";
    return 0;
}
