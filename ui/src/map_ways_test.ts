import { test } from 'node:test';
import assert from 'node:assert/strict';
import { nearest, reach, type Line } from './map_ways.js';

const lines: Line[] = [
  { from: 'a', to: 'b' }, { from: 'b', to: 'c' }, { from: 'a', to: 'd' }, { from: 'd', to: 'e' }, { from: 'c', to: 'f' }, { from: 'd', to: 'f' },
];
const names = (track: string): string => [...reach(lines, track).tracks].sort().join('');

test('a track shows what it builds on and what builds on it, and not its neighbours', () => {
  assert.equal(names('b'), 'abcf');
  assert.equal(names('a'), 'abcdef');
  assert.equal(names('e'), 'ade');
  assert.equal(names('f'), 'abcdf');
  assert.equal(reach(lines, 'b').lines.size, 3);
  assert.equal(names('alone'), 'alone');
});

test('lines that go round in a circle end', () => {
  const round = [{ from: 'a', to: 'b' }, { from: 'b', to: 'a' }];
  assert.equal([...reach(round, 'a').tracks].sort().join(''), 'ab');
});

test('arrows go to the nearest in their direction', () => {
  const spots = [{ name: 'a', x: 0, y: 0 }, { name: 'b', x: 100, y: 40 }, { name: 'c', x: 150, y: 0 }, { name: 'd', x: 0, y: 200 }];
  assert.equal(nearest(spots, 'a', 'right'), 'c');
  assert.equal(nearest(spots, 'a', 'down'), 'd');
  assert.equal(nearest(spots, 'a', 'left'), null);
  assert.equal(nearest(spots, 'c', 'left'), 'a');
  assert.equal(nearest(spots, 'x', 'left'), null);
});
