/* input.h - lines out of a stream of bytes.
 *
 * Bytes come in as they please: half a line, or seven and a half. What is not yet a whole line is
 * kept until its newline arrives. A line may be of any length; the buffer grows with the longest.
 */
#ifndef MESSENGER_INPUT_H
#define MESSENGER_INPUT_H

#include <stdbool.h>
#include <stddef.h>

/* Reads once, as much as there is. False at the end of the input. */
bool input_read(int fd);

/* The next whole line without its newline, or NULL. The byte behind it is the caller's too; both
 * are gone at the next input_read(). */
char *input_line(size_t *ret_len);

#endif
