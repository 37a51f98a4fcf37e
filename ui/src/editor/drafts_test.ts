import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asidesFromText, differingNames, fresh, keptFromText, keptToText, meet, mergeFiles, sameFiles, withAside, type Files, type Kept } from './drafts.js';

const files = (texts: { readonly [name: string]: string }): Files => Object.entries(texts).map(([name, text]) => ({ name, text }));
const A = files({ 'main.py': 'a' });
const B = files({ 'main.py': 'b' });
const C = files({ 'main.py': 'c' });
const kept = (more: Partial<Kept>): Kept => ({ ...fresh(A), ...more });

test('sets of files are compared by name and text', () => {
  assert.ok(sameFiles(files({ a: '1', b: '2' }), files({ b: '2', a: '1' })));
  assert.ok(!sameFiles(files({ a: '1' }), files({ a: '1', b: '' })));
  assert.ok(!sameFiles(A, B));
  assert.deepEqual(differingNames(files({ a: '1', b: '2', c: '' }), files({ b: '3', a: '1' })), ['b', 'c']);
});

test('a merge takes from each side what it alone has changed', () => {
  const base = files({ same: '0', ours: '0', theirs: '0', gone: '0', dropped: '0' });
  const ours = files({ same: '0', ours: '1', theirs: '0', gone: '0', added: 'x' });
  const theirs = files({ same: '0', ours: '0', theirs: '2', dropped: '0', other: 'y' });
  const { files: merged, conflicts } = mergeFiles(base, ours, theirs);
  assert.deepEqual(conflicts, []);
  assert.ok(sameFiles(merged, files({ same: '0', ours: '1', theirs: '2', added: 'x', other: 'y' })));
});

test('what both sides have changed is a conflict, also where one has deleted', () => {
  assert.deepEqual(mergeFiles(A, B, C).conflicts, ['main.py']);
  assert.deepEqual(mergeFiles(A, B, C).files, B);
  assert.deepEqual(mergeFiles(A, [], B), { files: B, conflicts: ['main.py'] });
  assert.deepEqual(mergeFiles(A, B, []), { files: B, conflicts: ['main.py'] });
  assert.deepEqual(mergeFiles(A, B, B), { files: B, conflicts: [] });
});

test('without a base every difference is a conflict', () => {
  assert.deepEqual(mergeFiles(null, files({ a: '1' }), files({ b: '1' })).conflicts, ['a', 'b']);
});

test('a server without a draft keeps what the browser has', () => {
  assert.deepEqual(meet(null, null, A), { kind: 'agreed', kept: fresh(A) });
  const met = meet(kept({ files: B, base: 7, changed: false }), null, A);
  assert.ok(met.kind === 'agreed' && met.kept.changed && met.kept.base === 0 && sameFiles(met.kept.files, B));
});

test('what was not changed here follows the server', () => {
  const met = meet(kept({ files: A, base: 1, baseFiles: A }), { files: B, version: 2 }, A);
  assert.ok(met.kind === 'agreed' && sameFiles(met.kept.files, B) && met.kept.base === 2 && !met.kept.changed);
  const blind = meet(kept({ files: A, base: 1, baseFiles: null }), { files: B, version: 2 }, A);
  assert.ok(blind.kind === 'agreed' && sameFiles(blind.kept.files, B));
});

test('what was changed here on top of the same version stays', () => {
  const met = meet(kept({ files: B, base: 2, baseFiles: A, changed: true }), { files: A, version: 2 }, A);
  assert.ok(met.kind === 'agreed' && sameFiles(met.kept.files, B) && met.kept.changed);
});

test('two sides that changed the same file are a choice, and both texts are there', () => {
  const met = meet(kept({ files: B, base: 1, baseFiles: A, changed: true }), { files: C, version: 2 }, A);
  assert.ok(met.kind === 'choice' && sameFiles(met.theirs.files, C) && sameFiles(met.files, B));
});

test('two sides that changed different files are merged', () => {
  const base = files({ a: '0', b: '0' });
  const met = meet(kept({ files: files({ a: '1', b: '0' }), base: 1, baseFiles: base, changed: true }), { files: files({ a: '0', b: '2' }), version: 2 }, A);
  assert.ok(met.kind === 'agreed' && met.kept.changed && met.kept.base === 2 && sameFiles(met.kept.files, files({ a: '1', b: '2' })));
});

test('our own words, sent without an answer, are no conflict', () => {
  const met = meet(kept({ files: C, base: 1, baseFiles: A, changed: true }), { files: B, version: 2 }, A, [A, B]);
  assert.ok(met.kind === 'agreed' && sameFiles(met.kept.files, C) && met.kept.base === 2 && met.kept.changed);
});

test('the same words on both sides agree, whatever the versions', () => {
  const met = meet(kept({ files: B, base: 0, changed: true }), { files: B, version: 5 }, A);
  assert.ok(met.kind === 'agreed' && !met.kept.changed && met.kept.base === 5);
});

test('whatever stands in the storage, it is read or taken for nothing', () => {
  const one = kept({ files: B, base: 3, baseFiles: A, changed: true, turn: 9 });
  assert.deepEqual(keptFromText(keptToText(one)), one);
  for (const text of [null, '', 'null', '[]', '{', '{"files":1}', '{"files":[{"name":1,"text":""}]}', '7']) assert.equal(keptFromText(text), null);
  assert.deepEqual(keptFromText('{"files":[]}'), { files: [], base: 0, baseFiles: null, changed: true, turn: 0 });
  for (const text of [null, '{', '{}', '[1,null,{"at":1}]']) assert.deepEqual(asidesFromText(text), []);
});

test('texts set aside: the newest first, none twice, not without end', () => {
  let asides = withAside([], { at: 1, why: 'x', files: A });
  asides = withAside(asides, { at: 2, why: 'y', files: B });
  asides = withAside(asides, { at: 3, why: 'z', files: A });
  assert.deepEqual(asides.map(one => one.at), [3, 2]);
  for (let i = 0; i < 30; i++) asides = withAside(asides, { at: 10 + i, why: '', files: files({ f: String(i) }) });
  assert.equal(asides.length, 10);
});
