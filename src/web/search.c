/* The whole course is a few megabytes of words; looking through all of them takes milliseconds
 * (memmem is fast), so there is no index: nothing to build, nothing to go stale, and parts of words
 * and numbers such as "msg_id" or "0x" are found as they are typed.
 *
 * The order of what is found is by points, then by the order of the course: a word in a heading or
 * title says more about a section than one in its text. */
#include "search.h"

#include "../base/mem.h"
#include "../course/page.h"
#include "../course/track.h"
#include "../report/xml.h"
#include "markdown.h"
#include "site.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { POINTS_TITLE = 20, POINTS_TEXT_MAX = 10, EXCERPT_BEFORE = 70, EXCERPT_LEN = 230 };

struct search {
    struct search_entry *entries;
    uint32_t count;
    size_t cap;
};

struct words {
    struct str list[SEARCH_WORDS_MAX];
    uint32_t count;
    char folded[SEARCH_QUERY_MAX + 1];
};

/* ---- what there is ---- */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static void fold(struct str text, struct buf *out)
{
    size_t i;

    for (i = 0; i < text.len; i++)
        buf_add_char(out, lower(text.data[i]));
}

static char *fold_titles(const struct search_entry *e)
{
    struct buf out = {0};

    fold(str_of(e->title), &out);
    buf_add_char(&out, '\n');
    fold(str_of(e->heading), &out);
    return buf_take(&out);
}

static void add_entry(struct search *s, const struct page *p, const struct page_part *part,
                      const struct search_entry *page)
{
    const struct page_part *next = part + 1;
    size_t end = next < p->parts + p->part_count ? next->begin : p->text.len;
    struct search_entry *e;
    struct buf url = {0};

    s->entries = mem_grow(s->entries, &s->cap, s->count + 1, sizeof(*s->entries));
    e = &s->entries[s->count++];
    *e = (struct search_entry){.place = page->place, .title = page->title, .heading = part->title};
    markdown_words((struct str){p->text.data + part->body, end - part->body}, &e->words);
    fold(buf_str(&e->words), &e->folded);
    e->folded_titles = fold_titles(e);
    buf_add_text(&url, page->url);
    if (part->level > 0) {
        buf_add_char(&url, '#');
        page_anchor(part->title, &url);
    }
    e->url = buf_take(&url);
}

static void add_page(struct search *s, const struct page *p, const struct search_entry *page)
{
    uint32_t i = 0;

    while (i < p->part_count) {
        const struct page_part *part = &p->parts[i];
        if (part->level == 2 && strcmp(part->title, "Hints") == 0) {
            i = page_part_after(p, i);
            continue;
        }
        if (part->level > 0 || part->words > 0)
            add_entry(s, p, part, page);
        i++;
    }
}

static void add_track(struct search *s, const struct site_track *t)
{
    struct search_entry page = {.place = t->track->title, .title = t->track->title};
    char url[512];
    uint32_t i;

    page.url = url;
    snprintf(url, sizeof(url), "/tracks/%s", t->track->slug);
    add_page(s, t->page, &page);
    for (i = 0; i < t->track->task_count; i++) {
        page.title = t->track->tasks[i].title;
        snprintf(url, sizeof(url), "/tracks/%s/%s", t->track->slug, t->track->tasks[i].slug);
        add_page(s, t->tasks[i], &page);
    }
}

struct search *search_new(const struct site *site)
{
    struct search *s = mem_zalloc(sizeof(*s));
    char url[512];
    uint32_t i;

    for (i = 0; i < site->course->track_count; i++)
        if (site->tracks[i].page != NULL)
            add_track(s, &site->tracks[i]);
    for (i = 0; i < site->doc_count; i++) {
        struct search_entry page = {.place = "Manual", .title = site->docs[i].title, .url = url};
        snprintf(url, sizeof(url), "/docs/%s", site->docs[i].name);
        add_page(s, site->docs[i].page, &page);
    }
    return s;
}

void search_free(struct search *s)
{
    uint32_t i;

    if (s == NULL)
        return;
    for (i = 0; i < s->count; i++) {
        mem_free(s->entries[i].url);
        mem_free(s->entries[i].folded_titles);
        buf_release(&s->entries[i].words);
        buf_release(&s->entries[i].folded);
    }
    mem_free(s->entries);
    mem_free(s);
}

uint32_t search_count(const struct search *s)
{
    return s->count;
}

