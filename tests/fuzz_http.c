/* fuzz_http [ITERATIONS [SEED]] - requests that nobody would send, to every address of the server.
 *
 * Goal: whatever comes, the server answers, gives nothing to who may not have it, and nothing that
 * came in goes out as markup. Method: routes_answer() without sockets, on the real course and a
 * database with people of each role; addresses, headers and bodies are good ones with pieces
 * changed, since noise alone does not get past the first check. Texts of strangers carry a mark
 * ("<x-eddy" and quotes) that must never be seen in a page as it came. Bugs that it must find:
 * tests/planted/security.sh. */
#include "accounts/accounts.h"
#include "accounts/classes.h"
#include "accounts/people.h"
#include "accounts/secret.h"
#include "accounts/session.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/prng.h"
#include "judge/jobs.h"
#include "store/store.h"
#include "web/request.h"
#include "web/response.h"
#include "web/routes.h"
#include "web/site.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PICK(list) (list)[prng_below(&chance, sizeof(list) / sizeof((list)[0]))]
#define MARK "<x-eddy"

static struct prng chance;
static unsigned long long seed = 1;
static long iteration;
static long counts[6]; /* by the first digit of the status */

static const char *const words[] = {
    "messenger",
    "echo",
    "1",
    "2",
    "99999999999999999999",
    "-1",
    "0",
    "..",
    "%2e%2e",
    "protocol",
    "go",
    "me",
    "<x-eddy\"'>",
    "\xff",
    "a b",
    "queued",
    "style.css",
    "x'; --",
    "%00",
    "report",
    "eddy-20260102-030405.db",
    "..%2f..%2fetc",
};
static const char *const texts[] = {
    "",
    "x",
    "<x-eddy\"'>&",
    "\\u0000",
    "\\ud800",
    "learner",
    "ann",
    "messenger",
    "echo",
    "go",
    "\\r\\nSet-Cookie: a=b",
    "//evil.example",
    "../..",
    "\\\\evil",
    "main.go",
    "int x;",
    "../../etc/passwd",
    "/etc/passwd",
    "kit/node.go",
    "a long one, a long one, a long one, a long one",
};
static const char *const members[] = {
    "name",  "password", "full_name", "invitation", "link",         "role",  "closed", "title",
    "uses",  "days",     "tasks",     "due_ms",     "attempts_max", "track", "task",   "language",
    "files", "kind",     "version",   "workload",   "options",      "old",   "new",    "issuer",
};
static const char *const methods[] = {"GET", "GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "X"};
static const char *const origins[] = {"",
                                      "",
                                      "",
                                      "http://localhost",
                                      "http://evil.example",
                                      "null",
                                      "http://localhost.evil.example",
                                      "https://localhost:1"};
static const char *const fetch_sites[] = {"", "", "same-origin", "cross-site", "same-site", "none"};

static void must(bool fine, const char *promise, const struct request *q, const char *what)
{
    if (fine)
        return;
    fprintf(stderr, "fuzz_http: %ld of seed %llu: not true: %s: %s %s, body %.*s: %.300s\n",
            iteration, seed, promise, q->method, q->path,
            (int)(q->body.len < 200 ? q->body.len : 200), q->body.data != NULL ? q->body.data : "",
            what);
    exit(1);
}

/* ---- requests ---- */

static const char *const good_bodies[] = {
    ("{\"track\":\"messenger\",\"task\":\"echo\",\"language\":\"go\",\"kind\":\"submit\","
     "\"files\":[{\"name\":\"main.go\",\"text\":\"<x-eddy\\\"'>\"}]}"),
    "{\"version\":0,\"files\":[{\"name\":\"main.go\",\"text\":\"<x-eddy\\\"'>\"}]}",
    "{\"title\":\"<x-eddy\\\"'>\",\"tasks\":[{\"track\":\"messenger\",\"task\":\"echo\"}]}",
    "{\"full_name\":\"<x-eddy\\\"'>\"}",
    "{\"role\":\"learner\",\"uses\":2,\"days\":1}",
    "{\"closed\":true}",
    "{\"track\":\"messenger\",\"task\":\"echo\"}",
};

/* A word that may well be there, for a word of a route. */
static const char *good_word(const char *name)
{
    static const char *const known[][2] = {{":track", "messenger"}, {":task", "echo"},
                                           {":language", "go"},     {":name", "protocol"},
                                           {":workload", "echo"},   {":number", "1"}};
    static const char *const numbers[] = {"1", "2", "3"};
    size_t i;

    for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strncmp(name, known[i][0], strlen(known[i][0])) == 0)
            return known[i][1];
    return PICK(numbers);
}

