/* The server on a socket, with routes of this test's own. Nothing here depends on speed: whoever
 * waits does it for something that must come, and sweeps meanwhile. */
#include "server.h"

#include "web_story.h"

#include <arpa/inet.h>
#include <poll.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <sys/socket.h>

#ifndef WAIT_ROUNDS /* of 10 ms each, for what must come; a planted bug is waited for less */
#define WAIT_ROUNDS 60000
#endif

enum { ROUND_MS = 10, FLOOD = 1 << 16 };

/* ---- routes ---- */

static struct {
    atomic_int streams, works; /* that live */
    atomic_int asked;          /* calls of next() */
    atomic_int told;           /* what quiet streams are to say next; they say it once each */
    sem_t gate;                /* works wait for it */
} world;

static int echo(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    (void)s, (void)err;
    response_json(r, json_pack("{s:I, s:s, s:s}", "len", (json_int_t)q->body.len, "session",
                               q->headers.session, "value", request_value(q, "v")));
    return 0;
}

static void end_stream(void *owner)
{
    mem_free(owner);
    world.streams--;
}

/* Says each new number, and is over with 9. */
static int next_told(void *owner, struct buf *out)
{
    int *seen = owner, told = world.told;

    world.asked++;
    if (*seen == told)
        return 0;
    *seen = told;
    buf_addf(out, "data: %d\n\n", told);
    return told == 9 ? -1 : 1;
}

static int next_flood(void *owner, struct buf *out)
{
    (void)owner;
    world.asked++;
    buf_reserve(out, FLOOD);
    memset(out->data, 'x', FLOOD);
    out->len = FLOOD;
    return 1;
}

static int stream(const struct site *s, const struct request *q, struct response *r,
                  struct err *err)
{
    (void)s, (void)err;
    r->status = 200;
    r->type = "text/event-stream";
    r->stream.next = strcmp(q->path, "/api/flood") == 0 ? next_flood : next_told;
    r->stream.free = end_stream;
    r->stream.owner = mem_zalloc(sizeof(int));
    world.streams++;
    return 0;
}

static void wait_at_gate(void *owner)
{
    (void)owner;
    while (sem_wait(&world.gate) < 0)
        continue;
}

static int say_done(void *owner, const struct site *s, struct response *r, struct err *err)
{
    (void)err;
    CHECK(owner != NULL && s != NULL);
    response_json(r, json_pack("{s:s}", "said", "done"));
    return 0;
}

static void end_work(void *owner)
{
    mem_free(owner);
    world.works--;
}

static int slow(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    (void)s, (void)q, (void)err;
    r->later = (struct response_later){wait_at_gate, say_done, end_work, mem_alloc(1)};
    world.works++;
    return 0;
}

static int report(const struct site *s, const struct request *q, struct response *r,
                  struct err *err)
{
    struct response_cookie cookie = {REQUEST_COOKIE, "abc", 60, true};

    (void)s, (void)q, (void)err;
    buf_add_text(response_html(r, 200), "<script>1</script>");
    r->csp = RESPONSE_CSP_REPORT;
    response_cookie(r, &cookie);
    response_download(r, "a \"b\".zip");
    return 0;
}

/* As many letters as ?v= says. */
static int letters(const struct site *s, const struct request *q, struct response *r,
                   struct err *err)
{
    struct buf *out = response_html(r, 200);
    int64_t count = 0;

    (void)s, (void)err;
    CHECK(str_to_i64(str_of(request_value(q, "v")), &count));
    buf_reserve(out, (size_t)count);
    memset(out->data, 'a', (size_t)count);
    out->data[count] = '\0';
    out->len = (size_t)count;
    return 0;
}

static const struct route test_routes[] = {
    {"GET", "/letters", letters, ROLE_NOBODY, 0},
    {"GET", "/api/echo", echo, ROLE_NOBODY, 0},
    {"PUT", "/api/echo", echo, ROLE_NOBODY, 100000},
    {"GET", "/api/told", stream, ROLE_NOBODY, 0},
    {"GET", "/api/flood", stream, ROLE_NOBODY, 0},
    {"GET", "/api/slow", slow, ROLE_NOBODY, 0},
    {"PUT", "/api/teach", echo, ROLE_TEACHER, 100},
    {"GET", "/report", report, ROLE_NOBODY, 0},
    {NULL, NULL, NULL, ROLE_NOBODY, 0},
};

/* ---- the server and its clients ---- */

struct web {
    struct web_story w;
    struct server *server;
    uint16_t port;
};

/* Session "p7" is person 7, a learner; "t7" a teacher. */
static int person_of(struct accounts *a, const char *session, struct person *into, struct err *err)
{
    int64_t id = 0;

    (void)a, (void)err;
    if (!str_to_i64(str_of(session + 1), &id))
        return 0;
    *into = (struct person){.id = id, .role = session[0] == 't' ? ROLE_TEACHER : ROLE_LEARNER};
    return 1;
}

