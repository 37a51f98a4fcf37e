/* drafts.h - what somebody is writing, kept so that nobody's text is lost.
 *
 * Each change says which version it is based on; if that is not the newest any more (another tab,
 * another machine), nothing is changed and the newest is given back: whoever writes decides.
 * ERR_AWAY, ERR_MACHINE. */
#ifndef JUDGE_DRAFTS_H
#define JUDGE_DRAFTS_H

#include "../base/str.h"

struct err;
struct store;

struct draft_key {
    int64_t person;
    const char *track, *task, *language;
};

/* 1: *ret_version (from 1), and its files are appended, as they were put; 0: there is none. */
int drafts_get(struct store *s, const struct draft_key *k, struct buf *files, int64_t *ret_version,
               struct err *err);
/* version: the one that the change is based on; 0: there was none. files: a text of the caller's,
 * UTF-8 without 0 bytes. 1 and the new version; 0: it is not based on the newest. */
int drafts_put(struct store *s, const struct draft_key *k, struct str files, int64_t version,
               int64_t *ret_version, struct err *err);

#endif
