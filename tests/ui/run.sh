#!/bin/sh
# The scripts of the pages: types, rules about their text, unit tests with node's own runner, sizes. UI=FOLDER reads the sources
# from another ui/ (the planted bugs do so).
set -u
cd "$(dirname "$0")/../.." || exit 1
ui=${UI:-ui}
bad=0
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

ok() { echo "ok ui: $1"; }
fail() {
    echo "FAIL ui: $1: $2"
    bad=1
}

make -s ui || exit 1
[ -s build/ui/app.js ] && [ -s build/ui/editor.js ] || {
    fail "scripts" "there are none; what make ui said stands above"
    exit 1
}
if make -q ui; then ok "nothing is built when nothing changed"; else fail "nothing is built when nothing changed" "make ui would build again"; fi

if (cd "$ui" && node_modules/.bin/tsc -p . >"$out/types" 2>&1); then ok "types"; else fail "types" "$(head -n 5 "$out/types" | tr '\n' '|')"; fi

sources=$(find "$ui/src" -name '*.ts' -o -name '*.tsx')
# rule NAME PATTERN EXCEPT: no line of the sources has the pattern, but for the files that EXCEPT names
rule() {
    # shellcheck disable=SC2086
    found=$(grep -nE "$2" $sources | grep -vE "^$ui/src/($3):|^[^:]*:[0-9]*: *//" | head -n 3)
    if [ -z "$found" ]; then ok "$1"; else fail "$1" "$(echo "$found" | tr '\n' '|')"; fi
}
rule "no any" '(: |<|as )any\b|@ts-ignore|@ts-nocheck' 'none'
rule "only api.ts fetches" '\b(fetch|XMLHttpRequest|EventSource|sendBeacon)\(' 'api\.ts'
rule "no markup from texts" 'innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function' 'none'
rule "no line above 300 columns" '.{301}' 'none'
# shellcheck disable=SC2086
long=$(wc -l $sources | awk '$2 != "total" && $1 > 350 { print $2 ": " $1 " lines" }')
if [ -z "$long" ]; then ok "files are small"; else fail "files are small" "$long"; fi
if grep -q '"resolved"' "$ui/package-lock.json"; then fail "lock file" "it has addresses of a registry"; else ok "the lock file has no address of a registry"; fi

if (cd "$ui" && node build.js "$out/tests" tests) && node --test "$out/tests" >"$out/said" 2>&1; then
    sed -n 's/^# Subtest: \([^/].*\)/ok ui: \1/p; s/^✔ \(.*\) ([0-9.]*ms)$/ok ui: \1/p' "$out/said"
    count=$(sed -n 's/^[#ℹ] pass \([0-9]*\)$/\1/p' "$out/said")
    [ "${count:-0}" -ge 30 ] || fail "unit tests" "only ${count:-0} were run"
else
    fail "unit tests" "see below"
    tail -n 60 "$out/said"
fi

# What the browser packs is a folder of eddy learn.
if (cd "$ui" && node build.js "$out/archive" src/editor/archive.ts) && OUT="$out" node --input-type=module -e '
import { readFileSync, writeFileSync } from "node:fs";
const { tarOf, workspace } = await import(process.env.OUT + "/archive/editor/archive.mjs");
const read = (folder, names) => names.map(name => ({ name, text: readFileSync(folder + name, "utf8") }));
writeFileSync(process.env.OUT + "/packed.tar", tarOf("work", workspace("messenger", 3, "python", read("kits/python/starter/", ["main.py", "Makefile"]), read("kits/python/", ["node.py"])), 1700000000));
' && tar -xf "$out/packed.tar" -C "$out" && make -s build/eddy && root=$PWD && (cd "$out/work" && EDDY_STATE="$out/state" EDDY_HOME="$root" "$root/build/eddy" learn status) >"$out/said" 2>&1 &&
    grep -q 'python\|Python' "$out/said"; then
    ok "a download is a folder of eddy learn"
else
    fail "a download is a folder of eddy learn" "$(head -n 5 "$out/said" | tr '\n' '|')"
fi

# Without npm the scripts are empty files, dated so that the next make tries again, and one line says so.
mkdir -p "$out/tree/ui" "$out/bin"
for tool in sh dirname mkdir touch tail gzip; do ln -s "$(command -v "$tool")" "$out/bin/$tool"; done
cp "$ui/build.sh" "$out/tree/ui/"
if (cd "$out/tree" && PATH="$out/bin" sh ui/build.sh) 2>"$out/said" && [ "$(wc -l <"$out/said")" -eq 1 ] && grep -q 'npm is not installed' "$out/said" &&
    [ -f "$out/tree/build/ui/editor.js.gz" ] && [ ! -s "$out/tree/build/ui/app.js" ] && [ "$out/tree/build/ui/app.js" -ot "$ui/build.sh" ]; then
    ok "without npm pages are for reading"
else
    fail "without npm pages are for reading" "$(head -n 3 "$out/said" | tr '\n' '|')"
fi

# What a first page loads: the page itself (tests/web holds it under 40000 bytes with gzip), and all that stands in ui/ for every page.
size() { gzip -9 -n -c "$1" | wc -c; }
app=$(size build/ui/app.js)
first=$((40000 + app))
for file in ui/*.css ui/*.svg ui/theme.js; do
    case $file in ui/editor.css) ;; *) first=$((first + $(size "$file"))) ;; esac
done
if [ "$app" -lt 25600 ]; then ok "app.js is small: $app bytes with gzip"; else fail "size of app.js" "$app bytes with gzip; 25600 are allowed"; fi
if [ "$first" -lt 102400 ]; then ok "a first page is small: $first bytes at most"; else fail "size of a first page" "$first bytes; 102400 are allowed"; fi
editor=$(size build/ui/editor.js)
if [ "$editor" -lt 409600 ]; then ok "editor.js: $editor bytes with gzip"; else fail "size of editor.js" "$editor bytes with gzip; 409600 are allowed"; fi
exit $bad
