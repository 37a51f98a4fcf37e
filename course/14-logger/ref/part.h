/* part.h - a partition: an append-only log of items, kept in files of bounded size.
 *
 * Laws: 1. An offset is given once, to one item, and never again, whatever is removed. 2. Offsets
 * rise; compaction leaves gaps and renumbers nothing. 3. What part_append() has said 0 to is
 * durable. 4. Times never fall from one item to the next. */
#ifndef LOGGER_PART_H
#define LOGGER_PART_H

#include "pseg.h"

struct part_config {
    uint64_t segment_bytes;
    uint64_t retention_bytes, retention_ms; /* 0: without end */
    uint64_t tombstone_ms;
    bool compact;
};

struct part {
    unsigned id;
    struct part_config config;
    struct pseg *segs; /* the last one is open for appends, the others are sealed */
    size_t count;
    bool is_end_dirty;      /* bytes beyond the last one's size may be in its file */
    uint64_t cleaned_bytes; /* of the sealed ones after the last compaction; 0: never */
};

/* Recovers what the folder holds. The process ends if a file cannot be read or written. */
struct part *part_open(unsigned id, const struct part_config *config);

uint64_t part_first(const struct part *p);
uint64_t part_end(const struct part *p); /* the next offset */
uint64_t part_now(const struct part *p); /* the wall clock, but never before the last item */
uint64_t part_bytes(const struct part *p);

/* All of them or none, in one write and one sync; offsets rise from part_end() on. Or -errno. */
int part_append(struct part *p, const struct item *items, size_t count);
/* Leader epochs: of the last item, 0 if there is none; and the offset behind the last item whose
 * epoch is at most this one, with the epoch that it has (0 and part_first() if there is none). */
uint32_t part_last_epoch(const struct part *p);
uint64_t part_epoch_end(const struct part *p, uint32_t epoch, uint32_t *ret_epoch);

/* Takes back what is at this offset and behind. */
int part_cut(struct part *p, uint64_t offset);
/* Takes everything back and begins at this offset. */
int part_restart(struct part *p, uint64_t offset);

/* Items from offset on, until fn says false. -EBADMSG: a damaged one. */
int part_read(const struct part *p, uint64_t offset, item_fn fn, void *owner);
/* The first item of this time or later; part_end() if there is none. */
int part_offset_at(const struct part *p, uint64_t ms, uint64_t *ret_offset);

/* part_clean.c: removes what retention and compaction let go; only below limit. */
int part_tidy(struct part *p, uint64_t limit);
int part_roll(struct part *p);

#endif
