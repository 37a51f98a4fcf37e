#include "people.h"

#include "accounts_story.h"
#include "classes.h"
#include "identity.h"
#include "password.h"
#include "session.h"

static struct sign_up as(const char *name)
{
    return (struct sign_up){.name = str_of(name), .full_name = STR_LIT(""), .hash = STORY_HASH};
}

TEST(names_are_plain)
{
    static const char *const good[] = {"ada", "a1", "x.y_z-1",
                                       "1234567890123456789012345678901234567890"};
    static const char *const bad[] = {"",
                                      "a",
                                      "Ada",
                                      "-a",
                                      "a-",
                                      "a b",
                                      "ada\n",
                                      ("\xc3\xa4"
                                       "da"),
                                      "a/b",
                                      "a<b",
                                      "12345678901234567890123456789012345678901"};
    size_t i;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        CHECK(person_name_problem(str_of(good[i])) == NULL);
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CHECK(person_name_problem(str_of(bad[i])) != NULL);
    CHECK(person_name_problem((struct str){"ab\0c", 4}) != NULL);
    CHECK(full_name_problem(STR_LIT("Ada Lovelace")) == NULL);
    CHECK(full_name_problem(STR_LIT("\xe5\xbc\xa0\xe4\xbc\x9f <b>")) == NULL);
    CHECK(full_name_problem(STR_LIT("Ada\nLovelace")) != NULL);
    CHECK(full_name_problem(STR_LIT("Ada \xe2\x80\xae"
                                    "ecalevoL")) != NULL); /* turned round */
    CHECK(full_name_problem(STR_LIT("Ada \xc3")) != NULL);
    CHECK(full_name_problem(STR_LIT("Ada \xc3(")) != NULL);
}

ON_BOTH(one_signs_up_where_it_is_open_and_is_a_learner)
{
    struct err err = {.text = ""};
    struct accounts *a = accounts_story_open(d, true);
    struct sign_up u = as("ada");
    struct account account;
    struct person p = {0};

    u.full_name = STR_LIT("Ada Lovelace");
    CHECK_INT(people_may_sign_up(a, STR_LIT(""), &err), 1);
    CHECK_INT(people_sign_up(a, &u, &p, &err), 1);
    CHECK(p.id > 0);
    CHECK_INT(p.role, ROLE_LEARNER);
    CHECK_TEXT(p.name, "ada");
    CHECK_INT(people_find(a, p.id, &account, &err), 1);
    CHECK_TEXT(account.full_name, "Ada Lovelace");
    CHECK(account.has_password && !account.closed);
    CHECK(account.made_ms == story_ms);
    CHECK_INT(people_sign_up(a, &u, &p, &err), 0);
    CHECK_HAS(err.text, "taken");
    CHECK_INT(people_find_name(a, STR_LIT("ada"), &account, &err), 1);
    CHECK_INT(people_find_name(a, STR_LIT("bob"), &account, &err), 0);
    accounts_story_close(a);
}

ON_BOTH(without_an_invitation_nobody_comes_in_where_one_is_needed)
{
    struct err err = {.text = ""};
    struct accounts *a = accounts_story_open(d, false);
    struct sign_up u = as("ada");
    struct person p = {0};

    CHECK_INT(people_may_sign_up(a, STR_LIT(""), &err), 0);
    CHECK_INT(people_sign_up(a, &u, &p, &err), 0);
    CHECK_HAS(err.text, "invitation");
    u.invitation = STR_LIT("0123456789012345678901234567890123456789012");
    CHECK_INT(people_sign_up(a, &u, &p, &err), 0);
    CHECK_INT(p.id, 0);
    accounts_story_close(a);
}

