/* A program on sockets (tests/vt/net_server.c) and our ends of its connections: what arrives, at
 * what virtual time, and that two runs tell the same story. Run from the root of the repository. */
#include "cage_net.h"

#include "../base/err.h"
#include "../base/mem.h"
#include "../base/test.h"
#include "cage.h"
#include "program_story.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ALARM_S = 1200 };

static const int64_t MS = 1000000;

struct stage {
    struct cage *cage;
    struct buf said;  /* lines of the node */
    struct buf trace; /* all events: time in ms, end, what */
    struct buf got;   /* bytes of all streams, in order of arrival */
    uint32_t ended, broken, connected, accepted, last_accepted;
    int last_error;
    struct cage_net_address at; /* where the node listens */
};

static void add(struct stage *s, uint32_t end, const char *what, size_t amount)
{
    buf_addf(&s->trace, "%lld e%u %s %zu\n", (long long)(cage_now(s->cage) / MS), end, what,
             amount);
}

static void on_line(void *owner, uint32_t node, struct str line)
{
    struct stage *s = owner;

    (void)node;
    buf_add_str(&s->said, line);
    buf_add_char(&s->said, '\n');
}

static void on_exited(void *owner, uint32_t node, struct cage_exit how)
{
    (void)owner;
    (void)node;
    (void)how;
}

static void on_connected(void *owner, uint32_t end, int error)
{
    struct stage *s = owner;

    s->connected += error == 0;
    s->last_error = error;
    add(s, end, "connected", (size_t)error);
}

static void on_accepted(void *owner, uint32_t listener, uint32_t end,
                        const struct cage_net_address *from)
{
    struct stage *s = owner;

    (void)listener;
    CHECK(strncmp(from->host, "127.", 4) == 0);
    s->accepted++;
    s->last_accepted = end;
    add(s, end, "accepted", 0);
}

static void on_data(void *owner, uint32_t end, struct str bytes,
                    const struct cage_net_address *from)
{
    struct stage *s = owner;

    (void)from;
    buf_add_str(&s->got, bytes);
    add(s, end, "data", bytes.len);
}

static void on_ended(void *owner, uint32_t end)
{
    struct stage *s = owner;

    s->ended++;
    add(s, end, "ended", 0);
}

static void on_broken(void *owner, uint32_t end, int error)
{
    struct stage *s = owner;

    s->broken++;
    s->last_error = error;
    add(s, end, "broken", (size_t)error);
}

static struct stage *open_stage(void)
{
    struct stage *s = mem_zalloc(sizeof(*s));
    struct cage_config config = {
        .node_count = 2,
        .clock = CAGE_CLOCK_VIRTUAL,
        .seed = 1,
        .network = true,
        .events = {s, on_line, on_line, on_line, on_exited, on_line, on_line, NULL}};
    struct cage_net_events events = {s, on_connected, on_accepted, on_data, on_ended, on_broken};
    struct err err = {.text = ""};

    alarm(ALARM_S);
    if (cage_open(&config, &s->cage, &err) < 0) {
        print_message("SKIPPED: %s\n", err.text);
        skip();
    }
    cage_net_listen_to(s->cage, &events);
    buf_reserve(&s->said, 1);
    buf_reserve(&s->trace, 1);
    buf_reserve(&s->got, 1);
    return s;
}

static void close_stage(struct stage *s)
{
    cage_close(s->cage);
    buf_release(&s->said);
    buf_release(&s->trace);
    buf_release(&s->got);
    mem_free(s);
    alarm(0);
}

static void rest(struct stage *s, int64_t ns)
{
    int64_t until_ns = cage_now(s->cage) + ns;
    struct err err = {.text = ""};

    while (cage_now(s->cage) < until_ns)
        if (cage_wait(s->cage, until_ns, &err) < 0)
            fail_msg("%s", err.text);
}

static void tell(struct stage *s, const char *format, ...)
{
    char line[256];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    cage_write(s->cage, 0, str_of(line));
    rest(s, MS);
}

/* A node that listens in this mode. */
static struct stage *serve(const char *mode)
{
    struct stage *s = open_stage();
    const char *program = program_built("net_server", "");
    const char *argv[] = {program, NULL};
    struct cage_program p = {.path = program, .argv = argv};
    struct err err = {.text = ""};

