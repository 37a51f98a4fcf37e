#include "submission.h"

#include "../base/err.h"
#include "../base/json.h"
#include "../base/mem.h"
#include "filename.h"
#include "submission_parts.h"

#include <jansson.h>
#include <string.h>

/* ---- files ---- */

static struct str name_of(const struct submission_file *f)
{
    return str_of(f->name);
}

/* Where a file of this name stands or would stand. */
static uint32_t place_of(const struct submission *s, struct str name)
{
    uint32_t low = 0, high = s->file_count;

    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (str_cmp(name_of(&s->files[middle]), name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct submission_file *submission_file(const struct submission *s, const char *name)
{
    uint32_t at = place_of(s, str_of(name));

    return at < s->file_count && strcmp(s->files[at].name, name) == 0 ? &s->files[at] : NULL;
}

/* How many bytes at the beginning of data are a character of UTF-8; 0: they are none. */
static size_t character(const unsigned char *data, size_t len)
{
    size_t more = data[0] < 0x80   ? 0
                  : data[0] < 0xc2 ? 9
                  : data[0] < 0xe0 ? 1
                  : data[0] < 0xf0 ? 2
                  : data[0] < 0xf5 ? 3
                                   : 9;
    size_t i;

    if (more >= len || data[0] == 0)
        return 0;
    for (i = 1; i <= more; i++)
        if ((data[i] & 0xc0) != 0x80)
            return 0;
    if ((data[0] == 0xe0 && data[1] < 0xa0) || (data[0] == 0xed && data[1] > 0x9f) ||
        (data[0] == 0xf0 && data[1] < 0x90) || (data[0] == 0xf4 && data[1] > 0x8f))
        return 0; /* too long a form, a surrogate, or beyond U+10FFFF */
    return more + 1;
}

static int check_content(struct str name, struct str data, struct err *err)
{
    size_t at = 0, n = 1;

    if (data.len > SUBMISSION_FILE_MAX)
        return err_set(err, ERR_INPUT, "%.*s has %zu bytes; a file may have %d at most",
                       STR_ARG(name), data.len, SUBMISSION_FILE_MAX);
    while (at < data.len && (n = character((const unsigned char *)data.data + at, data.len - at)))
        at += n;
    if (at < data.len)
        return err_set(err, ERR_INPUT,
                       "%.*s is no text: byte %zu is %s. Only source files belong to a submission",
                       STR_ARG(name), at, data.data[at] == 0 ? "zero" : "not UTF-8");
    return 0;
}

static int check_room(const struct submission *s, struct str name, struct str data, struct err *err)
{
    uint32_t i;

    for (i = 0; i < s->file_count; i++)
        if (filename_clash(name_of(&s->files[i]), name))
            return err_set(err, ERR_INPUT, "%.*s cannot stand beside %s: %s", STR_ARG(name),
                           s->files[i].name,
                           str_is(name, s->files[i].name) ? "it is there twice"
                                                          : "one is a folder of the other's name");
    if (s->file_count == SUBMISSION_FILES_MAX)
        return err_set(err, ERR_FULL, "there are more than %d files", SUBMISSION_FILES_MAX);
    if (s->bytes + data.len > SUBMISSION_BYTES_MAX)
        return err_set(err, ERR_FULL, "the files have more than %d bytes together",
                       SUBMISSION_BYTES_MAX);
    return 0;
}

int submission_add(struct submission *s, struct str name, struct str data, struct err *err)
{
    uint32_t at;
    int status = filename_check(name, err);

    if (status == 0)
        status = check_content(name, data, err);
    if (status == 0)
        status = check_room(s, name, data, err);
    if (status < 0)
        return status;
    at = place_of(s, name);
    s->files = mem_grow(s->files, &s->file_cap, s->file_count + 1, sizeof(*s->files));
    memmove(s->files + at + 1, s->files + at, (s->file_count - at) * sizeof(*s->files));
    s->files[at] = (struct submission_file){
        mem_strndup(name.data, name.len),
        mem_strndup(data.data != NULL ? data.data : "", data.len),
        data.len,
    };
    s->file_count++;
    s->bytes += data.len;
    return 0;
}

int submission_word(const char *what, struct str value, char **slot, struct err *err)
{
    size_t i;
    bool fine = value.len > 0 && value.len <= SUBMISSION_WORD_MAX;

    for (i = 0; i < value.len && fine; i++) {
        char c = value.data[i];
        fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '+';
    }
    if (!fine)
        return err_set(err, ERR_INPUT,
                       "the %s must be a word of letters, digits and \"-\", at most %d of them",
                       what, SUBMISSION_WORD_MAX);
    mem_free(*slot);
    *slot = mem_strndup(value.data, value.len);
    return 0;
}

void submission_release(struct submission *s)
{
    uint32_t i;

    for (i = 0; i < s->file_count; i++) {
        mem_free(s->files[i].name);
        mem_free(s->files[i].data);
    }
    mem_free(s->files);
    mem_free(s->track);
    mem_free(s->task);
    mem_free(s->language);
    *s = (struct submission){0};
}

/* ---- as a text ---- */

int submission_take_word(const json_t *all, const char *key, char **slot, struct err *err)
{
    const json_t *value = json_object_get(all, key);

    if (!json_is_string(value))
        return err_set(err, ERR_INPUT, "\"%s\" must be there, as a text", key);
    return submission_word(key, (struct str){json_string_value(value), json_string_length(value)},
                           slot, err);
}

static int take_seed(const json_t *all, uint64_t *ret_seed, struct err *err)
{
    const json_t *value = json_object_get(all, "seed");
    json_int_t seed = json_integer_value(value);

    if (value != NULL && (!json_is_integer(value) || seed < 0 || seed > SUBMISSION_SEED_MAX))
        return err_set(err, ERR_INPUT, "\"seed\" must be a whole number from 0 to %d",
                       SUBMISSION_SEED_MAX);
    *ret_seed = (uint64_t)seed;
    return 0;
}

static int take_seeds(const json_t *all, uint32_t *ret_seeds, struct err *err)
{
    const json_t *value = json_object_get(all, "seeds");
    json_int_t seeds = json_integer_value(value);

    if (value != NULL && (!json_is_integer(value) || seeds < 0 || seeds > SUBMISSION_SEEDS_MAX))
        return err_set(err, ERR_INPUT, "\"seeds\" must be a whole number from 0 to %d",
                       SUBMISSION_SEEDS_MAX);
    *ret_seeds = (uint32_t)seeds;
    return 0;
}

static int take_file(struct submission *s, const json_t *file, size_t number, struct err *err)
{
    const json_t *name = json_object_get(file, "name");
    const json_t *text = json_object_get(file, "text");

    if (!json_is_string(name) || !json_is_string(text) || json_object_size(file) != 2)
        return err_set(err, ERR_INPUT,
                       "file %zu must have \"name\" and \"text\", both texts, and nothing else",
                       number + 1);
    return submission_add(s, (struct str){json_string_value(name), json_string_length(name)},
                          (struct str){json_string_value(text), json_string_length(text)}, err);
}

int submission_take_files(struct submission *s, const json_t *all, struct err *err)
{
    const json_t *files = json_object_get(all, "files");
    size_t i;
    int status = 0;

    if (!json_is_array(files) || json_array_size(files) == 0)
        return err_set(err, ERR_INPUT, "\"files\" must be a list of files, with one at least");
    for (i = 0; i < json_array_size(files) && status == 0; i++)
        status = take_file(s, json_array_get(files, i), i, err);
    return status < 0 ? ERR_INPUT : 0;
}

int submission_check_keys(const json_t *all, const char *what, const char *const *known,
                          size_t known_count, struct err *err)
{
    const char *key;
    json_t *value;
    size_t i;

    if (!json_is_object(all))
        return err_set(err, ERR_INPUT, "a %s is a JSON object", what);
    json_object_foreach((json_t *)all, key, value)
    {
        for (i = 0; i < known_count; i++)
            if (strcmp(key, known[i]) == 0)
                break;
        if (i == known_count) {
            struct buf shown = {0};
            filename_show(str_of(key), &shown);
            err_set(err, ERR_INPUT, "a %s has no \"%s\"", what, shown.data);
            buf_release(&shown);
            return ERR_INPUT;
        }
    }
    return 0;
}

/* The whole text's grammar is checked by a reader that does not recurse, before jansson sees it. */
int submission_load(struct str text, json_t **ret_all, struct err *err)
{
    struct json_reader reader;
    json_error_t error;
    enum json_kind kind;

    if (text.len > SUBMISSION_TEXT_MAX)
        return err_set(err, ERR_INPUT, "the submission has more than %d bytes",
                       SUBMISSION_TEXT_MAX);
    json_reader_init(&reader, text);
    while ((kind = json_next(&reader)) != JSON_AT_END)
        if (kind == JSON_AT_ERROR)
            return json_explain(&reader, err);
    *ret_all = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    if (*ret_all == NULL)
        return err_set(err, ERR_INPUT, "line %d, column %d: %s", error.line, error.column,
                       strncmp(error.text, "duplicate", 9) == 0 ? "a key stands there twice"
                                                                : "this is no JSON of ours");
    return 0;
}

int submission_parse(struct str text, struct submission *ret_submission, struct err *err)
{
    struct submission s = {0};
    json_t *all = NULL;
    static const char *const known[] = {"track", "task", "language", "seed", "seeds", "files"};
    int status = submission_load(text, &all, err);

    if (status == 0)
        status =
            submission_check_keys(all, "submission", known, sizeof(known) / sizeof(known[0]), err);
    if (status == 0)
        status = submission_take_word(all, "track", &s.track, err);
    if (status == 0)
        status = submission_take_word(all, "task", &s.task, err);
    if (status == 0)
        status = submission_take_word(all, "language", &s.language, err);
    if (status == 0)
        status = take_seed(all, &s.seed, err);
    if (status == 0)
        status = take_seeds(all, &s.seeds, err);
    if (status == 0)
        status = submission_take_files(&s, all, err);
    json_decref(all);
    if (status < 0)
        submission_release(&s);
    else
        *ret_submission = s;
    return status;
}

static void add_member(struct buf *out, const char *key, const char *value)
{
    json_quote(out, str_of(key));
    buf_add_char(out, ':');
    json_quote(out, str_of(value));
}

void submission_text(const struct submission *s, struct buf *out)
{
    buf_add_char(out, '{');
    add_member(out, "track", s->track != NULL ? s->track : "");
    buf_add_char(out, ',');
    add_member(out, "task", s->task != NULL ? s->task : "");
    buf_add_char(out, ',');
    add_member(out, "language", s->language != NULL ? s->language : "");
    buf_addf(out, ",\"seed\":%llu,", (unsigned long long)s->seed);
    if (s->seeds > 0)
        buf_addf(out, "\"seeds\":%u,", s->seeds);
    submission_add_files_text(s, out);
    buf_add_char(out, '}');
}

void submission_add_files_text(const struct submission *s, struct buf *out)
{
    uint32_t i;

    buf_add_text(out, "\"files\":[");
    for (i = 0; i < s->file_count; i++) {
        buf_add_text(out, i > 0 ? ",{" : "{");
        add_member(out, "name", s->files[i].name);
        buf_add_text(out, ",\"text\":");
        json_quote(out, (struct str){s->files[i].data, s->files[i].len});
        buf_add_char(out, '}');
    }
    buf_add_char(out, ']');
}
