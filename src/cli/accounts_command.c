/* eddy accounts: what whoever runs a server must be able to do without signing in, because the
 * password of the only admin may be what is lost. Works on the database while the server runs. */
#include "commands.h"

#include "../accounts/accounts.h"
#include "../accounts/link.h"
#include "../accounts/people.h"
#include "../base/err.h"
#include "../base/flags.h"
#include "../base/str.h"
#include "../course/progress.h"
#include "../store/store.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS 86400000LL
enum { WORDS_MAX = 3 };

enum option { OPT_DB, OPT_URL, OPT_HELP };

static const struct flag table[] = {
    [OPT_DB] = {"db", 0, "DATABASE",
                "the server's: a file, or postgresql://USER@HOST/NAME; or EDDY_DB in the "
                "environment"},
    [OPT_URL] = {"url", 0, "ADDRESS", "what people type to reach the server; links begin with it"},
    [OPT_HELP] = {"help", 'h', NULL, "this list"},
    {NULL, 0, NULL, NULL},
};

struct options {
    const char *db, *url;
    bool help;
    const char *words[WORDS_MAX];
    unsigned word_count;
};

static int read_options(char *const *argv, struct options *o, struct err *err)
{
    struct flags flags;
    const char *value;
    int got, status = 0;

    flags_init(&flags, table, argv);
    while (status == 0 && (got = flags_next(&flags, &value, err)) != FLAGS_END) {
        if (got == FLAGS_WORD && o->word_count == WORDS_MAX)
            status = err_set(err, ERR_INPUT, "\"%s\" is one word too many", value);
        else if (got == FLAGS_WORD)
            o->words[o->word_count++] = value;
        else if (got == OPT_DB)
            o->db = value;
        else if (got == OPT_URL)
            o->url = value;
        else if (got == OPT_HELP)
            o->help = true;
        else
            status = got;
    }
    return status;
}

/* ---- what it can do ---- */

struct listing {
    char last[PERSON_NAME_MAX + 1];
};

static void print_account(void *owner, const struct account *a)
{
    struct listing *l = owner;

    printf("%-8s %-8s %-*s %s\n", role_text(a->person.role), a->closed ? "closed" : "open",
           PERSON_NAME_MAX / 2, a->person.name, a->full_name);
    memcpy(l->last, a->person.name, sizeof(l->last));
}

static int list(struct accounts *a, const struct options *o, struct err *err)
{
    struct listing l = {.last = ""};
    int count;

    (void)o;
    do
        count = people_list(a, STR_LIT(""), str_of(l.last), print_account, &l, err);
    while (count == PEOPLE_PAGE);
    return count < 0 ? count : 0;
}

static int print_link(struct accounts *a, const struct link_spec *spec, const char *page,
                      struct err *err)
{
    char token[SECRET_TEXT_SIZE];
    int status = link_new(a, spec, token, err);

    if (status < 0)
        return status;
    printf("%s%s%s\n", a->url, page, token);
    if (a->url[0] == '\0')
        fprintf(stderr, "put the server's address in front of it, or give it as --url\n");
    return 0;
}

static int invite_admin(struct accounts *a, const struct options *o, struct err *err)
{
    const struct link_spec spec = {
        .kind = LINK_SIGN_UP, .role = ROLE_ADMIN, .uses = 1, .lasts_ms = DAY_MS};

    (void)o;
    return print_link(a, &spec, "/sign-up?invitation=", err);
}

/* The one whom the second word names. */
static int find(struct accounts *a, const struct options *o, struct account *ret, struct err *err)
{
    int status = people_find_name(a, str_of(o->words[1]), ret, err);

    return status == 0 ? err_set(err, ERR_INPUT,
                                 "there is nobody called \"%s\"; eddy accounts list shows "
                                 "everybody",
                                 o->words[1])
                       : status;
}

static int new_password(struct accounts *a, const struct options *o, struct err *err)
{
    struct link_spec spec = {.kind = LINK_PASSWORD, .uses = 1, .lasts_ms = DAY_MS};
    struct account account;
    int status = find(a, o, &account, err);

    if (status < 0)
        return status;
    spec.person = account.person.id;
    status = link_end_of(a, LINK_PASSWORD, spec.person, err);
    return status < 0 ? status : print_link(a, &spec, "/new-password?link=", err);
}

static int set_role(struct accounts *a, const struct options *o, struct err *err)
{
    struct account account;
    enum role role = ROLE_LEARNER;
    int status = find(a, o, &account, err);

    if (status < 0)
        return status;
    if (!role_of(str_of(o->words[2]), &role))
        return err_set(err, ERR_INPUT, "a role is learner, teacher or admin, not \"%s\"",
                       o->words[2]);
    status = people_set_role(a, account.person.id, role, err);
    return status == 0 ? ERR_INPUT : status < 0 ? status : 0;
}

static const struct {
    const char *name, *usage;
    unsigned word_count;
    int (*run)(struct accounts *a, const struct options *o, struct err *err);
} actions[] = {
    {"list", "list              everybody: role, open or closed, name, full name", 1, list},
    {"password", "password NAME     print a link for a new password, good once and for a day", 2,
     new_password},
    {"role", "role NAME ROLE    make somebody a learner, teacher or admin", 3, set_role},
    {"admin", "admin             print a link by which an admin signs up, likewise", 1,
     invite_admin},
};
enum { ACTION_COUNT = sizeof(actions) / sizeof(actions[0]) };

static void print_help(void)
{
    unsigned i;

    printf("Usage: eddy accounts ACTION [OPTION]...\n\n");
    for (i = 0; i < ACTION_COUNT; i++)
        printf("  %s\n", actions[i].usage);
    printf("\n");
    flags_print_help(table);
}

static int act(struct accounts *a, const struct options *o, struct err *err)
{
    unsigned i;

    for (i = 0; i < ACTION_COUNT; i++)
        if (o->word_count > 0 && strcmp(o->words[0], actions[i].name) == 0) {
            if (o->word_count != actions[i].word_count)
                return err_set(err, ERR_INPUT, "it is: eddy accounts %s", actions[i].usage);
            return actions[i].run(a, o, err);
        }
    return err_set(err, ERR_INPUT, "say what to do: list, password NAME, role NAME ROLE, or admin");
}

static int open_and_act(const struct options *o, struct err *err)
{
    struct accounts_config config = {.url = o->url};
    struct accounts *a = NULL;
    int status = o->db != NULL && o->db[0] != '\0' ? store_open(o->db, &config.store, err)
                                                   : progress_open(&config.store, err);

    if (status == 0)
        status = accounts_open(&config, &a, err);
    if (status == 0)
        status = act(a, o, err);
    accounts_close(a);
    store_close(config.store);
    return status;
}

int accounts_command(char *const *argv)
{
    struct options o = {.db = getenv("EDDY_DB")};
    struct err err = {.text = ""};
    int status = read_options(argv, &o, &err);

    if (status == 0 && o.help) {
        print_help();
        return EXIT_VALID;
    }
    if (status == 0)
        status = open_and_act(&o, &err);
    if (status == 0)
        return EXIT_VALID;
    fprintf(stderr, "eddy accounts: %s\n", err.text);
    return status == ERR_INPUT ? EXIT_USAGE : EXIT_MACHINE;
}
