#!/bin/sh
# report.html in a headless Chromium: it opens, draws, zooms, filters, steps and stays calm.
set -u
cd "$(dirname "$0")/../.." || exit 1

browser=
for candidate in chromium chromium-browser google-chrome; do
    command -v "$candidate" >/dev/null 2>&1 && browser=$candidate && break
done
if [ -z "$browser" ] || ! command -v node >/dev/null 2>&1; then
    echo "skipped: tests/page needs Chromium and Node.js (apt-get install chromium nodejs)"
    exit 0
fi
[ -x build/tests/page_examples ] || make -s build/tests/page_examples || exit 1
pages=$(mktemp -d)
trap 'rm -rf "$pages"' EXIT
build/tests/page_examples "$pages" || exit 1
node tests/page/page_test.js "$browser" "$pages"
