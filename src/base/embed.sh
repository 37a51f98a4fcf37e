#!/bin/sh
# embed.sh FILE... - prints a C file with the bytes of each FILE, for embedded.h.
set -eu
echo '#include "embedded.h"'
echo '#include <string.h>'
n=0
for file in "$@"; do
    printf 'static const char text_%d[] = {' "$n"
    od -An -v -tx1 "$file" | sed 's/ \([0-9a-f][0-9a-f]\)/0x\1,/g'
    echo '0};'
    n=$((n + 1))
done
echo 'const struct embedded embedded_texts[] = {'
n=0
for file in "$@"; do
    printf '    {"%s", text_%d, sizeof(text_%d) - 1},\n' "$file" "$n" "$n"
    n=$((n + 1))
done
echo '    {NULL, NULL, 0},'
echo '};'
cat <<'END'
const struct embedded *embedded_find(const char *path)
{
    const struct embedded *e = embedded_texts;

    while (e->path != NULL && strcmp(e->path, path) != 0)
        e++;
    return e->path != NULL ? e : NULL;
}
END
