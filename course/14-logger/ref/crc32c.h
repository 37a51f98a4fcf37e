/* crc32c.h - the checksum of every record, index and block (Castagnoli's polynomial, RFC 3720 B.4).
 */
#ifndef LOGGER_CRC32C_H
#define LOGGER_CRC32C_H

#include <stddef.h>
#include <stdint.h>

uint32_t crc32c(const void *bytes, size_t len);

#endif
