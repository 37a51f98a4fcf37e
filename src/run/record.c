/* Everything in struct run_config that decides what happens is here, under names that people can
 * read; what only shows (logs to the terminal) is not.
 *
 * The environment goes to the nodes, so it may decide, too. It may hold passwords, so only a digest
 * is kept: enough to say that it has changed. Variables that every shell changes all the time
 * are left out of it. */
#include "record.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"
#include "../base/version.h"
#include "environment.h"
#include "program.h"

#include <limits.h>
#include <link.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RECORD_MAX = 64 << 20 };

static const char *const dists[] = {"constant", "uniform", "exponential"};

/* ---- writing ---- */

static bool passing(const char *variable)
{
    static const char *const names[] = {"_=",     "PWD=",       "OLDPWD=",    "SHLVL=", "COLUMNS=",
                                        "LINES=", "MAKEFLAGS=", "MAKELEVEL=", "MFLAGS="};
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strncmp(variable, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static json_t *environment_json(bool is_bare)
{
    const char **all = is_bare ? environment_bare((const char *const *)environ, NULL) : NULL;
    const char *const *from = is_bare ? all : (const char *const *)environ;
    const char **sorted = NULL;
    size_t cap = 0;
    size_t len = 0;
    size_t i;
    struct digest d = {0};
    char text[DIGEST_TEXT_SIZE];

    for (i = 0; from[i] != NULL; i++) {
        if (passing(from[i]))
            continue;
        sorted = mem_grow(sorted, &cap, len + 1, sizeof(*sorted));
        sorted[len++] = from[i];
    }
    if (len > 0)
        qsort(sorted, len, sizeof(*sorted), by_text);
    for (i = 0; i < len; i++)
        digest_add(&d, sorted[i], strlen(sorted[i]) + 1);
    mem_free(sorted);
    mem_free(all);
    return json_string(digest_text(&d, text));
}

/* The digest that the linker put into eddy (Makefile: --build-id). To read and digest three
 * megabytes at each start took longer than many a run. The first object listed is the program. */
static int find_build_id(struct dl_phdr_info *object, size_t size, void *ret_id)
{
    struct str *id = ret_id;
    int i;

    (void)size;
    for (i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];
        const char *at = (const char *)object->dlpi_addr + part->p_vaddr;
        const char *end = at + part->p_memsz;

        while (part->p_type == PT_NOTE && end - at >= (ptrdiff_t)sizeof(ElfW(Nhdr))) {
            const ElfW(Nhdr) *note = (const void *)at;
            const char *name = at + sizeof(*note);
            const char *text = name + (note->n_namesz + 3) / 4 * 4;

            if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 &&
                memcmp(name, "GNU", 4) == 0) {
                *id = (struct str){text, note->n_descsz};
                return 1;
            }
            at = text + (note->n_descsz + 3) / 4 * 4;
        }
    }
    return 1; /* the other objects are libraries */
}

static json_t *eddy_json(void)
{
    struct str id = {0};
    struct digest d = {0};
    char text[DIGEST_TEXT_SIZE];

    dl_iterate_phdr(find_build_id, &id);
    digest_add(&d, id.data, id.len);
    return json_pack("{s:s, s:o}", "version", EDDY_VERSION, "digest",
                     id.len > 0 ? json_string(digest_text(&d, text)) : json_null());
}

static json_t *names_json(const struct run_config *c)
{
    json_t *names = json_array();
    uint32_t i;

    for (i = 0; i < c->node_count; i++)
        json_array_append_new(names, json_string(c->node_names[i]));
    return names;
}

