/* base64url.h - bytes as letters that need no escaping in addresses (RFC 4648, section 5), without
 * "=" at the end. Tokens and the parts of an ID token are written so. */
#ifndef ACCOUNTS_BASE64URL_H
#define ACCOUNTS_BASE64URL_H

#include "../base/str.h"

void base64url_encode(struct str bytes, struct buf *out);
/* Strict: one text for one row of bytes. False if it is anything else; then out may have grown. */
bool base64url_decode(struct str text, struct buf *out);

#endif
