/* Sign-ins at a provider that is a script (tests/accounts/provider.py), kind and hostile. */
#include "oidc.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"
#include "../base/test.h"
#include "fetch.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char callback[] = "https://eddy.example/auth/p/callback";
static const char secret_text[] = "s3cr&t of=eddy";

static struct {
    pid_t pid;
    int orders;
    unsigned port;
} server;

static void server_end(void)
{
    close(server.orders);
    waitpid(server.pid, NULL, 0);
}

static void server_begin(void)
{
    char line[64] = "";
    int in[2], out[2];
    FILE *answers;

    if (server.pid != 0)
        return;
    CHECK(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0);
    server.pid = fork();
    if (server.pid == 0) {
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        execlp("python3", "python3", "tests/accounts/provider.py", (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    server.orders = in[1];
    answers = fdopen(out[0], "r");
    CHECK(fgets(line, sizeof(line), answers) != NULL); /* the whole line, however it comes */
    CHECK(sscanf(line, "ready %u", &server.port) == 1);
    fclose(answers);
    atexit(server_end);
}

/* A provider that does this wrong; the caller's. */
static struct oidc_provider *provider(const char *word, const char *secret)
{
    struct oidc_provider *p = mem_zalloc(sizeof(*p));
    struct buf issuer = {0};

    server_begin();
    buf_addf(&issuer, "http://127.0.0.1:%u/%s", server.port, word);
    p->name = mem_strdup("p");
    p->issuer = buf_take(&issuer);
    p->client_id = mem_strdup("eddy");
    p->secret = mem_strdup(secret);
    return p;
}

/* The browser's part: asks the address; the code, the caller's, or NULL. */
static char *sign_in(const char *url, const struct oidc_secrets *s)
{
    struct err err = {.text = ""};
    const struct fetch f = {.url = url};
    json_t *answer = NULL;
    char *code = NULL;

    if (fetch_json(&f, &answer, &err) == 0) {
        CHECK_TEXT(json_string_value(json_object_get(answer, "state")), s->state);
        code = mem_strdup(json_string_value(json_object_get(answer, "code")));
    }
    json_decref(answer);
    return code;
}

/* The whole way. 0 and who it is, or why not. */
static int whole(struct oidc_provider *p, struct oidc_identity *ret, struct err *err)
{
    struct oidc_secrets s;
    struct buf url = {0};
    char *code = NULL;
    int status;

    oidc_secrets_new(&s);
    status = oidc_begin(p, &s, callback, &url, err);
    if (status == 0) {
        code = sign_in(url.data, &s);
        CHECK(code != NULL);
        status = oidc_finish(p, &s, callback, code, (int64_t)time(NULL), ret, err);
    }
    mem_free(code);
    buf_release(&url);
    oidc_provider_free(p);
    return status;
}

static void expect(const char *word, int wanted, const char *why)
{
    struct oidc_identity who = {.name = ""};
    struct err err = {.text = ""};

    CHECK_INT(whole(provider(word, secret_text), &who, &err), wanted);
    CHECK_HAS(err.text, why);
    CHECK_TEXT(who.subject, "");
}

TEST(a_sign_in_says_who_it_was)
{
    struct oidc_identity who;
    struct err err = {.text = ""};

    CHECK_INT(whole(provider("good", secret_text), &who, &err), 0);
    CHECK_TEXT(who.subject, "sub-Ada Lovelace");
    CHECK_TEXT(who.name, "ada.lovelace");
    CHECK_TEXT(who.full_name, "Ada Lovelace");
    CHECK_HAS(who.issuer, "/good");
    CHECK_INT(whole(provider("post-only", secret_text), &who, &err), 0);
    CHECK_INT(whole(provider("public", ""), &who, &err), 0);
}

TEST(names_that_cannot_be_are_replaced)
{
    struct oidc_identity who;
    struct err err = {.text = ""};

    CHECK_INT(whole(provider("odd-names", secret_text), &who, &err), 0);
    CHECK(person_name_problem(str_of(who.name)) == NULL);
    CHECK_TEXT(who.full_name, "");
}

TEST(tokens_that_are_not_good_let_nobody_in)
{
    expect("wrong-nonce", ERR_INPUT, "another sign-in");
    expect("wrong-audience", ERR_INPUT, "somebody else");
    expect("wrong-issuer", ERR_INPUT, "another provider");
    expect("expired", ERR_INPUT, "over");
    expect("alg-none", ERR_INPUT, "RS256");
    expect("key-missing", ERR_INPUT, "key that is not");
    expect("wrong-key", ERR_INPUT, "not signed by");
    expect("no-token", ERR_INPUT, "no ID token");
}

TEST(providers_that_answer_badly_let_nobody_in)
{
    expect("other-issuer", ERR_INPUT, "another name");
    expect("huge", ERR_INPUT, "more than");
    expect("redirect", ERR_INPUT, "status 302");
    expect("broken", ERR_INPUT, "status 500");
    expect("no-json", ERR_INPUT, "no JSON");
    expect("list", ERR_INPUT, "no JSON");
    expect("no-endpoint", ERR_INPUT, "authorization_endpoint");
    expect("script", ERR_INPUT, "authorization_endpoint");
    expect("elsewhere", ERR_INPUT, "token_endpoint"); /* http, and not on this machine */
}

TEST(the_wrong_secret_or_verifier_is_refused_by_the_provider)
{
    struct oidc_identity who = {.name = ""};
    struct oidc_secrets s, other;
    struct err err = {.text = ""};
    struct oidc_provider *p;
    struct buf url = {0};
    char *code;

    CHECK_INT(whole(provider("good", "wrong"), &who, &err), ERR_INPUT);
    CHECK_HAS(err.text, "status 401");
    CHECK(strstr(err.text, "wrong") == NULL); /* what is secret is in no sentence */
    p = provider("good", secret_text);
    oidc_secrets_new(&s);
    oidc_secrets_new(&other);
    CHECK_INT(oidc_begin(p, &s, callback, &url, &err), 0);
    CHECK(strstr(url.data, s.verifier) == NULL); /* only its hash goes through the browser */
    CHECK_HAS(url.data, s.nonce);
    CHECK_HAS(url.data, "redirect_uri=https%3A%2F%2Feddy.example%2Fauth%2Fp%2Fcallback");
    code = sign_in(url.data, &s);
    CHECK(code != NULL);
    CHECK_INT(oidc_finish(p, &other, callback, code, (int64_t)time(NULL), &who, &err), ERR_INPUT);
    CHECK_HAS(err.text, "status 400");
    CHECK_INT(oidc_finish(p, &s, callback, "", (int64_t)time(NULL), &who, &err), ERR_INPUT);
    mem_free(code);
    buf_release(&url);
    oidc_provider_free(p);
}

TEST(a_slow_provider_is_given_up)
{
    struct buf url = {0};
    struct err err = {.text = ""};
    struct fetch f = {.patience_ms = 300};
    json_t *answer = NULL;

    server_begin();
    buf_addf(&url, "http://127.0.0.1:%u/slow/.well-known/openid-configuration", server.port);
    f.url = url.data;
    CHECK_INT(fetch_json(&f, &answer, &err), ERR_AWAY);
    CHECK(answer == NULL);
    f.url = "http://127.0.0.1:1/"; /* nobody listens */
    CHECK_INT(fetch_json(&f, &answer, &err), ERR_AWAY);
    buf_release(&url);
}

TEST(only_safe_addresses_are_asked)
{
    static const char *const good[] = {"https://a.example/x?y", "http://127.0.0.1:8080/x",
                                       "http://localhost/x", "http://[::1]:7/"};
    static const char *const bad[] = {"",
                                      "http://a.example/",
                                      "http://localhost.example/",
                                      "http://127.0.0.1@a.example/",
                                      "http://127.0.0.1:80@a.example/",
                                      "file:///etc/passwd",
                                      "https://",
                                      "https:///x",
                                      "https://u:p@a.example/",
                                      "https://a.example/x\r\nHost: b",
                                      "https://a.example/ x",
                                      "ftp://a.example/",
                                      "javascript:alert(1)"};
    size_t i;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        CHECK(fetch_may(good[i]));
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (fetch_may(bad[i]))
            fail_msg("%s may be asked", bad[i]);
}

static void check_read(const char *text, const char *why)
{
    struct oidc_provider *p = NULL;
    struct err err = {.text = ""};

    CHECK_INT(oidc_provider_read(text, &p, &err), ERR_INPUT);
    CHECK_HAS(err.text, why);
    CHECK(p == NULL);
}

TEST(providers_are_read_from_one_text)
{
    struct oidc_provider *p = NULL;
    struct err err = {.text = ""};
    char path[] = "/tmp/eddy-secret-XXXXXX";
    struct buf text = {0};
    int fd = mkstemp(path);

    CHECK(fd >= 0 && write(fd, "top secret\n", 11) == 11);
    close(fd);
    buf_addf(&text, "my-uni=https://sso.example/realms/a,client 7,%s", path);
    CHECK_INT(oidc_provider_read(text.data, &p, &err), 0);
    CHECK_TEXT(p->name, "my-uni");
    CHECK_TEXT(p->issuer, "https://sso.example/realms/a");
    CHECK_TEXT(p->client_id, "client 7");
    CHECK_TEXT(p->secret, "top secret");
    oidc_provider_free(p);
    CHECK_INT(oidc_provider_read("x=https://a.example,id,", &p, &err), 0);
    CHECK_TEXT(p->secret, "");
    oidc_provider_free(p);
    p = NULL;
    check_read("x", "lacks");
    check_read("x=https://a.example", "lacks");
    check_read("x=https://a.example,id", "lacks");
    check_read("x=https://a.example,,", "lacks");
    check_read("X=https://a.example,id,", "name");
    check_read("=https://a.example,id,", "name");
    check_read("x=http://a.example,id,", "issuer");
    CHECK_INT(oidc_provider_read("x=https://a.example,id,/no/such/file", &p, &err), ERR_MACHINE);
    CHECK_INT(file_write(path, STR_LIT("two\nlines\n"), &err), 0);
    CHECK_INT(oidc_provider_read(text.data, &p, &err), ERR_INPUT);
    CHECK_HAS(err.text, "one line");
    CHECK_INT(file_write(path, STR_LIT("\n"), &err), 0);
    CHECK_INT(oidc_provider_read(text.data, &p, &err), ERR_INPUT);
    unlink(path);
    buf_release(&text);
}
