/* gobuild.h - which Go built a program: what its file says about itself. */
#ifndef RUN_GOBUILD_H
#define RUN_GOBUILD_H

#include "../base/str.h"

enum { GOBUILD_VERSION_SIZE = 64 };

/* True and a version such as "go1.19.8" if image, the bytes of a file, is an ELF program of 64 bits
 * that Go built. Reads hostile bytes safely. */
bool gobuild_version(struct str image, char into[GOBUILD_VERSION_SIZE]);

/* True for versions before 1.20, whose math/rand begins from the same number in every process. */
bool gobuild_constant_seed(const char *version);

#endif
