/* eddy serve: the course in the browser; for whoever sits at this machine, or with --accounts for
 * many. */
#include "commands.h"

#include "../base/err.h"
#include "../base/flags.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../cage/cage.h"
#include "../cage/sandbox.h"
#include "../course/progress.h"
#include "../course/track.h"
#include "../judge/jobs.h"
#include "../store/store.h"
#include "../web/server.h"
#include "../web/settler.h"
#include "../web/site.h"
#include "serve_accounts.h"
#include "serve_workers.h"
#include "worker_folder.h"

#include <poll.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SWEEP_MS = 50 };

enum option {
    OPT_LISTEN,
    OPT_DB,
    OPT_WORKERS,
    OPT_DATA,
    OPT_LANGUAGES,
    OPT_LEVEL,
    OPT_OPEN,
    OPT_PATIENCE,
    OPT_ACCOUNTS,
    OPT_URL,
    OPT_SIGN_UP,
    OPT_OIDC,
    OPT_PROXY,
    OPT_HELP
};

static const struct flag table[] = {
    [OPT_LISTEN] = {"listen", 'l', "ADDRESS:PORT",
                    "where; of this machine only, unless there is a --url. Port 0: one that is "
                    "free (127.0.0.1:8080)"},
    [OPT_DB] = {"db", 0, "DATABASE",
                "a file, or postgresql://USER@HOST/NAME; or EDDY_DB in the environment (the one of "
                "eddy learn)"},
    [OPT_WORKERS] = {"workers", 'w', "N",
                     "how many workers judge beside it; 0: none, others have the database too (1)"},
    [OPT_DATA] = {"data", 0, "DIR", "for what its workers keep (the folder of the database)"},
    [OPT_LANGUAGES] = {"languages", 0, "LIST",
                       "that its workers judge: c,python (all that there are)"},
    [OPT_LEVEL] = {"allow-level", 0, "LEVEL",
                   "with --accounts: take submissions though the sandbox is of level C or D only"},
    [OPT_OPEN] = {"open", 'o', NULL, "open the address in a browser, if there is a desktop"},
    [OPT_PATIENCE] = {"patience", 0, "TIME", "how long a request may take, with its answer (60s)"},
    [OPT_ACCOUNTS] = {"accounts", 0, NULL, "for many people, who sign in"},
    [OPT_URL] = {"url", 0, "ADDRESS",
                 "with accounts: what people type, such as https://eddy.example.org; requests for "
                 "another host are refused"},
    [OPT_SIGN_UP] = {"sign-up", 0, "WHO", "with accounts: open to everybody, or by (invitation)"},
    [OPT_OIDC] = {"oidc", 0, "NAME=ISSUER,CLIENT_ID,SECRET-FILE",
                  "with accounts: people may sign in at this provider of OpenID Connect; may be "
                  "given several times"},
    [OPT_PROXY] = {"proxy", 0, "ADDRESS",
                   "with accounts: from where a proxy asks, whose X-Forwarded-For is believed"},
    [OPT_HELP] = {"help", 'h', NULL, "this list"},
    {NULL, 0, NULL, NULL},
};

struct options {
    struct serve_accounts accounts;
    const char *listen, *db, *data, *languages;
    enum sandbox_level allowed; /* the weakest level that strangers' programs may have */
    uint32_t patience_ms, workers;
    bool open, help;
};

static int read_patience(const char *value, uint32_t *ret_ms, struct err *err)
{
    int64_t ns = 0;

    if (!duration_parse(str_of(value), 1000000000, &ns) || ns < 100000000 ||
        ns > 3600 * (int64_t)1000000000)
        return err_set(err, ERR_INPUT, "--patience is a time from 100ms to 1h, not \"%s\"", value);
    *ret_ms = (uint32_t)(ns / 1000000);
    return 0;
}

static int read_workers(const char *value, uint32_t *ret_count, struct err *err)
{
    int64_t count = 0;

    if (!str_to_i64(str_of(value), &count) || count < 0 || count > SERVE_WORKERS_MAX)
        return err_set(err, ERR_INPUT, "--workers is a number from 0 to %d, not \"%s\"",
                       SERVE_WORKERS_MAX, value);
    *ret_count = (uint32_t)count;
    return 0;
}

/* By name, so that nobody allows by habit what a machine turns out to be. */
static int read_level(const char *value, enum sandbox_level *ret_level, struct err *err)
{
    if ((strlen(value) != 1 && strcmp(value, "off") != 0) || !sandbox_level_parse(value, ret_level))
        return err_set(err, ERR_INPUT, "--allow-level is A, B, C, D or off, not \"%s\"", value);
    return 0;
}

