/* value.h - JSON texts to Lua values and back.
 *
 * object: a table; array: a table with the array metatable, so that an empty one stays an array;
 * null: the light userdata `null`; integers beyond 64 bits and floats beyond the range of
 * double: a table with the number metatable that keeps the text; other floats: the nearest double.
 * Objects are written with their keys sorted, so the same value always gives the same text. */
#ifndef SCRIPT_VALUE_H
#define SCRIPT_VALUE_H

#include "../base/str.h"

#include <stdbool.h>

struct lua_State;

enum { VALUE_DEPTH_MAX = 64 };

/* Registers the metatables and sets the globals null, array(t) and json_text(v). */
void value_open(struct lua_State *lua);

/* Pushes the value of a JSON text; false and nothing pushed if it is not JSON. */
bool value_push_json(struct lua_State *lua, struct str text);

/* Appends the value at index as JSON. Raises a Lua error that says what cannot be written (a
 * function, a cycle, NaN, keys that are not strings). */
void value_add_json(struct lua_State *lua, int index, struct buf *out);

#endif
