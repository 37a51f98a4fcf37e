/* commands.h - one function a command. Each gets the words after its name (NULL at the end) and
 * gives the program's exit status. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

enum {
    EXIT_VALID = 0,
    EXIT_INVALID = 1,
    EXIT_UNKNOWN = 2,
    EXIT_USAGE = 3,   /* what was asked for makes no sense */
    EXIT_MACHINE = 4, /* the machine refused */
};

int test_command(char *const *argv);
int replay_command(char *const *argv);
int shrink_command(char *const *argv);
int check_command(char *const *argv);
int learn_command(char *const *argv);
int course_command(char *const *argv);
int serve_command(char *const *argv);
int accounts_command(char *const *argv);
int worker_command(char *const *argv);
int doctor_command(char *const *argv);

#endif
