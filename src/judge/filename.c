#include "filename.h"

#include "../base/err.h"
#include "plant.h"

#include <string.h>

enum { SHOWN_MAX = 80 };

/* What builds and checks leave in a learner's folder; see kits/languages.txt. */
static const char *const made[] = {"node", "node.d", "node_modules", "__pycache__", "eddy-report"};

void filename_show(struct str name, struct buf *out)
{
    size_t i;

    for (i = 0; i < name.len && i < SHOWN_MAX; i++) {
        unsigned char c = (unsigned char)name.data[i];
        if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\')
            buf_add_char(out, (char)c);
        else
            buf_addf(out, "\\x%02x", c);
    }
    if (i < name.len)
        buf_add_text(out, "...");
}

static int refuse(struct str name, const char *why, struct err *err)
{
    struct buf shown = {0};

    filename_show(name, &shown);
    err_set(err, ERR_INPUT, "the file name \"%s\" %s", shown.len > 0 ? shown.data : "", why);
    buf_release(&shown);
    return ERR_INPUT;
}

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '+' || c == '.' || c == '/';
}

/* The words between the slashes, one after the other: false at the end. */
static bool next_word(struct str *rest, struct str *ret_word)
{
    const char *slash;

    if (rest->data == NULL)
        return false;
    slash = memchr(rest->data, '/', rest->len);
    ret_word->data = rest->data;
    ret_word->len = slash != NULL ? (size_t)(slash - rest->data) : rest->len;
    rest->len -= ret_word->len + (slash != NULL);
    rest->data = slash != NULL ? slash + 1 : NULL;
    return true;
}

static bool is_made(struct str word)
{
    size_t i;

    for (i = 0; i < sizeof(made) / sizeof(made[0]); i++)
        if (str_is(word, made[i]))
            return true;
    return false;
}

static const char *fault_of_word(struct str word)
{
    if (word.len == 0)
        return "has an empty part: no \"/\" at its beginning or end, and no two in a row";
    if (str_is(word, "..") && !PLANTED(1))
        return "leads out of the folder: no \"..\" in it";
    if (word.data[0] == '.' && !PLANTED(1))
        return "is hidden: no part of it begins with a dot";
    if (word.data[0] == '-')
        return "could be taken for an option: no part of it begins with \"-\"";
    if (word.len > FILENAME_WORD_MAX)
        return "has a part of more than 100 bytes";
    if (is_made(word))
        return "is what a build makes; leave it out, or call it something else";
    return NULL;
}

int filename_check(struct str name, struct err *err)
{
    struct str rest = name, word;
    const char *fault = NULL;
    size_t i;
    int depth = 0;

    if (name.len == 0)
        return refuse(name, "is empty", err);
    if (name.len > FILENAME_LEN_MAX)
        return refuse(name, "is longer than 200 bytes", err);
    if (name.data[0] == '/' && !PLANTED(1))
        return refuse(name, "is absolute; names are relative to the program's folder", err);
    for (i = 0; i < name.len; i++)
        if (!is_plain(name.data[i]))
            return refuse(name,
                          "has a character that is not allowed: letters of English, digits and "
                          "_ - + . may be in it, and / between folders",
                          err);
    while (fault == NULL && next_word(&rest, &word)) {
        fault = fault_of_word(word);
        depth++;
    }
    if (fault == NULL && depth > FILENAME_DEPTH_MAX)
        fault = "lies more than 8 folders deep";
    return fault != NULL ? refuse(name, fault, err) : 0;
}

bool filename_clash(struct str a, struct str b)
{
    struct str less = a.len < b.len ? a : b;
    struct str more = a.len < b.len ? b : a;

    return memcmp(less.data, more.data, less.len) == 0 &&
           (less.len == more.len || more.data[less.len] == '/');
}

bool filename_is_debris(struct str name)
{
    struct str rest = name, word;

    while (next_word(&rest, &word))
        if ((word.len > 0 && word.data[0] == '.' && !str_is(word, ".") && !str_is(word, "..")) ||
            is_made(word))
            return true;
    return false;
}
