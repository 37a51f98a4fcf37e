/* bytes.h - numbers as they lie in files (little-endian), and byte strings that grow. */
#ifndef LOGGER_BYTES_H
#define LOGGER_BYTES_H

#include <stddef.h>
#include <stdint.h>

void put_u32(char *to, uint32_t v);
void put_u64(char *to, uint64_t v);
uint32_t get_u32(const char *from);
uint64_t get_u64(const char *from);

/* Starts with all zero; the owner frees data. */
struct bytes {
    char *data;
    size_t len, cap;
};
void bytes_add(struct bytes *b, const void *data, size_t len);
void bytes_add_u32(struct bytes *b, uint32_t v);
void bytes_add_u64(struct bytes *b, uint64_t v);

/* Text with its length; points into somebody else's memory. */
struct slice {
    const char *data;
    size_t len;
};
int slice_compare(struct slice a, struct slice b); /* bytewise, as memcmp */

void *must_alloc(void *old, size_t size); /* realloc that ends the process if there is no memory */

#endif
