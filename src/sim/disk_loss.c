/* What is left of pending changes. Real disks and file systems lose them in ways that depend on
 * caches, journals and luck; a program may count on none of it. So the choice has to reach every
 * outcome that POSIX allows, and has to reach the telling ones often. Choosing each sector by a
 * coin alone would hardly ever keep everything or lose everything, which are the commonest outcomes
 * of real machines, so for each file, and once for the names, one of these ways is drawn first:
 *
 *   nothing   all pending changes are lost
 *   all       all are kept: the program was lucky
 *   prefix    the first k are kept, and of the next one its first sectors (a torn write)
 *   some      each change by a coin: later ones without earlier ones
 *   sectors   each sector of each write by a coin
 *   size      the size is kept, the bytes are zeros (files only)
 *
 * Names choose before contents: which names are kept says nothing about contents. (Pillai et al.,
 * All File Systems Are Not Created Equal, 2014, list which of these real file systems show.) */
#include "disk_parts.h"

#include "../base/prng.h"

#ifndef PLANT_SIM
#define PLANT_SIM 0 /* tests/planted/sim.sh */
#endif

enum way { WAY_NOTHING, WAY_ALL, WAY_PREFIX, WAY_SOME, WAY_SECTORS, WAY_SIZE, WAY_COUNT };

struct choice {
    enum way way;
    uint64_t kept; /* WAY_PREFIX: how many */
    struct prng *chance;
};

static struct choice choose(struct prng *chance, enum way ways, uint64_t pending)
{
    struct choice c = {(enum way)prng_below(chance, ways), 0, chance};

#if PLANT_SIM == 11 /* planted bug: what is left is always a prefix */
    c.way = WAY_PREFIX;
#endif
    if (c.way == WAY_PREFIX)
        c.kept = prng_below(chance, pending + 1);
    return c;
}

static bool keeps(const struct choice *c, uint64_t number)
{
    switch (c->way) {
    case WAY_ALL:
        return true;
    case WAY_PREFIX:
        return number < c->kept;
    case WAY_SOME:
        return prng_chance(c->chance, 0.5);
    default:
        return false;
    }
}

/* The bytes of w that lie in the sectors [from, to), counted from the one in which w begins. */
static void keep_sectors(struct disk_place *file, const struct disk_write *w, uint64_t from,
                         uint64_t to)
{
    uint64_t first = w->offset / DISK_SECTOR;
    uint64_t begin = (first + from) * DISK_SECTOR;
    uint64_t end = (first + to) * DISK_SECTOR;

#if PLANT_SIM == 13 /* planted bug: a sector is half written */
    begin += DISK_SECTOR / 2;
#endif
    if (begin < w->offset)
        begin = w->offset;
    if (end > w->offset + w->len)
        end = w->offset + w->len;
    if (begin < end)
        disk_put(file, begin, w->bytes + (begin - w->offset), end - begin);
}

static uint64_t sectors_of(const struct disk_write *w)
{
    return (w->offset + w->len - 1) / DISK_SECTOR - w->offset / DISK_SECTOR + 1;
}

static void lose_write(struct disk_place *file, const struct disk_write *w, uint64_t number,
                       const struct choice *c)
{
    uint64_t sectors = sectors_of(w);
    uint64_t i;

    if (keeps(c, number)) {
        disk_put(file, w->offset, w->bytes, w->len);
    } else if (c->way == WAY_PREFIX && number == c->kept) {
        keep_sectors(file, w, 0, prng_below(c->chance, sectors));
    } else if (c->way == WAY_SECTORS) {
        for (i = 0; i < sectors; i++)
            if (prng_chance(c->chance, 0.5))
                keep_sectors(file, w, i, i + 1);
    } else if (c->way == WAY_SIZE && w->offset + w->len > file->durable.len) {
        disk_resize(file, w->offset + w->len);
    }
}

static void lose_size(struct disk_place *file, const struct disk_write *w, uint64_t number,
                      const struct choice *c)
{
    bool kept = c->way == WAY_SECTORS ? prng_chance(c->chance, 0.5) : keeps(c, number);

    if (kept || c->way == WAY_SIZE)
        disk_resize(file, w->offset);
}

static void lose_content(struct disk *d, struct disk_place *file, struct prng *chance)
{
    struct choice c;
    size_t i;

    if (file->write_len == 0)
        return;
    c = choose(chance, WAY_COUNT, file->write_len);
    for (i = 0; i < file->write_len; i++) {
        const struct disk_write *w = &file->writes[i];
        if (w->bytes == NULL)
            lose_size(file, w, i, &c);
        else
            lose_write(file, w, i, &c);
    }
    disk_writes_forget(d, file);
}

static void lose_names(struct disk *d, struct prng *chance)
{
    struct choice c;
    size_t i;

    if (d->change_len == 0)
        return;
    c = choose(chance, WAY_SECTORS, d->change_len); /* the ways before it */
    for (i = 0; i < d->change_len; i++)
        disk_change_settle(d, &d->changes[i], keeps(&c, i));
    d->change_len = 0;
}

void disk_lose_power(struct disk *d, struct prng *chance)
{
    size_t i;

    lose_names(d, chance);
    for (i = 0; i < d->place_len; i++)
        if (d->places[i].kind == DISK_FILE && !d->places[i].dead)
            lose_content(d, &d->places[i], chance);
}
