#!/bin/sh
# Plants bugs in the server, one at a time, that show only while somebody watches what is judged, and expects tests/web/live.sh to find each.
# Run from the top of the tree.
set -eu
. tests/changed.sh
make -s build/eddy
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

plant() { # CHECK FILE SED_COMMAND
    changed_room "$2" "$3"
    # shellcheck disable=SC2046
    ${CC:-gcc} -std=c17 -Wall -Wextra -D_GNU_SOURCE -O1 -I/usr/include/postgresql -I/usr/include/lua5.4 -o "$out/eddy" \
        build/obj/src/cli/main.o "$out/src/$2" build/libeddy.a $(sed -n 's/^LDLIBS := //p' Makefile)
    EDDY=$out/eddy PEOPLE=2 sh tests/web/live.sh >"$out/said" 2>&1 || true
    grep -q "^FAIL web: $1: " "$out/said" || {
        echo "planted/live.sh: \"$1\" did not fail with $3:" >&2
        tail -n 20 "$out/said" >&2
        exit 1
    }
}

plant streams web/live.c 's/w->live.job, w->from, hear,/w->live.job, 0, hear,/'
plant streams web/live.c 's/, w->from + 1);/, w->from + 2);/'
plant streams web/stream.c 's/server->stopping || client_is_gone(s)/server->stopping || !client_is_gone(s)/'
plant submissions web/api_submissions.c 's/handins_list(s->jobs, q->person->id,/handins_list(s->jobs, q->person->id + 1,/'
plant submissions web/api_submissions.c 's/{.person = q->person->id, /{.person = 0, /'
plant pages web/routes.c 's|"GET", "/search"|"GET", "/searching"|'
echo "ok planted/live.sh: found all of them, as it must be"
