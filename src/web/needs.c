#include "needs.h"

#include "../base/mem.h"
#include "../course/page.h"
#include "../course/track.h"
#include "html.h"
#include "site.h"

#include <string.h>

static void add_need(const struct site *s, struct site_track *st, uint32_t need)
{
    uint32_t i;

    if (&s->tracks[need] == st)
        return;
    for (i = 0; i < st->need_count; i++)
        if (st->needs[i] == need)
            return;
    st->needs[st->need_count++] = need;
}

/* "../06-elector/track.md" leads to the track of the folder 06-elector. */
static void add_folder(const struct site *s, struct site_track *st, const char *target)
{
    uint32_t i;

    if (strncmp(target, "../", 3) != 0)
        return;
    for (i = 0; i < s->course->track_count; i++) {
        const struct track *t = &s->course->tracks[i];
        size_t len = strlen(t->name);
        if (strncmp(target + 3, t->name, len) == 0 && target[3 + len] == '/')
            add_need(s, st, i);
    }
}

static void read_page(const struct site *s, struct site_track *st)
{
    uint32_t i;

    for (i = 0; i < st->page->link_count; i++) {
        const struct page_link *link = &st->page->links[i];
        if (strcmp(st->page->parts[link->part].title, "Prerequisites") == 0)
            add_folder(s, st, link->target);
    }
}

static void read_planned(const struct site *s, struct site_track *st)
{
    const char *at = st->track->planned_needs;
    uint32_t i;

    while (*at != '\0') {
        struct str slug = {at, strcspn(at, " ")};
        for (i = 0; i < s->course->track_count; i++)
            if (str_is(slug, s->course->tracks[i].slug))
                add_need(s, st, i);
        at += slug.len + strspn(at + slug.len, " ");
    }
}

void needs_read(struct site *s)
{
    uint32_t i;

    for (i = 0; i < s->course->track_count; i++) {
        struct site_track *st = &s->tracks[i];
        st->needs = mem_zalloc((s->course->track_count + 1) * sizeof(*st->needs));
        if (st->page != NULL)
            read_page(s, st);
        else
            read_planned(s, st);
    }
}

void needs_links(const struct site *s, const struct site_track *st, struct buf *out)
{
    uint32_t i;

    for (i = 0; i < st->need_count; i++) {
        const struct track *t = &s->course->tracks[st->needs[i]];
        buf_add_text(out, i > 0 ? ", " : "");
        if (t->dir != NULL)
            html_addf(out, "<a href=\"/tracks/%s\">%s</a>", t->slug, t->slug);
        else
            html_addf(out, "%s", t->slug);
    }
}