    if (cage_start(s->cage, 0, &p, &err) < 0)
        fail_msg("%s", err.text);
    s->at = cage_net_address(s->cage, 0);
    tell(s, "listen %s %u %s\n", s->at.host, s->at.port, mode);
    CHECK(str_is(buf_str(&s->said), "ready\n"));
    return s;
}

static const struct cage_net_address anywhere = {.host = ""};

static uint32_t dial(struct stage *s)
{
    struct err err = {.text = ""};
    uint32_t end;

    if (cage_net_connect(s->cage, &anywhere, &s->at, &end, &err) < 0)
        fail_msg("%s", err.text);
    return end;
}

TEST(bytes_come_back_at_once_and_the_end_after_them)
{
    struct stage *s = serve("echo");
    uint32_t end = dial(s);

    rest(s, MS);
    CHECK(s->connected == 1);
    cage_net_send(s->cage, end, STR_LIT("hello "));
    rest(s, MS);
    CHECK(str_is(buf_str(&s->got), "hello "));
    cage_net_send(s->cage, end, STR_LIT("world"));
    cage_net_finish(s->cage, end);
    rest(s, MS);
    CHECK(str_is(buf_str(&s->got), "hello world"));
    CHECK(s->ended + s->broken >= 1 && s->last_error == 0);
    CHECK(strstr(s->trace.data, "2 e0 data 6\n3 e0 data 5\n3 e0 ended 0\n") != NULL);
    close_stage(s);
}

TEST(waits_of_the_node_take_virtual_time)
{
    struct stage *s = serve("late");
    uint32_t end = dial(s);

    cage_net_send(s->cage, end, STR_LIT("x"));
    rest(s, 1000 * MS);
    CHECK(strstr(s->trace.data, "101 e0 data 1\n") != NULL);
    close_stage(s);
}

TEST(a_port_at_which_nobody_listens_refuses)
{
    struct stage *s = serve("echo");
    uint32_t end;

    s->at.port++;
    end = dial(s);
    rest(s, MS);
    CHECK(s->connected == 0 && s->last_error == ECONNREFUSED);
    CHECK(!cage_net_is_open(s->cage, end));
    cage_net_send(s->cage, end, STR_LIT("nothing")); /* without effect */
    close_stage(s);
}

TEST(resets_go_both_ways)
{
    struct stage *s = serve("reset");
    uint32_t end = dial(s);

    cage_net_send(s->cage, end, STR_LIT("x"));
    rest(s, MS);
    CHECK(s->broken == 1 && s->last_error == ECONNRESET);
    close_stage(s);
    s = serve("echo");
    end = dial(s);
    rest(s, MS);
    cage_net_reset(s->cage, end);
    rest(s, MS);
    CHECK(str_is(buf_str(&s->said), "ready\nConnection reset by peer\n"));
    close_stage(s);
}

TEST(ten_megabytes_through_buffers_that_are_smaller)
{
    struct stage *s = serve("echo");
    uint32_t end = dial(s);
    size_t len = 10 << 20, i;
    char *bytes = mem_alloc(len);

    for (i = 0; i < len; i++)
        bytes[i] = (char)(i * 2654435761u >> 13);
    cage_net_send(s->cage, end, (struct str){bytes, len});
    cage_net_finish(s->cage, end);
    rest(s, 10 * MS);
    CHECK(s->got.len == len && memcmp(s->got.data, bytes, len) == 0);
    mem_free(bytes);
    close_stage(s);
}

TEST(who_does_not_read_holds_the_sender_up)
{
    struct stage *s = serve("greedy");
    uint32_t end = dial(s);
    size_t len = 32 << 20;
    char *bytes = mem_zalloc(len);

    cage_net_send(s->cage, end, (struct str){bytes, len});
    rest(s, 10 * MS);
    CHECK(cage_net_unsent(s->cage, end) > len / 2); /* kernel buffers took the rest */
    close_stage(s);
    s = serve("echo");
    end = dial(s);
    cage_net_hold(s->cage, end, true);
    cage_net_send(s->cage, end, (struct str){bytes, len});
    rest(s, 10 * MS);
    CHECK(s->got.len == 0);
    cage_net_hold(s->cage, end, false);
    rest(s, 10 * MS);
    CHECK(s->got.len == len);
    mem_free(bytes);
    close_stage(s);
}

