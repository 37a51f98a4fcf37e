# plant.sh - to be read in by tests/planted/browser*.sh, from the top of the tree: plants one bug at a time, in what the server sends
# (tests/browser/spoil.js), in a script of the pages, or in the server, and expects a test of tests/browser to find it. Needs what
# tests/browser/run.sh needs, and ends as skipped without it.
me=planted/$(basename "$0")
if ! command -v chromium >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then
    echo "skipped: $me needs Chromium, Node.js and npm"
    exit 0
fi
make -s build/eddy ui
. tests/changed.sh
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
trap 'exit 130' INT TERM
count=0
# What never comes is waited for no longer than this; without a bug nothing takes as long.
export PATIENCE_MS="${PATIENCE_MS:-20000}"

# A test is "NAME", or "NAME|WHY" where it must fail for this reason. What was said is in $out/said.
found() { # TEST WHAT_WAS_PLANTED
    why=${1#"${1%%|*}"}
    grep -q "^FAIL browser: ${1%%|*}.*${why#|}" "$out/said" || {
        echo "$me: no test \"$1\" failed with $2:" >&2
        tail -n 20 "$out/said" >&2
        exit 1
    }
    grep "^FAIL browser: ${1%%|*}" "$out/said" | cut -c 1-300 | sed 's/^FAIL/(found/; s/$/)/'
    count=$((count + 1))
}

plant() { # TEST_FILE TEST SPOIL
    TESTS=tests/browser/$1 ONLY=${2%%|*} SPOIL=$3 tests/browser/run.sh >"$out/said" 2>&1 || true
    found "$2" "$3"
}

plant_in_page() { # TEST_FILE TEST SCRIPT (app, editor) FILE_OF_ui/src SED_COMMAND
    rm -rf "$out/ui"
    mkdir "$out/ui"
    cp -r ui/src ui/*.json ui/*.js "$out/ui/"
    ln -s "$PWD/ui/node_modules" "$out/ui/node_modules"
    changed "ui/src/$4" "$out/ui/src/$4" "$5"
    (cd "$out/ui" && node build.js "$out/made")
    plant "$1" "$2" "[\"file\", \"$3\", \"$out/made/$3.js\"]"
}

plant_in_server() { # TEST_FILE TEST FILE_OF_src SED_COMMAND
    changed_room "$3" "$4"
    # shellcheck disable=SC2046
    ${CC:-gcc} -std=c17 -Wall -Wextra -D_GNU_SOURCE -O1 -I/usr/include/postgresql -I/usr/include/lua5.4 -o "$out/eddy" \
        build/obj/src/cli/main.o "$out/src/$3" build/libeddy.a $(sed -n 's/^LDLIBS := //p' Makefile)
    EDDY=$out/eddy TESTS=tests/browser/$1 ONLY=${2%%|*} tests/browser/run.sh >"$out/said" 2>&1 || true
    found "$2" "$4"
}

all_found() { echo "ok $me: found all $count, as it must be"; }
