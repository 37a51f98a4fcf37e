// What the tests use of node, so that browser code does not see node's types.
declare module 'node:test' {
  export function test(name: string, run: () => void | Promise<void>): void;
}
declare module 'node:assert/strict' {
  interface Assert {
    equal(seen: unknown, wanted: unknown, why?: string): void;
    deepEqual(seen: unknown, wanted: unknown, why?: string): void;
    ok(value: unknown, why?: string): void;
    match(text: string, pattern: RegExp): void;
    rejects(promise: Promise<unknown>, pattern: RegExp): Promise<void>;
  }
  const assert: Assert;
  export default assert;
}
