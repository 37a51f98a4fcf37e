/* class_reply.h - the class that a path names, and whether the asker may; shared by the handlers of
 * classes and those of assignments. */
#ifndef WEB_CLASS_REPLY_H
#define WEB_CLASS_REPLY_H

#include "../accounts/classes.h"

struct err;
struct request;
struct response;
struct site;

enum class_right { CLASS_TO_SEE, CLASS_TO_TEACH };

/* 1 and the class of q's first word; 0: r says why not. */
int class_for(const struct site *s, const struct request *q, enum class_right right,
              struct class_view *ret_class, struct response *r, struct err *err);

#endif
