/* utf8.h - what JSON leaves open about its texts. */
#ifndef MESSENGER_UTF8_H
#define MESSENGER_UTF8_H

#include <stdbool.h>
#include <stddef.h>

bool utf8_valid(const char *bytes, size_t len);    /* RFC 3629: shortest forms, no surrogates */
size_t utf8_points(const char *bytes, size_t len); /* code points of a valid text */

#endif
