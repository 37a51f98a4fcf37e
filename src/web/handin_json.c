#include "handin_json.h"

#include "../accounts/person.h"
#include "../base/err.h"
#include "../judge/handins.h"
#include "../judge/jobs.h"
#include "request.h"
#include "response.h"
#include "site.h"

static json_t *text(const char *t, size_t len)
{
    json_t *value = json_stringn(t, len);

    return value != NULL ? value : json_string(""); /* not UTF-8 */
}

json_t *handin_json(const struct handin *h)
{
    return json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:i, s:I, s:I, s:o, s:o, s:b}", "id",
                     (json_int_t)h->id, "track", h->track, "task", h->task, "language", h->language,
                     "kind", handin_kind_word(h->kind), "state", h->state, "place", (int)h->place,
                     "put_ms", (json_int_t)h->put_ms, "over_ms", (json_int_t)h->over_ms, "verdict",
                     h->verdict[0] != '\0' ? json_string(h->verdict) : json_null(), "sentence",
                     text(h->sentence, str_of(h->sentence).len), "report", (int)h->has_report);
}

int handin_json_result(struct jobs *q, const struct handin *h, json_t *into, struct err *err)
{
    struct buf words = {0};
    json_t *result = NULL;
    json_error_t error;
    int status = handin_is_over(h) ? jobs_result(q, h->job, &words, err) : 0;

    if (status == 1)
        result = json_loadb(words.data, words.len, 0, &error);
    json_object_set_new(into, "result", result != NULL ? result : json_null());
    buf_release(&words);
    return status < 0 ? status : 0;
}

json_t *handin_json_list(const struct submission *s)
{
    json_t *files = json_array();
    uint32_t i;

    for (i = 0; i < s->file_count; i++)
        json_array_append_new(files, json_pack("{s:s, s:o}", "name", s->files[i].name, "text",
                                               text(s->files[i].data, s->files[i].len)));
    return files;
}

int handin_json_files(struct jobs *q, const struct handin *h, json_t *into, struct err *err)
{
    struct submission s = {0};
    int status = handins_files(q, h->id, &s, err);

    json_object_set_new(into, "files", handin_json_list(&s));
    submission_release(&s);
    return status < 0 ? status : 0;
}

/* 1: he may. */
static int may_see(const struct site *s, const struct person *who, const struct handin *h,
                   struct err *err)
{
    if (who->id == h->person || who->role >= ROLE_ADMIN)
        return 1;
    if (who->role < ROLE_TEACHER || s->teaches == NULL)
        return 0;
    return s->teaches(s->accounts, who->id, h->person, err);
}

int handin_for(const struct site *s, const struct request *q, struct str id,
               struct handin *ret_handin, struct response *r, struct err *err)
{
    struct handin h = {.id = 0};
    int64_t number = 0;
    int status = 0;

    if (s->jobs != NULL && str_to_i64(id, &number) && number > 0)
        status = handins_view(s->jobs, number, &h, err);
    if (status == 1)
        status = may_see(s, q->person, &h, err);
    if (status == 1) {
        *ret_handin = h;
        return 1;
    }
    handin_release(&h);
    if (status == 0)
        response_problem(r, 404,
                         "You have no submission of this number; GET /api/v1/submissions "
                         "lists those that you have.");
    return status;
}

bool handin_is_open(const struct site *s, struct response *r)
{
    if (s->jobs != NULL && s->closed == NULL)
        return true;
    response_problem(r, 503,
                     s->closed != NULL ? s->closed : "Nothing can be submitted to this server.");
    return false;
}
