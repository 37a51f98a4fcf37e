// json.ts - JSON in which every number goes out as it came in.
//
// JSON.parse makes a double of every number: 9007199254740993 loses its last digit, 1.0 turns into 1 and
// 1e400 into null. Here a whole number is a number if it is a safe integer, else a bigint; any other number
// is a number if JavaScript would print it as it stood, else a Real: its value where a number is wanted
// (+x, x < 2), its own text when it is written.

export type Json = null | boolean | number | bigint | Real | string | Json[] | { [key: string]: Json };

/** What may be printed: members that are undefined are left out. */
export type Printable = Json | undefined | readonly Printable[] | { readonly [key: string]: Printable };

const DEPTH_MAX = 100; // deeper texts are refused

const BLANKS = /[ \t\r\n]*/y;
const STRING = /"[^"\\\u0000-\u001f]*(?:\\.[^"\\\u0000-\u001f]*)*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;

export class Real extends Number {
  constructor(readonly text: string) {
    super(text);
  }
}

class Parser {
  private at = 0;
  private depth = 0;

  constructor(private readonly text: string) {}

  fail(): never {
    throw new SyntaxError(`not JSON at character ${this.at}`);
  }

  // What the pattern matches here, or undefined.
  private take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match !== null) this.at = pattern.lastIndex;
    return match ?? undefined;
  }

  // The next character that is no blank.
  peek(): string | undefined {
    this.take(BLANKS);
    return this.text[this.at];
  }

  value(): Json {
    const next = this.peek();
    if (next === "{" || next === "[") {
      if (++this.depth > DEPTH_MAX) this.fail();
      const value = next === "{" ? this.object() : this.list();
      this.depth--;
      return value;
    }
    if (next === '"') return this.string();
    const word = this.take(WORD);
    return word ? (JSON.parse(word[0]) as boolean | null) : this.number();
  }

  private string(): string {
    const match = this.take(STRING) ?? this.fail();
    return JSON.parse(match[0]) as string; // it knows the escapes
  }

  private number(): Json {
    const [text, fraction, exponent] = this.take(NUMBER) ?? this.fail();
    const number = Number(text);
    if (String(number) === text) return number;
    return fraction || exponent || text === "-0" ? new Real(text) : BigInt(text);
  }

  // The items between brackets: one is called for each.
  private items(end: string, one: () => void): void {
    this.at++;
    if (this.peek() !== end) {
      do one();
      while (this.peek() === "," && ++this.at);
    }
    if (this.peek() !== end) this.fail();
    this.at++;
  }

  private list(): Json[] {
    const list: Json[] = [];
    this.items("]", () => list.push(this.value()));
    return list;
  }

  private object(): { [key: string]: Json } {
    const members: [string, Json][] = [];
    this.items("}", () => {
      if (this.peek() !== '"') this.fail();
      const key = this.string();
      if (this.peek() !== ":") this.fail();
      this.at++;
      members.push([key, this.value()]);
    });
    return Object.fromEntries(members); // defines also what is called __proto__
  }
}

export function parse(text: string): Json {
  const parser = new Parser(text);
  const value = parser.value();
  if (parser.peek() !== undefined) parser.fail();
  return value;
}

export function stringify(value: Printable): string {
  if (value instanceof Real) return value.text;
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number" && !Number.isFinite(value)) throw new TypeError(`JSON has no ${value}`);
  if (Object.is(value, -0)) return "-0";
  if (Array.isArray(value)) return "[" + value.map((item: Printable) => stringify(item ?? null)).join(",") + "]";
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return "{" + members.map(([key, member]) => JSON.stringify(key) + ":" + stringify(member as Printable)).join(",") + "}";
}

/** An object, as the bodies of messages are. */
export function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Real);
}