static void make_path(const struct route *route, struct buf *out)
{
    const char *at = route->path;

    while (*at != '\0') {
        size_t len = strcspn(at + 1, "/") + 1;
        if (at[1] == ':')
            buf_addf(out, "/%s", prng_chance(&chance, 0.6) ? good_word(at + 1) : PICK(words));
        else
            buf_add(out, at, len);
        at += len;
    }
    if (prng_chance(&chance, 0.05))
        out->data[prng_below(&chance, out->len)] = "/.%\x80:?"[prng_below(&chance, 6)];
}

static void make_value(struct buf *out, int depth)
{
    static const char *const plain[] = {"true", "null", "-1", "1e999", "9223372036854775808", "0"};
    uint64_t kind = prng_below(&chance, depth > 0 ? 8 : 5), n;

    if (kind < 4) {
        buf_addf(out, "\"%s\"", PICK(texts));
    } else if (kind == 4) {
        buf_add_text(out, PICK(plain));
    } else if (kind == 5) {
        buf_add_text(out, "[{\"name\":\"main.go\",\"text\":\"int x;\"}]");
    } else if (kind == 6) {
        buf_add_text(out, "[{\"track\":\"messenger\",\"task\":\"echo\"}]");
    } else {
        buf_add_char(out, '[');
        for (n = prng_below(&chance, 4); n > 0; n--) {
            make_value(out, depth - 1);
            buf_add_text(out, n > 1 ? "," : "");
        }
        buf_add_char(out, ']');
    }
}

static void make_noise(struct buf *out)
{
    uint64_t count = prng_below(&chance, 8);
    bool first = true;

    buf_add_char(out, '{');
    while (count-- > 0) {
        buf_addf(out, "%s\"%s\":", first ? "" : ",", PICK(members));
        make_value(out, 2);
        first = false;
    }
    buf_add_char(out, '}');
}

static void make_body(struct buf *out)
{
    uint64_t count;

    if (prng_chance(&chance, 0.5))
        buf_add_text(out, PICK(good_bodies));
    else
        make_noise(out);
    for (count = prng_chance(&chance, 0.2) ? prng_below(&chance, 4) : 0; count > 0; count--)
        out->data[prng_below(&chance, out->len)] = "\"\\{}[],:0\x01\xff"[prng_below(&chance, 11)];
    if (prng_chance(&chance, 0.03))
        out->len = prng_below(&chance, out->len + 1);
}

/* ---- answers ---- */

static bool has_line_end(const struct buf *b)
{
    return b->data != NULL &&
           (memchr(b->data, '\n', b->len) != NULL || memchr(b->data, '\r', b->len) != NULL);
}

static void check_headers(const struct request *q, const struct response *r)
{
    must(r->status >= 200 && r->status <= 599 && r->status != 500, "a status", q, "");
    must(!has_line_end(&r->location) && !has_line_end(&r->set_cookie) &&
             !has_line_end(&r->disposition),
         "one line a header", q, "");
    if (r->location.len > 0)
        must(r->location.data[0] == '/' && r->location.data[1] != '/' &&
                 r->location.data[1] != '\\',
             "no way to another server", q, r->location.data);
    if (r->set_cookie.len > 0)
        must(strstr(r->set_cookie.data, "HttpOnly") != NULL &&
                 strstr(r->set_cookie.data, "SameSite=") != NULL,
             "a cookie that scripts and other sites have not", q, r->set_cookie.data);
}

static void check_body(const struct request *q, struct response *r)
{
    bool is_api = strncmp(q->path, "/api/", 5) == 0;
    json_t *value;

    if (r->type == NULL || r->borrowed.data != NULL)
        return;
    buf_add_text(&r->body, "");
    if (strncmp(r->type, "text/html", 9) == 0)
        must(strstr(r->body.data, MARK) == NULL, "no markup of strangers", q,
             strstr(r->body.data, MARK));
    if (strstr(r->type, "json") == NULL)
        return;
    value = json_loads(r->body.data, JSON_DECODE_ANY, NULL);
    must(value != NULL, "JSON", q, r->body.data);
    must(is_api, "JSON of the API alone", q, "");
    if (r->status >= 400)
        must(json_string_length(json_object_get(value, "detail")) > 10, "a sentence", q,
             r->body.data);
    json_decref(value);
}

