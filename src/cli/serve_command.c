/* eddy serve: the course in the browser, from this machine for this machine. */
#include "commands.h"

#include "../base/err.h"
#include "../base/flags.h"
#include "../base/str.h"
#include "../cage/cage.h"
#include "../course/progress.h"
#include "../course/track.h"
#include "../store/store.h"
#include "../web/server.h"
#include "../web/site.h"

#include <poll.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SWEEP_MS = 50 };

enum option { OPT_LISTEN, OPT_DB, OPT_OPEN, OPT_PATIENCE, OPT_HELP };

static const struct flag table[] = {
    [OPT_LISTEN] = {"listen", 'l', "ADDRESS:PORT",
                    "where; of this machine only. Port 0: one that is free (127.0.0.1:8080)"},
    [OPT_DB] = {"db", 0, "DATABASE",
                "a file, or postgresql://USER@HOST/NAME; or EDDY_DB in the environment (the one of "
                "eddy learn)"},
    [OPT_OPEN] = {"open", 'o', NULL, "open the address in a browser, if there is a desktop"},
    [OPT_PATIENCE] = {"patience", 0, "TIME", "how long a request may take, with its answer (60s)"},
    [OPT_HELP] = {"help", 'h', NULL, "this list"},
    {NULL, 0, NULL, NULL},
};

struct options {
    const char *listen, *db;
    uint32_t patience_ms;
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

static int read_option(struct options *o, int which, const char *value, struct err *err)
{
    switch ((enum option)which) {
    case OPT_LISTEN:
        o->listen = value;
        return 0;
    case OPT_DB:
        o->db = value;
        return 0;
    case OPT_OPEN:
        o->open = true;
        return 0;
    case OPT_PATIENCE:
        return read_patience(value, &o->patience_ms, err);
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
    return status;
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

static int serve(const struct options *o, const struct site *site, struct err *err)
{
    struct server_config config = {.listen = o->listen, .request_ms = o->patience_ms, .site = site};
    struct server *server = NULL;
    int status = server_start(&config, &server, err);

    if (status < 0)
        return status;
    printf("%s\n", server_url(server));
    fflush(stdout);
    fprintf(stderr, "the course is at this address; Ctrl-C ends it\n");
    if (o->open)
        open_browser(server_url(server));
    while (!cage_stop_asked()) {
        poll(NULL, 0, SWEEP_MS);
        server_sweep(server);
    }
    server_stop(server);
    return 0;
}

static int open_and_serve(const struct options *o, struct err *err)
{
    struct store *store = NULL;
    struct site *site = NULL;
    struct buf home = {0}, path = {0};
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
        status = serve(o, site, err);
    site_close(site);
    store_close(store);
    buf_release(&home);
    buf_release(&path);
    return status;
}

int serve_command(char *const *argv)
{
    struct options o = {.listen = "127.0.0.1:8080", .db = getenv("EDDY_DB")};
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
