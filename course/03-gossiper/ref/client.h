/* client.h - the requests of clients: broadcast, topology, mode, plan, root, and those of data.h.
 */
#ifndef GOSSIPER_CLIENT_H
#define GOSSIPER_CLIENT_H

void client_requests(void); /* registers them */

#endif
