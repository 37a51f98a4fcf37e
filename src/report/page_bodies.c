#include "page_bodies.h"

#include "../base/mem.h"
#include "page_text.h"

#include <string.h>

enum { MARK_BYTES = 24 };

void page_bodies_init(struct page_bodies *b, size_t budget)
{
    *b = (struct page_bodies){.budget = budget, .limit = BODIES_WHOLE_MAX};
}

void page_bodies_release(struct page_bodies *b)
{
    buf_release(&b->text);
    mem_free(b->bodies);
}

/* Each body also costs its newline, and the mark of one that is cut. */
static size_t cost(const struct page_bodies *b)
{
    return b->text.len + b->count * MARK_BYTES;
}

/* Moves all bodies together, each cut to limit. */
static void recut(struct page_bodies *b, size_t limit)
{
    size_t end = 0;

    for (size_t i = 0; i < b->count; i++) {
        struct page_body *body = &b->bodies[i];
        size_t len = page_cut((struct str){b->text.data + body->at, body->len}, limit);

        body->is_cut = body->is_cut || len < body->len;
        if (len > 0)
            memmove(b->text.data + end, b->text.data + body->at, len);
        body->at = end;
        body->len = len;
        end += len;
    }
    b->text.len = end;
}

static void fit(struct page_bodies *b)
{
#if PLANT_REPORT == 5
    return;
#endif
    while (cost(b) > b->budget && b->limit > BODIES_CUT_MIN) {
        b->limit = b->limit / 4 > BODIES_CUT_MIN ? b->limit / 4 : BODIES_CUT_MIN;
        recut(b, b->limit);
    }
}

void page_bodies_add(struct page_bodies *b, struct str body)
{
    struct page_body *added;
    size_t before = b->text.len;
    /* Escaping can only lengthen, so what is beyond the limit now stays beyond it. */
    size_t raw = page_cut(body, b->limit);

    b->bodies = mem_grow(b->bodies, &b->cap, b->count + 1, sizeof(*b->bodies));
    added = &b->bodies[b->count++];
    if (raw > 0)
        page_add_json(&b->text, (struct str){body.data, raw});
    *added = (struct page_body){before, b->text.len - before, body.len, raw < body.len};
    if (added->len > b->limit) {
        added->len = page_cut((struct str){b->text.data + before, added->len}, b->limit);
        b->text.len = before + added->len;
        added->is_cut = true;
    }
    fit(b);
}

void page_bodies_drop(struct page_bodies *b, size_t count)
{
    b->count -= count;
    memmove(b->bodies, b->bodies + count, b->count * sizeof(*b->bodies));
    recut(b, b->limit);
}

void page_bodies_shrink(struct page_bodies *b, size_t budget)
{
    b->budget = budget;
    fit(b);
    for (size_t i = b->count; i > 0 && cost(b) > budget; i--) {
        struct page_body *last = &b->bodies[i - 1];

        b->text.len -= last->len;
        last->is_cut = last->is_cut || last->len > 0;
        last->len = 0;
    }
}

void page_bodies_write(const struct page_bodies *b, struct buf *out)
{
    for (size_t i = 0; i < b->count; i++) {
        const struct page_body *body = &b->bodies[i];

        if (body->is_cut)
            buf_addf(out, "~%zu ", body->whole);
        if (body->len > 0)
            buf_add(out, b->text.data + body->at, body->len);
        buf_add_char(out, '\n');
    }
}
