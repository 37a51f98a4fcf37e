// measure.js - what kind of JSON value this is, and how long.
"use strict";

function measure(value) {
  if (value === null) return { kind: "null", length: 0 };
  if (typeof value === "boolean") return { kind: "bool", length: 0 };
  if (typeof value === "string") return { kind: "string", length: codePoints(value) };
  if (Array.isArray(value)) return { kind: "list", length: value.length };
  if (typeof value === "object" && !(value instanceof Number)) return { kind: "object", length: Object.keys(value).length };
  return { kind: "number", length: 0 };
}

// A string iterates by code points; its length counts halves of pairs.
function codePoints(text) {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

module.exports = { measure };
