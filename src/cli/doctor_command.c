/* eddy doctor: what this machine offers, in words. */
#include "commands.h"

#include "../base/err.h"
#include "../cage/machine.h"
#include "flags.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

enum option { OPT_JSON, OPT_HELP };

static const struct flag table[] = {
    [OPT_JSON] = {"json", 0, NULL, "print it as JSON, for programs"},
    [OPT_HELP] = {"help", 'h', NULL, "this list"},
    {NULL, 0, NULL, NULL},
};

static void print_words(void)
{
    struct machine_probe p, missing;
    unsigned i;

    for (i = 0; machine_probe(i, &p); i++)
        printf("%s %-14s %s\n", p.fine ? "+" : "-", p.name, p.text);
    printf("\n+ is there, - is missing. ");
    if (machine_has_virtual_clock(&missing))
        printf("Programs run on the virtual clock here, or with --clock real on the real one.\n");
    else
        printf("Programs run on the real clock here: the virtual one lacks %s.\n", missing.name);
}

static void print_json(void)
{
    json_t *probes = json_array();
    json_t *clocks = json_pack("[s]", "real");
    json_t *all;
    struct machine_probe p, missing;
    unsigned i;

    for (i = 0; machine_probe(i, &p); i++)
        json_array_append_new(probes, json_pack("{s:s, s:b, s:s}", "name", p.name, "fine",
                                                (int)p.fine, "text", p.text));
    if (machine_has_virtual_clock(&missing))
        json_array_append_new(clocks, json_string("virtual"));
    all = json_pack("{s:o, s:o}", "clocks", clocks, "probes", probes);
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