/* Whether this request may have changed something or seen what is not everybody's. */
static void check_rights(const struct request *q, const struct response *r,
                         const struct route *asked, enum role role)
{
    bool done = r->status < 300;
    bool reading = strcmp(q->method, "GET") == 0 || strcmp(q->method, "HEAD") == 0;

    if (done && !reading) {
        must(q->headers.x_eddy[0] != '\0', "X-Eddy for a change", q, "");
        must(strstr(q->headers.origin, "evil") == NULL && strcmp(q->headers.origin, "null") != 0,
             "no change by another origin", q, q->headers.origin);
        must(q->headers.fetch_site[0] == '\0' ||
                 strcmp(q->headers.fetch_site, "same-origin") == 0 ||
                 strcmp(q->headers.fetch_site, "none") == 0,
             "no change by another site", q, q->headers.fetch_site);
    }
    if (done && asked != NULL && strcmp(asked->method, q->method) == 0 &&
        strcmp(asked->path, q->path) == 0)
        must(role >= asked->least, "the role that the table asks for", q, asked->path);
}

/* ---- the server ---- */

struct scene {
    char dir[64], db[100];
    struct store *store;
    struct jobs *jobs;
    struct accounts *accounts;
    struct site *site;
    char sessions[3][SECRET_TEXT_SIZE]; /* of a learner, a teacher, an admin */
    int64_t people[3];
    uint32_t people_count; /* ever */
};

static int person_of(struct accounts *a, const char *session, struct person *ret_person,
                     struct err *err)
{
    return session_person(a, str_of(session), ret_person, err);
}

static void fine(int status, const struct err *err)
{
    if (status >= 0)
        return;
    fprintf(stderr, "fuzz_http: %s\n", err->text);
    exit(1);
}

/* Somebody of this role, with a session. */
static void add_person(struct scene *s, enum role role)
{
    struct sign_up u = {.full_name = STR_LIT("<x-eddy\"'> & Co"), .hash = "x"};
    char name[32], *session = s->sessions[role - ROLE_LEARNER];
    struct err err = {.text = ""};
    struct person p;

    snprintf(name, sizeof(name), "person-%u", ++s->people_count);
    u.name = str_of(name);
    fine(people_sign_up(s->accounts, &u, &p, &err) == 1 ? 0 : ERR_MACHINE, &err);
    if (p.role != role)
        fine(people_set_role(s->accounts, p.id, role, &err) == 1 ? 0 : ERR_MACHINE, &err);
    fine(session_begin(s->accounts, p.id, session, &err), &err);
    s->people[role - ROLE_LEARNER] = p.id;
    if (role == ROLE_TEACHER) {
        int64_t id = 0;
        fine(class_add(s->accounts, STR_LIT("<x-eddy\"'> class"), p.id, &id, &err), &err);
        fine(class_join(s->accounts, id, s->people[0], false, &err), &err);
    }
}

/* Requests sign people out, close their accounts and change their roles; then there are new ones.
 */
static void replace_the_lost(struct scene *s)
{
    struct err err = {.text = ""};
    struct person p;
    int i;

    for (i = 0; i < 3; i++)
        if (session_person(s->accounts, str_of(s->sessions[i]), &p, &err) != 1 ||
            p.role != (enum role)(ROLE_LEARNER + i))
            add_person(s, (enum role)(ROLE_LEARNER + i));
}

static void open_scene(struct scene *s)
{
    struct accounts_config config = {.url = "http://localhost", .open_sign_up = true};
    struct jobs_config queue = {.waiting_max = 100};
    struct err err = {.text = ""};

    *s = (struct scene){.dir = "/tmp/eddy-http-XXXXXX"};
    if (mkdtemp(s->dir) == NULL)
        exit(1);
    snprintf(s->db, sizeof(s->db), "%s/eddy.db", s->dir);
    fine(store_open(s->db, &s->store, &err), &err);
    fine(jobs_open(s->db, &queue, &s->jobs, &err), &err);
    config.store = s->store;
    fine(accounts_open(&config, &s->accounts, &err), &err);
    fine(site_open(".", s->store, &s->site, &err), &err);
    s->site->jobs = s->jobs;
    s->site->accounts = s->accounts;
    s->site->person_of = person_of;
    s->site->teaches = class_teaches;
    s->site->db = s->db;
    add_person(s, ROLE_ADMIN);
    add_person(s, ROLE_LEARNER);
    add_person(s, ROLE_TEACHER);
}