json_t *record_json(const struct run_config *c, enum cage_clock clock)
{
    char folder[PATH_MAX];
    json_t *program = program_json(c->program, c->argv);
    json_t *r = json_object();

    if (program == NULL || getcwd(folder, sizeof(folder)) == NULL ||
        json_object_set_new(r, "folder", json_string(folder)) < 0) {
        json_decref(program);
        json_decref(r);
        return NULL;
    }
    json_object_set_new(r, "eddy", eddy_json());
    json_object_set_new(r, "program", program);
    json_object_set_new(r, "environment", environment_json(c->bare_environment));
    if (c->bare_environment)
        json_object_set_new(r, "bare-environment", json_true());
    json_object_set_new(r, "scenario",
                        json_pack("{s:s, s:s%}", "path", c->scenario_path, "text", c->scenario.data,
                                  c->scenario.len));
    json_object_set_new(r, "options", json_deep_copy(c->options));
    if (c->part != NULL)
        json_object_set_new(r, "part", json_string(c->part));
    if (c->common.data != NULL)
        json_object_set_new(r, "common", json_stringn(c->common.data, c->common.len));
    if (c->process_count > 0)
        json_object_set_new(r, "processes", json_integer(c->process_count));
    if (c->network)
        json_object_set_new(r, "network", json_true());
    if (c->follow_disks)
        json_object_set_new(r, "follow-disks", json_true());
    json_object_set_new(r, "nodes", names_json(c));
    json_object_set_new(r, "seed", json_integer((json_int_t)c->seed));
    json_object_set_new(r, "clock", json_string(clock == CAGE_CLOCK_VIRTUAL ? "virtual" : "real"));
    json_object_set_new(r, "latency-ns", json_integer(c->latency_ns));
    json_object_set_new(r, "latency-dist", json_string(dists[c->latency_dist]));
    json_object_set_new(r, "entropy", json_string(c->entropy_real ? "real" : "seed"));
    json_object_set_new(r, "schedule", json_string(c->schedule_seeded ? "seeded" : "fifo"));
    json_object_set_new(r, "disk-latency-ns", json_integer(c->disk_latency_ns));
    json_object_set_new(r, "cpus", json_integer(c->cpu_count));
    if (c->sandbox != NULL)
        json_object_set_new(r, "sandbox", json_string(sandbox_level_name(c->sandbox->level)));
    json_object_set_new(r, "availability",
                        c->availability_min < 0 ? json_null() : json_real(c->availability_min));
    json_object_set_new(r, "maelstrom-verdict", json_boolean(c->maelstrom_verdict));
    json_object_set_new(r, "fail-fast", json_boolean(c->fail_fast));
    json_object_set_new(r, "replay-of",
                        c->replay_of != NULL ? json_string(c->replay_of) : json_null());
    json_object_set_new(r, "decisions",
                        c->decisions != NULL ? json_deep_copy(c->decisions) : json_null());
    json_object_set_new(r, "end", json_null());
    return r;
}

static const char *verdict_name(enum valid v)
{
    return v == VALID_TRUE ? "valid" : v == VALID_FALSE ? "invalid" : "unknown";
}

void record_set_end(json_t *record, const struct run_result *result)
{
    json_t *e =
        json_pack("{s:s, s:I, s:I, s:s, s:b}", "verdict", verdict_name(result->valid), "end-ns",
                  (json_int_t)result->end_ns, "lines", (json_int_t)result->journal_line_count,
                  "digest", result->journal_digest, "stopped", (int)result->stopped);

    json_object_set_new(e, "sentence",
                        result->sentence != NULL ? json_string(result->sentence) : json_null());
    json_object_set_new(record, "end", e);
}

int record_write(const json_t *record, const char *dir, struct err *err)
{
    char *text = json_dumps(record, JSON_INDENT(2));
    struct buf path = {0};
    int status;

    if (text == NULL)
        return err_set(err, ERR_MACHINE, "%s/run.json cannot be written as JSON", dir);
    buf_addf(&path, "%s/run.json", dir);
    status = file_write(path.data, str_of(text), err);
    buf_release(&path);
    free(text);
    return status;
}

/* ---- reading ---- */

static int lacks(struct err *err, const char *key)
{
    return err_set(err, ERR_INPUT, "it lacks \"%s\", or has something else there than eddy writes",
                   key);
}

static int take_text(const json_t *from, const char *key, const char **ret_text, struct err *err)
{
    const char *text = json_string_value(json_object_get(from, key));

    if (text == NULL)
        return lacks(err, key);
    *ret_text = text;
    return 0;
}

static int take_number(const json_t *from, const char *key, int64_t min, int64_t max,
                       int64_t *ret_number, struct err *err)
{
    const json_t *n = json_object_get(from, key);

    if (!json_is_integer(n) || json_integer_value(n) < min || json_integer_value(n) > max)
        return lacks(err, key);
    *ret_number = json_integer_value(n);
    return 0;
}

/* Which of the names stands there. */
static int take_choice(const json_t *from, const char *key, const char *const *names, int count,
                       int *ret_choice, struct err *err)
{
    const char *text = NULL;
    int i;

    if (take_text(from, key, &text, err) < 0)
        return ERR_INPUT;
    for (i = 0; i < count; i++)
        if (strcmp(text, names[i]) == 0) {
            *ret_choice = i;
            return 0;
        }
    return lacks(err, key);
}