static void begin(struct web *web, const struct server_config *given)
{
    struct server_config config = *given;
    struct err err = {.text = ""};

    web_open(&web->w);
    sem_init(&world.gate, 0, 0);
    world.asked = 0;
    world.told = 0;
    web->w.site->routes = test_routes;
    web->w.site->accounts = (struct accounts *)web; /* nothing but person_of() looks at it */
    web->w.site->person_of = person_of;
    config.listen = "127.0.0.1:0";
    config.site = web->w.site;
    if (server_start(&config, &web->server, &err) < 0)
        fail_msg("%s", err.text);
    web->port = (uint16_t)strtol(strrchr(server_url(web->server), ':') + 1, NULL, 10);
}

static void end(struct web *web)
{
    server_stop(web->server);
    CHECK_INT(world.streams, 0);
    CHECK_INT(world.works, 0);
    sem_destroy(&world.gate);
    web_close(&web->w);
}

static int dial(const struct web *web)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(web->port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(fd >= 0);
    CHECK_INT(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
    return fd;
}

static void put(int fd, struct str text)
{
    CHECK_INT(send(fd, text.data, text.len, MSG_NOSIGNAL), (ssize_t)text.len);
}

/* A request whose header has these lines besides. */
static int ask(const struct web *web, const char *line, const char *more)
{
    struct buf text = {0};
    int fd = dial(web);

    buf_addf(&text, "%s HTTP/1.1\r\nHost: localhost\r\n%s\r\n", line, more);
    put(fd, buf_str(&text));
    buf_release(&text);
    return fd;
}

/* Reads on until got has the text, or, with NULL, until the server hangs up. */
static void read_until(const struct web *web, int fd, const char *text, struct buf *got)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    char piece[65536];
    int round;

    buf_add_text(got, "");
    for (round = 0; round < WAIT_ROUNDS; round++) {
        ssize_t n;
        if (text != NULL && strstr(got->data, text) != NULL)
            return;
        server_sweep(web->server);
        if (poll(&p, 1, ROUND_MS) == 0)
            continue;
        n = recv(fd, piece, sizeof(piece), 0);
        if (n <= 0 && text == NULL)
            return;
        if (n <= 0)
            fail_msg("the server hung up after \"%s\"; no \"%s\" came", got->data, text);
        buf_add(got, piece, (size_t)n);
    }
    fail_msg("waited in vain for \"%s\" after \"%s\"", text != NULL ? text : "the end", got->data);
}

static void expect(const struct web *web, int fd, const char *text)
{
    struct buf got = {0};

    read_until(web, fd, text, &got);
    buf_release(&got);
}

static void expect_and_close(const struct web *web, int fd, const char *text)
{
    expect(web, fd, text);
    close(fd);
}

static void sweep_until(const struct web *web, const atomic_int *what, int value)
{
    int round;

    for (round = 0; *what != value && round < WAIT_ROUNDS; round++) {
        server_sweep(web->server);
        poll(NULL, 0, ROUND_MS);
    }
    CHECK_INT(*what, value);
}

#define OWN "X-Eddy: 1\r\nContent-Type: application/json\r\n"

/* ---- bodies ---- */

TEST(a_body_arrives_whole_and_none_is_longer_than_its_route_allows)
{
    struct web web;
    struct buf piece = {0}, got = {0};
    int fd, i;

    begin(&web, &(struct server_config){0});
    fd = ask(&web, "PUT /api/echo?v=a%20b", OWN "Content-Length: 100000\r\n");
    for (i = 0; i < 1000; i++)
        buf_addf(&piece, "%099d\n", i);
    put(fd, (struct str){piece.data, 7});
    put(fd, (struct str){piece.data + 7, piece.len - 7});
    read_until(&web, fd, "}", &got);
    CHECK_HAS(got.data, "{\"len\":100000,\"session\":\"\",\"value\":\"a b\"}");
    close(fd);
    expect_and_close(&web, ask(&web, "PUT /api/echo", OWN "Content-Length: 100001\r\n"), " 413 ");
    expect_and_close(&web, ask(&web, "GET /api/echo", "Content-Length: 1\r\n"), " 413 ");
    expect_and_close(&web, ask(&web, "PUT /api/echo", OWN "Content-Length: -1\r\n"), " 4");
    fd = ask(&web, "PUT /api/echo", OWN "Transfer-Encoding: chunked\r\n");
    put(fd, STR_LIT("1e848\r\n")); /* 125000: more than the route's 100000, so it hangs up */
    (void)!send(fd, piece.data, 100000, MSG_NOSIGNAL);
    (void)!send(fd, piece.data, 25000, MSG_NOSIGNAL);
    (void)!send(fd, "\r\n0\r\n\r\n", 7, MSG_NOSIGNAL);
    buf_reset(&got);
    read_until(&web, fd, NULL, &got);
    CHECK_TEXT(got.data, "");
    close(fd);
    end(&web);
    buf_release(&piece);
    buf_release(&got);
}

