/* Two nodes talk over a socket of the machine: "server" says its port and answers after 30 ms, with
 * a port as argument we are the client and say how long 10 round trips took. */
#include "measure.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void serve(int fd)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t len = sizeof(at);
    char byte;

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(fd, (struct sockaddr *)&at, sizeof(at));
    listen(fd, 1);
    getsockname(fd, (struct sockaddr *)&at, &len);
    say("port", ntohs(at.sin_port));
    fd = accept(fd, NULL, NULL);
    while (read(fd, &byte, 1) == 1) {
        usleep(30000);
        (void)!write(fd, &byte, 1);
    }
}

static void ask(int fd, int port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    char byte = 'x';
    int i;

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    say("connect", connect(fd, (struct sockaddr *)&at, sizeof(at)));
    begin();
    for (i = 0; i < 10; i++) {
        (void)!write(fd, &byte, 1);
        (void)!read(fd, &byte, 1);
    }
    end("10 round trips");
}

int main(int argc, char **argv)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (argc > 1)
        ask(fd, atoi(argv[1]));
    else
        serve(fd);
    return 0;
}
