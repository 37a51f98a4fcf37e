/* What comes with a submission: the page of its run, and its files as an archive; and the way back,
 * from an archive to files. Packing and unpacking are done by a thread of their own (later.c): an
 * archive may be made to take its time.
 *
 * The page of a run has the words of somebody's program in it. It is escaped where it is made
 * (src/report); that nothing of this server can be reached from it, even if that went wrong, is the
 * doing of its policy: a sandbox without an origin. */
#include "api.h"

#include "../base/err.h"
#include "../base/mem.h"
#include "../course/track.h"
#include "../judge/archive.h"
#include "../judge/handins.h"
#include "../judge/jobs.h"
#include "handin_json.h"
#include "request.h"
#include "response.h"
#include "site.h"

#include <string.h>

/* ---- the page of a run ---- */

int api_report(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    struct handin h;
    int status = handin_for(s, q, q->words[0], &h, r, err);

    if (status != 1)
        return status;
    status = jobs_file(s->jobs, h.job, HANDIN_REPORT, response_html(r, 200), err);
    r->csp = RESPONSE_CSP_REPORT;
    if (status == 0) {
        r->csp = NULL;
        response_problem(r, 404,
                         "There is no report: nothing ran, or it was so long ago that it was "
                         "removed. Submit once more to have one.");
    }
    handin_release(&h);
    return status < 0 ? status : 0;
}

/* ---- to an archive ---- */

struct packing {
    const struct course *course; /* never changes while the server runs, so a thread may read it */
    const struct languages *languages;
    struct submission submission;
    enum archive_format format;
    struct buf out;
    int status;
    struct err err;
};

static void free_packing(void *owner)
{
    struct packing *p = owner;

    submission_release(&p->submission);
    buf_release(&p->out);
    mem_free(p);
}

static void pack(void *owner)
{
    struct packing *p = owner;

    p->status = archive_make(p->course, p->languages, &p->submission, p->format, &p->out, &p->err);
}

static int say_archive(void *owner, const struct site *s, struct response *r, struct err *err)
{
    struct packing *p = owner;
    bool zip = p->format == ARCHIVE_ZIP;
    struct buf name = {0};

    (void)s;
    if (p->status < 0) {
        *err = p->err;
        return p->status;
    }
    r->status = 200;
    r->type = zip ? "application/zip" : "application/gzip";
    r->body = p->out;
    p->out = (struct buf){0};
    buf_addf(&name, "%s-%s.%s", p->submission.track, p->submission.language,
             zip ? "zip" : "tar.gz");
    response_download(r, name.data);
    buf_release(&name);
    return 0;
}

int api_archive(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    const char *format = request_value(q, "format");
    struct packing *p;
    struct handin h;
    int status;

    if (format[0] != '\0' && strcmp(format, "zip") != 0 && strcmp(format, "tar.gz") != 0) {
        response_problem(r, 400, "\"format\" is zip or tar.gz.");
        return 0;
    }
    status = handin_for(s, q, q->words[0], &h, r, err);
    if (status != 1)
        return status;
    p = mem_zalloc(sizeof(*p));
    p->course = s->course;
    p->languages = s->languages;
    p->format = format[0] == 't' ? ARCHIVE_TAR_GZ : ARCHIVE_ZIP;
    status = handins_files(s->jobs, h.id, &p->submission, err);
    r->later = (struct response_later){pack, say_archive, free_packing, p};
    handin_release(&h);
    return status < 0 ? status : 0;
}

/* ---- from an archive ---- */

struct unpacking {
    char *bytes;
    size_t len;
    struct submission found;
    int status;
    struct err err;
};

static void free_unpacking(void *owner)
{
    struct unpacking *u = owner;

    submission_release(&u->found);
    mem_free(u->bytes);
    mem_free(u);
}

static void unpack(void *owner)
{
    struct unpacking *u = owner;

    u->status = archive_take((struct str){u->bytes, u->len}, &u->found, &u->err);
}

static json_t *word(const char *text)
{
    return json_string(text != NULL ? text : "");
}

/* A folder says which task by its number. */
static json_t *task_word(const struct site *s, const struct submission *found)
{
    const struct site_track *st = found->track != NULL ? site_track(s, str_of(found->track)) : NULL;
    const struct task *task = NULL;
    int64_t number = 0;

    if (st != NULL && found->task != NULL && str_to_i64(str_of(found->task), &number) &&
        number > 0 && number < UINT32_MAX)
        task = track_task(st->track, (uint32_t)number);
    return word(task != NULL ? task->slug : found->task);
}

static int say_files(void *owner, const struct site *s, struct response *r, struct err *err)
{
    const struct unpacking *u = owner;

    (void)err;
    if (u->status < 0)
        response_problem(r, 400, u->err.text);
    else
        response_json(r, json_pack("{s:o, s:o, s:o, s:o}", "track", word(u->found.track), "task",
                                   task_word(s, &u->found), "language", word(u->found.language),
                                   "files", handin_json_list(&u->found)));
    return 0;
}

int api_unpack(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    struct unpacking *u;

    (void)s, (void)err;
    if (q->body.len == 0) {
        response_problem(r, 400, "The body must be an archive: zip, tar or tar.gz.");
        return 0;
    }
    u = mem_zalloc(sizeof(*u));
    u->bytes = mem_strndup(q->body.data, q->body.len);
    u->len = q->body.len;
    r->later = (struct response_later){unpack, say_files, free_unpacking, u};
    return 0;
}
