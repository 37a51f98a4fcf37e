#!/bin/sh
# Plants bugs in what people with accounts see of each other, one at a time, and expects tests/browser/class_test.js to find each. Run from
# the top of the tree.
set -eu
. tests/browser/plant.sh

plant_in_server class_test.js "a class from the first invitation|the table of grades" accounts/grades.c 's/bool in_time = .*/bool in_time = true;/'
plant_in_server class_test.js "nobody reads what another|sees the program" web/handin_json.c 's/who->id == h->person ||/true ||/'
plant_in_server class_test.js "nobody reads what another|the page knows" web/page_submission.c 's/.who = v->reader/.who = NULL/'
plant class_test.js "a wrong password is said|the page" '["html", "(&quot;next&quot;:&quot;)[^&]+", "$1/"]'
plant class_test.js "who signs out takes his text along|finds ann" '["html", "data-person=\"[^\"]*\"", "data-person=\"\""]'
plant_in_page class_test.js "an old window of who has left|ben's draft" editor person.ts "s/return person() === NOBODY ? '' : person();/return '';/"
plant_in_page class_test.js "what one writes in the playground|ben finds" editor person.ts "s/return .owner, ...words./return words/"
plant_in_server class_test.js "back after signing out|ann" web/send.c 's/r->who != NULL .. r->who->id != 0/false/'
plant class_test.js "the queue says what waits|the width of" '["css", "position: ?relative;overflow-x: ?auto|position: relative; overflow-x: auto", "overflow-x:auto"]'
plant_in_server class_test.js "an account: its data|nothing was deleted" web/api_account.c 's/if (w->known.hash != NULL && !w->fits) {/if (false) {/'
plant class_test.js "pages behind sign-in|axe finds" '["html", "<label for=", "<label data-for="]'
plant class_test.js "pages behind sign-in|the width of" '["css", "overflow-x: ?auto", "overflow-x: visible"]'
all_found
