/* Does to the folder EDDY_DATA what its arguments say, one call each, prints what each call
 * returned, and then waits for the end of its input. Words of an argument are separated by colons;
 * numbers are decimal.
 *
 *   write:NAME:OFFSET:LEN:C    pwrite      append:NAME:LEN:C   O_APPEND    both make the file
 *   direct:NAME:LEN:C          O_DSYNC     vector:NAME:LEN:C   writev of two halves
 *   read:NAME:LEN   trunc:NAME:SIZE   ftrunc:NAME:SIZE   alloc:NAME:SIZE   empty:NAME (O_TRUNC)
 *   copy:FROM:TO:LEN (copy_file_range)   send:FROM:TO:LEN (sendfile)   splice:TO:LEN:C
 *   map:NAME:OFFSET:LEN:C (stores)   mapsync:NAME:OFFSET:LEN:C (and msync)
 *   ren:FROM:TO   swap:FROM:TO   in:FROM (from outside)   out:FROM   link:FROM:TO   unlink:NAME
 * temp:NAME (O_TMPFILE, linkat) mkdir:NAME   rmdir:NAME   sync:NAME   dsync:NAME
 * range:NAME:OFFSET:LEN   syncall   hold:NAME (opened, unlinked, written) */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static char *words[8];
static char bytes[1 << 20];

static const char *word(int i)
{
    return words[i] == NULL ? "" : words[i];
}

static long number(int i)
{
    return strtol(word(i), NULL, 10);
}

static const char *fill(int i, long len)
{
    memset(bytes, word(i)[0], (size_t)len);
    return bytes;
}

static int open_at(int i, int flags)
{
    return open(word(i), flags | O_CLOEXEC, 0644);
}

static long store(int sync)
{
    int fd = open_at(1, O_RDWR);
    long begin = number(2);
    long end = begin + number(3);
    char *at = mmap(NULL, (size_t)end, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    if (at == MAP_FAILED)
        return -1;
    memset(at + begin, word(4)[0], (size_t)(end - begin));
    if (sync)
        msync(at, (size_t)end, MS_SYNC);
    munmap(at, (size_t)end);
    close(fd);
    return 0;
}

static long splice_in(void)
{
    int ends[2];
    long done;
    int fd = open_at(1, O_WRONLY | O_CREAT);

    if (pipe(ends) < 0 || write(ends[1], fill(3, number(2)), (size_t)number(2)) < 0)
        return -1;
    done = splice(ends[0], NULL, fd, NULL, (size_t)number(2), 0);
    close(fd);
    return done;
}

static long temporary(void)
{
    int fd = open(".", O_TMPFILE | O_RDWR, 0644);
    char path[64];

    if (fd < 0 || write(fd, "t", 1) != 1)
        return -1;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return linkat(AT_FDCWD, path, AT_FDCWD, word(1), AT_SYMLINK_FOLLOW);
}

static long vector(int fd)
{
    long len = number(2);
    struct iovec halves[2] = {{bytes, (size_t)(len / 2)}, {bytes, (size_t)(len - len / 2)}};

    fill(3, len);
    return writev(fd, halves, 2);
}

static char outside[64];

static long file_call(const char *what)
{
    int fd = open_at(1, strcmp(what, "read") == 0 ? O_RDONLY : O_RDWR);

    if (fd < 0)
        fd = open_at(1, O_RDONLY | O_DIRECTORY);
    if (fd < 0)
        return -1;
    if (strcmp(what, "read") == 0)
        return read(fd, bytes, (size_t)number(2));
    if (strcmp(what, "ftrunc") == 0)
        return ftruncate(fd, number(2));
    if (strcmp(what, "alloc") == 0)
        return fallocate(fd, 0, 0, number(2));
    if (strcmp(what, "sync") == 0)
        return fsync(fd);
    if (strcmp(what, "dsync") == 0)
        return fdatasync(fd);
    if (strcmp(what, "range") == 0)
        return sync_file_range(fd, number(2), number(3), SYNC_FILE_RANGE_WRITE);
    if (strcmp(what, "hold") == 0)
        return unlink(word(1)) < 0 ? -1 : write(fd, "h", 1);
    errno = ENOSYS;
    return -1;
}

static long copy_call(const char *what)
{
    int from = open_at(1, O_RDONLY);
    int to = open_at(2, O_WRONLY | O_CREAT);

    if (strcmp(what, "send") == 0)
        return sendfile(to, from, NULL, (size_t)number(3));
    return copy_file_range(from, NULL, to, NULL, (size_t)number(3), 0);
}

static long name_call(const char *what)
{
    if (strcmp(what, "ren") == 0)
        return rename(word(1), word(2));
    if (strcmp(what, "swap") == 0)
        return syscall(SYS_renameat2, AT_FDCWD, word(1), AT_FDCWD, word(2), RENAME_EXCHANGE);
    if (strcmp(what, "out") == 0)
        return rename(word(1), outside);
    if (strcmp(what, "in") == 0)
        return rename(outside, word(1));
    if (strcmp(what, "link") == 0)
        return link(word(1), word(2));
    if (strcmp(what, "unlink") == 0)
        return unlink(word(1));
    if (strcmp(what, "mkdir") == 0)
        return mkdir(word(1), 0755);
    if (strcmp(what, "rmdir") == 0)
        return rmdir(word(1));
    if (strcmp(what, "trunc") == 0)
        return truncate(word(1), number(2));
    return file_call(what);
}

static long call(const char *what)
{
    if (strcmp(what, "write") == 0)
        return pwrite(open_at(1, O_WRONLY | O_CREAT), fill(4, number(3)), (size_t)number(3),
                      number(2));
    if (strcmp(what, "append") == 0)
        return write(open_at(1, O_WRONLY | O_CREAT | O_APPEND), fill(3, number(2)),
                     (size_t)number(2));
    if (strcmp(what, "direct") == 0)
        return write(open_at(1, O_WRONLY | O_CREAT | O_DSYNC), fill(3, number(2)),
                     (size_t)number(2));
    if (strcmp(what, "vector") == 0)
        return vector(open_at(1, O_WRONLY | O_CREAT));
    if (strcmp(what, "empty") == 0)
        return open_at(1, O_WRONLY | O_CREAT | O_TRUNC) < 0 ? -1 : 0;
    if (strcmp(what, "copy") == 0 || strcmp(what, "send") == 0)
        return copy_call(what);
    if (strcmp(what, "splice") == 0)
        return splice_in();
    if (strcmp(what, "map") == 0 || strcmp(what, "mapsync") == 0)
        return store(strcmp(what, "mapsync") == 0);
    if (strcmp(what, "temp") == 0)
        return temporary();
    if (strcmp(what, "syncall") == 0)
        return sync(), 0;
    return name_call(what);
}

static void split(char *text)
{
    int i = 0;

    memset(words, 0, sizeof(words));
    for (text = strtok(text, ":"); text != NULL && i < 8; text = strtok(NULL, ":"))
        words[i++] = text;
}

int main(int argc, char **argv)
{
    int i;

    if (chdir(getenv("EDDY_DATA")) < 0)
        return 1;
    snprintf(outside, sizeof(outside), "../outside-%d", (int)getppid());
    for (i = 1; i < argc; i++) {
        long result;
        split(argv[i]);
        result = call(word(0));
        if (result < 0)
            printf("%s: %s\n", argv[i], strerror(errno));
        else
            printf("%s %ld\n", argv[i], result);
        fflush(stdout);
    }
    while (getchar() != EOF)
        ;
    return 0;
}
