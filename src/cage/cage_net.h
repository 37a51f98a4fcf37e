/* cage_net.h - sockets between us and the nodes of a run.
 *
 * On the virtual clock only, and only if cage_config.network asked for it. Nodes use ordinary
 * sockets; the other ends are ours: clients that connect to a node, listeners that a node connects
 * to, UDP ports. The run has a network of its own, in which only it can be reached and every port
 * is free, where the machine grants that (cage_net_is_own); else it shares the loopback device of
 * this machine, with ports that were free.
 *
 * An end is a number, never used again. What its node does comes as events, from cage_wait() only
 * and while all nodes rest; what we do takes effect at once. Latency is the caller's business. */
#ifndef CAGE_CAGE_NET_H
#define CAGE_CAGE_NET_H

#include "../base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct cage;
struct err;

enum {
    CAGE_NET_ENDS_MAX = 60000,     /* open at one time */
    CAGE_NET_UNSENT_MAX = 1 << 30, /* bytes that one end keeps for a node that does not read */
};

struct cage_net_address {
    char host[16]; /* "127.0.1.1": IPv4, always of the loopback device */
    uint16_t port;
};

struct cage_net_events {
    void *owner;
    /* The connection stands, or failed with this errno (then the end is gone). */
    void (*connected)(void *owner, uint32_t end, int error);
    /* A node connected to our listener. */
    void (*accepted)(void *owner, uint32_t listener, uint32_t end,
                     const struct cage_net_address *from);
    /* Bytes, borrowed: all that came in this instant; of UDP one whole datagram and who sent it,
     * else from is NULL. */
    void (*data)(void *owner, uint32_t end, struct str bytes, const struct cage_net_address *from);
    /* The node sends no more; we may. */
    void (*ended)(void *owner, uint32_t end);
    /* The end is gone: reset, or with error 0 over because both sides have finished. */
    void (*broken)(void *owner, uint32_t end, int error);
};

/* Must be called once, before the first other call, if cage_config.network is set. */
void cage_net_listen_to(struct cage *c, const struct cage_net_events *events);
bool cage_net_is_own(const struct cage *c);

/* An address at which the node may listen; each call gives another port. */
struct cage_net_address cage_net_address(struct cage *c, uint32_t node);

/* ERR_FULL: CAGE_NET_ENDS_MAX ends are open. ERR_INPUT: the address is none, or taken. from: our
 * own address, host "" and port 0: any. */
int cage_net_connect(struct cage *c, const struct cage_net_address *from,
                     const struct cage_net_address *to, uint32_t *ret_end, struct err *err);
int cage_net_listen(struct cage *c, const struct cage_net_address *at, uint32_t *ret_end,
                    struct err *err);
int cage_net_udp(struct cage *c, const struct cage_net_address *at, uint32_t *ret_end,
                 struct err *err);
struct cage_net_address cage_net_own_address(const struct cage *c, uint32_t end);

/* All of these are without effect on an end that is gone. ERR_FULL: CAGE_NET_UNSENT_MAX. */
int cage_net_send(struct cage *c, uint32_t end, struct str bytes);
void cage_net_send_to(struct cage *c, uint32_t end, const struct cage_net_address *to,
                      struct str bytes);
size_t cage_net_unsent(const struct cage *c,
                       uint32_t end); /* bytes that the node's side has no room for */
void cage_net_hold(struct cage *c, uint32_t end, bool hold); /* we read nothing meanwhile */
void cage_net_finish(struct cage *c, uint32_t end); /* we send no more, after what is unsent */
void cage_net_close(struct cage *c, uint32_t end);  /* both ways; what is unsent is lost */
void cage_net_reset(struct cage *c, uint32_t end);  /* likewise, and the node sees a reset */
bool cage_net_is_open(const struct cage *c, uint32_t end);

#endif
