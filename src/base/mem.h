/* mem.h - memory that never fails, and arenas for things that die together.
 *
 * Every call aborts when the machine has no memory left, so callers have no branch for it.
 * What a user can make grow must have its own named cap above this layer. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

void *mem_alloc(size_t size);              /* uninitialised; size 0 gives a valid pointer */
void *mem_zalloc(size_t size);             /* all bytes zero */
void *mem_realloc(void *old, size_t size); /* old may be NULL */
void mem_free(void *p);                    /* NULL is fine */
char *mem_strdup(const char *text);
char *mem_strndup(const char *data, size_t len); /* adds the final 0 */

/* Makes room for at least need elements of elem_size bytes in the array at array (may be NULL).
 * *cap holds its capacity in elements and is raised, at least doubling. Returns the array. */
void *mem_grow(void *array, size_t *cap, size_t need, size_t elem_size);

/* From now on what is freed stays with the process for whoever asks next. Every page that goes back
 * to the kernel and comes anew costs a fault and its zeroing: a fifth of a checker's time. For
 * programs, at their start; a process that lives long and is idle should not ask for it. */
void mem_keep_freed(void);

/* An arena hands out memory that is freed all at once with the arena. Alignment 16. */
struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *a); /* NULL is fine */
void *arena_alloc(struct arena *a, size_t size);
char *arena_strndup(struct arena *a, const char *data, size_t len); /* adds the final 0 */
size_t arena_size(const struct arena *a);                           /* bytes handed out so far */

#endif
