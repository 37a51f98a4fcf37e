/* file.h - whole files, folders, and lines of plain or zstd-compressed text. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "str.h"

struct err;

/* Reads a whole file or nothing; ERR_FULL beyond max bytes, ERR_MACHINE otherwise. */
int file_read(const char *path, size_t max, struct buf *ret_content, struct err *err);
int file_write(const char *path, struct str content, struct err *err); /* replaces, not atomic */
int file_mkdirs(const char *path, struct err *err);      /* with all parents; fine if it is there */
int file_remove_tree(const char *path, struct err *err); /* fine if absent; follows no link */
/* A descriptor of the regular file `name` ("a/b") below a folder in which a stranger's program has
 * made what it liked: no link is followed below the folder, nothing is waited for and nothing but a
 * regular file opened. Flags as of open(2); O_TRUNC takes effect on a regular file only. ERR_INPUT:
 * no such file is there. */
int file_open_below(const char *folder, const char *name, int flags, int *ret_fd, struct err *err);
/* As file_read and file_write, by such a descriptor. */
int file_read_below(const char *folder, const char *name, size_t max, struct buf *ret_content,
                    struct err *err);
int file_write_below(const char *folder, const char *name, struct str content, struct err *err);
/* Removes whatever has this name but a folder. ERR_INPUT: there is nothing. */
int file_unlink_below(const char *folder, const char *name, struct err *err);

/* A stream of lines going to disk. Compressed with zstd if the path ends in ".zst", else plain.
 * Errors (disk full) are remembered and come out of lines_close. */
struct lines;

int lines_create(const char *path, struct lines **ret_lines, struct err *err);
void lines_add(struct lines *l, const char *data, size_t len); /* any bytes; caller ends the line */
/* Room for at least max bytes to be written in place; commit says how many were. */
char *lines_reserve(struct lines *l, size_t max);
void lines_commit(struct lines *l, size_t len);
int lines_flush(struct lines *l, struct err *err); /* all so far is in the file and can be read */
int lines_close(struct lines *l, struct err *err); /* frees in every case; NULL is fine: 0 */

/* Reads such a file (or standard input for "-") line by line. */
struct lines_reader;

int lines_open(const char *path, struct lines_reader **ret_reader, struct err *err);
/* 1 and the line without its newline (borrowed until the next call); 0 at the end; negative on an
 * error. ERR_FULL: a line is longer than max bytes. A last line without newline counts, also one
 * in a compressed file that was cut short. */
int lines_next(struct lines_reader *r, size_t max, struct str *ret_line, struct err *err);
void lines_reader_close(struct lines_reader *r); /* NULL is fine */

#endif
