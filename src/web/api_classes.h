/* api_classes.h - /api/v1, the part about classes, assignments and grades.
 *
 * Handlers as api.h has them; who may do what beyond his role stands here: a class is seen by its
 * members and by admins, changed by its teachers and by admins, and for everybody else it does not
 * exist (404). Learners see no one else's name or work. */
#ifndef WEB_API_CLASSES_H
#define WEB_API_CLASSES_H

#include "api_account.h"

enum { CLASS_BODY_MAX = 32 << 10 };

ACCOUNT_HANDLER(api_classes);
ACCOUNT_HANDLER(api_class_post); /* teacher */
ACCOUNT_HANDLER(api_class);      /* with members, for who teaches it */
ACCOUNT_HANDLER(api_class_put);
ACCOUNT_HANDLER(api_class_delete);
ACCOUNT_HANDLER(api_class_join);    /* POST /memberships, by a link */
ACCOUNT_HANDLER(api_class_leave);   /* DELETE .../members/PERSON */
ACCOUNT_HANDLER(api_class_teacher); /* POST .../teachers: somebody who is one joins as such */
ACCOUNT_HANDLER(api_class_links);
ACCOUNT_HANDLER(api_class_link_post);
ACCOUNT_HANDLER(api_class_link_delete);

ACCOUNT_HANDLER(api_assignments); /* with one's own grades, for a learner */
ACCOUNT_HANDLER(api_assignment_post);
ACCOUNT_HANDLER(api_assignment_put);
ACCOUNT_HANDLER(api_assignment_delete);
ACCOUNT_HANDLER(api_grades);     /* of one assignment, for who teaches */
ACCOUNT_HANDLER(api_grades_csv); /* GET .../grades.csv?assignment= */
ACCOUNT_HANDLER(api_standings);  /* who is where, and where people are stuck */

#endif
