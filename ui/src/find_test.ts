import { test } from 'node:test';
import assert from 'node:assert/strict';
import { find, type Entry } from './find.js';

const entries: Entry[] = [
  { place: 'Elector', title: 'Elector', heading: '', url: '/tracks/elector' },
  { place: 'Elector', title: 'Elector', heading: 'Common mistakes', url: '/tracks/elector#common-mistakes' },
  { place: 'Elector', title: 'Still here', heading: 'Theory', url: '/tracks/elector/heartbeat#theory' },
  { place: 'Logger', title: 'B-tree pages', heading: 'Page sums', url: '/tracks/logger/pages#page-sums' },
  { place: 'Manual', title: 'The select loop', heading: '', url: '/docs/loop' },
];
const urls = (query: string, max = 9): string[] => find(entries, query, max).map(entry => entry.url);

test('a page comes before its sections', () => {
  assert.deepEqual(urls('elector'), ['/tracks/elector', '/tracks/elector#common-mistakes', '/tracks/elector/heartbeat#theory']);
});

test('the beginning of a title is worth more than its middle', () => {
  assert.deepEqual(urls('elect').slice(0, 2), ['/tracks/elector', '/tracks/elector#common-mistakes']);
  assert.ok(urls('elect').includes('/docs/loop'));
  assert.equal(urls('pages')[0], '/tracks/logger/pages#page-sums');
});

test('all words must be somewhere, in any order and case', () => {
  assert.deepEqual(urls('THEORY still'), ['/tracks/elector/heartbeat#theory']);
  assert.deepEqual(urls('theory logger'), []);
  assert.deepEqual(urls('elector mistakes'), ['/tracks/elector#common-mistakes']);
});

test('signs are letters like others', () => {
  assert.deepEqual(urls('b-tree'), ['/tracks/logger/pages#page-sums']);
  assert.deepEqual(urls('.*'), []);
  assert.deepEqual(urls('  '), []);
});

test('no more than asked for', () => {
  assert.equal(urls('e', 2).length, 2);
});
