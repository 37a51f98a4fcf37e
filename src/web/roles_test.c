/* Who may do what: every route of the server times everybody who may ask, held against a table that
 * people read (tests/web/roles.txt). A route without a row fails, and so does a row without a
 * route, so nobody adds an address without saying whom it is for.
 *
 * Whatever changes something leaves its database to nobody else, so no row depends on another. */
#include "routes.h"

#include "town_story.h"

#include "statics.h"

/* ---- the table ---- */

struct row {
    char method[8], route[120], path[160], body[400];
    unsigned wanted[TOWN_ROLES];
};

/* "GET /x 200 ... 200 [/path [body]]"; false for a line without a row. */
static bool read_row(char *line, struct row *r)
{
    int at = 0;

    *r = (struct row){.method = ""};
    if (line[0] == '#' || line[strspn(line, " \n")] == '\0')
        return false;
    if (sscanf(line, "%7s %119s %u %u %u %u %u %u %n", r->method, r->route, &r->wanted[0],
               &r->wanted[1], &r->wanted[2], &r->wanted[3], &r->wanted[4], &r->wanted[5], &at) != 8)
        fail_msg("tests/web/roles.txt: this is no row: %s", line);
    sscanf(line + at, "%159s %399[^\n]", r->path, r->body);
    if (r->path[0] == '\0' || strcmp(r->path, "-") == 0)
        snprintf(r->path, sizeof(r->path), "%.119s", r->route);
    return true;
}

/* The address of a run of the learner's, as the answer has it. */
static char run[64];

/* {class} and the like become the numbers of the town. */
static void fill_in(const struct town *t, enum town_role who, const char *text, struct buf *out)
{
    const struct {
        const char *name;
        int64_t number;
    } known[] = {{"{class}", t->class_id},
                 {"{assignment}", t->assignment},
                 {"{handin}", t->handin},
                 {"{waiting}", t->waiting},
                 {"{job}", t->job},
                 {"{link}", t->link},
                 {"{invitation}", t->invitation},
                 {"{learner}", t->people[LEARNER].id},
                 {"{admin}", t->people[ADMIN].id}};
    size_t i;

    buf_add_text(out, "");
    while (*text != '\0') {
        for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
            if (strncmp(text, known[i].name, strlen(known[i].name)) == 0)
                break;
        if (i < sizeof(known) / sizeof(known[0])) {
            buf_add_i64(out, known[i].number);
            text += strlen(known[i].name);
        } else if (strncmp(text, "{own}", 5) == 0) {
            buf_add_text(out, town_names[who]);
            text += 5;
        } else if (strncmp(text, "{run}", 5) == 0) {
            buf_add_text(out, run);
            text += 5;
        } else if (strncmp(text, "{static}", 8) == 0) {
            buf_add_text(out, statics_url(t->web.site->statics, "style.css") + 8);
            text += 8;
        } else {
            buf_add_char(out, *text++);
        }
    }
}

static unsigned ask(struct town *t, const struct row *row, enum town_role who)
{
    struct buf path = {0}, body = {0};
    struct web_asking asking = {.method = row->method};
    unsigned status;
    char *query;

    fill_in(t, who, row->path, &path);
    fill_in(t, who, row->body, &body);
    query = strchr(path.data, '?');
    if (query != NULL)
        *query++ = '\0';
    asking.path = path.data;
    asking.query = query;
    asking.body = body.data;
    status = town_say(t, who, asking);
    buf_release(&path);
    buf_release(&body);
    return status;
}

static void start_run(struct town *t)
{
    static const struct web_asking asking = {
        .method = "POST",
        .path = "/api/v1/runs",
        .body = "{\"workload\":\"echo\",\"options\":{},\"language\":\"python\","
                "\"files\":[{\"name\":\"main.py\",\"text\":\"x\"}]}"};
    json_t *answer;

    CHECK_INT(town_say(t, LEARNER, asking), 202);
    answer = json_loads(t->web.r.body.data, 0, NULL);
    snprintf(run, sizeof(run), "%s", json_string_value(json_object_get(answer, "id")));
    json_decref(answer);
}

static void begin(struct town *t)
{
    town_open(t);
    story_write(&t->web.story, "backups/eddy-20260102-030405.db", "a backup");
    story_write(&t->web.story, "course/01-messenger/ref/main.c", "int main(void) { return 0; }\n");
    start_run(t);
}

/* A town is used again until somebody has changed something in it. */
static uint32_t check_row(const struct row *row)
{
    bool reads = strcmp(row->method, "GET") == 0, fresh = false;
    struct town t;
    uint32_t wrong = 0;
    size_t i;

    for (i = 0; i < TOWN_ROLES; i++) {
        unsigned got;
        if (!fresh)
            begin(&t);
        got = ask(&t, row, (enum town_role)i);
        fresh = reads || got >= 400;
        if (!fresh || i == TOWN_ROLES - 1)
            town_close(&t);
        if (got == row->wanted[i])
            continue;
        print_error("%s %s as %s: %u, and the table says %u\n", row->method, row->route,
                    town_names[i], got, row->wanted[i]);
        wrong++;
    }
    return wrong;
}

static FILE *open_table(void)
{
    FILE *file = fopen("tests/web/roles.txt", "r");

    if (file == NULL)
        fail_msg("tests/web/roles.txt is not there; tests run from the top of the tree");
    return file;
}

TEST(everybody_gets_what_the_table_says_and_nothing_else)
{
    FILE *file = open_table();
    uint32_t wrong = 0;
    char line[1024];
    struct row row;

    while (fgets(line, sizeof(line), file) != NULL)
        if (read_row(line, &row))
            wrong += check_row(&row);
    fclose(file);
    CHECK_INT(wrong, 0);
}

static bool has_row(const struct route *route)
{
    FILE *file = open_table();
    bool found = false;
    char line[1024];
    struct row row;

    while (fgets(line, sizeof(line), file) != NULL)
        if (read_row(line, &row))
            found |= strcmp(row.method, route->method) == 0 && strcmp(row.route, route->path) == 0;
    fclose(file);
    return found;
}

TEST(every_route_has_a_row)
{
    const struct route *route;
    uint32_t missing = 0;

    for (route = routes; route->method != NULL; route++)
        if (!has_row(route)) {
            print_error("%s %s is not in tests/web/roles.txt: say there whom it is for\n",
                        route->method, route->path);
            missing++;
        }
    CHECK_INT(missing, 0);
}
