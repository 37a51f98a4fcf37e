/* Prints whatever could differ from run to run, from each source of chance that we know. */
#include "measure.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static unsigned from_file(const char *path)
{
    unsigned value = 0;
    FILE *f = fopen(path, "r");

    (void)!fread(&value, sizeof(value), 1, f);
    fclose(f);
    return value;
}

/* What `std::random_device{}()` does, without a C++ compiler: a std::string is a pointer, a length
 * and 16 bytes; the device fits into these 8 KiB. */
static void say_random_device(void)
{
    static const struct {
        const char *text;
        size_t len;
        char small[16];
    } token = {"default", 7, ""};
    static char device[8192];
    void *library = dlopen("libstdc++.so.6", RTLD_NOW);
    void (*init)(void *, const void *);
    unsigned (*getval)(void *);

    if (library == NULL)
        return;
    init = dlsym(library, "_ZNSt13random_device7_M_initERKNSt7__cxx1112basic_stringIcSt11char_"
                          "traitsIcESaIcEEE");
    getval = dlsym(library, "_ZNSt13random_device9_M_getvalEv");
    init(device, &token);
    say("random_device", getval(device));
}

int main(void)
{
    unsigned value;
    unsigned long long start;
    struct rusage usage;
    pid_t child;

    (void)!getrandom(&value, sizeof(value), 0);
    say("getrandom", value);
    say("urandom", from_file("/dev/urandom"));
    say("random", from_file("/dev/random"));
    say_random_device();
    memcpy(&value, (void *)getauxval(AT_RANDOM), sizeof(value));
    say("auxv", value);
    say("stack", (long long)&value);
    say("heap", (long long)malloc(1));
    say("code", (long long)&main);
    say("library", (long long)&printf);
    say("cycles", (long long)__builtin_ia32_rdtsc());
    start = __builtin_ia32_rdtsc();
    say("cycles between", (long long)(__builtin_ia32_rdtsc() - start));
    say("monotonic", now_ns(CLOCK_MONOTONIC));
    say("wall", now_ns(CLOCK_REALTIME));
    say("CPU", now_ns(CLOCK_PROCESS_CPUTIME_ID));
    getrusage(RUSAGE_SELF, &usage);
    say("rusage", usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
    say("clock", clock());
    if (getuid() == 0 && access("/proc/2/comm", F_OK) == 0 && getppid() == 1)
        say("process", getpid()); /* in a PID namespace */
    child = fork();
    if (child == 0) {
        (void)!getrandom(&value, sizeof(value), 0);
        say("child's getrandom", value);
        _exit(0);
    }
    waitpid(child, NULL, 0);
    return 0;
}
