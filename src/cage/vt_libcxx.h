/* vt_libcxx.h - std::random_device of C++ draws from the seed.
 *
 * Private to the vt_*.c files. Only while entropy is not real, and only for programs that load
 * libstdc++ as a shared library; static ones keep the processor's own chance. */
#ifndef CAGE_VT_LIBCXX_H
#define CAGE_VT_LIBCXX_H

#include "vt_world.h"

/* A mapping that may be executed begins, and is made. */
enum vt_verdict vt_sys_mmap(struct vt_thread *t);
void vt_sys_mmap_end(struct vt_thread *t);

/* Where in the file of the library our code must go, counted from its begin; false: nowhere. The
 * bytes may be anything; they must be aligned as malloc does. */
bool vt_libcxx_place(const void *bytes, size_t len, uint64_t *ret_offset);

#endif
