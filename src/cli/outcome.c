#include "outcome.h"

#include "commands.h"

int outcome_exit_status(enum valid v)
{
    return v == VALID_TRUE ? EXIT_VALID : v == VALID_FALSE ? EXIT_INVALID : EXIT_UNKNOWN;
}
