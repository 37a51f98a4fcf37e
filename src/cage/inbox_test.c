#include "inbox.h"

#include "../base/test.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

TEST(bytes_leave_in_order_through_a_pipe_that_fills_up)
{
    enum { TOTAL = 1 << 20, PIECE = 1000 };
    struct inbox in = {0};
    int fd[2];
    size_t sent = 0;
    size_t got = 0;
    char piece[PIECE];
    size_t i;

    CHECK_INT(pipe2(fd, O_NONBLOCK), 0);
    while (got < TOTAL) {
        ssize_t len;

        for (i = 0; i < PIECE; i++)
            piece[i] = (char)((sent + i) % 251);
        if (sent < TOTAL) {
            inbox_add(&in, (struct str){piece, PIECE});
            sent += PIECE;
        }
        inbox_write(&in, fd[1]);
        len = sent % 3000 == 0 || sent >= TOTAL ? read(fd[0], piece, PIECE) : 0;
        for (i = 0; len > 0 && i < (size_t)len; i++)
            CHECK_INT(piece[i], (char)((got + i) % 251));
        got += len > 0 ? (size_t)len : 0;
        CHECK(got + inbox_len(&in) <= sent);
    }
    close(fd[0]);
    close(fd[1]);
    inbox_release(&in);
}

TEST(a_full_pipe_keeps_the_rest_and_a_shut_one_drops_it)
{
    struct inbox in = {0};
    static char much[1 << 20];
    int fd[2];

    signal(SIGPIPE, SIG_IGN);
    CHECK_INT(pipe2(fd, O_NONBLOCK), 0);
    inbox_add(&in, (struct str){much, sizeof(much)});
    CHECK_INT(inbox_write(&in, fd[1]), INBOX_FULL);
    CHECK(inbox_len(&in) > 0 && inbox_len(&in) < sizeof(much));
    close(fd[0]);
    CHECK_INT(inbox_write(&in, fd[1]), INBOX_SHUT);
    CHECK_INT(inbox_len(&in), 0);
    close(fd[1]);
    inbox_release(&in);
}
