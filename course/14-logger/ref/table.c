#include "table.h"

#include "bloom.h"
#include "crc32c.h"
#include "file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 4096, ENTRY_HEAD = 17, FOOT = 28, SUM = 4 };

struct block_ref {
    uint64_t at;
    uint32_t len;           /* with its sum */
    struct slice first_key; /* in the index's bytes */
};

struct table {
    uint64_t number;
    int fd;
    int status; /* -EBADMSG: nothing can be said */
    uint64_t size;
    struct bytes index, filter;
    struct block_ref *blocks;
    size_t block_count;
    struct slice last_key; /* in the index's bytes */
};

void table_name(uint64_t number, char name[64])
{
    snprintf(name, 64, "%08llu.sst", (unsigned long long)number);
}

/* Entries and sums */

static void entry_add(struct bytes *to, const struct entry *e)
{
    char kind = e->is_delete ? 'd' : 'p';

    bytes_add(to, &kind, 1);
    bytes_add_u32(to, (uint32_t)e->key.len);
    bytes_add_u32(to, (uint32_t)e->value.len);
    bytes_add_u64(to, e->seq);
    bytes_add(to, e->key.data, e->key.len);
    bytes_add(to, e->value.data, e->value.len);
}

static bool entry_take(struct slice *from, struct entry *e)
{
    size_t key_len, value_len;

    if (from->len < ENTRY_HEAD)
        return false;
    key_len = get_u32(from->data + 1);
    value_len = get_u32(from->data + 5);
    if (key_len + value_len > from->len - ENTRY_HEAD)
        return false;
    e->is_delete = from->data[0] == 'd';
    e->seq = get_u64(from->data + 9);
    e->key = (struct slice){from->data + ENTRY_HEAD, key_len};
    e->value = (struct slice){from->data + ENTRY_HEAD + key_len, value_len};
    from->data += ENTRY_HEAD + key_len + value_len;
    from->len -= ENTRY_HEAD + key_len + value_len;
    return true;
}

static void seal(struct bytes *part, size_t from)
{
    bytes_add_u32(part, crc32c(part->data + from, part->len - from));
}

static bool is_sealed(const char *data, size_t len)
{
    return len >= SUM && get_u32(data + len - SUM) == crc32c(data, len - SUM);
}

/* Write */

struct writer {
    struct bytes file, block, index, last_key;
    uint64_t *hashes;
    size_t key_count, key_cap;
};

static void block_end(struct writer *w)
{
    size_t at = w->file.len;

    if (w->block.len == 0)
        return;
    bytes_add(&w->file, w->block.data, w->block.len);
    seal(&w->file, at);
    bytes_add_u64(&w->index, at);
    bytes_add_u32(&w->index, (uint32_t)(w->file.len - at));
    bytes_add_u32(&w->index, get_u32(w->block.data + 1));
    bytes_add(&w->index, w->block.data + ENTRY_HEAD, get_u32(w->block.data + 1));
    w->block.len = 0;
}

static void hash_add(struct writer *w, struct slice key)
{
    if (w->key_count == w->key_cap) {
        w->key_cap = 2 * w->key_cap + 256;
        w->hashes = must_alloc(w->hashes, w->key_cap * sizeof(*w->hashes));
    }
    w->hashes[w->key_count++] = bloom_hash(key);
}

/* The whole table is put together in memory: it is about as long as a memtable. */
static void writer_fill(struct writer *w, uint32_t bloom_bits,
                        const struct entry *(*next)(void *owner), void *owner)
{
    const struct entry *e;
    size_t filter_at, index_at, foot_at;

    while ((e = next(owner)) != NULL) {
        if (w->block.len > 0 && w->block.len + ENTRY_HEAD + e->key.len + e->value.len > BLOCK_BYTES)
            block_end(w);
        entry_add(&w->block, e);
        hash_add(w, e->key);
        w->last_key.len = 0;
        bytes_add(&w->last_key, e->key.data, e->key.len);
    }
    block_end(w);
    filter_at = w->file.len;
    bloom_build(w->hashes, w->key_count, bloom_bits, &w->file);
    seal(&w->file, filter_at);
    index_at = w->file.len;
    bytes_add(&w->file, w->index.data, w->index.len);
    bytes_add(&w->file, w->last_key.data, w->last_key.len);
    bytes_add_u32(&w->file, (uint32_t)w->last_key.len);
    seal(&w->file, index_at);
    foot_at = w->file.len;
    bytes_add_u64(&w->file, filter_at);
    bytes_add_u64(&w->file, index_at);
    bytes_add_u64(&w->file, foot_at);
    seal(&w->file, foot_at);
}

int table_write(uint64_t number, uint32_t bloom_bits, const struct entry *(*next)(void *owner),
                void *owner)
{
    struct writer w = {0};
    char name[64];
    int fd, status;

    table_name(number, name);
    writer_fill(&w, bloom_bits, next, owner);
    fd = file_open(name, true);
    status = fd < 0 ? fd : file_cut(fd, 0);
    if (status == 0)
        status = file_write(fd, 0, w.file.data, w.file.len);
    if (status == 0)
        status = file_sync(fd);
    file_close(fd);
    if (status == 0)
        status = folder_sync();
    if (status < 0)
        folder_remove(name);
    free(w.file.data);
    free(w.block.data);
    free(w.index.data);
    free(w.last_key.data);
    free(w.hashes);
    return status;
}

/* Open */

