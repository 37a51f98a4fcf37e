/* hostile - programs that attack, at one level of the sandbox, against what must become of them.
 *
 * usage: hostile LEVEL TABLE FOLDER SCENARIO [NAME...]
 *
 * The table (tests/hostile/attacks.txt) names programs in FOLDER and, for each level, what must
 * come of them; a name with a * behind it has the limits of a judged node, others small ones. What
 * has not ended in SECONDS_MAX of real time has failed. Each attack is one node of a cluster of two
 * in virtual time; the other is honest, and what it says and when must be, byte for byte, what it
 * says beside an honest neighbour. At the end nothing may be left: no process of the sandboxes'
 * ids, no cgroup, no mount.
 *
 * Prints "ok NAME", "skip NAME: why" and "FAIL NAME: why"; exit status 1 if one failed. */
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "cage/sandbox.h"
#include "run/part.h"
#include "run/run.h"
#include "script/script.h"

#include <dirent.h>
#include <errno.h>
#include <regex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    ATTACKS_MAX = 128,
    LEVELS = 4,
    JOBS = 2,
    SENTENCE_MAX = 400,
    FIRST_UID = 1 << 30,
    IDS_OF_ONE = 256,
    SECONDS_MAX = 1000
};

static const int64_t mib = INT64_C(1) << 20;

struct attack {
    char *name;
    char *wanted[LEVELS]; /* A, B, C, D */
    bool as_judged;
};

struct suite {
    enum sandbox_level level;
    const char *programs;
    struct buf scenario;
    const char *scenario_path;
    char dir[64]; /* of this call; removed at the end */
    struct attack attacks[ATTACKS_MAX];
    size_t count;
    struct buf canary; /* what n1 says beside an honest n0 */
    pid_t judges[ATTACKS_MAX];
    size_t judge_count;
    int failed;
};

/* ---- the table: NAME | A | B | C | D, # and empty lines left out ---- */

static char *trimmed(const char *from, size_t len)
{
    while (len > 0 && from[len - 1] == ' ')
        len--;
    while (len > 0 && *from == ' ') {
        from++;
        len--;
    }
    return mem_strndup(from, len);
}

/* Up to the next " | ": a bar without blanks belongs to the expression. */
static size_t column(const char *line)
{
    const char *bar = strstr(line, " | ");

    return bar != NULL ? (size_t)(bar - line) : strlen(line);
}

