#!/bin/sh
# Plants bugs in finished pages, one at a time, and expects tests/page to find each. Needs what
# tests/page/run.sh needs, and is skipped like it.
# Run from the top of the tree.
set -eu
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [ -z "$browser" ] || ! command -v node >/dev/null 2>&1; then
    echo "skipped: planted/page.sh needs Chromium and Node.js"
    exit 0
fi
[ -x build/tests/page_examples ] || make -s build/tests/page_examples
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
build/tests/page_examples "$out/right"

plant() { # NAME_OF_THE_TEST SED_COMMAND
    rm -rf "$out/wrong"
    mkdir "$out/wrong"
    for page in "$out"/right/*.html; do
        sed "$2" "$page" >"$out/wrong/$(basename "$page")"
    done
    if cmp -s "$out/right/failed.html" "$out/wrong/failed.html"; then
        echo "planted/page.sh: this changes nothing, so nothing was tested: $2" >&2
        exit 1
    fi
    node tests/page/page_test.js "$browser" "$out/wrong" >"$out/said" 2>&1 || true
    grep -q "^FAIL page: $1" "$out/said" || {
        echo "planted/page.sh: no test \"$1\" failed with $2:" >&2
        cat "$out/said" >&2
        exit 1
    }
}

plant "a click chooses" 's/if (ev.kind\[i\] === SEND && i >= future/if (ev.kind[i] === SEND \&\& i > 1e9 + future/'
plant "filters hide and show" 's/!state.hiddenTypes.has(type\[k\]) \&\&//'
plant "texts of programs stay texts" 's/^const visible = text => String(text).*/const visible = text => String(text);void ["",/; s/^  c => .*padStart.*/""];/'
plant "a failure" 's|<head>|<head><script src="http://127.0.0.1:9/far.js"></script>|'
echo "ok planted/page.sh: found all four, as it must be"