/* A list of texts as an array that ends in NULL; the texts are borrowed. */
static int take_list(const json_t *from, const char *key, size_t max, const char ***ret_list,
                     size_t *ret_count, struct err *err)
{
    const json_t *list = json_object_get(from, key);
    const char **texts;
    size_t i;

    if (json_array_size(list) == 0 || json_array_size(list) > max)
        return lacks(err, key);
    texts = mem_zalloc((json_array_size(list) + 1) * sizeof(*texts));
    for (i = 0; i < json_array_size(list); i++) {
        texts[i] = json_string_value(json_array_get(list, i));
        if (texts[i] == NULL) {
            mem_free(texts);
            return lacks(err, key);
        }
    }
    *ret_list = texts;
    *ret_count = json_array_size(list);
    return 0;
}

static int take_program(struct record *r, struct err *err)
{
    const json_t *program = json_object_get(r->root, "program");
    const char **argv = NULL;
    size_t count;
    int status = take_text(program, "path", &r->config.program, err);

    if (status == 0)
        status = take_list(program, "argv", INT_MAX, &argv, &count, err);
    r->config.argv = argv;
    if (status == 0)
        status = take_text(r->root, "folder", &r->folder, err);
    return status;
}

static char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t len;

    if (slash != NULL)
        path = slash + 1;
    len = strlen(path);
    if (len > 4 && strcmp(path + len - 4, ".lua") == 0)
        len -= 4;
    return mem_strndup(path, len);
}

static int take_scenario(struct record *r, struct err *err)
{
    const json_t *scenario = json_object_get(r->root, "scenario");
    const json_t *text = json_object_get(scenario, "text");
    int status = take_text(scenario, "path", &r->config.scenario_path, err);

    if (status < 0)
        return status;
    if (!json_is_string(text))
        return lacks(err, "text");
    r->config.scenario = (struct str){json_string_value(text), json_string_length(text)};
    r->name = name_of(r->config.scenario_path);
    r->config.part = json_string_value(json_object_get(r->root, "part"));
    if (json_is_string(json_object_get(r->root, "common")))
        r->config.common = (struct str){json_string_value(json_object_get(r->root, "common")),
                                        json_string_length(json_object_get(r->root, "common"))};
    r->config.options = json_object_get(r->root, "options");
    return json_is_object(r->config.options) ? 0 : lacks(err, "options");
}

/* A program that was kept in a sandbox is not let out of it to be looked at. */
static int take_sandbox(struct record *r, struct err *err)
{
    const char *level = json_string_value(json_object_get(r->root, "sandbox"));

    if (level == NULL)
        return 0;
    r->sandbox = (struct sandbox_spec){.profile = SANDBOX_RUN, .limits = sandbox_node_limits};
    if (strcmp(level, "auto") == 0 || !sandbox_level_parse(level, &r->sandbox.level))
        return lacks(err, "sandbox");
    r->config.sandbox = r->sandbox.level != SANDBOX_OFF ? &r->sandbox : NULL;
    return 0;
}

