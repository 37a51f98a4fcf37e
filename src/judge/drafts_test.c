#include "drafts.h"

#include "../store/database_story.h"
#include "../store/store.h"

static const struct draft_key key = {7, "messenger", "echo", "go"};

static int put(struct store *s, const struct draft_key *k, const char *files, int64_t version,
               int64_t *ret_version)
{
    struct err err = {.text = ""};
    int status = drafts_put(s, k, str_of(files), version, ret_version, &err);

    if (status < 0)
        fail_msg("%s", err.text);
    return status;
}

static void check_draft(struct store *s, const struct draft_key *k, const char *files,
                        int64_t version)
{
    struct err err = {.text = ""};
    struct buf got = {0};
    int64_t found = 0;

    CHECK_INT(drafts_get(s, k, &got, &found, &err), version > 0);
    CHECK_INT(found, version);
    if (version > 0)
        CHECK_TEXT(got.data, files);
    buf_release(&got);
}

ON_BOTH(of_two_who_write_the_second_is_told)
{
    struct err err = {.text = ""};
    struct store *tab = NULL, *other_tab = NULL;
    int64_t version = 0;

    CHECK_INT(store_open(d->db, &tab, &err), 0);
    CHECK_INT(store_open(d->db, &other_tab, &err), 0);
    check_draft(tab, &key, "", 0);
    CHECK_INT(put(tab, &key, "[1]", 0, &version), 1);
    CHECK_INT(version, 1);
    CHECK_INT(put(other_tab, &key, "[other]", 0, &version), 0); /* it has not seen the first */
    check_draft(other_tab, &key, "[1]", 1);
    CHECK_INT(put(other_tab, &key, "[2]", 1, &version), 1);
    CHECK_INT(version, 2);
    CHECK_INT(put(tab, &key, "[mine]", 1, &version), 0);
    CHECK_INT(put(tab, &key, "[future]", 3, &version), 0);
    check_draft(tab, &key, "[2]", 2);
    store_close(tab);
    store_close(other_tab);
}

ON_BOTH(a_draft_is_one_persons_in_one_language_of_one_task)
{
    static const struct draft_key others[] = {{8, "messenger", "echo", "go"},
                                              {7, "messenger", "echo", "c"},
                                              {7, "messenger", "say", "go"},
                                              {7, "gossiper", "echo", "go"}};
    struct err err = {.text = ""};
    struct store *s = NULL;
    int64_t version = 0;
    size_t i;

    CHECK_INT(store_open(d->db, &s, &err), 0);
    CHECK_INT(put(s, &key, "[1]", 0, &version), 1);
    for (i = 0; i < 4; i++)
        check_draft(s, &others[i], "", 0);
    store_close(s);
}
