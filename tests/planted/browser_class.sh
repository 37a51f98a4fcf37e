#!/bin/sh
# Plants bugs in what people with accounts see of each other, one at a time, and expects tests/browser/class_test.js to find each. Run from
# the top of the tree.
set -eu
. tests/browser/plant.sh

plant_in_server class_test.js "a class from the first invitation" accounts/grades.c 's/bool in_time = .*/bool in_time = true;/'
plant_in_server class_test.js "nobody reads what another" web/handin_json.c 's/who->id == h->person ||/true ||/'
plant_in_server class_test.js "nobody reads what another" web/page_submission.c '/.who = v->reader/d'
plant class_test.js "a wrong password is said" '["html", "(&quot;next&quot;:&quot;)[^&]+", "$1/"]'
plant class_test.js "who signs out takes his text along" '["html", "&quot;person&quot;:&quot;[^&]*&quot;", "&quot;person&quot;:&quot;&quot;"]'
plant_in_server class_test.js "an account: its data" web/api_account.c 's/if (w->known.hash != NULL && !w->fits) {/if (false) {/'
plant class_test.js "pages behind sign-in" '["html", "<label for=", "<label data-for="]'
plant class_test.js "pages behind sign-in" '["css", "overflow-x: ?auto", "overflow-x: visible"]'
all_found
