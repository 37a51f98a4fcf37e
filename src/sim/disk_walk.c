#include "disk_parts.h"

#include "../base/map.h"
#include "../base/mem.h"

#include <stdlib.h>

struct walk {
    const struct disk *disk;
    disk_walk_fn fn;
    void *owner;
    struct buf path;
};

static int by_name(const void *a, const void *b, void *names)
{
    return str_cmp(map_text(names, *(const uint32_t *)a), map_text(names, *(const uint32_t *)b));
}

static void walk_dir(struct walk *w, const struct disk_place *dir);

static void walk_entry(struct walk *w, struct str name, uint32_t place)
{
    const struct disk_place *p = &w->disk->places[place];
    size_t len = w->path.len;

    if (len > 0)
        buf_add_char(&w->path, '/');
    buf_add_str(&w->path, name);
    w->fn(w->owner, &(struct disk_entry){w->path.data, place, p->kind, buf_str(&p->durable)});
    if (p->kind == DISK_DIR)
        walk_dir(w, p);
    w->path.len = len;
    w->path.data[len] = 0;
}

/* A directory that was moved into itself by two renames of which one was lost is in no path from
 * the root, so this ends. */
static void walk_dir(struct walk *w, const struct disk_place *dir)
{
    uint32_t count = map_len(dir->names);
    uint32_t *order = mem_alloc(count * sizeof(*order));
    uint32_t i;

    for (i = 0; i < count; i++)
        order[i] = i;
    qsort_r(order, count, sizeof(*order), by_name, dir->names);
    for (i = 0; i < count; i++) {
        uint32_t place = dir->entries[order[i]].place;
        if (place != DISK_NO_PLACE)
            walk_entry(w, map_text(dir->names, order[i]), place);
    }
    mem_free(order);
}

void disk_walk(const struct disk *d, disk_walk_fn fn, void *owner)
{
    struct walk w = {d, fn, owner, {0}};

    walk_dir(&w, &d->places[DISK_ROOT]);
    buf_release(&w.path);
}
