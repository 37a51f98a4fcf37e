/* Beside the folder of data lie the journal and what is left of the grader. */
#include "hostile.h"

void attack(void)
{
    static const char *const names[] = {"journal.jsonl.zst", "history.jsonl", "run.json", "secret"};
    char path[4096];
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(path, sizeof(path), "%s/../../%s", getenv("EDDY_DATA"), names[i]);
        tried(open(path, O_RDONLY) >= 0, names[i]);
    }
}
