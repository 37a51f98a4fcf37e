#include "secret.h"

#include "../base/assert.h"
#include "base64url.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <string.h>
#include <sys/random.h>

void secret_new(char into[SECRET_TEXT_SIZE])
{
    unsigned char bytes[SECRET_BYTES];
    struct buf text = {0};

    /* So few bytes come whole once the machine has started, and a token of less chance than
     * promised must never leave this function. */
    ASSERT(getrandom(bytes, sizeof(bytes), 0) == (ssize_t)sizeof(bytes));
    base64url_encode((struct str){(const char *)bytes, sizeof(bytes)}, &text);
    ASSERT(text.len == SECRET_TEXT_SIZE - 1);
    memcpy(into, text.data, SECRET_TEXT_SIZE);
    secret_forget(text.data, text.len);
    buf_release(&text);
    secret_forget(bytes, sizeof(bytes));
}

const char *secret_hash(struct str secret, char into[SECRET_HASH_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[SHA256_DIGEST_LENGTH];
    size_t i;

    SHA256((const unsigned char *)secret.data, secret.len, bytes);
    for (i = 0; i < sizeof(bytes); i++) {
        into[2 * i] = digits[bytes[i] >> 4];
        into[2 * i + 1] = digits[bytes[i] & 15];
    }
    into[2 * sizeof(bytes)] = '\0';
    return into;
}

bool secret_equal(struct str a, struct str b)
{
    return a.len == b.len && CRYPTO_memcmp(a.data, b.data, a.len) == 0;
}

void secret_forget(void *data, size_t len)
{
    if (data != NULL)
        OPENSSL_cleanse(data, len);
}
