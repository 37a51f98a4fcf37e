/* eddy replay: a run again from its run.json, and where it went another way.
 *
 * Same program, scenario and seed give the same journal, byte for byte. Where they do not, the
 * program has a source that is not the seed's (the machine's time, its chance, a race of threads on
 * real processors), or it is not the same program any more. Which files changed is said first, for
 * the second is the cheaper thing to look at. The links to the newest run stay where they are, so
 * that replaying twice compares with the first run both times. */
#include "commands.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/flags.h"
#include "../base/mem.h"
#include "../report/run_files.h"
#include "../run/compare.h"
#include "../run/program.h"
#include "../run/record.h"
#include "../run/run.h"
#include "run_dir.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum option { OPT_UNTIL, OPT_ATTACH, OPT_STORE, OPT_JSON, OPT_HELP };

static const struct flag table[] = {
    [OPT_UNTIL] = {"until", 0, "TIME",
                   "stop at this time of the run's clock, such as 2.5s or 800ms"},
    [OPT_ATTACH] = {"attach", 0, "NODE",
                    "stop there with this node ready for a debugger, until Enter is pressed"},
    [OPT_STORE] = {"store", 0, "DIR", "where results are kept [store]"},
    [OPT_JSON] = {"json", 0, NULL, "print the result as JSON, for programs"},
    [OPT_HELP] = {"help", 'h', NULL, "this list"},
    {NULL, 0, NULL, NULL},
};

enum { EXCERPT_MAX = 400, EXCERPT_BEFORE = 120, TICK_MS = 100 };

struct request {
    const char *run; /* as typed; NULL: the newest */
    const char *store;
    int64_t until_ns;   /* 0: to the end */
    const char *attach; /* a node; NULL: none */
    bool json;
    bool help;
};

struct replay {
    struct request request;
    char old_dir[PATH_MAX];
    struct buf new_dir;
    struct record *old;
    struct run_result *result;
    struct compare_result compared;
    int64_t until_ns; /* lines from then on do not count; INT64_MAX: all do */
    json_t *changes;  /* sentences */
    json_t *results;
    bool attached; /* the moment for it came */
};

/* ---- what is asked ---- */

static int take(int option, const char *value, struct request *q, struct err *err)
{
    switch (option) {
    case OPT_UNTIL:
        if (duration_parse(str_of(value), 1000000000, &q->until_ns) && q->until_ns > 0)
            return 0;
        return err_set(err, ERR_INPUT,
                       "--until %s: it must be a time above 0, in seconds or such as 800ms", value);
    case OPT_ATTACH:
        q->attach = value;
        return 0;
    case OPT_STORE:
        q->store = value;
        return 0;
    case OPT_JSON:
        q->json = true;
        return 0;
    case OPT_HELP:
        q->help = true;
        return 0;
    default: /* a word */
        if (q->run != NULL)
            return err_set(err, ERR_INPUT, "one run at a time; %s is one too many", value);
        q->run = value;
        return 0;
    }
}

static int parse(char *const *argv, struct request *ret_request, struct err *err)
{
    struct request q = {.store = "store"};
    struct flags flags;
    const char *value;
    int got;

    flags_init(&flags, table, argv);
    while ((got = flags_next(&flags, &value, err)) != FLAGS_END) {
        if (got >= 0 || got == FLAGS_WORD)
            got = take(got, value, &q, err);
        if (got < 0)
            return got;
    }
    if (q.attach != NULL && q.until_ns == 0)
        return err_set(err, ERR_INPUT,
                       "--attach %s wants --until as well: the time at which to stop", q.attach);
    *ret_request = q;
    return 0;
}

static int check_attach(const struct replay *p, struct err *err)
{
    const struct run_config *c = &p->old->config;
    uint32_t i;

    for (i = 0; i < c->node_count && p->request.attach != NULL; i++)
        if (strcmp(c->node_names[i], p->request.attach) == 0)
            return 0;
    return p->request.attach == NULL
               ? 0
               : err_set(err, ERR_INPUT, "--attach %s: the run has no such node; its first is %s",
                         p->request.attach, c->node_names[0]);
}