static void close_scene(struct scene *s)
{
    struct err ignored = {.text = ""};

    site_close(s->site);
    accounts_close(s->accounts);
    jobs_close(s->jobs);
    store_close(s->store);
    file_remove_tree(s->dir, &ignored);
}

/* What is not there at once: hashes cost a second each, so only few are waited for. */
static void finish(const struct scene *s, const struct request *q, struct response *r)
{
    struct buf out = {0};
    struct err err = {.text = ""};
    int i;

    if (r->stream.next != NULL)
        for (i = 0; i < 3 && r->stream.next(r->stream.owner, &out) >= 0; i++)
            ;
    if (r->later.work != NULL && prng_chance(&chance, 0.01)) {
        struct response late = {.status = 0};
        r->later.work(r->later.owner);
        must(r->later.answer(r->later.owner, s->site, &late, &err) == 0, "an answer", q, err.text);
        check_headers(q, &late);
        check_body(q, &late);
        response_release(&late);
    }
    buf_release(&out);
}

static void one(struct scene *s)
{
    struct request_values values = {.count = 0};
    struct response r = {.status = 0};
    struct err err = {.text = ""};
    struct buf path = {0}, body = {0};
    const struct route *route;
    uint64_t who = prng_below(&chance, 4);
    size_t count = 0;
    struct request q;

    while (routes[count].method != NULL)
        count++;
    route = &routes[prng_below(&chance, count)];
    make_path(route, &path);
    if (prng_chance(&chance, 0.6))
        make_body(&body);
    q = (struct request){.method = prng_chance(&chance, 0.8) ? route->method : PICK(methods),
                         .path = path.data,
                         .body = buf_str(&body),
                         .values = &values};
    q.headers = (struct request_headers){
        .host = "localhost",
        .origin = PICK(origins),
        .fetch_site = PICK(fetch_sites),
        .x_eddy = prng_chance(&chance, 0.9) ? "1" : "",
        .x_eddy_person = prng_chance(&chance, 0.9) ? "" : "1",
        .content_type = prng_chance(&chance, 0.95) ? "application/json" : "text/plain",
        .last_event_id = PICK(words),
        .cookie = "",
        .session = who < 3 ? s->sessions[who] : PICK(words),
        .address = "127.0.0.1"};
    request_values_add(&values, PICK(members), PICK(words));
    request_values_add(&values, "q", PICK(words));
    request_values_add(&values, "next", PICK(texts));
    if (routes_answer(s->site, &q, &r, &err) < 0)
        must(false, "no fault of ours", &q, err.text);
    if (r.later.work == NULL && r.stream.next == NULL) {
        check_headers(&q, &r);
        check_body(&q, &r);
        counts[r.status / 100]++;
    }
    check_rights(&q, &r, route, who < 3 ? (enum role)(ROLE_LEARNER + who) : ROLE_NOBODY);
    finish(s, &q, &r);
    response_release(&r);
    request_values_release(&values);
    buf_release(&path);
    buf_release(&body);
}

int main(int argc, char **argv)
{
    long iterations = argc > 1 ? strtol(argv[1], NULL, 10) : 20000;
    struct scene s;

    if (argc > 2)
        seed = strtoull(argv[2], NULL, 10);
    prng_init(&chance, seed, "http");
    open_scene(&s);
    for (iteration = 0; iteration < iterations; iteration++) {
        if (iteration % 50 == 0)
            replace_the_lost(&s);
        one(&s);
    }
    close_scene(&s);
    printf("fuzz_http: %ld, 2xx %ld, 3xx %ld, 4xx %ld\n", iterations, counts[2], counts[3],
           counts[4]);
    return counts[2] > iterations / 20 && counts[4] > iterations / 20 ? 0 : 1;
}
