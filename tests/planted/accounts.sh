#!/bin/sh
# Plants bugs in what keeps people's accounts apart, one at a time, and expects the tests of src/accounts and src/web
# to find each. Each bug is a line that is changed in a copy; only that file is compiled again. Run from the top of
# the tree.
set -eu
. tests/changed.sh
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
flags="-std=c17 -Wall -Wextra -D_GNU_SOURCE -O1 -g -I/usr/include/postgresql"
libs=$(sed -n 's/^LDLIBS := //p' Makefile)
make -s build/libeddy.a build/obj/src/base/test_main.o
count=0

plant() { # ROOM/FILE.c ROOM/TEST NAME_OF_THE_TEST SED_COMMAND
    changed_room "$1" "$4"
    # shellcheck disable=SC2086
    gcc $flags -o "$out/test" "$out/src/$2.c" "$out/src/$1" build/obj/src/base/test_main.o build/libeddy.a -lcmocka $libs
    timeout 1200 "$out/test" "$3" >"$out/said" 2>&1 || true
    has_failed "$3" "$4"
    count=$((count + 1))
}

# Passwords, sessions, links.
plant accounts/password.c accounts/password_test the_cost_is 's/MEMORY_KIB = 19456/MEMORY_KIB = 8192/'
plant accounts/people.c accounts/people_test unknown_names_cost 's/ : a->decoy)/ : "")/'
plant accounts/people.c accounts/people_test a_new_password_ends '/^static int set_password/,/^}/s/store_do(a->store, "session_end_all", v, 1, err)/1/'
plant accounts/people.c accounts/people_test an_invitation_is_good 's/(status = link_use(a, &link, err)) == 0/(status = 1) == 0/'
plant accounts/session.c accounts/session_test use_keeps_a_session 's/SESSION_IDLE_MS/SESSION_WHOLE_MS/'
plant accounts/throttle.c accounts/throttle_test a_burst_then 's/b->credit_ms -= rules\[kind\].refill_ms;//'
plant accounts/throttle.c accounts/throttle_test a_flood_of_keys 's/if (share > most)/if (share < most || most < 0)/'

# Providers.
plant accounts/jwt.c accounts/jwt_test claims_must_be 's/str_of(w->nonce)/((struct str){json_string_value(nonce), json_string_length(nonce)})/'
plant accounts/jwt.c accounts/jwt_test claims_must_be 's/if (!is_for(claims, w->audience))/if (false)/'
plant accounts/jwt.c accounts/jwt_test claims_must_be 's/at <= now - JWT_LEEWAY_S/false/'
plant accounts/jwt.c accounts/jwt_test tokens_signed_by_others 's/json_object_get(t->header, "crit") != NULL/false/'
plant accounts/jwk.c accounts/jwt_test tokens_signed_by_others 's/return strcmp(alg, "RS256") == 0 || strcmp(alg, "ES256") == 0;/return true;/'
plant accounts/oidc.c accounts/oidc_test providers_that_answer_badly 's/strcmp(issuer, p->issuer) != 0/false/'
plant accounts/fetch.c accounts/oidc_test providers_that_answer_badly 's/answer->len + len > FETCH_ANSWER_MAX/false/'
plant accounts/flow.c accounts/flow_test a_flow_is_found_once 's/!secret_equal(str_of(e->flow.browser), browser)/false/'
plant accounts/flow.c accounts/flow_test a_flow_is_found_once 's/secret_forget(e, sizeof(\*e));//'

# Classes, grades, one's own data.
plant accounts/grades.c accounts/grades_test the_best_attempt 's/t->put_ms <= s->due_ms/true/'
plant accounts/grades.c accounts/grades_test cells_cannot 's/if (is_dangerous(text))/if (false)/'
plant accounts/leave.c accounts/leave_test who_leaves 's/"gone_drafts", *//'

# What is asked over HTTP.
plant web/routes.c web/api_account_test admins_look_after 's/api_users, ROLE_ADMIN/api_users, ROLE_LEARNER/'
plant web/api_account.c web/api_account_test guessing_is_held 's/if (reply_is_allowed(s, THROTTLE_SIGN_IN_NAME, str_of(w->name), r)) {/{/'
plant web/api_account.c web/api_account_test wrong_names_and 's/ && w->known.person != 0;/;/; s/int status = w->fits ? still_stands(s, w, err) : 0;/int status = w->fits ? still_stands(s, w, err) : 0; if (w->known.person == 0) { response_problem(r, 404, "There is nobody of this name."); return 0; }/'
plant web/api_people.c web/api_account_test teachers_invite 's/spec->role > ROLE_LEARNER \&\& q->person->role != ROLE_ADMIN/false/'
plant web/api_classes.c web/api_account_test a_class_is_its_own 's/ret_class->part == CLASS_NO_MEMBER/false/'
plant web/forwarded.c web/forwarded_test without_a_proxy 's/strcmp(plain, proxy) == 0/true/'
plant web/forwarded.c web/forwarded_test a_server_answers 's/if (len == 0 || strncasecmp(host, wanted, name_len) != 0)/if (len == 0)/'
echo "ok planted/accounts.sh: found all $count, as it must be"
