/* listen.h - where a server may listen: without accounts on this machine's own addresses only. */
#ifndef WEB_LISTEN_H
#define WEB_LISTEN_H

#include <stdbool.h>

struct err;

enum { LISTEN_URL_MAX = 96 };

struct listen_place {
    int fd;
    char url[LISTEN_URL_MAX]; /* with the port that the kernel chose */
};

/* text: 127.0.0.1:8080, localhost:8080, [::1]:8080; port 0 is the kernel's choice. ERR_INPUT: it is
 * no such text, or no address of loopback unless it may be anywhere; ERR_MACHINE: the port is
 * taken, for one. */
int listen_open(const char *text, bool anywhere, struct listen_place *ret_place, struct err *err);
void listen_close(struct listen_place *place);

/* True if a request's Host names this machine as itself: localhost, 127.x.y.z or [::1], with any
 * port or none. */
bool listen_is_own_host(const char *host);

#endif
