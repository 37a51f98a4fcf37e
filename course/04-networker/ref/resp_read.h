/* resp_read.h - the next command in a stream of RESP2.
 *
 *     *2\r\n $4\r\n ECHO\r\n $3\r\n a\r\n\r\n      an array of bulk strings: bytes are counted
 *     PING hello\r\n                               inline: words between blanks */
#ifndef NETWORKER_RESP_READ_H
#define NETWORKER_RESP_READ_H

#include "table.h"

enum {
    RESP_WORDS_MAX = 1024,
    RESP_BULK_MAX = 1 << 20,
    RESP_LINE_MAX = 64 << 10,
};

struct command {
    int count; /* 0: nothing, such as an empty line */
    struct bytes words[RESP_WORDS_MAX];
    size_t len; /* what it takes of the stream */
};

enum resp_result { RESP_WHOLE, RESP_PART, RESP_MALFORMED };

enum resp_result resp_read(const char *bytes, size_t len, struct command *ret_command);

#endif
