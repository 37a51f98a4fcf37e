/* client.h - the requests of clients: broadcast, read, topology, mode, plan, root. */
#ifndef GOSSIPER_CLIENT_H
#define GOSSIPER_CLIENT_H

void client_requests(void); /* registers them */

#endif
