import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTar, takeEntries, tarOf, workspace } from './archive.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const long = 'a'.repeat(60) + '/' + 'b'.repeat(60) + '/main.go';

test('what is packed is what comes out, without kit and .eddy', () => {
  const files = [{ name: 'main.go', text: 'package main\n' }, { name: long, text: 'é'.repeat(700) }, { name: 'empty.go', text: '' }];
  const packed = tarOf('messenger-go', workspace('messenger', 3, 'go', files, [{ name: 'node.go', text: 'kit' }]), 1700000000);
  assert.equal(packed.length % 512, 0);
  const entries = readTar(packed);
  assert.deepEqual(entries.map(entry => entry.name), ['.eddy', 'main.go', long, 'empty.go', 'kit/node.go'].map(name => 'messenger-go/' + name));
  assert.match(new TextDecoder().decode(entries[0]?.data), /^#.*\ntrack: messenger\nlanguage: go\ntask: 3\n$/);
  assert.deepEqual(takeEntries(entries), { files, left: [] });
});

test('broken archives are refused', () => {
  const packed = tarOf('x', [{ name: 'a', text: 'y'.repeat(2000) }], 0);
  let refused = 0;
  for (const broken of [bytes('x'.repeat(600)), packed.subarray(0, 1024)])
    try { readTar(broken); } catch { refused++; }
  assert.equal(refused, 2);
});

test('what is no source file is left, and said', () => {
  const taken = takeEntries([
    { name: 'main.py', data: bytes('x') }, { name: '.git/config', data: bytes('x') }, { name: 'node', data: bytes('x') },
    { name: 'picture.png', data: new Uint8Array([0x89, 0xff, 0]) }, { name: '../../etc/passwd', data: bytes('x') }, { name: 'a b', data: bytes('x') },
  ]);
  assert.deepEqual(taken.files.map(file => file.name), ['main.py']);
  assert.deepEqual(taken.left, ['node', 'picture.png', 'a b']);
});
