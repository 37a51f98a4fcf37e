/* /api/v1/drafts: what somebody is writing. The files are read as those of a submission are, but
 * for their number: an empty draft is one. */
#include "api.h"

#include "../accounts/person.h"
#include "../base/err.h"
#include "../base/mem.h"
#include "../course/language.h"
#include "../course/track.h"
#include "../judge/drafts.h"
#include "../judge/submission.h"
#include "handin_json.h"
#include "request.h"
#include "response.h"
#include "site.h"

#include <stdlib.h>
#include <string.h>

static const struct language *language_of(const struct site *s, struct str name)
{
    uint32_t i;

    for (i = 0; i < s->languages->count; i++)
        if (str_is(name, s->languages->list[i].name))
            return &s->languages->list[i];
    return NULL;
}

/* False: r says that there is no such thing to write. */
static bool find(const struct site *s, const struct request *q, struct draft_key *ret_key,
                 struct response *r)
{
    const struct site_track *st = site_track(s, q->words[0]);
    const struct language *language = language_of(s, q->words[2]);
    const struct page *page = NULL;
    const struct task *task = st != NULL ? site_task(st, q->words[1], &page) : NULL;

    if (s->store == NULL || task == NULL || language == NULL) {
        response_problem(r, 404,
                         "There is no such task or language; GET /api/v1/tracks and GET "
                         "/api/v1/languages list them.");
        return false;
    }
    *ret_key = (struct draft_key){q->person->id, st->track->slug, task->slug, language->name};
    return true;
}

/* {"files", "version"}; none is version 0 of nothing. */
static int load(const struct site *s, const struct draft_key *key, json_t **ret_draft,
                struct err *err)
{
    struct buf text = {0};
    json_t *files = NULL;
    json_error_t error;
    int64_t version = 0;
    int status = drafts_get(s->store, key, &text, &version, err);

    if (status == 1)
        files = json_loadb(text.data, text.len, 0, &error);
    if (status >= 0)
        *ret_draft = json_pack("{s:o, s:I}", "files", files != NULL ? files : json_array(),
                               "version", (json_int_t)version);
    buf_release(&text);
    return status < 0 ? status : 0;
}

int api_draft(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    struct draft_key key;
    json_t *draft = NULL;
    int status;

    if (!find(s, q, &key, r))
        return 0;
    status = load(s, &key, &draft, err);
    if (status == 0)
        response_json(r, draft);
    return status;
}

/* Appends the files as they are to be kept. False: r says what is wrong with them. */
static bool read_files(const json_t *all, struct buf *out, struct response *r)
{
    const json_t *files = json_object_get(all, "files");
    struct submission s = {0};
    struct err err = {.text = ""};
    json_t *kept;
    size_t i;
    char *text;
    int status = json_is_array(files) ? 0
                                      : err_set(&err, ERR_INPUT,
                                                "\"files\" must be a list of "
                                                "{\"name\", \"text\"}");

    for (i = 0; status == 0 && i < json_array_size(files); i++) {
        const json_t *file = json_array_get(files, i);
        const json_t *content = json_object_get(file, "text");
        if (!json_is_string(json_object_get(file, "name")) || !json_is_string(content))
            status = err_set(&err, ERR_INPUT, "file %zu must have \"name\" and \"text\"", i + 1);
        else
            status = submission_add(
                &s, str_of(request_member(file, "name")),
                (struct str){json_string_value(content), json_string_length(content)}, &err);
    }
    if (status < 0)
        response_problem(r, 400, err.text);
    kept = handin_json_list(&s);
    text = json_dumps(kept, JSON_COMPACT);
    buf_add_text(out, text);
    free(text);
    json_decref(kept);
    submission_release(&s);
    return status == 0;
}

static bool read_version(const json_t *all, int64_t *ret_version, struct response *r)
{
    const json_t *version = json_object_get(all, "version");

    if (!json_is_integer(version) || json_integer_value(version) < 0) {
        response_problem(r, 400,
                         "\"version\" must be the number of the version that this one is based "
                         "on; 0: there was none.");
        return false;
    }
    *ret_version = json_integer_value(version);
    return true;
}

static int refuse_old(const struct site *s, const struct draft_key *key, struct response *r,
                      struct err *err)
{
    json_t *draft = NULL;
    int status = load(s, key, &draft, err);

    if (status == 0)
        response_problem_with(r, 409,
                              "There is a newer version, from another tab or machine; it is in "
                              "\"draft\". Decide what to keep, and send it with that version.",
                              json_pack("{s:o}", "draft", draft));
    return status;
}

int api_put_draft(const struct site *s, const struct request *q, struct response *r,
                  struct err *err)
{
    struct buf files = {0};
    struct draft_key key;
    int64_t version = 0;
    json_t *all;
    int status = 0;

    if (!find(s, q, &key, r) || (all = request_object(q, r)) == NULL)
        return 0;
    if (read_version(all, &version, r) && read_files(all, &files, r)) {
        status = drafts_put(s->store, &key, buf_str(&files), version, &version, err);
        if (status == 0)
            status = refuse_old(s, &key, r, err);
        else if (status > 0)
            response_json(r, json_pack("{s:I}", "version", (json_int_t)version));
    }
    buf_release(&files);
    json_decref(all);
    return status < 0 ? status : 0;
}
