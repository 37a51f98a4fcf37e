/* The compiler sees the system's folders, its own places, the sources (which it cannot change) and
 * {lib}; it writes to a folder in memory that is copied out when nothing of it lives any more.
 *
 * What the kit gives ({lib}) is made from our files alone, in a sandbox of its own, since it goes
 * into everybody's programs; a submission can read it but no more. That is also why a program of
 * the cache is keyed by all its files: nobody's sources ever share a compiler with another's.
 *
 * A limit on processor time is the learner's to keep. One on real time would blame them for a busy
 * machine, so it is generous, and reaching it is the machine's fault. */
#include "compile.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/json.h"
#include "../base/mem.h"
#include "../course/build.h"
#include "../course/command.h"
#include "../course/language.h"
#include "plant.h"
#include "submission.h"
#include "workshop.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    SCRATCH_FILES_MAX = 20000,
    OUTPUT_MAX = 1 << 20,
    PREPARE_OUTPUT_MAX = 64 << 10,
};

static const int64_t FILE_BYTES_MAX = INT64_C(256) << 20;
static const int64_t SECOND = 1000000000;
static const int64_t IDLE_SECONDS_MAX = 20;

static void path_in(const char *folder, const char *name, struct buf *out)
{
    buf_reset(out);
    buf_addf(out, "%s/%s", folder, name);
}

/* ---- sources ---- */

static int write_file(const char *folder, const char *name, struct str data, struct err *err)
{
    struct buf path = {0};
    char *slash;
    int status;

    path_in(folder, name, &path);
    slash = strrchr(path.data, '/');
    *slash = '\0';
    status = file_mkdirs(path.data, err);
    *slash = '/';
    if (status == 0)
        status = file_write(path.data, data, err);
    buf_release(&path);
    return status;
}

static int write_files(const char *folder, const struct submission_file *files, uint32_t count,
                       struct err *err)
{
    uint32_t i;
    int status = 0;

    for (i = 0; i < count && status == 0; i++)
        status = write_file(folder, files[i].name, (struct str){files[i].data, files[i].len}, err);
    return status;
}

static bool in_list(const char *list, const char *word)
{
    char one[256];

    while (language_word(&list, one, sizeof(one)))
        if (strcmp(one, word) == 0)
            return true;
    return false;
}

/* Files that say how to build are the kit's: what a submission has of that name is left out. */
static int write_sources(const struct bench *b, const struct submission *s, bool ours,
                         const char *src, struct err *err)
{
    const char *config = b->toolchain.language->config;
    uint32_t i;
    int status = file_mkdirs(src, err);

    for (i = 0; i < b->starter_count && status == 0; i++)
        if (in_list(config, b->starter[i].name))
            status = write_files(src, &b->starter[i], 1, err);
    for (i = 0; i < s->file_count && status == 0; i++)
        if (!in_list(config, s->files[i].name))
            status = write_files(src, &s->files[i], 1, err);
    return status == 0 && ours ? write_files(src, b->kit, b->kit_count, err) : status;
}

static bool is_page(const char *name)
{
    size_t len = strlen(name);

    return len > 3 && strcmp(name + len - 3, ".md") == 0;
}

static bool is_of_kit(const struct bench *b, const struct submission_file *f)
{
    uint32_t i;

    for (i = 0; i < b->kit_count; i++)
        if (strcmp(b->kit[i].name, f->name) == 0)
            return b->kit[i].len == f->len && memcmp(b->kit[i].data, f->data, f->len) == 0;
    return false;
}

/* Whether the submission's kit is this repository's, file by file; pages do not matter. A
 * submission without any gets it. */
static bool has_our_kit(const struct bench *b, const struct submission *s)
{
    uint32_t i, theirs = 0, ours = 0;

    for (i = 0; i < s->file_count; i++) {
        if (strncmp(s->files[i].name, "kit/", 4) != 0 || is_page(s->files[i].name))
            continue;
        if (!is_of_kit(b, &s->files[i]) && !PLANTED(4))
            return false;
        theirs++;
    }
    for (i = 0; i < b->kit_count; i++)
        ours += !is_page(b->kit[i].name);
    return theirs == 0 || theirs == ours;
}

