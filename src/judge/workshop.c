#include "workshop.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"
#include "../course/language.h"
#include "../course/track.h"
#include "../run/pool.h"
#include "compile.h"
#include "submission.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KIT_FILE_MAX = 4 << 20, WORD_MAX = 256 };

static const int64_t CACHE_BYTES = INT64_C(2) << 30;

/* ---- the kit's files ---- */

static int load_file(const char *path, const char *name, struct submission_file *ret_file,
                     struct err *err)
{
    struct buf data = {0};
    int status = file_read(path, KIT_FILE_MAX, &data, err);

    if (status == 0) {
        size_t len = data.len;
        *ret_file = (struct submission_file){mem_strdup(name),
                                             len > 0 ? buf_take(&data) : mem_strdup(""), len};
    }
    buf_release(&data);
    return status;
}

/* All files of a list of the table; before: what their names begin with. */
static int load_files(const char *dir, const char *list, const char *before,
                      struct submission_file **ret_files, uint32_t *ret_count, struct err *err)
{
    char word[WORD_MAX], name[WORD_MAX + 8];
    struct buf path = {0};
    size_t cap = 0;
    int status = 0;

    while (status == 0 && language_word(&list, word, sizeof(word))) {
        struct submission_file f;
        buf_reset(&path);
        buf_addf(&path, "%s/%s", dir, word);
        snprintf(name, sizeof(name), "%s%s", before, word);
        status = load_file(path.data, name, &f, err);
        if (status < 0)
            break;
        *ret_files = mem_grow(*ret_files, &cap, *ret_count + 1, sizeof(**ret_files));
        (*ret_files)[(*ret_count)++] = f;
    }
    buf_release(&path);
    return status;
}

static int load_kit(const struct workshop *w, struct bench *b, struct err *err)
{
    const struct language *l = b->toolchain.language;
    struct buf dir = {0};
    int status;

    buf_addf(&dir, "%s/%s", w->languages->kits, l->name);
    status = load_files(dir.data, l->library, "kit/", &b->kit, &b->kit_count, err);
    buf_add_text(&dir, "/starter");
    if (status == 0)
        status = load_files(dir.data, l->starter, "", &b->starter, &b->starter_count, err);
    buf_release(&dir);
    return status;
}

static void free_files(struct submission_file *files, uint32_t count)
{
    uint32_t i;

    for (i = 0; i < count; i++) {
        mem_free(files[i].name);
        mem_free(files[i].data);
    }
    mem_free(files);
}

static void seal_bench(struct bench *b)
{
    struct seal *seal = seal_new();
    uint32_t i;

    seal_add(seal, str_of(b->toolchain.seal));
    seal_add(seal, str_of(b->toolchain.language->prepare));
    for (i = 0; i < b->kit_count + b->starter_count; i++) {
        const struct submission_file *f =
            i < b->kit_count ? &b->kit[i] : &b->starter[i - b->kit_count];
        seal_add(seal, str_of(f->name));
        seal_add(seal, (struct str){f->data, f->len});
    }
    seal_text(seal, b->seal);
    seal_free(seal);
}

/* ---- what it gives every submission ---- */

static int make_shared(const struct workshop *w, const struct bench *b, const char *key,
                       struct err *err)
{
    struct buf folder = {0};
    struct err ignored;
    int status;

    buf_addf(&folder, "%s/work-XXXXXX", w->folder);
    if (mkdtemp(folder.data) == NULL) {
        status = err_set_errno(err, ERR_MACHINE, "cannot make the folder %s", folder.data);
    } else {
        chmod(folder.data, 0755); /* the sandbox has another user */
        status = compile_shared(w, b, folder.data, err);
        if (status == 0) {
            struct buf lib = {0};
            buf_addf(&lib, "%s/lib", folder.data);
            status = cache_put(w->cache, key, lib.data, err);
            buf_release(&lib);
        }
        file_remove_tree(folder.data, &ignored);
    }
    buf_release(&folder);
    return status;
}

static bool has_shared(const struct bench *b)
{
    return b->missing == NULL && b->toolchain.language->shared[0] != '\0';
}

static void shared_key(const struct bench *b, char key[SEAL_TEXT_SIZE])
{
    struct seal *seal = seal_new();

    seal_add(seal, str_of("shared"));
    seal_add(seal, str_of(b->seal));
    seal_text(seal, key);
    seal_free(seal);
}

static int hold_shared(const struct workshop *w, struct bench *b, struct err *err)
{
    char key[SEAL_TEXT_SIZE];
    int status;

    shared_key(b, key);
    status = cache_hold(w->cache, key, &b->shared, err);
    if (status == 0) {
        status = make_shared(w, b, key, err);
        if (status == 0)
            status = cache_hold(w->cache, key, &b->shared, err);
        if (status == 0)
            status = err_set(err, ERR_MACHINE, "the cache in %s does not keep what it is given",
                             w->folder);
    }
    return status < 0 ? status : 0;
}

