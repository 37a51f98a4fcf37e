/* The instructions rdseed and rdrand cannot be made to stop on most machines, and libstdc++ answers
 * std::random_device with them, so hardly a C++ program that draws chance was repeatable. But we
 * see when a program maps a library to execute it. If it is libstdc++, our own code goes on top of
 *
 *      unsigned std::random_device::_M_getval()
 *
 * and asks the system instead (getrandom), which vt_entropy.c answers. The mapping is private, so
 * the file and other processes keep what they have; it survives fork, and after exec the library is
 * mapped anew.
 *
 * The file belongs to the program under test, which may have made it by hand: every offset in it is
 * checked, and whatever is odd about it means that nothing is replaced.
 *
 * Tried and dropped: replacing the instructions themselves wherever their bytes stand (bytes of
 * data look like them), and hiding them (arch_prctl(ARCH_CPUID_FAULT) is rare in virtual machines).
 */
#include "vt_libcxx.h"

#include "../base/mem.h"
#include "vt_ptrace.h"
#include "vt_syscall.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef PLANT_VT
#define PLANT_VT 0
#endif

__asm__(".pushsection .rodata\n"
        "vt_getval:\n"
        "    endbr64\n"
        "    push %rax\n" /* room for the value */
        "    mov %rsp, %rdi\n"
        "    mov $4, %esi\n"
        "    xor %edx, %edx\n"
        "    mov $318, %eax\n" /* SYS_getrandom */
        "    syscall\n"
        "    pop %rax\n"
        "    ret\n"
        "vt_getval_end:\n"
        ".popsection\n");

extern const unsigned char vt_getval[], vt_getval_end[];

enum { FILE_MAX = 64 << 20 };

static const char library[] = "libstdc++.so.";
static const char function[] = "_ZNSt13random_device9_M_getvalEv";

/* A file in our memory. */
struct elf {
    const unsigned char *bytes;
    uint64_t len;
};

static const void *elf_at(const struct elf *e, uint64_t offset, uint64_t len)
{
    return offset <= e->len && len <= e->len - offset && offset % 8 == 0 ? e->bytes + offset : NULL;
}

/* The table of dynamic symbols with its names, or NULL. */
static const Elf64_Sym *elf_symbols(const struct elf *e, uint64_t *ret_count, struct elf *ret_names)
{
    const Elf64_Ehdr *header = elf_at(e, 0, sizeof(*header));
    const Elf64_Shdr *sections =
        header == NULL ? NULL : elf_at(e, header->e_shoff, header->e_shnum * sizeof(*sections));
    int i;

    for (i = 0; sections != NULL && i < header->e_shnum; i++) {
        const Elf64_Shdr *s = &sections[i], *names;

        if (s->sh_type != SHT_DYNSYM || s->sh_link >= header->e_shnum)
            continue;
        names = &sections[s->sh_link];
        if (names->sh_offset > e->len || names->sh_size > e->len - names->sh_offset)
            return NULL;
        *ret_names = (struct elf){e->bytes + names->sh_offset, names->sh_size};
        *ret_count = s->sh_size / sizeof(Elf64_Sym);
        return elf_at(e, s->sh_offset, s->sh_size);
    }
    return NULL;
}

static const Elf64_Sym *find_function(const struct elf *e)
{
    struct elf names;
    uint64_t count = 0, i;
    const Elf64_Sym *symbols = elf_symbols(e, &count, &names);

    for (i = 0; symbols != NULL && i < count; i++)
        if (symbols[i].st_name < names.len && names.len - symbols[i].st_name >= sizeof(function) &&
            memcmp(names.bytes + symbols[i].st_name, function, sizeof(function)) == 0)
            return &symbols[i];
    return NULL;
}

bool vt_libcxx_place(const void *bytes, size_t len, uint64_t *ret_offset)
{
    const struct elf file = {bytes, len}, *e = &file;
    const Elf64_Ehdr *header = elf_at(e, 0, sizeof(*header));
    const Elf64_Phdr *parts =
        header == NULL ? NULL : elf_at(e, header->e_phoff, header->e_phnum * sizeof(*parts));
    const Elf64_Sym *symbol = find_function(e);
    size_t code_len = (size_t)(vt_getval_end - vt_getval);
    uint64_t place;
    int i;

    if (parts == NULL || symbol == NULL || symbol->st_size < code_len)
        return false;
    for (i = 0; i < header->e_phnum; i++) {
        const Elf64_Phdr *p = &parts[i];

        if (p->p_type == PT_LOAD && (p->p_flags & PF_X) != 0 && symbol->st_value >= p->p_vaddr &&
            symbol->st_value - p->p_vaddr < p->p_filesz) {
            place = symbol->st_value - p->p_vaddr + p->p_offset;
            if (place > len || len - place < code_len)
                return false;
            *ret_offset = place;
            return true;
        }
    }
    return false;
}

/* Read, not mapped: a mapped file that became shorter would end us. */
static bool find_place_in_file(const char *path, uint64_t *ret_offset)
{
    struct stat st;
    bool found = false;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0)
        return false;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= FILE_MAX) {
        unsigned char *bytes = mem_alloc((size_t)st.st_size + 1);
        ssize_t len = pread(fd, bytes, (size_t)st.st_size, 0);

        found = vt_libcxx_place(bytes, len > 0 ? (size_t)len : 0, ret_offset);
        mem_free(bytes);
    }
    close(fd);
    return found;
}

static void write_code(struct vt_thread *t, uint64_t address)
{
    char path[64];
    int fd;

    snprintf(path, sizeof(path), "/proc/%d/mem", t->tid);
    fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)!pwrite(fd, vt_getval, (size_t)(vt_getval_end - vt_getval), (off_t)address);
    close(fd);
}

/* The path of the file to be mapped, as a link in /proc; false: it is not the library. */
static bool is_library(struct vt_thread *t, char path[64])
{
    char target[512];
    const char *name;
    ssize_t len;

    snprintf(path, 64, "/proc/%d/fd/%d", t->tid, (int)vt_arg(t, 4));
    len = readlink(path, target, sizeof(target) - 1);
    if (len <= 0)
        return false;
    target[len] = '\0';
    name = strrchr(target, '/');
    return name != NULL && strncmp(name + 1, library, sizeof(library) - 1) == 0;
}

enum vt_verdict vt_sys_mmap(struct vt_thread *t)
{
    char path[64];

    if ((vt_arg(t, 2) & PROT_EXEC) == 0 || (vt_arg(t, 3) & (MAP_ANONYMOUS | MAP_SHARED)) != 0 ||
        !is_library(t, path))
        return VT_GO;
    return vt_run_natively(t, VT_AFTER_MMAP);
}

void vt_sys_mmap_end(struct vt_thread *t)
{
    uint64_t address = vt_regs(t)->rax;
    uint64_t len = vt_arg(t, 1), begin = vt_arg(t, 5);
    size_t code_len = (size_t)(vt_getval_end - vt_getval);
    uint64_t place = 0;
    char path[64];

    if (address > -(uint64_t)4096 || PLANT_VT == 15 || !is_library(t, path) ||
        !find_place_in_file(path, &place))
        return;
    if (place >= begin && place - begin < len && code_len <= len - (place - begin))
        write_code(t, address + (place - begin));
}