TEST(a_node_that_only_reads_gets_all_in_one_instant)
{
    struct stage *s = serve("once");
    struct cage_net_address at = cage_net_address(s->cage, 1);
    size_t len = 32 << 20;
    char *bytes = mem_alloc(len);
    struct err err = {.text = ""};
    uint32_t listener;

    memset(bytes, 'x', len);
    CHECK(cage_net_listen(s->cage, &at, &listener, &err) == 0);
    tell(s, "call %s %u ping\n", at.host, at.port);
    cage_net_send(s->cage, s->last_accepted, (struct str){bytes, len});
    cage_net_finish(s->cage, s->last_accepted);
    rest(s, MS);
    CHECK(s->said.len == strlen("ready\n") + 4095 + 1); /* it has read to the end */
    mem_free(bytes);
    close_stage(s);
}

TEST(a_thousand_connections_at_once)
{
    struct stage *s = serve("echo");
    uint32_t ends[1000], i;

    for (i = 0; i < 1000; i++)
        ends[i] = dial(s);
    rest(s, MS);
    CHECK(s->connected == 1000);
    for (i = 0; i < 1000; i++)
        cage_net_send(s->cage, ends[i], STR_LIT("ab"));
    rest(s, MS);
    CHECK(s->got.len == 2000);
    close_stage(s);
}

TEST(a_node_connects_to_us)
{
    struct stage *s = serve("once");
    struct cage_net_address at = cage_net_address(s->cage, 1);
    struct err err = {.text = ""};
    uint32_t listener;

    CHECK(cage_net_listen(s->cage, &at, &listener, &err) == 0);
    tell(s, "call %s %u ping\n", at.host, at.port);
    CHECK(s->accepted == 1 && str_is(buf_str(&s->got), "ping"));
    cage_net_send(s->cage, s->last_accepted, STR_LIT("pong"));
    cage_net_finish(s->cage, s->last_accepted);
    rest(s, MS);
    CHECK(str_is(buf_str(&s->said), "ready\npong\n"));
    cage_net_close(s->cage, listener);
    tell(s, "call %s %u ping\n", at.host, at.port);
    CHECK(strstr(s->said.data, "Connection refused") != NULL);
    close_stage(s);
}

TEST(datagrams_come_back_to_where_they_came_from)
{
    struct stage *s = serve("echo");
    struct cage_net_address at = cage_net_address(s->cage, 0);
    struct cage_net_address ours = {.host = "127.0.0.1"};
    struct err err = {.text = ""};
    uint32_t end;

    tell(s, "udp %s %u\n", at.host, at.port);
    CHECK(cage_net_udp(s->cage, &ours, &end, &err) == 0);
    cage_net_send_to(s->cage, end, &at, STR_LIT("one"));
    cage_net_send_to(s->cage, end, &at, STR_LIT("two"));
    rest(s, MS);
    CHECK(str_is(buf_str(&s->got), "onetwo"));
    close_stage(s);
}

static char *story(void)
{
    struct stage *s = serve("echo");
    uint32_t i, ends[20];
    char *trace;

    for (i = 0; i < 20; i++)
        ends[i] = dial(s);
    for (i = 0; i < 200; i++) {
        cage_net_send(s->cage, ends[i * 7 % 20], (struct str){"0123456789", i % 10 + 1});
        rest(s, i % 3 * MS);
    }
    for (i = 0; i < 20; i++)
        cage_net_finish(s->cage, ends[i]);
    rest(s, MS);
    trace = buf_take(&s->trace);
    close_stage(s);
    return trace;
}

TEST(two_runs_tell_the_same_story)
{
    char *first = story();
    char *second = story();

    CHECK(strlen(first) > 2000 && strcmp(first, second) == 0);
    mem_free(first);
    mem_free(second);
}

TEST(a_network_of_its_own_has_every_port)
{
    struct stage *a = serve("echo");
    struct stage *b;

    if (!cage_net_is_own(a->cage)) {
        close_stage(a);
        print_message("SKIPPED: no network namespaces here\n");
        skip();
    }
    b = serve("echo"); /* the same address and port at the same time */
    CHECK(a->at.port == b->at.port && strcmp(a->at.host, b->at.host) == 0);
    dial(b);
    rest(b, MS);
    rest(a, MS);
    CHECK(b->connected == 1 && a->connected == 0);
    close_stage(a);
    close_stage(b);
}
