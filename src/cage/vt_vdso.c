/* Programs read the clock a million times a second without a syscall: the kernel maps a small
 * library, the vDSO, into each process, and the C library (or Go's runtime) calls it. We write our
 * own functions into that mapping.
 *
 *      vDSO image (ELF), private to the process once written to
 *      +------------------------------------------------------------+
 *      | ELF header, tables | __vdso_clock_gettime: jmp --.  | ...  | zeros |
 *      +--------------------------------------------------|---------+---v---+
 *                                                         '-------> our code --> page (vt_page.h)
 *
 * Our code stands in the zeros behind the ELF image (the mapping is whole pages), or, if there is
 * no room, on top of the old clock_gettime. Five bytes at the start of each function jump there.
 * This works for static programs too, since they find the vDSO the same way, and it survives fork.
 *
 * The page is a memfd that the process itself is made to create (so that no path, no folder and no
 * inherited descriptor is needed); we fetch a copy of the descriptor and map it as well.
 *
 * Tried and dropped: hiding the vDSO (each clock read is then a stop of 15 us instead of 30 ns),
 * and a file in /dev/shm (left behind when we die). */
#include "vt_vdso.h"

#include "../base/err.h"
#include "../base/mem.h"
#include "vt_entropy.h"
#include "vt_ptrace.h"
#include "vt_thread.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The functions, as position-independent code. vt_code_page is filled with the page's address.
 *
 * clock_gettime and gettimeofday count their calls in page.reads (offset 40). Beyond the free
 * number each 256th makes the real syscall, where the tracer sees it (see vt_busy.c); so do clocks
 * that the page does not hold. 0xd2 are the clocks 1, 4, 6 and 7 (monotonic, raw, coarse,
 * boottime), 0x821 are 0, 5 and 11 (realtime, coarse, TAI). getrandom says "not here", upon which
 * callers use the syscall. */
__asm__(".pushsection .rodata\n"
        ".balign 16\n"
        "vt_code:\n"
        "vt_code_clock_gettime:\n"
        "    mov vt_code_page(%rip), %rax\n"
        "    incq 40(%rax)\n"
        "    cmpq $20000, 40(%rax)\n" /* VT_PAGE_READS_FREE */
        "    jbe 1f\n"
        "    cmpb $0, 40(%rax)\n"
        "    je 4f\n"
        "1:  cmp $11, %edi\n"
        "    ja 4f\n"
        "    mov $0xd2, %ecx\n"
        "    bt %edi, %ecx\n"
        "    jc 3f\n"
        "    mov $0x821, %ecx\n"
        "    bt %edi, %ecx\n"
        "    jnc 4f\n"
        "    add $16, %rax\n"
        "3:  mov (%rax), %rcx\n"
        "    mov 8(%rax), %rdx\n"
        "    mov %rcx, (%rsi)\n"
        "    mov %rdx, 8(%rsi)\n"
        "    xor %eax, %eax\n"
        "    ret\n"
        "4:  mov $228, %eax\n" /* SYS_clock_gettime */
        "    syscall\n"
        "    ret\n"
        "vt_code_gettimeofday:\n"
        "    mov vt_code_page(%rip), %rax\n"
        "    incq 40(%rax)\n"
        "    cmpq $20000, 40(%rax)\n"
        "    jbe 1f\n"
        "    cmpb $0, 40(%rax)\n"
        "    je 4f\n"
        "1:  test %rdi, %rdi\n"
        "    jz 2f\n"
        "    mov 16(%rax), %rcx\n"
        "    mov %rcx, (%rdi)\n"
        "    mov 32(%rax), %rcx\n"
        "    mov %rcx, 8(%rdi)\n"
        "2:  test %rsi, %rsi\n" /* the time zone: UTC */
        "    jz 3f\n"
        "    movq $0, (%rsi)\n"
        "3:  xor %eax, %eax\n"
        "    ret\n"
        "4:  mov $96, %eax\n" /* SYS_gettimeofday */
        "    syscall\n"
        "    ret\n"
        "vt_code_time:\n"
        "    mov vt_code_page(%rip), %rax\n"
        "    incq 40(%rax)\n"
        "    cmpq $20000, 40(%rax)\n"
        "    jbe 1f\n"
        "    cmpb $0, 40(%rax)\n"
        "    je 4f\n"
        "1:  mov 16(%rax), %rax\n"
        "    test %rdi, %rdi\n"
        "    jz 2f\n"
        "    mov %rax, (%rdi)\n"
        "2:  ret\n"
        "4:  mov $201, %eax\n" /* SYS_time */
        "    syscall\n"
        "    ret\n"
        "vt_code_getcpu:\n"
        "    test %rdi, %rdi\n"
        "    jz 1f\n"
        "    movl $0, (%rdi)\n"
        "1:  test %rsi, %rsi\n"
        "    jz 2f\n"
        "    movl $0, (%rsi)\n"
        "2:  xor %eax, %eax\n"
        "    ret\n"
        "vt_code_getrandom:\n"
        "    mov $-38, %rax\n" /* ENOSYS */
        "    ret\n"
        "    .balign 8\n"
        "vt_code_page: .quad 0\n"
        "vt_code_end:\n"
        ".popsection\n");

