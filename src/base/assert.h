/* assert.h - checks of our own reasoning, on in release builds too.
 *
 * A failed ASSERT is a bug in eddy: it prints place, condition and the command that repeats the
 * run, and aborts. Never use it on what a user, a learner or the machine did. */
#ifndef BASE_ASSERT_H
#define BASE_ASSERT_H

#define ASSERT(condition) ((condition) ? (void)0 : assert_failed(__FILE__, __LINE__, #condition))

_Noreturn void assert_failed(const char *file, int line, const char *condition);

/* The command that repeats what this process is doing; borrowed for ever. NULL: none. */
void assert_set_replay(const char *command);

#endif
