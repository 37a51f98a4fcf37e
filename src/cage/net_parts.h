/* net_parts.h - the inside of a run's network, shared by net.c and net_hear.c only. */
#ifndef CAGE_NET_PARTS_H
#define CAGE_NET_PARTS_H

#include "net.h"

#include <stddef.h>

struct sockaddr_in;

/* Planted bugs: see tests/planted/vt.sh. */
#ifndef PLANT_VT
#define PLANT_VT 0
#endif

enum { NET_READ_SIZE = 256 << 10 }; /* bytes taken from a socket at once */

enum end_kind { END_STREAM, END_LISTENER, END_UDP };

struct end {
    int fd; /* -1: gone */
    enum end_kind kind;
    bool connecting;
    bool held;
    bool peer_ended; /* it sends no more */
    bool finishing;  /* we send no more once unsent is empty */
    struct buf unsent;
    size_t sent; /* of unsent */

    /* What is to be reported. */
    bool has_news;
    bool connected, ended, broken;
    int error; /* of the connection, or of its end */
    struct buf got;
    struct datagram *datagrams; /* UDP: how got is cut */
    size_t datagram_len, datagram_cap;
    uint32_t *accepted; /* listener: new ends */
    size_t accepted_len, accepted_cap;
};

struct datagram {
    struct cage_net_address from;
    size_t len;
};

struct net {
    struct cage_net_events events;
    int own_fd;  /* the namespace of the run; -1: it has none */
    int back_fd; /* the one we were in */
    int epoll_fd;
    struct end *ends;
    size_t len, cap;
    size_t open_count;
    uint16_t next_port;
    char *piece;    /* NET_READ_SIZE bytes */
    uint32_t *news; /* ends that have some */
    size_t news_len, news_cap;
    uint64_t heard; /* counts all that was */
};

/* net.c */
struct cage_net_address net_from_kernel(const struct sockaddr_in *a);
int net_add_end(struct net *n, int fd, enum end_kind kind, uint32_t *ret_end, struct err *err);
void net_drop_end(struct net *n, uint32_t end);
void net_no_delays(int fd);
/* Tells epoll what the end waits for; op as in epoll_ctl. */
void net_watch(struct net *n, uint32_t end, int op);
/* Sends as much as there is room for. False: the end broke; a read will say so. */
bool net_flush(struct net *n, uint32_t end);

/* net_hear.c */
void net_drop_news(struct end *e);

#endif
