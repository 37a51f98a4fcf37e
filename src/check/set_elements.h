/* set_elements.h - the elements of a growing set as dense numbers, and reads as lists of these.
 *
 * Elements are numbered in the order in which they are entered. Built for reads of thousands of
 * small integers: those are found by an array, everything else by hashing its text. */
#ifndef CHECK_SET_ELEMENTS_H
#define CHECK_SET_ELEMENTS_H

#include "../base/str.h"

#include <stdbool.h>
#include <stdint.h>

/* Elements that are met in reads only are forgotten beyond this many. */
enum { SET_STRANGERS_MAX = 65536 };
#define SET_ELEMENT_FORGOTTEN UINT32_MAX

struct set_elements;

struct set_elements *set_elements_new(void);
void set_elements_free(struct set_elements *e); /* NULL is fine */

/* Enters an element that a client added; not after the first set_elements_read. */
uint32_t set_elements_enter(struct set_elements *e, struct str json_text, bool *ret_new);

/* The elements of a list in canonical JSON ("null" counts as empty), as numbers, in its order.
 * What nobody entered gets the next number, or SET_ELEMENT_FORGOTTEN. *ret is borrowed until the
 * next call. False if it is no list. */
bool set_elements_read(struct set_elements *e, struct str list, const uint32_t **ret,
                       size_t *ret_count);

uint32_t set_elements_len(const struct set_elements *e);
struct str set_elements_text(const struct set_elements *e, uint32_t number);

#endif
