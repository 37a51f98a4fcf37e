#include "page_check.h"

#include "../base/err.h"
#include "../base/mem.h"
#include "faults.h"
#include "page.h"
#include "plant.h"
#include "track_part.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

static const char *const task_sections[] = {
    "What you build", "Why it matters", "Protocol",        "What the grader does",
    "Hints",          "Theory",         "Further reading", NULL,
};
static const char *const track_sections[] = {
    "Common mistakes", "Comparisons", "Interview questions", "Concepts", "Prerequisites",
    "Further reading", NULL,
};
static const char *const categories[] = {
    "Foundations",  "Consensus", "Scalability", "Storage",   "Operations",
    "Real Systems", "Advanced",  "Security",    "Capstones", NULL,
};

struct check {
    const struct page *page;
    const char *shown;
    struct faults *faults;
    bool is_track;
};

static bool listed(const char *const *list, const char *text)
{
    for (; *list != NULL; list++)
        if (strcmp(*list, text) == 0)
            return true;
    return false;
}

/* ---- the head ---- */

static const struct page_field *need_field(const struct check *c, const char *name)
{
    const struct page_field *field = page_field(c->page, name);

    if (!c->page->has_head)
        return NULL; /* said once, by check_head */
    if (field == NULL)
        faults_add(c->faults, c->shown, c->page->head_end, "the head has no \"%s:\"", name);
    else if (field->value[0] == '\0')
        faults_add(c->faults, c->shown, field->line, "\"%s:\" is empty", name);
    else
        return field;
    return NULL;
}

static void check_head(const struct check *c, const char *const *known)
{
    uint32_t i, k;

    if (!c->page->has_head) {
        faults_add(c->faults, c->shown, 1,
                   "the page does not begin with a head between two lines \"---\"");
        return;
    }
    for (i = 0; i < c->page->field_count; i++) {
        const struct page_field *field = &c->page->fields[i];
        if (c->is_track && track_part_is_field(field))
            continue; /* track_parts_check() judges them, by the tasks that there are */
        if (!listed(known, field->name))
            faults_add(c->faults, c->shown, field->line, "the head knows no \"%s\"", field->name);
        for (k = 0; k < i; k++)
            if (strcmp(c->page->fields[k].name, field->name) == 0)
                faults_add(c->faults, c->shown, field->line, "\"%s:\" stands there twice",
                           field->name);
    }
}

/* ---- the outline ---- */

/* The next section must be this one; what stands in its place is named. */
static void check_order(const struct check *c, const char *const *sections)
{
    const struct page *p = c->page;
    uint32_t i, at = 0;

    for (i = 0; i < p->part_count; i++) {
        const struct page_part *part = &p->parts[i];
        if (part->level == 1)
            faults_add(c->faults, c->shown, part->line,
                       "\"# %s\": the title stands in the head; sections begin with ##",
                       part->title);
        if (part->level != 2)
            continue;
        if (!listed(sections, part->title))
            faults_add(c->faults, c->shown, part->line,
                       "\"## %s\" is no section of this kind of page", part->title);
        else if (sections[at] != NULL && strcmp(part->title, sections[at]) == 0)
            at++;
        else if (page_part(p, 2, part->title) != part)
            faults_add(c->faults, c->shown, part->line, "\"## %s\" stands there twice",
                       part->title);
        else if (sections[at] != NULL && page_part(p, 2, sections[at]) == NULL)
            while (sections[at] != NULL && strcmp(sections[at++], part->title) != 0)
                ; /* what is absent is said below; go on behind this one */
        else
            faults_add(c->faults, c->shown, part->line,
                       "\"## %s\" stands in the wrong place; \"## %s\" comes first", part->title,
                       sections[at] != NULL ? sections[at] : sections[0]);
    }
}

static void check_sections(const struct check *c, const char *const *sections)
{
    check_order(c, sections);
    for (; *sections != NULL; sections++) {
        const struct page_part *part = page_part(c->page, 2, *sections);
        if (part == NULL)
            faults_add(c->faults, c->shown, 0, "the section \"## %s\" is missing", *sections);
        else if (page_body(c->page, part).len == 0)
            faults_add(c->faults, c->shown, part->line, "the section \"## %s\" is empty",
                       *sections);
    }
}

/* What a section has, with its subsections. */
struct sum {
    uint32_t words, code_blocks, tables, items, links;
};

static struct sum sum_of(const struct page *p, const struct page_part *part)
{
    uint32_t first = (uint32_t)(part - p->parts);
    uint32_t end = page_part_after(p, first);
    struct sum s = {0};
    uint32_t i;

    for (i = first; i < end; i++) {
        s.words += p->parts[i].words;
        s.code_blocks += p->parts[i].code_blocks;
        s.tables += p->parts[i].tables;
        s.items += p->parts[i].items;
    }
    for (i = 0; i < p->link_count; i++)
        s.links += p->links[i].part >= first && p->links[i].part < end;
    return s;
}

/* ---- a task ---- */

