import { test } from 'node:test';
import assert from 'node:assert/strict';
import { WAITING, goingAfter, waiting } from './running.js';

test('a run is told from its building to its end', () => {
  let going = goingAfter(WAITING, { event: 'building' });
  assert.match(going.sentence, /Building/);
  going = goingAfter(going, { event: 'built', built: true, cached: false });
  assert.match(going.sentence, /Built/);
  going = goingAfter(going, { event: 'running', 'virtual-ns': 2500000000, 'of-ns': 10000000000, events: 1, messages: 12345 });
  assert.equal(going.sentence, 'Running: 2.5 s of virtual time, 1 event, 12,345 messages.');
  assert.equal(going.done / going.of, 0.25);
  going = goingAfter(going, { event: 'running', 'virtual-ns': 12000000000, 'of-ns': 10000000000, events: 2, messages: 1 });
  assert.equal(going.done, going.of);
  assert.equal(goingAfter(going, { event: 'verdict', verdict: 'passed' }).done, going.of);
});

test('what is not known changes nothing', () => {
  assert.equal(goingAfter(WAITING, { event: 'weather' }), WAITING);
  assert.equal(goingAfter(WAITING, {}), WAITING);
  assert.equal(goingAfter(WAITING, { event: 'running', 'virtual-ns': 'x' }).done, 0);
});

test('a place in the queue is told', () => {
  assert.equal(waiting(1), WAITING);
  assert.match(waiting(2).sentence, /1 goes before/);
  assert.match(waiting(4).sentence, /3 go before/);
});
