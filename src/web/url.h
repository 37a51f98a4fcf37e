/* url.h - values of a query, as forms write them. */
#ifndef WEB_URL_H
#define WEB_URL_H

#include "../base/str.h"

/* Appends the text that is meant: "+" is a blank, %41 is A. False if a % is not followed by two hex
 * digits, or something means a 0 byte; what was appended then means nothing. */
bool url_decode(struct str raw, struct buf *out);

/* Appends the text so that it can stand as a value in a query. */
void url_encode(struct str text, struct buf *out);

#endif
