#include "commands.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

static const struct command {
    const char *name;
    const char *help;
    int (*run)(char *const *argv);
} commands[] = {
    {"test", "run a program as a cluster in a simulated network and judge it", test_command},
    {"replay", "run a run again from its folder and say whether it was the same", replay_command},
    {"shrink", "find the smallest run that still fails in the same way", shrink_command},
    {"check", "judge a history from anywhere", check_command},
    {"learn", "the course in a terminal: tracks, tasks, checks and hints", learn_command},
    {"course", "for authors: check that tracks are complete and their graders right",
     course_command},
    {"serve", "the course in the browser, on this machine", serve_command},
    {"accounts", "for who runs eddy serve --accounts: people, roles, links for new passwords",
     accounts_command},
    {"worker", "judge the submissions that wait in a database, on any number of machines",
     worker_command},
    {"doctor", "say what this machine offers to eddy", doctor_command},
    {NULL, NULL, NULL},
};

static void print_help(FILE *out)
{
    const struct command *c;

    fprintf(out, "eddy: build distributed systems, and see why they break\n\nUsage: eddy COMMAND "
                 "[OPTION]...\n\n");
    for (c = commands; c->name != NULL; c++)
        fprintf(out, "  %-8s %s\n", c->name, c->help);
    fprintf(out, "\neddy COMMAND --help lists the options of a command.\n");
}

/* Where a standard stream is closed, the next file that is opened would take its place, and get
 * what is printed. What is put there instead can be read, with nothing in it, and not written. */
static void fill_standard_streams(void)
{
    int fd;

    for (fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) != fd)
            return; /* no /dev here: then as it is */
}

int main(int argc, char **argv)
{
    const struct command *c;

    fill_standard_streams();
    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        print_help(stdout);
        return EXIT_VALID;
    }
    for (c = commands; c->name != NULL; c++)
        if (strcmp(argv[1], c->name) == 0)
            return c->run(argv + 2);
    fprintf(stderr, "eddy: there is no command \"%s\"\n\n", argv[1]);
    print_help(stderr);
    return EXIT_USAGE;
}
