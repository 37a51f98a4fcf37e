/* node.c - the event loop.
 *
 * A round: wait until there is input, a watched descriptor is ready or a timer is due; run the due
 * timers; read as much as there is; handle every whole line; serve the descriptors; flush. Batching
 * is what makes it fast: under load one read() brings hundreds of messages and one write() takes
 * hundreds of replies away, while a lone message is answered at once.
 *
 * Calls live in a ring indexed by msg_id. Ids count up, so live calls are neighbours, and a slot
 * that is still taken only means that the ring has to double. A timeout is a timer that finds its
 * call still there; an answer empties the slot, and late or second answers find it empty. Each
 * start of the node begins at another million, or an answer to what it asked before it was killed
 * would pass for one to what it asks now.
 *
 * Watched descriptors live in an epoll set, and poll() waits for stdin and for that set: stdin may
 * be a file, which epoll refuses. A handler may close any descriptor and a new one may get its
 * number, so an event bears the number and the generation of its watch; one of an earlier
 * generation is stale. */
#include "node.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

enum {
    HANDLERS_MAX = 64,
    READ_SIZE = 256 << 10,
    FLUSH_SIZE = 256 << 10, /* output beyond this leaves before the end of the round */
    EVENTS_MAX = 256,       /* descriptors served in one round; the others are in the next */
};

struct timer {
    int64_t due_ns;
    uint64_t id;
    int64_t period_ns; /* 0: once */
    node_timer fn;
    void *owner;
};

struct call {
    int64_t msg_id; /* 0: free slot */
    char *dest;     /* whom we asked */
    node_answer answer;
    void *owner;
};

struct watch {
    node_ready ready; /* NULL: not watched */
    void *owner;
    int wanted;
    uint32_t generation;
};

static struct {
    const char *type;
    node_handler handler;
} handlers[HANDLERS_MAX];
static int handler_count;
static void (*start_hook)(void);
static void (*output_hook)(void);

static char *self_name; /* NULL before init */
static int self_index;
static struct json *names; /* kept array of strings */

static struct json_text out;
static struct timer *timers; /* a heap: the first is due next */
static size_t timer_count, timer_cap;
static uint64_t timer_last_id;
static struct call *calls;
static size_t call_cap;       /* a power of two */
static struct watch *watches; /* by descriptor */
static size_t watch_cap;
static int watch_set = -1; /* epoll; -1: nothing was ever watched */
static bool stopping;
static int stop_status;
static int64_t last_msg_id;
static int64_t now_ns;

static void *must(void *memory)
{
    if (memory == NULL) {
        node_log("out of memory");
        exit(1);
    }
    return memory;
}

/* Set-up and names */

void node_on(const char *type, node_handler handler)
{
    if (handler_count == HANDLERS_MAX) {
        node_log("node_on: more than %d types of message", HANDLERS_MAX);
        exit(1);
    }
    handlers[handler_count].type = type;
    handlers[handler_count++].handler = handler;
}

void node_on_start(void (*start)(void))
{
    start_hook = start;
}

void node_before_output(void (*hook)(void))
{
    output_hook = hook;
}

const char *node_id(void)
{
    return self_name;
}

int node_count(void)
{
    return (int)json_len(names);
}

int node_self(void)
{
    return self_index;
}

const char *node_name(int index)
{
    return json_text_of(json_at(names, (size_t)index));
}

int node_find(const char *name)
{
    for (int i = 0; i < node_count(); i++) {
        if (strcmp(node_name(i), name) == 0)
            return i;
    }
    return -1;
}

void node_log(const char *format, ...)
{
    char line[4096];
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(line, sizeof(line) - 1, format, args);
    va_end(args);
    if (len > (int)sizeof(line) - 2)
        len = sizeof(line) - 2;
    line[len++] = '\n';
    if (write(STDERR_FILENO, line, (size_t)len) < 0)
        return; /* nobody listens: logs are not worth dying for */
}

/* Output */

static void flush(void)
{
    size_t done = 0;

    if (output_hook != NULL)
        output_hook();
    while (done < out.len) {
        ssize_t n = write(STDOUT_FILENO, out.bytes + done, out.len - done);

        if (n < 0 && errno != EINTR)
            exit(1); /* the harness is gone */
        if (n > 0)
            done += (size_t)n;
    }
    out.len = 0;
}

static void put(const char *text)
{
    json_append(&out, text, strlen(text));
}

static void put_string(const char *text)
{
    json_append_string(&out, text, strlen(text));
}

/* Never used before, nor in an earlier life of this node. */
static int64_t next_msg_id(void)
{
    if (last_msg_id == 0)
        last_msg_id = (int64_t)(node_random() % 1000000) * 1000000;
    return ++last_msg_id;
}