static void seal_files(struct seal *seal, const struct submission_file *files, uint32_t count)
{
    uint32_t i;

    for (i = 0; i < count; i++) {
        seal_add(seal, str_of(files[i].name));
        seal_add(seal, (struct str){files[i].data, files[i].len});
    }
}

static void key_of(const struct bench *b, const struct submission *s, bool ours,
                   char into[SEAL_TEXT_SIZE])
{
    struct seal *seal = seal_new();

    seal_add(seal, str_of("program"));
    seal_add(seal, str_of(b->seal));
    seal_add(seal, str_of(ours ? "ours" : "own"));
    seal_files(seal, s->files, s->file_count);
    seal_text(seal, into);
    seal_free(seal);
}

/* ---- in the sandbox ---- */

struct job {
    const struct workshop *workshop;
    const struct bench *bench;
    const char *command;
    struct language_names names;
    const char *made;    /* the folder that the command fills */
    const char *scratch; /* one that goes with the job */
};

static void add_readable(const char **list, uint32_t *count, const char *path)
{
    if (path != NULL)
        list[(*count)++] = path;
}

static struct sandbox_limits limits_of(const struct workshop *w, const struct language *l)
{
    int64_t n[3] = {1, 1, 1};

    language_numbers(l->compiling, n, 3);
    return (struct sandbox_limits){
        .cpu_ns = n[0] * SECOND,
        .wall_ns = w->build_wall_ns > 0 ? w->build_wall_ns : (2 * n[0] + 30) * SECOND,
        .idle_ns =
            IDLE_SECONDS_MAX * SECOND, /* a source may name what never comes: its own output */
        .memory_bytes = n[1] << 20,
        .task_count = n[2],
        .file_bytes = FILE_BYTES_MAX,
        .scratch_bytes = FILE_BYTES_MAX,
        .scratch_files = SCRATCH_FILES_MAX,
        .output_bytes = OUTPUT_MAX,
    };
}

static int run(const struct job *j, struct sandbox_outcome *ret_outcome, struct err *err)
{
    const struct toolchain *t = &j->bench->toolchain;
    const char *readable[TOOLCHAIN_PLACES_MAX + 3] = {NULL};
    uint32_t count = 0, i;
    struct buf shell = {0};
    struct sandbox_spec spec = {
        .level = j->workshop->level,
        .profile = SANDBOX_COMPILE,
        .readable = readable,
        .limits = limits_of(j->workshop, t->language),
    };
    const char *argv[] = {"sh", "-c", NULL, NULL};
    struct sandbox_command command = {
        .path = "/bin/sh", .argv = argv, .cwd = j->names.dir, .out_dir = j->made};
    int status;

    for (i = 0; t->places[i] != NULL; i++)
        add_readable(readable, &count, t->places[i]);
    add_readable(readable, &count, j->names.dir);
    if (j->names.lib != j->made)
        add_readable(readable, &count, j->names.lib);
    buf_add_text(&shell, "PATH=");
    toolchain_path(t, &shell);
    buf_add_text(&shell, "$PATH\nexport PATH\n");
    if (j->workshop->level == SANDBOX_OFF) /* a folder of its own, as every sandbox has one */
        language_command("export TMPDIR={out}\nmkdir -p \"$TMPDIR\"\n",
                         &(struct language_names){.out = j->scratch}, &shell);
    language_command(j->command, &j->names, &shell);
    argv[2] = shell.data;
    status = sandbox_run(&spec, &command, ret_outcome, err);
    buf_release(&shell);
    return status;
}

/* ---- what it said ---- */

/* Puts `with` in the place of every `what`. */
static void replace(struct buf *text, const char *what, const char *with)
{
    struct buf out = {0};
    size_t len = strlen(what), at = 0;

    while (at < text->len) {
        const char *found = memmem(text->data + at, text->len - at, what, len);
        size_t until = found != NULL ? (size_t)(found - text->data) : text->len;
        buf_add(&out, text->data + at, until - at);
        if (found != NULL)
            buf_add_text(&out, with);
        at = found != NULL ? until + len : until;
    }
    buf_release(text);
    *text = out;
}

