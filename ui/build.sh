#!/bin/sh
# build.sh - makes build/ui/app.js and build/ui/editor.js from ui/src, each also with gzip; `make` calls it when something in ui/
# is newer. Where the packages cannot be had the files are empty: the program is built all the same, and its pages are for reading only.
# They are dated 1970 then, so that the next make tries again.
set -u
cd "$(dirname "$0")" || exit 1
out=../build/ui
made="$out/app.js $out/app.js.gz $out/editor.js $out/editor.js.gz"
mkdir -p "$out"

reading_only() {
    echo "  $1; so the pages of eddy serve are for reading only, without an editor." >&2
    # shellcheck disable=SC2086
    for file in $made; do
        : >"$file"
        touch -d @0 "$file"
    done
    exit 0
}

command -v npm >/dev/null 2>&1 && command -v node >/dev/null 2>&1 || reading_only "npm is not installed (Debian: apt-get install nodejs npm)"

# npm writes this file last, so it is there when all packages are.
packages=node_modules/.package-lock.json
if [ ! -f "$packages" ] || [ "$packages" -ot package-lock.json ]; then
    if ! npm ci --loglevel=error --prefer-offline --fetch-retries=1 --fetch-retry-mintimeout=1000 --fetch-timeout=30000 >"$out/npm.log" 2>&1; then
        tail -n 5 "$out/npm.log" >&2
        reading_only "npm could not fetch the packages of ui/ (why stands above)"
    fi
    touch "$packages"
fi
node build.js "$out" || exit 1
for file in "$out/app.js" "$out/editor.js"; do
    gzip -9 -n -c "$file" >"$file.gz" || exit 1
done
