#!/bin/sh
# embed.sh FILE... - prints a C file with the bytes of each FILE, for embedded.h. What was made goes by its name without build/.
#
# Texts are string literals, since a compiler reads those many times faster than lists of numbers.
set -eu
echo '#include "embedded.h"'
echo '#include <string.h>'
n=0
for file in "$@"; do
    printf 'static const char text_%d[] = ""\n' "$n"
    od -An -v -to1 "$file" | sed 's/ /\\/g; s/.*/"&"/'
    echo ';'
    n=$((n + 1))
done
echo 'const struct embedded embedded_texts[] = {'
n=0
for file in "$@"; do
    printf '    {"%s", text_%d, sizeof(text_%d) - 1},\n' "${file#build/}" "$n" "$n"
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
