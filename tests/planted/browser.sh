#!/bin/sh
# Plants bugs in what readers are sent, one at a time, and expects tests/browser/read_test.js to find each. Run from the top of the tree.
set -eu
. tests/browser/plant.sh

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
all_found
