/* base64.h - bytes as text (RFC 4648, section 4). */
#ifndef NETWORKER_BASE64_H
#define NETWORKER_BASE64_H

#include "table.h"

#include <stdbool.h>

struct buffer;

void base64_put(struct buffer *out, struct bytes bytes);
bool base64_take(struct bytes text, struct buffer *out); /* false: this is no base64 */

#endif
