/* person.h - who asks: the little that every part of the server must know of a person.
 *
 * Roles are ordered: who may do something as a learner may do it as a teacher and as an admin. A
 * server without accounts knows one person only, of id 0, who may do all that there is. */
#ifndef ACCOUNTS_PERSON_H
#define ACCOUNTS_PERSON_H

#include <stdint.h>

enum { PERSON_NAME_MAX = 40 }; /* bytes; a-z, 0-9 and . _ - between them */

/* The numbers stand in the database. */
enum role { ROLE_NOBODY = 0, ROLE_LEARNER = 1, ROLE_TEACHER = 2, ROLE_ADMIN = 3 };

struct person {
    int64_t id; /* 0: the one of a server without accounts; else from 1 */
    char name[PERSON_NAME_MAX + 1];
    enum role role;
};

#endif
