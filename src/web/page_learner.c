/* What a learner of one's class has handed in, the newest first; each is read on its own page. */
#include "pages.h"

#include "../accounts/people.h"
#include "../base/err.h"
#include "../judge/handins.h"
#include "html.h"
#include "request.h"
#include "response.h"
#include "site.h"
#include "teaching.h"

struct listing {
    const struct site *site;
    struct buf *out;
    uint32_t count;
};

static void add_handin(void *owner, const struct handin *h)
{
    struct listing *l = owner;
    const char *state = h->verdict[0] != '\0' ? h->verdict : h->state;

    l->count++;
    buf_add_text(l->out, "<tr><th scope=\"row\">");
    teaching_task(l->site, h->track, h->task, l->out);
    html_addf(l->out,
              "</th><td>%s</td><td>%s</td><td><a href=\"/submissions/%d\"><span class=\"badge "
              "%s\">%s</span></a></td><td>",
              h->language, handin_kind_word(h->kind), (int)h->id, state, state);
    layout_time(h->put_ms, l->out);
    html_addf(l->out, "</td><td>%s</td></tr>\n", h->sentence);
}

static int add_handins(const struct site *s, int64_t person, struct buf *out, struct err *err)
{
    struct listing l = {.site = s, .out = out};
    int status = 0;

    buf_add_text(out, "<h2>Handed in</h2>\n<div class=\"table\" tabindex=\"0\" role=\"region\" "
                      "aria-label=\"Handed in\"><table class=\"data\"><thead><tr><th>Task</th>"
                      "<th>Language</th><th>Kind</th><th>Verdict</th><th>When</th><th>Why</th></tr>"
                      "</thead><tbody>\n");
    if (s->jobs != NULL)
        status = handins_list(s->jobs, person, "", "", add_handin, &l, err);
    buf_add_text(out, "</tbody></table></div>\n");
    if (l.count == 0)
        buf_add_text(out, "<p class=\"empty\">Nothing so far.</p>\n");
    return status;
}

/* 1: somebody who is in this very class; 0: r says that there is none. */
static int find(const struct site *s, const struct class_view *c, struct str word,
                struct account *ret_account, struct response *r, struct err *err)
{
    struct class_view of_person = {.part = CLASS_NO_MEMBER};
    int64_t id = 0;
    int status = 0;

    if (str_to_i64(word, &id))
        status = class_find(s->accounts, c->id, id, &of_person, err);
    if (status == 1)
        status =
            of_person.part == CLASS_NO_MEMBER ? 0 : people_find(s->accounts, id, ret_account, err);
    if (status == 0)
        page_error(s, 404, "Nobody of this class is at this address.", r);
    return status;
}

int page_class_person(const struct site *s, const struct request *q, struct response *r,
                      struct err *err)
{
    struct layout l = {.here = "/teach", .who = q->person, .look = "wide"};
    struct account account;
    struct class_view c;
    struct buf *out;
    int status = teaching_class(s, q, q->words[0], &c, r, err);

    if (status == 1)
        status = find(s, &c, q->words[1], &account, r, err);
    if (status <= 0)
        return status;
    l.title = account.full_name[0] != '\0' ? account.full_name : account.person.name;
    out = response_html(r, 200);
    layout_begin(s, &l, out);
    teaching_trail(&c, l.title, out);
    html_addf(out, "<h1>%s</h1>\n<p class=\"soft\">%s</p>\n", l.title, account.person.name);
    status = add_handins(s, account.person.id, out, err);
    layout_end(out);
    return status;
}