static int read_option(struct options *o, int which, const char *value, struct err *err)
{
    switch ((enum option)which) {
    case OPT_LISTEN:
        o->listen = value;
        return 0;
    case OPT_DB:
        o->db = value;
        return 0;
    case OPT_WORKERS:
        return read_workers(value, &o->workers, err);
    case OPT_DATA:
        o->data = value;
        return 0;
    case OPT_LANGUAGES:
        o->languages = value;
        return 0;
    case OPT_LEVEL:
        return read_level(value, &o->allowed, err);
    case OPT_OPEN:
        o->open = true;
        return 0;
    case OPT_PATIENCE:
        return read_patience(value, &o->patience_ms, err);
    case OPT_ACCOUNTS:
        o->accounts.on = true;
        return 0;
    case OPT_URL:
        o->accounts.url = value;
        return 0;
    case OPT_SIGN_UP:
        o->accounts.sign_up = value;
        return 0;
    case OPT_OIDC:
        if (o->accounts.oidc_count == SERVE_OIDC_MAX)
            return err_set(err, ERR_INPUT, "--oidc may be given %d times", SERVE_OIDC_MAX);
        o->accounts.oidc[o->accounts.oidc_count++] = value;
        return 0;
    case OPT_PROXY:
        o->accounts.proxy = value;
        return 0;
    case OPT_HELP:
        o->help = true;
        return 0;
    }
    return 0;
}

static int read_options(char *const *argv, struct options *o, struct err *err)
{
    struct flags flags;
    const char *value;
    int got, status = 0;

    flags_init(&flags, table, argv);
    while (status == 0 && (got = flags_next(&flags, &value, err)) != FLAGS_END) {
        if (got == FLAGS_WORD)
            status = err_set(err, ERR_INPUT, "it takes options only, not \"%s\"", value);
        else
            status = got < 0 ? got : read_option(o, got, value, err);
    }
    return status == 0 ? serve_accounts_check(&o->accounts, err) : status;
}

/* The link by which the first admin signs up is shown once, here. */
static void tell_first_admin(const struct options *o, const char *url, const char *link)
{
    const char *base = o->accounts.url != NULL ? o->accounts.url : url;
    int len = (int)strlen(base);

    if (link != NULL)
        fprintf(stderr,
                "nobody runs this server yet; whoever opens this address within a day does:\n"
                "    %.*s%s\n",
                len > 0 && base[len - 1] == '/' ? len - 1 : len, base, link);
}

/* That no browser opens is no reason not to serve. */
static void open_browser(const char *url)
{
    char *argv[] = {"xdg-open", (char *)url, NULL};
    pid_t pid;

    if (getenv("DISPLAY") == NULL && getenv("WAYLAND_DISPLAY") == NULL)
        return;
    if (posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ) != 0)
        fprintf(stderr, "no browser could be opened; please open the address yourself\n");
}

/* ---- judging ---- */

/* What judges and notes, beside what answers. */
struct behind {
    struct serve_workers *workers;
    struct settler *settler;
    struct jobs *jobs;
    const char *link; /* the first admin's; NULL: there is an admin, or there are no accounts */
};

/* The workers' folder: beside the database, or where a person's own things are; made. */
static int find_folder(const struct options *o, const char *db, char **ret_folder, struct err *err)
{
    const char *place = strstr(db, "://") == NULL ? db : NULL, *slash;
    struct buf own = {0}, path = {0};
    int status = 0;

    if (o->data == NULL && place == NULL) {
        status = progress_path(&own, err);
        place = own.data;
    }
    slash = status == 0 && o->data == NULL ? strrchr(place, '/') : NULL;
    if (o->data != NULL)
        buf_addf(&path, "%s/worker", o->data);
    else if (slash == NULL)
        buf_add_text(&path, "./worker");
    else
        buf_addf(&path, "%.*s/worker", (int)(slash - place), place);
    if (status == 0)
        status = worker_folder_make(path.data, sandbox_level(), WORKER_FOLDER_ELSEWHERE, ret_folder,
                                    err);
    buf_release(&own);
    buf_release(&path);
    return status;
}

/* Without accounts one runs one's own programs only, in whatever sandbox there is. */
static bool is_too_weak(const struct options *o, const struct site *site)
{
    return site->accounts != NULL && o->workers > 0 && sandbox_level() < o->allowed;
}

