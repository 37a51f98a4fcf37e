/* The honest part of a hostile node: lines in, lines out, nothing else. */
#include "hostile.h"

void through(const char *what)
{
    fprintf(stderr, "hostile: through: %s\n", what);
}

void refused(const char *what)
{
    fprintf(stderr, "hostile: refused: %s (%s)\n", what, strerror(errno));
}

void tried(bool got, const char *what)
{
    if (got)
        through(what);
    else
        refused(what);
}

void fill_data(void)
{
    static char block[1 << 20];
    char path[4096];
    int i;

    for (i = 0; i < 3000; i++) {
        int fd;

        snprintf(path, sizeof(path), "%s/file-%d", getenv("EDDY_DATA"), i);
        fd = open(path, O_WRONLY | O_CREAT, 0600);
        if (fd < 0 || write(fd, block, sizeof(block)) < 0)
            break;
        close(fd);
    }
    TRY(i == 3000);
}

/* The text or number behind a key of a flat body, as it stands there. */
static void member(const char *line, const char *key, char *into, size_t size)
{
    char quoted[32];
    const char *at;
    size_t len;

    snprintf(quoted, sizeof(quoted), "\"%s\":", key);
    at = strstr(line, quoted);
    at = at == NULL ? "" : at + strlen(quoted);
    len = *at == '"' ? strcspn(at + 1, "\"") + 2 : strcspn(at, ",}");
    snprintf(into, size, "%.*s", (int)len, at);
}

int main(void)
{
    static char line[1 << 20];
    char me[64] = "\"n0\"", from[64], id[32], value[64];

    setvbuf(stdout, NULL, _IOLBF, 0);
    while (fgets(line, sizeof(line), stdin) != NULL) {
        member(line, "src", from, sizeof(from));
        member(line, "msg_id", id, sizeof(id));
        member(line, "echo", value, sizeof(value));
        if (strstr(line, "\"type\":\"init\"") != NULL) {
            member(line, "node_id", me, sizeof(me));
            printf("{\"src\":%s,\"dest\":%s,\"body\":{\"type\":\"init_ok\",\"in_reply_to\":%s}}\n", me,
                   from, id);
        } else if (strstr(line, "\"type\":\"echo\"") != NULL) {
            printf("{\"src\":%s,\"dest\":%s,\"body\":{\"type\":\"echo_ok\",\"echo\":%s,"
                   "\"in_reply_to\":%s}}\n",
                   me, from, value, id);
        } else if (strstr(line, "\"type\":\"attack\"") != NULL) {
            attack();
        }
    }
    return 0;
}
