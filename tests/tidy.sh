#!/bin/sh
# tidy.sh - the rules about text that STYLE and CONTRIBUTING state, as tests. Reads files that git tracks.
# With arguments: checks the tree in that folder instead (the planted test does so).
set -u
cd "${1:-$(dirname "$0")/..}" || exit 1
bad=0

# rule NAME: prints ok, or FAIL with the first lines of what was found on standard input.
rule() {
    found=$(cat)
    if [ -z "$found" ]; then
        echo "ok tidy: $1"
    else
        echo "FAIL tidy: $1: $(printf '%s' "$found" | head -n 5 | tr '\n' '|')"
        bad=1
    fi
}

files() {
    git ls-files -- "$@" 2>/dev/null | while read -r f; do [ -f "$f" ] && echo "$f"; done
}

sources=$(files 'src/*.c' 'src/*.h')
everything=$(files '*.c' '*.h' '*.lua' '*.sh' '*.md' '*.py' '*.js' 'Makefile' run test)

# Rooms from the bottom up: a file may include its own room and those before it.
rooms="base sim check cage script run report store course judge accounts web cli"
for file in $sources; do
    room=$(echo "$file" | cut -d/ -f2)
    below=
    for r in $rooms; do
        below="$below $r"
        [ "$r" = "$room" ] && break
    done
    grep -n '^#include "' "$file" | sed 's/:#include "\([^"]*\)".*/ \1/' | while read -r line target; do
        case "$target" in
        ../*/*)
            to=$(echo "$target" | cut -d/ -f2)
            case " $below " in
            *" $to "*) ;;
            *) echo "$file:$line includes $target" ;;
            esac
            ;;
        */* | ../*) echo "$file:$line includes $target: write ../ROOM/FILE.h" ;;
        esac
    done
done | rule "includes point down"

for file in $sources; do
    case "$file" in
    *_test.c | *_story.h | src/base/test_main.c) ;; # a story is a helper of tests
    *) grep -Hn '#include "\(\.\./base/\)\?test\.h"' "$file" ;;
    esac
done | rule "only tests include test.h"

# Worlds, checkers and the base of texts and numbers must not know of the machine.
for file in $(files 'src/sim/*.[ch]' 'src/check/*.[ch]'); do
    case "$file" in *_test.c) continue ;; esac
    grep -HnE '#include <(unistd|time|sys/[a-z]+|fcntl|pthread|signal|poll)\.h>' "$file"
    grep -HnE '\b(rand|srand|random|time|clock|clock_gettime|gettimeofday|getenv|fopen|open|read|write|fork|usleep|nanosleep)\(' "$file" |
        grep -vE '^[^:]*:[0-9]+: *(\*|/\*)' | grep -vE '[a-z_]+_(read|write|open|time)\('
done | rule "src/sim and src/check are pure"

for file in $(files 'src/*.[ch]'); do
    case "$file" in src/base/mem.c | src/script/script.c | *_test.c | *_story.h) continue ;; esac
    grep -HnE '\b(malloc|calloc|realloc|strdup|strcpy|strcat|sprintf|gets|strtok|atoi|alloca)\(' "$file"
done | rule "banned calls"

for file in $(files 'src/*.h' 'kits/c/*.h'); do
    first=$(grep -vE '^(/\*| \*|$)' "$file" | head -n 1)
    case "$first" in '#ifndef '*) ;; *) echo "$file has no guard" ;; esac
    head -n 1 "$file" | grep -qE "^/\* $(basename "$file") - |^/\* $(basename "$file"): " || echo "$file does not open with its name and promise"
    awk '/^#endif/ { end = NR } /./ { last = NR } END { exit end == last ? 0 : 1 }' "$file" || echo "$file has code after #endif"
done | rule "headers open with a promise and end with their guard"

for file in $(files 'src/*.c'); do
    case "$file" in src/base/test_main.c | *_test.c) continue ;; esac
    header="${file%.c}.h"
    [ -f "$header" ] || continue
    first=$(grep -m 1 '^#include' "$file")
    [ "$first" = "#include \"$(basename "$header")\"" ] || echo "$file includes something before its own header"
done | rule "a .c includes its own header first"

for file in $everything; do
    case "$file" in tests/tidy.sh | course/*.md) continue ;; esac # a page may say "for now" of a protocol
    grep -HnE '\b(TODO|FIXME|XXX|HACK|for now|not implemented)\b' "$file"
done | rule "nothing is left for later"

for file in $(files '*.c' '*.lua'); do
    grep -HnE '^[[:space:]]*(//|/\*|--)[[:space:]]*(assert|ASSERT|CHECK|expect)\b.*[;)]' "$file"
done | rule "no check is commented out"

for file in $(files 'src/*.c' 'src/*.h'); do
    case "$file" in *_test.c) continue ;; esac # as long as what there is to test
    lines=$(wc -l <"$file")
    [ "$lines" -le 700 ] || echo "$file has $lines lines"
done | rule "no file above 700 lines"

for dir in src/*/ kits/c/ tests/nodes/; do
    [ -d "$dir" ] || continue
    [ -f "$dir/README.md" ] || echo "$dir has no README.md"
done | rule "every room has a README"

for file in $(files 'src/*.c' 'src/*.h' 'kits/c/*.c' 'kits/c/*.h' '*.lua'); do
    case "$file" in *.lua) columns=140 ;; *) columns=110 ;; esac # scenarios are sentences
    grep -HnP '\t| +$' "$file"
    awk -v f="$file" -v max=$columns 'length($0) > max { print f ":" NR ": " length($0) " columns" }' "$file"
done | rule "no tabs, no blanks at line ends, at most 110 columns, Lua 140"

if command -v clang-format >/dev/null 2>&1; then
    for file in $(files 'src/*.c' 'src/*.h'); do
        clang-format --dry-run --Werror "$file" >/dev/null 2>&1 || echo "$file"
    done
fi | rule "formatted by clang-format"

for f in $everything; do
    grep -HnE '(^|[^A-Za-z0-9_.])/(root|work)/' "$f"
done | rule "no path of one machine"

exit $bad
