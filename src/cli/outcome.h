/* outcome.h - what commands share about a finished run: its exit status. */
#ifndef CLI_OUTCOME_H
#define CLI_OUTCOME_H

#include "../check/verdict.h"

int outcome_exit_status(enum valid v);

#endif
