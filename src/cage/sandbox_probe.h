/* sandbox_probe.h - whether this machine's sandbox holds: each probe is an attack that is really
 * tried.
 *
 * A probe starts a sandbox of the best level that the machine offers, in which eddy itself, as a
 * program that nobody vouches for, tries one thing that it must not be able to do. Limits are
 * probed by passing them. Nothing is left behind. */
#ifndef CAGE_SANDBOX_PROBE_H
#define CAGE_SANDBOX_PROBE_H

#include "machine.h"
#include "sandbox.h"

/* The probes one by one; false after the last. Some 10 ms each. */
bool sandbox_probe(unsigned index, enum sandbox_level level, struct machine_probe *ret_probe);

/* Inside: tries the attack of this name. 0: it was refused. 3: it got through. 2: no such attack.
 */
int sandbox_attempt(const char *name);

#endif
