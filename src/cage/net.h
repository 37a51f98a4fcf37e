/* net.h - the inside of cage_net.h, for the clock that carries it. Private to the cage. */
#ifndef CAGE_NET_H
#define CAGE_NET_H

#include "cage_net.h"

struct net;

/* Before the first process is made: they inherit the network that our thread is in. */
int net_open(struct net **ret_net, struct err *err);
/* After the first process was made: our thread returns to where it was. */
void net_leave(struct net *n);
void net_close(struct net *n); /* NULL is fine */
/* Gathers what the nodes have done so far; true if there was anything, and more may come. */
bool net_hear(struct net *n);
/* Reports what was gathered; true if there was anything. */
bool net_report(struct net *n);

#endif
