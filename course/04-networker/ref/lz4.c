/* lz4.c - compression in one pass with one table (Yann Collet: LZ4 Block Format).
 *
 * A block is a row of sequences, each of them: some literal bytes, then a copy.
 *
 *     token  [more literal length]  literals  offset (2 bytes, little-endian)  [more copy length]
 *     token = literal length (4 bits, 15: more follows) | copy length - 4 (4 bits, likewise)
 *
 * "More" is bytes that are added up, as long as they are 255. The last sequence has literals only.
 * Two rules for writers let readers copy in large steps: the last five bytes are literals, and no
 * copy begins in the last twelve.
 *
 * Expanding trusts nothing: each length is compared with what is left of the block, and with what
 * is left of the room. A copy may overlap what it writes (offset 1 is a run of one byte), so it
 * goes byte by byte.
 *
 * Compressing looks up the last place where the same four bytes stood. The table may say anything
 * (it is hashed, and overwritten); what counts is that the four bytes there are equal. */
#include "lz4.h"

#include <stdint.h>
#include <string.h>

enum {
    MATCH_MIN = 4,
    LAST_LITERALS = 5,
    NO_MATCH_IN_LAST = 12,
    OFFSET_MAX = 65535,
    TABLE_BITS = 14,
};

struct reader {
    const unsigned char *at, *end;
};

/* The rest of a length whose four bits were 15. */
static bool read_more(struct reader *r, size_t *len)
{
    unsigned char byte;

    do {
        if (r->at == r->end)
            return false;
        byte = *r->at++;
        *len += byte;
    } while (byte == 255);
    return true;
}

bool lz4_expand(const unsigned char *block, size_t len, unsigned char *out, size_t original_len)
{
    struct reader r = {block, block + len};
    size_t made = 0;

    while (r.at < r.end) {
        unsigned char token = *r.at++;
        size_t literals = token >> 4, copy = token & 15, offset;

        if (literals == 15 && !read_more(&r, &literals))
            return false;
        if (literals > (size_t)(r.end - r.at) || literals > original_len - made)
            return false;
        memcpy(out + made, r.at, literals);
        made += literals;
        r.at += literals;
        if (r.at == r.end)
            return made == original_len; /* the last sequence */
        if (r.end - r.at < 2)
            return false;
        offset = r.at[0] | (size_t)r.at[1] << 8;
        r.at += 2;
        if (copy == 15 && !read_more(&r, &copy))
            return false;
        copy += MATCH_MIN;
        if (offset == 0 || offset > made || copy > original_len - made)
            return false;
        for (; copy > 0; copy--, made++)
            out[made] = out[made - offset];
    }
    return false; /* the last sequence must be literals */
}

struct writer {
    unsigned char *at, *end; /* at is NULL when it did not fit */
};

static void put(struct writer *w, unsigned char byte)
{
    if (w->at != NULL && w->at < w->end)
        *w->at++ = byte;
    else
        w->at = NULL;
}

static void put_more(struct writer *w, size_t len)
{
    for (len -= 15; len >= 255; len -= 255)
        put(w, 255);
    put(w, (unsigned char)len);
}

/* copy is 0 in the last sequence, else at least MATCH_MIN */
static void put_sequence(struct writer *w, const unsigned char *literals, size_t len, size_t offset,
                         size_t copy)
{
    size_t copy_code = copy == 0 ? 0 : copy - MATCH_MIN;

    put(w, (unsigned char)((len < 15 ? len : 15) << 4 | (copy_code < 15 ? copy_code : 15)));
    if (len >= 15)
        put_more(w, len);
    for (size_t i = 0; i < len && w->at != NULL; i++)
        put(w, literals[i]);
    if (copy == 0)
        return;
    put(w, (unsigned char)offset);
    put(w, (unsigned char)(offset >> 8));
    if (copy_code >= 15)
        put_more(w, copy_code);
}

static uint32_t four(const unsigned char *at)
{
    uint32_t v;

    memcpy(&v, at, sizeof(v));
    return v;
}

size_t lz4_compress(const unsigned char *bytes, size_t len, unsigned char *block, size_t room)
{
    static uint32_t last[1 << TABLE_BITS]; /* where these four bytes stood last */
    struct writer w = {block, block + room};
    size_t at = 0, begun = 0; /* literals not yet written begin there */

    memset(last, 0, sizeof(last));
    while (at + NO_MATCH_IN_LAST < len && w.at != NULL) {
        uint32_t slot = four(bytes + at) * 2654435761U >> (32 - TABLE_BITS);
        size_t before = last[slot], copy = 0;

        last[slot] = (uint32_t)at;
        if (before < at && at - before <= OFFSET_MAX && four(bytes + before) == four(bytes + at)) {
            while (at + copy < len - LAST_LITERALS && bytes[before + copy] == bytes[at + copy])
                copy++;
        }
        if (copy < MATCH_MIN) {
            at++;
            continue;
        }
        put_sequence(&w, bytes + begun, at - begun, at - before, copy);
        at += copy;
        begun = at;
    }
    put_sequence(&w, bytes + begun, len - begun, 0, 0);
    return w.at == NULL ? 0 : (size_t)(w.at - block);
}