static int find_old(struct replay *p, struct err *err)
{
    struct buf path = {0};
    int status = 0;

    if (p->request.run != NULL)
        buf_add_text(&path, p->request.run);
    else
        buf_addf(&path, "%s/latest", p->request.store);
    if (realpath(path.data, p->old_dir) == NULL)
        status = err_set_errno(err, ERR_INPUT, "there is no run at %s", path.data);
    buf_release(&path);
    if (status == 0)
        status = record_load(p->old_dir, &p->old, err);
    if (status == 0)
        p->changes = record_changes(p->old);
    return status;
}

/* A run that was stopped, or broke off, is compared as far as it went. */
static int find_until(struct replay *p, struct err *err)
{
    int64_t last = 0;
    int status = 0;

    p->until_ns = INT64_MAX;
    if (p->old->digest == NULL)
        status = compare_last_time(p->old_dir, &last, err);
    else if (!p->old->complete)
        last = p->old->end_ns;
    if (status < 0)
        return status;
    if (!p->old->complete)
        p->until_ns = last > 0 ? last : 1;
    if (p->request.until_ns > 0 && p->request.until_ns < p->until_ns)
        p->until_ns = p->request.until_ns;
    return 0;
}

/* ---- running and comparing ---- */

/* ---- a node for the debugger ---- */

static bool needs_root(void)
{
    struct buf text = {0};
    struct err err;
    bool restricted = file_read("/proc/sys/kernel/yama/ptrace_scope", 16, &text, &err) == 0 &&
                      text.data[0] != '0';

    buf_release(&text);
    return restricted && geteuid() != 0;
}

/* Until a line or the end of our input, or a signal that asks us to stop. */
static void wait_for_enter(void)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    char part[256];

    while (!cage_stop_asked()) {
        ssize_t len;
        if (poll(&in, 1, TICK_MS) <= 0)
            continue;
        len = read(STDIN_FILENO, part, sizeof(part));
        if (len == 0 || (len > 0 && memchr(part, '\n', (size_t)len) != NULL))
            return;
        if (len < 0 && errno != EINTR)
            return;
    }
}

static void on_attached(void *owner, const char *node, int pid)
{
    struct replay *p = owner;
    FILE *out = p->request.json ? stderr : stdout;
    char time[DURATION_TEXT_MAX];

    p->attached = true;
    duration_text(p->request.until_ns, time);
    if (pid == 0) {
        fprintf(out, "stopped at %s; %s is not running then\n", time, node);
        fflush(out);
        return;
    }
    fprintf(out,
            "stopped at %s; %s is process %d and stands still\n"
            "  attach   %sgdb -p %d\n"
            "  look only: outside of its world the calls that it makes fail\n"
            "  Enter ends the run\n",
            time, node, pid, needs_root() ? "sudo " : "", pid);
    fflush(out);
    wait_for_enter();
}

static int run_again(struct replay *p, struct err *err)
{
    struct run_config config = p->old->config;
    struct buf command = {0};
    int status = run_dir_make(p->request.store, p->old->name, false, &p->new_dir, err);

    if (status == 0 && chdir(p->old->folder) < 0)
        status = err_set_errno(err, ERR_INPUT, "the run was made in the folder %s", p->old->folder);
    if (status < 0)
        return status;
    config.dir = p->new_dir.data;
    config.replay_of = p->old_dir;
    config.until_ns = p->until_ns < INT64_MAX ? p->until_ns : 0;
    config.attach = p->request.attach;
    config.attached = on_attached;
    config.attached_owner = p;
    status = run_execute(&config, &p->result, err);
    if (status == 0 && p->request.attach != NULL && !p->attached)
        fprintf(stderr, "eddy replay: the run was over before the time of --until; no node was "
                        "stopped\n");
    buf_add_text(&command, "eddy replay ");
    flags_add_word(&command, p->old_dir);
    if (status == 0)
        status = run_files_write(&config, p->result, command.data, &p->results, err);
    buf_release(&command);
    return status;
}

