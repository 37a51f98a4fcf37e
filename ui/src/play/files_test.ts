import { test } from 'node:test';
import assert from 'node:assert/strict';
import { filesFromText, keepFiles, keptFiles } from './files.js';

test('what was kept comes back, and nothing else with it', () => {
  assert.deepEqual(filesFromText('[{"name":"a","text":"b","more":1}]'), [{ name: 'a', text: 'b' }]);
});

test('what is no list of files is nothing', () => {
  for (const text of [null, '', 'x', '{}', '[]', '[1]', '[null]', '[{"name":"a"}]', '[{"name":1,"text":"b"}]']) assert.equal(filesFromText(text), null, String(text));
});

const text = (content: string) => [{ name: 'main.c', text: content }];

function withStorage(run: (storage: Map<string, string>) => void): void {
  const storage = new Map<string, string>();
  const like = { getItem: (key: string) => storage.get(key) ?? null, setItem: (key: string, value: string) => { storage.set(key, value); }, removeItem: (key: string) => { storage.delete(key); } };
  Object.defineProperty(globalThis, 'localStorage', { value: like, configurable: true });
  run(storage);
}

test('each person has programs of his own in this browser', () => withStorage(() => {
  keepFiles('7', 'echo', 'c', text("ann's"));
  assert.equal(keptFiles('8', 'echo', 'c'), null);
  assert.equal(keptFiles('nobody', 'echo', 'c'), null);
  assert.equal(keptFiles('', 'echo', 'c'), null);
  keepFiles('8', 'echo', 'c', text("ben's"));
  assert.deepEqual(keptFiles('7', 'echo', 'c'), text("ann's"));
}));

test('what was written before signing in goes on with who signs in, and with nobody else after him', () => withStorage(storage => {
  keepFiles('nobody', 'echo', 'c', text('before'));
  assert.deepEqual(keptFiles('nobody', 'echo', 'c'), text('before'));
  assert.deepEqual(keptFiles('7', 'echo', 'c'), text('before'));
  assert.deepEqual(keptFiles('7', 'echo', 'c'), text('before'));
  assert.equal(keptFiles('8', 'echo', 'c'), null);
  assert.equal(keptFiles('nobody', 'echo', 'c'), null);
  assert.equal(storage.size, 1);
}));

test('who has a program keeps it, and what nobody wrote stays where it is', () => withStorage(() => {
  keepFiles('7', 'echo', 'c', text('mine'));
  keepFiles('nobody', 'echo', 'c', text('before'));
  assert.deepEqual(keptFiles('7', 'echo', 'c'), text('mine'));
  assert.deepEqual(keptFiles('nobody', 'echo', 'c'), text('before'));
}));

test('without accounts there is one person, whose programs stand where they always stood', () => withStorage(storage => {
  storage.set('eddy:play:echo/c', JSON.stringify(text('old')));
  assert.deepEqual(keptFiles('', 'echo', 'c'), text('old'));
}));
