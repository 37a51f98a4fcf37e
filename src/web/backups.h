/* backups.h - copies of the database of one file, kept in the folder `backups` beside it.
 *
 * A copy's name is eddy-YYYYMMDD-HHMMSS.db, by the machine's clock in UTC, and no file of another
 * name is ever listed, read or removed: so nothing that is asked for from outside leads elsewhere.
 * A database on a server is copied by its own tools; then there are none here. */
#ifndef WEB_BACKUPS_H
#define WEB_BACKUPS_H

#include "../base/str.h"

struct err;
struct site;

enum { BACKUP_NAME_SIZE = sizeof("eddy-20260102-030405.db") };

bool backups_possible(const struct site *s);
/* Appends the folder's name; backups_possible() only, as all below. */
void backups_folder(const struct site *s, struct buf *out);
bool backups_is_name(struct str name);

/* Makes one, in any thread: db and folder are all that it needs. ERR_INPUT: one was made in this
 * very second; ERR_AWAY, ERR_MACHINE. */
int backups_make(const char *db, const char *folder, char ret_name[BACKUP_NAME_SIZE],
                 struct err *err);

/* The newest first. How many; a folder that is not there has none. */
int backups_list(const struct site *s,
                 void (*each)(void *owner, const char *name, int64_t bytes, int64_t made_s),
                 void *owner, struct err *err);
int64_t backups_bytes(const struct site *s); /* all together */
/* Appends the path of one. False: there is none of this name. */
bool backups_find(const struct site *s, struct str name, struct buf *out);

#endif
