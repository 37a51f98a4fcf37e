#!/bin/sh
# The course in a headless Chromium, against a real `eddy serve`: reading, and working with it.
# EDDY=PROGRAM tests another build; ONLY=WORDS runs the tests whose names have these words.
set -u
cd "$(dirname "$0")/../.." || exit 1

browser=
for candidate in chromium chromium-browser google-chrome; do
    command -v "$candidate" >/dev/null 2>&1 && browser=$candidate && break
done
if [ -z "$browser" ] || ! command -v npm >/dev/null 2>&1; then
    echo "skipped: tests/browser needs Chromium, Node.js and npm (apt-get install chromium nodejs npm)"
    exit 0
fi
[ -n "${EDDY:-}" ] || [ -x build/eddy ] || make -s build/eddy || exit 1

# axe-core, of the version and content that package-lock.json names.
packages=build/tests/browser
mkdir -p "$packages"
if ! cmp -s tests/browser/package-lock.json "$packages/package-lock.json"; then
    cp tests/browser/package.json "$packages"
    (cd "$packages" && rm -rf node_modules package-lock.json && cp ../../../tests/browser/package-lock.json wanted.json &&
        mv wanted.json package-lock.json && npm ci --loglevel=error --prefer-offline --no-audit --no-fund --no-update-notifier >npm.log 2>&1) || {
        rm -f "$packages/package-lock.json"
        cat "$packages/npm.log"
        echo "FAIL browser: npm could not fetch axe-core; why stands above"
        exit 1
    }
fi

bad=0
for test in ${TESTS:-tests/browser/*_test.js}; do
    node "$test" "$browser" || bad=1
done
exit $bad