/* One whole message. NODE_NO_ID leaves an id out. */
static void put_message(const char *dest, const char *type, int64_t in_reply_to, int64_t msg_id,
                        va_list pairs)
{
    const char *key;

    put("{\"src\":");
    put_string(self_name);
    put(",\"dest\":");
    put_string(dest);
    put(",\"body\":{\"type\":");
    put_string(type);
    if (msg_id != NODE_NO_ID) {
        put(",\"msg_id\":");
        json_append_int(&out, msg_id);
    }
    if (in_reply_to != NODE_NO_ID) {
        put(",\"in_reply_to\":");
        json_append_int(&out, in_reply_to);
    }
    while ((key = va_arg(pairs, const char *)) != NULL) {
        put(",");
        put_string(key);
        put(":");
        json_print(&out, va_arg(pairs, struct json *));
    }
    put("}}\n");
    if (out.len > FLUSH_SIZE)
        flush();
}

void node_reply(const struct message *m, const char *type, ...)
{
    va_list pairs;

    if (m->msg_id == NODE_NO_ID)
        return; /* it asked for no answer */
    va_start(pairs, type);
    put_message(m->src, type, m->msg_id, next_msg_id(), pairs);
    va_end(pairs);
}

void node_error(const struct message *m, enum node_code code, const char *text)
{
    node_reply(m, "error", "code", json_int(code), "text", json_string(text), NULL);
}

void node_send(const char *dest, const char *type, ...)
{
    va_list pairs;

    va_start(pairs, type);
    put_message(dest, type, NODE_NO_ID, NODE_NO_ID, pairs);
    va_end(pairs);
}

struct message *node_keep(const struct message *m)
{
    struct message *kept = must(malloc(sizeof(*kept)));

    *kept = (struct message){
        .src = must(strdup(m->src)),
        .dest = must(strdup(m->dest)),
        .type = must(strdup(m->type)),
        .body = json_keep(m->body),
        .msg_id = m->msg_id,
    };
    return kept;
}

void node_free(struct message *kept)
{
    if (kept == NULL)
        return;
    free((void *)(uintptr_t)kept->src);
    free((void *)(uintptr_t)kept->dest);
    free((void *)(uintptr_t)kept->type);
    json_free(kept->body);
    free(kept);
}

/* Timers */

