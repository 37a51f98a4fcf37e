import { test } from 'node:test';
import assert from 'node:assert/strict';
import { nextTheme, themeFrom } from './theme_choice.js';

test('three steps lead back, over both colours', () => {
  assert.equal(nextTheme('system'), 'light');
  assert.equal(nextTheme('light'), 'dark');
  assert.equal(nextTheme('dark'), 'system');
});

test('what is no theme is the system', () => {
  for (const kept of [null, '', 'system', 'Dark', '<b>']) assert.equal(themeFrom(kept), 'system');
  assert.equal(themeFrom('dark'), 'dark');
});
