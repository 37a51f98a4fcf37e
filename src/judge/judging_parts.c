#include "judging_parts.h"

#include "../base/clock.h"
#include "../course/language.h"
#include "compile.h"
#include "workshop.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

static int64_t cpu_of(int who)
{
    struct rusage u;

    getrusage(who, &u);
    return ((int64_t)u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000000 +
           ((int64_t)u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000;
}

int64_t judging_cpu_ns(void)
{
    return cpu_of(RUSAGE_SELF) + cpu_of(RUSAGE_CHILDREN);
}

void judging_say(void (*voice)(void *owner, struct str event), void *owner, json_t *event)
{
    char *text = json_dumps(event, JSON_COMPACT);

    if (text != NULL && voice != NULL)
        voice(owner, str_of(text));
    free(text);
    json_decref(event);
}

struct sandbox_spec judging_node_spec(const struct workshop *w, const struct bench *bench)
{
    const struct toolchain *t = &bench->toolchain;
    struct sandbox_spec spec = {
        .level = w->level,
        .profile = SANDBOX_RUN,
        .readable = (const char *const *)t->places,
        .limits = sandbox_node_limits,
    };
    int64_t n[2] = {1, 1};

    language_numbers(t->language->node, n, 2);
    spec.limits.memory_bytes = n[0] << 20;
    spec.limits.task_count = n[1];
    return spec;
}

json_t *judging_build_json(const struct compile_result *r)
{
    return json_pack("{s:b, s:b, s:I, s:I, s:s}", "built", (int)r->built, "cached", (int)r->cached,
                     "took-ns", (json_int_t)r->took_ns, "cpu-ns", (json_int_t)r->cpu_ns, "text",
                     r->text);
}

json_t *judging_cost_json(int64_t began_ns, int64_t cpu_began_ns)
{
    return json_pack("{s:I, s:I}", "wall-ns", (json_int_t)(clock_real_ns() - began_ns), "cpu-ns",
                     (json_int_t)(judging_cpu_ns() - cpu_began_ns));
}

/* As results_limit() says it of a node. */
json_t *judging_limit_json(const struct sandbox_stop *stop)
{
    return json_pack("{s:s, s:s, s:I, s:I, s:I}", "node", "", "name",
                     sandbox_limit_name(stop->limit), "figure", (json_int_t)stop->figure, "bound",
                     (json_int_t)stop->bound, "after-ns", (json_int_t)stop->after_ns);
}

/* The files of the report and their sizes. */
json_t *judging_report_json(const char *folder)
{
    json_t *files = json_array();
    DIR *dir = opendir(folder);
    const struct dirent *entry;
    struct stat st;

    while (dir != NULL && (entry = readdir(dir)) != NULL)
        if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(st.st_mode))
            json_array_append_new(files, json_pack("{s:s, s:I}", "name", entry->d_name, "bytes",
                                                   (json_int_t)st.st_size));
    if (dir != NULL)
        closedir(dir);
    return json_pack("{s:s, s:o}", "folder", folder, "files", files);
}

void judging_build_sentence(const struct compile_result *r, struct buf *out)
{
    buf_addf(out, "the program does not build: %.*s", (int)strcspn(r->text, "\n"), r->text);
}
