/* hostile_compile - sources and compilers that attack, in the compile profile of the sandbox.
 *
 * usage: hostile_compile LEVEL TABLE FOLDER [NAME...]
 *
 * The table is tests/hostile/compile.txt, which says what a row is; FOLDER has the programs of
 * attacks.txt. Prints "ok NAME", "skip NAME: why" and "FAIL NAME: why". */
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "cage/sandbox.h"

#include <dirent.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { ROWS_MAX = 128, COLUMNS = 6, GOT_MAX = 600 };

static const int64_t mib = INT64_C(1) << 20;
static const int64_t second = INT64_C(1000000000);
static const char secret_text[] = "the-grader-knows";

struct suite {
    enum sandbox_level level;
    char attacks[4096]; /* a copy of the programs that everybody may read */
    char dir[64];
    struct buf secret_env, attacks_env;
};

/* ---- what it tells ---- */

static bool tells(const char *data, size_t len)
{
    return len > 0 &&
           (memmem(data, len, secret_text, strlen(secret_text)) != NULL ||
            memmem(data, len, "root:$", 6) != NULL || memmem(data, len, "root:*", 6) != NULL);
}

/* Every file that came out must be a file, and none may hold a secret. */
static bool folder_tells(const char *path, bool *ret_strange)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    bool told = false;

    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        struct buf name = {0}, content = {0};
        struct err err;
        struct stat st;

        if (entry->d_name[0] == '.')
            continue;
        buf_addf(&name, "%s/%s", path, entry->d_name);
        if (lstat(name.data, &st) < 0 || !S_ISREG(st.st_mode))
            *ret_strange = true;
        else if (file_read(name.data, 64 * (size_t)mib, &content, &err) == 0)
            told = told || tells(content.data, content.len);
        buf_release(&name);
        buf_release(&content);
    }
    if (dir != NULL)
        closedir(dir);
    return told;
}

static void describe(const struct sandbox_outcome *o, const char *out_dir, char into[GOT_MAX])
{
    bool strange = false;
    bool told = tells(o->out.data, o->out.len) || tells(o->err.data, o->err.len) ||
                folder_tells(out_dir, &strange);
    const char *got_through =
        o->err.len > 0 ? memmem(o->err.data, o->err.len, "hostile: through", 16) : NULL;
    struct buf text = {0};

    sandbox_stop_text(&o->stop, &text);
    if (told)
        snprintf(into, GOT_MAX, "told a secret");
    else if (strange)
        snprintf(into, GOT_MAX, "something that is no file came out");
    else if (got_through != NULL)
        snprintf(into, GOT_MAX, "%.*s", (int)strcspn(got_through, "\n"), got_through);
    else if (o->stop.limit != SANDBOX_LIMIT_NONE)
        snprintf(into, GOT_MAX, "limit %s: %s", sandbox_limit_name(o->stop.limit), text.data);
    else
        snprintf(into, GOT_MAX, "%s %d%s%.200s", o->signal != 0 ? "signal" : "exit",
                 o->signal != 0 ? o->signal : o->code, o->refused.len > 0 ? " without: " : "",
                 o->refused.len > 0 ? o->refused.data : "");
    into[strcspn(into, "\n")] = '\0';
    buf_release(&text);
}

/* ---- one row ---- */

static int run_command(const struct suite *s, const char *text, const char *out_dir,
                       char got[GOT_MAX])
{
    const char *const readable[] = {s->attacks, NULL};
    const char *const env[] = {s->secret_env.data, s->attacks_env.data, NULL};
    struct buf line = {0};
    const char *argv[] = {"sh", "-c", NULL, NULL};
    struct sandbox_spec spec = {.level = s->level,
                                .profile = SANDBOX_COMPILE,
                                .readable = readable,
                                .limits = {.memory_bytes = 192 * mib,
                                           .task_count = 64,
                                           .cpu_ns = 2 * second,
                                           .wall_ns = 30 * second,
                                           .idle_ns = 2 * second,
                                           .file_bytes = 48 * mib,
                                           .scratch_bytes = 64 * mib,
                                           .scratch_files = 1000,
                                           .output_bytes = 64 << 10}};
    struct sandbox_command command = {
        .path = "/bin/sh",
        .argv = argv,
        .env = env,
        .out_dir = out_dir,
        .input = STR_LIT("{\"src\":\"c0\",\"dest\":\"n0\",\"body\":{\"type\":\"attack\"}}\n")};
    struct sandbox_outcome o;
    struct err err = {.text = ""};

    buf_addf(&line, "%s%s", text[0] == '$' ? "exec " : "", text);
    argv[2] = line.data;
    if (sandbox_run(&spec, &command, &o, &err) < 0) {
        buf_release(&line);
        snprintf(got, GOT_MAX, "not run: %.500s", err.text);
        return -1;
    }
    buf_release(&line);
    describe(&o, out_dir, got);
    sandbox_outcome_release(&o);
    return 0;
}

