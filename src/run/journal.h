/* journal.h - everything that happened in a run, as lines of JSON in the order in which it did.
 *
 * Every line has t (ns since the start) and e:
 *   {"t":12,"e":"send","id":5,"src":"c3","dest":"n1","body":{...}}
 *   {"t":15,"e":"recv","id":5}                      twice for a duplicated message
 *   {"t":15,"e":"drop","id":5,"why":"partition"}    partition, loss, down, gone, full, rule
 *   {"t":9,"e":"fault","kind":"partition","what":"start","text":"..."}   or "stop"
 *   {"t":9,"e":"node","node":"n0","what":"start","text":""}  start, kill, pause, resume, exit...
 *   {"t":9,"e":"log","node":"n0","text":"a line of its stderr"}
 *   {"t":9,"e":"note","text":"..."}
 *   {"t":9,"e":"input","node":"n0","bytes":7,"text":"..."}  written by the scenario as it stands;
 *                                                           text: the first JOURNAL_INPUT_MAX bytes
 *   {"t":9,"e":"net","socket":3,"way":"out","what":"data","bytes":7,"text":"..."}  at a socket of
 * the scenario; out: to the node
 *   {"t":9,"e":"step","what":"begin","text":"...","ok":true}  begin, passed, failed (ok false),
 * tell
 *   {"t":9,"e":"blame","node":"n0","text":"..."}    why the run ended as invalid
 * Written as it goes, compressed; what was written before a crash can be read. */
#ifndef RUN_JOURNAL_H
#define RUN_JOURNAL_H

#include "../base/digest.h"
#include "../base/str.h"

#include <stdint.h>

struct err;
struct journal;
struct message;

int journal_create(const char *path, struct journal **ret_journal, struct err *err);
int journal_close(struct journal *j, struct err *err); /* NULL is fine: 0 */
/* Of all lines so far, newlines included. */
void journal_digest(const struct journal *j, char into[DIGEST_TEXT_SIZE], uint64_t *ret_line_count);

void journal_send(struct journal *j, int64_t now_ns, const struct message *m, struct str src,
                  struct str dest);
void journal_recv(struct journal *j, int64_t now_ns, uint64_t id);
void journal_drop(struct journal *j, int64_t now_ns, uint64_t id, const char *why);
void journal_fault(struct journal *j, int64_t now_ns, const char *kind, const char *what,
                   const char *text);
void journal_node(struct journal *j, int64_t now_ns, struct str node, const char *what,
                  const char *text);
void journal_log(struct journal *j, int64_t now_ns, struct str node, struct str text);
enum { JOURNAL_INPUT_MAX = 1000, JOURNAL_NET_MAX = 100 };
void journal_input(struct journal *j, int64_t now_ns, struct str node, struct str bytes);
void journal_net(struct journal *j, int64_t now_ns, uint32_t socket, const char *way,
                 const char *what, struct str bytes);
void journal_step(struct journal *j, int64_t now_ns, const char *what, const char *text);
void journal_note(struct journal *j, int64_t now_ns, const char *text);
void journal_blame(struct journal *j, int64_t now_ns, struct str node, const char *text);

#endif
