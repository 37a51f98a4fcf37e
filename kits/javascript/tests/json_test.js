// json_test.js - what goes in comes out, and what is no JSON is refused.
"use strict";

const assert = require("node:assert/strict");
const { parse, stringify, Real } = require("../json.js");

const same = [
  "null", "true", "false", "0", "-0", "-1", "9007199254740991", "9007199254740993", "-123456789012345678901234567890",
  "1.0", "0.1", "1e3", "1E400", "-2.50e-07", '""', '"a"', '"\\u0000"', '"é😀"', '"\\\\\\""', "[]", "{}", "[1,[2,{}]]",
  '{"a":1,"b":[]}', '{"__proto__":1}', '{"a":{"__proto__":{"b":2}}}',
];
for (const text of same) assert.equal(stringify(parse(text)), text);

assert.equal(stringify(parse(' { "b" : [ 1 , 2 ] }\t')), '{"b":[1,2]}');
assert.equal(stringify(parse('{"a":1,"a":2}')), '{"a":2}');
assert.equal(parse('"\\ud83d\\ude00"'), "😀");
assert.equal(parse('"\\u0000"').length, 1);
assert.equal(stringify(parse('"\\ud83d"')), '"\\ud83d"');

assert.equal(typeof parse("7"), "number");
assert.equal(typeof parse("1.5"), "number");
assert.equal(typeof parse("9007199254740993"), "bigint");
assert.ok(parse("1e3") instanceof Real);
assert.equal(parse("1e3") + 1, 1001);
assert.ok(parse("1.0") < 2);

assert.equal(stringify({ a: undefined, b: [undefined] }), '{"b":[null]}');
assert.equal(stringify("x".repeat(1 << 20)).length, (1 << 20) + 2);
assert.equal(parse('"' + "\\n".repeat(1 << 19) + '"').length, 1 << 19);
assert.throws(() => stringify(NaN), TypeError);
assert.throws(() => stringify([Infinity]), TypeError);

const nested = (depth) => "[".repeat(depth) + "]".repeat(depth);
assert.equal(stringify(parse(nested(100))), nested(100));
assert.throws(() => parse(nested(101)), SyntaxError);
assert.throws(() => parse("[".repeat(1 << 20)), SyntaxError);

const refused = [
  "", " ", "nul", "True", "NaN", "-Infinity", "01", "-", "+1", "1.", ".5", "1e", "0x1", "'a'", '"a', '"\\x"', '"\\u12g4"', '"\t"', "[1,]",
  "[,1]", "[1 2]", "[1", "{a:1}", '{"a"}', '{"a":}', '{"a":1,}', "{,}", "1 2", "{} x", "\ufeff1", "[1}", '{"a":1]',
];
for (const text of refused) assert.throws(() => parse(text), SyntaxError, text);