static void check_protocol(const struct check *c)
{
    const struct page_part *part = page_part(c->page, 2, "Protocol");
    struct sum s;

    if (part == NULL)
        return;
    s = sum_of(c->page, part);
    if (s.tables == 0)
        faults_add(c->faults, c->shown, part->line,
                   "\"## Protocol\" has no table: request | reply | errors");
    if (s.code_blocks == 0)
        faults_add(c->faults, c->shown, part->line,
                   "\"## Protocol\" has no example exchange in a code block");
}

static void check_hints(const struct check *c)
{
    const struct page_part *hints = page_part(c->page, 2, "Hints");
    uint32_t i, end, n = 0;
    char wanted[16];

    if (hints == NULL)
        return;
    i = (uint32_t)(hints - c->page->parts);
    end = page_part_after(c->page, i);
    for (i++; i < end; i++) {
        const struct page_part *part = &c->page->parts[i];
        if (part->level != 3)
            continue;
        snprintf(wanted, sizeof(wanted), "%u", ++n);
        if (strcmp(part->title, wanted) != 0)
            faults_add(c->faults, c->shown, part->line, "expected the hint \"### %s\", not \"%s\"",
                       wanted, part->title);
        if (page_body(c->page, part).len == 0)
            faults_add(c->faults, c->shown, part->line, "the hint is empty");
    }
    if (n != HINT_COUNT)
        faults_add(c->faults, c->shown, hints->line, "there must be %d hints, not %u", HINT_COUNT,
                   n);
}

static void check_theory(const struct check *c)
{
    const struct page_part *part = page_part(c->page, 2, "Theory");
    uint32_t words;

    if (part == NULL || page_body(c->page, part).len == 0)
        return;
    words = sum_of(c->page, part).words;
    if (words < THEORY_WORDS_MIN || words > THEORY_WORDS_MAX)
        faults_add(c->faults, c->shown, part->line,
                   "\"## Theory\" has %u words outside of code; it should have %d to %d", words,
                   THEORY_WORDS_MIN, THEORY_WORDS_MAX);
}

static void check_reading(const struct check *c)
{
    const struct page_part *part = page_part(c->page, 2, "Further reading");

    if (part != NULL && page_body(c->page, part).len > 0 && sum_of(c->page, part).items == 0)
        faults_add(c->faults, c->shown, part->line, "\"## Further reading\" has no list");
}

/* Nothing may stand before the first section of a task: nobody would know where to look for it. */
static void check_no_introduction(const struct check *c)
{
    if (page_body(c->page, &c->page->parts[0]).len > 0 && c->page->parts[0].words > 0)
        faults_add(c->faults, c->shown, c->page->parts[0].line,
                   "text stands before the first section");
}

void page_check_task(const struct page *p, const char *shown, struct faults *f)
{
    static const char *const known[] = {"title", "level", "concepts", NULL};
    struct check c = {.page = p, .shown = shown, .faults = f};
    const struct page_field *level;

    check_head(&c, known);
    need_field(&c, "title");
    need_field(&c, "concepts");
    level = need_field(&c, "level");
    if (level != NULL && (strlen(level->value) != 1 || strspn(level->value, "12345") != 1))
        faults_add(f, shown, level->line, "level is 1 to 5, not \"%s\"", level->value);
    check_no_introduction(&c);
    check_sections(&c, task_sections);
    check_protocol(&c);
    check_hints(&c);
    check_theory(&c);
    check_reading(&c);
}

/* ---- a track ---- */

static bool links_to_task(const struct page *p, uint32_t first, uint32_t end)
{
    uint32_t i;

    for (i = 0; i < p->link_count; i++)
        if (p->links[i].part >= first && p->links[i].part < end &&
            isdigit((unsigned char)p->links[i].target[0]) && strstr(p->links[i].target, ".md"))
            return true;
    return false;
}

/* "### 1. Name", counted from 1, each with a link to the task that catches it. */
static void check_common(const struct check *c)
{
    const struct page *p = c->page;
    const struct page_part *section = page_part(p, 2, "Common mistakes");
    uint32_t i, end, n = 0;
    char wanted[16];

    if (section == NULL)
        return;
    i = (uint32_t)(section - p->parts);
    end = page_part_after(p, i);
    for (i++; i < end; i++) {
        const struct page_part *part = &p->parts[i];
        if (part->level != 3)
            continue;
        snprintf(wanted, sizeof(wanted), "%u. ", ++n);
        if (strncmp(part->title, wanted, strlen(wanted)) != 0)
            faults_add(c->faults, c->shown, part->line,
                       "expected a mistake called \"### %sNAME\", not \"%s\"", wanted, part->title);
        if (!links_to_task(p, i, page_part_after(p, i)))
            faults_add(c->faults, c->shown, part->line,
                       "the mistake has no link to the page of the task that catches it");
    }
    if (n < COMMON_MISTAKES_MIN)
        faults_add(c->faults, c->shown, section->line,
                   "there are %u common mistakes; there should be %d or more", n,
                   COMMON_MISTAKES_MIN);
}

