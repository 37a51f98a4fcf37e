/* measure.c - kinds and lengths of JSON values. */
#include "measure.h"

const char *kind_of(const struct json *v)
{
    static const char *const kinds[] = {
        [JSON_NULL] = "null",     [JSON_BOOL] = "bool",     [JSON_INT] = "number",
        [JSON_REAL] = "number",   [JSON_STRING] = "string", [JSON_ARRAY] = "list",
        [JSON_OBJECT] = "object",
    };

    return kinds[v->type];
}

int64_t length_of(const struct json *v)
{
    int64_t code_points = 0;

    if (v->type != JSON_STRING)
        return (int64_t)json_len(v);
    for (uint32_t i = 0; i < v->len; i++)
        code_points += (v->string[i] & 0xC0) != 0x80; /* bytes that begin a character */
    return code_points;
}
