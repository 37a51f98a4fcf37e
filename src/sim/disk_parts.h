/* disk_parts.h - the inside of a disk, shared by disk.c and disk_loss.c only. */
#ifndef SIM_DISK_PARTS_H
#define SIM_DISK_PARTS_H

#include "disk.h"

struct map;

#define DISK_NO_PLACE UINT32_MAX

/* A pending change of a file. */
struct disk_write {
    char *bytes; /* NULL: the size changes to offset */
    uint64_t offset;
    size_t len;
};

struct disk_name {
    uint32_t place; /* DISK_NO_PLACE: no such name */
    uint64_t seq;   /* of the change that made it so; older ones no longer count */
};

struct disk_place {
    enum disk_kind kind;
    uint32_t refs; /* durable names and pending changes that lead here */
    bool was_named;
    bool dead;
    /* file */
    struct buf durable;
    struct disk_write *writes;
    size_t write_len, write_cap;
    uint64_t write_bytes;
    /* directory */
    struct map *names;
    struct disk_name *entries; /* by number in names */
    size_t entry_cap;
};

/* A pending change of names: up to two of them at once. */
struct disk_change {
    uint64_t seq; /* 0: done or lost */
    struct disk_side {
        uint32_t dir; /* DISK_NO_PLACE: this side is not used */
        char *name;
        uint32_t place; /* DISK_NO_PLACE: the name goes away */
    } sides[2];
};

struct disk {
    struct disk_place *places;
    size_t place_len, place_cap;
    struct disk_change *changes;
    size_t change_len, change_cap;
    uint64_t seq;
    uint64_t pending_bytes;
};

/* The change happens durably, or never; either way it is no longer pending. */
void disk_change_settle(struct disk *d, struct disk_change *c, bool happens);
void disk_writes_forget(struct disk *d, struct disk_place *file);
void disk_put(struct disk_place *file, uint64_t offset, const char *bytes, size_t len);
void disk_resize(struct disk_place *file, uint64_t size);

#endif
