#!/usr/bin/env python3
"""json_cases.py PROGRAM - a kit's own JSON, asked through a program that prints each line it reads as its parser and printer
have it, or "refused". What goes in must come out; what is no JSON must be refused. Prints "ok all" or "FAIL all: why"."""

import json
import random
import subprocess
import sys

# As they stand, or None: refused; or a list of what may come out.
SAME = r"""
null true false 0 -1 7 9007199254740991 9007199254740993 -9007199254740993 9223372036854775807 -9223372036854775808
9223372036854775808 -9223372036854775809 123456789012345678901234567890 -0 1.0 0.1 -0.0 1e3 1E400 -2.50e-07 100e+2 0e0
"" "a" "é€😀" "\u0000" "\u0001\u001f" "\b\f\n\r\t\"\\" "a/b" [] {} [1,[2,{}]] {"a":1} {"":[]} {"a\u0000b":"\u0000"} {"__proto__":{"a":1}}
""".split()
REFUSED = r"""
nul nulll True NaN Infinity -Infinity 01 -01 00 - +1 1. .5 -.5 1e 1e+ 1.e5 0x1 1_000 'a' "a "\x" "\u12g4" "\u123" "\u" "\ud83d\u00" [1,] [,1] [1
[1,2 {a:1} {"a"} {"a":} {"a":1,} {,} {"a":1 {1:2} {}x [1}x {"a":1] ] } , : "a"b [][] truefalse \"a\"
""".split() + ["", " ", "[1 2]", '{"a" 1}', "1 2", "{} x", '"a\tb"', '"a\0b"', "\0", "1\0", "\ufeff1", "\u00a01", "1\f", "[" * 200000, '{"a":' * 50000,
               "[" * 101 + "]" * 101]
BYTES = [b"\x80", b"\xbf", b"\xc0\x80", b"\xc1\xbf", b"\xc2", b"\xc2x", b"\xe0\x9f\xbf", b"\xe2\x82", b"\xed\xa0\x80", b"\xed\xbf\xbf",
         b"\xf0\x8f\xbf\xbf", b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xfe", b"\xff", b"\xe2\x82\xac\x80"]
OTHER = [
    (' [ 1 ,\t{ "a" : 2 } ]\r', ['[1,{"a":2}]']),
    (r'"\u00e9\u20AC\ud83d\uDE00\/\u0041"', ['"é€😀/A"']),
    (r'"\u000a\u0022\u005c\u007f"', ['"\\n\\"\\\\\x7f"']),
    ('{"a":1,"b":2,"a":3}', ['{"a":3,"b":2}', '{"b":2,"a":3}', '{"a":1,"b":2,"a":3}']),
    (r'"\ud83d"', ['"\\ud83d"', '"\ufffd"']),
    (r'"\ude00x"', ['"\\ude00x"', '"\ufffdx"']),
    (r'"\ud83d\ud83d\ude00"', ['"\\ud83d😀"', '"\ufffd😀"']),
    (r'"\ud83d\n"', ['"\\ud83d\\n"', '"\ufffd\\n"']),
]


def cases():
    for text in SAME:
        yield text.encode(), [text]
    for text in REFUSED:
        yield text.encode(), ["refused"]
    for piece in BYTES:
        yield b'"' + piece + b'"', ["refused"]
        yield b'["twelve bytes", "' + piece + b'"]', ["refused"]
    for text, wanted in OTHER:
        yield text.encode(), wanted
    yield b"[" * 100 + b"]" * 100, ["[" * 100 + "]" * 100]
    for unit in ("x", "€", "😀", "\\n", "\\u0000"):
        text = '"' + unit * ((1 << 20) // len(unit.encode())) + '"'
        yield text.encode(), [text]
    r = random.Random(6)
    for _ in range(300):  # cut anywhere, or one byte changed: Python says what is JSON
        text = bytearray(json.dumps({"k": [1, -2.5e3, "a\n€\u0000😀", {"n": None, "t": True}]}, ensure_ascii=r.random() < 0.5).encode())
        if r.random() < 0.3:
            del text[r.randrange(len(text)):]
        else:
            text[r.randrange(len(text))] = r.choice(b'{}[]":,\\0123456789eE+-. abfnrtu\xc3\xff')
        yield bytes(text), None


def refuse(word):
    raise ValueError(word)


def wrong(line, wanted, seen):
    if wanted is not None:
        return seen not in wanted
    try:
        value = json.loads(line.decode("utf-8"), parse_constant=refuse)
    except ValueError:
        return seen != "refused"
    return seen == "refused" or json.loads(seen) != value and "\ufffd" not in seen


def main():
    lines = [(line, wanted) for line, wanted in cases() if b"\n" not in line]
    program = subprocess.run([sys.argv[1]], input=b"".join(line + b"\n" for line, _ in lines), stdout=subprocess.PIPE)
    printed = program.stdout.decode("utf-8").split("\n")
    if program.returncode != 0 or len(printed) != len(lines) + 1:
        print(f"FAIL all: exit status {program.returncode}, {len(printed) - 1} of {len(lines)} lines")
        sys.exit(1)
    bad = [(line, wanted, seen) for (line, wanted), seen in zip(lines, printed) if wrong(line, wanted, seen)]
    for line, wanted, seen in bad[:40]:
        print(f"FAIL all: {str(line)[:100]} became {seen[:100]}, not {str(wanted)[:100]}")
    if not bad:
        print("ok all")
    sys.exit(bool(bad))


main()
