#include "build.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"
#include "command.h"
#include "language.h"
#include "plant.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OUTPUT_MAX = 1 << 20, SOURCE_MAX = 16 << 20, VERSION_SECONDS_MAX = 20 };

/* ---- the compiler's words ---- */

/* Whether a line reports an error, in the manner of gcc, go, javac, node, python, rustc or tsc. */
static bool is_error(struct str line)
{
    static const char *const marks[] = {
        "error:", "error[",      "error TS", "SyntaxError", "Error:", "undefined reference",
        ".go:",   "cannot find", "fatal",    "/ld: ",
    };
    size_t i;

    for (i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
        if (memmem(line.data, line.len, marks[i], strlen(marks[i])) != NULL)
            return true;
    return false;
}

static bool next_line(struct str *rest, struct str *ret_line)
{
    const char *eol;

    if (rest->len == 0)
        return false;
    eol = memchr(rest->data, '\n', rest->len);
    ret_line->data = rest->data;
    ret_line->len = eol != NULL ? (size_t)(eol - rest->data) : rest->len;
    rest->data += ret_line->len + (eol != NULL);
    rest->len -= ret_line->len + (eol != NULL);
    return true;
}

/* Python and node say the place some lines before they say "SyntaxError"; then that line, which
 * names a file, is the first of interest. */
static bool is_place(struct str line)
{
    static const char *const marks[] = {"  File \"", "*** Error compiling"};
    size_t i;

    for (i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
        if (line.len >= strlen(marks[i]) && memcmp(line.data, marks[i], strlen(marks[i])) == 0)
            return true;
    return false;
}

/* From the first error on; all of it if no line looks like one. */
static struct str from_first_error(struct str output)
{
    struct str rest = output, line;

    while (next_line(&rest, &line))
        if (is_error(line) || is_place(line)) {
            /* node prints FILE:LINE, the source and a caret before the word SyntaxError */
            if (memmem(line.data, line.len, "SyntaxError", 11) != NULL)
                return output;
            return (struct str){line.data, (size_t)(output.data + output.len - line.data)};
        }
    return output;
}

/* The line without the folder's path and without what would command a terminal. */
static void add_line(struct str line, const char *dir, struct buf *into)
{
    size_t dir_len = strlen(dir);
    size_t begin = into->len;
    size_t i = 0;

    while (i < line.len && into->len - begin < BUILD_LINE_LEN_MAX) {
        if (line.len - i > dir_len && memcmp(line.data + i, dir, dir_len) == 0 &&
            line.data[i + dir_len] == '/') {
            i += dir_len + 1;
            continue;
        }
        if ((unsigned char)line.data[i] >= 0x20 && line.data[i] != 0x7f)
            buf_add_char(into, line.data[i]);
        else if (line.data[i] == '\t')
            buf_add_text(into, "    ");
        i++;
    }
    if (i < line.len)
        buf_add_text(into, " ...");
    buf_add_char(into, '\n');
}

void build_words(struct str output, const char *dir, struct buf *into)
{
    struct str rest = from_first_error(output), line;
    uint32_t count = 0;

    while (next_line(&rest, &line)) {
        if (count++ < BUILD_LINES_MAX)
            add_line(line, dir, into);
    }
    if (count > BUILD_LINES_MAX)
        buf_addf(into, "... and %u more lines\n", count - BUILD_LINES_MAX);
}

/* ---- building ---- */

static int run_line(const struct build *b, const char *line, struct command_result *ret_result,
                    struct err *err)
{
    struct buf shell = {0};
    struct command command = {
        .dir = b->dir,
        .limit_ns = (int64_t)BUILD_SECONDS_MAX * 1000000000,
        .output_max = OUTPUT_MAX,
    };
    int status;

    language_command(line, &(struct language_names){.dir = b->dir, .out = b->out}, &shell);
    command.shell = shell.data;
    status = command_run(&command, ret_result, err);
    if (status < 0)
        err_wrap(err, "building %s", b->dir);
    buf_release(&shell);
    return status;
}

/* What a compiler does not say, or says in a way that helps nobody: how the file to begin with is
 * encoded, and that a folder lies where the program is to go. */
static void add_notes(const struct build *b, struct buf *into)
{
    const char *name = strrchr(b->out, '/') + 1;
    unsigned char first[3] = {0};
    struct buf path = {0};
    struct stat st;
    FILE *main_file;

    buf_addf(&path, "%s/%s", b->dir, b->language->main);
    main_file = fopen(path.data, "rbe");
    if (main_file != NULL) {
        if (fread(first, 1, sizeof(first), main_file) >= 2 &&
            ((first[0] == 0xff && first[1] == 0xfe) || (first[0] == 0xfe && first[1] == 0xff)))
            buf_addf(into, "\n%s is saved as UTF-16; save it as UTF-8.\n", b->language->main);
        else if (memcmp(first, "\xef\xbb\xbf", 3) == 0)
            buf_addf(into,
                     "\n%s begins with a byte order mark, which not every compiler takes; save it "
                     "as UTF-8 without one.\n",
                     b->language->main);
        fclose(main_file);
    }
    if (stat(b->out, &st) == 0 && S_ISDIR(st.st_mode))
        buf_addf(into,
                 "\nThe program is to be called %s, and a folder here has this name; give "
                 "the folder another one.\n",
                 name);
    buf_release(&path);
}

static void explain(const struct build *b, const struct command_result *r, struct buf *into)
{
    if (r->timed_out)
        buf_addf(into, "The build did not end within %d s and was killed.\n", BUILD_SECONDS_MAX);
    else if (r->code != 0 && r->output.len == 0)
        buf_addf(into, "The build ended with status %d and said nothing.\n", r->code);
    build_words(buf_str(&r->output), b->dir, into);
    if (!r->timed_out && r->code == 0)
        buf_addf(into, "The build succeeded, but there is no program %s.\n",
                 strrchr(b->out, '/') + 1);
    add_notes(b, into);
}

/* A tool can be on the PATH and not run: version managers put scripts of their own there, and want
 * to be told first which version is meant. That is no fault of the program. */
static int check_tool_runs(const struct build *b, struct err *err)
{
    struct command command = {
        .shell = b->language->version,
        .dir = b->dir,
        .limit_ns = (int64_t)VERSION_SECONDS_MAX * 1000000000,
        .output_max = OUTPUT_MAX,
    };
    struct command_result r = {0};
    struct buf words = {0};
    int status = command_run(&command, &r, err);

    if (status == 0 && r.code != 0 && !r.timed_out) { /* slow is not broken */
        build_words(buf_str(&r.output), b->dir, &words);
        status = err_set(err, ERR_INPUT, "%s cannot be used here: `%s` fails%s%.*s",
                         b->language->title, b->language->version, words.len > 0 ? ": " : "",
                         words.len > 0 ? (int)strcspn(words.data, "\n") : 0,
                         words.len > 0 ? words.data : "");
    }
    buf_release(&words);
    command_result_release(&r);
    return status;
}

static bool is_program(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

int build_run(const struct build *b, struct build_result *ret_result, struct err *err)
{
    struct command_result r = {0};
    struct buf text = {0};
    bool first = !is_program(b->out), built = false;
    int64_t took = 0;
    int status = language_check_tools(b->language, err);

    if (status == 0 && first && b->language->prepare[0] != '\0') {
        status = run_line(b, b->language->prepare, &r, err);
        took = r.took_ns;
    }
    if (status == 0 && r.code == 0 && !r.timed_out) {
        command_result_release(&r);
        if (!PLANTED(8))
            unlink(b->out); /* or a build that fails silently would leave the program of before */
        r = (struct command_result){0};
        status = run_line(b, b->language->build, &r, err);
    }
    if (status == 0) {
        built = r.code == 0 && !r.timed_out && is_program(b->out);
        if (!built)
            status = check_tool_runs(b, err);
    }
    if (status == 0) {
        if (!built)
            explain(b, &r, &text);
        *ret_result = (struct build_result){
            .built = built,
            .text = mem_strndup(text.len > 0 ? text.data : "", text.len),
            .took_ns = took + r.took_ns,
        };
    }
    command_result_release(&r);
    buf_release(&text);
    return status;
}

void build_result_release(struct build_result *r)
{
    mem_free(r->text);
    r->text = NULL;
}

/* ---- a reference system ---- */

static int copy_file(const char *from, const char *to, struct err *err)
{
    struct buf content = {0};
    int status = file_read(from, SOURCE_MAX, &content, err);

    if (status == 0)
        status = file_write(to, buf_str(&content), err);
    buf_release(&content);
    return status;
}

static int copy_named(const char *from_dir, const char *to_dir, const char *name, struct err *err)
{
    struct buf from = {0};
    struct buf to = {0};
    int status;

    buf_addf(&from, "%s/%s", from_dir, name);
    buf_addf(&to, "%s/%s", to_dir, name);
    status = copy_file(from.data, to.data, err);
    buf_release(&from);
    buf_release(&to);
    return status;
}

static int copy_kit_file(const char *ref, const char *kit, const char *to, struct str line,
                         struct err *err)
{
    struct buf path = {0};
    struct buf name = {0};
    int status;

    buf_add_str(&name, line);
    buf_addf(&path, "%s/%s", kit, name.data);
    if (memchr(line.data, '/', line.len) != NULL || access(path.data, R_OK) < 0)
        status = err_set(err, ERR_INPUT, "%s/kit: \"%s\" is no name of a file of kits/c", ref,
                         name.data);
    else
        status = copy_named(kit, to, name.data, err);
    buf_release(&path);
    buf_release(&name);
    return status;
}

/* The files that the file `kit` lists, one name a line. */
static int copy_kit(const char *ref, const char *kit, const char *to, struct err *err)
{
    struct buf list = {0};
    struct buf path = {0};
    struct str rest, line;
    int status = 0;

    buf_addf(&path, "%s/kit", ref);
    if (access(path.data, F_OK) == 0)
        status = file_read(path.data, SOURCE_MAX, &list, err);
    rest = buf_str(&list);
    buf_reset(&path);
    buf_addf(&path, "%s/kit", to);
    if (status == 0 && rest.len > 0)
        status = file_mkdirs(path.data, err);
    while (status == 0 && next_line(&rest, &line))
        if (line.len > 0)
            status = copy_kit_file(ref, kit, path.data, line, err);
    buf_release(&list);
    buf_release(&path);
    return status;
}

int build_copy_reference(const char *ref, const struct languages *languages, const char *to,
                         struct err *err)
{
    DIR *dir = opendir(ref);
    const struct dirent *entry;
    struct buf kit = {0};
    int status;

    if (dir == NULL)
        return err_set_errno(err, ERR_INPUT, "there is no reference system in %s", ref);
    status = file_mkdirs(to, err);
    while (status == 0 && (entry = readdir(dir)) != NULL) {
        const char *dot = strrchr(entry->d_name, '.');
        if (dot != NULL && entry->d_name[0] != '.' &&
            (strcmp(dot, ".c") == 0 || strcmp(dot, ".h") == 0 || strcmp(dot, ".md") == 0))
            status = copy_named(ref, to, entry->d_name, err);
    }
    closedir(dir);
    buf_addf(&kit, "%s/c", languages->kits);
    if (status == 0)
        status = copy_kit(ref, kit.data, to, err);
    buf_release(&kit);
    return status;
}
