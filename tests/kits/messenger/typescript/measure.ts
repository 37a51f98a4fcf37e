// measure.ts - what kind of JSON value this is, and how long.
import { isObject, Json } from "./kit/json";

export interface Measure {
  kind: "null" | "bool" | "number" | "string" | "list" | "object";
  length: number;
}

export function measure(value: Json): Measure {
  if (value === null) return { kind: "null", length: 0 };
  if (typeof value === "boolean") return { kind: "bool", length: 0 };
  if (typeof value === "string") return { kind: "string", length: codePoints(value) };
  if (Array.isArray(value)) return { kind: "list", length: value.length };
  if (isObject(value)) return { kind: "object", length: Object.keys(value).length };
  return { kind: "number", length: 0 };
}

// A string iterates by code points; its length counts halves of pairs.
function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
