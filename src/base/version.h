/* version.h - the version of eddy, as run.json and reports name it. */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

#define EDDY_VERSION "0.1.0"

#endif
