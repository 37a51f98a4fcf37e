/* serve_workers.h - the workers of `eddy serve`: children that run `eddy worker`.
 *
 * They end with the server, however it ends, and one that ends before it is started again. What one
 * was judging when it died is judged by its next life. They run at a lower priority than the
 * server, so that pages are answered while programs are judged. */
#ifndef CLI_SERVE_WORKERS_H
#define CLI_SERVE_WORKERS_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct serve_workers;

enum { SERVE_WORKERS_MAX = 16 };

struct serve_workers_config {
    const char *db;        /* as of store_open(); told to nobody else on this machine */
    const char *folder;    /* each has a folder in it, or is the only one and has it all */
    const char *languages; /* as of eddy worker; NULL: all that there are */
    uint32_t count;        /* 0 and up */
    bool weak;             /* judge whatever the sandbox is worth here */
};

/* ERR_MACHINE: not even one process could be started. Not thread-safe; and who calls it must live
 * as long as they. */
int serve_workers_start(const struct serve_workers_config *config,
                        struct serve_workers **ret_workers, struct err *err);
/* Some times a second: sees who ended, and starts again when it is time. */
void serve_workers_tick(struct serve_workers *w);
/* What they judge goes back to the queue. Waits until they have ended; after 10 s they are made to.
 */
void serve_workers_stop(struct serve_workers *w); /* NULL is fine */

#endif
