#include "gobuild.h"

#include "../base/prng.h"
#include "../base/test.h"

#include <elf.h>

/* A smallest program: header, one segment, the info, names, two sections. */
struct image {
    Elf64_Ehdr elf;
    Elf64_Phdr load;
    Elf64_Shdr sections[2];
    char names[32];
    unsigned char info[64];
    uint64_t text_header[2];
    char text[16];
};

enum { BASE = 0x400000 };

static void build(struct image *m)
{
    memset(m, 0, sizeof(*m));
    memcpy(m->elf.e_ident, ELFMAG, SELFMAG);
    m->elf.e_ident[EI_CLASS] = ELFCLASS64;
    m->elf.e_phoff = offsetof(struct image, load);
    m->elf.e_phentsize = sizeof(Elf64_Phdr);
    m->elf.e_phnum = 1;
    m->elf.e_shoff = offsetof(struct image, sections);
    m->elf.e_shentsize = sizeof(Elf64_Shdr);
    m->elf.e_shnum = 2;
    m->load.p_type = PT_LOAD;
    m->load.p_vaddr = BASE;
    m->load.p_filesz = sizeof(*m);
    m->sections[0].sh_offset = offsetof(struct image, names);
    m->sections[0].sh_size = sizeof(m->names);
    m->sections[1].sh_name = 1;
    m->sections[1].sh_offset = offsetof(struct image, info);
    m->sections[1].sh_size = sizeof(m->info);
    strcpy(m->names + 1, ".go.buildinfo");
    memcpy(m->info, "\xff Go buildinf:\x08", 15);
}

static void build_inline(struct image *m, const char *version)
{
    build(m);
    m->info[15] = 2;
    m->info[32] = (unsigned char)strlen(version);
    memcpy(m->info + 33, version, strlen(version));
}

/* As before Go 1.18. */
static void build_pointer(struct image *m, const char *version)
{
    uint64_t at = BASE + offsetof(struct image, text_header);

    build(m);
    memcpy(m->info + 16, &at, sizeof(at));
    m->text_header[0] = BASE + offsetof(struct image, text);
    m->text_header[1] = strlen(version);
    memcpy(m->text, version, strlen(version));
}

static bool version_of(const struct image *m, char into[GOBUILD_VERSION_SIZE])
{
    return gobuild_version((struct str){(const char *)m, sizeof(*m)}, into);
}

TEST(the_version_stands_inline_or_behind_a_pointer)
{
    struct image m;
    char version[GOBUILD_VERSION_SIZE];

    build_inline(&m, "go1.19.8");
    CHECK(version_of(&m, version));
    CHECK_TEXT(version, "go1.19.8");
    build_pointer(&m, "go1.17.13");
    CHECK(version_of(&m, version));
    CHECK_TEXT(version, "go1.17.13");
    build_inline(&m, "go1.\x1b[31m");
    CHECK(version_of(&m, version));
    CHECK_TEXT(version, "go1.?[31m");
}

TEST(other_files_have_none)
{
    struct image m;
    char version[GOBUILD_VERSION_SIZE];

    CHECK(!gobuild_version(STR_LIT(""), version));
    CHECK(!gobuild_version(STR_LIT("#!/usr/bin/env python3\n"), version));
    build_inline(&m, "go1.19.8");
    m.elf.e_ident[EI_CLASS] = ELFCLASS32;
    CHECK(!version_of(&m, version));
    build_inline(&m, "go1.19.8");
    m.names[2] = 'c';
    CHECK(!version_of(&m, version));
    build_inline(&m, "go1.19.8");
    m.info[1] = 'x';
    CHECK(!version_of(&m, version));
    build_inline(&m, "clang 14");
    CHECK(!version_of(&m, version));
    build_pointer(&m, "go1.17");
    m.info[15] = 1; /* big-endian */
    CHECK(!version_of(&m, version));
}

/* Cut short anywhere, or with any byte changed, it is refused or read, never followed outside: the
 * sanitizers watch. */
TEST(broken_images_are_read_safely)
{
    struct image m;
    char version[GOBUILD_VERSION_SIZE];
    struct prng p;
    size_t len;
    int round;

    prng_init(&p, 1, "gobuild");
    for (round = 0; round < 20000; round++) {
        unsigned char *bytes = (unsigned char *)&m;
        if (round % 2)
            build_inline(&m, "go1.19.8");
        else
            build_pointer(&m, "go1.17");
        bytes[prng_below(&p, sizeof(m))] = (unsigned char)prng_next(&p);
        bytes[prng_below(&p, sizeof(m))] = (unsigned char)prng_next(&p);
        if (version_of(&m, version))
            CHECK(strlen(version) < GOBUILD_VERSION_SIZE);
    }
    build_pointer(&m, "go1.17");
    for (len = 0; len < offsetof(struct image, text) + 6; len++) {
        char *part = test_malloc(len > 0 ? len : 1); /* so that a byte too far is seen */
        memcpy(part, &m, len);
        CHECK(!gobuild_version((struct str){part, len}, version));
        test_free(part);
    }
}

TEST(from_go_1_20_on_chance_is_seeded)
{
    CHECK(gobuild_constant_seed("go1.19.8"));
    CHECK(gobuild_constant_seed("go1.4"));
    CHECK(!gobuild_constant_seed("go1.20"));
    CHECK(!gobuild_constant_seed("go1.21.3"));
    CHECK(!gobuild_constant_seed("go2.1"));
    CHECK(!gobuild_constant_seed("devel go1.19"));
}