static int read_table(struct suite *s, const char *path, struct err *err)
{
    struct buf text = {0};
    char *line, *rest = NULL;
    int status = file_read(path, 1 << 20, &text, err);

    if (status < 0)
        return status;
    for (line = strtok_r(text.data, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        struct attack *a = &s->attacks[s->count];
        size_t len = column(line);
        int i;

        if (line[0] == '#' || line[0] == ' ' || line[len] == '\0' || s->count == ATTACKS_MAX)
            continue;
        a->name = trimmed(line, len);
        a->as_judged = a->name[strlen(a->name) - 1] == '*';
        a->name[strcspn(a->name, " *")] = '\0';
        for (i = 0; i < LEVELS; i++) {
            line += len + (line[len] == '\0' ? 0 : 3);
            len = column(line);
            a->wanted[i] = trimmed(line, len);
        }
        s->count++;
    }
    buf_release(&text);
    return 0;
}

static const char *wanted(const struct suite *s, const struct attack *a)
{
    return a->wanted[SANDBOX_A - s->level];
}

/* ---- one attack ---- */

static struct sandbox_spec spec_of(const struct suite *s, bool as_judged)
{
    struct sandbox_spec judged = {
        .level = s->level, .profile = SANDBOX_RUN, .limits = sandbox_node_limits};

    if (as_judged)
        return judged;
    return (struct sandbox_spec){.level = s->level,
                                 .profile = SANDBOX_RUN,
                                 .limits = {.memory_bytes = 64 * mib,
                                            .task_count = 32,
                                            .cpu_ns = 1000000000,
                                            .file_bytes = 16 * mib,
                                            .scratch_bytes = 8 * mib,
                                            .scratch_files = 200,
                                            .data_bytes = 8 * mib,
                                            .output_bytes = mib / 2}};
}

/* What it was asked, what it said, and when: without the numbers of messages, which count all. */
static void add_of_neighbour(struct str line, struct buf *out)
{
    char *text = mem_strndup(line.data, line.len);
    char *id = strstr(text, "\"id\":");
    bool about = strstr(text, "\"src\":\"n1\"") != NULL ||
                 strstr(text, "\"dest\":\"n1\"") != NULL || strstr(text, "\"node\":\"n1\"") != NULL;

    if (about && id != NULL)
        memmove(id, id + strcspn(id, ","), strlen(id + strcspn(id, ",")) + 1);
    if (about && strstr(text, "\"e\":\"blame\"") == NULL &&
        strstr(text, "\"what\":\"kill\"") == NULL && strstr(text, "\"src\":\"n0\"") == NULL)
        buf_addf(out, "%s\n", text);
    mem_free(text);
}

static void read_neighbour(const char *dir, struct buf *out)
{
    struct lines_reader *in = NULL;
    struct buf path = {0};
    struct err err;
    struct str line;

    buf_addf(&path, "%s/journal.jsonl.zst", dir);
    if (lines_open(path.data, &in, &err) == 0)
        while (lines_next(in, 2 * (size_t)mib, &line, &err) > 0)
            add_of_neighbour(line, out);
    lines_reader_close(in);
    buf_release(&path);
}

/* The first line of n0's log that says it got through; "" if there is none. */
static void read_through(const char *dir, char into[SENTENCE_MAX], bool *ret_tried)
{
    struct buf path = {0}, text = {0};
    struct err err;
    const char *at;

    buf_addf(&path, "%s/node-logs/n0.log", dir);
    into[0] = '\0';
    *ret_tried = file_read(path.data, 4 * (size_t)mib, &text, &err) == 0 && text.len > 0;
    at = *ret_tried ? strstr(text.data, "hostile: through: ") : NULL;
    if (at != NULL)
        snprintf(into, SENTENCE_MAX, "%.*s", (int)strcspn(at, "\n"), at);
    buf_release(&path);
    buf_release(&text);
}

static bool core_left(const char *dir)
{
    struct buf path = {0};
    struct dirent *entry;
    DIR *data;
    bool left = false;

    buf_addf(&path, "%s/data/n0", dir);
    data = opendir(path.data);
    while (data != NULL && (entry = readdir(data)) != NULL)
        left = left || strncmp(entry->d_name, "core", 4) == 0;
    if (data != NULL)
        closedir(data);
    buf_release(&path);
    return left;
}

/* "refused", "through: ...", "limit NAME ...", "invalid: ..." or "not judged: ...". */
static void play(const struct suite *s, const char *name, bool as_judged, const char *dir,
                 struct buf *got, struct buf *neighbour)
{
    struct script_plan_config plan_config = {
        .path = s->scenario_path, .source = buf_str(&s->scenario), .seed = 1};
    struct sandbox_spec spec = spec_of(s, as_judged);
    struct script_plan *plan = NULL;
    struct run_result *result = NULL;
    struct err err = {.text = ""};
    struct buf program = {0};
    const char *argv[] = {NULL, NULL};
    json_t *options = json_object();
    struct run_config config = {.seed = 1,
                                .scenario_path = s->scenario_path,
                                .scenario = buf_str(&s->scenario),
                                .options = options,
                                .clock = CAGE_CLOCK_VIRTUAL,
                                .sandbox = &spec,
                                .dir = dir,
                                .availability_min = -1};
    char sentence[SENTENCE_MAX];
    bool tried;
    int status;

    buf_addf(&program, "%s/%s", s->programs, name);
    config.program = argv[0] = program.data;
    config.argv = argv;
    status = script_plan(&plan_config, &plan, &err);
    if (status == 0) {
        part_config(&plan->parts[0], &config);
        status = run_execute(&config, &result, &err);
    }
    if (status < 0) {
        buf_addf(got, "not judged: %s", err.text);
    } else if (result->stopped_node != NULL) {
        read_through(dir, sentence, &tried);
        buf_addf(got, "limit %s: %s%s%s", sandbox_limit_name(result->stop.limit), result->sentence,
                 sentence[0] != '\0' ? ", but " : "", sentence);
    } else if (result->valid != VALID_TRUE) {
        buf_addf(got, "invalid: %s", result->sentence != NULL ? result->sentence : "?");
    } else {
        read_through(dir, sentence, &tried);
        buf_add_text(got, sentence[0] != '\0' ? sentence + strlen("hostile: ")
                          : tried             ? "refused"
                                              : "nothing");
    }
    if (core_left(dir))
        buf_add_text(got, " and a core file was left");
    read_neighbour(dir, neighbour);
    run_result_free(result);
    script_plan_free(plan);
    json_decref(options);
    buf_release(&program);
}

static bool matches(const char *wanted_text, const char *got)
{
    regex_t pattern;
    bool yes;

    if (regcomp(&pattern, wanted_text, REG_EXTENDED | REG_NOSUB) != 0)
        return false;
    yes = regexec(&pattern, got, 0, NULL, 0) == 0;
    regfree(&pattern);
    return yes;
}

/* A run that ended early tells less, and nothing else. */
static bool same_neighbour(const struct suite *s, const struct buf *neighbour, bool whole)
{
    return neighbour->len > 0 && neighbour->len <= s->canary.len &&
           (!whole || neighbour->len == s->canary.len) &&
           memcmp(neighbour->data, s->canary.data, neighbour->len) == 0;
}

/* Of the child; for the handler. */
static char out_of_time[200];

static void on_alarm(int signal_number)
{
    (void)signal_number;
    (void)!write(STDOUT_FILENO, out_of_time, strlen(out_of_time));
    _exit(1);
}

static void limit_time(const struct suite *s, const struct attack *a)
{
    snprintf(out_of_time, sizeof(out_of_time), "FAIL %s at %s: it did not end in %d s\n", a->name,
             sandbox_level_name(s->level), SECONDS_MAX);
    signal(SIGALRM, on_alarm);
    alarm(SECONDS_MAX);
}

/* In a child of its own. */
static int judge(const struct suite *s, const struct attack *a)
{
    struct buf dir = {0}, got = {0}, neighbour = {0};
    struct err err;
    char *at;
    int failed = 0;
    bool whole;

    limit_time(s, a);
    buf_addf(&dir, "%s/%s", s->dir, a->name);
    file_mkdirs(dir.data, &err);
    play(s, a->name, a->as_judged, dir.data, &got, &neighbour);
    whole = strncmp(got.data, "limit", 5) != 0 && strncmp(got.data, "invalid", 7) != 0;
    for (at = got.data; *at != '\0'; at++)
        if ((unsigned char)*at < ' ' || *at == 127)
            *at = ' ';
    if (!matches(wanted(s, a), got.data)) {
        printf("FAIL %s at %s: expected %s, got %.300s\n", a->name, sandbox_level_name(s->level),
               wanted(s, a), got.data);
        failed = 1;
    } else if (!same_neighbour(s, &neighbour, whole)) {
        printf("FAIL %s at %s: its neighbour was touched (%.60s)\n", a->name,
               sandbox_level_name(s->level), got.data);
        failed = 1;
    } else {
        printf("ok %s at %s: %.150s\n", a->name, sandbox_level_name(s->level), got.data);
    }
    fflush(stdout);
    if (!failed)
        file_remove_tree(dir.data, &err);
    return failed;
}

static void reap_one(struct suite *s)
{
    int status;

    if (wait(&status) > 0)
        s->failed |= !WIFEXITED(status) || WEXITSTATUS(status) != 0;
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

static void judge_all(struct suite *s, char *const *patterns)
{
    int running = 0;
    size_t i;

    for (i = 0; i < s->count; i++) {
        const struct attack *a = &s->attacks[i];

        if (!chosen(a->name, patterns))
            continue;
        if (s->level < SANDBOX_B && geteuid() != 0 && strncmp(a->name, "25", 2) == 0) {
            printf("skip %s at %s: without root it would reach this user's own processes\n",
                   a->name, sandbox_level_name(s->level));
            continue;
        }
        if (wanted(s, a)[0] == '-') {
            printf("skip %s at %s: %s\n", a->name, sandbox_level_name(s->level), wanted(s, a) + 1);
            continue;
        }
        fflush(stdout);
        if (running == JOBS)
            reap_one(s);
        running += running < JOBS;
        s->judges[s->judge_count] = fork();
        if (s->judges[s->judge_count++] == 0)
            _exit(judge(s, a));
    }
    while (running-- > 0)
        reap_one(s);
}

/* ---- what outside there is to be reached, and what may be left ---- */

static int listen_outside(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX, .sun_path = "\0eddy-hostile"};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (bind(fd, (struct sockaddr *)&at, sizeof(sa_family_t) + 13) == 0)
        listen(fd, 16);
    return fd;
}

static void leave_beacons(bool there)
{
    static const char *const beacons[] = {"/tmp/eddy-hostile-beacon",
                                          "/dev/shm/eddy-hostile-beacon"};
    struct err err;
    size_t i;

    for (i = 0; i < 2; i++)
        if (!there)
            unlink(beacons[i]);
        else if (file_write(beacons[i], STR_LIT("x"), &err) < 0)
            fprintf(stderr, "%s\n", err.text);
}

/* Of a judge of ours: sandboxes' ids are made from the number of the process that has them (see
 * sandbox_launch.c), so others at work on this machine are not counted. */
static bool is_ours(const struct suite *s, uid_t uid)
{
    size_t i;

    for (i = 0; i < s->judge_count; i++)
        if (uid >= FIRST_UID && (uid - FIRST_UID) / IDS_OF_ONE == (uid_t)s->judges[i])
            return true;
    return false;
}

static int processes_left(const struct suite *s)
{
    DIR *proc = opendir("/proc");
    struct dirent *entry;
    int left = 0;

    while (proc != NULL && (entry = readdir(proc)) != NULL) {
        char path[300];
        struct stat st;

        snprintf(path, sizeof(path), "/proc/%.200s", entry->d_name);
        if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9' && stat(path, &st) == 0 &&
            is_ours(s, st.st_uid))
            left++;
    }
    if (proc != NULL)
        closedir(proc);
    return left;
}

