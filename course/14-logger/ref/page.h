/* page.h - one page of 4,096 bytes: sorted cells of key and value, found by a table of slots.
 *
 *     crc u32 | id u32 | link u32 | count u16 | low u16 | kind u8 | 0 u8 | slot u16 ... | free |
 * cells
 *
 * A cell is key_len u16 | value_len u16 | key | value. The value of an inner page's cell is the
 * page with the keys from this one on; link is the page with those before the first. low is where
 * the cells begin. A free page's link is the next free one. */
#ifndef LOGGER_PAGE_H
#define LOGGER_PAGE_H

#include "bytes.h"

#include <stdbool.h>

enum {
    PAGE_BYTES = 4096,
    PAGE_HEAD = 18,
    PAGE_ROOM = PAGE_BYTES - PAGE_HEAD, /* for cells and their slots */
    PAGE_CELL_MAX = PAGE_ROOM / 2,      /* so that any page can be split */
};

enum page_kind { PAGE_FIRST = 'h', PAGE_LEAF = 'l', PAGE_INNER = 'i', PAGE_FREE = 'f' };

void page_init(char *p, uint32_t id, enum page_kind kind);
void page_seal(char *p);
bool page_is_sound(const char *p, uint32_t id); /* its sum, and that it is the page it should be */

uint32_t page_id(const char *p);
void page_set_id(char *p, uint32_t id);
enum page_kind page_kind(const char *p);
size_t page_count(const char *p);
uint32_t page_link(const char *p);
void page_set_link(char *p, uint32_t id);
size_t page_used(const char *p); /* by cells and slots, of PAGE_ROOM */

struct slice page_key(const char *p, size_t i);
struct slice page_value(const char *p, size_t i);
uint32_t page_child(const char *p, size_t i); /* 0 is the link, i the cell before it: i - 1 */

/* The place of the first key that is not before key; count if there is none. */
size_t page_find(const char *p, struct slice key, bool *ret_is_equal);
/* Which child of an inner page leads to key, as page_child() counts. */
size_t page_child_for(const char *p, struct slice key);

size_t page_cell_bytes(struct slice key, struct slice value);              /* with its slot */
bool page_insert(char *p, size_t i, struct slice key, struct slice value); /* false: no room */
void page_remove(char *p, size_t i);

#endif
