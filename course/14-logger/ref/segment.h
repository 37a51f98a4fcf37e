/* segment.h - one file of the log: records with neighbouring lsns, and a sparse index to them.
 *
 * The index says for some records, one every index_every bytes, where they begin. That of a sealed
 * segment is kept in a file of its own; it can always be made again from the records, so it is
 * checked, never trusted, and never synced. */
#ifndef LOGGER_SEGMENT_H
#define LOGGER_SEGMENT_H

#include "record.h"

struct segment {
    int fd;
    uint64_t first, last; /* last == first - 1: empty */
    uint64_t size;        /* bytes of whole records */
    struct index_entry {
        uint64_t lsn, at;
    } * index;
    size_t index_count, index_cap;
    uint32_t index_every;
};

void segment_name(uint64_t first, char name[64]);       /* its file */
void segment_index_name(uint64_t first, char name[64]); /* that of its index */
void segment_close(struct segment *s);

/* A record of size bytes has been put at the end. */
void segment_note(struct segment *s, uint64_t lsn, uint64_t size);

/* What the bytes of a segment say. */
struct segment_scan {
    uint64_t whole;     /* bytes of undamaged records at the front; segment_note()d */
    uint64_t size;      /* bytes of the file */
    uint64_t proven;    /* the highest lsn that any record says was durable, behind damage too */
    uint64_t proven_at; /* where the first record begins that is not proven, at most whole */
};
int segment_scan(struct segment *s, struct segment_scan *ret_scan);

int segment_index_load(struct segment *s); /* -EBADMSG: missing, damaged or of another file */
int segment_index_save(const struct segment *s);

/* Where to begin to read for lsn: at or before it. */
uint64_t segment_seek(const struct segment *s, uint64_t lsn);

#endif