/* Lines of a file of the kernel that hold this text. */
static int lines_with(const char *path, const char *part)
{
    FILE *in = fopen(path, "re");
    char line[4096];
    int count = 0;

    while (in != NULL && fgets(line, sizeof(line), in) != NULL)
        count += strstr(line, part) != NULL;
    if (in != NULL)
        fclose(in);
    return count;
}

static int cgroups_left(const struct suite *s)
{
    FILE *in = popen("find /sys/fs/cgroup -type d -name 'eddy-[0-9]*' 2>/dev/null", "re");
    char line[4096];
    int left = 0;
    size_t i;

    while (in != NULL && fgets(line, sizeof(line), in) != NULL)
        for (i = 0; i < s->judge_count; i++)
            left += atol(strrchr(line, '-') + 1) == s->judges[i];
    if (in != NULL)
        pclose(in);
    return left;
}

static void check_left(struct suite *s, int mounts_before)
{
    const char *level = sandbox_level_name(s->level);
    int processes = processes_left(s);
    int cgroups = cgroups_left(s);
    int mounts = lines_with("/proc/self/mounts", " ") - mounts_before;

    if (processes == 0 && cgroups == 0 && mounts == 0) {
        printf("ok nothing is left at %s\n", level);
        return;
    }
    printf("FAIL nothing is left at %s: %d processes, %d cgroups, %d mounts\n", level, processes,
           cgroups, mounts);
    s->failed = 1;
}