static void clock_read(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    now_ns = (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t node_now_ms(void)
{
    return now_ns / 1000000;
}

static bool earlier(const struct timer *a, const struct timer *b)
{
    return a->due_ns != b->due_ns ? a->due_ns < b->due_ns : a->id < b->id;
}

/* Puts t into the hole at index i, moving others until the heap is in order again. */
static void heap_settle(size_t i, struct timer t)
{
    while (i > 0 && earlier(&t, &timers[(i - 1) / 2])) {
        timers[i] = timers[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    for (;;) {
        size_t child = 2 * i + 1;

        if (child + 1 < timer_count && earlier(&timers[child + 1], &timers[child]))
            child++;
        if (child >= timer_count || !earlier(&timers[child], &t))
            break;
        timers[i] = timers[child];
        i = child;
    }
    timers[i] = t;
}

static void timer_add(struct timer t)
{
    if (timer_count == timer_cap) {
        timer_cap = 2 * timer_cap + 16;
        timers = must(realloc(timers, timer_cap * sizeof(*timers)));
    }
    timer_count++;
    heap_settle(timer_count - 1, t);
}

static void timer_remove(size_t i)
{
    timer_count--;
    if (i < timer_count)
        heap_settle(i, timers[timer_count]);
}

static uint64_t timer_new(int ms, bool again, node_timer fn, void *owner)
{
    int64_t wait_ns = (int64_t)ms * 1000000;

    timer_add((struct timer){
        .due_ns = now_ns + wait_ns,
        .id = ++timer_last_id,
        .period_ns = again ? wait_ns : 0,
        .fn = fn,
        .owner = owner,
    });
    return timer_last_id;
}

uint64_t node_after(int ms, node_timer timer, void *owner)
{
    return timer_new(ms, false, timer, owner);
}

uint64_t node_every(int ms, node_timer timer, void *owner)
{
    return timer_new(ms < 1 ? 1 : ms, true, timer, owner);
}

void node_cancel(uint64_t id)
{
    for (size_t i = 0; i < timer_count; i++) {
        if (timers[i].id == id) {
            timer_remove(i);
            return;
        }
    }
}

/* A periodic timer that is late, as after a pause, runs once and not once per missed period. */
static void timers_run(void)
{
    while (timer_count > 0 && timers[0].due_ns <= now_ns) {
        struct timer t = timers[0];

        timer_remove(0);
        if (t.period_ns > 0) {
            struct timer next = t;

            next.due_ns = now_ns + t.period_ns;
            timer_add(next);
        }
        t.fn(t.owner);
        json_reset();
    }
}

uint64_t node_random(void)
{
    uint64_t bits = 0;

    if (getrandom(&bits, sizeof(bits), 0) != sizeof(bits)) {
        node_log("no random numbers: %s", strerror(errno));
        exit(1);
    }
    return bits;
}

/* Calls */

static struct call *call_slot(int64_t msg_id)
{
    return &calls[(size_t)msg_id & (call_cap - 1)];
}

static void calls_grow(void)
{
    struct call *old = calls;
    size_t old_cap = call_cap;

    call_cap = call_cap == 0 ? 64 : 2 * call_cap;
    calls = must(calloc(call_cap, sizeof(*calls)));
    for (size_t i = 0; i < old_cap; i++) {
        if (old[i].msg_id != 0)
            *call_slot(old[i].msg_id) = old[i];
    }
    free(old);
}

static struct call *call_find(int64_t msg_id)
{
    struct call *c = msg_id > 0 && call_cap > 0 ? call_slot(msg_id) : NULL;

    return c != NULL && c->msg_id == msg_id ? c : NULL;
}

/* Ends the call, if it is still waiting, and for an answer from there. */
static void call_end(int64_t msg_id, const struct message *m)
{
    struct call *c = call_find(msg_id);
    struct call ended;

    if (c == NULL || (m != NULL && strcmp(m->src, c->dest) != 0))
        return;
    ended = *c;
    c->msg_id = 0;
    free(ended.dest);
    ended.answer(ended.owner, m);
}

static void call_timeout(void *owner)
{
    call_end((int64_t)(intptr_t)owner, NULL);
}

void node_call(const char *dest, int timeout_ms, node_answer answer, void *owner, const char *type,
               ...)
{
    int64_t msg_id = next_msg_id();
    va_list pairs;

    while (call_cap == 0 || call_slot(msg_id)->msg_id != 0)
        calls_grow();
    *call_slot(msg_id) = (struct call){msg_id, must(strdup(dest)), answer, owner};
    node_after(timeout_ms, call_timeout, (void *)(intptr_t)msg_id);
    va_start(pairs, type);
    put_message(dest, type, NODE_NO_ID, msg_id, pairs);
    va_end(pairs);
}

enum node_code node_code_of(const struct message *m)
{
    if (m == NULL)
        return NODE_TIMEOUT;
    if (strcmp(m->type, "error") != 0)
        return NODE_OK;
    return (enum node_code)json_int_of(json_get(m->body, "code"), NODE_CRASH);
}

/* Watched descriptors */

void node_watch(int fd, int wanted, node_ready ready, void *owner)
{
    struct epoll_event e = {0};
    struct watch *w;
    bool known;

    if (watch_set < 0)
        watch_set = epoll_create1(EPOLL_CLOEXEC);
    if ((size_t)fd >= watch_cap) {
        size_t cap = 2 * (size_t)fd + 16;

        watches = must(realloc(watches, cap * sizeof(*watches)));
        memset(watches + watch_cap, 0, (cap - watch_cap) * sizeof(*watches));
        watch_cap = cap;
    }
    w = &watches[fd];
    known = w->ready != NULL;
    w->ready = ready;
    w->owner = owner;
    if (known && w->wanted == wanted)
        return;
    w->wanted = wanted;
    e.events = (wanted & NODE_READABLE ? EPOLLIN : 0U) | (wanted & NODE_WRITABLE ? EPOLLOUT : 0U);
    e.data.u64 = (uint64_t)w->generation << 32 | (uint32_t)fd;
    if (epoll_ctl(watch_set, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &e) < 0) {
        node_log("node_watch: descriptor %d: %s", fd, strerror(errno));
        exit(1);
    }
}

void node_unwatch(int fd)
{
    if ((size_t)fd >= watch_cap || watches[fd].ready == NULL)
        return;
    epoll_ctl(watch_set, EPOLL_CTL_DEL, fd, NULL);
    watches[fd].ready = NULL;
    watches[fd].generation++;
}

static void watches_run(void)
{
    struct epoll_event events[EVENTS_MAX];
    int n = epoll_wait(watch_set, events, EVENTS_MAX, 0);

    for (int i = 0; i < n; i++) {
        int fd = (int)(uint32_t)events[i].data.u64;
        uint32_t bits = events[i].events;
        struct watch *w = &watches[fd];

        if (w->ready == NULL || w->generation != events[i].data.u64 >> 32)
            continue; /* closed by a handler that ran before it in this round */
        w->ready(fd,
                 (bits & EPOLLIN ? NODE_READABLE : 0) | (bits & EPOLLOUT ? NODE_WRITABLE : 0) |
                     (bits & (EPOLLERR | EPOLLHUP) ? NODE_FAILED : 0),
                 w->owner);
        json_reset();
    }
}

/* Input */

static void on_init(const struct message *m)
{
    const char *name = json_text_of(json_get(m->body, "node_id"));

    if (name == NULL || self_name != NULL) {
        node_log("init without node_id, or a second one");
        return;
    }
    self_name = must(strdup(name));
    names = json_keep(json_get(m->body, "node_ids"));
    self_index = node_find(name);
    if (start_hook != NULL)
        start_hook();
    node_reply(m, "init_ok", NULL);
}

/* m is addressed properly; its type is "" if the body has none. */
static void dispatch(const struct message *m)
{
    struct json *in_reply_to = json_get(m->body, "in_reply_to");

    if (in_reply_to != NULL) {
        call_end(json_int_of(in_reply_to, 0), m);
        return;
    }
    if (strcmp(m->type, "init") == 0) {
        on_init(m);
        return;
    }
    if (self_name == NULL || strcmp(m->type, "error") == 0)
        return; /* another node was faster than our init; or an error that answers nothing */
    for (int i = 0; i < handler_count; i++) {
        if (strcmp(handlers[i].type, m->type) == 0) {
            handlers[i].handler(m);
            return;
        }
    }
    if (json_text_of(json_get(m->body, "type")) == NULL)
        node_error(m, NODE_MALFORMED, "the body has no type");
    else
        node_error(m, NODE_NOT_SUPPORTED, "this node does not know this type of request");
}

/* A text without 0 bytes inside, as all names are; else otherwise. */
static const char *name_of(const struct json *v, const char *otherwise)
{
    const char *text = json_text_of(v);

    return text != NULL && strlen(text) == v->len ? text : otherwise;
}

static void line_handle(char *line, size_t len)
{
    struct json *envelope = json_parse(line, len);
    struct message m = {
        .src = name_of(json_get(envelope, "src"), NULL),
        .dest = name_of(json_get(envelope, "dest"), NULL),
        .body = json_get(envelope, "body"),
    };

    m.type = name_of(json_get(m.body, "type"), "");
    m.msg_id = json_int_of(json_get(m.body, "msg_id"), NODE_NO_ID);
    if (m.src == NULL || m.dest == NULL || m.body == NULL || m.body->type != JSON_OBJECT)
        node_log("a line that is no message was left out");
    else if (self_name != NULL && strcmp(m.dest, self_name) != 0)
        node_log("a message to %s was left out: this is %s", m.dest, self_name);
    else
        dispatch(&m);
    json_reset();
}

/* Reads once and handles all whole lines. False at the end of the input. */
static bool input_read(void)
{
    static char *buffer;
    static size_t len, cap;
    char *line = buffer, *end;
    ssize_t n;

    if (cap - len < READ_SIZE) {
        cap = 2 * (cap + READ_SIZE);
        buffer = must(realloc(buffer, cap));
        line = buffer;
    }
    n = read(STDIN_FILENO, buffer + len, cap - len);
    if (n < 0)
        return errno == EINTR || errno == EAGAIN;
    if (n == 0)
        return false;

    end = memchr(buffer + len, '\n', (size_t)n);
    len += (size_t)n;
    while (end != NULL) {
        line_handle(line, (size_t)(end - line));
        line = end + 1;
        end = memchr(line, '\n', (size_t)(buffer + len - line));
    }
    len -= (size_t)(line - buffer);
    memmove(buffer, line, len);
    return true;
}

/* Milliseconds until the next timer, rounded up; -1: there is none. */
static int wait_ms(void)
{
    int64_t wait_ns;

    if (timer_count == 0)
        return -1;
    wait_ns = timers[0].due_ns - now_ns;
    return wait_ns <= 0 ? 0 : (int)((wait_ns + 999999) / 1000000);
}

/* After the end of the input: is one of the first timers (up to this id) still to be waited for? */
static bool timers_open(uint64_t last_id)
{
    for (size_t i = 0; i < timer_count; i++) {
        const struct timer *t = &timers[i];

        if (t->id > last_id || t->period_ns > 0)
            continue;
        if (t->fn != call_timeout || call_find((int64_t)(intptr_t)t->owner) != NULL)
            return true;
    }
    return false;
}

void node_stop(int status)
{
    stopping = true;
    stop_status = status;
}

int node_run(void)
{
    struct pollfd in[2] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = -1, .events = POLLIN}};
    uint64_t last_id = 0;

    clock_read();
    while (!stopping && (in[0].fd >= 0 || timers_open(last_id))) {
        int ready;

        in[1].fd = watch_set;
        ready = poll(in, 2, wait_ms());
        clock_read();
        timers_run();
        if (ready > 0 && in[0].revents != 0 && !input_read()) {
            in[0].fd = -1; /* poll() leaves it out from now on */
            last_id = timer_last_id;
        }
        if (ready > 0 && in[1].revents != 0)
            watches_run();
        flush();
    }
    return stop_status;
}
