/* shown.h - which texts of people are shown to other people: names and titles. */
#ifndef ACCOUNTS_SHOWN_H
#define ACCOUNTS_SHOWN_H

#include "../base/str.h"

/* UTF-8, in one line, without signs that are not to be seen or that turn the direction of writing:
 * with those, one name could look like another. */
bool text_can_be_shown(struct str text);

#endif