/* ---- all of it ---- */

static int make_canary(struct suite *s)
{
    struct buf dir = {0}, got = {0};
    struct err err;
    int status = 0;

    buf_addf(&dir, "%s/canary", s->dir);
    file_mkdirs(dir.data, &err);
    play(s, "00-honest", false, dir.data, &got, &s->canary);
    if (strcmp(got.data, "nothing") != 0 || s->canary.len == 0) {
        printf("FAIL canary at %s: %s\n", sandbox_level_name(s->level), got.data);
        status = -1;
    }
    buf_release(&dir);
    buf_release(&got);
    return status;
}

int main(int argc, char **argv)
{
    static struct suite s;
    struct err err = {.text = ""};
    char real[4096];
    int mounts = lines_with("/proc/self/mounts", " ");
    int listener;
    char *secret;

    if (argc < 5 || !sandbox_level_parse(argv[1], &s.level) || s.level == SANDBOX_OFF) {
        fprintf(stderr, "usage: hostile LEVEL TABLE FOLDER SCENARIO [NAME...]\n");
        return 2;
    }
    if (s.level > sandbox_level()) {
        printf("skip level %s: %s\n", sandbox_level_name(s.level), sandbox_missing(s.level));
        return 0;
    }
    s.programs = realpath(argv[3], real);
    s.scenario_path = argv[4];
    snprintf(s.dir, sizeof(s.dir), "/tmp/hostile-XXXXXX");
    if (s.programs == NULL || mkdtemp(s.dir) == NULL || chmod(s.dir, 0755) < 0 ||
        read_table(&s, argv[2], &err) < 0 ||
        file_read(s.scenario_path, 1 << 20, &s.scenario, &err) < 0) {
        printf("FAIL hostile: %s\n", err.text);
        return 1;
    }
    secret = mem_strdup("postgresql://secret");
    setenv("DATABASE_URL", secret, 1);
    sandbox_sweep(); /* as whoever runs for long does at its start */
    listener = listen_outside();
    leave_beacons(true);
    if (make_canary(&s) < 0)
        s.failed = 1;
    else
        judge_all(&s, argv + 5);
    close(listener);
    leave_beacons(false);
    if (!s.failed || argv[5] == NULL)
        check_left(&s, mounts);
    mem_free(secret);
    if (!s.failed)
        file_remove_tree(s.dir, &err);
    return s.failed;
}
