/* A digest of the contents tells files apart whatever their times are: a program that was built
 * again from the same source counts as the same. Interpreters of a hundred megabytes would cost
 * more to digest than a whole run, so large files are known by size and time. */
#include "program.h"

#include "../base/digest.h"
#include "../base/mem.h"
#include "gobuild.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The file behind a name without a slash, as execvp() would find it. */
static bool search_path(const char *name, char into[PATH_MAX])
{
    const char *path = getenv("PATH");

    while (path != NULL && *path != '\0') {
        size_t len = strcspn(path, ":");
        int wanted =
            snprintf(into, PATH_MAX, "%.*s%s%s", (int)len, path, len > 0 ? "/" : "./", name);
        if (wanted < PATH_MAX && access(into, X_OK) == 0)
            return true;
        path += len;
        path += *path == ':';
    }
    return false;
}

/* The bytes of a file, or NULL; unmap() gives them back. */
static const char *map_file(const char *path, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    void *bytes = MAP_FAILED;

    if (fd >= 0 && size > 0)
        bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (fd >= 0)
        close(fd);
    return bytes == MAP_FAILED ? NULL : bytes;
}

static json_t *digest_json(struct str bytes)
{
    struct digest d = {0};
    char text[DIGEST_TEXT_SIZE];

    digest_add(&d, bytes.data, bytes.len);
    return json_string(digest_text(&d, text));
}

/* What identifies a regular file, or NULL if there is none at that path. With ret_go (may be NULL),
 * also who built it. */
static json_t *file_json(const char *path, json_t **ret_go)
{
    char version[GOBUILD_VERSION_SIZE];
    struct stat st;
    struct str bytes;
    json_t *digest = NULL;

    if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
        return NULL;
    bytes.len = (size_t)st.st_size;
    bytes.data = map_file(path, bytes.len);
    if (bytes.data != NULL && bytes.len <= PROGRAM_DIGEST_MAX)
        digest = digest_json(bytes);
    if (bytes.data != NULL && ret_go != NULL && gobuild_version(bytes, version))
        *ret_go = json_string(version);
    if (bytes.data != NULL)
        munmap((void *)bytes.data, bytes.len);
    return json_pack("{s:s, s:I, s:I, s:o}", "path", path, "bytes", (json_int_t)st.st_size,
                     "mtime-ns",
                     (json_int_t)st.st_mtim.tv_sec * 1000000000 + (json_int_t)st.st_mtim.tv_nsec,
                     "digest", digest != NULL ? digest : json_null());
}

json_t *program_json(const char *path, const char *const *argv)
{
    char found[PATH_MAX];
    json_t *words = json_array();
    json_t *files = json_array();
    json_t *go = NULL;
    json_t *file = NULL;
    json_t *all;
    bool is_utf8 = true;
    size_t i;

    if (strchr(path, '/') != NULL)
        file = file_json(path, &go);
    else if (search_path(path, found))
        file = file_json(found, &go);
    if (file != NULL)
        json_array_append_new(files, file);
    for (i = 0; argv[i] != NULL; i++) {
        if (json_array_append_new(words, json_string(argv[i])) < 0)
            is_utf8 = false;
        file = i > 0 ? file_json(argv[i], NULL) : NULL;
        if (file != NULL)
            json_array_append_new(files, file);
    }
    all = json_pack("{s:s, s:o, s:o, s:o}", "path", path, "argv", words, "files", files, "go",
                    go != NULL ? go : json_null());
    if (is_utf8)
        return all;
    json_decref(all);
    return NULL;
}

static bool same(const json_t *then, const json_t *now, const char *key)
{
    return json_equal(json_object_get(then, key), json_object_get(now, key));
}

static bool same_file(const json_t *then, const json_t *now)
{
    if (json_is_string(json_object_get(then, "digest")))
        return same(then, now, "digest");
    return same(then, now, "bytes") && same(then, now, "mtime-ns");
}

json_t *program_changes(const json_t *then)
{
    json_t *sentences = json_array();
    const json_t *file;
    size_t i;

    json_array_foreach(json_object_get(then, "files"), i, file)
    {
        const char *path = json_string_value(json_object_get(file, "path"));
        json_t *now = path != NULL ? file_json(path, NULL) : NULL;
        if (path != NULL && now == NULL)
            json_array_append_new(
                sentences, json_sprintf("%s was there when the run was made and is gone", path));
        else if (now != NULL && !same_file(file, now))
            json_array_append_new(sentences,
                                  json_sprintf("%s has changed since the run was made", path));
        json_decref(now);
    }
    return sentences;
}

const char *program_caution(const json_t *program, char *into, size_t size)
{
    const char *version = json_string_value(json_object_get(program, "go"));

    if (version == NULL || !gobuild_constant_seed(version))
        return NULL;
    snprintf(
        into, size,
        "the program was built with %.60s: before Go 1.20 math/rand starts from the same number "
        "in every process unless it is seeded, so every node of it draws the same numbers",
        version);
    return into;
}