static int compare(struct replay *p, struct err *err)
{
    struct compare_config config = {
        .old_dir = p->old_dir,
        .new_dir = p->new_dir.data,
        .until_ns = p->until_ns,
    };

    if (p->until_ns == INT64_MAX && strcmp(p->old->digest, p->result->journal_digest) == 0) {
        p->compared = (struct compare_result){.line_count = p->result->journal_line_count};
        return 0;
    }
    if (p->result->stopped && p->result->end_ns < config.until_ns)
        config.until_ns = p->result->end_ns; /* by Ctrl-C */
    return compare_journals(&config, &p->compared, err);
}

/* ---- telling ---- */

/* A long line is cut to where it differs from the other one. Control characters cannot be in it: it
 * is JSON. */
static void print_line(const char *label, const char *line, const char *other)
{
    size_t len;
    size_t from = 0;

    if (line == NULL) {
        printf("  %s  nothing more\n", label);
        return;
    }
    len = strlen(line);
    if (len > EXCERPT_MAX) {
        while (other != NULL && line[from] != '\0' && line[from] == other[from])
            from++;
        from = from > EXCERPT_BEFORE ? from - EXCERPT_BEFORE : 0;
        while (from > 0 && ((unsigned char)line[from] & 0xc0) == 0x80)
            from--;
    }
    if (len - from > EXCERPT_MAX)
        len = from + EXCERPT_MAX;
    while (line[len] != '\0' && ((unsigned char)line[len] & 0xc0) == 0x80)
        len--;
    printf("  %s  %s%.*s%s\n", label, from > 0 ? "... " : "", (int)(len - from), line + from,
           line[len] != '\0' ? " ..." : "");
}

static void print_verdict(const char *label, const char *verdict, const char *sentence)
{
    printf("  %s  %s%s%s\n", label, verdict, sentence != NULL ? ": " : "",
           sentence != NULL ? sentence : "");
}

static const char *verdict_name(enum valid v)
{
    return v == VALID_TRUE ? "valid" : v == VALID_FALSE ? "invalid" : "unknown";
}

static void print_difference(const struct replay *p)
{
    const struct compare_result *c = &p->compared;
    char time[DURATION_TEXT_MAX];
    char caution[256];
    const json_t *program = json_object_get(p->old->root, "program");

    printf("different from %s on%s%s (line %" PRIu64
           " of the journal; all before it is the same)\n",
           duration_text(c->t_ns, time), c->node != NULL ? ", in " : "",
           c->node != NULL ? c->node : "", c->line_count + 1);
    print_line("first run  ", c->old_line, c->new_line);
    print_line("this one   ", c->new_line, c->old_line);
    if (program_caution(program, caution, sizeof(caution)) != NULL)
        printf("  note         %s\n", caution);
}

static void print_words(const struct replay *p)
{
    char time[DURATION_TEXT_MAX];
    size_t i;
    const json_t *change;

    if (p->compared.differs)
        print_difference(p);
    else
        printf("identical: %" PRIu64 " lines of the journal%s%s\n", p->compared.line_count,
               p->until_ns < INT64_MAX ? " up to " : "",
               p->until_ns < INT64_MAX ? duration_text(p->until_ns, time) : "");
    if (p->compared.differs)
        json_array_foreach(p->changes, i, change)
            printf("  changed      %s\n", json_string_value(change));
    if (p->old->verdict != NULL)
        print_verdict("first verdict", p->old->verdict, p->old->sentence);
    if (p->compared.differs && !p->result->stopped)
        print_verdict("this verdict ", verdict_name(p->result->valid), p->result->sentence);
    printf("  first files    %s\n  these files    %s\n", p->old_dir, p->new_dir.data);
}

