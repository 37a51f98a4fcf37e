#include "api.h"

#include "schema_story.h"

static unsigned ask(struct web_story *w, const char *task, const char *query)
{
    char path[80];
    unsigned status;

    snprintf(path, sizeof(path), "/api/v1/tracks/messenger/tasks/%s/solution", task);
    status = web_say(w, &(struct web_asking){.method = "GET", .path = path, .query = query});
    check_described(w, "GET", "/api/v1/tracks/:track/tasks/:task/solution");
    return status;
}

TEST(a_solution_is_shown_after_passing_or_to_who_confirms)
{
    struct web_story w;

    web_open(&w);
    story_write(&w.story, "course/01-messenger/ref/main.c", "int main(void) { return 0; }\n");
    story_write(&w.story, "course/01-messenger/ref/README.md", "How it is laid out.\n");
    story_write(&w.story, "course/01-messenger/ref/build.sh", "not a source\n");
    CHECK_INT(ask(&w, "say", NULL), 403);
    CHECK_HAS(w.r.body.data, "confirm=1");
    CHECK_INT(ask(&w, "say", "confirm=yes"), 403);
    CHECK_INT(ask(&w, "say", "confirm=1"), 200);
    CHECK_INT(ask(&w, "echo", NULL), 200); /* which was passed */
    CHECK_TEXT(w.r.body.data,
               "{\"language\":\"c\",\"files\":[{\"name\":\"README.md\",\"text\":\"How it is laid "
               "out.\\n\"},{\"name\":\"main.c\",\"text\":\"int main(void) { return 0; }\\n\"}]}\n");
    CHECK_INT(ask(&w, "nope", "confirm=1"), 404);
    web_close(&w);
}