/* Goal: an invitation gives its role, as often as it says, and no more after its time. */
ON_BOTH(an_invitation_is_good_for_its_uses_and_its_time)
{
    const struct link_spec spec = {.kind = LINK_SIGN_UP, .role = ROLE_TEACHER, .uses = 2};
    struct err err = {.text = ""};
    struct accounts *a = accounts_story_open(d, false);
    char token[SECRET_TEXT_SIZE];
    struct sign_up u = as("ada");
    struct person p = {0};

    story_link(a, &spec, token);
    u.invitation = str_of(token);
    CHECK_INT(people_sign_up(a, &u, &p, &err), 1);
    CHECK_INT(p.role, ROLE_TEACHER);
    CHECK_INT(people_sign_up(a, &u, &p, &err), 0); /* the name is taken: no use is lost */
    u.name = STR_LIT("bob");
    CHECK_INT(people_sign_up(a, &u, &p, &err), 1);
    u.name = STR_LIT("eve");
    CHECK_INT(people_sign_up(a, &u, &p, &err), 0);
    CHECK_HAS(err.text, "used up");
    story_link(a, &spec, token);
    CHECK_INT(people_may_sign_up(a, str_of(token), &err), 1);
    story_ms += 86400000;
    CHECK_INT(people_may_sign_up(a, str_of(token), &err), 0);
    CHECK_INT(people_sign_up(a, &u, &p, &err), 0);
    accounts_story_close(a);
}

ON_BOTH(a_link_of_another_kind_is_no_invitation)
{
    const struct link_spec spec = {.kind = LINK_PASSWORD, .role = ROLE_ADMIN};
    struct err err = {.text = ""};
    struct accounts *a = accounts_story_open(d, false);
    char token[SECRET_TEXT_SIZE];
    struct sign_up u = as("ada");
    struct person p = {0};

    story_link(a, &spec, token);
    u.invitation = str_of(token);
    CHECK_INT(people_sign_up(a, &u, &p, &err), 0);
    accounts_story_close(a);
}

/* Goal: whoever is not to come in gets a hash of the same cost to try, and no number. */
ON_BOTH(unknown_names_cost_as_much_as_known_ones)
{
    static const char *const nobody[] = {"eve", "provider", "closed", "No Name", ""};
    struct err err = {.text = ""};
    struct accounts *a = accounts_story_open(d, true);
    struct credentials c = {0};
    struct person p = {0};
    struct sign_up u = as("ada");
    char hash[PASSWORD_HASH_SIZE];
    int64_t closed;
    size_t i;

    CHECK_INT(password_hash(STR_LIT("correct horse"), hash, &err), 0);
    u.hash = hash;
    CHECK_INT(people_sign_up(a, &u, &p, &err), 1);
    u = as("provider");
    u.hash = "";
    u.issuer = STR_LIT("https://i");
    u.subject = STR_LIT("1");
    CHECK_INT(people_sign_up(a, &u, &p, &err), 1);
    closed = story_person(a, "closed", ROLE_LEARNER, hash);
    CHECK_INT(people_set_closed(a, closed, true, &err), 1);

    CHECK_INT(people_credentials(a, STR_LIT("ada"), &c, &err), 1);
    CHECK(c.person > 0 && password_fits(STR_LIT("correct horse"), c.hash));
    credentials_release(&c);
    for (i = 0; i < sizeof(nobody) / sizeof(nobody[0]); i++) {
        CHECK_INT(people_credentials(a, str_of(nobody[i]), &c, &err), 1);
        CHECK_INT(c.person, 0);
        CHECK(!password_is_old(c.hash)); /* made with the cost of today */
        CHECK(strlen(c.hash) == strlen(hash));
        CHECK(!password_fits(STR_LIT("correct horse"), c.hash));
        CHECK(!password_fits(STR_LIT(""), c.hash));
        credentials_release(&c);
    }
    accounts_story_close(a);
}