/* Goal: a stranger's body is refused before it is read. Method: it never comes. */
TEST(who_may_not_ask_is_told_so_before_his_body)
{
    static const char *const lines[] = {
        "Content-Length: 50\r\n" OWN,
        "Content-Length: 50\r\n" OWN "Cookie: a=b; eddy_session=p7\r\n",
        "Content-Length: 50\r\nCookie: eddy_session=t7\r\n",
        "Content-Length: 50\r\nCookie: eddy_session=t7\r\n" OWN "Origin: http://evil.example\r\n",
        "Content-Length: 101\r\nCookie: eddy_session=t7\r\n" OWN,
    };
    static const char *const answers[] = {" 401 ", " 403 ", " 403 ", " 403 ", " 413 "};
    struct web web;
    size_t i;
    int fd;

    begin(&web, &(struct server_config){0});
    for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        expect_and_close(&web, ask(&web, "PUT /api/teach", lines[i]), answers[i]);
    fd = ask(&web, "PUT /api/teach", "Content-Length: 2\r\nCookie: x=y; eddy_session=t7\r\n" OWN);
    put(fd, STR_LIT("{}"));
    expect_and_close(&web, fd, "\"session\":\"t7\"");
    end(&web);
}

TEST(what_a_response_says_of_itself_is_in_the_header)
{
    struct web web;
    struct buf got = {0};
    int fd;

    begin(&web, &(struct server_config){0});
    fd = ask(&web, "GET /report", "");
    read_until(&web, fd, "</script>", &got);
    CHECK_HAS(got.data, "Content-Security-Policy: sandbox allow-scripts;");
    CHECK(strstr(got.data, "Cross-Origin-Opener-Policy") == NULL);
    CHECK_HAS(got.data, "Set-Cookie: eddy_session=abc; Path=/; HttpOnly; SameSite=Lax; Max-Age=60; "
                        "Secure\r\n");
    CHECK_HAS(got.data, "Content-Disposition: attachment; filename=\"a__b_.zip\"\r\n");
    close(fd);
    end(&web);
    buf_release(&got);
}

/* Goal: nobody waits while what is large is packed for one. */
TEST(a_page_is_packed_unless_that_takes_long)
{
    static const struct {
        const char *line;
        bool packed;
    } cases[] = {{"GET /letters?v=500", false},
                 {"GET /letters?v=5000", true},
                 {"GET /letters?v=5000000", false}};
    struct web web;
    size_t i;

    begin(&web, &(struct server_config){0});
    for (i = 0; i < 3; i++) {
        struct buf got = {0};
        int fd = ask(&web, cases[i].line, "Accept-Encoding: gzip\r\n");
        read_until(&web, fd, "\r\n\r\n", &got);
        CHECK((strstr(got.data, "Content-Encoding: gzip") != NULL) == cases[i].packed);
        close(fd);
        buf_release(&got);
    }
    end(&web);
}

/* Goal: who goes back after signing out is not shown what the browser kept. */
TEST(what_was_made_for_somebody_is_not_kept_by_his_browser)
{
    static const struct {
        const char *header, *caching;
    } cases[] = {{"", "Cache-Control: private, no-cache\r\n"},
                 {"Cookie: eddy_session=p7\r\n", "Cache-Control: no-store\r\n"}};
    struct web web;
    size_t i;

    begin(&web, &(struct server_config){0});
    for (i = 0; i < 2; i++)
        expect_and_close(&web, ask(&web, "GET /api/echo", cases[i].header), cases[i].caching);
    end(&web);
}

/* ---- streams ---- */

TEST(a_stream_says_what_happens_when_it_happens_and_ends)
{
    struct web web;
    struct buf got = {0};
    int fd;

    begin(&web, &(struct server_config){.comment_ms = 150});
    fd = ask(&web, "GET /api/told", "");
    read_until(&web, fd, "\r\n\r\n", &got);
    CHECK_HAS(got.data, "Content-Type: text/event-stream");
    CHECK_HAS(got.data, "Cache-Control: no-store");
    read_until(&web, fd, ":\n\n", &got); /* nothing happens for a while */
    world.told = 1;
    read_until(&web, fd, "data: 1\n\n", &got);
    expect_and_close(&web, ask(&web, "GET /api/echo", ""), "\"len\":0"); /* others do not wait */
    world.told = 9;
    read_until(&web, fd, "data: 9\n\n", &got);
    read_until(&web, fd, "\r\n0\r\n\r\n", &got);
    sweep_until(&web, &world.streams, 0);
    close(fd);
    end(&web);
    buf_release(&got);
}