/* What cannot be had is told, and is no failure. */
static int bench_lacks(const struct workshop_config *c, struct bench *b, const char *why)
{
    b->missing = mem_strdup(why);
    if (c->progress != NULL)
        c->progress(c->owner, b->toolchain.language->name, why);
    return 0;
}

/* All but what it gives every submission. */
static int find_bench(const struct workshop *w, const struct workshop_config *c,
                      const struct language *l, struct bench *b, struct err *err)
{
    int status = toolchain_find(l, &b->toolchain, err);

    if (status < 0)
        return status;
    if (b->toolchain.missing != NULL)
        return bench_lacks(c, b, b->toolchain.missing);
    if (c->progress != NULL)
        c->progress(c->owner, l->name, NULL);
    status = load_kit(w, b, err);
    if (status == 0)
        seal_bench(b);
    return status == 0 || status == ERR_STOPPED ? status : bench_lacks(c, b, err->text);
}

static int finish_bench(const struct workshop *w, const struct workshop_config *c, struct bench *b,
                        struct err *err)
{
    int status = has_shared(b) && b->shared.path == NULL ? hold_shared(w, b, err) : 0;

    return status == 0 || status == ERR_STOPPED ? status : bench_lacks(c, b, err->text);
}

static void free_bench(struct bench *b)
{
    toolchain_release(&b->toolchain);
    mem_free(b->missing);
    free_files(b->kit, b->kit_count);
    free_files(b->starter, b->starter_count);
    cache_let_go(&b->shared);
}

/* ---- the whole ---- */

/* Whether the list, separated by commas, has the language or one of its aliases; NULL has all. */
static bool is_wanted(const char *list, const struct language *l)
{
    const char *at = list;

    while (at != NULL && *at != '\0') {
        size_t len = strcspn(at, ",");
        if (strlen(l->name) == len && strncmp(at, l->name, len) == 0)
            return true;
        at += len + (at[len] == ',');
    }
    return list == NULL;
}

static int check_wanted(const struct languages *languages, const char *list, struct err *err)
{
    const struct language *found;
    int status = 0;

    while (list != NULL && *list != '\0' && status == 0) {
        size_t len = strcspn(list, ",");
        char *name = mem_strndup(list, len);
        status = languages_find(languages, name, &found, err);
        if (status == 0 && strcmp(found->name, name) != 0)
            status = err_set(err, ERR_INPUT, "\"%s\" is called \"%s\" here", name, found->name);
        mem_free(name);
        list += len + (list[len] == ',');
    }
    return status;
}

/* The first time, what the kits give takes 20 s to build for all languages, most of it for two of
 * them, while somebody waits for his first verdict: so what the cache lacks is made in a process
 * for each language, on all processors. What fails there fails again in finish_bench(), and is told
 * then. */
struct making {
    const struct workshop *workshop;
    const struct bench **benches;
    uint32_t count;
};

static void make_one(void *owner, uint64_t index, struct buf *out)
{
    const struct making *m = owner;
    struct err ignored = {.text = ""};
    char key[SEAL_TEXT_SIZE];

    (void)out;
    shared_key(m->benches[index], key);
    make_shared(m->workshop, m->benches[index], key, &ignored);
}

static enum pool_next made_one(void *owner, uint64_t index, struct str text, const char *how)
{
    (void)owner;
    (void)index;
    (void)text;
    (void)how;
    return POOL_GO_ON;
}

static bool hold_cached(const struct workshop *w, struct bench *b)
{
    struct err ignored = {.text = ""};
    char key[SEAL_TEXT_SIZE];

    shared_key(b, key);
    return cache_hold(w->cache, key, &b->shared, &ignored) == 1;
}

static int make_at_once(const struct workshop *w, struct err *err)
{
    struct making making = {w, mem_zalloc((w->bench_count + 1) * sizeof(struct bench *)), 0};
    struct pool_config pool = {
        .jobs = pool_processors(), .owner = &making, .work = make_one, .done = made_one};
    bool stopped = false;
    uint32_t i;
    int status = 0;

    for (i = 0; i < w->bench_count; i++)
        if (has_shared(&w->benches[i]) && !hold_cached(w, &w->benches[i]))
            making.benches[making.count++] = &w->benches[i];
    pool.count = making.count;
    if (making.count > 1) /* a single one is made just as well where it is needed */
        status = pool_run(&pool, &stopped, err);
    mem_free(making.benches);
    return status == 0 && stopped ? err_set(err, ERR_STOPPED, "stopped by a signal") : status;
}

