/* vt_disk.h - following what a node does in its folder, call by call.
 *
 * Private to the cage. One for each node; it outlives crashes. What the calls of cage_disk.h ask
 * for is kept in plain fields here and looked at in vt_disk_call(). */
#ifndef CAGE_VT_DISK_H
#define CAGE_VT_DISK_H

#include "../base/prng.h"
#include "cage_disk.h"
#include "vt_world.h"

#include <sys/stat.h>

struct disk;
struct err;
struct map;

enum { VT_DISK_NO_PLACE = -1 };

/* Of one file or directory, by its place in the model. */
struct vt_disk_file {
    uint64_t size; /* as the program sees it */
    bool mapped;   /* for writing: stores are not calls */
};

struct vt_disk {
    char *dir;
    struct disk *model; /* NULL: the folder has not been looked at */
    struct map *inodes; /* (device, inode) as bytes -> number */
    uint32_t *place_of; /* by that number; an inode that is used again leads to its last place */
    size_t place_of_cap;
    struct vt_disk_file *files; /* by place */
    size_t file_len, file_cap;
    int depth; /* of the folder that is being walked */
    struct prng chance;

    struct cage_disk_counts counts;
    uint64_t trap_in; /* changes until the trap; 0: none */
    bool trapped;
    struct {
        uint64_t in; /* calls until the failure; 0: none */
        int error;
    } fail[CAGE_DISK_OPS];
    uint64_t limit_bytes; /* of the scenario; 0: none */
    uint64_t bound_bytes; /* of the sandbox, holes included: the model keeps all of it; 0: none */
    int64_t cost_ns[CAGE_DISK_OPS];
};

struct vt_disk *vt_disk_new(const char *dir, uint64_t seed, uint32_t node);
void vt_disk_free(struct vt_disk *d); /* NULL is fine */

/* ---- vt_disk.c: calls ---- */

/* The call at whose start t stands. True if the disk has judged it; *ret_verdict says how. */
bool vt_disk_call(struct vt_thread *t, enum vt_verdict *ret_verdict);
/* Whether the node stands before the change that its trap named. */
bool vt_disk_stands(const struct vt_node *n);
/* The end of such a call. */
void vt_disk_call_end(struct vt_thread *t);

/* ---- vt_disk_folder.c: the folder and the model ---- */

/* What is in the folder is durable, unless the model knows it already. */
int vt_disk_start(struct vt_disk *d, struct err *err);
void vt_disk_forget(struct vt_disk *d);
int vt_disk_lose_power(struct vt_disk *d, struct err *err);
int vt_disk_rot(struct vt_disk *d, const struct cage_disk_rot *rot, struct err *err);

/* The place of an inode, or VT_DISK_NO_PLACE. */
int64_t vt_disk_find(const struct vt_disk *d, const struct stat *s);
/* A new place for it, whatever the inode meant before. */
uint32_t vt_disk_enter(struct vt_disk *d, const struct stat *s);
void vt_disk_set_size(struct vt_disk *d, uint32_t place, uint64_t size);
/* The bytes [offset, offset + len) of the file behind fd were written: tells the model. */
void vt_disk_wrote(struct vt_disk *d, uint32_t place, int fd, uint64_t offset, uint64_t len);
/* Whatever differs between the file behind fd and the model was written. */
void vt_disk_compare(struct vt_disk *d, uint32_t place, int fd);
/* All files that are mapped for writing, as msync wants it: which one it means is not known. */
void vt_disk_sync_mapped(struct vt_disk *d);

#endif
