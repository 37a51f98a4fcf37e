#!/bin/sh
# Plants bugs in what the server sends to a browser, one at a time (tests/browser/spoil.js), and expects tests/browser to find
# each. Needs what tests/browser/run.sh needs, and is skipped like it. Run from the top of the tree.
set -eu
if ! command -v chromium >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then
    echo "skipped: planted/browser.sh needs Chromium, Node.js and npm"
    exit 0
fi
make -s build/eddy
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
trap 'exit 130' INT TERM
count=0

plant() { # TEST_FILE NAME_OF_THE_TEST SPOIL
    TESTS=tests/browser/$1 ONLY=$2 SPOIL=$3 tests/browser/run.sh >"$out/said" 2>&1 || true
    grep -q "^FAIL browser: $2" "$out/said" || {
        echo "planted/browser.sh: no test \"$2\" failed with $3:" >&2
        tail -n 20 "$out/said" >&2
        exit 1
    }
    count=$((count + 1))
}

plant read_test.js "every page can be read" '["html", "<h1>", "<button>Press</button><h1>"]'
plant read_test.js "a task without scripts" '["html", "<details class=", "<details open class="]'
plant read_test.js "searching without scripts" '["html", "action=\"/search\"", "action=\"/\""]'
plant read_test.js "no page is wider than 360" '["css", "overflow-x: ?auto", "overflow-x: visible"]'
plant read_test.js "light and dark" '["css", "light-dark[(]([^,]+),[^)]+[)]", "$1"]'
plant read_test.js "the skip link" '["html", "id=\"content\"", "id=\"contents\""]'
plant read_test.js "Tab leads through" '["css", ":focus-visible ?[{]", ":focus-visible { outline: none !important; } b {"]'
plant read_test.js "axe finds nothing serious (360 px" '["css", "--soft: light-dark[(][^)]+[)]", "--soft: #aaa"]'
plant read_test.js "on paper" '["css", "@media print", "@media (min-width: 9999px)"]'
plant read_test.js "the first page is small" '["html", "</head>", "<script src=\"/static/editor.x.js\"></script></head>"]'
plant read_test.js "the first page names" '["html", "<body>", "<body style=\"color: red\">"]'
echo "ok planted/browser.sh: found all $count, as it must be"
