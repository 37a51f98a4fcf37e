#!/bin/sh
# Plants holes in the server, one at a time, and expects the tests about security to find each: the table of roles
# (src/web/roles_test.c), requests that nobody would send (tests/fuzz_http.c), and the tests of pages and backups. Each is a line that is
# changed in a copy; only that file is compiled again. Run from the top of the tree.
set -eu
. tests/changed.sh
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
flags="-std=c17 -w -D_GNU_SOURCE -O1 -g" # what a hole leaves unused is no news
libs="-lcmocka $(sed -n 's/^LDLIBS := //p' Makefile)"
make -s build/libeddy.a build/obj/src/base/test_main.o
count=0

# change FILE.c SED_COMMAND: the copy is $out/src/web/FILE.c
change() {
    changed_room "web/$1" "$2"
    count=$((count + 1))
}

# hole FILE.c TEST NAME_OF_THE_TEST SED_COMMAND: that unit test fails
hole() {
    change "$1" "$4"
    # shellcheck disable=SC2086
    gcc $flags -o "$out/test" "$out/src/web/$2.c" "$out/src/web/$1" build/obj/src/base/test_main.o build/libeddy.a $libs
    "$out/test" >"$out/said" 2>&1 || true
    has_failed "$3" "$4"
}

# fuzz FILE.c PROMISE SED_COMMAND: the fuzzer says that this promise does not hold
fuzz() {
    change "$1" "$3"
    # shellcheck disable=SC2086
    gcc $flags -I"$out/src" -o "$out/fuzz" tests/fuzz_http.c "$out/src/web/$1" build/libeddy.a $libs
    if "$out/fuzz" >"$out/said" 2>&1 || ! grep -q "not true: $2" "$out/said"; then
        echo "planted/security.sh: the fuzzer did not say \"$2\" with $3:" >&2
        tail -n 5 "$out/said" >&2
        exit 1
    fi
}

fuzz html.c "no markup of strangers" 's/^        case .s.:$/        case '"'s'"': buf_add_text(out, va_arg(args, const char *)); break; case '"'x'"':/'
fuzz routes.c "the role that the table asks for" 's/if (route->least > .*/if (route->least > ROLE_NOBODY \&\& known != 1) {/'
fuzz request.c "X-Eddy for a change" 's/strcmp(h->x_eddy, "1") != 0/false/'
fuzz request.c "no change by another origin" 's/h->origin\[0\] != .*/false)/'
fuzz request.c "no change by another site" 's/return h->fetch_site\[0\] == .*/return true;/'
fuzz page_account.c "no way to another server" 's/return next\[0\] == .*/return next;/'
fuzz response.c "a sentence" 's/^    add_text_of(detail, &text);/    buf_add_text(\&text, "");/'
hole teaching.c roles_test everybody_gets_what_the_table 's/(ret_class->part == CLASS_TEACHER ||/(true ||/'
hole page_assignment.c roles_test everybody_gets_what_the_table 's/status == 0 || c.part == CLASS_NO_MEMBER/status == 0/'
hole handin_json.c roles_test everybody_gets_what_the_table 's/who->id == h->person ||/true ||/'
hole routes.c roles_test everybody_gets_what_the_table 's/page_people, ROLE_ADMIN/page_people, ROLE_TEACHER/'
hole routes.c roles_test every_route_has_a_row 's|"/admin/people"|"/admin/people-of-all"|'
hole page_account.c teaching_test after_signing_in 's/return next\[0\] == .*/return next;/'
hole page_learner.c teaching_test a_learners_work 's/of_person.part == CLASS_NO_MEMBER ? 0/false ? 0/'
hole page_assignment.c teaching_test a_learners_work 's/ret_assignment->class_id == c->id/true/'
hole backups.c api_admin_test nothing_else_is_a_backup 's/    if (!backups_is_name(name))/    if (false)/'
hole backups.c api_admin_test nothing_else_is_a_backup 's/S_ISREG(st.st_mode)/true/'
hole form.c form_test a_form_says 's/html_addf(out, " value=/buf_addf(out, " value=/'
echo "ok planted/security.sh: found all $count, as it must be"
