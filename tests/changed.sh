# changed.sh - to be read in by scripts that plant bugs, from the top of the tree: copies of files with one change each, and whether a
# test found it. $out is a folder of theirs. A change that changes nothing would test nothing, so it ends the script.

# changed FILE COPY SED_COMMAND
changed() {
    sed "$3" "$1" >"$2"
    if cmp -s "$1" "$2"; then
        echo "planted/$(basename "$0"): this changes nothing, so nothing was tested: $3" >&2
        exit 1
    fi
}

# changed_room ROOM/FILE.c SED_COMMAND: $out/src is src, with that file changed; its room is a copy, the others are links.
changed_room() {
    rm -rf "$out/src"
    mkdir "$out/src"
    ln -s "$PWD"/src/* "$out/src/"
    rm "$out/src/${1%/*}"
    mkdir "$out/src/${1%/*}"
    cp "src/${1%/*}"/*.[ch] "$out/src/${1%/*}/"
    changed "src/$1" "$out/src/$1" "$2"
}

# has_failed TEST SED_COMMAND: this unit test failed, as $out/said tells, with that change; else the script ends.
has_failed() {
    grep -q "^\[  FAILED  \] $1" "$out/said" || {
        echo "planted/$(basename "$0"): no test \"$1\" failed with $2:" >&2
        tail -n 20 "$out/said" >&2
        exit 1
    }
}
