/* The reference system of a track, for who has passed the task or says that he wants to see it all
 * the same. It is one program for the whole track, in C. */
#include "api.h"

#include "../accounts/person.h"
#include "../base/err.h"
#include "../course/track.h"
#include "../judge/harvest.h"
#include "request.h"
#include "response.h"
#include "site.h"

#include <string.h>
#include <unistd.h>

enum { FILE_MAX = 1 << 20 };

static bool is_source(const char *name)
{
    const char *dot = strrchr(name, '.');

    return strchr(name, '/') == NULL && dot != NULL && name[0] != '.' &&
           (strcmp(dot, ".c") == 0 || strcmp(dot, ".h") == 0 || strcmp(dot, ".md") == 0);
}

static int add_file(void *owner, const struct harvest_file *f, struct err *err)
{
    struct buf text = {0};
    json_t *content;
    char piece[16384];
    ssize_t n = 0;

    if (!is_source(f->name) || f->bytes > FILE_MAX)
        return 0;
    while ((n = read(f->fd, piece, sizeof(piece))) > 0)
        buf_add(&text, piece, (size_t)n);
    content = json_stringn(text.data != NULL ? text.data : "", text.len);
    if (n == 0 && content != NULL)
        json_array_append_new(owner, json_pack("{s:s, s:O}", "name", f->name, "text", content));
    json_decref(content);
    buf_release(&text);
    return n < 0 ? err_set_errno(err, ERR_MACHINE, "%s cannot be read", f->name) : 0;
}

static int say_solution(const struct track *t, struct response *r, struct err *err)
{
    json_t *files = json_array();
    struct buf dir = {0};
    int status;

    buf_addf(&dir, "%s/ref", t->dir);
    status = harvest(dir.data, add_file, files, err);
    if (status == 0)
        response_json(r, json_pack("{s:s, s:O}", "language", "c", "files", files));
    json_decref(files);
    buf_release(&dir);
    return status;
}

int api_solution(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    const struct site_track *st = site_track(s, q->words[0]);
    const struct page *page = NULL;
    const struct task *task = st != NULL ? site_task(st, q->words[1], &page) : NULL;
    bool may = strcmp(request_value(q, "confirm"), "1") == 0;
    struct site_progress *p = NULL;
    int status;

    if (task == NULL) {
        response_problem(r, 404, "There is no such task; GET /api/v1/tracks lists all of them.");
        return 0;
    }
    status = site_progress(s, q->person, &p, err);
    if (status < 0)
        return status;
    may = may || site_progress_passed(p, st->track->slug, task->slug);
    site_progress_free(p);
    if (may)
        return say_solution(st->track, r, err);
    response_problem(r, 403,
                     "You have not passed this task yet. To see the solution all the same, ask "
                     "with confirm=1.");
    return 0;
}