/* Block references, then the table's last key and its length. */
static bool index_take(struct table *t)
{
    struct slice rest = {t->index.data, t->index.len - SUM};
    size_t last_len = rest.len < 4 ? SIZE_MAX : get_u32(rest.data + rest.len - 4);

    if (last_len > rest.len || last_len + 4 > rest.len)
        return false;
    rest.len -= last_len + 4;
    t->last_key = (struct slice){rest.data + rest.len, last_len};
    while (rest.len >= 16) {
        struct block_ref b = {.at = get_u64(rest.data), .len = get_u32(rest.data + 8)};
        size_t key_len = get_u32(rest.data + 12);

        if (key_len > rest.len - 16)
            return false;
        b.first_key = (struct slice){rest.data + 16, key_len};
        t->blocks = must_alloc(t->blocks, (t->block_count + 1) * sizeof(*t->blocks));
        t->blocks[t->block_count++] = b;
        rest.data += 16 + key_len;
        rest.len -= 16 + key_len;
    }
    return rest.len == 0;
}

static bool part_read(int fd, uint64_t at, uint64_t end, struct bytes *part)
{
    part->data = must_alloc(NULL, end - at);
    return file_read(fd, at, part->data, end - at, &part->len) == 0 && part->len == end - at &&
           is_sealed(part->data, part->len);
}

static bool parts_read(struct table *t)
{
    uint64_t filter_at, index_at;
    char foot[FOOT];
    size_t len;

    if (t->fd < 0 || file_size(t->fd, &t->size) < 0 || t->size < FOOT ||
        file_read(t->fd, t->size - FOOT, foot, FOOT, &len) < 0 || !is_sealed(foot, len))
        return false;
    filter_at = get_u64(foot);
    index_at = get_u64(foot + 8);
    if (get_u64(foot + 16) != t->size - FOOT || filter_at > index_at || index_at > t->size - FOOT)
        return false;
    if (!part_read(t->fd, filter_at, index_at, &t->filter))
        t->filter.len = 0; /* only slower */
    else
        t->filter.len -= SUM;
    return part_read(t->fd, index_at, t->size - FOOT, &t->index) && index_take(t);
}

struct table *table_open(uint64_t number)
{
    struct table *t = must_alloc(NULL, sizeof(*t));
    char name[64];

    *t = (struct table){.number = number};
    table_name(number, name);
    t->fd = file_open(name, false);
    t->status = parts_read(t) ? 0 : -EBADMSG;
    return t;
}

void table_close(struct table *t)
{
    file_close(t->fd);
    free(t->index.data);
    free(t->filter.data);
    free(t->blocks);
    free(t);
}

uint64_t table_number(const struct table *t)
{
    return t->number;
}

uint64_t table_bytes(const struct table *t)
{
    return t->size;
}

bool table_is_damaged(const struct table *t)
{
    return t->status < 0;
}

struct slice table_first(const struct table *t)
{
    return t->block_count == 0 ? (struct slice){"", 0} : t->blocks[0].first_key;
}

struct slice table_last(const struct table *t)
{
    return t->block_count == 0 ? (struct slice){"", 0} : t->last_key;
}

/* Read */

/* The last block whose first key is before key, or the first one: older entries of a key may go on
 * in the next block, so equal is not enough to begin there. */
static size_t block_for(const struct table *t, struct slice key)
{
    size_t low = 0, high = t->block_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (slice_compare(t->blocks[middle].first_key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? 0 : low - 1;
}

static int block_read(struct table *t, size_t i, struct bytes *block)
{
    const struct block_ref *b = &t->blocks[i];
    int status;

    if (block->cap < b->len) {
        block->data = must_alloc(block->data, b->len);
        block->cap = b->len;
    }
    status = file_read(t->fd, b->at, block->data, b->len, &block->len);
    if (status == 0 && (block->len != b->len || !is_sealed(block->data, block->len)))
        status = -EBADMSG;
    block->len -= status == 0 ? SUM : 0;
    return status;
}

int table_get(struct table *t, struct slice key, uint64_t seq, struct bytes *ret_block,
              struct entry *ret_entry)
{
    struct entry wanted = {.key = key, .seq = seq};
    size_t i;

    if (t->status < 0)
        return t->status;
    if (!bloom_may_hold((struct slice){t->filter.data, t->filter.len}, bloom_hash(key)))
        return -ENOENT;
    i = block_for(t, key);
    for (; i < t->block_count && slice_compare(t->blocks[i].first_key, key) <= 0; i++) {
        int status = block_read(t, i, ret_block);
        struct slice rest = {ret_block->data, ret_block->len};

        if (status < 0)
            return status;
        while (entry_take(&rest, ret_entry)) {
            if (entry_compare(ret_entry, &wanted) >= 0)
                return slice_compare(ret_entry->key, key) == 0 ? 0 : -ENOENT;
        }
    }
    return -ENOENT;
}

void table_walk_next(struct table_walk *w)
{
    w->now = NULL;
    while (w->status == 0 && !entry_take(&w->rest, &w->entry)) {
        if (w->block == w->table->block_count)
            return;
        w->status = block_read(w->table, w->block++, &w->raw);
        w->rest = (struct slice){w->raw.data, w->raw.len};
    }
    if (w->status == 0)
        w->now = &w->entry;
}

void table_walk_begin(struct table_walk *w, struct table *t, struct slice from)
{
    *w = (struct table_walk){.table = t, .status = t->status};
    w->block = t->block_count == 0 ? 0 : block_for(t, from);
    do {
        table_walk_next(w);
    } while (w->now != NULL && slice_compare(w->now->key, from) < 0);
}

void table_walk_end(struct table_walk *w)
{
    free(w->raw.data);
}
