import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JudgeEvent } from '../types.js';
import { whatIsTooMuch, whatIsWrong } from './names.js';
import { NO_PROGRESS, after, duration, failingFirst, sentenceFor, spotIn } from './progress.js';

const step = (seed: number, name: string, passed: boolean, part = ''): JudgeEvent => ({ event: 'step', seed, part, name, passed });
const all = (...events: JudgeEvent[]) => events.reduce(after, NO_PROGRESS);

test('steps are counted over seeds', () => {
  const seen = all({ event: 'building' }, { event: 'built', built: true, cached: false }, step(0, 'answers', true), step(0, 'in order', true), step(1, 'answers', true), step(1, 'in order', false), { event: 'progress', done: 2, of: 3 });
  assert.deepEqual(seen.steps, [{ part: '', name: 'answers', passed: 2, failed: false }, { part: '', name: 'in order', passed: 1, failed: true }]);
  assert.equal(sentenceFor(seen, 0), 'Running: 2 of 3 runs are over.');
});

test('another attempt of the judge begins anew', () => {
  assert.deepEqual(all(step(0, 'answers', false), { event: 'building' }), { ...NO_PROGRESS, phase: 'building' });
});

test('what a newer judge says does no harm', () => {
  const odd: unknown = { event: 'sings' };
  assert.deepEqual(after(NO_PROGRESS, odd as JudgeEvent), NO_PROGRESS);
});

test('the place in the queue, in words', () => {
  assert.equal(sentenceFor(NO_PROGRESS, 1), 'Waiting for the judge.');
  assert.equal(sentenceFor(NO_PROGRESS, 2), 'Waiting: 1 goes before yours.');
  assert.equal(sentenceFor(NO_PROGRESS, 5), 'Waiting: 4 go before yours.');
});

test('the failing step comes first', () => {
  const steps = [{ name: 'a', passed: true }, { name: 'b', passed: false, failure: {} }, { name: 'c', passed: true }];
  assert.deepEqual(failingFirst(steps).map(one => one.name), ['b', 'a', 'c']);
});

test('times are short', () => {
  for (const [ns, words] of [[0, '0 s'], [1500000000, '1.5 s'], [12345678, '12.3 ms'], [999, '999 ns'], [61e9, '61 s']] as const) assert.equal(duration(ns), words);
});

test('compilers point at lines', () => {
  const names = ['main.go', 'main.py', 'store/log.rs', 'Main.java', 'main.ts'];
  for (const [line, file, number] of [
    ['./main.go:12:5: undefined: x', 'main.go', 12],
    ['  File "./main.py", line 3', 'main.py', 3],
    ["Sorry: IndentationError: expected an indented block after function definition on line 4 (main.py, line 5)", 'main.py', 5],
    ['  --> store/log.rs:40:9', 'store/log.rs', 40],
    ['./Main.java:7: error: missing', 'Main.java', 7],
    ['main.ts(9,3): error TS2304', 'main.ts', 9],
  ] as const) assert.deepEqual(spotIn(line, names), { file, line: number }, line);
  for (const line of ['no place', 'kit/node.go:3:1: x', 'at 12:30', '']) assert.equal(spotIn(line, names), null);
});

test('names that the judge would refuse are refused here', () => {
  const files = [{ name: 'main.py', text: '' }, { name: 'lib/a.py', text: '' }];
  for (const name of ['a.py', 'lib/b.py', 'x-y_z.txt', 'c++.h', 'Makefile']) assert.equal(whatIsWrong(name, files), '');
  for (const name of ['', 'main.py', '../x', '/x', 'a//b', 'a/', '.x', '-x', 'a b', 'kit/node.py', 'lib', 'main.py/x', 'ä', 'x'.repeat(101), 'a/b/c/d/e/f/g/h/i', 'node', 'lib/node_modules/x']) assert.ok(whatIsWrong(name, files) !== '', name);
});

test('what is too much is said with its name', () => {
  const big = 'x'.repeat(256 * 1024);
  assert.equal(whatIsTooMuch([{ name: 'a', text: big }]), '');
  assert.match(whatIsTooMuch([{ name: 'a', text: big + 'x' }]), /^a has more/);
  assert.match(whatIsTooMuch([{ name: 'a', text: 'x\0' }]), /zero byte/);
  assert.match(whatIsTooMuch([1, 2, 3].map(n => ({ name: `f${n}`, text: big }))), /together/);
});