static int make_benches(struct workshop *w, const struct workshop_config *c, struct err *err)
{
    uint32_t i;
    int status = check_wanted(w->languages, c->languages, err);

    w->benches = mem_zalloc(w->languages->count * sizeof(*w->benches));
    for (i = 0; i < w->languages->count && status == 0; i++)
        if (is_wanted(c->languages, &w->languages->list[i]))
            status = find_bench(w, c, &w->languages->list[i], &w->benches[w->bench_count++], err);
    if (status == 0)
        status = make_at_once(w, err);
    for (i = 0; i < w->bench_count && status == 0; i++)
        status = finish_bench(w, c, &w->benches[i], err);
    return status;
}

static int open_course(struct workshop *w, const char *home, struct err *err)
{
    struct buf found = {0};
    int status = 0;

    if (home == NULL) {
        status = course_home(&found, err);
        home = found.data;
    }
    if (status == 0)
        status = course_open(home, &w->course, err);
    if (status == 0)
        status = languages_open(home, &w->languages, err);
    buf_release(&found);
    return status;
}

static int open_cache(struct workshop *w, const struct workshop_config *c, struct err *err)
{
    int64_t bytes = c->cache_bytes > 0 ? c->cache_bytes : CACHE_BYTES;
    char real[4096];
    struct buf dir = {0};
    int status = file_mkdirs(c->folder, err);

    if (status == 0 && realpath(c->folder, real) == NULL)
        status = err_set_errno(err, ERR_MACHINE, "%s", c->folder);
    if (status < 0)
        return status;
    w->folder = mem_strdup(real);
    buf_addf(&dir, "%s/cache", w->folder);
    status = cache_open(dir.data, bytes > WORKSHOP_CACHE_MIN ? bytes : WORKSHOP_CACHE_MIN,
                        &w->cache, err);
    buf_release(&dir);
    return status;
}

int workshop_open(const struct workshop_config *config, struct workshop **ret_workshop,
                  struct err *err)
{
    struct workshop *w = mem_zalloc(sizeof(*w));
    int status = sandbox_level_check(config->level, err);

    w->level = config->level;
    w->build_wall_ns = config->build_wall_ns;
    if (status == 0)
        status = open_course(w, config->home, err);
    if (status == 0)
        status = open_cache(w, config, err);
    if (status == 0)
        status = make_benches(w, config, err);
    if (status < 0)
        workshop_close(w);
    else
        *ret_workshop = w;
    return status;
}

void workshop_close(struct workshop *w)
{
    uint32_t i;

    if (w == NULL)
        return;
    for (i = 0; i < w->bench_count; i++)
        free_bench(&w->benches[i]);
    mem_free(w->benches);
    cache_close(w->cache);
    languages_close(w->languages);
    course_close(w->course);
    mem_free(w->folder);
    mem_free(w);
}

int workshop_bench(const struct workshop *w, const char *language, const struct bench **ret_bench,
                   struct err *err)
{
    const struct language *l = NULL;
    uint32_t i;
    int status = languages_find(w->languages, language, &l, err);

    if (status < 0)
        return status;
    for (i = 0; i < w->bench_count; i++)
        if (w->benches[i].toolchain.language == l && w->benches[i].missing == NULL) {
            *ret_bench = &w->benches[i];
            return 0;
        } else if (w->benches[i].toolchain.language == l) {
            return err_set(err, ERR_MACHINE, "%s", w->benches[i].missing);
        }
    return err_set(err, ERR_MACHINE, "this worker does not judge %s", l->title);
}

void workshop_offers(const struct workshop *w, struct buf *out)
{
    uint32_t i;
    bool first = true;

    for (i = 0; i < w->bench_count; i++)
        if (w->benches[i].missing == NULL) {
            buf_addf(out, "%s%s", first ? "" : ",", w->benches[i].toolchain.language->name);
            first = false;
        }
}

static json_t *tools_of(const struct bench *b)
{
    const char *name = b->toolchain.language->name;

    return b->missing == NULL
               ? json_pack("{s:s, s:s}", "language", name, "version", b->toolchain.version)
               : json_pack("{s:s, s:s}", "language", name, "missing", b->missing);
}

void workshop_tools(const struct workshop *w, struct buf *out)
{
    json_t *list = json_array();
    char *text;
    uint32_t i;

    for (i = 0; i < w->bench_count; i++)
        json_array_append_new(list, tools_of(&w->benches[i]));
    text = json_dumps(list, JSON_COMPACT);
    buf_add_text(out, text != NULL ? text : "[]"); /* NULL: a tool's words are no UTF-8 */
    free(text);
    json_decref(list);
}
