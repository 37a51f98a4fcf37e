#include "statics.h"

#include "../base/assert.h"
#include "../base/digest.h"
#include "../base/embedded.h"
#include "../base/mem.h"
#include "response.h"

#include <string.h>
#include <zlib.h>

enum { FOLDER_LEN = 3, HASH_LEN = 12, GZIP_WINDOW = 15 + 16 }; /* +16: zlib writes gzip's frame */

struct file {
    const struct embedded *embedded;
    char *url;
    const char *type;
    struct str zipped; /* the embedded NAME.gz, or own */
    struct buf own;
};

struct statics {
    struct file *files;
    uint32_t count;
    size_t cap;
};

static const struct {
    const char *extension, *type;
} types[] = {
    {".css", "text/css; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".js", "text/javascript; charset=utf-8"},
};

static const char *type_of(const char *path)
{
    const char *dot = strrchr(path, '.');
    size_t i;

    for (i = 0; dot != NULL && i < sizeof(types) / sizeof(types[0]); i++)
        if (strcmp(dot, types[i].extension) == 0)
            return types[i].type;
    return NULL;
}

void statics_zip(struct str text, struct buf *out)
{
    z_stream z = {.next_in = (Bytef *)text.data, .avail_in = (uInt)text.len};
    int status = deflateInit2(&z, 6, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY);
    uLong bound;

    ASSERT(status == Z_OK);
    bound = deflateBound(&z, (uLong)text.len);
    buf_reserve(out, bound);
    z.next_out = (Bytef *)out->data + out->len;
    z.avail_out = (uInt)bound;
    status = deflate(&z, Z_FINISH);
    ASSERT(status == Z_STREAM_END);
    out->len += z.total_out;
    deflateEnd(&z);
}

/* Large files come with their gzip, so that nobody waits for it when a server starts. */
static void zip_file(struct file *f)
{
    const struct embedded *zipped;
    struct buf path = {0};

    buf_addf(&path, "%s.gz", f->embedded->path);
    zipped = embedded_find(path.data);
    if (zipped == NULL)
        statics_zip((struct str){f->embedded->text, f->embedded->len}, &f->own);
    f->zipped = zipped != NULL ? (struct str){zipped->text, zipped->len} : buf_str(&f->own);
    buf_release(&path);
}

static void add_file(struct statics *s, const struct embedded *e, const char *type)
{
    const char *name = e->path + FOLDER_LEN, *dot = strrchr(name, '.');
    char hash[DIGEST_TEXT_SIZE];
    struct digest digest = {0};
    struct buf url = {0};
    struct file *f;

    digest_add(&digest, e->text, e->len);
    buf_addf(&url, "/static/%.*s.%.*s%s", (int)(dot - name), name, HASH_LEN,
             digest_text(&digest, hash), dot);
    s->files = mem_grow(s->files, &s->cap, s->count + 1, sizeof(*s->files));
    f = &s->files[s->count++];
    *f = (struct file){.embedded = e, .type = type, .url = buf_take(&url)};
    zip_file(f);
}

struct statics *statics_new(void)
{
    struct statics *s = mem_zalloc(sizeof(*s));
    const struct embedded *e;

    for (e = embedded_texts; e->path != NULL; e++)
        if (strncmp(e->path, "ui/", FOLDER_LEN) == 0 && type_of(e->path) != NULL && e->len > 0)
            add_file(s, e, type_of(e->path));
    return s;
}

void statics_free(struct statics *s)
{
    uint32_t i;

    if (s == NULL)
        return;
    for (i = 0; i < s->count; i++) {
        mem_free(s->files[i].url);
        buf_release(&s->files[i].own);
    }
    mem_free(s->files);
    mem_free(s);
}

const char *statics_url(const struct statics *s, const char *name)
{
    uint32_t i;

    for (i = 0; i < s->count; i++)
        if (strcmp(s->files[i].embedded->path + FOLDER_LEN, name) == 0)
            return s->files[i].url;
    return "";
}

bool statics_answer(const struct statics *s, struct str name, struct response *r)
{
    uint32_t i;

    for (i = 0; i < s->count; i++) {
        const struct file *f = &s->files[i];
        if (!str_is(name, strrchr(f->url, '/') + 1))
            continue;
        r->status = 200;
        r->type = f->type;
        r->immutable = true;
        r->borrowed = (struct str){f->embedded->text, f->embedded->len};
        r->zipped = f->zipped;
        return true;
    }
    return false;
}
