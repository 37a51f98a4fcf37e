#include "starter.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../course/language.h"
#include "../judge/play_table.h"
#include "site.h"

#include <string.h>
#include <unistd.h>

enum { STARTER_FILE_MAX = 1 << 20, WORD_MAX = 256 };

static int add_file(const char *path, const char *name, json_t *files, struct err *err)
{
    struct buf content = {0};
    int status = file_read(path, STARTER_FILE_MAX, &content, err);
    json_t *text;

    if (status == 0) {
        text = json_stringn(content.data != NULL ? content.data : "", content.len);
        json_array_append_new(files, json_pack("{s:s, s:o}", "name", name, "text",
                                               text != NULL ? text : json_string("")));
    }
    buf_release(&content);
    return status;
}

/* The starter's main file does echo. Names are our own: those of workloads are built in. */
static bool program_path(const struct site *s, const struct language *language,
                         const char *workload, struct buf *out)
{
    if (strcmp(workload, "echo") == 0)
        buf_addf(out, "%s/%s/starter/%s", s->languages->kits, language->name, language->main);
    else
        buf_addf(out, "%s/%s/workloads/%s.%s", s->languages->kits, language->name,
                 play_workload_program(workload), language->extension);
    return access(out->data, R_OK) == 0;
}

bool starter_does(const struct site *s, const struct language *language, const char *workload)
{
    struct buf path = {0};
    bool does = program_path(s, language, workload, &path);

    buf_release(&path);
    return does;
}

/* All files of a list of the table; main is the path of the file that stands for the main one. */
static int add_files(const struct site *s, const struct language *language, const char *folder,
                     const char *list, const char *main, json_t *files, struct err *err)
{
    struct buf path = {0};
    char name[WORD_MAX];
    int status = 0;

    while (status == 0 && language_word(&list, name, sizeof(name)) > 0) {
        buf_reset(&path);
        buf_addf(&path, "%s/%s%s/%s", s->languages->kits, language->name, folder, name);
        status = add_file(main != NULL && strcmp(name, language->main) == 0 ? main : path.data,
                          name, files, err);
    }
    buf_release(&path);
    return status;
}

int starter_json(const struct site *s, const struct language *language, const char *workload,
                 json_t **ret_starter, struct err *err)
{
    json_t *files = json_array(), *kit = json_array();
    struct buf main = {0};
    bool own = workload != NULL && program_path(s, language, workload, &main);
    int status =
        add_files(s, language, "/starter", language->starter, own ? main.data : NULL, files, err);

    if (status == 0)
        status = add_files(s, language, "", language->library, NULL, kit, err);
    if (status == 0)
        *ret_starter =
            json_pack("{s:O, s:O, s:s}", "files", files, "kit", kit, "main", language->main);
    json_decref(files);
    json_decref(kit);
    buf_release(&main);
    return status;
}