/* The words of both channels without names of our folders. */
static void words(const struct job *j, const struct sandbox_outcome *o, struct buf *into)
{
    struct buf text = {0}, folder = {0};

    buf_add(&text, o->err.data, o->err.len);
    buf_add(&text, o->out.data, o->out.len);
    buf_addf(&folder, "%s/", j->names.dir);
    replace(&text, folder.data, "");
    if (j->names.lib != NULL) {
        buf_reset(&folder);
        buf_addf(&folder, "%s/", j->names.lib);
        replace(&text, folder.data, "lib/");
    }
    buf_reset(&folder);
    buf_addf(&folder, "%s/", j->made);
    replace(&text, folder.data, "");
    if (text.len > 0)
        build_words(buf_str(&text), j->names.dir, into);
    buf_release(&text);
    buf_release(&folder);
}

/* A line that was cut may end in the middle of a character; what goes on is UTF-8. */
static void mend(struct buf *text)
{
    struct buf quoted = {0}, mended = {0};

    json_quote(&quoted, buf_str(text));
    json_unescape(&mended, (struct str){quoted.data + 1, quoted.len - 2});
    buf_release(&quoted);
    buf_release(text);
    *text = mended;
}

static void explain(const struct job *j, const struct sandbox_outcome *o, struct buf *into)
{
    if (o->stop.limit != SANDBOX_LIMIT_NONE) {
        buf_add_text(into, "The build was stopped: ");
        sandbox_stop_text(&o->stop, into);
        buf_add_text(into, ".\n");
    } else if (o->signal != 0) {
        buf_addf(into, "The build was ended by signal %d (%s).\n", o->signal, strsignal(o->signal));
    } else if (o->code != 0 && o->out.len + o->err.len == 0) {
        buf_addf(into, "The build ended with status %d and said nothing.\n", o->code);
    }
    words(j, o, into);
    if (o->refused.len > 0)
        buf_addf(into, "%s\n", o->refused.data);
    if (o->code == 0 && o->stop.limit == SANDBOX_LIMIT_NONE && o->refused.len == 0)
        buf_add_text(into, "The build succeeded, but made no program.\n");
    mend(into);
}

static bool is_program(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 0100) != 0;
}

/* ---- a submission ---- */

static int build(const struct job *j, struct compile_result *r, struct err *err)
{
    struct sandbox_outcome o = {0};
    struct buf text = {0};
    int status = run(j, &o, err);

    if (status < 0)
        return status;
    r->took_ns = o.wall_ns;
    r->cpu_ns = o.cpu_ns;
    r->stop = o.stop;
    if (o.stop.limit == SANDBOX_LIMIT_TIME && !PLANTED(5)) {
        status =
            err_set(err, ERR_MACHINE, "this machine is too busy: a build was not done in %.1f s",
                    (double)o.stop.bound / 1e9);
    } else {
        r->built = o.code == 0 && o.stop.limit == SANDBOX_LIMIT_NONE && o.refused.len == 0 &&
                   is_program(j->names.out);
        if (!r->built)
            explain(j, &o, &text);
        r->text = text.len > 0 ? buf_take(&text) : mem_strdup("");
    }
    buf_release(&text);
    sandbox_outcome_release(&o);
    return status;
}

/* What runs is the cache's copy and not what the compiler left: on the weaker levels that belongs
 * to the compiler's user. If the cache does not take it, it must do. */
static void keep(const struct job *j, const char *key)
{
    struct cache *cache = j->workshop->cache;
    struct buf built = {0};
    struct err ignored;

    buf_addf(&built, "%s.built", j->made);
    if (cache_put(cache, key, j->made, &ignored) == 0 && rename(j->made, built.data) == 0 &&
        cache_get(cache, key, j->made, &ignored) != 1 && file_remove_tree(j->made, &ignored) == 0)
        (void)!rename(built.data, j->made);
    buf_release(&built);
}

/* Not in the cache: compiles it, and puts it there. */
static int compile(struct job *j, const struct submission *s, bool ours, const char *key,
                   struct compile_result *r, struct err *err)
{
    int status = write_sources(j->bench, s, ours, j->names.dir, err);

