#include "fetch.h"

#include "../base/err.h"

#include <curl/curl.h>
#include <pthread.h>
#include <string.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void start_curl(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

static bool is_here(const char *rest)
{
    static const char *const hosts[] = {"127.0.0.1", "localhost", "[::1]"};
    size_t i, len = strcspn(rest, "/");

    for (i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        size_t own = strlen(hosts[i]);
        if (len >= own && strncmp(rest, hosts[i], own) == 0 && (len == own || rest[own] == ':') &&
            strspn(rest + own + (len > own), "0123456789") == len - own - (len > own))
            return true;
    }
    return false;
}

bool fetch_may(const char *url)
{
    const unsigned char *at;
    const char *host;
    size_t len;

    if (strlen(url) > FETCH_URL_MAX)
        return false;
    for (at = (const unsigned char *)url; *at != '\0'; at++)
        if (*at <= ' ' || *at >= 0x7f || *at == '"' || *at == '<' || *at == '>' || *at == '\\' ||
            *at == '#')
            return false;
    if (strncmp(url, "http://", 7) == 0)
        return is_here(url + 7);
    host = strncmp(url, "https://", 8) == 0 ? url + 8 : "";
    len = strcspn(host, "/?");
    return len > 0 && memchr(host, '@', len) == NULL;
}

/* libcurl gives the answer piece by piece; what is more than the cap ends it. */
static size_t on_bytes(char *data, size_t size, size_t count, void *into)
{
    struct buf *answer = into;
    size_t len = size * count;

    if (answer->len + len > FETCH_ANSWER_MAX)
        return 0;
    buf_add(answer, data, len);
    return len;
}

static void set_options(CURL *c, const struct fetch *f, struct buf *answer)
{
    curl_easy_setopt(c, CURLOPT_URL, f->url);
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(c, CURLOPT_NOPROXY, "localhost,127.0.0.1,::1");
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L); /* there are threads */
    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)(f->patience_ms > 0 ? f->patience_ms : FETCH_MS));
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, answer);
    curl_easy_setopt(c, CURLOPT_USERAGENT, "eddy");
    curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (f->form != NULL)
        curl_easy_setopt(c, CURLOPT_POSTFIELDS, f->form);
    if (f->user != NULL) {
        curl_easy_setopt(c, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        curl_easy_setopt(c, CURLOPT_USERNAME, f->user);
        curl_easy_setopt(c, CURLOPT_PASSWORD, f->password);
    }
}

/* What went wrong; the address without its query, which may hold what is secret. */
static int failed(const struct fetch *f, CURLcode code, long status, struct err *err)
{
    int len = (int)strcspn(f->url, "?");

    if (code == CURLE_WRITE_ERROR)
        return err_set(err, ERR_INPUT, "%.*s answers with more than %d bytes", len, f->url,
                       FETCH_ANSWER_MAX);
    if (code != CURLE_OK)
        return err_set(err, ERR_AWAY, "%.*s: %s", len, f->url, curl_easy_strerror(code));
    if (status != 200)
        return err_set(err, ERR_INPUT, "%.*s answers with status %ld", len, f->url, status);
    return err_set(err, ERR_INPUT, "%.*s answers with something that is no JSON object", len,
                   f->url);
}

int fetch_json(const struct fetch *f, json_t **ret_object, struct err *err)
{
    struct curl_slist *accept = NULL;
    struct buf answer = {0};
    json_t *value = NULL;
    CURLcode code = CURLE_FAILED_INIT;
    long status = 0;
    int result = 0;
    CURL *c;

    if (!fetch_may(f->url))
        return err_set(err, ERR_INPUT, "the provider names an address that is not to be asked: %s",
                       f->url);
    pthread_once(&once, start_curl);
    c = curl_easy_init();
    if (c != NULL) {
        set_options(c, f, &answer);
        accept = curl_slist_append(NULL, "Accept: application/json");
        curl_easy_setopt(c, CURLOPT_HTTPHEADER, accept);
        code = curl_easy_perform(c);
        curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
    }
    if (code == CURLE_OK && status == 200 && answer.len > 0)
        value = json_loadb(answer.data, answer.len, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(value)) {
        *ret_object = json_incref(value);
    } else {
        result = failed(f, code, status, err);
    }
    json_decref(value);
    curl_slist_free_all(accept);
    curl_easy_cleanup(c);
    buf_release(&answer);
    return result;
}

void fetch_escape(struct str text, struct buf *out)
{
    size_t i;

    for (i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
            (c != '\0' && strchr("-._~", c) != NULL))
            buf_add_char(out, (char)c);
        else
            buf_addf(out, "%%%02X", c);
    }
}
