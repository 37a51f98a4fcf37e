/* cage_disk.h - the disk of a node: its folder, followed call by call, made to fail, cut from
 * power.
 *
 * On the virtual clock only, and only if cage_config.disk_dirs named the folders. Each call of the
 * node's processes on files in its folder is counted and, if it changes something, told to a model
 * of what is durable (sim/disk.h). A kill leaves the folder as it is; cage_disk_lose_power() leaves
 * what the model says.
 *
 * Changes are writes, syncs and changes of names (a file made by open counts as one, likewise one
 * cut to nothing by it). Files that are mapped for writing are compared with the model when they
 * are synced and when power is lost: single stores into the mapping are no calls and are not
 * counted. Symbolic links and the modes of files do not survive a power loss. */
#ifndef CAGE_CAGE_DISK_H
#define CAGE_CAGE_DISK_H

#include <stdbool.h>
#include <stdint.h>

struct cage;
struct err;

enum cage_disk_op {
    CAGE_DISK_READ,
    CAGE_DISK_WRITE,
    CAGE_DISK_SYNC,
    CAGE_DISK_NAME,
    CAGE_DISK_OPS
};

struct cage_disk_counts {
    uint64_t calls[CAGE_DISK_OPS]; /* those that came to the disk, failed ones too */
    uint64_t bytes_read, bytes_written;
    uint64_t changes;
    uint64_t kept_bytes; /* in all files of the folder now */
    bool mapped;         /* a file was mapped for writing */
};

bool cage_disk_followed(const struct cage *c, uint32_t node);
void cage_disk_counts(const struct cage *c, uint32_t node, struct cage_disk_counts *ret_counts);

/* The nth change from now (1: the next one) does not happen: the node stands still there, and
 * cage_events.trapped is called after what it wrote before has been reported. It goes on when the
 * trap is set anew, if nobody kills it. 0: no trap. */
void cage_disk_trap(struct cage *c, uint32_t node, uint64_t nth);
/* The nth call of this kind from now fails with this errno; a failed sync loses what was pending,
 * as Linux does: a later sync does not bring it back. With error 0 a write is cut to half its
 * bytes. Once; nth 0: none. */
void cage_disk_fail(struct cage *c, uint32_t node, enum cage_disk_op op, uint64_t nth, int error);
/* No more than so many bytes in all files: what does not fit fails with ENOSPC. 0: no limit. */
void cage_disk_limit(struct cage *c, uint32_t node, uint64_t bytes);
/* What each call of this kind costs in virtual time, besides cage_config.disk_latency_ns. */
void cage_disk_cost(struct cage *c, uint32_t node, enum cage_disk_op op, int64_t ns);

/* The next three need a node that is not running, and change its folder. */
int cage_disk_lose_power(struct cage *c, uint32_t node, struct err *err);
/* Turns the bits of mask over in len bytes from offset of the file at path ("wal/1", from the
 * folder). ERR_INPUT: there is no such file, or it has no such bytes. */
struct cage_disk_rot {
    const char *path;
    uint64_t offset, len;
    uint8_t mask; /* 0: the bytes become zeros */
};
int cage_disk_rot(struct cage *c, uint32_t node, const struct cage_disk_rot *rot, struct err *err);
/* The folder was changed from outside: what is there when the node starts is durable. */
void cage_disk_forget(struct cage *c, uint32_t node);
/* Its folder is another one from now on; what is there is durable. */
void cage_disk_move(struct cage *c, uint32_t node, const char *dir);

#endif
