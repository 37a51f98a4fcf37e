import { test } from 'node:test';
import assert from 'node:assert/strict';
import { filesFromText } from './files.js';

test('what was kept comes back, and nothing else with it', () => {
  assert.deepEqual(filesFromText('[{"name":"a","text":"b","more":1}]'), [{ name: 'a', text: 'b' }]);
});

test('what is no list of files is nothing', () => {
  for (const text of [null, '', 'x', '{}', '[]', '[1]', '[null]', '[{"name":"a"}]', '[{"name":1,"text":"b"}]']) assert.equal(filesFromText(text), null, String(text));
});
