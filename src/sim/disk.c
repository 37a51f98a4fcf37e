/* Two kinds of pending things. Writes belong to a file and become durable together, in order, when
 * the file is synced. Changes of names stand in one list for the whole disk, since a rename may
 * concern two directories; a sync of a directory settles those that concern it. A change may
 * therefore settle before an older one of the same name; each name remembers the number of the
 * change that made it, and an older change that settles later leaves it alone.
 *
 * Places are counted: durable names and pending changes that lead there. When the last is gone the
 * place is dead and its bytes are freed, so a program that makes and deletes files for hours costs
 * what lives. A file that never had a name (O_TMPFILE) is not dead: it may get one.
 *
 * Dropped: a copy of the folder that is synced file by file. It cannot say what a write without an
 * earlier one leaves behind, nor keep the content of a file whose removal is lost. */
#include "disk.h"

#include "disk_parts.h"

#include "../base/assert.h"
#include "../base/map.h"
#include "../base/mem.h"

#include <string.h>

#ifndef PLANT_SIM
#define PLANT_SIM 0 /* tests/planted/sim.sh */
#endif

struct disk *disk_new(void)
{
    struct disk *d = mem_zalloc(sizeof(*d));
    uint32_t root = disk_place(d, DISK_DIR);

    ASSERT(root == DISK_ROOT);
    d->places[root].refs = 1;
    return d;
}

static void free_place(struct disk *d, struct disk_place *p)
{
    disk_writes_forget(d, p);
    mem_free(p->writes);
    p->writes = NULL;
    p->write_cap = 0;
    buf_release(&p->durable);
    map_free(p->names);
    p->names = NULL;
    mem_free(p->entries);
    p->entries = NULL;
    p->entry_cap = 0;
}

void disk_free(struct disk *d)
{
    size_t i;

    if (d == NULL)
        return;
    for (i = 0; i < d->place_len; i++)
        free_place(d, &d->places[i]);
    for (i = 0; i < d->change_len; i++) {
        mem_free(d->changes[i].sides[0].name);
        mem_free(d->changes[i].sides[1].name);
    }
    mem_free(d->places);
    mem_free(d->changes);
    mem_free(d);
}

uint32_t disk_place(struct disk *d, enum disk_kind kind)
{
    struct disk_place *p;

    d->places = mem_grow(d->places, &d->place_cap, d->place_len + 1, sizeof(*d->places));
    p = &d->places[d->place_len];
    *p = (struct disk_place){.kind = kind};
    if (kind == DISK_DIR)
        p->names = map_new();
    return (uint32_t)d->place_len++;
}

static struct disk_place *place_of(const struct disk *d, uint32_t place, enum disk_kind kind)
{
    ASSERT(place < d->place_len);
    ASSERT(d->places[place].kind == kind);
    return &d->places[place];
}

bool disk_is_dead(const struct disk *d, uint32_t place)
{
    ASSERT(place < d->place_len);
    return d->places[place].dead;
}

/* ---- names ---- */

static void hold(struct disk *d, uint32_t place)
{
    if (place == DISK_NO_PLACE)
        return;
    d->places[place].refs++;
    d->places[place].was_named = true;
}

static void drop(struct disk *d, uint32_t place)
{
    struct disk_place *p;
    size_t i;

    if (place == DISK_NO_PLACE)
        return;
    p = &d->places[place];
    ASSERT(p->refs > 0);
    if (--p->refs > 0)
        return;
    p->dead = true;
    for (i = 0; p->names != NULL && i < map_len(p->names); i++) {
        uint32_t inner = p->entries[i].place;
        p->entries[i].place = DISK_NO_PLACE;
        drop(d, inner);
        p = &d->places[place];
    }
    free_place(d, p);
}

static void set_name(struct disk *d, const struct disk_side *side, uint64_t seq)
{
    struct disk_place *dir = &d->places[side->dir];
    uint32_t before;
    uint32_t number;
    bool is_new;

    if (dir->dead)
        return;
    number = map_put(dir->names, str_of(side->name), &is_new);
    dir->entries = mem_grow(dir->entries, &dir->entry_cap, number + 1, sizeof(*dir->entries));
    if (is_new)
        dir->entries[number] = (struct disk_name){.place = DISK_NO_PLACE};
#if PLANT_SIM != 12 /* planted bug: an older change undoes a newer one */
    if (dir->entries[number].seq > seq)
        return;
#endif
    before = dir->entries[number].place;
    hold(d, side->place);
    d->places[side->dir].entries[number] = (struct disk_name){side->place, seq};
    drop(d, before);
}

