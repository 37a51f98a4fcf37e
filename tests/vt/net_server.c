/* A program on sockets. Commands, one a line on stdin; what it does is said on stdout.
 *
 *   listen HOST PORT MODE   echo: bytes come back, and at the end of a stream the rest, then the
 * end late: each piece comes back 100 ms later      greedy: never reads once: says hello and closes
 * reset: resets at the first bytes udp HOST PORT           datagrams come back call HOST PORT TEXT
 * connects, sends TEXT, reads to the end, says what came */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { FDS_MAX = 20000, BUFFER = 1 << 16, LATE_MS = 100 };

enum kind { STDIN, LISTENER, ECHO, LATE, GREEDY, ONCE, RESET, UDP };

struct peer {
    enum kind kind, serves;
    char *out; /* to be sent */
    size_t out_len, sent;
    long due_ms;
    int ended;
};

static struct pollfd fds[FDS_MAX];
static struct peer peers[FDS_MAX];
static int count;

static long now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void say(const char *text)
{
    puts(text);
    fflush(stdout);
}

static struct peer *add(int fd, enum kind kind)
{
    fds[count] = (struct pollfd){fd, POLLIN, 0};
    peers[count] = (struct peer){.kind = kind};
    return &peers[count++];
}

static void drop(int i)
{
    close(fds[i].fd);
    free(peers[i].out);
    fds[i] = fds[--count];
    peers[i] = peers[count];
}

static struct sockaddr_in address(const char *host, const char *port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};

    inet_pton(AF_INET, host, &a.sin_addr);
    return a;
}

static void call(const char *host, const char *port, const char *text)
{
    struct sockaddr_in to = address(host, port);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    char answer[4096], rest[BUFFER];
    size_t len = 0;
    ssize_t got;

    if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0) {
        say(strerror(errno));
        close(fd);
        return;
    }
    if (write(fd, text, strlen(text)) < 0)
        say(strerror(errno));
    shutdown(fd, SHUT_WR);
    while (len < sizeof(answer) - 1 && (got = read(fd, answer + len, sizeof(answer) - 1 - len)) > 0)
        len += (size_t)got;
    answer[len] = 0;
    while (len == sizeof(answer) - 1 && read(fd, rest, sizeof(rest)) > 0)
        ;
    say(answer);
    close(fd);
}

static void command(char *line)
{
    static const char *const modes[] = {"", "", "echo", "late", "greedy", "once", "reset"};
    const char *words[4] = {"", "", "", ""};
    struct sockaddr_in at;
    int on = 1, i, fd;

    for (i = 0; i < 4 && (line = strtok(i == 0 ? line : NULL, " \n")) != NULL; i++)
        words[i] = line;
    if (strcmp(words[0], "call") == 0) {
        call(words[1], words[2], words[3]);
        return;
    }
    at = address(words[1], words[2]);
    fd = socket(AF_INET, strcmp(words[0], "udp") == 0 ? SOCK_DGRAM : SOCK_STREAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0) {
        say(strerror(errno));
        return;
    }
    if (strcmp(words[0], "udp") == 0) {
        add(fd, UDP);
    } else {
        listen(fd, 4096);
        for (i = ECHO; i < RESET && strcmp(words[3], modes[i]) != 0; i++)
            ;
        add(fd, LISTENER)->serves = (enum kind)i;
    }
    say("ready");
}

static void answer_udp(int fd)
{
    char bytes[BUFFER];
    struct sockaddr_in from;
    socklen_t len = sizeof(from);
    ssize_t got = recvfrom(fd, bytes, sizeof(bytes), 0, (struct sockaddr *)&from, &len);

    if (got >= 0 && sendto(fd, bytes, (size_t)got, 0, (struct sockaddr *)&from, len) < 0)
        say(strerror(errno));
}

static void welcome(int i)
{
    int fd = accept(fds[i].fd, NULL, NULL);

    if (fd < 0)
        return;
    fcntl(fd, F_SETFL, O_NONBLOCK);
    add(fd, peers[i].serves);
    if (peers[i].serves == ONCE) {
        (void)!write(fd, "hello", 5);
        drop(count - 1);
    }
}

static void reset(int i)
{
    struct linger at_once = {1, 0};

    setsockopt(fds[i].fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    drop(i);
}

static void take(int i)
{
    static char bytes[BUFFER];
    struct peer *p = &peers[i];
    ssize_t got;

    if (p->kind == GREEDY)
        return;
    got = read(fds[i].fd, bytes, sizeof(bytes));
    if (got < 0 && errno == EAGAIN)
        return;
    if (got < 0 || p->kind == RESET) {
        if (got < 0)
            say(strerror(errno));
        reset(i);
        return;
    }
    if (got == 0) {
        p->ended = 1;
        return;
    }
    p->out = realloc(p->out, p->out_len + (size_t)got);
    memcpy(p->out + p->out_len, bytes, (size_t)got);
    p->out_len += (size_t)got;
    if (p->kind == LATE)
        p->due_ms = now_ms() + LATE_MS;
}

/* True: the peer is gone. */
static int give(int i)
{
    struct peer *p = &peers[i];

    while (p->sent < p->out_len && now_ms() >= p->due_ms) {
        ssize_t sent = send(fds[i].fd, p->out + p->sent, p->out_len - p->sent, MSG_NOSIGNAL);
        if (sent < 0)
            break;
        p->sent += (size_t)sent;
    }
    if (p->sent == p->out_len) {
        p->sent = p->out_len = 0;
        if (p->ended) {
            drop(i);
            return 1;
        }
    }
    return 0;
}

static int next_timeout(void)
{
    long first = -1;
    int i;

    for (i = 0; i < count; i++)
        if (peers[i].out_len > 0 && peers[i].due_ms > now_ms() &&
            (first < 0 || peers[i].due_ms - now_ms() < first))
            first = peers[i].due_ms - now_ms();
    return (int)first;
}

static void turn(int i)
{
    char line[256];

    switch (peers[i].kind) {
    case STDIN:
        if (fgets(line, sizeof(line), stdin) == NULL)
            exit(0);
        command(line);
        return;
    case LISTENER:
        welcome(i);
        return;
    case UDP:
        answer_udp(fds[i].fd);
        return;
    default:
        if (fds[i].revents & (POLLIN | POLLHUP | POLLERR))
            take(i);
    }
}

int main(void)
{
    int i;

    setvbuf(stdin, NULL, _IONBF, 0);
    add(0, STDIN);
    for (;;) {
        for (i = 0; i < count; i++) {
            int may_read = !peers[i].ended && peers[i].kind != GREEDY;
            fds[i].events =
                (short)((may_read ? POLLIN : 0) |
                        (peers[i].out_len > 0 && now_ms() >= peers[i].due_ms ? POLLOUT : 0));
        }
        poll(fds, (nfds_t)count, next_timeout());
        for (i = count - 1; i >= 0; i--)
            if (fds[i].revents != 0)
                turn(i);
        for (i = count - 1; i >= 0; i--)
            if (peers[i].kind >= ECHO && peers[i].kind < UDP)
                give(i);
    }
}