ON_BOTH(a_new_password_ends_all_sessions_and_links)
{
    struct err err = {.text = ""};
    struct accounts *a = accounts_story_open(d, true);
    int64_t ada = story_person(a, "ada", ROLE_LEARNER, STORY_HASH);
    int64_t bob = story_person(a, "bob", ROLE_LEARNER, STORY_HASH);
    const struct link_spec spec = {.kind = LINK_PASSWORD, .person = ada};
    char one[SECRET_TEXT_SIZE], two[SECRET_TEXT_SIZE], other[SECRET_TEXT_SIZE];
    char link[SECRET_TEXT_SIZE], link2[SECRET_TEXT_SIZE];
    struct credentials c = {0};
    struct person p = {0};

    CHECK_INT(session_begin(a, ada, one, &err), 1);
    CHECK_INT(session_begin(a, ada, two, &err), 1);
    CHECK_INT(session_begin(a, bob, other, &err), 1);
    story_link(a, &spec, link);
    story_link(a, &spec, link2);
    CHECK_INT(people_reset_password(a, str_of(link), "new hash", &err), 1);
    CHECK_INT(session_person(a, str_of(one), &p, &err), 0);
    CHECK_INT(session_person(a, str_of(two), &p, &err), 0);
    CHECK_INT(session_person(a, str_of(other), &p, &err), 1);
    CHECK_INT(people_reset_password(a, str_of(link), "again", &err), 0);
    CHECK_INT(people_reset_password(a, str_of(link2), "again", &err), 0);
    CHECK_INT(people_own_credentials(a, ada, &c, &err), 1);
    CHECK_TEXT(c.hash, "new hash");
    credentials_release(&c);
    accounts_story_close(a);
}

ON_BOTH(a_rehash_does_not_undo_a_new_password)
{
    struct err err = {.text = ""};
    struct accounts *a = accounts_story_open(d, true);
    int64_t ada = story_person(a, "ada", ROLE_LEARNER, "old");

    CHECK_INT(people_rehash(a, ada, "old", "stronger", &err), 1);
    CHECK_INT(people_set_password(a, ada, "other", &err), 1);
    CHECK_INT(people_rehash(a, ada, "stronger", "stronger yet", &err), 0);
    accounts_story_close(a);
}

ON_BOTH(the_last_admin_stays)
{
    struct err err = {.text = ""};
    struct accounts *a = accounts_story_open(d, true);
    int64_t count = -1, root, ada;

    CHECK_INT(people_count_admins(a, &count, &err), 1);
    CHECK_INT(count, 0);
    root = story_person(a, "root", ROLE_ADMIN, STORY_HASH);
    ada = story_person(a, "ada", ROLE_LEARNER, STORY_HASH);
    CHECK_INT(people_set_role(a, root, ROLE_LEARNER, &err), 0);
    CHECK_HAS(err.text, "last admin");
    CHECK_INT(people_set_closed(a, root, true, &err), 0);
    CHECK_INT(people_set_role(a, ada, ROLE_ADMIN, &err), 1);
    CHECK_INT(people_set_closed(a, ada, true, &err), 1);
    CHECK_INT(people_set_role(a, root, ROLE_LEARNER, &err),
              0); /* one who is closed does not count */
    CHECK_INT(people_set_closed(a, ada, false, &err), 1);
    CHECK_INT(people_set_role(a, root, ROLE_LEARNER, &err), 1);
    CHECK_INT(people_set_role(a, 999, ROLE_ADMIN, &err), 0);
    accounts_story_close(a);
}

ON_BOTH(closing_an_account_ends_its_sessions)
{
    struct err err = {.text = ""};
    struct accounts *a = accounts_story_open(d, true);
    int64_t ada = story_person(a, "ada", ROLE_LEARNER, STORY_HASH);
    char token[SECRET_TEXT_SIZE];
    struct person p = {0};

    CHECK_INT(session_begin(a, ada, token, &err), 1);
    CHECK_INT(people_set_closed(a, ada, true, &err), 1);
    CHECK_INT(session_person(a, str_of(token), &p, &err), 0);
    CHECK_INT(session_begin(a, ada, token, &err), 0);
    CHECK_INT(people_set_closed(a, ada, false, &err), 1);
    CHECK_INT(session_person(a, str_of(token), &p, &err), 0); /* it does not come back */
    accounts_story_close(a);
}

static void add_name(void *owner, const struct account *account)
{
    buf_addf(owner, "%s ", account->person.name);
}

static void check_list(struct accounts *a, const char *containing, const char *after,
                       const char *wanted)
{
    struct err err = {.text = ""};
    struct buf names = {0};

    buf_add_text(&names, "");
    CHECK(people_list(a, str_of(containing), str_of(after), add_name, &names, &err) >= 0);
    CHECK(str_is(buf_str(&names), wanted));
    buf_release(&names);
}