void disk_change_settle(struct disk *d, struct disk_change *c, bool happens)
{
    struct disk_change done = *c;
    int i;

    if (done.seq == 0)
        return;
    c->seq = 0;
    c->sides[0].name = c->sides[1].name = NULL;
    for (i = 0; i < 2; i++)
        if (happens && done.sides[i].dir != DISK_NO_PLACE)
            set_name(d, &done.sides[i], done.seq);
    for (i = 0; i < 2; i++) {
        drop(d, done.sides[i].dir);
        drop(d, done.sides[i].place);
        mem_free(done.sides[i].name);
    }
}

static void compact_changes(struct disk *d)
{
    size_t kept = 0;
    size_t i;

    for (i = 0; i < d->change_len; i++)
        if (d->changes[i].seq != 0)
            d->changes[kept++] = d->changes[i];
    d->change_len = kept;
}

static void add_change(struct disk *d, struct disk_side a, struct disk_side b)
{
    struct disk_change *c;
    int i;

    d->changes = mem_grow(d->changes, &d->change_cap, d->change_len + 1, sizeof(*d->changes));
    c = &d->changes[d->change_len++];
    *c = (struct disk_change){++d->seq, {a, b}};
    for (i = 0; i < 2; i++) {
        if (c->sides[i].dir != DISK_NO_PLACE)
            d->places[c->sides[i].dir].refs++;
        hold(d, c->sides[i].place);
    }
}

static struct disk_side side(const struct disk *d, uint32_t dir, struct str name, uint32_t place)
{
    place_of(d, dir, DISK_DIR);
    return (struct disk_side){dir, mem_strndup(name.data, name.len), place};
}

static const struct disk_side NO_SIDE = {DISK_NO_PLACE, NULL, DISK_NO_PLACE};

void disk_link(struct disk *d, uint32_t dir, struct str name, uint32_t place)
{
    if (!disk_is_dead(d, dir) && !disk_is_dead(d, place))
        add_change(d, side(d, dir, name, place), NO_SIDE);
}

void disk_unlink(struct disk *d, uint32_t dir, struct str name)
{
    if (!disk_is_dead(d, dir))
        add_change(d, side(d, dir, name, DISK_NO_PLACE), NO_SIDE);
}

void disk_rename(struct disk *d, uint32_t from_dir, struct str from, uint32_t to_dir, struct str to,
                 uint32_t place)
{
    if (disk_is_dead(d, from_dir) || disk_is_dead(d, to_dir) || disk_is_dead(d, place))
        return;
    add_change(d, side(d, from_dir, from, DISK_NO_PLACE), side(d, to_dir, to, place));
}

/* ---- content ---- */

void disk_resize(struct disk_place *file, uint64_t size)
{
    size_t old = file->durable.len;

    if (size > DISK_FILE_MAX)
        size = DISK_FILE_MAX;
    if (size > old) {
        buf_reserve(&file->durable, size - old + 1);
        memset(file->durable.data + old, 0, size - old + 1);
    }
    file->durable.len = size;
    if (file->durable.data != NULL)
        file->durable.data[size] = 0;
}

void disk_put(struct disk_place *file, uint64_t offset, const char *bytes, size_t len)
{
    if (offset >= DISK_FILE_MAX || len == 0)
        return;
    if (len > DISK_FILE_MAX - offset)
        len = DISK_FILE_MAX - offset;
    if (offset + len > file->durable.len)
        disk_resize(file, offset + len);
    memcpy(file->durable.data + offset, bytes, len);
}

void disk_writes_forget(struct disk *d, struct disk_place *file)
{
    size_t i;

    for (i = 0; i < file->write_len; i++)
        mem_free(file->writes[i].bytes);
    d->pending_bytes -= file->write_bytes;
    file->write_bytes = 0;
    file->write_len = 0;
}

static void add_write(struct disk *d, struct disk_place *file, struct disk_write w)
{
    file->writes =
        mem_grow(file->writes, &file->write_cap, file->write_len + 1, sizeof(*file->writes));
    file->writes[file->write_len++] = w;
    file->write_bytes += w.len;
    d->pending_bytes += w.len;
}

/* to may be from itself. */
static void apply_writes(struct disk_place *to, const struct disk_place *from)
{
    size_t i;

    for (i = 0; i < from->write_len; i++) {
        const struct disk_write *w = &from->writes[i];
        if (w->bytes == NULL)
            disk_resize(to, w->offset);
        else
            disk_put(to, w->offset, w->bytes, w->len);
    }
}