extern const unsigned char vt_code[], vt_code_clock_gettime[], vt_code_gettimeofday[],
    vt_code_time[], vt_code_getcpu[], vt_code_getrandom[], vt_code_page[], vt_code_end[];

enum { VDSO_MAX = 8192, CODE_MAX = 512, JUMP_LEN = 5 };

static const struct {
    const char *name;
    const unsigned char *code;
} replaced[] = {
    {"__vdso_clock_gettime", vt_code_clock_gettime},
    {"__vdso_gettimeofday", vt_code_gettimeofday},
    {"__vdso_time", vt_code_time},
    {"__vdso_getcpu", vt_code_getcpu},
    {"__vdso_getrandom", vt_code_getrandom},
};

/* A copy of the vDSO in our memory. */
struct image {
    unsigned char bytes[VDSO_MAX];
    size_t len;
    uint64_t address; /* in the process */
    uint64_t random;  /* address of the 16 random bytes, or 0 */
    int mem_fd;       /* /proc/PID/mem */
};

static bool image_read(struct image *im, pid_t tid)
{
    uint64_t auxv[128];
    char path[64];
    ssize_t len, got;
    int fd, i;

    snprintf(path, sizeof(path), "/proc/%d/auxv", tid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    len = read(fd, auxv, sizeof(auxv));
    close(fd);
    for (i = 0; i + 1 < (int)(len / (ssize_t)sizeof(auxv[0])); i += 2) {
        if (auxv[i] == AT_SYSINFO_EHDR)
            im->address = auxv[i + 1];
        if (auxv[i] == AT_RANDOM)
            im->random = auxv[i + 1];
    }
    snprintf(path, sizeof(path), "/proc/%d/mem", tid);
    im->mem_fd = open(path, O_RDWR | O_CLOEXEC);
    if (im->mem_fd < 0 || im->address == 0)
        return false;
    while (im->len < VDSO_MAX && /* up to the end of the mapping */
           (got = pread(im->mem_fd, im->bytes + im->len, 4096, (off_t)(im->address + im->len))) > 0)
        im->len += (size_t)got;
    return im->len >= sizeof(Elf64_Ehdr);
}

static const void *image_at(const struct image *im, uint64_t offset, size_t len)
{
    return offset + len <= im->len ? im->bytes + offset : NULL;
}

/* Its dynamic symbols; the DT_HASH table says how many, or else the string table follows them. */
static const Elf64_Sym *image_symbols(const struct image *im, size_t *ret_count,
                                      const char **ret_names)
{
    const Elf64_Ehdr *header = (const void *)im->bytes;
    const Elf64_Phdr *phdr = image_at(im, header->e_phoff, header->e_phnum * sizeof(*phdr));
    const Elf64_Dyn *dyn = NULL;
    uint64_t symtab = 0, strtab = 0, hash = 0;
    int i;

    for (i = 0; phdr != NULL && i < header->e_phnum; i++)
        if (phdr[i].p_type == PT_DYNAMIC)
            dyn = image_at(im, phdr[i].p_offset, phdr[i].p_filesz);
    for (; dyn != NULL && dyn->d_tag != DT_NULL; dyn++) {
        if (dyn->d_tag == DT_SYMTAB)
            symtab = dyn->d_un.d_ptr;
        if (dyn->d_tag == DT_STRTAB)
            strtab = dyn->d_un.d_ptr;
        if (dyn->d_tag == DT_HASH)
            hash = dyn->d_un.d_ptr;
    }
    if (symtab == 0 || strtab < symtab || strtab >= im->len)
        return NULL;
    *ret_count = hash != 0 && image_at(im, hash, 8) != NULL
                     ? ((const uint32_t *)(const void *)(im->bytes + hash))[1]
                     : (strtab - symtab) / sizeof(Elf64_Sym);
    *ret_names = (const char *)im->bytes + strtab;
    return image_at(im, symtab, *ret_count * sizeof(Elf64_Sym));
}

static bool image_write(const struct image *im, uint64_t offset, const void *from, size_t len)
{
    return pwrite(im->mem_fd, from, len, (off_t)(im->address + offset)) == (ssize_t)len;
}

static bool redirect(const struct image *im, uint64_t page)
{
    const Elf64_Ehdr *header = (const void *)im->bytes;
    uint64_t end = header->e_shoff + (uint64_t)header->e_shnum * header->e_shentsize;
    uint64_t at = (end + 15) & ~15ull;
    size_t code_len = (size_t)(vt_code_end - vt_code);
    unsigned char code[CODE_MAX];
    const Elf64_Sym *symbols;
    const char *names;
    size_t count, i, k;

    symbols = image_symbols(im, &count, &names);
    if (symbols == NULL || code_len > CODE_MAX)
        return false;
    for (i = 0; i < count && at + code_len > im->len; i++)
        if (strcmp(names + symbols[i].st_name, "__vdso_clock_gettime") == 0)
            at = symbols[i].st_value + 64;
    memcpy(code, vt_code, code_len);
    memcpy(code + (vt_code_page - vt_code), &page, sizeof(page));
    if (!image_write(im, at, code, code_len))
        return false;
    for (i = 0; i < count && PLANT_VT != 5; i++)
        for (k = 0; k < sizeof(replaced) / sizeof(replaced[0]); k++) {
            unsigned char jump[JUMP_LEN] = {0xe9};
            int32_t distance;

            if (strcmp(names + symbols[i].st_name, replaced[k].name) != 0)
                continue;
            distance = (int32_t)(at + (uint64_t)(replaced[k].code - vt_code) -
                                 (symbols[i].st_value + JUMP_LEN));
            memcpy(jump + 1, &distance, sizeof(distance));
            if (!image_write(im, symbols[i].st_value, jump, sizeof(jump)))
                return false;
        }
    return true;
}

/* The address of a syscall instruction in the process, or 0. */
static uint64_t find_syscall(const struct image *im)
{
    size_t i;

    for (i = 0; i + 1 < im->len; i++)
        if (im->bytes[i] == 0x0f && im->bytes[i + 1] == 0x05)
            return im->address + i;
    return 0;
}

/* Makes the process create and map the page; gives our mapping and its address there. */
static struct vt_page_map *page_share(struct vt_thread *t, const struct image *im,
                                      uint64_t *ret_address)
{
    uint64_t insn = find_syscall(im);
    uint64_t no_name = im->address + EI_PAD; /* zeros, so an empty text */
    struct vt_page_map *map = NULL;
    void *ours = MAP_FAILED;
    int64_t theirs = -1, fd;
    int copy;

    if (insn == 0)
        return NULL;
    fd = vt_inject(t, insn, SYS_memfd_create, (uint64_t[6]){no_name, MFD_CLOEXEC});
    if (fd < 0)
        return NULL;
    copy = vt_proc_getfd(t->proc, (int)fd);
    if (copy >= 0 && ftruncate(copy, VT_PAGE_SIZE) == 0)
        ours = mmap(NULL, VT_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, copy, 0);
    if (ours != MAP_FAILED)
        theirs = vt_inject(
            t, insn, SYS_mmap,
            (uint64_t[6]){0, VT_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, (uint64_t)fd, 0});
    vt_inject(t, insn, SYS_close, (uint64_t[6]){(uint64_t)fd});
    if (copy >= 0)
        close(copy);
    if (ours != MAP_FAILED && theirs < 0 && theirs > -4096)
        munmap(ours, VT_PAGE_SIZE);
    else if (ours != MAP_FAILED) {
        map = mem_zalloc(sizeof(*map));
        map->page = ours;
        map->ref_count = 1;
        *ret_address = (uint64_t)theirs;
    }
    return map;
}

int vt_vdso_take_over(struct vt_thread *t, struct err *err)
{
    struct image im = {.mem_fd = -1};
    uint64_t address = 0;
    int status = 0;

    if (!image_read(&im, t->tid))
        status = err_set(err, ERR_MACHINE, "the vDSO of process %d cannot be read", t->tid);
    if (status == 0 && (t->proc->page = page_share(t, &im, &address)) == NULL)
        status =
            err_set(err, ERR_MACHINE,
                    "process %d cannot share a page with us (memfd_create, pidfd_getfd)", t->tid);
    if (status == 0 && !redirect(&im, address))
        status = err_set(err, ERR_MACHINE, "the vDSO of process %d cannot be changed", t->tid);
    if (status == 0 && im.random != 0 && !t->node->world->config->entropy_real) {
        unsigned char bytes[16];

        vt_entropy_fill(t->node, bytes, sizeof(bytes));
        vt_mem_write(t, im.random, bytes, sizeof(bytes));
    }
    if (im.mem_fd >= 0)
        close(im.mem_fd);
    t->regs_valid = false;
    return status;
}
