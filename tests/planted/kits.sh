#!/bin/sh
# The drivers of tests/kits must find each of these mistakes, in the task named: plausible ones of a learner, or of a kit,
# each put by one replacement into the messenger in Python or its library. Then the same for the list of JSON texts.
# Usage: tests/planted/kits.sh, from the root of the source.
set -u
out=${BUILD:-build}/planted/kits
python=$(python3 -c 'import sys; print(sys.executable)') || exit 3
failed=0

# TASK|FILE|WHAT STANDS THERE|WHAT STANDS THERE INSTEAD
mistakes='lines|measure.py|len(value)  # Python counts code points|len(value.encode("utf-16-le")) // 2
lines|measure.py|len(value)  # Python counts code points|len(value.encode())
lines|kit/node.py|sys.stdout.buffer.flush()|pass
lines|kit/node.py|(self._rest + data).split|data.split
lines|kit/node.py|_plain = json.JSONEncoder(ensure_ascii=False|_plain = json.JSONEncoder(ensure_ascii=True
init|main.py|len(node.ids) // 2 + 1|len(node.ids) // 2
init|main.py|sorted(node.peers)|node.peers
init|main.py|sorted(node.peers)|sorted(node.ids)
init|kit/node.py|"msg_id": self._next_id(), "in_reply_to"|"msg_id": 1, "in_reply_to"
echo|kit/node.py|self._write(m.src, {**fields, "type": type, **ids})|self._write("c1", {**fields, "type": type, **ids})
echo|kit/node.py|"in_reply_to": m.msg_id}|"in_reply_to": self._last_msg_id}
errors|kit/node.py|elif m.type == "error":|elif m.type == "no error":
errors|kit/node.py|elif m.dest != self.id:|elif m.dest == "":
errors|kit/node.py|if m.msg_id is not None:  # else it asked for no answer|if True:
errors|kit/node.py|(ValueError, TypeError, KeyError, RecursionError)|(ValueError, TypeError, KeyError)
errors|kit/node.py|json.JSONDecoder(parse_constant=_refuse)|json.JSONDecoder()
errors|kit/node.py|line.decode("utf-8")|line.decode("utf-8", "replace")
errors|kit/node.py|self.error(m, MALFORMED, "the body has no type")|self.error(m, NOT_SUPPORTED, "the body has no type")
errors|kit/node.py|if "in_reply_to" in m.body:|if m.body.get("in_reply_to"):
loop|main.py|await asyncio.sleep(ms / 1000)|__import__("time").sleep(ms / 1000)
loop|kit/node.py|await asyncio.gather(*self._open, return_exceptions=True)|pass
loop|kit/node.py|await asyncio.gather(*self._open, return_exceptions=True)|sys.exit(1)'

plant() { # FOLDER FILE OLD NEW
    "$python" - "$@" <<'END' || exit 3
import sys
folder, name, old, new = sys.argv[1:]
path = f"{folder}/{name}"
text = open(path).read()
if text.count(old) != 1:
    sys.exit(f"{name} holds {old!r} {text.count(old)} times")
open(path, "w").write(text.replace(old, new))
END
}

# fresh FOLDER MAIN...: a messenger, or another program, that can be started
fresh() {
    rm -rf "$1"
    mkdir -p "$1/kit"
    cp kits/python/node.py "$1/kit/"
    cp tests/kits/messenger/python/*.py "$1/"
    printf '#!/bin/sh\nPYTHONUNBUFFERED= exec "%s" -B "$(dirname "$0")/main.py"\n' "$python" >"$1/node"
    chmod +x "$1/node"
}

fresh "$out/0"
python3 tests/kits/drive.py "$out/0/node" >"$out/0/said" || {
    cat "$out/0/said"
    exit 3
}
echo "$mistakes" >"$out/list"
number=0
while IFS='|' read -r task file old new; do
    number=$((number + 1))
    dir=$out/$number
    fresh "$dir"
    plant "$dir" "$file" "$old" "$new"
    PATIENCE_S=5 python3 tests/kits/drive.py "$dir/node" "$task" >"$dir/said" 2>&1
    if grep -q "^FAIL $task: " "$dir/said"; then
        echo "ok planted $task: $new"
    else
        echo "FAIL planted $task: $new in $file was not found: $(cat "$dir/said")"
        failed=1
    fi
done <"$out/list"

# A reader of JSON that is Python's own takes NaN and the like.
cat >"$out/json" <<END
#!$python
import json, sys
for line in sys.stdin.buffer:
    try:
        print(json.dumps(json.loads(line), separators=(",", ":"), ensure_ascii=False))
    except (ValueError, RecursionError):
        print("refused")
END
chmod +x "$out/json"
PYTHONIOENCODING=utf-8:replace python3 tests/kits/json_cases.py "$out/json" >"$out/said" 2>&1
for text in NaN "'-0' became 0" "1e3' became 1000.0"; do
    if grep -q "^FAIL all: .*$text" "$out/said"; then
        echo "ok planted json: $text"
    else
        echo "FAIL planted json: $text was not found"
        failed=1
    fi
done
exit $failed
