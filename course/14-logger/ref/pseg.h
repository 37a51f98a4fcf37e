/* pseg.h - one file of a partition, and the sparse index to it.
 *
 *     crc u32 | magic u32 | base u64 | covers u64 | items...
 *
 * base is the first offset that the file stands for. covers is 0, or, if compaction has merged
 * several files into this one, the last offset that it stands for: files with a base up to there
 * are left over from before.
 *
 * The index has an entry for an item every index_every bytes, and for the first item of each epoch.
 * Offsets and times both rise, so it serves to find either. It is derived: checked when it is
 * loaded, made again from the items if it is no good, never synced. */
#ifndef LOGGER_PSEG_H
#define LOGGER_PSEG_H

#include "item.h"

enum { PSEG_HEAD = 24, PSEG_INDEX_EVERY = 4096 };

struct pseg {
    unsigned part;
    int fd;
    uint64_t base, covers;
    uint64_t end; /* the offset behind the last item; base if there is none */
    uint64_t size, last_ms;
    struct pseg_entry {
        uint64_t offset, ms;
        uint32_t epoch, at;
    } * index;
    size_t index_count, index_cap;
};

void pseg_name(unsigned part, uint64_t base, const char *ending, char name[64]);
int pseg_create(struct pseg *s, unsigned part, uint64_t base); /* its folder is not synced */
int pseg_open(struct pseg *s, unsigned part, uint64_t base);   /* only the head is read */
void pseg_head(uint64_t base, uint64_t covers, struct bytes *out);
void pseg_close(struct pseg *s);
void pseg_remove(struct pseg *s); /* the files too; closes it */

/* An item has been put at the end. */
void pseg_note(struct pseg *s, const struct item *it);
/* Forgets what it knows of items from offset on, which begin at this place in the file. */
void pseg_forget(struct pseg *s, uint64_t offset, uint64_t at);

/* Reads all items anew; gives in ret_whole where the undamaged ones end. */
int pseg_scan(struct pseg *s, uint64_t *ret_whole);
int pseg_index_load(struct pseg *s); /* -EBADMSG: missing, damaged or of another file */
int pseg_index_save(const struct pseg *s);

/* Where to begin to read for an offset or a time: at or before it. */
uint64_t pseg_seek(const struct pseg *s, uint64_t offset);
uint64_t pseg_seek_time(const struct pseg *s, uint64_t ms);

/* Calls fn for each item from this place on, until it says false. -EBADMSG: a damaged one. */
typedef bool (*item_fn)(void *owner, const struct item *it);
int pseg_read(const struct pseg *s, uint64_t at, item_fn fn, void *owner, bool *ret_more);

#endif
