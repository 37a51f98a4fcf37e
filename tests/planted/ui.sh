#!/bin/sh
# Plants bugs in the scripts of the pages, one at a time, and expects their unit tests to find each; and breaks each rule about their
# text once. Run from the top of the tree.
set -eu
. tests/changed.sh
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
make -s ui

fresh() {
    rm -rf "$out/ui"
    mkdir "$out/ui"
    cp -r ui/src ui/*.json ui/*.js "$out/ui/"
    ln -s "$PWD/ui/node_modules" "$out/ui/node_modules"
}

plant() { # FILE TEST SED_COMMAND
    case $1 in */names.ts) story=editor/progress_test ;; *) story=${1%.ts}_test ;; esac
    fresh
    changed "ui/src/$1" "$out/ui/src/$1" "$3"
    rm -rf "$out/tests"
    (cd "$out/ui" && node build.js "$out/tests" "src/$story.ts")
    node --test --test-reporter=tap "$out/tests/$story.mjs" >"$out/said" 2>&1 || true
    grep -q "^ *not ok [0-9]* - $2" "$out/said" || {
        echo "planted/ui.sh: no test \"$2\" failed with $3:" >&2
        tail -n 20 "$out/said" >&2
        exit 1
    }
}

plant sse.ts "after a break it goes on" "s/if (event.id !== '') lastId = event.id;//"
plant sse.ts "events come whole" 's/ || (this.rest\[end\] === .*length - 1)) return;/) return;/'
plant sse.ts "after a break it goes on" 's/^    const parser = new EventParser/    const parser = this_parser ??= new EventParser/; s/^  let isOver = false;/  let isOver = false, this_parser: EventParser | undefined;/'
plant editor/drafts.ts "two sides that changed the same file" 's/if (merged.conflicts.length > 0) return.*$//'
plant editor/drafts.ts "our own words, sent without an answer" 's/ || sent.some(files => sameFiles(files, server.files))//'
plant editor/drafts.ts "what was not changed here follows" 's/if (!kept.changed) return.*$//'
plant editor/keeper.ts "what is typed is in storage at once" 's/this.isStored = this.world.write(this.draftKey, keptToText(kept));//'
plant editor/keeper.ts "another machine wrote meanwhile" "s/if (!sameFiles(files, choice.theirs.files)) this.setAside.*$//"
plant editor/keeper.ts "two windows that wrote without hearing" "s/this.setAside('From another window'.*$//"
plant editor/keeper.ts "whoever comes back sees" 's/    this.meetServer(server, this.isOurs ? this.kept : null);$/    this.kept = { ...this.kept, files: server.files, base: server.version, changed: false };/'
plant editor/keeper.ts "a connection that is gone" 's/this.failures++/this.failures/'
plant editor/keeper.ts "signed out, or somebody else" 's/^    if (this.saving === .refused.) await this.flush.*$//'
plant editor/keeper.ts "who comes to a window leaves it" 's/^    if (this.saving === .refused.) await this.flush/    await this.flush/'
plant play/files.ts "each person has programs" 's/keyOf(owner,/keyOf("",/'
plant play/files.ts "what was written before signing in" 's/ && keepFiles(owner, workload, language, files)) forget(key);/) keepFiles(owner, workload, language, files);/'
plant editor/names.ts "names that the judge would refuse" 's/if (words.some(word => MADE.*$//'
plant editor/archive.ts "what is packed is what comes out" 's/if (split > 0) put.*$//'

fresh
{
    echo 'export const odd: number = "text";'
    echo 'export const anything = (x: any) => fetch(x);'
    echo 'export const put = (place: HTMLElement, text: string) => { place.innerHTML = text; };'
    seq 1 400 | sed 's/.*/export const n& = &;/'
    echo "export const long = '$(printf 'x%.0s' $(seq 1 320))';"
} >"$out/ui/src/odd.ts"
sed -i 's/"version": "/"resolved": "https:\/\/example.org\/x.tgz", "version": "/' "$out/ui/package-lock.json"
UI="$out/ui" tests/ui/run.sh >"$out/said" 2>&1 || true
for rule in types 'no any' 'only api.ts fetches' 'no markup from texts' 'no line above' 'files are small' 'lock file'; do
    grep -q "^FAIL ui: $rule" "$out/said" || {
        echo "planted/ui.sh: the rule \"$rule\" was broken and nothing was said" >&2
        exit 1
    }
done
echo "ok planted/ui.sh: found all twenty, as it must be"
