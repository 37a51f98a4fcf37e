/* /api/v1/workloads: what the playground offers, and what one begins with there. */
#include "api.h"

#include "../base/err.h"
#include "../course/language.h"
#include "../judge/play_table.h"
#include "request.h"
#include "response.h"
#include "site.h"
#include "starter.h"
#include "workload_json.h"

#include <stdio.h>

int api_workloads(const struct site *s, const struct request *q, struct response *r,
                  struct err *err)
{
    (void)q, (void)err;
    response_json(r, workload_json(s));
    return 0;
}

int api_workload_starter(const struct site *s, const struct request *q, struct response *r,
                         struct err *err)
{
    const struct language *language = NULL;
    struct play_workload w;
    json_t *starter = NULL;
    char name[64];
    int status;

    if (!play_workload_find(q->words[0], &w)) {
        response_problem(r, 404,
                         "There is no workload of this name; GET /api/v1/workloads lists them.");
        return 0;
    }
    if (languages_find(s->languages, request_value(q, "language"), &language, err) < 0) {
        response_problem(r, 400, err->text);
        return 0;
    }
    snprintf(name, sizeof(name), "%.*s", STR_ARG(w.name));
    status = starter_json(s, language, name, &starter, err);
    if (status == 0)
        response_json(r, starter);
    return status;
}
