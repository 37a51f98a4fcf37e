#include "seal.h"

#include "../base/assert.h"
#include "../base/mem.h"

#include <openssl/evp.h>

struct seal {
    EVP_MD_CTX *context;
};

struct seal *seal_new(void)
{
    struct seal *s = mem_alloc(sizeof(*s));

    s->context = EVP_MD_CTX_new();
    ASSERT(s->context != NULL && EVP_DigestInit_ex(s->context, EVP_sha256(), NULL) == 1);
    return s;
}

void seal_free(struct seal *s)
{
    if (s == NULL)
        return;
    EVP_MD_CTX_free(s->context);
    mem_free(s);
}

void seal_add_raw(struct seal *s, const void *data, size_t len)
{
    ASSERT(EVP_DigestUpdate(s->context, data, len) == 1);
}

void seal_add(struct seal *s, struct str piece)
{
    unsigned char len[8];
    int i;

    for (i = 0; i < 8; i++)
        len[i] = (unsigned char)((uint64_t)piece.len >> (8 * i));
    seal_add_raw(s, len, sizeof(len));
    seal_add_raw(s, piece.data, piece.len);
}

const char *seal_text(struct seal *s, char into[SEAL_TEXT_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned len = 0, i;

    ASSERT(EVP_DigestFinal_ex(s->context, sum, &len) == 1 && len == 32);
    for (i = 0; i < len; i++) {
        into[2 * i] = digits[sum[i] >> 4];
        into[2 * i + 1] = digits[sum[i] & 15];
    }
    into[64] = '\0';
    return into;
}
