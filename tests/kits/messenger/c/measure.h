/* measure.h - what kind of JSON value this is, and how long. */
#ifndef MEASURE_H
#define MEASURE_H

#include "json.h"

const char *kind_of(const struct json *v); /* null, bool, number, string, list or object */
int64_t length_of(const struct json *v);   /* code points, items or members; 0 for the others */

#endif
