// What tests ask of any page: its width, where the focus is, and what axe finds.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { TOP } = require('./server.js');

const AXE = fs.readFileSync(path.join(TOP, 'build/tests/browser/node_modules/axe-core/axe.min.js'), 'utf8');

// Functions that run in the page; they may use nothing from here.
const inPage = (f, ...args) => `(${f})(...${JSON.stringify(args)})`;

// What stands out to the right of the screen and is not scrolled within a box of its own.
function tooWide() {
  const wide = document.documentElement.scrollWidth;
  if (wide <= innerWidth) return '';
  const scrolled = e => e && e !== document.body && (/auto|scroll|hidden/.test(getComputedStyle(e).overflowX) || scrolled(e.parentElement));
  const first = [...document.body.querySelectorAll('*')].find(e => e.getBoundingClientRect().right > innerWidth + 1 && !scrolled(e));
  return `${wide} px wide; ${first ? first.outerHTML.slice(0, 120) : 'no element'}`;
}

// The focused element: its words, and how one sees that it has the focus.
function focused() {
  const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
  return {
    name: (e.getAttribute('aria-label') || e.placeholder || e.id || e.labels?.[0]?.textContent || e.textContent).trim().slice(0, 40),
    tag: e.tagName, href: e.getAttribute('href'), inMain: !!e.closest('main'),
    shown: box.width > 0 && box.right > 0 && box.left < innerWidth && box.bottom > 0 && box.top < innerHeight,
    // In a drawing it is the box of the link that changes; in a frame (when it has come) the page within, which tests/page looks at.
    marked: e.tagName === 'IFRAME' || !!e.closest('svg') && parseFloat(getComputedStyle(e.querySelector('rect') || e).strokeWidth) >= 3 || style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 || style.boxShadow !== 'none' || !!e.closest('.cm-focused'),
  };
}

async function axe(page) {
  await page.eval(AXE + '\n0');
  const found = await page.eval(`axe.run(document, { resultTypes: ['violations'] }).then(r => r.violations
    .filter(v => v.impact === 'serious' || v.impact === 'critical')
    .map(v => v.id + ' (' + v.nodes.length + '): ' + v.nodes[0].html.slice(0, 120) + ' ' + (v.nodes[0].any[0]?.message || '')))`);
  return found.join('; ');
}

module.exports = { axe, focused, inPage, tooWide };