    if (status == 0)
        status = file_remove_tree(j->made, err); /* half an entry of the cache, perhaps */
    if (status == 0)
        status = file_mkdirs(j->made, err);
    if (status == 0)
        status = build(j, r, err);
    if (status == 0 && r->built)
        keep(j, key);
    return status;
}

int compile_submission(const struct workshop *w, const struct bench *bench,
                       const struct submission *s, const char *folder,
                       struct compile_result *ret_result, struct err *err)
{
    struct buf src = {0}, out = {0}, program = {0}, scratch = {0};
    struct compile_result r = {0};
    bool ours = has_our_kit(bench, s);
    char key[SEAL_TEXT_SIZE];
    struct job j = {.workshop = w, .bench = bench, .command = bench->toolchain.language->compile};
    int status;

    path_in(folder, "src", &src);
    path_in(folder, "out", &out);
    path_in(folder, "out/node", &program);
    path_in(folder, "tmp", &scratch);
    key_of(bench, s, ours, key);
    j.names =
        (struct language_names){src.data, program.data, bench->shared.path, ours ? "ours" : "own"};
    j.made = out.data;
    j.scratch = scratch.data;
    status = cache_get(w->cache, key, out.data, err);
    if (status == 1)
        r = (struct compile_result){.built = true, .cached = true, .text = mem_strdup("")};
    else if (status == 0)
        status = compile(&j, s, ours, key, &r, err);
    buf_release(&src);
    buf_release(&out);
    buf_release(&program);
    buf_release(&scratch);
    if (status < 0)
        compile_result_release(&r);
    else
        *ret_result = r;
    return status < 0 ? status : 0;
}

void compile_result_release(struct compile_result *r)
{
    mem_free(r->text);
    r->text = NULL;
}

/* ---- what is shared ---- */

/* Fetches what the table's `prepare` fetches: not in a sandbox, since it is our own command on our
 * own files, and may need the network. */
static int prepare(const struct language *l, const char *src, struct err *err)
{
    struct command command = {.shell = l->prepare,
                              .dir = src,
                              .limit_ns = 180 * SECOND,
                              .output_max = PREPARE_OUTPUT_MAX};
    struct command_result r = {0};
    int status;

    if (l->prepare[0] == '\0')
        return 0;
    status = command_run(&command, &r, err);
    if (status == 0 && (r.code != 0 || r.timed_out))
        status = err_set(err, ERR_MACHINE, "%s cannot be prepared: %.*s", l->title,
                         (int)r.output.len, r.output.data != NULL ? r.output.data : "");
    command_result_release(&r);
    return status;
}

int compile_shared(const struct workshop *w, const struct bench *bench, const char *folder,
                   struct err *err)
{
    const struct language *l = bench->toolchain.language;
    struct sandbox_outcome o = {0};
    struct buf src = {0}, lib = {0}, scratch = {0}, text = {0};
    struct job j = {.workshop = w, .bench = bench, .command = l->shared};
    int status;

    path_in(folder, "src", &src);
    path_in(folder, "lib", &lib);
    j.names = (struct language_names){.dir = src.data, .lib = lib.data};
    j.made = lib.data;
    path_in(folder, "tmp", &scratch);
    j.scratch = scratch.data;
    status = write_files(src.data, bench->starter, bench->starter_count, err);
    if (status == 0)
        status = write_files(src.data, bench->kit, bench->kit_count, err);
    if (status == 0)
        status = file_mkdirs(lib.data, err);
    if (status == 0)
        status = prepare(l, src.data, err);
    if (status == 0)
        status = run(&j, &o, err);
    if (status == 0 && (o.code != 0 || o.stop.limit != SANDBOX_LIMIT_NONE || o.refused.len > 0)) {
        explain(&j, &o, &text);
        status = err_set(err, ERR_MACHINE, "the kit of %s cannot be built: %s", l->title,
                         text.len > 0 ? text.data : "");
    }
    sandbox_outcome_release(&o);
    buf_release(&src);
    buf_release(&lib);
    buf_release(&scratch);
    buf_release(&text);
    return status;
}
