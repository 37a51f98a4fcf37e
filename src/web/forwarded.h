/* forwarded.h - who asks when a proxy stands in between, and under which name the server is known.
 */
#ifndef WEB_FORWARDED_H
#define WEB_FORWARDED_H

#include <stdbool.h>
#include <stddef.h>

/* An address as it is compared: one of IPv4 that came in IPv6's clothes (::ffff:192.0.2.1) as
 * itself, and every other in its one spelling. False: text is no address. */
bool address_plain(const char *text, char *into, size_t size);

/* The address of who asks: the peer's; but if the peer is the proxy (as address_plain() writes it;
 * NULL: there is none), the last one of the header X-Forwarded-For, which the proxy wrote itself.
 * What stands before that, anybody may have written. Writes at most size bytes into `into`. */
void forwarded_address(const char *peer, const char *proxy, const char *header, char *into,
                       size_t size);

/* True if Host names the server of this address (https://HOST or http://HOST:PORT): the same host,
 * and the same port or none. */
bool host_is_of(const char *host, const char *url);

#endif
