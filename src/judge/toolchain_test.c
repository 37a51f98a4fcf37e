#include "toolchain.h"

#include "../base/err.h"
#include "../base/test.h"
#include "../course/language.h"

#include <stdlib.h>

static struct language shell(void)
{
    return (struct language){
        .name = "sh",
        .title = "Shell",
        .tools = "sh",
        .package = "dash",
        .version = "echo version 7; echo more",
        .config = "",
        .places = "echo /etc; echo relative; echo /etc; echo /usr/bin/env",
        .shared = "",
        .compile = "cp main.sh {out}",
        .compiling = "1 1 1",
        .node = "1 1",
    };
}

static struct toolchain find(const struct language *l)
{
    struct err err = {.text = ""};
    struct toolchain t;

    CHECK_INT(toolchain_find(l, &t, &err), 0);
    return t;
}

TEST(a_toolchain_has_version_path_and_places)
{
    struct language l = shell();
    struct toolchain t = find(&l);
    struct buf path = {0};

    CHECK_TEXT(t.version, "version 7");
    CHECK(t.path[0] == '/' && t.missing == NULL);
    CHECK_TEXT(t.places[0], "/etc");
    CHECK_TEXT(t.places[1], "/usr/bin/env");
    CHECK(t.places[2] == NULL);
    toolchain_path(&t, &path);
    CHECK_TEXT(path.data, "/etc/bin:/usr/bin:");
    buf_release(&path);
    toolchain_release(&t);
}

TEST(a_missing_or_broken_tool_is_told_with_what_to_do)
{
    struct language l = shell();
    struct toolchain t;

    l.tools = "no-such-tool";
    t = find(&l);
    CHECK(t.version == NULL);
    CHECK_HAS(t.missing, "apt install dash");
    toolchain_release(&t);
    l = shell();
    l.version = "echo it is broken; exit 1";
    t = find(&l);
    CHECK(t.version == NULL);
    CHECK_HAS(t.missing, "does not work");
    CHECK_HAS(t.missing, "it is broken");
    toolchain_release(&t);
}

/* Whatever changes what comes out of a build changes the seal. */
TEST(seals_differ_with_version_flags_and_places)
{
    struct language l = shell(), other;
    struct toolchain t = find(&l), u = find(&l);
    int i;

    CHECK_TEXT(t.seal, u.seal);
    toolchain_release(&u);
    for (i = 0; i < 4; i++) {
        other = shell();
        *(i == 0   ? &other.version
          : i == 1 ? &other.compile
          : i == 2 ? &other.places
                   : &other.shared) = "echo 1";
        u = find(&other);
        CHECK(strcmp(t.seal, u.seal) != 0);
        toolchain_release(&u);
    }
    toolchain_release(&t);
}

TEST(all_languages_of_the_table_are_described)
{
    struct err err = {.text = ""};
    struct buf lines = {0};
    json_t *list = NULL;

    CHECK_INT(toolchain_describe(".", &lines, &list, &err), 0);
    CHECK_INT(json_array_size(list), 8);
    CHECK_HAS(lines.data, "+ c ");
    json_decref(list);
    buf_release(&lines);
}