static void close_door(struct site *site, struct buf *words)
{
    buf_addf(words,
             "Nothing can be submitted here: the sandbox of this machine is of level %s, which is "
             "too weak for other people's programs (%s). Whoever runs this server may allow it "
             "all the same: eddy serve --allow-level %s.",
             sandbox_level_name(sandbox_level()), sandbox_missing(SANDBOX_B),
             sandbox_level_name(sandbox_level()));
    site->closed = words->data;
    fprintf(stderr, "%s\n", words->data);
}

static int start_workers(const struct options *o, const char *db, struct behind *b, struct err *err)
{
    struct serve_workers_config config = {
        .db = db, .count = o->workers, .languages = o->languages, .weak = true};
    char *folder = NULL;
    int status = find_folder(o, db, &folder, err);

    config.folder = folder;
    if (status == 0)
        status = serve_workers_start(&config, &b->workers, err);
    mem_free(folder);
    return status;
}

static int begin_judging(const struct options *o, struct site *site, struct behind *b,
                         struct buf *words, struct err *err)
{
    struct jobs_config config = {.worker = NULL};
    int status = jobs_open_on(site->store, &config, &b->jobs, err);

    site->jobs = b->jobs;
    if (status == 0)
        status = settler_start(site->db, &b->settler, err);
    if (status == 0)
        status = store_be_brief(site->store, SERVER_DATABASE_MS, err);
    if (status == 0 && is_too_weak(o, site))
        close_door(site, words);
    return status;
}

static void end_judging(struct behind *b)
{
    serve_workers_stop(b->workers);
    settler_stop(b->settler);
    jobs_close(b->jobs);
}

/* ---- serving ---- */

static int serve(const struct options *o, const struct site *site, struct behind *b,
                 struct err *err)
{
    const char *proxy = o->accounts.proxy_address;
    struct server_config config = {.listen = o->listen,
                                   .request_ms = o->patience_ms,
                                   .site = site,
                                   .url = o->accounts.url,
                                   .proxy = proxy[0] != '\0' ? proxy : NULL};
    struct server *server = NULL;
    int status = server_start(&config, &server, err);

    if (status == 0 && site->closed == NULL)
        status = start_workers(o, site->db, b, err); /* when it is sure that they are wanted */
    if (status < 0) {
        server_stop(server);
        return status;
    }
    tell_first_admin(o, server_url(server), b->link);
    printf("%s\n", server_url(server));
    fflush(stdout);
    fprintf(stderr, "the course is at this address; Ctrl-C ends it\n");
    if (o->open)
        open_browser(server_url(server));
    while (!cage_stop_asked()) {
        poll(NULL, 0, SWEEP_MS);
        server_sweep(server);
        if (b->workers != NULL)
            serve_workers_tick(b->workers);
    }
    server_stop(server);
    return 0;
}

static int judge_and_serve(const struct options *o, struct site *site, const char *link,
                           struct err *err)
{
    struct behind behind = {.link = link};
    struct buf words = {0};
    int status = begin_judging(o, site, &behind, &words, err);

    if (status == 0)
        status = serve(o, site, &behind, err);
    end_judging(&behind);
    buf_release(&words);
    return status;
}

static int open_and_serve(const struct options *o, struct err *err)
{
    struct store *store = NULL;
    struct site *site = NULL;
    struct buf home = {0}, path = {0};
    char *link = NULL;
    int status = course_home(&home, err);

    if (status == 0)
        status = o->db != NULL && o->db[0] != '\0' ? store_open(o->db, &store, err)
                                                   : progress_open(&store, err);
    if (status == 0)
        status = site_open(home.data, store, &site, err);
    if (status == 0)
        status = progress_path(&path, err);
    if (status == 0)
        site->db = o->db != NULL && o->db[0] != '\0' ? o->db : path.data;
    if (status == 0)
        status = serve_accounts_open(&o->accounts, store, site, &link, err);
    if (status == 0)
        status = judge_and_serve(o, site, link, err);
    serve_accounts_close(site);
    mem_free(link);
    site_close(site);
    store_close(store);
    buf_release(&home);
    buf_release(&path);
    return status;
}

int serve_command(char *const *argv)
{
    struct options o = {
        .listen = "127.0.0.1:8080", .db = getenv("EDDY_DB"), .allowed = SANDBOX_B, .workers = 1};
    struct err err = {.text = ""};
    int status = read_options(argv, &o, &err);

    if (status == 0 && o.help) {
        flags_print_help(table);
        return EXIT_VALID;
    }
    cage_stop_signals();
    if (status == 0)
        status = open_and_serve(&o, &err);
    if (status == 0)
        return EXIT_VALID;
    fprintf(stderr, "eddy serve: %s\n", err.text);
    return status == ERR_INPUT ? EXIT_USAGE : EXIT_MACHINE;
}
