/* echo.h - every answered echo equals what was sent.
 *
 * invoke "echo" carries what was sent, ok what came back. A definite failure is an error too, as
 * in Maelstrom; an unknown outcome is not. Details: "errors" (at most VERDICT_LIST_MAX, each
 * [text, sent, text, received]) and "error-count". */
#ifndef CHECK_ECHO_H
#define CHECK_ECHO_H

struct checker;
struct history;
struct verdict;

void echo_check(const struct history *h, struct verdict *ret_verdict);

/* "echo", no options. */
extern const struct checker echo_checker;

#endif
