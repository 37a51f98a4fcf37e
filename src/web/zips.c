/* Each text has one slot, by its digest; who comes later throws out who was there. No list of what
 * was used last: with as many slots as a course has pages two that are read much share one
 * rarely, and then they are packed as without this. */
#include "zips.h"

#include "../base/digest.h"
#include "../base/mem.h"
#include "statics.h"

#include <stdlib.h>

struct zip {
    struct buf text, zipped;
};

struct zips {
    struct zip kept[ZIPS_SLOTS];
    struct buf large; /* the last one that was too long to keep */
    uint64_t packed;
};

struct zips *zips_new(void)
{
    return mem_zalloc(sizeof(struct zips));
}

void zips_free(struct zips *z)
{
    uint32_t i;

    if (z == NULL)
        return;
    for (i = 0; i < ZIPS_SLOTS; i++) {
        buf_release(&z->kept[i].text);
        buf_release(&z->kept[i].zipped);
    }
    buf_release(&z->large);
    mem_free(z);
}

static struct zip *slot_of(struct zips *z, struct str text)
{
    struct digest digest = {0};
    char digits[DIGEST_TEXT_SIZE];

    digest_add(&digest, text.data, text.len);
    digest_text(&digest, digits);
    digits[4] = '\0';
    return &z->kept[strtoul(digits, NULL, 16) % ZIPS_SLOTS];
}

static struct str pack(struct zips *z, struct str text, struct buf *into)
{
    z->packed++;
    buf_reset(into);
    statics_zip(text, into);
    return buf_str(into);
}

struct str zips_get(struct zips *z, struct str text)
{
    struct zip *zip;

    if (text.len > ZIPS_TEXT_MAX)
        return pack(z, text, &z->large);
    zip = slot_of(z, text);
    if (zip->zipped.len > 0 && str_eq(buf_str(&zip->text), text))
        return buf_str(&zip->zipped);
    buf_reset(&zip->text);
    buf_add_str(&zip->text, text);
    return pack(z, text, &zip->zipped);
}

uint64_t zips_packed(const struct zips *z)
{
    return z->packed;
}
