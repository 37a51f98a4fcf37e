#!/bin/sh
# Plants bugs in the server, one at a time, and expects the tests of src/web to find each. Each bug is a
# line that is changed in a copy; only that file is compiled again. Run from the top of the tree.
set -eu
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
flags="-std=c17 -Wall -Wextra -D_GNU_SOURCE -O1 -g"
libs="-lcmocka -llua5.4 -ljansson -lzstd -larchive -lmd4c -lsqlite3 -lpq -lmicrohttpd -lz -lnghttp2 -lssl -lcrypto -lm -lpthread"
make -s build/libeddy.a build/obj/src/base/test_main.o

plant() { # FILE.c TEST NAME_OF_THE_TEST SED_COMMAND
    rm -rf "$out/src"
    mkdir "$out/src"
    ln -s "$PWD"/src/* "$out/src/"
    rm "$out/src/web"
    mkdir "$out/src/web"
    cp src/web/*.[ch] "$out/src/web/"
    sed "$4" "src/web/$1" >"$out/src/web/$1"
    if cmp -s "src/web/$1" "$out/src/web/$1"; then
        echo "planted/web.sh: this changes nothing, so nothing was tested: $4" >&2
        exit 1
    fi
    # shellcheck disable=SC2086
    gcc $flags -o "$out/test" "$out/src/web/$2.c" "$out/src/web/$1" build/obj/src/base/test_main.o build/libeddy.a $libs
    "$out/test" >"$out/said" 2>&1 || true
    grep -q "^\[  FAILED  \] $3" "$out/said" || {
        echo "planted/web.sh: no test \"$3\" failed with $4:" >&2
        tail -n 20 "$out/said" >&2
        exit 1
    }
}

plant html.c html_test every_s_is_escaped 's/xml_text(out, str_of(va_arg(args, const char \*)))/buf_add_text(out, va_arg(args, const char *))/'
plant markdown.c markdown_test html_in_a_page 's/            xml_text(target_of(w), text);$/            buf_add_str(target_of(w), text);/'
plant site.c routes_test links_of_the_course 's/if (path.len == 0 || add_file(owner, path, ret_url))/if (add_file(owner, path, ret_url) || true)/; s/starts(target, "http:\/\/")/true/'
plant listen.c listen_test only_this_machine 's/return ntohl(.*== 127;/return true;/'
plant url.c url_test what_means_nothing "s/if (c == '\\\\0')/if (false)/"
plant routes.c routes_test other_methods 's/strcmp(got, "HEAD") == 0/true/'
plant api.c api_test answers_are_as_described 's/"count",$/"counts",/'
echo "ok planted/web.sh: found all seven, as it must be"
