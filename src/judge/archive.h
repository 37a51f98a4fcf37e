/* archive.h - a program's folder as one file, for upload and download.
 *
 * What comes in is a stranger's: tar, tar.gz or zip, read in memory and never unpacked to a disk.
 * Only regular files with names that filename_check() takes are taken; what builds leave and hidden
 * files are passed over; links, devices, "..", and more bytes or entries than a course's folder
 * ever has, are refused with a sentence, however well they are packed. */
#ifndef JUDGE_ARCHIVE_H
#define JUDGE_ARCHIVE_H

#include "../base/str.h"

struct course;
struct err;
struct languages;
struct submission;

enum {
    ARCHIVE_MAX = 32 << 20,           /* bytes of an archive */
    ARCHIVE_UNPACKED_MAX = 128 << 20, /* of all its entries, also of those that are passed over */
    ARCHIVE_ENTRIES_MAX = 20000,
};

enum archive_format { ARCHIVE_ZIP, ARCHIVE_TAR_GZ };

/* Adds the files to *into. If all lie in one folder, its name is left out; track, language and task
 * are taken from the file .eddy where *into does not say them. ERR_INPUT: a sentence that can be
 * shown as it is; *into may hold some of the files then. */
int archive_take(struct str bytes, struct submission *into, struct err *err);

/* Appends an archive of a folder that works with `eddy learn`: starter and kit of the language, the
 * submission's files in their places, and .eddy. ERR_INPUT: there is no such track, task or
 * language; ERR_MACHINE. */
int archive_make(const struct course *course, const struct languages *languages,
                 const struct submission *s, enum archive_format format, struct buf *out,
                 struct err *err);

#endif