/* Goal: who does not read costs nothing but his socket, and is let go in the end.
 * Method: a stream that always has something to say; what it was asked for is counted. */
TEST(a_client_that_lags_holds_up_nobody)
{
    struct web web;
    int fd, asked, small = 4096;

    begin(&web, &(struct server_config){.request_ms = 3000});
    fd = dial(&web);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
    put(fd, STR_LIT("GET /api/flood HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    expect(&web, fd, "xxxx");
    expect_and_close(&web, ask(&web, "GET /api/echo", ""), "\"len\":0");
    sweep_until(&web, &world.streams, 0); /* he takes nothing more, and his time is over */
    asked = world.asked;
    if (asked > 512) /* of 64 KB: what sockets hold, and not what it could have said meanwhile */
        fail_msg("it was asked %d times by one who does not read", asked);
    close(fd);
    end(&web);
}

TEST(a_client_that_goes_away_is_noticed_while_its_stream_is_silent)
{
    struct web web;
    int fd;

    begin(&web, &(struct server_config){.comment_ms = 3600000}); /* nothing is sent */
    fd = ask(&web, "GET /api/told", "");
    expect(&web, fd, "\r\n\r\n");
    CHECK_INT(world.streams, 1);
    close(fd);
    sweep_until(&web, &world.streams, 0);
    end(&web);
}

TEST(a_silent_stream_outlives_the_time_of_a_request)
{
    struct web web;
    struct buf got = {0};
    int fd, asked;

    begin(&web, &(struct server_config){.request_ms = 1500});
    fd = ask(&web, "GET /api/told", "");
    read_until(&web, fd, "\r\n\r\n", &got);
    asked = world.asked;
    sweep_until(&web, &world.asked, asked + 20); /* twenty times 100 ms, at least */
    world.told = 9;
    read_until(&web, fd, "data: 9", &got);
    close(fd);
    end(&web);
    buf_release(&got);
}

/* Opens a stream of this person. */
static int watch(const struct web *web, int person, const char *answer)
{
    char cookie[64];
    int fd;

    snprintf(cookie, sizeof(cookie), "Cookie: eddy_session=p%d\r\n", person);
    fd = ask(web, "GET /api/told", cookie);
    expect(web, fd, answer);
    return fd;
}

TEST(streams_have_a_limit_each_and_all_together)
{
    int fds[SERVER_STREAMS_MAX], i;
    struct web web;

    begin(&web, &(struct server_config){0});
    for (i = 0; i < SERVER_STREAMS_MAX; i++)
        fds[i] = watch(&web, 1 + i / SERVER_STREAMS_OF_ONE_MAX, "text/event-stream");
    close(watch(&web, 1, " 429 "));
    close(watch(&web, 999, " 503 "));
    expect_and_close(&web, ask(&web, "GET /api/echo", ""), "\"len\":0");
    close(fds[0]);
    sweep_until(&web, &world.streams, SERVER_STREAMS_MAX - 1);
    fds[0] = watch(&web, 1, "text/event-stream");
    end(&web); /* it ends with all of them open */
    for (i = 0; i < SERVER_STREAMS_MAX; i++)
        close(fds[i]);
}

/* ---- what must be worked for ---- */

TEST(work_holds_up_nobody_and_has_a_limit)
{
    int fds[SERVER_LATER_MAX], i;
    struct web web;

    begin(&web, &(struct server_config){0});
    for (i = 0; i < SERVER_LATER_MAX; i++)
        fds[i] = ask(&web, "GET /api/slow", "");
    sweep_until(&web, &world.works, SERVER_LATER_MAX);
    expect_and_close(&web, ask(&web, "GET /api/slow", ""), " 503 ");
    expect_and_close(&web, ask(&web, "GET /api/echo", ""), "\"len\":0");
    close(fds[0]); /* his answer is worked for all the same */
    for (i = 0; i < SERVER_LATER_MAX; i++)
        sem_post(&world.gate);
    for (i = 1; i < SERVER_LATER_MAX; i++)
        expect_and_close(&web, fds[i], "{\"said\":\"done\"}");
    sweep_until(&web, &world.works, 0);
    sem_post(&world.gate);
    expect_and_close(&web, ask(&web, "GET /api/slow", ""), "{\"said\":\"done\"}");
    end(&web);
}

TEST(the_end_of_the_server_waits_for_work)
{
    struct web web;
    int fd;

    begin(&web, &(struct server_config){0});
    fd = ask(&web, "GET /api/slow", "");
    sweep_until(&web, &world.works, 1);
    sem_post(&world.gate);
    end(&web);
    close(fd);
}