static void check_interview(const struct check *c)
{
    const struct page *p = c->page;
    const struct page_part *section = page_part(p, 2, "Interview questions");
    uint32_t i, end, n = 0;

    if (section == NULL)
        return;
    i = (uint32_t)(section - p->parts);
    end = page_part_after(p, i);
    for (i++; i < end; i++) {
        if (p->parts[i].level != 3)
            continue;
        n++;
        if (page_body(p, &p->parts[i]).len == 0)
            faults_add(c->faults, c->shown, p->parts[i].line, "the question has no answer");
    }
    if (n < INTERVIEW_MIN)
        faults_add(c->faults, c->shown, section->line,
                   "there are %u interview questions; there should be %d or more", n,
                   INTERVIEW_MIN);
}

static void add_categories(struct buf *out)
{
    const char *const *c;

    for (c = categories; *c != NULL; c++)
        buf_addf(out, "%s%s", out->len > 0 ? ", " : "", *c);
}

void page_check_track(const struct page *p, const char *shown, struct faults *f)
{
    static const char *const known[] = {"title", "summary", "category", "level", NULL};
    struct check c = {.page = p, .shown = shown, .faults = f, .is_track = true};
    const struct page_field *category;

    check_head(&c, known);
    need_field(&c, "title");
    need_field(&c, "summary");
    category = need_field(&c, "category");
    if (category != NULL && !listed(categories, category->value)) {
        struct buf names = {0};
        add_categories(&names);
        faults_add(f, shown, category->line, "there is no category \"%s\"; there are %s",
                   category->value, names.data);
        buf_release(&names);
    }
    if (p->parts[0].words == 0)
        faults_add(f, shown, p->parts[0].line, "there is no introduction before the first section");
    check_sections(&c, track_sections);
    check_common(&c);
    check_interview(&c);
    check_reading(&c);
}

/* ---- links ---- */

static bool has_anchor(const struct page *p, const char *anchor)
{
    struct buf name = {0};
    bool found = false;
    uint32_t i;

    for (i = 0; i < p->part_count && !found; i++) {
        buf_reset(&name);
        page_anchor(p->parts[i].title, &name);
        found = name.len > 0 && strcmp(name.data, anchor) == 0;
    }
    buf_release(&name);
    return found;
}

static void check_anchor(const struct check *c, const struct page_link *link, const char *path,
                         const char *anchor)
{
    struct page *other = NULL;
    struct err err = {.text = ""};

    if (path != NULL && page_read(path, &other, &err) < 0)
        faults_add(c->faults, c->shown, link->line, "the link %s: %s", link->target, err.text);
    else if (!has_anchor(other != NULL ? other : c->page, anchor))
        faults_add(c->faults, c->shown, link->line,
                   "the link %s leads to a heading that is not there", link->target);
    page_free(other);
}

static bool is_below(const char *path, const char *dir)
{
    size_t len = strlen(dir);

    return strncmp(path, dir, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

/* Whether a path is one that goes out with the course: its pages, and the manual. */
static bool is_ours(const char *path, const char *home)
{
    static const char *const places[] = {"course", "docs"};
    char top[PATH_MAX];
    struct buf dir = {0};
    bool found = false;
    size_t i;

    for (i = 0; i < 2 && !found; i++) {
        buf_reset(&dir);
        buf_addf(&dir, "%s/%s", home, places[i]);
        found = realpath(dir.data, top) != NULL && is_below(path, top);
    }
    buf_release(&dir);
    return found;
}

static void check_inside(const struct check *c, const struct page_link *link, const char *home)
{
    const char *hash = strchr(link->target, '#');
    const char *slash = strrchr(c->page->path, '/');
    size_t len = hash != NULL ? (size_t)(hash - link->target) : strlen(link->target);
    char real[PATH_MAX];
    struct buf path = {0};

    if (len == 0) {
        check_anchor(c, link, NULL, hash + 1);
        return;
    }
    if (slash != NULL)
        buf_add(&path, c->page->path, (size_t)(slash - c->page->path) + 1);
    buf_add(&path, link->target, len);
    if (realpath(path.data, real) == NULL)
        faults_add(c->faults, c->shown, link->line, "the link %s leads to no file", link->target);
    else if (!is_ours(real, home))
        faults_add(c->faults, c->shown, link->line, "the link %s leads out of course/ and docs/",
                   link->target);
    else if (hash != NULL)
        check_anchor(c, link, real, hash + 1);
    buf_release(&path);
}

void page_check_links(const struct page *p, const char *shown, const char *home, struct faults *f)
{
    struct check c = {.page = p, .shown = shown, .faults = f};
    uint32_t i;

    for (i = 0; i < p->link_count; i++) {
        const struct page_link *link = &p->links[i];
        const char *colon = strchr(link->target, ':');
        const char *slash = strchr(link->target, '/');

        if (PLANTED(9))
            continue;
        if (link->target[0] == '\0')
            faults_add(f, shown, link->line, "a link leads nowhere: its target is empty");
        else if (colon == NULL || (slash != NULL && slash < colon))
            check_inside(&c, link, home);
        else if (strncmp(link->target, "https://", 8) != 0 &&
                 strncmp(link->target, "http://", 7) != 0)
            faults_add(f, shown, link->line, "the link %s is neither a file nor https or http",
                       link->target);
    }
}