const struct search_entry *search_entry(const struct search *s, uint32_t i)
{
    return &s->entries[i];
}

/* ---- finding ---- */

static void read_words(const char *query, struct words *w)
{
    size_t i, len = strlen(query);
    bool inside = false;

    memset(w, 0, sizeof(*w));
    if (len > SEARCH_QUERY_MAX)
        len = SEARCH_QUERY_MAX;
    for (i = 0; i < len; i++) {
        bool blank = isspace((unsigned char)query[i]);
        w->folded[i] = lower(query[i]);
        if (!blank && !inside && w->count == SEARCH_WORDS_MAX)
            break;
        if (!blank && !inside)
            w->list[w->count++] = (struct str){w->folded + i, 0};
        if (!blank)
            w->list[w->count - 1].len++;
        inside = !blank;
    }
}

static uint32_t count_matches(struct str text, struct str word, uint32_t max)
{
    const char *at = text.data, *end = text.data + text.len;
    uint32_t count = 0;

    while (count < max && text.len > 0 &&
           (at = memmem(at, (size_t)(end - at), word.data, word.len)) != NULL) {
        count++;
        at += word.len;
    }
    return count;
}

/* 0: not all words are there. */
static uint32_t points(const struct search_entry *e, const struct words *w)
{
    uint32_t sum = 0, i;

    for (i = 0; i < w->count; i++) {
        uint32_t in_text = count_matches(buf_str(&e->folded), w->list[i], POINTS_TEXT_MAX);
        bool in_title = count_matches(str_of(e->folded_titles), w->list[i], 1) > 0;
        if (in_text == 0 && !in_title)
            return 0;
        sum += in_text + (in_title ? POINTS_TITLE : 0);
    }
    return sum;
}

uint32_t search_find(const struct search *s, const char *query,
                     const struct search_entry *found[SEARCH_FOUND_MAX])
{
    uint32_t best[SEARCH_FOUND_MAX], count = 0, i, at;
    struct words w;

    read_words(query, &w);
    for (i = 0; w.count > 0 && i < s->count; i++) {
        uint32_t p = points(&s->entries[i], &w);
        if (p == 0 || (count == SEARCH_FOUND_MAX && best[count - 1] >= p))
            continue;
        count += count < SEARCH_FOUND_MAX;
        for (at = count - 1; at > 0 && best[at - 1] < p; at--) {
            best[at] = best[at - 1];
            found[at] = found[at - 1];
        }
        best[at] = p;
        found[at] = &s->entries[i];
    }
    return count;
}

/* ---- excerpts ---- */

/* The length of the longest word that begins at this place, or 0. */
static size_t match_at(const struct words *w, struct str folded, size_t at)
{
    size_t longest = 0;
    uint32_t i;

    for (i = 0; i < w->count; i++) {
        struct str word = w->list[i];
        if (word.len > longest && at + word.len <= folded.len &&
            memcmp(folded.data + at, word.data, word.len) == 0)
            longest = word.len;
    }
    return longest;
}

/* From a word's beginning some way before the first match. */
static size_t excerpt_begin(const struct words *w, struct str folded)
{
    size_t at = 0, begin;

    while (at < folded.len && match_at(w, folded, at) == 0)
        at++;
    if (at == folded.len || at <= EXCERPT_BEFORE)
        return 0;
    for (begin = at - EXCERPT_BEFORE; begin < at && folded.data[begin - 1] != ' '; begin++)
        ;
    return begin;
}

void search_excerpt(const struct search_entry *e, const char *query, struct buf *out)
{
    struct str folded = buf_str(&e->folded), words = buf_str(&e->words);
    size_t at, begin, plain;
    struct words w;

    read_words(query, &w);
    begin = at = plain = excerpt_begin(&w, folded);
    if (begin > 0)
        buf_add_text(out, "… ");
    while (at < folded.len && (at < begin + EXCERPT_LEN || words.data[at] != ' ')) {
        size_t len = match_at(&w, folded, at);
        if (len == 0) {
            at++;
            continue;
        }
        xml_text(out, (struct str){words.data + plain, at - plain});
        buf_add_text(out, "<mark>");
        xml_text(out, (struct str){words.data + at, len});
        buf_add_text(out, "</mark>");
        at += len;
        plain = at;
    }
    if (at > plain)
        xml_text(out, (struct str){words.data + plain, at - plain});
    if (at < folded.len)
        buf_add_text(out, " …");
}
