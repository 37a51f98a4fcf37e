/* elements.h - lists of elements as states of replicated sets show them: sorted, none twice. */
#ifndef GOSSIPER_ELEMENTS_H
#define GOSSIPER_ELEMENTS_H

#include "json.h"

/* Integers first, by size; then strings, by bytes. 1 and "1" are two. */
struct json *elements_union(const struct json *a, const struct json *b);

#endif
