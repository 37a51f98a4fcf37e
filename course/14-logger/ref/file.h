/* file.h - the calls on files that the engines use, with their corner cases: short writes are
 * completed, interrupted calls repeated. All give 0 or -errno unless said otherwise. Names are
 * relative to the data folder. */
#ifndef LOGGER_FILE_H
#define LOGGER_FILE_H

#include "bytes.h"

#include <stdbool.h>
#include <sys/types.h>

void folder_open(void); /* EDDY_DATA; the process ends without it */
int folder_sync(void);  /* makes new names, renames and removals durable */
int folder_remove(const char *name);
int folder_rename(const char *from, const char *to);
/* Calls fn for each name, in no order. */
void folder_list(void (*fn)(void *owner, const char *name), void *owner);

int file_open(const char *name, bool create); /* a descriptor, or -errno */
void file_close(int fd);
int file_size(int fd, uint64_t *ret_size);
int file_write(int fd, uint64_t at, const void *data, size_t len);         /* all of it */
int file_read(int fd, uint64_t at, void *to, size_t len, size_t *ret_len); /* less at the end */
int file_read_all(int fd, struct bytes *ret_bytes);
int file_cut(int fd, uint64_t size);
int file_sync(int fd);

/* A whole small file, made or replaced in one step: written beside as NAME.tmp, synced, renamed,
 * and the folder synced. On failure the old one is still there and nothing beside it. */
int file_replace(const char *name, const void *data, size_t len);

#endif