static bool matches(const char *wanted, const char *got)
{
    regex_t pattern;
    bool yes;

    if (regcomp(&pattern, wanted, REG_EXTENDED | REG_NOSUB) != 0)
        return false;
    yes = regexec(&pattern, got, 0, NULL, 0) == 0;
    regfree(&pattern);
    return yes;
}

/* The program that the command begins with, in the folders that a sandbox shows. */
static bool has_tool(const char *command)
{
    char path[256];
    int len = (int)strcspn(command, " ");

    if (command[0] == '$')
        return true;
    snprintf(path, sizeof(path), "/usr/bin/%.*s", len, command);
    return access(path, X_OK) == 0;
}

static int judge(const struct suite *s, char *const column[COLUMNS])
{
    const char *wanted = column[2 + SANDBOX_A - s->level];
    const char *level = sandbox_level_name(s->level);
    struct buf out_dir = {0};
    struct err err;
    char got[GOT_MAX];
    int failed = 0;

    if (!has_tool(column[1])) {
        printf("skip %s at %s: its program is not on this machine\n", column[0], level);
        return 0;
    }
    buf_addf(&out_dir, "%s/%s", s->dir, column[0]);
    file_mkdirs(out_dir.data, &err);
    run_command(s, column[1], out_dir.data, got);
    if (matches(wanted, got)) {
        printf("ok %s at %s: %.150s\n", column[0], level, got);
    } else {
        printf("FAIL %s at %s: expected %s, got %.300s\n", column[0], level, wanted, got);
        failed = 1;
    }
    fflush(stdout);
    file_remove_tree(out_dir.data, &err);
    buf_release(&out_dir);
    return failed;
}

static bool chosen(const char *name, char *const *patterns)
{
    if (patterns[0] == NULL)
        return true;
    for (; *patterns != NULL; patterns++)
        if (strstr(name, *patterns) != NULL)
            return true;
    return false;
}

/* Cuts the row in place, at " | ". */
static bool cut(char *line, char *column[COLUMNS])
{
    int i;

    for (i = 0; i < COLUMNS && line != NULL; i++) {
        char *bar = strstr(line, " | ");

        column[i] = line;
        line = bar != NULL ? bar + 3 : NULL;
        if (bar != NULL)
            *bar = '\0';
    }
    return i == COLUMNS;
}

/* ---- all of them ---- */

static int prepare(struct suite *s, const char *folder, struct err *err)
{
    struct buf secret = {0};
    int status;

    snprintf(s->dir, sizeof(s->dir), "/tmp/hostile-compile-XXXXXX");
    if (mkdtemp(s->dir) == NULL || chmod(s->dir, 0755) < 0 || realpath(folder, s->attacks) == NULL)
        return err_set_errno(err, ERR_MACHINE, "a folder");
    buf_addf(&secret, "%s/secret", s->dir);
    status = file_write(secret.data, str_of(secret_text), err);
    buf_addf(&s->secret_env, "SECRET=%s", secret.data);
    buf_addf(&s->attacks_env, "ATTACKS=%s", s->attacks);
    buf_release(&secret);
    return status;
}

static int listen_outside(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX, .sun_path = "\0eddy-hostile"};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (bind(fd, (struct sockaddr *)&at, sizeof(sa_family_t) + 13) == 0)
        listen(fd, 16);
    return fd;
}

int main(int argc, char **argv)
{
    static struct suite s;
    struct err err = {.text = ""};
    struct buf table = {0};
    char *line, *rest = NULL;
    int failed = 0;
    int listener;

    if (argc < 4 || !sandbox_level_parse(argv[1], &s.level) || s.level == SANDBOX_OFF) {
        fprintf(stderr, "usage: hostile_compile LEVEL TABLE FOLDER [NAME...]\n");
        return 2;
    }
    if (s.level > sandbox_level()) {
        printf("skip level %s: %s\n", sandbox_level_name(s.level), sandbox_missing(s.level));
        return 0;
    }
    if (prepare(&s, argv[3], &err) < 0 || file_read(argv[2], 1 << 20, &table, &err) < 0) {
        printf("FAIL hostile_compile: %s\n", err.text);
        return 1;
    }
    setenv("DATABASE_URL", "postgresql://secret", 1);
    listener = listen_outside();
    for (line = strtok_r(table.data, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        char *column[COLUMNS];

        if (line[0] != '#' && cut(line, column) && chosen(column[0], argv + 4))
            failed |= judge(&s, column);
    }
    close(listener);
    file_remove_tree(s.dir, &err);
    buf_release(&table);
    return failed;
}
