// json_lines.ts - checks of numbers and of what is built; then each line of the input as parser and printer have it, or "refused"
// (tests/kits/json_cases.py asks).
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { isObject, parse, Real, stringify } from "./kit/json";

assert.equal(typeof parse("7"), "number");
assert.equal(typeof parse("1.5"), "number");
assert.equal(typeof parse("9007199254740993"), "bigint");
assert.ok(parse("1e3") instanceof Real);
assert.equal(Number(parse("1e3")) + 1, 1001);
assert.ok(isObject(parse("{}")) && !isObject(parse("[]")) && !isObject(parse("1.0")) && !isObject(null));
assert.equal(stringify({ a: undefined, b: [undefined] }), '{"b":[null]}');
assert.throws(() => stringify(NaN), TypeError);
assert.throws(() => stringify([Infinity]), TypeError);

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const input = readFileSync(0);
const out: string[] = [];
for (let from = 0, end; (end = input.indexOf(10, from)) >= 0; from = end + 1) {
  try {
    out.push(stringify(parse(decoder.decode(input.subarray(from, end)))));
  } catch {
    out.push("refused");
  }
}
process.stdout.write(out.join("\n") + "\n");
