/* part_clean.c - what a partition may forget: whole files by age or size, or, if it is compacted,
 * all but the last item of each key.
 *
 * The open file is never touched: its name is where the next offset is written down. If all that
 * is in it is too old, an empty one is begun first.
 *
 * Compaction goes through the sealed files in order. Neighbours whose live items fit into one file
 * become one: written beside, synced, renamed over the first, folder synced; then the others go.
 * The new file's head says up to which offset it stands for, so what a crash leaves of the others
 * is known to be old. An item is dropped only for a later one of the same key in a sealed file, and
 * those are durable; a tombstone is dropped when it is old enough, since everything that it hides
 * has gone in this pass, in this file or in one before. */
#include "part.h"

#include "file.h"
#include "json.h"
#include "skiplist.h"

#include <stdlib.h>
#include <string.h>

/* Retention */

static bool is_too_old(const struct part *p, const struct pseg *s, uint64_t now_ms)
{
    return p->config.retention_ms > 0 && s->end > s->base &&
           now_ms - s->last_ms > p->config.retention_ms;
}

static int forget_first(struct part *p)
{
    pseg_remove(&p->segs[0]);
    memmove(p->segs, p->segs + 1, --p->count * sizeof(*p->segs));
    return folder_sync();
}

static int retain(struct part *p, uint64_t limit, uint64_t now_ms)
{
    uint64_t total = part_bytes(p);
    int status = 0;

    if (is_too_old(p, &p->segs[p->count - 1], now_ms) && part_end(p) <= limit)
        status = part_roll(p);
    while (status == 0 && p->count > 1 && p->segs[1].base <= limit) {
        uint64_t size = p->segs[0].size;
        bool is_too_much =
            p->config.retention_bytes > 0 && total - size >= p->config.retention_bytes;

        if (!is_too_much && !is_too_old(p, &p->segs[0], now_ms))
            break;
        total -= size;
        status = forget_first(p);
    }
    return status;
}

/* Compaction */

struct cleaning {
    struct part *p;
    uint64_t now_ms;
    struct skiplist *newest; /* key to its last offset */
    struct bytes out;        /* the live items of the files from `begin` on, behind a head */
    struct bytes live;       /* those of the file that is being read */
};

/* The key of [key, value], copied so that parsing does not change the item; NULL: no such thing. */
static const char *key_of(const struct item *it, size_t *ret_len, bool *ret_is_tombstone)
{
    char *copy = json_scratch(it->payload.len + 1);
    struct json *pair, *key;

    memcpy(copy, it->payload.data, it->payload.len);
    pair = json_parse(copy, it->payload.len);
    key = json_at(pair, 0);
    *ret_is_tombstone = json_is_null(json_at(pair, 1));
    *ret_len = json_text_of(key) == NULL ? 0 : key->len;
    return json_text_of(key);
}

static bool note_newest(void *owner, const struct item *it)
{
    struct cleaning *c = owner;
    struct entry e = {0};
    bool is_tombstone;
    char offset[8];

    e.key.data = key_of(it, &e.key.len, &is_tombstone);
    put_u64(offset, it->offset);
    e.value = (struct slice){offset, sizeof(offset)};
    if (e.key.data != NULL)
        skiplist_put(c->newest, &e);
    return true;
}

static bool is_live(const struct cleaning *c, const struct item *it)
{
    bool is_tombstone;
    struct slice key;
    const struct entry *e;

    key.data = key_of(it, &key.len, &is_tombstone);
    if (key.data == NULL)
        return true;
    e = skiplist_entry(skiplist_seek(c->newest, key, 0));
    if (get_u64(e->value.data) != it->offset)
        return false;
    return !is_tombstone || c->now_ms - it->ms <= c->p->config.tombstone_ms;
}

static bool keep_live(void *owner, const struct item *it)
{
    struct cleaning *c = owner;

    if (is_live(c, it))
        item_write(it, &c->live);
    return true;
}