static void sync_file(struct disk *d, struct disk_place *file)
{
    apply_writes(file, file);
    disk_writes_forget(d, file);
}

void disk_write(struct disk *d, uint32_t file, uint64_t offset, struct str bytes)
{
    struct disk_place *p = place_of(d, file, DISK_FILE);

    if (p->dead || bytes.len == 0)
        return;
    add_write(d, p, (struct disk_write){mem_strndup(bytes.data, bytes.len), offset, bytes.len});
    if (d->pending_bytes > DISK_PENDING_MAX)
        sync_file(d, p);
}

void disk_truncate(struct disk *d, uint32_t file, uint64_t size)
{
    struct disk_place *p = place_of(d, file, DISK_FILE);

    if (!p->dead)
        add_write(d, p, (struct disk_write){.offset = size});
}

static void sync_names(struct disk *d, uint32_t dir)
{
    size_t i;

    for (i = 0; i < d->change_len; i++) {
        const struct disk_change *c = &d->changes[i];
        if (c->seq != 0 && (c->sides[0].dir == dir || c->sides[1].dir == dir))
            disk_change_settle(d, &d->changes[i], true);
    }
    compact_changes(d);
}

void disk_sync(struct disk *d, uint32_t place)
{
    ASSERT(place < d->place_len);
    if (d->places[place].dead)
        return;
    if (d->places[place].kind == DISK_DIR) {
        sync_names(d, place);
        return;
    }
    sync_file(d, &d->places[place]);
#if PLANT_SIM == 10 /* planted bug: fsync of a file also keeps its name */
    sync_names(d, DISK_ROOT);
#endif
}

/* The part of w inside [from, to). */
static bool clip(const struct disk_write *w, uint64_t from, uint64_t to, uint64_t *ret_from,
                 uint64_t *ret_to)
{
    *ret_from = w->offset > from ? w->offset : from;
    *ret_to = w->offset + w->len < to ? w->offset + w->len : to;
    return w->bytes != NULL && *ret_from < *ret_to;
}

void disk_sync_range(struct disk *d, uint32_t file, uint64_t offset, uint64_t len)
{
    struct disk_place *p = place_of(d, file, DISK_FILE);
    uint64_t end = len == 0 || offset + len < offset ? UINT64_MAX : offset + len;
    size_t i;

    if (end > p->durable.len)
        end = p->durable.len;
    for (i = 0; i < p->write_len; i++) {
        uint64_t from;
        uint64_t to;
        if (clip(&p->writes[i], offset, end, &from, &to))
            disk_put(p, from, p->writes[i].bytes + (from - p->writes[i].offset), to - from);
    }
}

void disk_sync_all(struct disk *d)
{
    size_t i;

    for (i = 0; i < d->place_len; i++)
        if (d->places[i].kind == DISK_FILE && !d->places[i].dead)
            sync_file(d, &d->places[i]);
    for (i = 0; i < d->change_len; i++)
        disk_change_settle(d, &d->changes[i], true);
    d->change_len = 0;
}

void disk_sync_failed(struct disk *d, uint32_t place)
{
    ASSERT(place < d->place_len);
    if (d->places[place].kind == DISK_FILE)
        disk_writes_forget(d, &d->places[place]);
}

void disk_current(const struct disk *d, uint32_t file, struct buf *ret_bytes)
{
    const struct disk_place *p = place_of(d, file, DISK_FILE);
    struct disk_place seen = {.kind = DISK_FILE};

    disk_put(&seen, 0, p->durable.data, p->durable.len);
    apply_writes(&seen, p);
    buf_add_str(ret_bytes, buf_str(&seen.durable));
    buf_release(&seen.durable);
}

void disk_spoil(struct disk *d, uint32_t file, uint64_t offset, struct str bytes)
{
    struct disk_place *p = place_of(d, file, DISK_FILE);

    if (p->dead || offset >= p->durable.len)
        return;
    if (bytes.len > p->durable.len - offset)
        bytes.len = p->durable.len - offset;
    memcpy(p->durable.data + offset, bytes.data, bytes.len);
}

uint64_t disk_pending_bytes(const struct disk *d)
{
    return d->pending_bytes;
}

uint64_t disk_durable_bytes(const struct disk *d)
{
    uint64_t sum = 0;
    size_t i;

    for (i = 0; i < d->place_len; i++)
        sum += d->places[i].durable.len;
    return sum;
}
