/* disk.h - what a node finds in its folder after the power failed.
 *
 * The folder itself holds what the program wrote; this holds what of it is durable and what is
 * still pending: written, but not yet synced. When the power fails, the durable part survives and
 * of the pending part a choice by chance that is more than a prefix: single writes or single
 * sectors of them are kept or lost, later ones without earlier ones; a name without its content,
 * content without its name. What POSIX promises, and no more: fsync of a file makes its content and
 * size durable but not its name; fsync of a directory makes the names in it durable. A rename
 * happens or does not. A sector (512 bytes) is never half written.
 *
 * Pure: no file is touched. The caller reports what the program did and, after a loss, writes down
 * what disk_walk() shows. A place is a number for a file or directory; the root has DISK_ROOT. A
 * place whose last name is durably gone is dead: what is reported of it has no effect.
 * Not thread-safe. */
#ifndef SIM_DISK_H
#define SIM_DISK_H

#include "../base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct disk;
struct prng;

enum {
    DISK_ROOT = 0,
    DISK_SECTOR = 512,            /* bytes */
    DISK_PENDING_MAX = 256 << 20, /* bytes of pending writes; beyond, a file's become durable */
    DISK_FILE_MAX = INT32_MAX,    /* bytes in a file; what lies beyond is not kept */
};

enum disk_kind { DISK_FILE, DISK_DIR };

struct disk *disk_new(void);
void disk_free(struct disk *d); /* NULL is fine */

/* A new file or directory, empty, without a name until disk_link(). */
uint32_t disk_place(struct disk *d, enum disk_kind kind);

/* Pending until the directory is synced. A name that exists is replaced. */
void disk_link(struct disk *d, uint32_t dir, struct str name, uint32_t place);
void disk_unlink(struct disk *d, uint32_t dir, struct str name);
/* One step; durable as soon as either directory is synced. */
void disk_rename(struct disk *d, uint32_t from_dir, struct str from, uint32_t to_dir, struct str to,
                 uint32_t place);

/* Pending until the file is synced. bytes is copied. */
void disk_write(struct disk *d, uint32_t file, uint64_t offset, struct str bytes);
void disk_truncate(struct disk *d, uint32_t file, uint64_t size);

void disk_sync(struct disk *d, uint32_t place);
/* As sync_file_range: content, but not size; what lies past the durable size stays pending. */
void disk_sync_range(struct disk *d, uint32_t file, uint64_t offset, uint64_t len);
void disk_sync_all(struct disk *d);
/* The sync was tried and failed: what was pending of the file will never be durable by itself,
 * since the system takes it for written. (Rebello et al., Can Applications Recover from fsync
 * Failures?, 2020.) */
void disk_sync_failed(struct disk *d, uint32_t place);

/* Changes durable bytes behind everybody's back: bit rot. */
void disk_spoil(struct disk *d, uint32_t file, uint64_t offset, struct str bytes);

/* Nothing is pending after it. */
void disk_lose_power(struct disk *d, struct prng *chance);

/* What is durable, a directory before what is in it, names in bytewise order. */
struct disk_entry {
    const char *path; /* "a/b", from the root */
    uint32_t place;
    enum disk_kind kind;
    struct str bytes; /* of a file */
};
typedef void (*disk_walk_fn)(void *owner, const struct disk_entry *entry);
void disk_walk(const struct disk *d, disk_walk_fn fn, void *owner);

/* What a program reads from the file now; appended to ret_bytes. */
void disk_current(const struct disk *d, uint32_t file, struct buf *ret_bytes);
uint64_t disk_pending_bytes(const struct disk *d);
uint64_t disk_durable_bytes(const struct disk *d); /* of all living files */
bool disk_is_dead(const struct disk *d, uint32_t place);

#endif
