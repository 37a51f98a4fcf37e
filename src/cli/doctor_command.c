/* eddy doctor: what this machine offers, in words. It also plays the hostile program of the
 * sandbox's probes (sandbox_probe.h), when it is started inside with --attempt. */
#include "commands.h"

#include "../base/err.h"
#include "../base/flags.h"
#include "../base/str.h"
#include "../cage/machine.h"
#include "../cage/sandbox_probe.h"
#include "../course/track.h"
#include "../judge/toolchain.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum option { OPT_JSON, OPT_HELP };

static const struct flag table[] = {
    [OPT_JSON] = {"json", 0, NULL, "print it as JSON, for programs"},
    [OPT_HELP] = {"help", 'h', NULL, "this list"},
    {NULL, 0, NULL, NULL},
};

/* What each level protects, for somebody who has to decide whose programs may run here. */
static const char *level_words(enum sandbox_level level)
{
    switch (level) {
    case SANDBOX_A:
        return "full: fit for programs of strangers";
    case SANDBOX_B:
        return "memory and tasks are limited for each process and not in sum: fit for a class";
    case SANDBOX_C:
        return "no namespaces: other processes can be seen. For your own programs";
    case SANDBOX_D:
        return "limits alone: for your own programs";
    case SANDBOX_OFF:
        break;
    }
    return "none";
}

static void print_sandbox(void)
{
    enum sandbox_level level = sandbox_level();
    enum sandbox_level above;
    struct machine_probe p;
    unsigned i;

    printf("\nsandbox: level %s, %s.\n", sandbox_level_name(level), level_words(level));
    for (above = SANDBOX_A; above > level; above--)
        printf("  level %s is missing: %s\n", sandbox_level_name(above), sandbox_missing(above));
    for (i = 0; level > SANDBOX_OFF && sandbox_probe(i, level, &p); i++)
        printf("%s %-14s %s\n", p.fine ? "+" : "-", p.name, p.text);
}

/* The languages that programs may be written in here. *ret_list is the caller's; NULL: it cannot be
 * known, and lines says why. */
static void find_languages(struct buf *lines, json_t **ret_list)
{
    struct err err = {.text = ""};
    struct buf home = {0};
    int status = course_home(&home, &err);

    *ret_list = NULL;
    if (status == 0)
        status = toolchain_describe(home.data, lines, ret_list, &err);
    if (status < 0)
        buf_addf(lines, "- languages      %s\n", err.text);
    buf_release(&home);
}

static void print_languages(void)
{
    struct buf lines = {0};
    json_t *list;

    find_languages(&lines, &list);
    printf("\nlanguages:\n%s", lines.data);
    json_decref(list);
    buf_release(&lines);
}

static void print_words(void)
{
    struct machine_probe p, missing;
    unsigned i;

    for (i = 0; machine_probe(i, &p); i++)
        printf("%s %-14s %s\n", p.fine ? "+" : "-", p.name, p.text);
    print_sandbox();
    print_languages();
    printf("\n+ is there, - is missing. ");
    if (machine_has_virtual_clock(&missing))
        printf("Programs run on the virtual clock here, or with --clock real on the real one.\n");
    else
        printf("Programs run on the real clock here: the virtual one lacks %s.\n", missing.name);
}

/* of: "machine", or "sandbox": an attack from within it that must fail. */
static json_t *probe_json(const char *of, const struct machine_probe *p)
{
    return json_pack("{s:s, s:s, s:b, s:s}", "of", of, "name", p->name, "fine", (int)p->fine,
                     "text", p->text);
}

static void add_sandbox(json_t *all, json_t *probes)
{
    enum sandbox_level level = sandbox_level();
    json_t *missing = json_object();
    enum sandbox_level above;
    struct machine_probe p;
    unsigned i;

    for (i = 0; level > SANDBOX_OFF && sandbox_probe(i, level, &p); i++)
        json_array_append_new(probes, probe_json("sandbox", &p));
    for (above = SANDBOX_A; above > level; above--)
        json_object_set_new(missing, sandbox_level_name(above),
                            json_string(sandbox_missing(above)));
    json_object_set_new(all, "level", json_string(sandbox_level_name(level)));
    json_object_set_new(all, "missing", missing);
}

static void add_languages(json_t *all)
{
    struct buf lines = {0};
    json_t *list;

    find_languages(&lines, &list);
    json_object_set_new(all, "languages", list != NULL ? list : json_array());
    buf_release(&lines);
}

static void print_json(void)
{
    json_t *probes = json_array();
    json_t *clocks = json_pack("[s]", "real");
    json_t *all;
    struct machine_probe p, missing;
    unsigned i;

    for (i = 0; machine_probe(i, &p); i++)
        json_array_append_new(probes, probe_json("machine", &p));
    if (machine_has_virtual_clock(&missing))
        json_array_append_new(clocks, json_string("virtual"));
    all = json_pack("{s:o, s:o}", "clocks", clocks, "probes", probes);
    add_sandbox(all, probes);
    add_languages(all);
    json_dumpf(all, stdout, JSON_INDENT(2));
    printf("\n");
    json_decref(all);
}

int doctor_command(char *const *argv)
{
    struct flags flags;
    struct err err = {.text = ""};
    const char *value;
    bool json = false;
    int got;

    if (argv[0] != NULL && strcmp(argv[0], "--attempt") == 0 && argv[1] != NULL)
        return sandbox_attempt(argv[1]);
    flags_init(&flags, table, argv);
    while ((got = flags_next(&flags, &value, &err)) != FLAGS_END) {
        if (got == OPT_JSON) {
            json = true;
        } else if (got == OPT_HELP) {
            flags_print_help(table);
            return EXIT_VALID;
        } else {
            fprintf(stderr, "eddy doctor: %s\n",
                    got == FLAGS_WORD ? "it takes options only; --help lists them" : err.text);
            return EXIT_USAGE;
        }
    }
    if (json)
        print_json();
    else
        print_words();
    return EXIT_VALID;
}