static json_t *text_or_null(const char *text)
{
    return text != NULL ? json_string(text) : json_null();
}

static void print_json(const struct replay *p)
{
    const struct compare_result *c = &p->compared;
    json_t *difference = json_null();
    json_t *all;

    if (c->differs)
        difference = json_pack("{s:I, s:I, s:o, s:o, s:o}", "line", (json_int_t)c->line_count + 1,
                               "t", (json_int_t)c->t_ns, "node", text_or_null(c->node), "first",
                               text_or_null(c->old_line), "replay", text_or_null(c->new_line));
    all =
        json_pack("{s:b, s:I, s:o, s:O, s:s, s:s, s:s, s:o, s:o}", "identical", (int)!c->differs,
                  "lines", (json_int_t)c->line_count, "difference", difference, "changes",
                  p->changes, "clock", p->result->clock == CAGE_CLOCK_VIRTUAL ? "virtual" : "real",
                  "first-folder", p->old_dir, "replay-folder", p->new_dir.data, "first-verdict",
                  text_or_null(p->old->verdict), "replay-verdict",
                  p->result->stopped ? json_null() : json_string(verdict_name(p->result->valid)));
    json_dumpf(all, stdout, JSON_INDENT(2));
    printf("\n");
    json_decref(all);
}

/* What makes a difference likely is said before the wait. */
static void print_warnings(const struct replay *p)
{
    json_t *files = program_changes(json_object_get(p->old->root, "program"));
    const json_t *file;
    size_t i;

    json_array_foreach(files, i, file)
        fprintf(stderr, "eddy replay: %s\n", json_string_value(file));
    json_decref(files);
    if (p->old->config.clock == CAGE_CLOCK_REAL)
        fprintf(stderr, "eddy replay: the run was made on the real clock, so no second one is "
                        "likely to be the same\n");
    if (p->old->config.entropy_real)
        fprintf(stderr, "eddy replay: the run drew its chance from the machine (--entropy real), "
                        "so a program that uses any is unlikely to do the same again\n");
    fflush(stderr);
}

static int replay(struct replay *p, struct err *err)
{
    int status = find_old(p, err);

    if (status == 0)
        status = check_attach(p, err);
    if (status == 0)
        status = find_until(p, err);
    if (status == 0) {
        print_warnings(p);
        status = run_again(p, err);
    }
    if (status == 0)
        status = compare(p, err);
    if (status < 0)
        return status;
    if (p->request.json)
        print_json(p);
    else
        print_words(p);
    return p->compared.differs ? EXIT_INVALID : EXIT_VALID;
}

static void replay_release(struct replay *p)
{
    compare_release(&p->compared);
    run_result_free(p->result);
    record_free(p->old);
    json_decref(p->changes);
    json_decref(p->results);
    buf_release(&p->new_dir);
}

static void print_help(void)
{
    printf(
        "Usage: eddy replay [RUN] [OPTION]...\n\nRuns a run again, from what its folder says, and "
        "compares. RUN is the folder of a run; without\nit, the newest one is taken. Exit status: "
        "0 identical, 1 different.\n\n");
    flags_print_help(table);
}

int replay_command(char *const *argv)
{
    struct replay p = {.until_ns = INT64_MAX};
    struct err err = {.text = ""};
    int status = parse(argv, &p.request, &err);

    if (status == 0 && p.request.help) {
        print_help();
        return EXIT_VALID;
    }
    if (status == 0) {
        cage_stop_signals();
        status = replay(&p, &err);
    }
    if (status < 0) {
        fprintf(stderr, "eddy replay: %s\n", err.text);
        status = status == ERR_INPUT ? EXIT_USAGE : EXIT_MACHINE;
    }
    replay_release(&p);
    return status;
}
