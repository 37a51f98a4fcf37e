#include "forwarded.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

bool address_plain(const char *text, char *into, size_t size)
{
    struct in6_addr six;
    struct in_addr four;

    if (inet_pton(AF_INET, text, &four) == 1)
        return inet_ntop(AF_INET, &four, into, (socklen_t)size) != NULL;
    if (inet_pton(AF_INET6, text, &six) != 1)
        return false;
    if (IN6_IS_ADDR_V4MAPPED(&six))
        return inet_ntop(AF_INET, six.s6_addr + 12, into, (socklen_t)size) != NULL;
    return inet_ntop(AF_INET6, &six, into, (socklen_t)size) != NULL;
}

/* The last word of a list with commas, without blanks; false if it is too long to be an address. */
static bool last_word(const char *list, char *into, size_t size)
{
    const char *comma = strrchr(list, ',');
    const char *begin = comma != NULL ? comma + 1 : list;
    size_t len;

    begin += strspn(begin, " \t");
    len = strcspn(begin, " \t");
    if (len == 0 || len >= size)
        return false;
    memcpy(into, begin, len);
    into[len] = '\0';
    return true;
}

void forwarded_address(const char *peer, const char *proxy, const char *header, char *into,
                       size_t size)
{
    char plain[INET6_ADDRSTRLEN], word[INET6_ADDRSTRLEN];

    if (!address_plain(peer, plain, sizeof(plain))) {
        into[0] = '\0';
        return;
    }
    if (proxy != NULL && strcmp(plain, proxy) == 0 && last_word(header, word, sizeof(word)) &&
        address_plain(word, into, size))
        return;
    snprintf(into, size, "%s", plain);
}

bool host_is_of(const char *host, const char *url)
{
    const char *at = strstr(url, "://");
    const char *wanted = at != NULL ? at + 3 : "";
    size_t len = strcspn(wanted, "/"), name_len = len;
    const char *port = wanted[0] == '[' ? strchr(wanted, ']') : wanted;

    port = port != NULL ? memchr(port, ':', len - (size_t)(port - wanted)) : NULL;
    if (port != NULL)
        name_len = (size_t)(port - wanted);
    if (len == 0 || strncasecmp(host, wanted, name_len) != 0)
        return false;
    host += name_len;
    if (host[0] == '\0')
        return true;
    if (port != NULL)
        return strlen(host) == len - name_len && strncmp(host, port, len - name_len) == 0;
    return strcmp(host, strncmp(url, "https:", 6) == 0 ? ":443" : ":80") == 0;
}
