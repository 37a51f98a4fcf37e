import { test } from 'node:test';
import assert from 'node:assert/strict';
import { reached } from './contents.js';

test('the section that is read is the last one that has begun', () => {
  assert.equal(reached([100, 500, 900], 300), 0);
  assert.equal(reached([-800, -200, 250, 900], 300), 2);
  assert.equal(reached([400, 500], 300), -1);
  assert.equal(reached([], 300), -1);
});

test('a link without a goal is never reached', () => {
  assert.equal(reached([-10, Infinity, 900], 300), 0);
});