/* Puts one file in the place of those from begin to end. */
static int replace(struct part *p, size_t begin, size_t end, const struct bytes *content)
{
    char beside[64], name[64];
    struct pseg merged;
    uint64_t whole;
    int status, fd;

    pseg_name(p->id, p->segs[begin].base, "tmp", beside);
    pseg_name(p->id, p->segs[begin].base, "seg", name);
    fd = file_open(beside, true);
    if (fd < 0)
        return fd;
    status = file_cut(fd, 0);
    if (status == 0)
        status = file_write(fd, 0, content->data, content->len);
    if (status == 0)
        status = file_sync(fd);
    file_close(fd);
    if (status == 0)
        status = folder_rename(beside, name);
    if (status < 0) {
        folder_remove(beside);
        return status;
    }
    status = folder_sync();
    if (status == 0)
        status = pseg_open(&merged, p->id, p->segs[begin].base);
    if (status == 0)
        status = pseg_scan(&merged, &whole);
    if (status < 0)
        return status;
    pseg_close(&p->segs[begin]);
    for (size_t i = begin + 1; i < end; i++)
        pseg_remove(&p->segs[i]);
    p->segs[begin] = merged;
    pseg_index_save(&merged);
    memmove(&p->segs[begin + 1], &p->segs[end], (p->count - end) * sizeof(*p->segs));
    p->count -= end - begin - 1;
    return folder_sync();
}

/* Nothing is done for a single file in which all is live. */
static int end_group(struct cleaning *c, size_t begin, size_t end)
{
    if (begin == end || (end == begin + 1 && c->out.len == c->p->segs[begin].size))
        return 0;
    return replace(c->p, begin, end, &c->out);
}

static void begin_group(struct cleaning *c, uint64_t base, uint64_t covers)
{
    c->out.len = 0;
    pseg_head(base, covers, &c->out);
}

static int rewrite(struct cleaning *c, uint64_t limit)
{
    struct part *p = c->p;
    size_t begin = 0, i = 0;
    bool more;
    int status = 0;

    begin_group(c, p->segs[0].base, 0);
    while (status == 0 && i + 1 < p->count && p->segs[i + 1].base <= limit) {
        c->live.len = 0;
        status = pseg_read(&p->segs[i], PSEG_HEAD, keep_live, c, &more);
        if (status < 0)
            break;
        if (i > begin && c->out.len + c->live.len > p->config.segment_bytes) {
            status = end_group(c, begin, i);
            i = ++begin;
            begin_group(c, p->segs[i].base, 0);
        }
        /* The head of the group comes to cover this file too. */
        bytes_add(&c->out, c->live.data, c->live.len);
        struct bytes head = {0};
        pseg_head(p->segs[begin].base, p->segs[i + 1].base - 1, &head);
        memcpy(c->out.data, head.data, PSEG_HEAD);
        free(head.data);
        i++;
    }
    return status < 0 ? status : end_group(c, begin, i);
}

static int compact(struct part *p, uint64_t limit, uint64_t now_ms)
{
    struct cleaning c = {.p = p, .now_ms = now_ms, .newest = skiplist_new()};
    bool more;
    int status = 0;

    for (size_t i = 0; i + 1 < p->count && p->segs[i + 1].base <= limit && status == 0; i++)
        status = pseg_read(&p->segs[i], PSEG_HEAD, note_newest, &c, &more);
    if (status == 0)
        status = rewrite(&c, limit);
    skiplist_free(c.newest);
    free(c.out.data);
    free(c.live.data);
    p->cleaned_bytes = part_bytes(p) - p->segs[p->count - 1].size;
    return status;
}

int part_tidy(struct part *p, uint64_t limit)
{
    uint64_t now_ms = part_now(p);
    uint64_t sealed = part_bytes(p) - p->segs[p->count - 1].size;
    uint64_t step = p->cleaned_bytes / 2;

    if (!p->config.compact)
        return retain(p, limit, now_ms);
    if (step < p->config.segment_bytes)
        step = p->config.segment_bytes;
    return sealed >= p->cleaned_bytes + step ? compact(p, limit, now_ms) : 0;
}