ON_BOTH(people_are_listed_by_what_is_in_their_names)
{
    struct err err = {.text = ""};
    struct accounts *a = accounts_story_open(d, true);
    int64_t bob = story_person(a, "bob", ROLE_LEARNER, STORY_HASH);

    story_person(a, "ada", ROLE_LEARNER, STORY_HASH);
    story_person(a, "a_a", ROLE_LEARNER, STORY_HASH);
    CHECK_INT(people_set_full_name(a, bob, STR_LIT("Robert 100%"), &err), 1);
    CHECK_INT(people_set_full_name(a, bob, STR_LIT("\x1b[31m"), &err), 0);
    check_list(a, "", "", "a_a ada bob ");
    check_list(a, "", "a_a", "ada bob ");
    check_list(a, "ROBERT", "", "bob ");
    check_list(a, "_", "", "a_a ");
    check_list(a, "%", "", "bob ");
    check_list(a, "x' OR '1'='1", "", "");
    accounts_story_close(a);
}

ON_BOTH(a_name_that_is_free_is_found)
{
    struct err err = {.text = ""};
    struct accounts *a = accounts_story_open(d, true);
    char name[PERSON_NAME_MAX + 1];

    CHECK_INT(people_free_name(a, "ada", name, &err), 1);
    CHECK_TEXT(name, "ada");
    story_person(a, "ada", ROLE_LEARNER, STORY_HASH);
    story_person(a, "ada-2", ROLE_LEARNER, STORY_HASH);
    CHECK_INT(people_free_name(a, "ada", name, &err), 1);
    CHECK_TEXT(name, "ada-3");
    accounts_story_close(a);
}

/* Goal: nobody comes into being if the provider's account is another's already. */
ON_BOTH(a_providers_account_is_one_persons)
{
    struct err err = {.text = ""};
    struct accounts *a = accounts_story_open(d, true);
    struct sign_up u = as("ada");
    struct account account;
    struct person p = {0};
    int64_t who = 0, ada;

    u.hash = "";
    u.issuer = STR_LIT("https://i");
    u.subject = STR_LIT("s1");
    CHECK_INT(people_sign_up(a, &u, &p, &err), 1);
    ada = p.id;
    CHECK_INT(identity_person(a, u.issuer, u.subject, &who, &err), 1);
    CHECK(who == ada);
    CHECK_INT(identity_person(a, STR_LIT("https://other"), u.subject, &who, &err), 0);
    u.name = STR_LIT("bob");
    CHECK_INT(people_sign_up(a, &u, &p, &err), 0);
    CHECK_INT(people_find_name(a, STR_LIT("bob"), &account, &err), 0);
    CHECK_INT(identity_add(a, ada, u.issuer, u.subject, &err), 1); /* his own, once more */
    CHECK_INT(identity_remove(a, ada, u.issuer, &err), 0);
    CHECK_HAS(err.text, "only way");
    CHECK_INT(people_set_password(a, ada, STORY_HASH, &err), 1);
    CHECK_INT(identity_remove(a, ada, u.issuer, &err), 1);
    CHECK_INT(identity_person(a, u.issuer, u.subject, &who, &err), 0);
    accounts_story_close(a);
}

ON_BOTH(an_invitation_may_lead_into_a_class)
{
    struct err err = {.text = ""};
    struct accounts *a = accounts_story_open(d, false);
    int64_t teacher = story_person(a, "teacher", ROLE_TEACHER, STORY_HASH), class_id = 0;
    struct link_spec spec = {.kind = LINK_SIGN_UP, .role = ROLE_LEARNER};
    char token[SECRET_TEXT_SIZE];
    struct class_view c;
    struct sign_up u = as("ada");
    struct person p = {0};

    CHECK_INT(class_add(a, STR_LIT("One"), teacher, &class_id, &err), 1);
    spec.class_id = class_id;
    story_link(a, &spec, token);
    u.invitation = str_of(token);
    CHECK_INT(people_sign_up(a, &u, &p, &err), 1);
    CHECK_INT(class_find(a, class_id, p.id, &c, &err), 1);
    CHECK_INT(c.part, CLASS_LEARNER);
    CHECK_INT(c.learner_count, 1);
    accounts_story_close(a);
}
