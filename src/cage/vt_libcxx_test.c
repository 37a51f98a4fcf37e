/* Finding std::random_device in a library that may be forged. That it is replaced, and draws from
 * the seed, is seen by virtual_test.c through tests/vt/chance.c. */
#include "vt_libcxx.h"

#include "../base/mem.h"
#include "../base/prng.h"
#include "../base/test.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stdio.h>
#include <string.h>

enum { CODE_LEN = 24 };

/* The library of this machine; NULL if it has none. *ret_base: where it stands in our memory. */
static unsigned char *load_library(size_t *ret_len, unsigned char **ret_function)
{
    void *library = dlopen("libstdc++.so.6", RTLD_NOW);
    struct link_map *map;
    unsigned char *bytes;
    FILE *f;

    if (library == NULL || dlinfo(library, RTLD_DI_LINKMAP, &map) != 0)
        return NULL;
    *ret_function = dlsym(library, "_ZNSt13random_device9_M_getvalEv");
    f = fopen(map->l_name, "rb");
    fseek(f, 0, SEEK_END);
    *ret_len = (size_t)ftell(f);
    rewind(f);
    bytes = mem_alloc(*ret_len);
    CHECK_INT(fread(bytes, 1, *ret_len, f), *ret_len);
    fclose(f);
    return bytes;
}

TEST(the_function_is_found_in_the_library)
{
    size_t len = 0;
    unsigned char *function = NULL, *bytes = load_library(&len, &function);
    uint64_t place = 0;

    if (bytes == NULL)
        return;
    CHECK(vt_libcxx_place(bytes, len, &place));
    CHECK(memcmp(bytes + place, function, 64) == 0);
    mem_free(bytes);
}

TEST(a_library_that_is_cut_off_or_is_none_has_no_place)
{
    size_t len = 0, part;
    unsigned char *function = NULL, *bytes = load_library(&len, &function);
    uint64_t place = 0;

    if (bytes == NULL)
        return;
    for (part = 0; part < len; part = part * 3 + 1) {
        unsigned char *cut = mem_alloc(part + 1); /* of its own, so that ASan sees its end */

        memcpy(cut, bytes, part);
        CHECK(!vt_libcxx_place(cut, part, &place)); /* the sections stand at the end */
        mem_free(cut);
    }
    memset(bytes, 0xff, 4096);
    CHECK(!vt_libcxx_place(bytes, len, &place));
    CHECK_INT(place, 0);
    mem_free(bytes);
}

/* Goal: no forged table leads outside the file. Method: numbers in the header and in the tables of
 * sections and segments are overwritten, thousands of times; ASan watches. */
TEST(forged_tables_lead_nowhere_else)
{
    size_t len = 0;
    unsigned char *function = NULL, *bytes = load_library(&len, &function);
    const Elf64_Ehdr *header = (const void *)bytes;
    struct prng chance;
    uint64_t sections, sections_len, place = 0;
    int i;

    if (bytes == NULL)
        return;
    prng_init(&chance, 1, "forged tables");
    sections = header->e_shoff;
    sections_len = header->e_shnum * sizeof(Elf64_Shdr);
    for (i = 0; i < 4000; i++) {
        bool early = i % 2 == 0;
        uint64_t at = early ? prng_below(&chance, 1024)
                            : sections + prng_below(&chance, (uint32_t)sections_len - 8);
        unsigned char before[8];
        uint64_t value = prng_next(&chance) >> prng_below(&chance, 64);

        memcpy(before, bytes + at, 8);
        memcpy(bytes + at, &value, 8);
        if (vt_libcxx_place(bytes, len, &place))
            CHECK(place < len && len - place >= CODE_LEN);
        memcpy(bytes + at, before, 8);
    }
    CHECK(vt_libcxx_place(bytes, len, &place));
    mem_free(bytes);
}