static int take_world(struct record *r, struct err *err)
{
    static const char *const clocks[] = {"real", "virtual"};
    static const char *const entropies[] = {"seed", "real"};
    static const char *const schedules[] = {"fifo", "seeded"};
    const json_t *availability = json_object_get(r->root, "availability");
    const char **names = NULL;
    size_t count = 0;
    int64_t seed = 0, cpus = 0, processes = 0;
    int clock = 0, dist = 0, entropy = 0, schedule = 0;

    if (take_list(r->root, "nodes", WORLD_NODES_MAX, &names, &count, err) < 0)
        return ERR_INPUT;
    r->config.node_names = names;
    r->config.node_count = (uint32_t)count;
    if (json_object_get(r->root, "processes") != NULL &&
        take_number(r->root, "processes", 1, (int64_t)count, &processes, err) < 0)
        return ERR_INPUT;
    r->config.process_count = (uint32_t)processes;
    r->config.network = json_is_true(json_object_get(r->root, "network"));
    r->config.follow_disks = json_is_true(json_object_get(r->root, "follow-disks"));
    r->config.bare_environment = json_is_true(json_object_get(r->root, "bare-environment"));
    if (take_number(r->root, "seed", 0, INT64_MAX, &seed, err) < 0 ||
        take_number(r->root, "latency-ns", 0, INT64_MAX, &r->config.latency_ns, err) < 0 ||
        take_number(r->root, "disk-latency-ns", 0, INT64_MAX, &r->config.disk_latency_ns, err) <
            0 ||
        take_number(r->root, "cpus", 0, INT_MAX, &cpus, err) < 0 ||
        take_choice(r->root, "clock", clocks, 2, &clock, err) < 0 ||
        take_choice(r->root, "latency-dist", dists, 3, &dist, err) < 0 ||
        take_choice(r->root, "entropy", entropies, 2, &entropy, err) < 0 ||
        take_choice(r->root, "schedule", schedules, 2, &schedule, err) < 0)
        return ERR_INPUT;
    r->config.seed = (uint64_t)seed;
    r->config.cpu_count = (int)cpus;
    r->config.clock = clock == 1 ? CAGE_CLOCK_VIRTUAL : CAGE_CLOCK_REAL;
    r->config.latency_dist = (enum latency_dist)dist;
    r->config.entropy_real = entropy == 1;
    r->config.schedule_seeded = schedule == 1;
    r->config.availability_min =
        json_is_number(availability) ? json_number_value(availability) : -1;
    if (json_is_object(json_object_get(r->root, "decisions")))
        r->config.decisions = json_object_get(r->root, "decisions");
    r->config.maelstrom_verdict = json_is_true(json_object_get(r->root, "maelstrom-verdict"));
    r->config.fail_fast = json_is_true(json_object_get(r->root, "fail-fast"));
    return take_sandbox(r, err);
}

static void take_end(struct record *r)
{
    const json_t *end = json_object_get(r->root, "end");

    r->digest = json_string_value(json_object_get(end, "digest"));
    r->verdict = json_string_value(json_object_get(end, "verdict"));
    r->sentence = json_string_value(json_object_get(end, "sentence"));
    r->end_ns = json_integer_value(json_object_get(end, "end-ns"));
    r->complete = r->digest != NULL && json_is_false(json_object_get(end, "stopped"));
    r->replay_of = json_string_value(json_object_get(r->root, "replay-of"));
}

static int read_root(const char *dir, json_t **ret_root, struct err *err)
{
    struct buf path = {0};
    struct buf text = {0};
    json_error_t why;
    int status;

    buf_addf(&path, "%s/run.json", dir);
    if (access(path.data, F_OK) < 0) {
        status = err_set(err, ERR_INPUT,
                         "%s is no folder of a run, or of one that was made before eddy kept "
                         "run.json there",
                         dir);
    } else {
        status = file_read(path.data, RECORD_MAX, &text, err);
        if (status == 0) {
            *ret_root = json_loadb(text.data, text.len, 0, &why);
            if (*ret_root == NULL)
                status = err_set(err, ERR_INPUT, "%s is not JSON: line %d: %s", path.data, why.line,
                                 why.text);
        }
    }
    buf_release(&path);
    buf_release(&text);
    return status;
}

int record_load(const char *dir, struct record **ret_record, struct err *err)
{
    struct record *r;
    json_t *root = NULL;
    int status = read_root(dir, &root, err);

    if (status < 0)
        return status;
    r = mem_zalloc(sizeof(*r));
    r->root = root;
    status = take_program(r, err);
    if (status == 0)
        status = take_scenario(r, err);
    if (status == 0)
        status = take_world(r, err);
    if (status < 0) {
        err_wrap(err, "%s/run.json cannot be used", dir);
        record_free(r);
        return status;
    }
    take_end(r);
    *ret_record = r;
    return 0;
}

void record_free(struct record *r)
{
    if (r == NULL)
        return;
    mem_free((void *)r->config.argv);
    mem_free((void *)r->config.node_names);
    mem_free(r->name);
    json_decref(r->root);
    mem_free(r);
}

json_t *record_changes(const struct record *r)
{
    json_t *changes = program_changes(json_object_get(r->root, "program"));
    json_t *environment = environment_json(r->config.bare_environment);
    json_t *eddy = eddy_json();

    if (!json_equal(environment, json_object_get(r->root, "environment")))
        json_array_append_new(
            changes, json_string("the environment variables are not those of the first run"));
    if (!json_equal(eddy, json_object_get(r->root, "eddy")))
        json_array_append_new(changes, json_string("another build of eddy made the first run"));
    json_decref(environment);
    json_decref(eddy);
    return changes;
}
