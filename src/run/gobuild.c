/* Go's linker leaves a section called .go.buildinfo in every program, also in stripped ones. It
 * opens with a magic text and says in byte 15 how the version follows:
 *
 *      0               14         15      16                  32
 *      "\xff Go buildinf:"  word size  flags   two words           ...
 *      flags & 2 (from Go 1.18): at 32, its length as a varint, then the text
 *      else: the first word is the address of a string header {address, length}
 *
 * All offsets come from the file, so each is checked before it is followed. */
#include "gobuild.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

enum { INFO_HEAD = 32, FLAGS_AT = 15, POINTER_AT = 16, FLAG_INLINE = 2, FLAG_BIG_ENDIAN = 1 };

static const char magic[] = "\xff Go buildinf:";

/* The part [at, at + len) of the image; data NULL if it does not lie within. */
static struct str part(struct str image, uint64_t at, uint64_t len)
{
    if (at > image.len || len > image.len - at)
        return (struct str){NULL, 0};
    return (struct str){image.data + at, (size_t)len};
}

static bool copy(struct str image, uint64_t at, void *into, size_t size)
{
    struct str p = part(image, at, size);

    if (p.data == NULL)
        return false;
    memcpy(into, p.data, size);
    return true;
}

static bool section_at(struct str image, const Elf64_Ehdr *elf, unsigned index, Elf64_Shdr *ret)
{
    return elf->e_shentsize == sizeof(*ret) &&
           copy(image, elf->e_shoff + (uint64_t)index * sizeof(*ret), ret, sizeof(*ret));
}

static bool find_info(struct str image, const Elf64_Ehdr *elf, struct str *ret_info)
{
    static const char wanted[] = ".go.buildinfo";
    Elf64_Shdr names;
    Elf64_Shdr section;
    unsigned i;

    if (!section_at(image, elf, elf->e_shstrndx, &names))
        return false;
    for (i = 0; i < elf->e_shnum && section_at(image, elf, i, &section); i++) {
        struct str name = part(image, names.sh_offset + section.sh_name, sizeof(wanted));
        if (name.data == NULL || memcmp(name.data, wanted, sizeof(wanted)) != 0)
            continue;
        *ret_info = part(image, section.sh_offset, section.sh_size);
        return ret_info->data != NULL;
    }
    return false;
}

/* Where the byte at this address of the running program lies in the file. */
static bool file_offset(struct str image, const Elf64_Ehdr *elf, uint64_t address, uint64_t *ret_at)
{
    Elf64_Phdr p;
    unsigned i;

    for (i = 0; i < elf->e_phnum; i++) {
        if (elf->e_phentsize != sizeof(p) ||
            !copy(image, elf->e_phoff + (uint64_t)i * sizeof(p), &p, sizeof(p)))
            return false;
        if (p.p_type == PT_LOAD && address >= p.p_vaddr && address - p.p_vaddr < p.p_filesz) {
            *ret_at = p.p_offset + (address - p.p_vaddr);
            return true;
        }
    }
    return false;
}

static struct str text_by_address(struct str image, const Elf64_Ehdr *elf, struct str info)
{
    uint64_t address;
    uint64_t header[2];
    uint64_t at;

    memcpy(&address, info.data + POINTER_AT, sizeof(address));
    if (!file_offset(image, elf, address, &at) || !copy(image, at, header, sizeof(header)) ||
        !file_offset(image, elf, header[0], &at))
        return (struct str){NULL, 0};
    return part(image, at, header[1]);
}

static struct str text_inline(struct str info)
{
    uint64_t len = 0;
    uint64_t at = INFO_HEAD;
    int shift;

    for (shift = 0; shift < 63 && at < info.len; shift += 7) {
        unsigned char byte = (unsigned char)info.data[at++];
        len |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return part(info, at, len);
    }
    return (struct str){NULL, 0};
}

bool gobuild_version(struct str image, char into[GOBUILD_VERSION_SIZE])
{
    Elf64_Ehdr elf;
    struct str info = {0};
    struct str text;
    unsigned flags;
    size_t i;

    if (!copy(image, 0, &elf, sizeof(elf)) || memcmp(elf.e_ident, ELFMAG, SELFMAG) != 0 ||
        elf.e_ident[EI_CLASS] != ELFCLASS64 || !find_info(image, &elf, &info) ||
        info.len < INFO_HEAD || memcmp(info.data, magic, sizeof(magic) - 1) != 0)
        return false;
    flags = (unsigned char)info.data[FLAGS_AT];
    if (flags & FLAG_INLINE)
        text = text_inline(info);
    else if (flags & FLAG_BIG_ENDIAN)
        return false;
    else
        text = text_by_address(image, &elf, info);
    if (text.data == NULL || text.len < 2 || memcmp(text.data, "go", 2) != 0)
        return false;
    for (i = 0; i < text.len && i < GOBUILD_VERSION_SIZE - 1; i++)
        into[i] = text.data[i] >= ' ' && text.data[i] <= '~' ? text.data[i] : '?';
    into[i] = '\0';
    return true;
}

bool gobuild_constant_seed(const char *version)
{
    char *end;
    long major;

    if (strncmp(version, "go", 2) != 0)
        return false;
    major = strtol(version + 2, &end, 10);
    return major == 1 && *end == '.' && strtol(end + 1, NULL, 10) < 20;
}
